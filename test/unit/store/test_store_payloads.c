/* Payloads, names and entries of a store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/entry.h"
#include "store/payload_writer.h"
#include "store/store_world.h"

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
    struct resource_version version;
    assert_done(w, resource_get(w->store, w->arena, SLICE("person/maria"), 2, &version, &w->err));
    assert_int_equal(version.version, 1);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
