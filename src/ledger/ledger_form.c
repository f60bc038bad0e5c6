/* An entry made from a draft. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "ledger/ledger_private.h"
#include "ledger/signature.h"

static int by_bytes(const void *a, const void *b) { return digest_compare(a, b); }

static bool is_among(const struct digest *hash, const struct digest *hashes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (digest_equal(hash, &hashes[i]))
            return true;
    }
    return false;
}

/* Sorted and without repeats; returns the new count. */
static size_t sort_unique(struct digest *hashes, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(hashes, count, sizeof(*hashes), by_bytes);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !digest_equal(&hashes[kept - 1], &hashes[i]))
            hashes[kept++] = hashes[i];
    }
    return kept;
}

static struct value *hashes_value(struct arena *arena, const struct digest *hashes, size_t count,
                                  struct error *err)
{
    struct value *array = value_new(arena, VALUE_ARRAY, err);
    for (size_t i = 0; array && i < count; i++) {
        char hex[65];
        digest_hex(&hashes[i], hex);
        if (!value_add(arena, array, value_new_text(arena, slice_of(hex), err), err))
            return NULL;
    }
    return array;
}

struct inputs {
    struct digest own[ENTRY_INPUTS_MAX]; /* of the entry itself */
    size_t own_count;
    struct digest *more;
    size_t more_count;
};

/* The first 32 in the caller's order, those of the batch before others; then the rest. Both sorted.
 */
static bool inputs_choose(struct arena *arena, const struct ledger_draft *draft, size_t position,
                          const struct ledger_appended *batch, struct inputs *inputs,
                          struct error *err)
{
    size_t total = draft->inputs_of_batch_count + draft->inputs_count;
    inputs->own_count = inputs->more_count = 0;
    inputs->more = arena_array(arena, total + 1, sizeof(*inputs->more), err);
    if (!inputs->more)
        return false;
    for (size_t i = 0; i < total; i++) {
        struct digest hash;
        if (i < draft->inputs_of_batch_count) {
            size_t earlier = draft->inputs_of_batch[i];
            if (earlier >= position)
                return error_set(err, ERROR_ORDER, draft->type,
                                 "draft %zu of the batch names draft %zu, which does not come "
                                 "before it",
                                 position, earlier);
            hash = batch[earlier].leaf;
        } else {
            hash = draft->inputs[i - draft->inputs_of_batch_count];
        }
        if (is_among(&hash, inputs->own, inputs->own_count))
            continue;
        if (inputs->own_count < ENTRY_INPUTS_MAX)
            inputs->own[inputs->own_count++] = hash;
        else
            inputs->more[inputs->more_count++] = hash;
    }
    inputs->own_count = sort_unique(inputs->own, inputs->own_count);
    inputs->more_count = sort_unique(inputs->more, inputs->more_count);
    return true;
}

/* The list beyond 32 becomes a payload; *bytes are its bytes. */
static bool more_put(struct arena *arena, const struct ledger_batch *batch, size_t position,
                     const struct inputs *inputs, struct value *entry, struct slice *bytes,
                     struct error *err)
{
    if (inputs->more_count == 0)
        return true;
    if (!batch->put_payload)
        return error_set(err, ERROR_INVALID, batch->drafts[position].type,
                         "%zu inputs are more than %d, and there is nowhere to put the rest",
                         inputs->own_count + inputs->more_count, (int)ENTRY_INPUTS_MAX);
    struct value *list = hashes_value(arena, inputs->more, inputs->more_count, err);
    if (!list || !json_canonical_copy(arena, list, bytes, err))
        return false;
    struct value *more = batch->put_payload(batch->context, arena, position, *bytes, err);
    return value_put(arena, entry, "more", more, err);
}

static bool sign(struct arena *arena, const struct ledger_draft *draft, struct value *entry,
                 struct error *err)
{
    struct slice message;
    if (!draft->sign)
        return true;
    return signature_message(arena, entry, &message, err) &&
           value_put(arena, entry, "sig", draft->sign(draft->sign_context, arena, message, err),
                     err);
}

bool ledger_form(struct ledger *ledger, struct arena *arena, const struct ledger_batch *batch,
                 size_t position, int64_t at_us, struct ledger_appended *appended,
                 struct error *err)
{
    const struct ledger_draft *draft = &batch->drafts[position];
    struct ledger_appended *made = &appended[position];
    struct slice more = { 0 };
    struct inputs inputs;
    struct fault fault = { 0 };
    char at[28];
    time_format(at_us, at);
    made->n = ledger->size + ledger->formed_count;

    struct value *entry = value_new(arena, VALUE_OBJECT, err);
    if (!entry || !inputs_choose(arena, draft, position, appended, &inputs, err))
        return false;
    if (!value_put_text(arena, entry, "actor", draft->actor, err) ||
        !value_put_text(arena, entry, "at", slice_of(at), err) ||
        !value_put(arena, entry, "body", draft->body, err) ||
        !value_put(arena, entry, "inputs", hashes_value(arena, inputs.own, inputs.own_count, err),
                   err) ||
        !more_put(arena, batch, position, &inputs, entry, &more, err) ||
        !value_put_i64(arena, entry, "n", (int64_t)made->n, err) ||
        !value_put_text(arena, entry, "side", slice_of(draft->side), err) ||
        !value_put_text(arena, entry, "type", slice_of(draft->type), err) ||
        !value_put_i64(arena, entry, "v", 1, err) || !sign(arena, draft, entry, err))
        return false;
    if (!json_canonical_copy(arena, entry, &made->bytes, err))
        return false;
    made->leaf = leaf_hash(made->bytes);
    if (rules_add_made(ledger->rules, made->bytes, more, &fault, err))
        return true;
    if (!fault.code)
        return false;
    return error_set(err, ERROR_ORDER, draft->type, "%s: %s", fault.code, fault.detail);
}
