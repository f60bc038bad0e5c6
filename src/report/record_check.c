#include "report/record_check.h"

#include <stdio.h>

#include "audit/outcomes.h"
#include "base/json.h"
#include "evidence/input.h"
#include "verify/links.h"
#include "verify/matrix.h"

#define CHECK_RECORDS "store.records"
#define LIST_BYTES_MAX ((size_t)1 << 32)
#define ARENA_BYTES_MAX ((size_t)1 << 30)

struct checking {
    struct store *store;
    const struct entry_source *entries;
    const struct payload_source *payloads;
    struct verification *verification;
    struct arena *list, *arena; /* of the entries of one type; of one entry */
    uint64_t count;             /* of records compared */
    uint64_t faults;
    struct error *err;
};

/* One entry, and what the store keeps beside it. */
struct record {
    const struct stored_entry *stored;
    struct links links;
    const struct value *body;
    const struct value *object; /* NULL: none */
};

/* ---- telling ---- */

static bool tell(struct checking *c, const struct record *record, const char *field)
{
    enum { FAULTS_TOLD = 20 };
    if (++c->faults > FAULTS_TOLD)
        return true;
    return check_set(c->verification, CHECK_RECORDS, NULL, CHECK_FAILS, c->err,
                     "%.*s #%llu: its \"%s\" in the store is not what the ledger gives",
                     SLICE_ARG(record->stored->type), (unsigned long long)record->stored->n, field);
}

/* What is damaged or not held is told by the checks of entries, rows and payloads. */
static bool is_told_elsewhere(struct checking *c)
{
    if (c->err->code != ERROR_CORRUPT && c->err->code != ERROR_NOT_FOUND &&
        c->err->code != ERROR_FINDING && c->err->code != ERROR_INVALID)
        return false;
    *c->err = (struct error){ 0 };
    return true;
}

/* ---- comparing one field ---- */

static bool expect_value(struct checking *c, const struct record *record, const char *path,
                         const struct value *expected)
{
    return value_equal(value_path(record->object, path), expected) || tell(c, record, path);
}

static bool expect_text(struct checking *c, const struct record *record, const char *path,
                        struct slice expected)
{
    const struct value *is = value_path(record->object, path);
    return (is && is->type == VALUE_STRING && slice_equal(value_text(is), expected)) ||
           tell(c, record, path);
}

static bool expect_number(struct checking *c, const struct record *record, const char *path,
                          uint64_t expected)
{
    int64_t is;
    return (value_to_i64(value_path(record->object, path), &is) && is >= 0 &&
            (uint64_t)is == expected) ||
           tell(c, record, path);
}

/* The digest as it is printed. */
static bool expect_digest(struct checking *c, const struct record *record, const char *path,
                          const struct digest *expected)
{
    char text[72] = "sha256:";
    digest_hex(expected, text + 7);
    return expect_text(c, record, path, slice_of(text));
}

static bool expect_key(struct checking *c, const struct record *record, struct slice expected)
{
    return slice_equal(record->stored->key, expected) || tell(c, record, "key");
}

static struct slice body_text(const struct record *record, const char *field)
{
    return value_text_of(record->body, field);
}

/* ---- what the ledger gives ---- */

/* Whether the payload under that name is held. */
static bool has_payload(struct checking *c, const struct record *record, const char *field,
                        struct digest *commitment)
{
    uint64_t bytes;
    return payload_ref(value_member(record->body, field), commitment, &bytes) &&
           c->payloads->state(c->payloads, commitment) == PAYLOAD_HELD;
}

/* Its bytes; at NULL if it cannot be had. */
static bool payload_bytes(struct checking *c, const struct record *record, const char *field,
                          struct slice *bytes)
{
    struct digest commitment;
    uint8_t salt[32];
    *bytes = (struct slice){ 0 };
    if (!has_payload(c, record, field, &commitment) ||
        payload_get(c->store, c->arena, &commitment, salt, bytes, c->err))
        return true;
    *bytes = (struct slice){ 0 };
    return is_told_elsewhere(c);
}

/* The first input that is of that type of entry and, if kind is not NULL, kind of resource. */
static bool input_find(struct checking *c, const struct record *record, const char *type,
                       const char *kind, struct stored_entry *found, const struct value **body,
                       bool *is_found)
{
    *is_found = false;
    for (size_t i = 0; i < record->links.count && !*is_found; i++) {
        uint64_t n;
        const struct value *whole = NULL;
        if (leaf_index(c->store, &record->links.inputs[i], &n, c->err) &&
            entry_get(c->store, c->arena, n, found, c->err))
            whole = json_parse(c->arena, found->bytes, "ledger entry", NULL, c->err);
        if (!whole && !is_told_elsewhere(c))
            return false;
        *body = value_member(whole, "body");
        *is_found = whole && slice_is(found->type, type) &&
                    (!kind || slice_is(value_text_of(*body, "kind"), kind));
    }
    return true;
}

/* The version of a resource that the record names by its number is among the inputs; 0 stands for a
 * name that is no resource. */
static bool expect_version(struct checking *c, const struct record *record, const char *path,
                           struct slice name, struct resource_version *version, bool *is_there)
{
    int64_t number;
    *is_there = false;
    if (!value_to_i64(value_path(record->object, path), &number) || number < 0)
        return tell(c, record, path);
    if (!resource_get_version(c->store, c->arena, name, (uint64_t)number, record->stored->n,
                              version, c->err)) {
        bool is_none = number == 0 && c->err->code == ERROR_NOT_FOUND;
        return is_told_elsewhere(c) && (is_none || tell(c, record, path));
    }
    for (size_t i = 0; number > 0 && i < record->links.count && !*is_there; i++)
        *is_there = digest_equal(&record->links.inputs[i], &version->leaf);
    return *is_there || record->links.is_partial || tell(c, record, path);
}

/* ---- segments ---- */

/* The raw bytes are kept packed; their digest is of the bytes unpacked. */
static bool check_raw(struct checking *c, const struct record *record)
{
    struct digest commitment;
    struct input_totals totals;
    struct slice block;
    uint8_t salt[32];
    char *path;
    if (!has_payload(c, record, "raw", &commitment))
        return true;
    if (!payload_file(c->store, c->arena, &commitment, salt, &path, c->err))
        return is_told_elsewhere(c);
    struct input *input = input_open_file(path, &(struct input_options){ 0 }, c->err);
    bool ok = input != NULL;
    do
        ok = ok && input_next(input, &block, c->err);
    while (ok && block.len > 0);
    if (ok)
        input_totals(input, &totals);
    input_close(input);
    if (!ok)
        return is_told_elsewhere(c);
    return expect_digest(c, record, "raw_digest", &totals.sha256) &&
           expect_number(c, record, "raw_bytes", totals.bytes);
}

static bool check_segment(struct checking *c, const struct record *record)
{
    struct resource_version version;
    bool is_there;
    if (!expect_key(c, record, body_text(record, "of")) || !record->object)
        return c->err->code == ERROR_NONE;
    struct slice type = slice_of(
        arena_printf(c->arena, c->err, "population-type/%.*s", SLICE_ARG(body_text(record, "of"))));
    return type.at && expect_text(c, record, "type", body_text(record, "of")) &&
           expect_text(c, record, "source", body_text(record, "source")) &&
           expect_value(c, record, "kept", value_member(record->body, "rows")) &&
           expect_version(c, record, "type_version", type, &version, &is_there) &&
           expect_version(c, record, "source_version", body_text(record, "source"), &version,
                          &is_there) &&
           check_raw(c, record);
}

static bool check_withdrawal(struct checking *c, const struct record *record)
{
    struct stored_entry segment;
    const struct value *body;
    struct slice reason;
    char leaf[65];
    bool is_found;
    if (!input_find(c, record, "segment", NULL, &segment, &body, &is_found))
        return false;
    if (!is_found)
        return true;
    if (!expect_key(c, record, value_text_of(body, "of")) || !record->object)
        return c->err->code == ERROR_NONE;
    digest_hex(&segment.leaf, leaf);
    return expect_text(c, record, "type", value_text_of(body, "of")) &&
           expect_text(c, record, "segment", slice_of(leaf)) &&
           payload_bytes(c, record, "reason", &reason) &&
           (!reason.at || expect_text(c, record, "reason", reason));
}

/* ---- populations: the record is the payload ---- */

static bool check_population(struct checking *c, const struct record *record)
{
    struct slice bytes;
    if (!expect_key(c, record, body_text(record, "name")))
        return false;
    return !record->object ||
           (payload_bytes(c, record, "payload", &bytes) &&
            (!bytes.at || slice_equal(bytes, record->stored->object) || tell(c, record, "object")));
}

/* ---- runs ---- */

/* The deviating items that the record lists, met again in the matrix. */
struct listed {
    const struct value *list;
    struct arena *arena;
    size_t at;
    bool is_other;
};

static bool deviating_take(void *context, const struct matrix_counts *counts, struct slice key,
                           uint64_t deviating, struct error *err)
{
    struct listed *listed = context;
    struct slice is;
    if (listed->at >= OUTCOMES_LISTED_MAX)
        return true;
    const struct value *item = value_item(listed->list, listed->at++);
    const struct value *item_key = value_member(item, "key");
    const struct value *results = value_member(item, "results");
    if (!item_key || value_count(results) != counts->attributes_count) {
        listed->is_other = true;
        return true;
    }
    if (!json_canonical_copy(listed->arena, item_key, &is, err))
        return false;
    listed->is_other |= !slice_equal(is, key);
    for (size_t i = 0; i < counts->attributes_count; i++) {
        bool holds = slice_is(value_text(value_item(results, i)), "holds");
        listed->is_other |= holds == ((deviating >> i & 1) != 0);
    }
    return true;
}

static bool expect_attributes(struct checking *c, const struct record *record,
                              const struct matrix_counts *counts)
{
    const struct value *list = value_member(record->object, "attributes");
    const struct value *ids = value_member(counts->header, "attributes");
    bool is_equal = value_count(list) == counts->attributes_count;
    for (size_t i = 0; is_equal && i < counts->attributes_count; i++) {
        const struct value *item = value_item(list, i);
        int64_t holds, fails, undecided;
        is_equal = value_equal(value_member(item, "id"), value_item(ids, i)) &&
                   value_to_i64(value_member(item, "holds"), &holds) &&
                   value_to_i64(value_member(item, "fails"), &fails) &&
                   value_to_i64(value_member(item, "undecided"), &undecided) &&
                   (uint64_t)holds == counts->holds[i] && (uint64_t)fails == counts->fails[i] &&
                   (uint64_t)undecided == counts->undecided[i];
    }
    return is_equal || tell(c, record, "attributes");
}

static bool check_matrix(struct checking *c, const struct record *record)
{
    struct digest commitment;
    struct matrix_counts counts;
    struct listed listed = { .list = value_member(record->object, "deviating"), .arena = c->arena };
    struct matrix_visit visit = { deviating_take, &listed };
    if (!has_payload(c, record, "payload", &commitment))
        return true;
    if (!matrix_count(c->payloads, c->arena, &commitment, &visit, &counts, c->err))
        return is_told_elsewhere(c);
    const char *result = counts.items == 0   ? "did-not-operate"
                         : counts.deviations ? "exceptions"
                                             : "no-exceptions";
    return expect_digest(c, record, "result_digest", &counts.digest) &&
           expect_number(c, record, "deviations", counts.deviations) &&
           expect_number(c, record, "population.items", counts.items) &&
           expect_value(c, record, "population.digest",
                        value_member(counts.header, "population")) &&
           expect_text(c, record, "result", slice_of(result)) &&
           expect_attributes(c, record, &counts) &&
           ((!listed.is_other && listed.at == value_count(listed.list)) ||
            tell(c, record, "deviating"));
}

static bool expect_engagement(struct checking *c, const struct record *record)
{
    const struct value *shown = value_member(record->body, "engagement");
    struct slice plain;
    if (!shown || shown->type != VALUE_STRING)
        return expect_value(c, record, "engagement", shown);
    if (!name_plain(c->store, c->arena, value_text(shown), &plain, c->err))
        return is_told_elsewhere(c);
    return expect_text(c, record, "engagement", plain);
}

static bool expect_population(struct checking *c, const struct record *record)
{
    struct stored_entry population;
    const struct value *body;
    bool is_found;
    if (!input_find(c, record, "population", NULL, &population, &body, &is_found))
        return false;
    return !is_found || (expect_value(c, record, "population.name", value_member(body, "name")) &&
                         expect_value(c, record, "population.type", value_member(body, "of")));
}

/* The version's number and the control, which the test's document names. */
static bool expect_test(struct checking *c, const struct record *record)
{
    struct resource_version version;
    bool is_there;
    if (!expect_text(c, record, "test", record->stored->key) ||
        !expect_version(c, record, "version", record->stored->key, &version, &is_there))
        return false;
    if (!is_there || version.document.len == 0)
        return true;
    const struct value *document = json_parse(c->arena, version.document, "test", NULL, c->err);
    if (!document)
        return is_told_elsewhere(c);
    return expect_value(c, record, "control", value_member(document, "control"));
}

static bool check_run(struct checking *c, const struct record *record)
{
    struct stored_entry test;
    const struct value *body;
    bool is_found;
    if (!input_find(c, record, "resource", "Test", &test, &body, &is_found))
        return false;
    if (is_found && !expect_key(c, record, value_text_of(body, "name")))
        return false;
    return !record->object ||
           (expect_test(c, record) && expect_population(c, record) &&
            expect_value(c, record, "engine", value_member(record->body, "engine")) &&
            expect_value(c, record, "position", value_member(record->body, "position")) &&
            expect_value(c, record, "period", value_member(record->body, "period")) &&
            expect_text(c, record, "side", record->stored->side) &&
            expect_text(c, record, "by", record->stored->actor) && expect_engagement(c, record) &&
            check_matrix(c, record));
}

/* ---- reports ---- */

/* Its model says which engagement it is about. */
static bool check_report(struct checking *c, const struct record *record)
{
    struct slice model;
    if (!payload_bytes(c, record, "payload", &model))
        return false;
    const struct value *document =
        model.at ? json_parse(c->arena, model, "model", NULL, c->err) : NULL;
    if (!document)
        return !model.at || is_told_elsewhere(c);
    struct slice id = value_text(value_path(document, "engagement.id"));
    if (id.len == 0)
        return true; /* no report of this program: report.model tells */
    struct slice name = slice_of(arena_printf(c->arena, c->err, "engagement/%.*s", SLICE_ARG(id)));
    if (!name.at || !expect_key(c, record, name))
        return false;
    return !record->object || (expect_text(c, record, "engagement", name) &&
                               expect_value(c, record, "kind", value_member(document, "kind")));
}

/* ---- attached files: they are found by the digest of their bytes ---- */

static bool hash_take(void *context, struct slice chunk, struct error *err)
{
    (void)err;
    sha256_add(context, chunk);
    return true;
}

static bool check_blob(struct checking *c, const struct record *record)
{
    struct digest commitment, digest;
    struct sha256 hash;
    char name[72] = "sha256:";
    if (record->stored->key.len == 0 || !has_payload(c, record, "payload", &commitment))
        return true;
    sha256_start(&hash);
    if (!c->payloads->stream(c->payloads, &commitment, hash_take, &hash, c->err))
        return is_told_elsewhere(c);
    sha256_finish(&hash, &digest);
    digest_hex(&digest, name + 7);
    if (!expect_key(c, record, slice_of(name)))
        return false;
    return !record->object ||
           (expect_text(c, record, "digest", slice_of(name)) &&
            expect_value(c, record, "media", value_member(record->body, "media")) &&
            expect_value(c, record, "bytes", value_path(record->body, "payload.bytes")));
}

/* ---- all ---- */

static bool check_one(struct checking *c, const struct stored_entry *stored,
                      bool (*check)(struct checking *c, const struct record *record))
{
    struct record record = { .stored = stored };
    arena_reset(c->arena);
    if (!links_read(c->arena, c->entries, c->payloads, stored->n, &record.links, c->err))
        return is_told_elsewhere(c);
    record.body = record.links.entry.body;
    if (!slice_equal(record.links.entry.type, stored->type))
        return true; /* told of the row */
    if (stored->object.len > 0 &&
        !(record.object = json_parse(c->arena, stored->object, "record", NULL, c->err)))
        return is_told_elsewhere(c) && tell(c, &record, "object");
    c->count++;
    return check(c, &record);
}

static bool check_all(struct checking *c)
{
    static const struct {
        const char *type;
        bool (*check)(struct checking *c, const struct record *record);
    } types[] = { { "segment", check_segment },       { "segment.withdraw", check_withdrawal },
                  { "population", check_population }, { "test.run", check_run },
                  { "report", check_report },         { "blob", check_blob } };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct stored_entries list;
        arena_reset(c->list);
        if (!entry_list(c->store, c->list, slice_of(types[i].type), (struct slice){ 0 },
                        store_size(c->store), &list, c->err)) {
            if (!is_told_elsewhere(c))
                return false;
            continue;
        }
        for (size_t j = 0; j < list.count; j++)
            if (!check_one(c, &list.items[j], types[i].check))
                return false;
    }
    return c->faults > 0 || check_set(c->verification, CHECK_RECORDS, NULL, CHECK_HOLDS, c->err,
                                      "%llu entries are found by the key and have the record that "
                                      "the ledger gives",
                                      (unsigned long long)c->count);
}

bool record_check(struct store *store, const struct entry_source *entries,
                  struct verification *verification, struct error *err)
{
    struct checking c = { .store = store,
                          .entries = entries,
                          .payloads = store_payloads(store),
                          .verification = verification,
                          .list = arena_new(LIST_BYTES_MAX, err),
                          .err = err };
    c.arena = c.list ? arena_new(ARENA_BYTES_MAX, err) : NULL;
    bool ok = c.arena &&
              check_set(verification, CHECK_RECORDS,
                        "what the store keeps beside an entry is what the ledger gives",
                        CHECK_NOT_MADE, err, "%s", "") &&
              check_all(&c);
    arena_free(c.arena);
    arena_free(c.list);
    return ok;
}
