#include "verify/bundle_world.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ledger/signature.h"
#include "ledger/tile.h"

#define PARTNER "c/c47af08f3d273cc19630f0308ac0d5c5a217d9670a178550959ca1261a9d9a28"

/* ---- the ledger ---- */

struct bundle_world *bundle_world_new(struct world *w, size_t size)
{
    struct bundle_world *b = arena_alloc(w->arena, sizeof *b, &w->err);
    assert_non_null(b);
    b->w = w;
    sample_read(w, &b->ledger, 64);
    sample_good(w, &b->ledger, size);
    b->level = CONTENTS_EVIDENCE;
    return b;
}

const char *world_text(struct bundle_world *b, const char *format, ...)
{
    struct strbuf text = strbuf_new(16 << 20);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    assert_false(text.failed);
    const char *copy = arena_string(b->w->arena, strbuf_slice(&text), &b->w->err);
    strbuf_free(&text);
    assert_non_null(copy);
    return copy;
}

/* ' stands for " in all JSON of these tests. */
static struct value *json_of(struct bundle_world *b, const char *text)
{
    char *copy = arena_string(b->w->arena, slice_of(text), &b->w->err);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    struct value *value = json_parse(b->w->arena, slice_of(copy), "test", NULL, &b->w->err);
    if (!value)
        fail_msg("%s: %s", b->w->err.message, copy);
    return value;
}

static struct slice canonical(struct bundle_world *b, const struct value *value)
{
    struct slice out;
    assert_true(json_canonical_copy(b->w->arena, value, &out, &b->w->err));
    return out;
}

static struct held *hold(struct bundle_world *b, struct slice bytes)
{
    struct memory_payloads *payloads = &b->ledger.payloads;
    assert_true(payloads->count < ARRAY_LEN(payloads->items));
    struct held *held = &payloads->items[payloads->count++];
    char *salt = arena_alloc(b->w->arena, 32, &b->w->err);
    assert_non_null(salt);
    memset(salt, (int)++b->salts, 32);
    held->salt = slice_bytes(salt, 32);
    assert_true(arena_copy(b->w->arena, bytes, &held->bytes, &b->w->err));
    held->c = commitment((const uint8_t *)salt, held->bytes);
    return held;
}

const char *world_payload(struct bundle_world *b, struct slice bytes)
{
    char hex[65];
    digest_hex(&hold(b, bytes)->c, hex);
    return world_text(b, "{'bytes':%zu,'c':'%s'}", bytes.len, hex);
}

const char *world_name(struct bundle_world *b, const char *plain)
{
    char hex[65];
    digest_hex(&hold(b, slice_of(plain))->c, hex);
    return world_text(b, "c/%s", hex);
}

struct digest world_leaf(const struct bundle_world *b, uint64_t n)
{
    assert_true(n < b->ledger.entries.count);
    return leaf_hash(b->ledger.entries.items[n]);
}

const char *world_leaf_hex(struct bundle_world *b, uint64_t n)
{
    char hex[65];
    struct digest leaf = world_leaf(b, n);
    digest_hex(&leaf, hex);
    return world_text(b, "%s", hex);
}

static struct digest root_of(const struct bundle_world *b, uint64_t size)
{
    struct merkle_edge edge = { .size = 0 };
    for (uint64_t i = 0; i < size; i++) {
        struct digest leaf = world_leaf(b, i);
        merkle_edge_add(&edge, &leaf);
    }
    return merkle_edge_root(&edge);
}

const char *world_root_hex(struct bundle_world *b, uint64_t size)
{
    char hex[65];
    struct digest root = root_of(b, size);
    digest_hex(&root, hex);
    return world_text(b, "%s", hex);
}

static int compare_digests(const void *x, const void *y) { return digest_compare(x, y); }

static void inputs_put(struct bundle_world *b, struct value *entry, const struct entry_words *words)
{
    struct digest leaves[16] = { { { 0 } } };
    struct value *list = value_put_array(b->w->arena, entry, "inputs", &b->w->err);
    for (size_t i = 0; i < words->inputs_count; i++)
        leaves[i] = world_leaf(b, words->inputs[i]);
    qsort(leaves, words->inputs_count, sizeof *leaves, compare_digests);
    for (size_t i = 0; i < words->inputs_count; i++) {
        char hex[65];
        digest_hex(&leaves[i], hex);
        assert_true(value_add(b->w->arena, list,
                              value_new_text(b->w->arena, slice_of(hex), &b->w->err), &b->w->err));
    }
}

/* By the vectors' partner, with a plain Ed25519 signature. */
static void sign_entry(struct bundle_world *b, struct value *entry)
{
    const struct value *keys = value_member(b->ledger.file, "actor_keys");
    struct slice seed = bytes_of(b->w, keys, "ed25519_seed_hex"), message;
    uint8_t signature[64];
    struct strbuf text = strbuf_new(200);
    assert_true(signature_message(b->w->arena, entry, &message, &b->w->err));
    ed25519_sign((const uint8_t *)seed.at, message, signature);
    struct value *sig = value_put_object(b->w->arena, entry, "sig", &b->w->err);
    base64_add(&text, signature, sizeof signature);
    assert_true(value_put_text(b->w->arena, sig, "ed25519", strbuf_slice(&text), &b->w->err) &&
                value_put_text(b->w->arena, sig, "key", value_text_of(keys, "ed25519_public_hex"),
                               &b->w->err));
    strbuf_free(&text);
}

uint64_t world_entry(struct bundle_world *b, const struct entry_words *words)
{
    struct memory_entries *entries = &b->ledger.entries;
    uint64_t n = entries->count;
    struct value *entry = json_of(
        b, world_text(b,
                      "{'actor':'%s','at':'2026-11-24T13:%02u:%02u.000000Z','body':%s,'n':%u,"
                      "'side':'%s','type':'%s','v':1}",
                      words->actor ? words->actor : PARTNER, (unsigned)n / 60, (unsigned)n % 60,
                      words->body, (unsigned)n, words->side, words->type));
    inputs_put(b, entry, words);
    if (words->is_signed)
        sign_entry(b, entry);
    assert_true(entries->count < ARRAY_LEN(entries->items));
    entries->items[entries->count++] = canonical(b, entry);
    return n;
}

uint64_t world_readiness(struct bundle_world *b, const char *model, const uint64_t *inputs,
                         size_t count)
{
    uint64_t size = b->ledger.entries.count;
    struct entry_words words = {
        .type = "report", .side = "management", .actor = "person/manager", .inputs_count = count
    };
    memcpy(words.inputs, inputs, count * sizeof *inputs);
    words.body =
        world_text(b, "{'checkpoint':{'origin':'%.*s','root':'%s','size':%u},'payload':%s}",
                   SLICE_ARG(value_text_of(b->ledger.file, "origin")), world_root_hex(b, size),
                   (unsigned)size, world_payload(b, canonical(b, json_of(b, model))));
    b->report = world_entry(b, &words);
    return b->report;
}

void world_sign_as(struct bundle_world *b, const char *seed)
{
    struct signing_key key;
    struct strbuf text = strbuf_new(4096), note = strbuf_new(4096), vkey = strbuf_new(4096);
    struct checkpoint checkpoint = { .origin = value_text_of(b->ledger.file, "origin"),
                                     .size = b->ledger.entries.count,
                                     .root = root_of(b, b->ledger.entries.count) };
    struct digest seed_bytes = sha256_of(slice_of(seed));
    signing_key_start(&key, checkpoint.origin, seed_bytes.bytes);
    struct verifier_key verifier = signing_key_verifier(&key, KEY_LOG);
    checkpoint_text(&checkpoint, &text);
    note_sign(&key, strbuf_slice(&text), &note);
    verifier_key_format(&verifier, &vkey);
    assert_true(arena_copy(b->w->arena, strbuf_slice(&note), &b->note, &b->w->err));
    assert_true(arena_copy(b->w->arena, strbuf_slice(&vkey), &b->vkey, &b->w->err));
    strbuf_free(&text);
    strbuf_free(&note);
    strbuf_free(&vkey);
}

void world_sign(struct bundle_world *b)
{
    struct digest root = root_of(b, b->ledger.entries.count);
    struct digest good = digest_of(b->ledger.file, "root");
    if (digest_equal(&root, &good)) {
        b->note = value_text_of(b->ledger.file, "checkpoint");
        b->vkey = value_text_of(b->ledger.file, "log_vkey");
    } else {
        world_sign_as(b, "the ledger's key");
    }
}

/* ---- the bundle ---- */

void world_member_add(struct bundle_world *b, const char *name, struct slice bytes)
{
    assert_true(b->members_count < ARRAY_LEN(b->members));
    struct member *member = &b->members[b->members_count++];
    assert_true(arena_copy(b->w->arena, slice_of(name), &member->name, &b->w->err));
    assert_true(arena_copy(b->w->arena, bytes, &member->bytes, &b->w->err));
}

static const struct held *held_find(const struct bundle_world *b, const struct digest *c)
{
    const struct memory_payloads *payloads = &b->ledger.payloads;
    for (size_t i = 0; i < payloads->count; i++) {
        if (digest_equal(&payloads->items[i].c, c))
            return &payloads->items[i];
    }
    return NULL;
}

static void payload_member_add(struct bundle_world *b, const struct digest *c)
{
    const struct held *held = held_find(b, c);
    struct strbuf bytes = strbuf_new(1 << 20);
    char hex[65];
    digest_hex(c, hex);
    if (held) {
        strbuf_add(&bytes, held->salt);
        strbuf_add(&bytes, held->bytes);
        world_member_add(b, world_text(b, "payload/%s", hex), strbuf_slice(&bytes));
    }
    strbuf_free(&bytes);
}

static void copy_add(struct bundle_world *b, const char *name, const struct digest *c)
{
    const struct held *held = held_find(b, c);
    if (held)
        world_member_add(b, name, held->bytes);
}

static void entries_add(struct bundle_world *b)
{
    struct memory_entries *entries = &b->ledger.entries;
    for (size_t from = 0; from < entries->count; from += TILE_WIDTH) {
        struct strbuf bytes = strbuf_new(2 << 20);
        char path[96];
        size_t width = entries->count - from < TILE_WIDTH ? entries->count - from : TILE_WIDTH;
        struct tile tile = { .level = TILE_ENTRIES,
                             .index = from / TILE_WIDTH,
                             .width = (unsigned)width };
        for (size_t i = 0; i < width; i++)
            bundle_add(&bytes, entries->items[from + i]);
        tile_path(&tile, path);
        world_member_add(b, world_text(b, "ledger/%s", path), strbuf_slice(&bytes));
        strbuf_free(&bytes);
    }
}

static struct contents *contents_of_world(struct bundle_world *b, struct digest *leaves)
{
    struct error err = { 0 };
    for (size_t i = 0; i < b->ledger.entries.count; i++)
        leaves[i] = world_leaf(b, i);
    struct contents_of of = { .entries = &b->ledger.entries.source,
                              .payloads = &b->ledger.payloads.source,
                              .size = b->ledger.entries.count,
                              .leaves = leaves,
                              .level = b->level,
                              .report = b->report };
    return contents_new(&of, &err);
}

static void model_copy_add(struct bundle_world *b)
{
    const struct value *report =
        json_parse(b->w->arena, b->ledger.entries.items[b->report], "report", NULL, &b->w->err);
    struct digest c;
    uint64_t bytes;
    if (report && payload_ref(value_path(report, "body.payload"), &c, &bytes))
        copy_add(b, BUNDLE_MODEL, &c);
}

void world_bundle(struct bundle_world *b)
{
    struct strbuf description = strbuf_new(4096);
    struct digest leaves[512], report = world_leaf(b, b->report);
    b->members_count = 0;
    assert_true(bundle_describe(b->level, &report, b->vkey, &description, &b->w->err));
    world_member_add(b, BUNDLE_NAME, strbuf_slice(&description));
    strbuf_free(&description);
    world_member_add(b, BUNDLE_CHECKPOINT, b->note);
    entries_add(b);
    model_copy_add(b);
    struct contents *contents = contents_of_world(b, leaves);
    for (size_t i = 0; contents && i < contents_count(contents); i++)
        payload_member_add(b, &contents_at(contents, i)->c);
    for (size_t i = 0; !contents && i < b->ledger.payloads.count; i++)
        payload_member_add(b, &b->ledger.payloads.items[i].c);
    for (size_t form = 0; contents && form < DOCUMENTS_COUNT; form++) {
        struct contents_item item;
        if (contents_document(contents, (enum contents_document)form, &item))
            copy_add(b, document_forms[form].member, &item.c);
    }
    contents_free(contents);
}

struct member *world_member(struct bundle_world *b, const char *name)
{
    for (size_t i = 0; i < b->members_count; i++) {
        if (slice_is(b->members[i].name, name))
            return &b->members[i];
    }
    fail_msg("there is no member %s", name);
    abort(); /* fail_msg() does not come back, which its declaration does not say */
}

void world_member_drop(struct bundle_world *b, const char *name)
{
    struct member *member = world_member(b, name);
    *member = b->members[--b->members_count];
}

void world_member_flip(struct bundle_world *b, const char *name, size_t bit)
{
    struct member *member = world_member(b, name);
    assert_true(bit / 8 < member->bytes.len);
    char *changed = arena_string(b->w->arena, member->bytes, &b->w->err);
    assert_non_null(changed);
    changed[bit / 8] = (char)(changed[bit / 8] ^ 1 << bit % 8);
    member->bytes.at = changed;
}

const char *world_payload_member(struct bundle_world *b, uint64_t n)
{
    struct entry entry;
    struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
    const char *code;
    char hex[65];
    assert_true(entry_parse(b->w->arena, b->ledger.entries.items[n], &entry, &code, &b->w->err));
    assert_true(entry_payloads(&entry, payloads) > 0);
    digest_hex(&payloads[0].c, hex);
    return world_text(b, "payload/%s", hex);
}

void world_zip(struct bundle_world *b, struct zip_make *zip)
{
    zip_make_start(zip);
    zip->is_deflated = b->is_deflated;
    for (size_t i = 0; i < b->members_count; i++)
        zip_make_add(zip, b->members[i].name, b->members[i].bytes);
    zip_make_end(zip);
}

/* ---- what comes out ---- */

struct verifier *world_verify(struct bundle_world *b, const struct verify_options *options)
{
    struct verify_options with_peer = options ? *options : (struct verify_options){ .peers = NULL };
    struct zip_make zip;
    struct test_file file;
    struct error err = { 0 };
    with_peer.peers = &b->ledger.peer;
    with_peer.peers_count = 1;
    world_zip(b, &zip);
    file_open(&file, strbuf_slice(&zip.out));
    struct verifier *verifier = verify_file(file.path, &with_peer, &err);
    file_close(&file);
    zip_make_free(&zip);
    if (!verifier)
        fail_msg("not verified: %s", err.message);
    return verifier;
}

struct verifier *world_verify_directory(struct bundle_world *b)
{
    struct verify_options options = { .peers = &b->ledger.peer, .peers_count = 1 };
    struct error err = { 0 };
    b->directory = (struct verify_source){ .entries = &b->ledger.entries.source,
                                           .payloads = &b->ledger.payloads.source,
                                           .vkey = b->vkey,
                                           .note = b->note,
                                           .level = CONTENTS_ALL };
    struct verifier *verifier = verify_run(&b->directory, &options, &err);
    if (!verifier)
        fail_msg("not verified: %s", err.message);
    return verifier;
}

static void print_checks(const struct verification *verification)
{
    struct strbuf text = strbuf_new(1 << 20);
    verification_text(verification, &text);
    print_error("%.*s\n", SLICE_ARG(strbuf_slice(&text)));
    strbuf_free(&text);
}

void expect_ok(struct bundle_world *b, const struct verify_options *options)
{
    struct verifier *verifier = world_verify(b, options);
    if (!verification_holds(verifier_verification(verifier))) {
        print_checks(verifier_verification(verifier));
        fail();
    }
    verifier_free(verifier);
}

void expect_state(struct verifier *verifier, const char *id, enum check_state state,
                  const char *words)
{
    const struct check *check = verification_find(verifier_verification(verifier), id);
    if (!check) {
        fail_msg("there is no check %s", id);
        return;
    }
    if (check->state != state || !strstr(check->detail, words)) {
        print_checks(verifier_verification(verifier));
        fail_msg("%s should be %s and say \"%s\"", id, check_state_name(state), words);
    }
}

void expect_failing(struct bundle_world *b, const struct verify_options *options, const char *id,
                    const char *words)
{
    struct verifier *verifier = world_verify(b, options);
    expect_state(verifier, id, CHECK_FAILS, words);
    assert_false(verification_holds(verifier_verification(verifier)));
    verifier_free(verifier);
}

/* ---- texts that are altered ---- */

const char *world_replaced(struct bundle_world *b, const char *text, const char *find,
                           const char *put)
{
    const char *at = strstr(text, find);
    if (!at)
        fail_msg("nothing says %s", find);
    return world_text(b, "%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
}

const char *world_filled(struct bundle_world *b, const char *text, const char *find,
                         const char *put)
{
    while (strstr(text, find))
        text = world_replaced(b, text, find, put);
    return text;
}

const char *world_hex(struct bundle_world *b, const char *text)
{
    char hex[65];
    struct digest digest = sha256_of(slice_of(text));
    digest_hex(&digest, hex);
    return world_text(b, "%s", hex);
}

const char *world_document(struct bundle_world *b, const char *words)
{
    char *text = arena_string(b->w->arena, slice_of(words), &b->w->err);
    assert_non_null(text);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    return world_payload(b, slice_of(text));
}
