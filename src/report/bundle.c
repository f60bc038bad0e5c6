/* The members in their order: description and checkpoint first, so that a reader of a stream knows
 * what he has; the report's forms, for people; the ledger; the payloads, by commitment. */
#include "report/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "evidence/personal_values.h"
#include "ledger/tile.h"
#include "report/entry_files.h"
#include "report/zip_write.h"
#include "verify/bundle.h"
#include "verify/links.h"

#define ARENA_BYTES_MAX ((size_t)1 << 31)
enum { KEYS_BYTES_MAX = 1 << 30 };

struct bundling {
    struct store *store;
    struct entry_files *entries;
    struct digest *leaves;
    uint64_t size, report;
    enum contents_level level;
    struct contents *contents;
    struct arena *arena;
    struct zip_writer *zip;
    struct error *err;
};

/* ---- what to pack ---- */

static bool leaves_read(struct bundling *b)
{
    b->leaves = calloc((size_t)b->size + 1, sizeof *b->leaves);
    if (!b->leaves)
        return error_no_memory(b->err, (size_t)b->size * sizeof *b->leaves);
    for (uint64_t n = 0; n < b->size; n++) {
        struct slice bytes;
        if (!b->entries->base.entry(&b->entries->base, n, &bytes, b->err))
            return false;
        b->leaves[n] = leaf_hash(bytes);
    }
    return true;
}

static bool report_find(struct bundling *b, const struct digest *report)
{
    struct links links;
    char hex[65];
    digest_hex(report, hex);
    for (b->report = 0; b->report < b->size; b->report++) {
        if (digest_equal(&b->leaves[b->report], report))
            break;
    }
    if (b->report == b->size)
        return error_set(b->err, ERROR_NOT_FOUND, hex, "the ledger has no such report");
    if (!links_read(b->arena, &b->entries->base, store_payloads(b->store), b->report, &links,
                    b->err))
        return false;
    return links.entry.kind == ENTRY_REPORT ||
           error_set(b->err, ERROR_NOT_FOUND, hex, "entry #%llu is a %s, no report",
                     (unsigned long long)b->report, entry_type_name(links.entry.kind));
}

static bool contents_read(struct bundling *b, const struct digest *report)
{
    if (!leaves_read(b) || !report_find(b, report))
        return false;
    const struct contents_of of = { .entries = &b->entries->base,
                                    .payloads = store_payloads(b->store),
                                    .size = b->size,
                                    .leaves = b->leaves,
                                    .level = b->level,
                                    .report = b->report };
    b->contents = contents_new(&of, b->err);
    if (!b->contents && b->err->code == ERROR_FINDING)
        b->err->code = ERROR_CORRUPT; /* it is our own ledger */
    return b->contents != NULL;
}

/* ---- payloads ---- */

/* A payload on its way into the bundle: hashed as it passes. */
struct passing {
    struct bundling *b;
    struct digest c;
    struct slice salt; /* empty: the copy of a report, without it */
    struct slice bytes;
    bool is_streamed; /* too large to be in `bytes` */
    struct sha256 hash;
    zip_take_fn *take;
    void *take_context;
};

static bool pass(void *context, struct slice chunk, struct error *err)
{
    struct passing *passing = context;
    sha256_add(&passing->hash, chunk);
    return passing->take(passing->take_context, chunk, err);
}

static bool give_payload(void *context, zip_take_fn *take, void *take_context, struct error *err)
{
    struct passing *passing = context;
    struct digest found;
    char hex[65];
    const struct payload_source *payloads = store_payloads(passing->b->store);
    passing->take = take;
    passing->take_context = take_context;
    sha256_start(&passing->hash);
    if (!pass(passing, passing->salt, err) ||
        !(passing->is_streamed ? payloads->stream(payloads, &passing->c, pass, passing, err)
                               : pass(passing, passing->bytes, err)))
        return false;
    sha256_finish(&passing->hash, &found);
    digest_hex(&passing->c, hex);
    if (digest_equal(&found, &passing->c))
        return true;
    error_set(err, ERROR_CORRUPT, NULL,
              "expected the payload with commitment %s, found other bytes", hex);
    return error_hint(err, "attest verify %s names all that is damaged",
                      store_folder(passing->b->store));
}

/* Large payloads lie in files and are streamed; the others, and names, come whole. */
static bool payload_take(struct bundling *b, const struct contents_item *item,
                         struct passing *passing)
{
    const struct payload_source *payloads = store_payloads(b->store);
    uint8_t salt[BUNDLE_SALT_BYTES];
    char *path;
    char hex[65];
    *passing = (struct passing){ .b = b, .c = item->c };
    digest_hex(&item->c, hex);
    if (payloads->state(payloads, &item->c) != PAYLOAD_HELD)
        return error_set(b->err, ERROR_CORRUPT, NULL,
                         "payload %s of entry #%llu is missing, and no erasure names it", hex,
                         (unsigned long long)item->n);
    if (!item->is_name && payload_file(b->store, b->arena, &item->c, salt, &path, b->err)) {
        passing->is_streamed = true;
        return arena_copy(b->arena, slice_bytes(salt, sizeof salt), &passing->salt, b->err);
    }
    if (!item->is_name && b->err->code != ERROR_NOT_FOUND)
        return false;
    memset(b->err, 0, sizeof *b->err);
    return payloads->open(payloads, &item->c, &passing->salt, &passing->bytes, b->err) &&
           arena_copy(b->arena, passing->salt, &passing->salt, b->err) &&
           arena_copy(b->arena, passing->bytes, &passing->bytes, b->err);
}

static bool payload_add(struct bundling *b, const struct contents_item *item)
{
    struct passing passing;
    char name[sizeof BUNDLE_PAYLOAD + 64] = BUNDLE_PAYLOAD;
    arena_reset(b->arena);
    if (item->is_erased)
        return true;
    if (!payload_take(b, item, &passing))
        return false;
    digest_hex(&item->c, name + sizeof BUNDLE_PAYLOAD - 1);
    uint64_t bytes = passing.is_streamed ? item->bytes : passing.bytes.len;
    return zip_writer_add(b->zip, slice_of(name), BUNDLE_SALT_BYTES + bytes, give_payload, &passing,
                          b->err);
}

/* ---- copies of the report's forms ---- */

/* Bytes without salt: the member is the document that people open. */
static bool give_copy(void *context, zip_take_fn *take, void *take_context, struct error *err)
{
    struct passing *passing = context;
    const struct payload_source *payloads = store_payloads(passing->b->store);
    return passing->is_streamed ? payloads->stream(payloads, &passing->c, take, take_context, err)
                                : take(take_context, passing->bytes, err);
}

static bool copy_add(struct bundling *b, const char *name, const struct contents_item *item)
{
    struct passing passing;
    arena_reset(b->arena);
    if (item->is_erased)
        return true;
    return payload_take(b, item, &passing) &&
           zip_writer_add(b->zip, slice_of(name),
                          passing.is_streamed ? item->bytes : passing.bytes.len, give_copy,
                          &passing, b->err);
}

static bool copies_add(struct bundling *b)
{
    struct contents_item item = { .n = b->report };
    struct links links;
    arena_reset(b->arena);
    if (!links_read(b->arena, &b->entries->base, store_payloads(b->store), b->report, &links,
                    b->err))
        return false;
    if (!payload_ref(value_member(links.entry.body, "payload"), &item.c, &item.bytes))
        return error_set(b->err, ERROR_CORRUPT, NULL, "the report's entry names no payload");
    item.is_erased = contents_find(b->contents, &item.c)->is_erased;
    if (!copy_add(b, BUNDLE_MODEL, &item))
        return false;
    for (size_t form = 0; form < DOCUMENTS_COUNT; form++) {
        if (contents_document(b->contents, (enum contents_document)form, &item) &&
            !copy_add(b, document_forms[form].member, &item))
            return false;
    }
    return true;
}

/* ---- ledger and description ---- */

static bool entries_add(struct bundling *b)
{
    struct strbuf bytes = strbuf_new(BUNDLE_BYTES_MAX);
    bool ok = true;
    for (uint64_t from = 0; ok && from < b->size; from += TILE_WIDTH) {
        char name[sizeof BUNDLE_LEDGER + 96] = BUNDLE_LEDGER;
        uint64_t left = b->size - from;
        struct tile tile = { .level = TILE_ENTRIES,
                             .index = from / TILE_WIDTH,
                             .width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH };
        strbuf_clear(&bytes);
        for (unsigned i = 0; ok && i < tile.width; i++) {
            struct slice entry;
            ok = b->entries->base.entry(&b->entries->base, from + i, &entry, b->err);
            if (ok)
                bundle_add(&bytes, entry);
        }
        tile_path(&tile, name + sizeof BUNDLE_LEDGER - 1);
        ok = ok && strbuf_ok(&bytes, b->err) &&
             zip_writer_add_text(b->zip, slice_of(name), strbuf_slice(&bytes), b->err);
    }
    strbuf_free(&bytes);
    return ok;
}

static bool description_add(struct bundling *b)
{
    struct strbuf vkey = strbuf_new(4096), text = strbuf_new(64 * 1024);
    struct ledger *ledger = store_ledger(b->store);
    verifier_key_format(ledger_verifier(ledger), &vkey);
    bool ok =
        strbuf_ok(&vkey, b->err) &&
        bundle_describe(b->level, &b->leaves[b->report], strbuf_slice(&vkey), &text, b->err) &&
        zip_writer_add_text(b->zip, SLICE(BUNDLE_NAME), strbuf_slice(&text), b->err) &&
        zip_writer_add_text(b->zip, SLICE(BUNDLE_CHECKPOINT), ledger_note(ledger), b->err);
    strbuf_free(&vkey);
    strbuf_free(&text);
    return ok;
}

/* ---- keys of personal values ---- */

/* Whether entry n is a segment whose sealed values are this payload, and holds them in a file. */
static bool personal_path(struct bundling *b, const struct contents_item *item, const char **path)
{
    struct links links;
    struct digest c;
    uint64_t bytes;
    uint8_t salt[32];
    char *found;
    *path = NULL;
    if (!links_read(b->arena, &b->entries->base, store_payloads(b->store), item->n, &links, b->err))
        return false;
    if (links.entry.kind != ENTRY_SEGMENT ||
        !payload_ref(value_member(links.entry.body, "personal"), &c, &bytes) ||
        !digest_equal(&c, &item->c))
        return true;
    if (!payload_file(b->store, b->arena, &c, salt, &found, b->err))
        return false;
    *path = found;
    return true;
}

/* Of all values that the evidence holds, but for those that were erased. */
static bool keys_gather(struct bundling *b, struct strbuf *keys)
{
    size_t count = 0;
    arena_reset(b->arena);
    const char **paths =
        arena_array(b->arena, contents_count(b->contents) + 1, sizeof *paths, b->err);
    if (!paths)
        return false;
    for (size_t i = 0; i < contents_count(b->contents); i++) {
        const struct contents_item *item = contents_at(b->contents, i);
        if (item->is_name || item->is_erased)
            continue;
        if (!personal_path(b, item, &paths[count]))
            return false;
        count += paths[count] != NULL;
    }
    struct engine_options options = { 0 };
    struct engine *engine = count > 0 ? engine_open(&options, b->err) : NULL;
    struct personal_keys from = personal_keys_of(b->store);
    bool ok =
        count == 0 || (engine && personal_values_keys(engine, paths, count, &from, keys, b->err));
    engine_close(engine);
    return ok;
}

static bool keys_add(struct bundling *b)
{
    if (b->level != CONTENTS_EVIDENCE)
        return true;
    struct strbuf keys = strbuf_new(KEYS_BYTES_MAX);
    bool ok = keys_gather(b, &keys) && strbuf_ok(&keys, b->err) &&
              (keys.len == 0 ||
               zip_writer_add_text(b->zip, SLICE(BUNDLE_KEYS), strbuf_slice(&keys), b->err));
    if (keys.at)
        memset(keys.at, 0, keys.len);
    strbuf_free(&keys);
    return ok;
}

static bool pack(struct bundling *b, const char *path)
{
    b->zip = zip_writer_new(path, b->err);
    if (!b->zip || !description_add(b) || !copies_add(b) || !entries_add(b))
        return false;
    for (size_t i = 0; i < contents_count(b->contents); i++) {
        if (!payload_add(b, contents_at(b->contents, i)))
            return false;
    }
    return keys_add(b) && zip_writer_finish(b->zip, b->err);
}

bool bundle_write(struct store *store, const struct digest *report, enum contents_level level,
                  const char *path, struct error *err)
{
    struct bundling b = { .store = store, .size = store_size(store), .level = level, .err = err };
    b.arena = arena_new(ARENA_BYTES_MAX, err);
    b.entries = b.arena ? entry_files_new(store_folder(store), b.size, err) : NULL;
    bool ok = b.entries && contents_read(&b, report) && pack(&b, path);
    zip_writer_free(b.zip);
    contents_free(b.contents);
    entry_files_free(b.entries);
    arena_free(b.arena);
    free(b.leaves);
    return ok;
}
