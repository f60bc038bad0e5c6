/* One commit: ledger.md 5, in that order. */
#include <assert.h>

#include "base/file.h"
#include "base/time.h"
#include "ledger/ledger_private.h"

/* Entries keep their order in time even if the clock does not. */
static bool commit_time(struct ledger *ledger, int64_t *at_us, struct error *err)
{
    int64_t now = ledger->clock_us();
    *at_us = now > ledger->last_at_us ? now : ledger->last_at_us;
    if (now + CLOCK_BACK_MAX_US >= ledger->last_at_us)
        return true;
    char text[28], last[28];
    time_format(now, text);
    time_format(ledger->last_at_us, last);
    error_set(err, ERROR_IO, ledger->folder,
              "the clock says %s, more than five minutes before the last entry (%s)", text, last);
    return error_hint(err, "set the clock right; entries may not be dated back");
}

static bool form_all(struct ledger *ledger, struct arena *arena, const struct ledger_batch *batch,
                     struct ledger_appended *appended, int64_t *at_us, struct error *err)
{
    if (!commit_time(ledger, at_us, err))
        return false;
    ledger->batch = appended;
    for (size_t i = 0; i < batch->count; i++) {
        ledger->batch_count = i;
        if (!ledger_form(ledger, arena, batch, i, *at_us, appended, err))
            return false;
    }
    return true;
}

/* Bundles and tiles, all durable when this returns. */
static bool write_tiles(struct ledger *ledger, struct arena *arena,
                        const struct ledger_appended *appended, size_t count, struct error *err)
{
    bool ok = false;
    struct file_group group = { .folder = ledger->public_folder, .tmp_folder = ledger->tmp_folder };
    struct slice *entries = arena_array(arena, count, sizeof(*entries), err);
    if (!entries)
        return false;
    struct digest *leaves = arena_array(arena, count, sizeof(*leaves), err);
    if (!leaves)
        return false;
    for (size_t i = 0; i < count; i++) {
        entries[i] = appended[i].bytes;
        leaves[i] = appended[i].leaf;
        merkle_edge_add(&ledger->peaks, &leaves[i]);
    }
    ok = tile_edge_append(ledger->edge, entries, leaves, count, true, file_group_write, &group,
                          err) &&
         file_group_sync(&group, err);
    file_group_free(&group);
    return ok;
}

/* Signs the new root and makes the note the head: with that the commit has happened. */
static bool sign_and_publish(struct ledger *ledger, struct error *err)
{
    bool ok = false;
    char path[LEDGER_PATH_MAX];
    struct strbuf text = strbuf_new(NOTE_BYTES_MAX), note = strbuf_new(NOTE_BYTES_MAX);
    struct checkpoint checkpoint = { .origin = ledger->origin,
                                     .size = ledger->edge->size,
                                     .root = tile_edge_root(ledger->edge) };
    /* A wrong root must never be signed, so it is computed in two ways. */
    struct digest second = merkle_edge_root(&ledger->peaks);
    struct digest third = rules_root(ledger->rules, checkpoint.size);
    assert(ledger->peaks.size == checkpoint.size);
    assert(digest_equal(&checkpoint.root, &second) && digest_equal(&checkpoint.root, &third));

    checkpoint_text(&checkpoint, &text);
    note_sign(&ledger->key, strbuf_slice(&text), &note);
    if (!strbuf_ok(&text, err) || !strbuf_ok(&note, err))
        goto done;
    ledger_path(path, ledger->folder, "head");
    if (!file_write_durable(ledger->tmp_folder, path, strbuf_slice(&note), 0600, err))
        goto done;
    /* Its folder need not be synced: opening writes it again from the head. */
    ledger_path(path, ledger->public_folder, "checkpoint");
    if (!file_write_unsynced_folder(ledger->tmp_folder, path, strbuf_slice(&note), 0644, err))
        goto done;
    ok = ledger_set_state(ledger, checkpoint.size, &checkpoint.root, strbuf_slice(&note), err);
done:
    strbuf_free(&note);
    strbuf_free(&text);
    return ok;
}

/* Remembers why, and writes nothing any more: after a failed fsync the kernel may have dropped
 * pages, and a second one would lie. */
static bool stop(struct ledger *ledger, const struct error *err)
{
    ledger->is_stopped = true;
    ledger->stopped_by = *err;
    return false;
}

static bool may_commit(const struct ledger *ledger, struct error *err)
{
    if (ledger->mode != LEDGER_WRITE)
        return error_set(err, ERROR_REFUSED, ledger->folder, "the ledger is open for reading only");
    if (!ledger->is_stopped)
        return true;
    error_set(err, ERROR_IO, ledger->folder, "writing has stopped after: %s",
              ledger->stopped_by.message);
    return error_hint(err, "mend the cause, then open the ledger again");
}

static bool commit_locked(struct ledger *ledger, struct arena *arena,
                          const struct ledger_batch *batch, struct ledger_appended *appended,
                          struct error *err)
{
    uint64_t size = ledger->size;
    int64_t at_us = 0;
    if (!may_commit(ledger, err))
        return false;
    bool ok = form_all(ledger, arena, batch, appended, &at_us, err);
    ledger->batch = NULL;
    ledger->batch_count = 0;
    if (!ok) {
        rules_forget(ledger->rules, size);
        return false;
    }
    if (batch->stage && !batch->stage(batch->context, appended, batch->count, err)) {
        rules_forget(ledger->rules, size);
        return err->code == ERROR_IO ? stop(ledger, err) : false;
    }
    if (!write_tiles(ledger, arena, appended, batch->count, err) || !sign_and_publish(ledger, err))
        return stop(ledger, err);
    ledger->last_at_us = at_us;
    ledger_drop_partials(ledger->public_folder, size, ledger->size);
    return true;
}

bool ledger_commit(struct ledger *ledger, struct arena *arena, const struct ledger_batch *batch,
                   struct ledger_appended *appended, struct error *err)
{
    if (batch->count == 0)
        return true;
    (void)pthread_mutex_lock(&ledger->commit_mutex);
    bool ok = commit_locked(ledger, arena, batch, appended, err);
    (void)pthread_mutex_unlock(&ledger->commit_mutex);
    return ok;
}
