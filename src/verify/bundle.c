/* A bundle's members, each found by a name that the ledger decides; nothing is taken from a list in
 * the bundle itself, so there is no list that could lie. */
#include "verify/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "ledger/sealed.h"
#include "ledger/tile_reader.h"
#include "verify/zip.h"

/* Of what is read whole: bundle.json and the checkpoint; documents. Items, matrices and evidence
 * are streamed. */
enum {
    TEXT_BYTES_MAX = 64 * 1024,
    DOCUMENT_BYTES_MAX = 64 << 20,
    KEYS_BYTES_MAX = 1 << 30,
    NAMED_MAX = 5,
};

/* Each source finds the bundle behind itself. */
struct bundle_entries {
    struct entry_source base; /* must be first */
    struct bundle_file *file;
};
struct bundle_payloads {
    struct payload_source base; /* must be first */
    struct bundle_file *file;
};
struct bundle_as_source {
    struct verify_source base; /* must be first */
    struct bundle_file *file;
};

struct bundle_file {
    struct zip *zip;
    struct strbuf description, note; /* bundle.json, checkpoint */
    struct arena *arena;             /* of the description */
    struct bundle_entries entries;
    struct bundle_payloads payloads;
    struct bundle_as_source source;
    uint64_t size;    /* entries that are here */
    unsigned partial; /* width of the last entry bundle, 0: full */
    /* The entry bundle read last. */
    struct strbuf bytes;
    uint64_t index; /* UINT64_MAX: none */
    struct slice slices[TILE_WIDTH];
    unsigned width;
    struct strbuf opened; /* the payload opened last */
    struct strbuf keys;   /* of personal values */
};

static bool no_bundle(struct error *err, const char *what)
{
    return error_set(err, ERROR_FINDING, NULL, "this is not a bundle: %s", what);
}

/* ---- entries ---- */

static const struct zip_member *tile_find(const struct bundle_file *file, uint64_t index,
                                          unsigned width)
{
    struct tile tile = { .level = TILE_ENTRIES, .index = index, .width = width };
    char name[sizeof BUNDLE_LEDGER + 96] = BUNDLE_LEDGER;
    tile_path(&tile, name + sizeof BUNDLE_LEDGER - 1);
    return zip_find(file->zip, slice_of(name));
}

/* How many entries are here: full bundles from 0 on, then perhaps a partial one. */
static void entries_measure(struct bundle_file *file)
{
    uint64_t full = 0;
    while (tile_find(file, full, TILE_WIDTH))
        full++;
    for (unsigned width = TILE_WIDTH - 1; width > 0 && file->partial == 0; width--) {
        if (tile_find(file, full, width))
            file->partial = width;
    }
    file->size = full * TILE_WIDTH + file->partial;
}

static bool entry_bundle_read(struct bundle_file *file, uint64_t index, struct error *err)
{
    unsigned width = index < file->size / TILE_WIDTH ? TILE_WIDTH : file->partial;
    const struct zip_member *member = tile_find(file, index, width);
    file->index = UINT64_MAX;
    strbuf_clear(&file->bytes);
    if (!member || !zip_read(file->zip, member, &file->bytes, err))
        return member ? false : no_bundle(err, "entries are missing");
    struct slice rest = strbuf_slice(&file->bytes);
    for (file->width = 0; file->width < width; file->width++) {
        if (rest.len == 0 || !bundle_next(&rest, &file->slices[file->width]))
            return error_set(err, ERROR_FINDING, NULL, "%.*s does not hold %u entries",
                             SLICE_ARG(member->name), width);
    }
    if (rest.len > 0)
        return error_set(err, ERROR_FINDING, NULL, "%.*s has bytes behind its entries",
                         SLICE_ARG(member->name));
    file->index = index;
    return true;
}

static uint64_t entries_size(const struct entry_source *source)
{
    return ((const struct bundle_entries *)source)->file->size;
}

static bool entries_entry(const struct entry_source *source, uint64_t n, struct slice *bytes,
                          struct error *err)
{
    struct bundle_file *file = ((const struct bundle_entries *)source)->file;
    if (n >= file->size)
        return error_set(err, ERROR_FINDING, NULL, "entry #%llu is not here",
                         (unsigned long long)n);
    if (file->index != n / TILE_WIDTH && !entry_bundle_read(file, n / TILE_WIDTH, err))
        return false;
    *bytes = file->slices[n % TILE_WIDTH];
    return true;
}

/* ---- payloads ---- */

static const struct zip_member *payload_find(const struct bundle_file *file, const struct digest *c)
{
    char name[sizeof BUNDLE_PAYLOAD + 64] = BUNDLE_PAYLOAD;
    digest_hex(c, name + sizeof BUNDLE_PAYLOAD - 1);
    return zip_find(file->zip, slice_of(name));
}

static bool payload_need(const struct bundle_file *file, const struct digest *c,
                         const struct zip_member **member, struct error *err)
{
    *member = payload_find(file, c);
    if (!*member)
        return error_set(err, ERROR_FINDING, NULL, "a payload is not here");
    return (*member)->bytes >= BUNDLE_SALT_BYTES ||
           error_set(err, ERROR_FINDING, NULL, "%.*s has no salt", SLICE_ARG((*member)->name));
}

static enum payload_state payloads_state(const struct payload_source *source,
                                         const struct digest *c)
{
    return payload_find(((const struct bundle_payloads *)source)->file, c) ? PAYLOAD_HELD
                                                                           : PAYLOAD_MISSING;
}

static bool payloads_open(const struct payload_source *source, const struct digest *c,
                          struct slice *salt, struct slice *bytes, struct error *err)
{
    struct bundle_file *file = ((const struct bundle_payloads *)source)->file;
    const struct zip_member *member;
    strbuf_clear(&file->opened);
    if (!payload_need(file, c, &member, err) || !zip_read(file->zip, member, &file->opened, err))
        return false;
    *salt = slice_head(strbuf_slice(&file->opened), BUNDLE_SALT_BYTES);
    *bytes = slice_from(strbuf_slice(&file->opened), BUNDLE_SALT_BYTES);
    return true;
}

static bool hash_take(void *context, struct slice chunk, struct error *err)
{
    (void)err;
    sha256_add(context, chunk);
    return true;
}

static bool payloads_hash(const struct payload_source *source, const struct digest *c,
                          uint64_t bytes, bool *is_equal, struct error *err)
{
    const struct bundle_file *file = ((const struct bundle_payloads *)source)->file;
    const struct zip_member *member;
    struct sha256 hash;
    struct digest found;
    *is_equal = false;
    if (!payload_need(file, c, &member, err))
        return false;
    if (member->bytes - BUNDLE_SALT_BYTES != bytes)
        return true;
    sha256_start(&hash);
    if (!zip_stream(file->zip, member, 0, hash_take, &hash, err))
        return false;
    sha256_finish(&hash, &found);
    *is_equal = digest_equal(&found, c);
    return true;
}

static bool payloads_stream(const struct payload_source *source, const struct digest *c,
                            payload_take_fn *take, void *context, struct error *err)
{
    const struct bundle_file *file = ((const struct bundle_payloads *)source)->file;
    const struct zip_member *member;
    return payload_need(file, c, &member, err) &&
           zip_stream(file->zip, member, BUNDLE_SALT_BYTES, take, context, err);
}

/* ---- keys of personal values ---- */

static size_t keys_count(const struct bundle_file *file)
{
    return file->keys.len / BUNDLE_KEY_BYTES;
}

static const uint8_t *key_at(const struct bundle_file *file, size_t index)
{
    return (const uint8_t *)file->keys.at + index * BUNDLE_KEY_BYTES;
}

static bool source_key(const struct verify_source *source, const struct digest *token,
                       uint8_t key[SEALED_KEY_BYTES], bool *is_found, struct error *err)
{
    const struct bundle_file *file = ((const struct bundle_as_source *)source)->file;
    size_t low = 0, high = keys_count(file);
    (void)err;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(key_at(file, middle), token->bytes, sizeof token->bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *is_found =
        low < keys_count(file) && memcmp(key_at(file, low), token->bytes, sizeof token->bytes) == 0;
    if (*is_found)
        memcpy(key, key_at(file, low) + sizeof token->bytes, SEALED_KEY_BYTES);
    return true;
}

/* Each key gives its token, the tokens ascend, and none was erased: with that every byte is bound,
 * for the tokens stand in files that the ledger commits to. */
static void keys_compare(const struct bundle_file *file, const struct contents *contents,
                         struct strbuf *faults)
{
    const char *fault = file->keys.len % BUNDLE_KEY_BYTES ? "has half a key at its end" : NULL;
    for (size_t i = 0; i < keys_count(file) && !fault; i++) {
        struct digest token, found = subject_token(key_at(file, i) + sizeof token.bytes);
        memcpy(token.bytes, key_at(file, i), sizeof token.bytes);
        if (!digest_equal(&token, &found))
            fault = "holds a key that does not give its token";
        else if (i > 0 && memcmp(key_at(file, i - 1), key_at(file, i), sizeof token.bytes) >= 0)
            fault = "is not sorted by token";
        else if (contents_subject_is_erased(contents, &token))
            fault = "holds the key of a value that was erased";
    }
    if (fault)
        strbuf_printf(faults, BUNDLE_KEYS " %s; ", fault);
}

static bool keys_read(struct bundle_file *file, struct error *err)
{
    const struct zip_member *member = zip_find(file->zip, SLICE(BUNDLE_KEYS));
    if (!member || file->source.base.level != CONTENTS_EVIDENCE)
        return true; /* source_compare() tells what should not be here */
    file->source.base.key = source_key;
    return zip_read(file->zip, member, &file->keys, err);
}

/* ---- copies and what is too much ---- */

static bool source_document(const struct verify_source *source, const char *name, bool *is_there,
                            payload_take_fn *take, void *context, struct error *err)
{
    const struct bundle_file *file = ((const struct bundle_as_source *)source)->file;
    const struct zip_member *member = zip_find(file->zip, slice_of(name));
    *is_there = member != NULL;
    return !member || zip_stream(file->zip, member, 0, take, context, err);
}

static bool is_ledger_member(struct slice name, uint64_t size)
{
    struct tile tile;
    return slice_starts_with(name, SLICE(BUNDLE_LEDGER)) &&
           tile_parse(slice_from(name, sizeof BUNDLE_LEDGER - 1), &tile) &&
           tile.level == TILE_ENTRIES && tile.width == tile_width_at(0, tile.index, size);
}

static bool is_payload_member(struct slice name, const struct contents *contents)
{
    struct digest c;
    if (!slice_starts_with(name, SLICE(BUNDLE_PAYLOAD)) ||
        !digest_from_hex(slice_from(name, sizeof BUNDLE_PAYLOAD - 1), &c))
        return false;
    const struct contents_item *item = contents_find(contents, &c);
    return item && !item->is_erased;
}

static bool is_document_member(struct slice name, const struct contents *contents)
{
    struct contents_item item;
    for (size_t form = 0; form < DOCUMENTS_COUNT; form++) {
        if (slice_is(name, document_forms[form].member))
            return contents_document(contents, (enum contents_document)form, &item) &&
                   !item.is_erased;
    }
    return slice_is(name, BUNDLE_NAME) || slice_is(name, BUNDLE_CHECKPOINT) ||
           slice_is(name, BUNDLE_MODEL);
}

static bool is_keys_member(struct slice name, const struct bundle_file *file)
{
    return slice_is(name, BUNDLE_KEYS) && file->source.base.level == CONTENTS_EVIDENCE;
}

static bool source_compare(const struct verify_source *source, uint64_t size,
                           const struct contents *contents, struct strbuf *faults,
                           struct error *err)
{
    const struct bundle_file *file = ((const struct bundle_as_source *)source)->file;
    uint64_t count = 0;
    keys_compare(file, contents, faults);
    for (size_t i = 0; i < zip_members_count(file->zip); i++) {
        struct slice name = zip_member_at(file->zip, i)->name;
        if (is_ledger_member(name, size) || is_payload_member(name, contents) ||
            is_document_member(name, contents) || is_keys_member(name, file))
            continue;
        if (count++ < NAMED_MAX)
            strbuf_printf(faults, "%s%.*s is here and should not be", count > 1 ? "; " : "",
                          SLICE_ARG(name));
    }
    if (count > NAMED_MAX)
        strbuf_printf(faults, "; and %llu more", (unsigned long long)(count - NAMED_MAX));
    return strbuf_ok(faults, err);
}

/* ---- description ---- */

bool bundle_describe(enum contents_level level, const struct digest *report, struct slice vkey,
                     struct strbuf *out, struct error *err)
{
    char hex[65];
    digest_hex(report, hex);
    /* Names in the order of RFC 8785, no white space: the canonical form. */
    strbuf_add_text(out, "{\"format\":\"" BUNDLE_FORMAT "\",\"level\":");
    json_add_string(out, slice_of(contents_level_name(level)));
    strbuf_add_text(out, ",\"report\":");
    json_add_string(out, slice_of(hex));
    strbuf_add_text(out, ",\"vkey\":");
    json_add_string(out, vkey);
    strbuf_add_char(out, '}');
    return strbuf_ok(out, err);
}

static bool text_read(struct bundle_file *file, const char *name, struct strbuf *out,
                      struct error *err)
{
    const struct zip_member *member = zip_find(file->zip, slice_of(name));
    if (!member)
        return error_set(err, ERROR_FINDING, NULL, "this is not a bundle: it has no %s", name);
    return zip_read(file->zip, member, out, err);
}

bool bundle_description_read(struct arena *arena, struct slice text, enum contents_level *level,
                             struct digest *report, struct slice *vkey, struct error *err)
{
    static const struct json_limits limits = { TEXT_BYTES_MAX, 4, 64 };
    struct strbuf again = strbuf_new(2 * TEXT_BYTES_MAX);
    const struct value *value = json_parse(arena, text, BUNDLE_NAME, &limits, err);
    if (!value)
        return err->code == ERROR_INVALID ? no_bundle(err, "bundle.json is not JSON") : false;
    if (!slice_is(value_text_of(value, "format"), BUNDLE_FORMAT))
        return no_bundle(err, "bundle.json does not name the format " BUNDLE_FORMAT);
    if (!contents_level_parse(value_text_of(value, "level"), level) ||
        !digest_from_hex(value_text_of(value, "report"), report))
        return no_bundle(err, "bundle.json names no level, or no report");
    *vkey = value_text_of(value, "vkey");
    bool ok = bundle_describe(*level, report, *vkey, &again, err);
    if (ok && !slice_equal(strbuf_slice(&again), text))
        ok = no_bundle(err, "bundle.json has not exactly the form it should have");
    strbuf_free(&again);
    return ok;
}

static bool description_take(struct bundle_file *file, struct error *err)
{
    struct verify_source *source = &file->source.base;
    source->has_report = true;
    return bundle_description_read(file->arena, strbuf_slice(&file->description), &source->level,
                                   &source->report, &source->vkey, err);
}

/* ---- opening ---- */

static void sources_start(struct bundle_file *file)
{
    file->entries.base = (struct entry_source){ entries_size, entries_entry };
    file->payloads.base = (struct payload_source){ .state = payloads_state,
                                                   .open = payloads_open,
                                                   .hash = payloads_hash,
                                                   .stream = payloads_stream };
    file->source.base = (struct verify_source){ .entries = &file->entries.base,
                                                .payloads = &file->payloads.base,
                                                .document = source_document,
                                                .compare = source_compare };
    file->entries.file = file->payloads.file = file->source.file = file;
    file->index = UINT64_MAX;
    file->bytes = strbuf_new(BUNDLE_BYTES_MAX);
    file->opened = strbuf_new(DOCUMENT_BYTES_MAX);
    file->keys = strbuf_new(KEYS_BYTES_MAX);
    file->description = strbuf_new(TEXT_BYTES_MAX);
    file->note = strbuf_new(TEXT_BYTES_MAX);
}

struct bundle_file *bundle_open(const char *path, struct error *err)
{
    struct bundle_file *file = calloc(1, sizeof *file);
    if (!file) {
        error_no_memory(err, sizeof *file);
        return NULL;
    }
    sources_start(file);
    file->arena = arena_new(1 << 20, err);
    file->zip = file->arena ? zip_open(path, err) : NULL;
    if (file->zip && text_read(file, BUNDLE_NAME, &file->description, err) &&
        description_take(file, err) && text_read(file, BUNDLE_CHECKPOINT, &file->note, err) &&
        keys_read(file, err)) {
        file->source.base.note = strbuf_slice(&file->note);
        entries_measure(file);
        return file;
    }
    bundle_close(file);
    return NULL;
}

void bundle_close(struct bundle_file *file)
{
    if (!file)
        return;
    zip_close(file->zip);
    arena_free(file->arena);
    strbuf_free(&file->bytes);
    strbuf_free(&file->opened);
    strbuf_free(&file->keys);
    strbuf_free(&file->description);
    strbuf_free(&file->note);
    free(file);
}

const struct verify_source *bundle_source(const struct bundle_file *file)
{
    return &file->source.base;
}

bool bundle_checkpoint(struct arena *arena, const char *path, struct slice *note, struct error *err)
{
    struct error no_text = { 0 };
    if (file_read(arena, path, NOTE_BYTES_MAX, note, &no_text) &&
        !slice_starts_with(*note, SLICE("PK")))
        return true;
    if (no_text.code != ERROR_NONE && no_text.code != ERROR_INVALID) {
        *err = no_text;
        return false;
    }
    struct bundle_file *file = bundle_open(path, err);
    bool ok = file && arena_copy(arena, file->source.base.note, note, err);
    bundle_close(file);
    return ok;
}
