/* Commits: the steps of one, in the order of ledger.md 5, and callers joined into one.
 *
 * Callers queue. Whoever finds no commit under way leads the next one, for the first of those who
 * wait, until his own batch is done; all others sleep. So a commit's state has one thread at a
 * time, and how many batches share its syncs follows from how long syncing takes. */
#include <assert.h>
#include <string.h>

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

/* The batches of one commit and their entries, one after the other. */
struct group {
    struct commit_request *first; /* a list of its own */
    size_t count;                 /* entries at most: of batches that are refused as well */
    struct arena *arena;
    struct ledger_appended *formed; /* ledger->formed_count of them */
    int64_t at_us;
};

static bool group_start(struct ledger *ledger, struct group *group, struct error *err)
{
    size_t each = sizeof(*group->formed) + sizeof(struct slice) + sizeof(struct digest);
    if (group->count > SIZE_MAX / 2 / each)
        return error_no_memory(err, SIZE_MAX);
    group->arena = arena_new(group->count * each + 1024, err);
    if (!group->arena)
        return false;
    group->formed = arena_array(group->arena, group->count, sizeof(*group->formed), err);
    ledger->formed = group->formed;
    return group->formed != NULL;
}

/* The entries of one batch. If it is refused, nothing is left of it. */
static bool form_batch(struct ledger *ledger, struct group *group, struct commit_request *request)
{
    const struct ledger_batch *batch = request->batch;
    size_t before = ledger->formed_count;
    uint64_t size = ledger->size + before;
    bool ok = !batch->check || batch->check(batch->context, size, request->err);
    for (size_t i = 0; ok && i < batch->count; i++) {
        ok = ledger_form(ledger, request->arena, batch, i, group->at_us, request->appended,
                         request->err);
        if (ok)
            group->formed[ledger->formed_count++] = request->appended[i];
    }
    if (ok)
        return true;
    ledger->formed_count = before;
    rules_forget(ledger->rules, size);
    return false;
}

/* Forms and stages batch by batch, so that each is judged with those before it in place. */
static bool stage_all(struct ledger *ledger, struct group *group, struct error *err)
{
    for (struct commit_request *at = group->first; at; at = at->next) {
        const struct ledger_batch *batch = at->batch;
        at->is_refused = !form_batch(ledger, group, at);
        if (at->is_refused || !batch->stage)
            continue;
        if (!batch->stage(batch->context, at->appended, batch->count, err))
            return false;
    }
    return ledger->formed_count == 0 || !ledger->settle ||
           ledger->settle(ledger->settle_context, true, err);
}

static void drop_staged(struct ledger *ledger)
{
    struct error ignored = { 0 };
    bool is_dropped = !ledger->settle || ledger->settle(ledger->settle_context, false, &ignored);
    assert(is_dropped);
    (void)is_dropped;
}

/* Bundles and tiles, all durable when this returns. */
static bool write_tiles(struct ledger *ledger, struct group *of, struct error *err)
{
    bool ok = false;
    struct file_group group = { .folder = ledger->public_folder, .tmp_folder = ledger->tmp_folder };
    size_t count = ledger->formed_count;
    struct slice *entries = arena_array(of->arena, count, sizeof(*entries), err);
    if (!entries)
        return false;
    struct digest *leaves = arena_array(of->arena, count, sizeof(*leaves), err);
    if (!leaves)
        return false;
    for (size_t i = 0; i < count; i++) {
        entries[i] = of->formed[i].bytes;
        leaves[i] = of->formed[i].leaf;
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
    if (!ledger_anchor_write(ledger, strbuf_slice(&note), err))
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

/* One commit. False: no batch of it happened. */
static bool commit_group(struct ledger *ledger, struct group *group, struct error *err)
{
    uint64_t size = ledger->size;
    if (!may_commit(ledger, err) || !commit_time(ledger, &group->at_us, err) ||
        !group_start(ledger, group, err))
        return false;
    if (!stage_all(ledger, group, err)) {
        drop_staged(ledger);
        rules_forget(ledger->rules, size);
        return err->code == ERROR_IO ? stop(ledger, err) : false;
    }
    if (ledger->formed_count == 0) /* all were refused */
        return true;
    if (!write_tiles(ledger, group, err) || !sign_and_publish(ledger, err))
        return stop(ledger, err);
    ledger->last_at_us = group->at_us;
    ledger_drop_partials(ledger->public_folder, size, ledger->size);
    return true;
}

/* Takes those who wait, first come first served: as many as one commit may have. */
static struct group group_take(struct ledger *ledger)
{
    struct group group = { .first = ledger->waiting };
    struct commit_request **end = &group.first;
    while (*end) {
        size_t count = (*end)->batch->count;
        if (group.count > 0 && count > COMMIT_ENTRIES_MAX - group.count)
            break;
        group.count += count;
        end = &(*end)->next;
        if (group.count >= COMMIT_ENTRIES_MAX)
            break;
    }
    ledger->waiting = *end;
    if (!ledger->waiting)
        ledger->waiting_end = &ledger->waiting;
    *end = NULL;
    return group;
}

/* Called with queue_mutex held, which is released while the commit is under way. */
static void lead(struct ledger *ledger)
{
    struct error err = { 0 };
    struct group group = group_take(ledger);
    ledger->is_committing = true;
    (void)pthread_mutex_unlock(&ledger->queue_mutex);
    bool ok = commit_group(ledger, &group, &err);
    ledger->formed = NULL;
    ledger->formed_count = 0;
    arena_free(group.arena);
    (void)pthread_mutex_lock(&ledger->queue_mutex);
    ledger->is_committing = false;
    for (struct commit_request *at = group.first, *next; at; at = next) {
        next = at->next; /* it goes with its caller once it is done */
        /* A refusal may rest on a batch before it, which did not happen either. */
        if (!ok)
            *at->err = err;
        at->ok = ok && !at->is_refused;
        at->is_done = true;
    }
    (void)pthread_cond_broadcast(&ledger->commit_ended);
}

bool ledger_commit(struct ledger *ledger, struct arena *arena, const struct ledger_batch *batch,
                   struct ledger_appended *appended, struct error *err)
{
    struct commit_request request = {
        .arena = arena, .batch = batch, .appended = appended, .err = err
    };
    if (batch->count == 0)
        return true;
    (void)pthread_mutex_lock(&ledger->queue_mutex);
    *ledger->waiting_end = &request;
    /* cppcheck-suppress autoVariables ; the loop below waits until the request is out of the queue
     */
    ledger->waiting_end = &request.next;
    while (!request.is_done) {
        if (ledger->is_committing)
            (void)pthread_cond_wait(&ledger->commit_ended, &ledger->queue_mutex);
        else
            lead(ledger);
    }
    (void)pthread_mutex_unlock(&ledger->queue_mutex);
    return request.ok;
}
