/* The end of a ledger that another one continues. ledger.md 5; docs/decisions/continue.md.
 *
 * The file `ended` beside `head`: the origin of the ledger that continues this one, LF, where that
 * was made, LF. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger_private.h"

enum { END_BYTES_MAX = 4 * LEDGER_PATH_MAX };

/* ---- what is known ---- */

/* One more checkpoint of this ledger. Where it has no more entries than we have, they are ours. */
static bool highest_take(struct ledger *ledger, struct arena *arena, struct slice bytes,
                         const char *where, struct checkpoint *highest, struct error *err)
{
    struct checkpoint known;
    struct note note;
    struct error reason = { 0 };
    struct digest root;
    if (!checkpoint_open(bytes, ledger_verifier(ledger), 1, &known, &note, &reason)) {
        if (reason.code == ERROR_NO_MEMORY) {
            *err = reason;
            return false;
        }
        error_set(err, ERROR_CORRUPT, where, "expected a checkpoint of %.*s, found: %s",
                  SLICE_ARG(ledger_origin(ledger)), reason.message);
        return error_hint(err, "name a bundle or a checkpoint of the ledger that is continued");
    }
    if (known.size <= ledger_size(ledger)) {
        if (!ledger_root(ledger, known.size, &root, err))
            return false;
        if (!digest_equal(&root, &known.root)) {
            error_set(err, ERROR_CORRUPT, where,
                      "its root at size %" PRIu64 " is not that of this directory", known.size);
            return error_hint(err, "two histories were signed: keep both checkpoints, write "
                                   "nothing, and find out which one readers hold");
        }
    }
    if (known.size <= highest->size)
        return true;
    highest->size = known.size;
    highest->root = known.root;
    return arena_copy(arena, known.origin, &highest->origin, err);
}

bool ledger_highest(struct ledger *ledger, struct arena *arena, struct slice note,
                    const char *where, struct checkpoint *highest, struct error *err)
{
    char *anchor;
    struct slice anchored;
    *highest = (struct checkpoint){ .origin = ledger_origin(ledger) };
    if (!ledger_anchor_path(ledger->folder, arena, &anchor, err))
        return false;
    if (anchor && (!ledger_anchor_note(anchor, arena, &anchored, err) ||
                   !highest_take(ledger, arena, anchored, anchor, highest, err)))
        return false;
    return highest_take(ledger, arena, ledger_note(ledger), ledger->folder, highest, err) &&
           (note.len == 0 || highest_take(ledger, arena, note, where, highest, err));
}

/* ---- the end ---- */

/* What the file says; empty: this ledger goes on. */
static bool end_read(const char *folder, struct arena *arena, char path[LEDGER_PATH_MAX],
                     struct slice *end, struct error *err)
{
    *end = (struct slice){ 0 };
    ledger_path(path, folder, "ended");
    if (!file_exists(path))
        return true;
    return file_read(arena, path, END_BYTES_MAX, end, err) &&
           (end->len > 0 ||
            error_set(err, ERROR_CORRUPT, path, "expected the origin that continues this ledger"));
}

static bool refuse_ended(const char *path, struct slice end, struct error *err)
{
    struct slice origin = end, place = { 0 };
    if (slice_split(end, '\n', &origin, &place))
        place = slice_trim(place);
    error_set(err, ERROR_REFUSED, path, "this ledger has ended: %.*s continues it",
              SLICE_ARG(origin));
    return error_hint(err,
                      "write there (%.*s); this one can be read and verified, and signs nothing",
                      SLICE_ARG(place));
}

bool ledger_check_end(const char *folder, struct error *err)
{
    char path[LEDGER_PATH_MAX];
    struct slice end;
    struct arena *arena = arena_new((size_t)2 * END_BYTES_MAX, err);
    if (!arena)
        return false;
    bool ok =
        end_read(folder, arena, path, &end, err) && (end.len == 0 || refuse_ended(path, end, err));
    arena_free(arena);
    return ok;
}

bool ledger_end(const char *folder, struct slice continued_by, const char *place, struct error *err)
{
    char path[LEDGER_PATH_MAX], tmp[LEDGER_PATH_MAX];
    struct slice end;
    int lock = -1;
    bool ok = false;
    struct arena *arena = arena_new((size_t)4 * END_BYTES_MAX, err);
    if (!arena)
        return false;
    char *wanted = arena_printf(arena, err, "%.*s\n%s\n", SLICE_ARG(continued_by), place);
    if (!wanted || !ledger_lock(folder, &lock, err) || !end_read(folder, arena, path, &end, err))
        goto done;
    if (end.len > 0) {
        ok = slice_is(end, wanted) || refuse_ended(path, end, err);
        goto done;
    }
    ledger_path(tmp, folder, "tmp");
    ok = folder_make(tmp, err) && file_write_durable(tmp, path, slice_of(wanted), 0600, err);
done:
    if (lock >= 0)
        close(lock); /* lets others have the lock; what it holds does not count */
    arena_free(arena);
    return ok;
}
