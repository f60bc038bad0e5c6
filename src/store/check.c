/* Whether database and payloads agree with the ledger.
 *
 * The ledger is signed, so where they differ the row is wrong. Payloads and salts cannot be made
 * again from it; it only tells that they are not what they were. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ledger/entry.h"
#include "store/store_private.h"
#include "store/subjects.h"

enum { ENTRY_ARENA_BYTES_MAX = 4 * 1024 * 1024 };
#define MISSING_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* A commitment that an entry names and this store does not hold. */
struct missing {
    struct digest c;
    uint64_t n;
    const char *what; /* static */
};

struct check {
    struct store *store;
    struct findings *findings;
    struct arena *arena; /* of one entry */
    struct arena *kept;  /* of the lists below */
    struct query row, resource, payload, name;
    struct missing *missing;
    size_t missing_count, missing_capacity;
    struct digest *erased;
    size_t erased_count, erased_capacity;
    uint64_t resources_count, payloads_count; /* rows that an entry asks for */
};

PRINTF_LIKE(3, 4)
static void found(struct check *check, uint64_t n, const char *format, ...)
{
    struct error error = { 0 };
    char where[32], message[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    (void)snprintf(where, sizeof(where), "entry %" PRIu64, n);
    error_set(&error, ERROR_CORRUPT, where, "%s", message);
    findings_add_error(check->findings, &error);
}

static void found_in_database(struct check *check, struct slice text)
{
    struct error error = { 0 };
    error_set(&error, ERROR_CORRUPT, check->store->database, "%.*s", SLICE_ARG(text));
    findings_add_error(check->findings, &error);
}

static bool missing_add(struct check *check, const struct digest *c, uint64_t n, const char *what,
                        struct error *err)
{
    if (!arena_room(check->kept, &check->missing, check->missing_count, &check->missing_capacity,
                    sizeof(*check->missing), err))
        return false;
    check->missing[check->missing_count++] = (struct missing){ *c, n, what };
    return true;
}

static bool erased_add(struct check *check, const struct entry *entry, struct error *err)
{
    const struct value *target = value_member(entry->body, "target");
    struct digest token;
    uint8_t key[SEALED_KEY_BYTES];
    bool is_held = false;
    if (digest_from_hex(value_text_of(entry->body, "subject"), &token) &&
        !subject_key(check->store, &token, key, &is_held, err))
        return false;
    if (is_held)
        found(check, entry->n, "the key that this erasure names is still held");
    for (size_t i = 0; i < value_count(target); i++) {
        if (!arena_room(check->kept, &check->erased, check->erased_count, &check->erased_capacity,
                        sizeof(*check->erased), err))
            return false;
        if (digest_from_hex(value_text(value_item(target, i)), &check->erased[check->erased_count]))
            check->erased_count++;
    }
    return true;
}

/* ---------------------------------------------------------------- one entry */

/* A plain name of the store against what the ledger shows. */
static bool check_name(struct check *check, uint64_t n, const char *what, struct slice plain,
                       struct slice shown, struct error *err)
{
    struct digest c;
    bool has_row = false;
    if (!entry_name_commitment(shown, &c)) {
        if (!slice_equal(plain, shown))
            found(check, n, "%s: expected %.*s, found %.*s", what, SLICE_ARG(shown),
                  SLICE_ARG(plain));
        return true;
    }
    query_blob(&check->name, 1, c.bytes, sizeof(c.bytes));
    if (!query_next(&check->name, &has_row, err))
        return false;
    struct slice name = has_row ? column_bytes(&check->name, 0) : (struct slice){ 0 };
    if (has_row && !slice_equal(plain, name))
        found(check, n, "%s: expected %.*s, which %.*s stands for, found %.*s", what,
              SLICE_ARG(name), SLICE_ARG(shown), SLICE_ARG(plain));
    query_again(&check->name);
    return has_row || missing_add(check, &c, n, "the salt of a private name", err);
}

static bool check_row(struct check *check, const struct entry *entry, struct error *err)
{
    static const char *const columns[] = { "type", "side", "at" };
    const struct slice expected[] = { entry->type, entry->side, entry->at };
    bool has_row = false, ok = false;
    struct query *row = &check->row;
    query_number(row, 1, entry->n);
    if (!query_next(row, &has_row, err))
        goto done;
    if (!has_row) {
        found(check, entry->n, "expected a row in the database, found none");
        ok = true;
        goto done;
    }
    if (!slice_equal(column_bytes(row, 0), slice_bytes(entry->leaf.bytes, 32)))
        found(check, entry->n, "the row has the leaf hash of another entry");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        struct slice is = column_bytes(row, (int)i + 1);
        if (!slice_equal(is, expected[i]))
            found(check, entry->n, "%s: expected %.*s, found %.*s", columns[i],
                  SLICE_ARG(expected[i]), SLICE_ARG(is));
    }
    ok = check_name(check, entry->n, "actor", column_bytes(row, 4), entry->actor, err);
done:
    query_again(row);
    return ok;
}

static bool is_versioned(const struct entry *entry)
{
    return entry->kind == ENTRY_RESOURCE || entry->kind == ENTRY_EVALUATION ||
           entry->kind == ENTRY_CONCLUSION || entry->kind == ENTRY_OPINION;
}

/* The row of a resource's version. Entries of other programs may have none. */
static bool check_resource(struct check *check, const struct entry *entry, struct error *err)
{
    struct query *row = &check->resource;
    bool has_row = false, ok = false;
    struct digest c;
    uint64_t bytes, version = 0;
    query_number(row, 1, entry->n);
    if (!query_next(row, &has_row, err))
        goto done;
    ok = true;
    if (!has_row) {
        found(check, entry->n, "expected a row of a resource's version, found none");
        goto done;
    }
    check->resources_count++;
    bool has_payload = payload_ref(value_member(entry->body, "payload"), &c, &bytes);
    struct slice stored = column_bytes(row, 3);
    if (has_payload ? !slice_equal(stored, slice_bytes(c.bytes, sizeof(c.bytes))) : stored.len > 0)
        found(check, entry->n, "the row of the resource's version names another document");
    const struct value *name = value_member(entry->body, "name");
    if (!name) /* an evaluation tells only what was evaluated */
        goto done;
    if (!entry_integer(value_member(entry->body, "version"), &version) ||
        version != column_number(row, 2))
        found(check, entry->n, "version: expected %" PRIu64 ", found %" PRIu64, version,
              column_number(row, 2));
    if (entry->kind == ENTRY_RESOURCE &&
        !slice_equal(value_text_of(entry->body, "kind"), column_bytes(row, 1)))
        found(check, entry->n, "kind: expected %.*s, found %.*s",
              SLICE_ARG(value_text_of(entry->body, "kind")), SLICE_ARG(column_bytes(row, 1)));
    ok = check_name(check, entry->n, "name", column_bytes(row, 0), value_text(name), err);
done:
    query_again(row);
    return ok;
}

/* Salt and bytes of a payload against its commitment. */
static bool check_payload(struct check *check, uint64_t n, const struct entry_payload *payload,
                          struct error *err)
{
    struct query *row = &check->payload;
    bool has_row = false, ok = false, is_equal = false;
    uint8_t salt[32];
    query_blob(row, 1, payload->c.bytes, sizeof(payload->c.bytes));
    if (!query_next(row, &has_row, err))
        goto done;
    if (!has_row) {
        ok = missing_add(check, &payload->c, n, "a payload", err);
        goto done;
    }
    check->payloads_count += column_number(row, 3) == n;
    if (!column_fixed(row, 0, salt, sizeof(salt), err))
        goto done;
    if (column_is_null(row, 1)) {
        char path[STORE_PATH_MAX];
        payload_path(path, check->store, &payload->c);
        if (!file_exists(path)) {
            ok = true;
            found(check, n, "%s: the file %s is missing", payload->field, path);
            goto done;
        }
        if (!payload_file_matches(path, salt, &payload->c, payload->bytes, &is_equal, err))
            goto done;
    } else {
        struct slice bytes = column_bytes(row, 1);
        struct digest c = commitment(salt, bytes);
        is_equal = bytes.len == payload->bytes && digest_equal(&c, &payload->c);
    }
    if (!is_equal) {
        char hex[65];
        digest_hex(&payload->c, hex);
        found(check, n, "%s: salt and bytes do not give the commitment %s", payload->field, hex);
    }
    ok = true;
done:
    query_again(row);
    return ok;
}

static bool check_entry(void *context, uint64_t n, struct slice bytes, struct error *err)
{
    struct check *check = context;
    struct entry entry;
    struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
    const char *code = NULL;
    arena_reset(check->arena);
    if (!entry_parse(check->arena, bytes, &entry, &code, err)) {
        if (!code)
            return false;
        found(check, n, "%s: %s", code, err->message);
        *err = (struct error){ 0 };
        return true;
    }
    if (!check_row(check, &entry, err))
        return false;
    if (is_versioned(&entry) && !check_resource(check, &entry, err))
        return false;
    if (entry.kind == ENTRY_ERASURE && !erased_add(check, &entry, err))
        return false;
    size_t count = entry_payloads(&entry, payloads);
    for (size_t i = 0; i < count; i++) {
        if (!check_payload(check, n, &payloads[i], err))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the whole */

static void tell_missing(struct check *check)
{
    for (size_t i = 0; i < check->missing_count; i++) {
        const struct missing *missing = &check->missing[i];
        bool is_erased = false;
        for (size_t j = 0; j < check->erased_count && !is_erased; j++)
            is_erased = digest_equal(&missing->c, &check->erased[j]);
        if (is_erased)
            continue;
        char hex[65];
        digest_hex(&missing->c, hex);
        found(check, missing->n, "%s is missing: %s", missing->what, hex);
    }
}

/* Rows of a pragma, of which "ok" is no finding. */
static bool check_pragma(struct check *check, const char *sql, const char *what, struct error *err)
{
    struct query query;
    bool has_row = false;
    bool ok = query_begin(check->store, sql, &query, err);
    while (ok && (ok = query_next(&query, &has_row, err)) && has_row) {
        struct slice text = column_bytes(&query, 0);
        char line[256];
        if (slice_is(text, "ok"))
            continue;
        int len = snprintf(line, sizeof(line), "%s: %.*s", what, SLICE_ARG(text));
        size_t kept = len < 0 ? 0 : (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1;
        found_in_database(check, (struct slice){ line, kept });
    }
    query_end(&query);
    return ok;
}

/* More rows below the size than entries ask for. */
static bool check_count(struct check *check, const char *sql, uint64_t expected, const char *what,
                        struct error *err)
{
    struct query query;
    bool has_row = false;
    bool ok = query_begin(check->store, sql, &query, err);
    if (ok) {
        query_number(&query, 1, store_size(check->store));
        ok = query_next(&query, &has_row, err);
    }
    if (ok && has_row && column_number(&query, 0) > expected) {
        char line[160];
        int len = snprintf(line, sizeof(line),
                           "expected %" PRIu64 " rows of %s that entries name, found %" PRIu64,
                           expected, what, column_number(&query, 0));
        found_in_database(check, (struct slice){ line, len > 0 ? (size_t)len : 0 });
    }
    query_end(&query);
    return ok;
}

static bool check_salts(struct check *check, struct error *err)
{
    struct query query;
    bool has_row = false;
    bool ok = query_begin(check->store, "select n, c, salt, name from name_salt where n < ?",
                          &query, err);
    if (ok)
        query_number(&query, 1, store_size(check->store));
    while (ok && (ok = query_next(&query, &has_row, err)) && has_row) {
        struct digest c;
        uint8_t salt[32];
        ok = column_fixed(&query, 1, c.bytes, sizeof(c.bytes), err) &&
             column_fixed(&query, 2, salt, sizeof(salt), err);
        if (!ok)
            break;
        struct digest is = commitment(salt, column_bytes(&query, 3));
        if (!digest_equal(&is, &c))
            found(check, column_number(&query, 0), "the salt of %.*s does not give its commitment",
                  SLICE_ARG(column_bytes(&query, 3)));
    }
    query_end(&query);
    return ok;
}

static bool queries_begin(struct check *check, struct error *err)
{
    struct store *store = check->store;
    return query_begin(store, "select leaf, type, side, at, actor from entry where n = ?",
                       &check->row, err) &&
           query_begin(store, "select name, kind, version, payload from resource where n = ?",
                       &check->resource, err) &&
           query_begin(store, "select salt, bytes, size, n from payload where c = ?",
                       &check->payload, err) &&
           query_begin(store, "select name from name_salt where c = ?", &check->name, err);
}

bool store_check(struct store *store, struct findings *findings, struct error *err)
{
    bool ok = false;
    struct check check = { .store = store, .findings = findings };
    uint64_t size = store_size(store);
    check.arena = arena_new(ENTRY_ARENA_BYTES_MAX, err);
    check.kept = check.arena ? arena_new(MISSING_BYTES_MAX, err) : NULL;
    if (!check.kept || !queries_begin(&check, err))
        goto done;
    if (!check_pragma(&check, "pragma integrity_check(20)", "integrity", err) ||
        !check_pragma(&check, "pragma foreign_key_check", "a row without its entry", err))
        goto done;
    if (!ledger_each(store->ledger, 0, size, check_entry, &check, err) || !check_salts(&check, err))
        goto done;
    tell_missing(&check);
    ok = check_count(&check, "select count(*) from entry where n < ?", size, "entries", err) &&
         check_count(&check, "select count(*) from resource where n < ?", check.resources_count,
                     "resources", err) &&
         check_count(&check, "select count(*) from payload where n < ?", check.payloads_count,
                     "payloads", err);
done:
    query_end(&check.row);
    query_end(&check.resource);
    query_end(&check.payload);
    query_end(&check.name);
    arena_free(check.arena);
    arena_free(check.kept);
    return ok;
}
