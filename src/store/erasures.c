/* The order: keys and salts go in one database transaction; then payload files, whose rows are
 * gone; then the database is written anew and its log cut off, since both may still hold the bytes;
 * and only then is it noted how far this came. Each step may be repeated, so a crash between any
 * two of them costs nothing but doing them again. */
#include "store/erasures.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "ledger/entry.h"
#include "store/store_private.h"

#define ARENA_BYTES_MAX ((size_t)1 << 30)

static bool number_read(struct store *store, const char *sql, uint64_t *number, struct error *err)
{
    struct query query;
    bool has_row = false;
    bool ok = query_begin(store, sql, &query, err) && query_next(&query, &has_row, err);
    *number = ok && has_row ? column_number(&query, 0) : 0;
    query_end(&query);
    return ok;
}

static bool row_delete(struct store *store, const char *sql, const struct digest *digest,
                       struct error *err)
{
    struct query query;
    bool ok = query_begin(store, sql, &query, err);
    if (ok) {
        query_blob(&query, 1, digest->bytes, sizeof digest->bytes);
        ok = query_run(&query, err);
    }
    query_end(&query);
    return ok;
}

/* ---- reasons that a run's record repeats ---- */

static bool object_write(struct store *store, uint64_t n, struct slice object, struct error *err)
{
    struct query query;
    bool ok = query_begin(store, "update entry set object = ? where n = ?", &query, err);
    if (ok) {
        query_text(&query, 1, object);
        query_number(&query, 2, n);
        ok = query_run(&query, err);
    }
    query_end(&query);
    return ok;
}

static void member_drop(struct value *object, const char *name)
{
    for (size_t i = 0; object && i < object->count; i++) {
        if (!slice_is(object->members[i].name, name))
            continue;
        for (size_t j = i + 1; j < object->count; j++)
            object->members[j - 1] = object->members[j];
        object->count--;
        return;
    }
}

static bool reasons_drop_of(struct store *store, struct arena *arena, const struct value *reasons,
                            struct error *err)
{
    struct stored_entry run;
    struct slice text;
    int64_t n, index;
    if (!value_to_i64(value_member(reasons, "run"), &n) || n < 0 ||
        !entry_get(store, arena, (uint64_t)n, &run, err))
        return err->code == ERROR_NONE;
    const struct value *parsed = json_parse(arena, run.object, "run", NULL, err);
    struct value *object = parsed ? value_copy(arena, parsed, err) : NULL;
    if (!object)
        return false;
    const struct value *deviating = value_member(object, "deviating");
    const struct value *items = value_member(reasons, "items");
    for (size_t i = 0; i < value_count(items); i++) {
        if (value_to_i64(value_item(items, i), &index) && index >= 0 &&
            (size_t)index < value_count(deviating))
            member_drop(deviating->items[index], "why");
    }
    return json_canonical_copy(arena, object, &text, err) &&
           object_write(store, (uint64_t)n, text, err);
}

static bool reasons_drop(struct store *store, struct arena *arena,
                         const struct stored_entry *erasure, struct error *err)
{
    if (erasure->object.len == 0)
        return true;
    const struct value *object = json_parse(arena, erasure->object, "erasure", NULL, err);
    const struct value *reasons = value_member(object, "reasons");
    for (size_t i = 0; object && i < value_count(reasons); i++)
        if (!reasons_drop_of(store, arena, value_item(reasons, i), err))
            return false;
    return object != NULL;
}

/* ---- one erasure ---- */

static bool rows_drop(struct store *store, const struct value *body, struct error *err)
{
    struct digest digest;
    const struct value *target = value_member(body, "target");
    if (digest_from_hex(value_text_of(body, "subject"), &digest) &&
        !row_delete(store, "delete from subject where token = ?", &digest, err))
        return false;
    for (size_t i = 0; i < value_count(target); i++) {
        if (!digest_from_hex(value_text(value_item(target, i)), &digest))
            continue;
        if (!row_delete(store, "delete from payload where c = ?", &digest, err) ||
            !row_delete(store, "delete from name_salt where c = ?", &digest, err))
            return false;
    }
    return true;
}

static bool files_drop(struct store *store, const struct value *body, struct error *err)
{
    const struct value *target = value_member(body, "target");
    for (size_t i = 0; i < value_count(target); i++) {
        char path[STORE_PATH_MAX];
        struct digest c;
        if (!digest_from_hex(value_text(value_item(target, i)), &c))
            continue;
        payload_path(path, store, &c);
        if (unlink(path) != 0) {
            if (errno == ENOENT)
                continue; /* it lay in the database, or this is done again */
            return error_errno(err, "delete", path);
        }
        *strrchr(path, '/') = '\0';
        if (!folder_sync(path, err))
            return false;
    }
    return true;
}

/* ---- all that are not carried out ---- */

struct completing {
    struct store *store;
    struct arena *arena;
    struct stored_entries list;
    uint64_t below; /* erasures of entries below it are carried out */
    struct error *err;
};

static bool each(struct completing *c, bool of_files)
{
    for (size_t i = 0; i < c->list.count; i++) {
        const struct stored_entry *entry = &c->list.items[i];
        if (entry->n < c->below)
            continue;
        const struct value *whole =
            json_parse(c->arena, entry->bytes, "ledger entry", NULL, c->err);
        const struct value *body = value_member(whole, "body");
        if (!whole)
            return false;
        if (of_files ? !files_drop(c->store, body, c->err)
                     : !rows_drop(c->store, body, c->err) ||
                           !reasons_drop(c->store, c->arena, entry, c->err))
            return false;
    }
    return true;
}

static bool rows_drop_all(struct completing *c)
{
    database_lock(c->store);
    bool ok = database_run(c->store, "begin immediate", c->err);
    if (ok) {
        ok = each(c, false) && database_run(c->store, "commit", c->err);
        if (!ok)
            database_rollback(c->store);
    }
    database_unlock(c->store);
    return ok;
}

/* What was deleted may lie on in free space of pages and in the log. */
static bool database_wipe(struct completing *c)
{
    uint64_t busy = 1;
    if (!database_run(c->store, "vacuum", c->err) ||
        !number_read(c->store, "pragma wal_checkpoint(truncate)", &busy, c->err))
        return false;
    if (busy == 0)
        return true;
    error_set(c->err, ERROR_LOCKED, c->store->database,
              "the erasure is recorded, but another program still reads what it destroys");
    return error_hint(c->err, "end it; the next command that writes completes the erasure");
}

static bool note_done(struct completing *c)
{
    struct query query;
    bool ok = query_begin(c->store, "update erasures_done set below = ?", &query, c->err);
    if (ok) {
        query_number(&query, 1, store_size(c->store));
        ok = query_run(&query, c->err);
    }
    query_end(&query);
    return ok;
}

bool erasures_complete(struct store *store, struct error *err)
{
    struct completing c = { .store = store, .err = err };
    bool is_needed = false, ok = false;
    if (!number_read(store, "select below from erasures_done", &c.below, err))
        return false;
    c.arena = arena_new(ARENA_BYTES_MAX, err);
    if (!c.arena || !entry_list(store, c.arena, SLICE("erasure"), (struct slice){ 0 },
                                store_size(store), &c.list, err))
        goto done;
    for (size_t i = 0; i < c.list.count; i++)
        is_needed = is_needed || c.list.items[i].n >= c.below;
    ok = !is_needed || (rows_drop_all(&c) && each(&c, true) && database_wipe(&c) && note_done(&c));
done:
    arena_free(c.arena);
    return ok;
}
