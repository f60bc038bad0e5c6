/* Opening for writing (ledger.md 5): first every check, then every repair.
 *
 * What a crash can leave: temporary files; bundles and tiles beyond the head, which no signature
 * names; a head that was renamed but whose folder was not synced, so it is written again before
 * anything is built on it; a public/checkpoint older than the head. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "ledger/ledger_private.h"

/* Tells who holds the lock, as he wrote it down. */
static bool locked_by(int fd, const char *path, struct error *err)
{
    char holder[64];
    ssize_t got = pread(fd, holder, sizeof(holder), 0);
    struct slice text = slice_trim(slice_bytes(holder, got > 0 ? (size_t)got : 0));
    uint64_t process = 0;
    if (slice_to_u64(text, &process))
        error_set(err, ERROR_LOCKED, path, "the ledger is being written by process %" PRIu64,
                  process);
    else
        error_set(err, ERROR_LOCKED, path, "the ledger is being written by another process");
    return error_hint(err, "wait until it is done; there is one writer at a time");
}

bool ledger_lock(const char *folder, int *held, struct error *err)
{
    char path[LEDGER_PATH_MAX], holder[32];
    ledger_path(path, folder, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, "open", path);
    *held = fd;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EWOULDBLOCK)
            return locked_by(fd, path, err);
        return error_errno(err, "lock", path);
    }
    int len = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0)
        return error_errno(err, "write", path);
    return fd_write_all(fd, (struct slice){ holder, (size_t)len }, path, err);
}

bool ledger_note_read(struct ledger *ledger, const char *path, struct arena *arena, bool *is_there,
                      struct slice *note, struct checkpoint *checkpoint, struct error *err)
{
    struct note opened;
    struct error reason = { 0 };
    *is_there = file_exists(path);
    if (!*is_there)
        return true;
    if (!file_read(arena, path, NOTE_BYTES_MAX, note, err))
        return false;
    if (!checkpoint_open(*note, &ledger->verifier, 1, checkpoint, &opened, &reason)) {
        if (reason.code == ERROR_NO_MEMORY) {
            *err = reason;
            return false;
        }
        error_set(err, ERROR_CORRUPT, path,
                  "expected a checkpoint signed by %.*s+%02x%02x%02x%02x, found: %s",
                  SLICE_ARG(ledger->verifier.name), ledger->verifier.id[0], ledger->verifier.id[1],
                  ledger->verifier.id[2], ledger->verifier.id[3], reason.message);
        return error_hint(err, "if the key was changed, put the old one back; else restore the "
                               "file from a backup");
    }
    return true;
}

/* Nothing was ever signed, or the file that says what was is lost: then nothing may be signed. */
static bool refuse_missing_head(struct ledger *ledger, const char *path, bool is_published,
                                struct error *err)
{
    bool has_tiles = false;
    if (!is_published && !ledger_has_tiles(ledger, &has_tiles, err))
        return false;
    if (!is_published && !has_tiles)
        return true;
    error_set(err, ERROR_CORRUPT, path, "expected the signed head, found no file although %s",
              is_published ? "a checkpoint is published" : "there are tiles");
    if (is_published)
        return error_hint(err, "if no newer checkpoint is known anywhere, copy %s/checkpoint to %s",
                          ledger->public_folder, path);
    return error_hint(err, "restore it from a backup: without it nothing says what was signed");
}

/* What was published, or copied to the anchor, may be older than the head, never newer or of
 * another tree. */
bool ledger_note_follows(struct ledger *ledger, const char *path, const struct checkpoint *seen,
                         uint64_t size, const char *hint, struct error *err)
{
    if (seen->size > size) {
        error_set(err, ERROR_CORRUPT, path,
                  "expected at most the %" PRIu64 " entries of the head, found a checkpoint of "
                  "%" PRIu64,
                  size, seen->size);
        return error_hint(err, "%s", hint);
    }
    struct digest root = rules_root(ledger->rules, seen->size);
    if (digest_equal(&root, &seen->root))
        return true;
    char expected[65], found[65];
    digest_hex(&root, expected);
    digest_hex(&seen->root, found);
    error_set(err, ERROR_CORRUPT, path, "expected the root %s at size %" PRIu64 ", found %s",
              expected, seen->size, found);
    return error_hint(err, "two histories were signed: keep both checkpoints, write nothing, and "
                           "find out which one readers hold");
}

/* An unknown spec is told as such, before the rules call it a bad field. */
static bool check_spec(struct ledger *ledger, struct error *err)
{
    bool ok = false;
    struct bundle bundle = { 0 };
    struct error reason = { 0 };
    struct arena *arena = arena_new(1024 * 1024, err);
    if (!arena)
        return false;
    if (!bundle_read(ledger->reader, 0, &bundle, err)) {
        if (err->code == ERROR_NOT_FOUND)
            err->code = ERROR_CORRUPT;
        goto done;
    }
    struct value *start = json_parse(arena, bundle.entries[0], "", &json_limits_default, &reason);
    struct slice spec = value_text(value_path(start, "body.spec"));
    ok = !start || slice_is(spec, LEDGER_SPEC); /* no JSON: the entries' check says so */
    if (!ok) {
        error_set(err, ERROR_CORRUPT, ledger->folder,
                  "expected a ledger of spec " LEDGER_SPEC ", found \"%.*s\"", SLICE_ARG(spec));
        (void)error_hint(err, "open it with the version of attest that writes this spec");
        goto done;
    }
    struct slice origin = value_text(value_path(start, "body.origin"));
    ok = !start || slice_equal(origin, ledger->origin);
    if (!ok) {
        error_set(err, ERROR_CORRUPT, ledger->folder,
                  "expected the origin %.*s of the key, found \"%.*s\" in entry 0",
                  SLICE_ARG(ledger->origin), SLICE_ARG(origin));
        (void)error_hint(err, "restore the key pair that belongs to this ledger");
    }
done:
    bundle_free(&bundle);
    arena_free(arena);
    return ok;
}

/* The time of the last entry, and whether the clock is anywhere near. */
static bool check_clock(struct ledger *ledger, uint64_t size, struct error *err)
{
    bool ok = false;
    struct slice bytes;
    struct entry entry;
    const char *code = NULL;
    struct arena *arena = arena_new(1024 * 1024, err);
    if (!arena)
        return false;
    if (!ledger->entries->source.entry(&ledger->entries->source, size - 1, &bytes, err))
        goto done;
    if (!entry_parse(arena, bytes, &entry, &code, err))
        goto done;
    ledger->last_at_us = entry.at_us;
    int64_t now = ledger->clock_us();
    if (now + CLOCK_BACK_MAX_US < entry.at_us) {
        char text[28];
        time_format(now, text);
        error_set(err, ERROR_IO, ledger->folder,
                  "the clock says %s, more than five minutes before the last entry (%.*s)", text,
                  SLICE_ARG(entry.at));
        (void)error_hint(err, "set the clock right; entries may not be dated back");
        goto done;
    }
    ok = true;
done:
    arena_free(arena);
    return ok;
}

/* The parts that a writer has, for a ledger of no entry. */
static bool writer_start(struct ledger *ledger, const struct ledger_options *options,
                         struct error *err)
{
    ledger->clock_us = options->clock_us ? options->clock_us : clock_now_us;
    ledger->payloads = options->payloads;
    ledger->settle = options->settle;
    ledger->settle_context = options->settle_context;
    ledger->edge = malloc(sizeof(*ledger->edge));
    if (!ledger->edge)
        return error_no_memory(err, sizeof(*ledger->edge));
    tile_edge_start(ledger->edge);
    ledger->entries = ledger_entries_new(ledger, err);
    if (!ledger->entries)
        return false;
    struct rules_sources sources = { .payloads = options->payloads,
                                     .entries = &ledger->entries->source,
                                     .peers = options->peers,
                                     .peers_count = options->peers_count };
    ledger->rules = rules_new(&sources, err);
    return ledger->rules != NULL;
}

/* Durable again, because we may have read them from a cache that never reached the disk. */
static bool publish_again(struct ledger *ledger, const char *head_path, const char *published_path,
                          struct slice note, struct error *err)
{
    return file_write_durable(ledger->tmp_folder, head_path, note, 0600, err) &&
           file_write_durable(ledger->tmp_folder, published_path, note, 0644, err) &&
           ledger_anchor_write(ledger, note, err);
}

bool ledger_open_writer(struct ledger *ledger, const struct ledger_options *options,
                        struct error *err)
{
    bool ok = false, is_there = false, is_published = false;
    char head_path[LEDGER_PATH_MAX], published_path[LEDGER_PATH_MAX];
    struct slice note = { 0 }, published_note = { 0 };
    struct checkpoint head = { .root = empty_root() }, published = { 0 };
    size_t lost = 0;
    struct arena *arena = arena_new((size_t)4 * NOTE_BYTES_MAX, err);
    if (!arena)
        return false;
    ledger_path(head_path, ledger->folder, "head");
    ledger_path(published_path, ledger->public_folder, "checkpoint");
    if (!ledger_lock(ledger->folder, &ledger->lock_fd, err) ||
        !ledger_check_end(ledger->folder, err) || !writer_start(ledger, options, err))
        goto done;
    if (!ledger_key_read(ledger->folder, &ledger->verifier, &ledger->key, err))
        goto done;

    if (!ledger_anchor_path(ledger->folder, ledger->arena, &ledger->anchor, err))
        goto done;
    if (!ledger_note_read(ledger, head_path, arena, &is_there, &note, &head, err))
        goto done;
    if (!ledger_note_read(ledger, published_path, arena, &is_published, &published_note, &published,
                          err))
        goto done;
    if (!is_there && !refuse_missing_head(ledger, head_path, is_published, err))
        goto done;
    if (is_there && head.size > 0) {
        tile_reader_resize(ledger->reader, head.size);
        if (!check_spec(ledger, err) || !ledger_check_entries(ledger, &head, &lost, err))
            goto done;
        if (is_published &&
            !ledger_note_follows(ledger, published_path, &published, head.size,
                                 "the head was rolled back: restore the whole ledger folder as it "
                                 "was when that checkpoint was published",
                                 err))
            goto done;
        if (ledger->anchor && !ledger_anchor_check(ledger, head.size, err))
            goto done;
        if (!check_clock(ledger, head.size, err))
            goto done;
    }

    /* From here on files are changed. */
    if (is_there && !publish_again(ledger, head_path, published_path, note, err))
        goto done;
    if (!folder_make(ledger->tmp_folder, err) || !ledger_clean(ledger, head.size, err))
        goto done;
    if (lost > 0 && !ledger_rebuild_tiles(ledger, err))
        goto done;
    ok = ledger_set_state(ledger, head.size, &head.root, note, err);
done:
    arena_free(arena);
    return ok;
}
