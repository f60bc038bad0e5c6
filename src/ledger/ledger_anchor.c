/* The anchor: the last note, copied to a file outside of the directory after each commit and before
 * it is acknowledged. A directory that was put back to an older state is then found out at the next
 * opening, before it signs a second history. ledger.md 5; docs/decisions/anchor.md.
 *
 * The file `anchor` beside `head` holds the path, absolute, and LF. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

bool ledger_anchor_path(const char *folder, struct arena *arena, char **anchor, struct error *err)
{
    char path[LEDGER_PATH_MAX];
    struct slice text;
    *anchor = NULL;
    ledger_path(path, folder, "anchor");
    if (!file_exists(path))
        return true;
    if (!file_read(arena, path, LEDGER_PATH_MAX, &text, err))
        return false;
    if (text.len < 2 || text.at[0] != '/' ||
        memchr(text.at, '\n', text.len) != text.at + text.len - 1)
        return error_set(err, ERROR_CORRUPT, path,
                         "expected one line with the absolute path of the anchor");
    *anchor = arena_string(arena, slice_head(text, text.len - 1), err);
    return *anchor != NULL;
}

bool ledger_anchor_note(const char *anchor, struct arena *arena, struct slice *note,
                        struct error *err)
{
    if (file_exists(anchor))
        return file_read(arena, anchor, NOTE_BYTES_MAX, note, err);
    error_set(err, ERROR_IO, anchor, "expected this ledger's anchor, found no file");
    return error_hint(err,
                      "make its disk available; if it is lost for good, see that nothing was "
                      "rolled back (attest verify --since), then: attest ledger anchor --none");
}

bool ledger_anchor_check(struct ledger *ledger, uint64_t size, struct error *err)
{
    struct slice note;
    struct checkpoint anchored = { 0 };
    bool ok = false, is_there = false;
    struct arena *arena = arena_new((size_t)4 * NOTE_BYTES_MAX, err);
    if (!arena)
        return false;
    if (!ledger_anchor_note(ledger->anchor, arena, &note, err) ||
        !ledger_note_read(ledger, ledger->anchor, arena, &is_there, &note, &anchored, err))
        goto done;
    ok = ledger_note_follows(ledger, ledger->anchor, &anchored, size,
                             "this directory was put back to an older state: bring the newer one "
                             "back. This one can be read and verified, but must not sign again. "
                             "If the newer one is lost: attest ledger start DIR --continue",
                             err);
done:
    arena_free(arena);
    return ok;
}

/* The folder of a path; it is on the same disk, so a file is made there and renamed. */
static void folder_of(const char *path, char folder[LEDGER_PATH_MAX])
{
    char copy[LEDGER_PATH_MAX];
    (void)snprintf(copy, sizeof(copy), "%s", path);
    (void)snprintf(folder, LEDGER_PATH_MAX, "%s", dirname(copy));
}

bool ledger_anchor_write(struct ledger *ledger, struct slice note, struct error *err)
{
    char folder[LEDGER_PATH_MAX];
    if (!ledger->anchor)
        return true;
    folder_of(ledger->anchor, folder);
    if (file_write_durable(folder, ledger->anchor, note, 0644, err))
        return true;
    if (err->code == ERROR_NOT_FOUND) /* its disk is not there: trouble of the machine */
        err->code = ERROR_IO;
    return false;
}

/* Absolute, and without the links by which it may lead somewhere else tomorrow. */
static char *resolved(struct ledger *ledger, const char *path, struct error *err)
{
    char folder[LEDGER_PATH_MAX], copy[LEDGER_PATH_MAX];
    char *made = NULL;
    if (strlen(path) >= LEDGER_PATH_MAX / 2) {
        error_set(err, ERROR_INVALID, NULL, "the path of the anchor is too long");
        return NULL;
    }
    folder_of(path, folder);
    (void)snprintf(copy, sizeof(copy), "%s", path);
    char *absolute = realpath(folder, NULL);
    if (!absolute) {
        error_errno(err, "find the folder", folder);
        return NULL;
    }
    if (strchr(absolute, '\n') || strchr(path, '\n'))
        error_set(err, ERROR_INVALID, NULL, "the path of the anchor has a line break");
    else
        made = arena_printf(ledger->arena, err, "%s/%s", strcmp(absolute, "/") == 0 ? "" : absolute,
                            basename(copy));
    free(absolute);
    return made;
}

bool ledger_anchor_set(struct ledger *ledger, const char *anchor, struct error *err)
{
    char path[LEDGER_PATH_MAX], line[LEDGER_PATH_MAX];
    if (ledger->mode != LEDGER_WRITE)
        return error_set(err, ERROR_REFUSED, ledger->folder, "the ledger is open for reading only");
    char *old = ledger->anchor;
    ledger->anchor = resolved(ledger, anchor, err);
    if (!ledger->anchor)
        goto failed;
    if (file_exists(ledger->anchor) && !ledger_anchor_check(ledger, ledger->size, err))
        goto failed;
    /* The copy first: what is configured is there. */
    if (!ledger_anchor_write(ledger, ledger_note(ledger), err))
        goto failed;
    ledger_path(path, ledger->folder, "anchor");
    int len = snprintf(line, sizeof(line), "%s\n", ledger->anchor);
    if (file_write_durable(ledger->tmp_folder, path, (struct slice){ line, (size_t)len }, 0600,
                           err))
        return true;
failed:
    ledger->anchor = old;
    return false;
}

bool ledger_anchor_clear(const char *folder, struct error *err)
{
    char path[LEDGER_PATH_MAX];
    ledger_path(path, folder, "anchor");
    if (unlink(path) != 0 && errno != ENOENT)
        return error_errno(err, "delete", path);
    return folder_sync(folder, err);
}
