#include "ledger/rules_builder.h"
#include "ledger/signature.h"

#define FROM "2026-01-01T00:00:00.000000Z"
#define TO "2026-07-01T00:00:00.000000Z"

static const struct draft start = {
    "ledger.start",
    "system",
    "{'origin':'" BUILDER_ORIGIN "','prev':null,'spec':'attest-ledger/1'}",
    { -1 },
    NULL,
    false
};

void builder_begin(struct builder *b, struct world *w)
{
    memset(b, 0, sizeof *b);
    b->world = w;
    sample_sources(&b->ledger, 16);
    b->rules = rules_new(&b->ledger.sources, &w->err);
    assert_non_null(b->rules);
    assert_int_equal(builder_add(b, &start), 0);
}

void builder_end(struct builder *b) { rules_free(b->rules); }

/* ---- text ---- */

const char *json_text(struct builder *b, const char *text)
{
    char *copy = arena_string(b->world->arena, slice_of(text), &b->world->err);
    assert_non_null(copy);
    for (char *at = copy; *at; at++) {
        if (*at == '\'')
            *at = '"';
    }
    return copy;
}

const char *filled(struct builder *b, const char *format, const char *argument)
{
    const char *at = strstr(format, "%s");
    if (!at)
        return format;
    const char *text = arena_printf(b->world->arena, &b->world->err, "%.*s%s%s", (int)(at - format),
                                    format, argument, at + 2);
    assert_non_null(text);
    return text;
}

const char *payload_of(struct builder *b, struct slice bytes)
{
    struct memory_payloads *payloads = &b->ledger.payloads;
    struct held held;
    struct digest salt;
    char hex[65];
    struct strbuf seed = strbuf_new(64);
    strbuf_printf(&seed, "salt %u", b->salts++);
    salt = sha256_of(strbuf_slice(&seed));
    strbuf_free(&seed);
    assert_true(
        arena_copy(b->world->arena, slice_bytes(salt.bytes, 32), &held.salt, &b->world->err));
    assert_true(arena_copy(b->world->arena, bytes, &held.bytes, &b->world->err));
    held.c = commitment(salt.bytes, bytes);
    assert_true(payloads->count < ARRAY_LEN(payloads->items));
    payloads->items[payloads->count++] = held;
    digest_hex(&held.c, hex);
    const char *text =
        arena_printf(b->world->arena, &b->world->err, "{'bytes':%zu,'c':'%s'}", bytes.len, hex);
    assert_non_null(text);
    return text;
}

const char *payload_text(struct builder *b, const char *text)
{
    return payload_of(b, slice_of(text));
}

struct digest builder_leaf(const struct builder *b, int n)
{
    return rules_leaf(b->rules, (uint64_t)n);
}

const char *digest_shown(struct builder *b, const struct digest *digest)
{
    char hex[65];
    digest_hex(digest, hex);
    const char *text = arena_string(b->world->arena, slice_of(hex), &b->world->err);
    assert_non_null(text);
    return text;
}

const char *builder_hex(struct builder *b, int n)
{
    struct digest leaf = builder_leaf(b, n);
    return digest_shown(b, &leaf);
}

/* ---- entries ---- */

static struct value *parse(struct builder *b, const char *text)
{
    struct value *value = json_parse(b->world->arena, slice_of(json_text(b, text)), "draft",
                                     &json_limits_default, &b->world->err);
    if (!value)
        fail_msg("%s: %s", text, b->world->err.message);
    return value;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct value *inputs_of(struct builder *b, const struct draft *draft)
{
    const char *hexes[ARRAY_LEN(draft->inputs)];
    size_t count = 0;
    struct arena *arena = b->world->arena;
    struct value *inputs = value_new(arena, VALUE_ARRAY, &b->world->err);
    while (count < ARRAY_LEN(draft->inputs) && draft->inputs[count] >= 0) {
        hexes[count] = builder_hex(b, draft->inputs[count]);
        count++;
    }
    qsort(hexes, count, sizeof hexes[0], by_text);
    for (size_t i = 0; i < count; i++)
        assert_true(value_add(arena, inputs,
                              value_new_text(arena, slice_of(hexes[i]), &b->world->err),
                              &b->world->err));
    return inputs;
}

static void sign(struct builder *b, struct value *entry)
{
    struct person_key key = { .seed = { 7 } };
    struct slice message;
    struct error *err = &b->world->err;
    ed25519_public_key(key.seed, key.public_key);
    struct person_signer signing = person_key_signer(&key);
    assert_true(signature_message(b->world->arena, entry, &message, err));
    assert_true(value_put(b->world->arena, entry, "sig",
                          signature_make(b->world->arena, &signing, message, err), err));
}

static struct slice entry_text(struct builder *b, const struct draft *draft)
{
    struct arena *arena = b->world->arena;
    struct error *err = &b->world->err;
    struct value *entry = value_new(arena, VALUE_OBJECT, err);
    struct slice text;
    uint64_t n = rules_size(b->rules);
    char *at = arena_printf(arena, err, "2026-11-24T12:00:00.%06uZ", (unsigned)n);
    assert_non_null(entry);
    assert_non_null(at);
    assert_true(value_put_i64(arena, entry, "v", 1, err) &&
                value_put_i64(arena, entry, "n", (int64_t)n, err) &&
                value_put_text(arena, entry, "type", slice_of(draft->type), err) &&
                value_put_text(arena, entry, "side", slice_of(draft->side), err) &&
                value_put_text(arena, entry, "actor", SLICE("person/a"), err) &&
                value_put_text(arena, entry, "at", slice_of(at), err) &&
                value_put(arena, entry, "inputs", inputs_of(b, draft), err) &&
                value_put(arena, entry, "body", parse(b, draft->body), err));
    if (draft->more)
        assert_true(value_put(arena, entry, "more", parse(b, draft->more), err));
    if (draft->is_signed)
        sign(b, entry);
    assert_true(json_canonical_copy(arena, entry, &text, err));
    return text;
}

static bool try_add(struct builder *b, const struct draft *draft)
{
    struct memory_entries *entries = &b->ledger.entries;
    struct slice text = entry_text(b, draft);
    assert_true(entries->count < ARRAY_LEN(entries->items));
    entries->items[entries->count++] = text;
    memset(&b->world->err, 0, sizeof b->world->err);
    if (rules_add(b->rules, text, &b->fault, &b->world->err))
        return true;
    entries->count--;
    return false;
}

int builder_add(struct builder *b, const struct draft *draft)
{
    if (!try_add(b, draft))
        fail_msg("%s: %s %s%s", draft->type, b->fault.code ? b->fault.code : "error",
                 b->fault.detail, b->world->err.message);
    return (int)rules_size(b->rules) - 1;
}

void builder_refused(struct builder *b, const struct draft *draft, const char *code)
{
    uint64_t size = rules_size(b->rules);
    if (try_add(b, draft))
        fail_msg("%s accepted; %s was expected", draft->type, code);
    if (!b->fault.code || strcmp(b->fault.code, code) != 0)
        fail_msg("%s: %s (%s%s) instead of %s", draft->type,
                 b->fault.code ? b->fault.code : "error", b->fault.detail, b->world->err.message,
                 code);
    assert_int_equal(rules_size(b->rules), size);
    assert_int_equal(b->fault.n, size);
    assert_string_equal(b->fault.type, draft->type);
    assert_int_equal(b->world->err.code, ERROR_NONE);
}

void builder_payloads(struct builder *b, const char *code, struct payload_counts *counts)
{
    struct payload_counts own;
    memset(&b->world->err, 0, sizeof b->world->err);
    bool is_right =
        rules_check_payloads(b->rules, counts ? counts : &own, &b->fault, &b->world->err);
    if (b->world->err.code != ERROR_NONE)
        fail_msg("%s", b->world->err.message);
    if (is_right != !code || (code && strcmp(b->fault.code, code) != 0))
        fail_msg("%s (%s) instead of %s", is_right ? "right" : b->fault.code, b->fault.detail,
                 code ? code : "right");
}

/* ---- entries that many tests need ---- */

int add_resource(struct builder *b, const char *side, const char *name, const char *kind)
{
    struct draft draft = { "resource", side, NULL, { -1 }, NULL, false };
    draft.body = arena_printf(b->world->arena, &b->world->err,
                              "{'kind':'%s','name':'%s','op':'put','payload':%s,'version':1}", kind,
                              name, payload_text(b, "{}"));
    return builder_add(b, &draft);
}

int add_segment(struct builder *b)
{
    struct draft draft = { "segment", "system", NULL, { -1 }, NULL, false };
    draft.body = arena_printf(
        b->world->arena, &b->world->err,
        "{'covers':null,'from':null,'of':'changes','payload':%s,'personal':null,'raw':null,"
        "'rejects':null,'rows':0,'source':'source/git','to':null}",
        payload_text(b, "PAR1 PAR1"));
    return builder_add(b, &draft);
}

int add_population(struct builder *b, int segment, const char *items, int count)
{
    struct draft draft = { "population", "management", NULL, { segment, -1 }, NULL, false };
    draft.body = arena_printf(b->world->arena, &b->world->err,
                              "{'count':%d,'from':'" FROM
                              "','items':%s,'name':'population/p','of':'changes',"
                              "'payload':%s,'to':'" TO "'}",
                              count, payload_text(b, items), payload_text(b, "{}"));
    return builder_add(b, &draft);
}

struct draft run_draft(struct builder *b, const char *side, int test, int population, int segment,
                       const char *engagement, const char *matrix)
{
    struct draft draft = { "test.run", side, NULL, { test, population, segment, -1 }, NULL, false };
    draft.body = arena_printf(
        b->world->arena, &b->world->err,
        "{'engagement':%s,'engine':'e/1','extent':'full','payload':%s,'period':{'from':'" FROM
        "','to':'" TO "'},'position':%llu}",
        engagement, payload_text(b, matrix), (unsigned long long)rules_size(b->rules));
    return draft;
}
