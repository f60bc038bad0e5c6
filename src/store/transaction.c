/* A transaction gathers drafts, payloads and names, and commits them as one batch of the ledger.
 * Nothing is visible before: small payloads stay in memory, large ones lie in files that no row
 * names. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "ledger/entry.h"
#include "store/store_private.h"

#define TRANSACTION_BYTES_MAX ((size_t)4 * 1024 * 1024 * 1024)

struct transaction *transaction_begin(struct store *store, struct error *err)
{
    if (store->mode != STORE_WRITE) {
        error_set(err, ERROR_REFUSED, store->folder, "the data directory is open for reading only");
        return NULL;
    }
    struct transaction *tx = calloc(1, sizeof(*tx));
    if (!tx) {
        error_no_memory(err, sizeof(*tx));
        return NULL;
    }
    tx->store = store;
    tx->size = store_size(store);
    tx->arena = arena_new(TRANSACTION_BYTES_MAX, err);
    if (tx->arena)
        return tx;
    free(tx);
    return NULL;
}

void transaction_free(struct transaction *tx)
{
    char path[STORE_PATH_MAX];
    if (!tx)
        return;
    subjects_end(tx);
    for (size_t i = 0; i < tx->payloads_count && !tx->is_staged; i++) {
        if (!tx->payloads[i].is_file)
            continue;
        payload_path(path, tx->store, &tx->payloads[i].payload.c);
        (void)unlink(path); /* opening for writing would delete it as well */
    }
    free(tx->resources);
    arena_free(tx->arena);
    free(tx);
}

struct arena *transaction_arena(struct transaction *tx) { return tx->arena; }
size_t transaction_count(const struct transaction *tx) { return tx->count; }

bool transaction_find(const struct transaction *tx, const char *type, struct slice key,
                      size_t *position)
{
    for (*position = 0; *position < tx->count; (*position)++)
        if (strcmp(tx->drafts[*position].type, type) == 0 &&
            slice_equal(tx->rows[*position].key, key))
            return true;
    return false;
}

/* ---------------------------------------------------------------- payloads */

static struct pending_payload *payload_add(struct transaction *tx, struct error *err)
{
    if (!arena_room(tx->arena, &tx->payloads, tx->payloads_count, &tx->payloads_capacity,
                    sizeof(*tx->payloads), err))
        return NULL;
    struct pending_payload *pending = &tx->payloads[tx->payloads_count];
    memset(pending, 0, sizeof(*pending));
    pending->draft = SIZE_MAX;
    return pending;
}

/* The folder of a payload file. */
static bool payload_folder_make(const struct store *store, const struct digest *c,
                                struct error *err)
{
    char path[STORE_PATH_MAX];
    payload_path(path, store, c);
    *strrchr(path, '/') = '\0';
    return folder_make(path, err);
}

bool payload_put(struct transaction *tx, struct slice bytes, struct payload *payload,
                 struct error *err)
{
    char path[STORE_PATH_MAX];
    struct pending_payload *pending = payload_add(tx, err);
    if (!pending)
        return false;
    random_fill(pending->salt, sizeof(pending->salt));
    pending->payload.c = commitment(pending->salt, bytes);
    pending->payload.bytes = bytes.len;
    pending->is_file = bytes.len > PAYLOAD_ROW_BYTES_MAX;
    if (pending->is_file) {
        payload_path(path, tx->store, &pending->payload.c);
        if (!payload_folder_make(tx->store, &pending->payload.c, err) ||
            !file_write_unsynced_folder(tx->store->tmp_folder, path, bytes, 0600, err))
            return false;
    } else if (!arena_copy(tx->arena, bytes, &pending->bytes, err)) {
        return false;
    }
    tx->payloads_count++;
    *payload = pending->payload;
    return true;
}

bool payload_take_file(struct transaction *tx, const char *tmp_path, const uint8_t salt[32],
                       const struct payload *payload, struct error *err)
{
    char path[STORE_PATH_MAX];
    struct stat st;
    struct pending_payload *pending = payload_add(tx, err);
    if (!pending)
        return false;
    if (stat(tmp_path, &st) != 0)
        return error_errno(err, "read", tmp_path);
    if (st.st_size < 0 || (uint64_t)st.st_size != payload->bytes)
        return error_set(err, ERROR_IO, tmp_path, "expected %" PRIu64 " bytes, found %lld",
                         payload->bytes, (long long)st.st_size);
    payload_path(path, tx->store, &payload->c);
    if (!payload_folder_make(tx->store, &payload->c, err))
        return false;
    if (rename(tmp_path, path) != 0)
        return error_errno(err, "rename a file to", path);
    memcpy(pending->salt, salt, sizeof(pending->salt));
    pending->payload = *payload;
    pending->is_file = true;
    tx->payloads_count++;
    return true;
}

/* Says that a payload belongs to a draft; one of another entry is not ours. Payloads are mostly
 * used in the order in which they were put, so the search goes on from where it ended. */
static void payload_claim(struct transaction *tx, const struct digest *c, size_t draft)
{
    for (size_t i = 0; i < tx->payloads_count; i++) {
        size_t at = (tx->payloads_found + i) % tx->payloads_count;
        if (!digest_equal(&tx->payloads[at].payload.c, c))
            continue;
        if (tx->payloads[at].draft == SIZE_MAX)
            tx->payloads[at].draft = draft;
        tx->payloads_found = at + 1;
        return;
    }
}

static void payloads_claim(struct transaction *tx, const struct value *body, size_t draft)
{
    for (size_t i = 0; i < value_count(body); i++) {
        struct digest c;
        uint64_t bytes;
        if (payload_ref(body->members[i].value, &c, &bytes))
            payload_claim(tx, &c, draft);
    }
}

/* ---------------------------------------------------------------- drafts */

/* A new draft and its row, not counted yet. */
static bool draft_new(struct transaction *tx, const struct actor *actor, const char *type,
                      struct value *body, struct error *err)
{
    struct ledger_draft *draft;
    struct pending_draft *row;
    size_t rows_capacity = tx->capacity;
    if (actor->needs_key && !actor->sign) {
        error_set(err, ERROR_REFUSED, NULL, "%.*s has a key, so acting as that person needs it",
                  SLICE_ARG(actor->name));
        return error_hint(err, "--sign-key FILE");
    }
    if (!arena_room(tx->arena, &tx->rows, tx->count, &rows_capacity, sizeof(*tx->rows), err) ||
        !arena_room(tx->arena, &tx->drafts, tx->count, &tx->capacity, sizeof(*tx->drafts), err))
        return false;
    draft = &tx->drafts[tx->count];
    row = &tx->rows[tx->count];
    *draft = (struct ledger_draft){ .type = arena_string(tx->arena, slice_of(type), err),
                                    .side = arena_string(tx->arena, slice_of(actor->side), err),
                                    .body = body,
                                    .sign = actor->sign,
                                    .sign_context = actor->sign_context };
    *row = (struct pending_draft){ .is_resource = false };
    return draft->type && draft->side && arena_copy(tx->arena, actor->name, &row->actor, err) &&
           name_shown(tx, tx->arena, actor->name, actor->is_private, &draft->actor, err);
}

/* What a draft rests on, with `before` (may be NULL) and `before_of_batch` (SIZE_MAX: none) first.
 */
struct draft_inputs {
    const struct digest *inputs;
    size_t inputs_count;
    const size_t *of_batch;
    size_t of_batch_count;
    const struct digest *before;
    size_t before_of_batch;
};

static bool draft_inputs_set(struct transaction *tx, const struct draft_inputs *from,
                             struct error *err)
{
    struct ledger_draft *draft = &tx->drafts[tx->count];
    struct digest *inputs = arena_array(tx->arena, from->inputs_count + 1, sizeof(*inputs), err);
    if (!inputs)
        return false;
    size_t *of_batch = arena_array(tx->arena, from->of_batch_count + 1, sizeof(*of_batch), err);
    if (!of_batch)
        return false;
    if (from->before)
        inputs[draft->inputs_count++] = *from->before;
    for (size_t i = 0; i < from->inputs_count; i++)
        inputs[draft->inputs_count++] = from->inputs[i];
    if (from->before_of_batch != SIZE_MAX)
        of_batch[draft->inputs_of_batch_count++] = from->before_of_batch;
    for (size_t i = 0; i < from->of_batch_count; i++)
        of_batch[draft->inputs_of_batch_count++] = from->of_batch[i];
    draft->inputs = inputs;
    draft->inputs_of_batch = of_batch;
    return true;
}

bool transaction_entry(struct transaction *tx, const struct actor *actor,
                       const struct entry_draft *draft, struct error *err)
{
    struct draft_inputs inputs = { .inputs = draft->inputs,
                                   .inputs_count = draft->inputs_count,
                                   .of_batch = draft->inputs_of_batch,
                                   .of_batch_count = draft->inputs_of_batch_count,
                                   .before_of_batch = SIZE_MAX };
    if (!draft_new(tx, actor, draft->type, draft->body, err) || !draft_inputs_set(tx, &inputs, err))
        return false;
    struct pending_draft *row = &tx->rows[tx->count];
    if (!arena_copy(tx->arena, draft->key, &row->key, err))
        return false;
    if (draft->object && !json_canonical_copy(tx->arena, draft->object, &row->object, err))
        return false;
    payloads_claim(tx, draft->body, tx->count);
    tx->count++;
    return true;
}

/* ---------------------------------------------------------------- resources */

static size_t name_hash(struct slice name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001b3);
    return (size_t)hash;
}

/* The place of a name in the table: of its last draft, or an empty one. */
static size_t *resource_slot(struct transaction *tx, struct slice name)
{
    size_t mask = tx->resources_capacity - 1;
    for (size_t at = name_hash(name) & mask;; at = (at + 1) & mask) {
        size_t *slot = &tx->resources[at];
        if (*slot == 0 || slice_equal(tx->rows[*slot - 1].name, name))
            return slot;
    }
}

/* At most half full, so that a search ends. */
static bool resources_reserve(struct transaction *tx, struct error *err)
{
    if (2 * (tx->resources_count + 1) <= tx->resources_capacity)
        return true;
    size_t old_capacity = tx->resources_capacity;
    size_t *old = tx->resources;
    size_t capacity = old_capacity ? 2 * old_capacity : 64;
    size_t *table = calloc(capacity, sizeof(*table));
    if (!table)
        return error_no_memory(err, capacity * sizeof(*table));
    tx->resources = table;
    tx->resources_capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i] != 0)
            *resource_slot(tx, tx->rows[old[i] - 1].name) = old[i];
    }
    free(old);
    return true;
}

/* The version that a name has at a size, 0 if none, and its leaf. */
static bool stored_version(struct store *store, struct slice name, uint64_t size, uint64_t *version,
                           struct digest *leaf, struct error *err)
{
    struct query query;
    bool has_row = false;
    *version = 0;
    bool ok = query_begin(store,
                          "select version, leaf from resource join entry using (n) "
                          "where name = ? and n < ? order by version desc limit 1",
                          &query, err);
    if (ok) {
        query_text(&query, 1, name);
        query_number(&query, 2, size);
        ok = query_next(&query, &has_row, err);
    }
    if (ok && has_row) {
        *version = column_number(&query, 0);
        ok = column_fixed(&query, 1, leaf->bytes, sizeof(leaf->bytes), err);
    }
    query_end(&query);
    return ok;
}

static bool wrong_version(struct error *err, struct slice name, uint64_t version, uint64_t last)
{
    return error_set(err, ERROR_ORDER, NULL,
                     "%.*s: version %" PRIu64 " does not follow version %" PRIu64, SLICE_ARG(name),
                     version, last);
}

/* The body that the ledger has for a resource of this entry type. */
static struct value *resource_body(struct transaction *tx, const struct resource_draft *draft,
                                   struct value *payload, struct error *err)
{
    struct slice shown;
    bool is_resource = strcmp(draft->entry_type, "resource") == 0;
    bool is_evaluation = strcmp(draft->entry_type, "evaluation") == 0;
    struct value *body = value_new(tx->arena, VALUE_OBJECT, err);
    if (!body || !name_shown(tx, tx->arena, draft->name, draft->is_private, &shown, err))
        return NULL;
    if (!is_resource && !payload) {
        error_set(err, ERROR_INVALID, NULL, "%.*s: no %s can be removed", SLICE_ARG(draft->name),
                  draft->entry_type);
        return NULL;
    }
    if (!payload)
        payload = value_new(tx->arena, VALUE_NULL, err);
    if (!value_put(tx->arena, body, "payload", payload, err))
        return NULL;
    if (is_evaluation) /* the ledger tells neither its name nor its version */
        return body;
    if (!value_put_text(tx->arena, body, "name", shown, err) ||
        !value_put_i64(tx->arena, body, "version", (int64_t)draft->version, err))
        return NULL;
    if (is_resource && (!value_put_text(tx->arena, body, "kind", draft->kind, err) ||
                        !value_put_text(tx->arena, body, "op",
                                        draft->document ? SLICE("put") : SLICE("remove"), err)))
        return NULL;
    return body;
}

static struct value *document_put(struct transaction *tx, const struct value *document,
                                  struct digest *c, struct error *err)
{
    struct slice text;
    struct payload payload;
    if (!json_canonical_copy(tx->arena, document, &text, err) ||
        !payload_put(tx, text, &payload, err))
        return NULL;
    *c = payload.c;
    return payload_value(tx->arena, &payload, err);
}

bool transaction_resource(struct transaction *tx, const struct actor *actor,
                          const struct resource_draft *draft, struct error *err)
{
    uint64_t last = 0;
    struct digest before, c = { { 0 } };
    struct value *payload = NULL;
    struct draft_inputs inputs = { .inputs = draft->inputs,
                                   .inputs_count = draft->inputs_count,
                                   .of_batch = draft->inputs_of_batch,
                                   .of_batch_count = draft->inputs_of_batch_count,
                                   .before_of_batch = SIZE_MAX };
    if (!resources_reserve(tx, err))
        return false;
    size_t *slot = resource_slot(tx, draft->name);
    if (*slot != 0) {
        inputs.before_of_batch = *slot - 1;
        last = tx->rows[*slot - 1].version;
    } else {
        if (!stored_version(tx->store, draft->name, store_size(tx->store), &last, &before, err))
            return false;
        inputs.before = last > 0 ? &before : NULL;
    }
    if (draft->version != last + 1)
        return wrong_version(err, draft->name, draft->version, last);

    if (draft->document) {
        payload = document_put(tx, draft->document, &c, err);
        if (!payload)
            return false;
    }
    struct value *body = resource_body(tx, draft, payload, err);
    if (!body || !draft_new(tx, actor, draft->entry_type, body, err) ||
        !draft_inputs_set(tx, &inputs, err))
        return false;
    struct pending_draft *row = &tx->rows[tx->count];
    if (!arena_copy(tx->arena, draft->name, &row->name, err) ||
        !arena_copy(tx->arena, draft->kind, &row->kind, err))
        return false;
    row->key = row->name;
    row->is_resource = true;
    row->version = draft->version;
    row->has_before_in_batch = inputs.before_of_batch != SIZE_MAX;
    row->has_payload = payload != NULL;
    row->payload = c;
    payloads_claim(tx, body, tx->count);
    tx->resources_count += *slot == 0;
    *slot = ++tx->count;
    return true;
}

/* ---------------------------------------------------------------- commit */

/* The ledger's hook before the entries are formed: other transactions may have gone before since
 * this one began. Those of the same commit are staged, so their rows are found as well. */
static bool versions_still_follow(void *context, uint64_t size, struct error *err)
{
    struct transaction *tx = context;
    if (size == tx->size)
        return true;
    for (size_t i = 0; i < tx->count; i++) {
        const struct pending_draft *row = &tx->rows[i];
        uint64_t last = 0;
        struct digest leaf;
        if (!row->is_resource || row->has_before_in_batch)
            continue;
        if (!stored_version(tx->store, row->name, size, &last, &leaf, err))
            return false;
        if (row->version == last + 1)
            continue;
        wrong_version(err, row->name, row->version, last);
        return error_hint(err,
                          "it was changed by someone else meanwhile: look at it and try again");
    }
    return true;
}

/* The ledger's hook for lists of inputs that are too long for an entry. */
static struct value *put_more(void *context, struct arena *arena, size_t position,
                              struct slice bytes, struct error *err)
{
    struct transaction *tx = context;
    struct payload payload;
    if (!payload_put(tx, bytes, &payload, err))
        return NULL;
    tx->payloads[tx->payloads_count - 1].draft = position;
    return payload_value(arena, &payload, err);
}

bool transaction_commit(struct transaction *tx, const struct ledger_appended **appended,
                        size_t *count, struct error *err)
{
    struct ledger_batch batch = { .drafts = tx->drafts,
                                  .count = tx->count,
                                  .check = versions_still_follow,
                                  .put_payload = put_more,
                                  .stage = transaction_stage,
                                  .context = tx };
    assert(!tx->is_staged);
    if (!subjects_flush(tx, err))
        return false;
    struct ledger_appended *made = arena_array(tx->arena, tx->count + 1, sizeof(*made), err);
    if (!made || !ledger_commit(tx->store->ledger, tx->arena, &batch, made, err))
        return false;
    *appended = made;
    *count = tx->count;
    return true;
}
