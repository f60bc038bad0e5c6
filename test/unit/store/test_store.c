/* Versions, moments, payloads, names and entries of a store. */
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "ledger/entry.h"
#include "store/payload_writer.h"
#include "store/store_world.h"

static struct resource_version get(struct world *w, const char *name, uint64_t size)
{
    struct resource_version version;
    assert_done(w, resource_get(w->store, w->arena, slice_of(name), size, &version, &w->err));
    return version;
}

/* ---------------------------------------------------------------- directories */

static void a_new_data_directory_holds_the_first_entry(void **state)
{
    struct world *w = *state;
    struct stored_entry entry;
    assert_int_equal(store_size(w->store), 1);
    assert_done(w, entry_get(w->store, w->arena, 0, &entry, &w->err));
    assert_true(slice_is(entry.type, "ledger.start"));
    assert_true(slice_is(entry.actor, "program/attest"));
    assert_findings(w, 0, NULL);
}

static void a_folder_with_something_in_it_is_refused(void **state)
{
    struct world *w = *state;
    bool ok = store_create(w->folder, SLICE("example.com/store"), &w->err);
    assert_error(w, ok, ERROR_INVALID, "a data directory is there already");
    assert_done(w, folder_make(world_path(w, "../other/photos"), &w->err));
    ok = store_create(world_path(w, "../other"), SLICE("example.com/store"), &w->err);
    assert_error(w, ok, ERROR_INVALID, "it holds \"photos\"");
}

static void an_interrupted_beginning_is_no_data_directory_and_can_begin_again(void **state)
{
    struct world *w = *state;
    const char *path = world_path(w, "ledger");
    /* As far as the first entry's tiles, but not signed. */
    assert_done(w, folder_make(path, &w->err));
    assert_done(w, ledger_create(path, SLICE("example.com/store"), &w->err));
    assert_done(w, folder_make(world_path(w, "ledger/public/tile/entries/000.p"), &w->err));
    assert_done(w, file_write_output(world_path(w, "ledger/public/tile/entries/000.p/1"),
                                     SLICE("half"), &w->err));
    assert_done(w, file_write_output(world_path(w, "store.db"), SLICE(""), &w->err));

    struct store *store = store_open(w->folder, STORE_WRITE, &w->err);
    assert_error(w, store != NULL, ERROR_NOT_FOUND, "there is no data directory");
    assert_done(w, store_create(w->folder, SLICE("example.com/again"), &w->err));
    store = store_open(w->folder, STORE_READ, &w->err);
    assert_done(w, store != NULL);
    assert_true(slice_is(ledger_origin(store_ledger(store)), "example.com/again"));
    store_close(store);
}

static void there_is_one_writer_and_readers_do_not_wait(void **state)
{
    struct world *w = *state;
    world_put(w, "A", "one");
    struct store *second = store_open(w->folder, STORE_WRITE, &w->err);
    assert_error(w, second != NULL, ERROR_LOCKED, "is being written by process");
    struct store *reader = world_reader(w);
    assert_int_equal(store_size(reader), 2);
    assert_null(transaction_begin(reader, &w->err));
    assert_error(w, false, ERROR_REFUSED, "for reading only");
    store_close(reader);
}

static int give_away(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return chown(path, 65534, 65534);
}

static void a_directory_that_cannot_be_written_can_be_read(void **state)
{
    struct world *w = *state;
    bool is_root = geteuid() == 0;
    world_put(w, "A", "one");
    store_close(w->store);
    w->store = NULL;
    assert_int_equal(chmod(w->folder, 0555), 0);
    if (is_root) { /* who may write everywhere: read as somebody else */
        assert_int_equal(nftw(world_path(w, ".."), give_away, 16, FTW_PHYS), 0);
        assert_int_equal(seteuid(65534), 0);
    }
    struct store *reader = world_reader(w);
    assert_int_equal(store_size(reader), 2);
    store_close(reader);
    assert_false(file_exists(world_path(w, "store.db-shm")));
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(w->folder, 0755), 0);
}

/* ---------------------------------------------------------------- versions */

static void a_resource_has_all_its_versions(void **state)
{
    struct world *w = *state;
    struct resource_list list;
    world_put(w, "A", "one");
    world_put(w, "A", "two");
    struct resource_version last = get(w, "control/A", store_size(w->store));
    assert_int_equal(last.version, 2);
    assert_true(slice_is(last.document, "{\"id\":\"A\",\"text\":\"two\"}"));
    assert_true(slice_is(last.actor, "person/maria"));
    assert_true(slice_is(last.side, "management"));
    assert_true(slice_is(last.kind, "Control"));
    assert_done(w, resource_history(w->store, w->arena, SLICE("control/A"), store_size(w->store),
                                    &list, &w->err));
    assert_int_equal(list.count, 2);
    assert_true(slice_is(list.items[0].document, "{\"id\":\"A\",\"text\":\"one\"}"));
    assert_done(w, resource_get_version(w->store, w->arena, SLICE("control/A"), 1,
                                        store_size(w->store), &last, &w->err));
    assert_int_equal(last.version, 1);
    bool ok = resource_get_version(w->store, w->arena, SLICE("control/A"), 3, store_size(w->store),
                                   &last, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "no version 3 of control/A");
}

static void the_version_before_is_an_input(void **state)
{
    struct world *w = *state;
    struct stored_entry entry;
    char hex[65];
    world_put(w, "A", "one");
    struct resource_version first = get(w, "control/A", 2);
    world_put(w, "A", "two");
    assert_done(w, entry_get(w->store, w->arena, 2, &entry, &w->err));
    digest_hex(&first.leaf, hex);
    char *inputs = arena_printf(w->arena, &w->err, "\"inputs\":[\"%s\"]", hex);
    assert_non_null(strstr(entry.bytes.at, inputs));
}

static void two_versions_in_one_transaction_follow_each_other(void **state)
{
    struct world *w = *state;
    struct transaction *tx = world_transaction(w);
    world_put_in(w, tx, "A", 1, "one");
    world_put_in(w, tx, "B", 1, "other");
    world_put_in(w, tx, "A", 2, "two");
    world_commit(w, tx);
    assert_int_equal(get(w, "control/A", store_size(w->store)).version, 2);
    assert_findings(w, 0, NULL);
}

static void a_version_that_does_not_follow_is_refused(void **state)
{
    struct world *w = *state;
    world_put(w, "A", "one");
    struct transaction *tx = world_transaction(w);
    struct resource_draft draft = { .name = SLICE("control/A"),
                                    .kind = SLICE("Control"),
                                    .entry_type = "resource",
                                    .version = 3,
                                    .document = world_document(w, "A", "three") };
    bool ok = transaction_resource(tx, &maria, &draft, &w->err);
    assert_error(w, ok, ERROR_ORDER, "version 3 does not follow version 1");
    transaction_free(tx);
}

static void the_second_of_two_transactions_on_one_resource_is_refused(void **state)
{
    struct world *w = *state;
    const struct ledger_appended *appended;
    size_t count;
    struct transaction *first = world_transaction(w), *second = world_transaction(w);
    world_put_in(w, first, "A", 1, "one");
    world_put_in(w, second, "A", 1, "also one");
    world_commit(w, first);
    bool ok = transaction_commit(second, &appended, &count, &w->err);
    assert_error(w, ok, ERROR_ORDER, "version 1 does not follow version 1");
    transaction_free(second);
    /* The writer goes on. */
    world_put(w, "A", "two");
    assert_findings(w, 0, NULL);
}

static void a_removed_resource_is_a_version_that_says_so(void **state)
{
    struct world *w = *state;
    struct resource_list list;
    world_put(w, "A", "one");
    world_put(w, "B", "one");
    uint64_t before = store_size(w->store);
    world_remove_control(w, "A");
    struct resource_version last = get(w, "control/A", store_size(w->store));
    assert_true(last.is_removed);
    assert_int_equal(last.document.len, 0);
    assert_done(w, resource_list(w->store, w->arena, SLICE("Control"), store_size(w->store), &list,
                                 &w->err));
    assert_int_equal(list.count, 1);
    assert_true(slice_is(list.items[0].name, "control/B"));
    assert_done(w, resource_list(w->store, w->arena, SLICE("Control"), before, &list, &w->err));
    assert_int_equal(list.count, 2);
    world_put(w, "A", "back again");
    assert_int_equal(get(w, "control/A", store_size(w->store)).version, 3);
    assert_findings(w, 0, NULL);
}

static void lists_are_sorted_by_name_and_cut_by_kind(void **state)
{
    struct world *w = *state;
    struct resource_list list;
    struct resource_draft vendor = { .name = SLICE("vendor/mail"),
                                     .kind = SLICE("Vendor"),
                                     .entry_type = "resource",
                                     .version = 1,
                                     .document = world_document(w, "mail", "x") };
    struct transaction *tx = world_transaction(w);
    world_put_in(w, tx, "B", 1, "x");
    world_put_in(w, tx, "A", 1, "x");
    assert_done(w, transaction_resource(tx, &maria, &vendor, &w->err));
    world_commit(w, tx);
    uint64_t size = store_size(w->store);
    assert_done(w, resource_list(w->store, w->arena, SLICE("Control"), size, &list, &w->err));
    assert_int_equal(list.count, 2);
    assert_true(slice_is(list.items[0].name, "control/A"));
    assert_done(w, resource_list(w->store, w->arena, SLICE(""), size, &list, &w->err));
    assert_int_equal(list.count, 3);
    assert_done(w, resource_list(w->store, w->arena, SLICE("Control"), 1, &list, &w->err));
    assert_int_equal(list.count, 0);
}

static void a_name_that_differs_only_in_case_is_found(void **state)
{
    struct world *w = *state;
    struct slice other;
    world_put(w, "CM-02", "x");
    uint64_t size = store_size(w->store);
    assert_done(w, resource_same_but_case(w->store, w->arena, SLICE("control/cm-02"), size, &other,
                                          &w->err));
    assert_true(slice_is(other, "control/CM-02"));
    assert_done(w, resource_same_but_case(w->store, w->arena, SLICE("control/CM-02"), size, &other,
                                          &w->err));
    assert_int_equal(other.len, 0);
}

static void a_document_of_any_size_comes_back(void **state)
{
    struct world *w = *state;
    enum { BIG = 300 * 1024 };
    char *text = malloc(BIG + 1);
    memset(text, 'x', BIG);
    text[BIG] = '\0';
    world_put(w, "A", text);
    struct resource_version version = get(w, "control/A", store_size(w->store));
    assert_true(version.document.len > BIG);
    assert_findings(w, 0, NULL);
    world_reopen(w);
    assert_true(slice_equal(version.document, get(w, "control/A", 2).document));
    free(text);
}

/* ---------------------------------------------------------------- moments */

static void a_moment_is_a_ledger_size(void **state)
{
    struct world *w = *state;
    uint64_t size = 99;
    /* Entry 0 was written a second after 12:00, and each commit takes a second. */
    world_put(w, "A", "one");
    world_clock_us += US_PER_DAY;
    world_put(w, "A", "two");
    struct resource_version second = get(w, "control/A", 3);
    static const struct {
        const char *when;
        uint64_t size;
    } cases[] = { { "#0", 0 },
                  { "#2", 2 },
                  { "2026-11-23", 0 },
                  { "2026-11-24", 2 },
                  { "2026-11-25", 3 },
                  { "2030-01-01", 3 },
                  { "2026-11-24T12:00:00Z", 0 },
                  { "2026-11-25T00:00:00+09:00", 2 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_done(w, store_as_of(w->store, slice_of(cases[i].when), &size, &w->err));
        if (size != cases[i].size)
            fail_msg("%s: %llu", cases[i].when, (unsigned long long)size);
    }
    assert_done(w, store_as_of(w->store, second.at, &size, &w->err));
    assert_int_equal(size, 3); /* the very instant counts */
    bool ok = store_as_of(w->store, SLICE("#4"), &size, &w->err);
    assert_error(w, ok, ERROR_INVALID, "only 3 entries");
    ok = store_as_of(w->store, SLICE("last tuesday"), &size, &w->err);
    assert_error(w, ok, ERROR_INVALID, "");
    ok = store_as_of(w->store, SLICE("#-1"), &size, &w->err);
    assert_error(w, ok, ERROR_INVALID, "no ledger size");
}

static void the_past_is_as_it_was(void **state)
{
    struct world *w = *state;
    struct resource_version version;
    world_put(w, "A", "one");
    world_put(w, "A", "two");
    assert_true(slice_is(get(w, "control/A", 2).document, "{\"id\":\"A\",\"text\":\"one\"}"));
    bool ok = resource_get(w->store, w->arena, SLICE("control/A"), 1, &version, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "there is no control/A");
}

/* ---------------------------------------------------------------- payloads */

/* An entry of type blob that holds a payload. */
static void blob_in(struct world *w, struct transaction *tx, const struct payload *payload)
{
    struct value *body = value_new(transaction_arena(tx), VALUE_OBJECT, &w->err);
    assert_done(
        w, value_put_text(transaction_arena(tx), body, "media", SLICE("text/plain"), &w->err) &&
               value_put(transaction_arena(tx), body, "payload",
                         payload_value(transaction_arena(tx), payload, &w->err), &w->err));
    struct entry_draft draft = { .type = "blob", .key = SLICE("notes"), .body = body };
    draft.object = world_document(w, "object", "kept beside");
    assert_done(w, transaction_entry(tx, &maria, &draft, &w->err));
}

static void a_payload_is_a_commitment_to_its_bytes(void **state)
{
    struct world *w = *state;
    struct payload small, big;
    struct slice bytes;
    uint8_t salt[32];
    char *path;
    enum { BIG = 65 * 1024 };
    char *text = calloc(BIG, 1);
    struct transaction *tx = world_transaction(w);
    assert_done(w, payload_put(tx, SLICE("a note"), &small, &w->err));
    assert_done(w, payload_put(tx, (struct slice){ text, BIG }, &big, &w->err));
    blob_in(w, tx, &small);
    blob_in(w, tx, &big);
    world_commit(w, tx);

    assert_done(w, payload_get(w->store, w->arena, &small.c, salt, &bytes, &w->err));
    assert_true(slice_is(bytes, "a note"));
    struct digest c = commitment(salt, bytes);
    assert_true(digest_equal(&c, &small.c));
    assert_done(w, payload_get(w->store, w->arena, &big.c, salt, &bytes, &w->err));
    assert_int_equal(bytes.len, BIG);

    bool ok = payload_file(w->store, w->arena, &small.c, salt, &path, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "no payload");
    assert_done(w, payload_file(w->store, w->arena, &big.c, salt, &path, &w->err));
    assert_true(file_exists(path));
    assert_findings(w, 0, NULL);
    free(text);
}

static void equal_bytes_have_different_commitments(void **state)
{
    struct world *w = *state;
    struct payload first, second;
    struct transaction *tx = world_transaction(w);
    assert_done(w, payload_put(tx, SLICE("yes"), &first, &w->err));
    assert_done(w, payload_put(tx, SLICE("yes"), &second, &w->err));
    assert_false(digest_equal(&first.c, &second.c));
    transaction_free(tx);
}

static void a_payload_written_as_a_stream_is_a_file(void **state)
{
    struct world *w = *state;
    struct payload payload;
    struct digest plain, expected = sha256_of(SLICE("parquet"));
    uint8_t salt[32];
    char *path;
    struct transaction *tx = world_transaction(w);
    struct payload_writer *writer = payload_writer_new(w->store, &w->err);
    assert_done(w, writer && payload_writer_add(writer, SLICE("par"), &w->err) &&
                       payload_writer_add(writer, SLICE("quet"), &w->err) &&
                       payload_writer_finish(writer, tx, &payload, &plain, &w->err));
    payload_writer_free(writer);
    assert_true(digest_equal(&plain, &expected));
    blob_in(w, tx, &payload);
    world_commit(w, tx);
    world_reopen(w);
    assert_done(w, payload_file(w->store, w->arena, &payload.c, salt, &path, &w->err));
    assert_findings(w, 0, NULL);
}

static void what_was_not_committed_leaves_no_file(void **state)
{
    struct world *w = *state;
    struct payload payload;
    enum { BIG = 65 * 1024 };
    char *text = calloc(BIG, 1);
    char hex[65], name[128];
    struct transaction *tx = world_transaction(w);
    assert_done(w, payload_put(tx, (struct slice){ text, BIG }, &payload, &w->err));
    digest_hex(&payload.c, hex);
    (void)snprintf(name, sizeof(name), "payload/%.2s/%s", hex, hex);
    assert_true(file_exists(world_path(w, name)));
    transaction_free(tx);
    assert_false(file_exists(world_path(w, name)));
    free(text);
}

static void rules_read_payloads_and_names_from_the_store(void **state)
{
    struct world *w = *state;
    struct payload small, big;
    struct slice salt, bytes, shown;
    struct digest name, unknown = sha256_of(SLICE("x"));
    bool is_equal = false;
    enum { BIG = 65 * 1024 };
    char *text = calloc(BIG, 1);
    struct transaction *tx = world_transaction(w);
    assert_done(w, payload_put(tx, SLICE("a note"), &small, &w->err));
    assert_done(w, payload_put(tx, (struct slice){ text, BIG }, &big, &w->err));
    blob_in(w, tx, &small);
    blob_in(w, tx, &big);
    assert_done(w, name_shown(tx, w->arena, maria.name, true, &shown, &w->err));
    world_commit(w, tx);
    const struct payload_source *source = store_payloads(w->store);

    assert_int_equal(source->state(source, &small.c), PAYLOAD_HELD);
    assert_int_equal(source->state(source, &unknown), PAYLOAD_MISSING);
    assert_done(w, source->open(source, &small.c, &salt, &bytes, &w->err));
    assert_true(slice_is(bytes, "a note"));
    assert_done(w, source->hash(source, &big.c, BIG, &is_equal, &w->err));
    assert_true(is_equal);
    assert_done(w, source->hash(source, &big.c, BIG - 1, &is_equal, &w->err));
    assert_false(is_equal);
    assert_true(entry_name_commitment(shown, &name));
    assert_done(w, source->open(source, &name, &salt, &bytes, &w->err));
    assert_true(slice_is(bytes, "person/maria"));
    free(text);
}

/* ---------------------------------------------------------------- names */

static void a_private_name_keeps_its_salt(void **state)
{
    struct world *w = *state;
    struct slice first, second, plain;
    struct transaction *tx = world_transaction(w);
    assert_done(w, name_shown(tx, w->arena, maria.name, true, &first, &w->err));
    world_put_in(w, tx, "A", 1, "x");
    world_commit(w, tx);
    world_reopen(w);
    tx = world_transaction(w);
    assert_done(w, name_shown(tx, w->arena, maria.name, true, &second, &w->err));
    assert_true(slice_equal(first, second));
    assert_int_equal(first.len, 66);
    assert_done(w, name_plain(w->store, w->arena, first, &plain, &w->err));
    assert_true(slice_is(plain, "person/maria"));
    assert_done(w, name_plain(w->store, w->arena, SLICE("control/A"), &plain, &w->err));
    assert_true(slice_is(plain, "control/A"));
    bool ok =
        name_plain(w->store, w->arena,
                   SLICE("c/0000000000000000000000000000000000000000000000000000000000000000"),
                   &plain, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "is not held");
    transaction_free(tx);
}

static void two_transactions_share_the_salt_of_a_new_name(void **state)
{
    struct world *w = *state;
    struct stored_entry a, b;
    struct transaction *first = world_transaction(w), *second = world_transaction(w);
    world_put_in(w, first, "A", 1, "x");
    world_put_in(w, second, "B", 1, "x");
    world_commit(w, second);
    world_commit(w, first);
    assert_done(w, entry_get(w->store, w->arena, 1, &a, &w->err));
    assert_done(w, entry_get(w->store, w->arena, 2, &b, &w->err));
    const char *shown_a = strstr(a.bytes.at, "c/"), *shown_b = strstr(b.bytes.at, "c/");
    assert_non_null(shown_a);
    assert_memory_equal(shown_a, shown_b, 66);
    assert_findings(w, 0, NULL);
}

static void a_resource_with_a_private_name_shows_only_the_commitment(void **state)
{
    struct world *w = *state;
    struct stored_entry entry;
    struct resource_draft draft = { .name = SLICE("person/maria"),
                                    .kind = SLICE("Person"),
                                    .entry_type = "resource",
                                    .is_private = true,
                                    .version = 1,
                                    .document = world_document(w, "maria", "x") };
    struct transaction *tx = world_transaction(w);
    assert_done(w, transaction_resource(tx, &maria, &draft, &w->err));
    world_commit(w, tx);
    assert_done(w, entry_get(w->store, w->arena, 1, &entry, &w->err));
    assert_null(strstr(entry.bytes.at, "maria"));
    assert_true(slice_is(entry.key, "person/maria"));
    assert_int_equal(get(w, "person/maria", 2).version, 1);
    assert_findings(w, 0, NULL);
}

/* ---------------------------------------------------------------- entries */

static void entries_are_found_by_type_key_number_and_leaf(void **state)
{
    struct world *w = *state;
    struct payload payload;
    struct stored_entries list;
    struct stored_entry entry, found;
    char hex[65];
    uint64_t n = 99;
    struct transaction *tx = world_transaction(w);
    assert_done(w, payload_put(tx, SLICE("a note"), &payload, &w->err));
    blob_in(w, tx, &payload);
    world_put_in(w, tx, "A", 1, "x");
    world_commit(w, tx);
    uint64_t size = store_size(w->store);
    assert_done(
        w, entry_list(w->store, w->arena, SLICE("blob"), SLICE("notes"), size, &list, &w->err));
    assert_int_equal(list.count, 1);
    entry = list.items[0];
    assert_int_equal(entry.n, 1);
    assert_true(slice_is(entry.object, "{\"id\":\"object\",\"text\":\"kept beside\"}"));
    assert_done(
        w, entry_list(w->store, w->arena, SLICE("blob"), SLICE("other"), size, &list, &w->err));
    assert_int_equal(list.count, 0);
    assert_done(w, entry_list(w->store, w->arena, SLICE("blob"), SLICE(""), 1, &list, &w->err));
    assert_int_equal(list.count, 0);

    digest_hex(&entry.leaf, hex);
    for (size_t len = 8; len <= 64; len += 7) {
        struct slice prefix = { hex, len };
        assert_done(w, entry_find(w->store, w->arena, prefix, size, &found, &w->err));
        assert_int_equal(found.n, 1);
    }
    bool ok = entry_find(w->store, w->arena, (struct slice){ hex, 7 }, size, &found, &w->err);
    assert_error(w, ok, ERROR_INVALID, "is no leaf hash");
    ok = entry_find(w->store, w->arena, (struct slice){ hex, 64 }, 1, &found, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "no entry's leaf hash");
    assert_done(w, leaf_index(w->store, &entry.leaf, &n, &w->err));
    assert_int_equal(n, 1);
    ok = entry_get(w->store, w->arena, 3, &found, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "no entry 3");
}

static void an_input_that_is_not_in_the_ledger_is_refused(void **state)
{
    struct world *w = *state;
    struct digest unknown = sha256_of(SLICE("nowhere"));
    const struct ledger_appended *appended;
    size_t count;
    struct resource_draft draft = { .name = SLICE("control/A"),
                                    .kind = SLICE("Control"),
                                    .entry_type = "resource",
                                    .version = 1,
                                    .document = world_document(w, "A", "x"),
                                    .inputs = &unknown,
                                    .inputs_count = 1 };
    struct transaction *tx = world_transaction(w);
    assert_done(w, transaction_resource(tx, &maria, &draft, &w->err));
    bool ok = transaction_commit(tx, &appended, &count, &w->err);
    assert_error(w, ok, ERROR_ORDER, "input-missing");
    transaction_free(tx);
    world_put(w, "A", "x");
    assert_findings(w, 0, NULL);
}

static void inputs_beyond_32_are_kept_and_read_again(void **state)
{
    struct world *w = *state;
    enum { INPUTS = 100 };
    struct digest inputs[INPUTS];
    struct stored_entry entry;
    struct transaction *tx = world_transaction(w);
    for (int i = 0; i < INPUTS; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "C-%d", i);
        world_put_in(w, tx, id, 1, "x");
    }
    world_commit(w, tx);
    for (uint64_t i = 0; i < INPUTS; i++)
        assert_done(w, ledger_leaf(store_ledger(w->store), i + 1, &inputs[i], &w->err));
    struct resource_draft draft = { .name = SLICE("control/all"),
                                    .kind = SLICE("Control"),
                                    .entry_type = "resource",
                                    .version = 1,
                                    .document = world_document(w, "all", "x"),
                                    .inputs = inputs,
                                    .inputs_count = INPUTS };
    tx = world_transaction(w);
    assert_done(w, transaction_resource(tx, &maria, &draft, &w->err));
    world_commit(w, tx);
    assert_done(w, entry_get(w->store, w->arena, INPUTS + 1, &entry, &w->err));
    assert_non_null(strstr(entry.bytes.at, "\"more\":{"));
    world_reopen(w); /* the rules read the list from the store */
    world_put(w, "all", "y");
    assert_findings(w, 0, NULL);
}

/* ---------------------------------------------------------------- threads */

enum { THREADS = 4, COMMITS_EACH = 6 };

struct worker {
    struct world *w;
    pthread_t thread;
    unsigned number;
    struct error err;
};

/* Commits resources of its own, and reads while others commit. */
static bool work(struct worker *self)
{
    struct store *store = self->w->store;
    struct arena *arena = arena_new((size_t)1 << 24, &self->err);
    bool ok = arena != NULL;
    for (unsigned i = 0; ok && i < COMMITS_EACH; i++) {
        const struct ledger_appended *appended;
        size_t count;
        struct resource_version version;
        struct slice bytes;
        char name[32];
        (void)snprintf(name, sizeof(name), "control/T%u-%u", self->number, i);
        struct resource_draft draft = { .name = slice_of(name),
                                        .kind = SLICE("Control"),
                                        .entry_type = "resource",
                                        .version = 1,
                                        .document = value_new(arena, VALUE_OBJECT, &self->err) };
        struct transaction *tx = transaction_begin(store, &self->err);
        ok = tx && transaction_resource(tx, &maria, &draft, &self->err) &&
             transaction_commit(tx, &appended, &count, &self->err);
        transaction_free(tx);
        ok = ok &&
             resource_get(store, arena, draft.name, store_size(store), &version, &self->err) &&
             ledger_entry(store_ledger(store), arena, version.n, &bytes, &self->err);
    }
    arena_free(arena);
    return ok;
}

static void *run_worker(void *context) { return work(context) ? context : NULL; }

static void commits_of_several_threads_queue(void **state)
{
    struct world *w = *state;
    struct worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ .w = w, .number = i };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(workers[i].thread, &result), 0);
        if (!result)
            fail_msg("%s", workers[i].err.message);
    }
    assert_int_equal(store_size(w->store), 1 + THREADS * COMMITS_EACH);
    assert_findings(w, 0, NULL);
    world_reopen(w);
    assert_int_equal(store_size(w->store), 1 + THREADS * COMMITS_EACH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_data_directory_holds_the_first_entry),
        TEST(a_folder_with_something_in_it_is_refused),
        cmocka_unit_test_setup_teardown(
            an_interrupted_beginning_is_no_data_directory_and_can_begin_again, world_empty,
            world_end),
        TEST(there_is_one_writer_and_readers_do_not_wait),
        TEST(a_directory_that_cannot_be_written_can_be_read),
        TEST(a_resource_has_all_its_versions),
        TEST(the_version_before_is_an_input),
        TEST(two_versions_in_one_transaction_follow_each_other),
        TEST(a_version_that_does_not_follow_is_refused),
        TEST(the_second_of_two_transactions_on_one_resource_is_refused),
        TEST(a_removed_resource_is_a_version_that_says_so),
        TEST(lists_are_sorted_by_name_and_cut_by_kind),
        TEST(a_name_that_differs_only_in_case_is_found),
        TEST(a_document_of_any_size_comes_back),
        TEST(a_moment_is_a_ledger_size),
        TEST(the_past_is_as_it_was),
        TEST(a_payload_is_a_commitment_to_its_bytes),
        TEST(equal_bytes_have_different_commitments),
        TEST(a_payload_written_as_a_stream_is_a_file),
        TEST(what_was_not_committed_leaves_no_file),
        TEST(rules_read_payloads_and_names_from_the_store),
        TEST(a_private_name_keeps_its_salt),
        TEST(two_transactions_share_the_salt_of_a_new_name),
        TEST(a_resource_with_a_private_name_shows_only_the_commitment),
        TEST(entries_are_found_by_type_key_number_and_leaf),
        TEST(an_input_that_is_not_in_the_ledger_is_refused),
        TEST(inputs_beyond_32_are_kept_and_read_again),
        TEST(commits_of_several_threads_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
