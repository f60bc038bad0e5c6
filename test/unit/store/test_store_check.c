/* What opening drops, what it refuses, and what a check finds. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "store/store_world.h"

/* Changes the database behind the store's back. */
static void alter(struct world *w, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    store_close(w->store);
    w->store = NULL;
    assert_int_equal(sqlite3_open(world_path(w, "store.db"), &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void alter_and_check(struct world *w, const char *sql, size_t count, const char *message)
{
    alter(w, sql);
    world_reopen(w);
    assert_findings(w, count, message);
}

static void three_controls(struct world *w)
{
    world_put(w, "A", "one");
    world_put(w, "B", "one");
    world_put(w, "A", "two");
}

static void rows_of_a_commit_that_did_not_happen_are_dropped(void **state)
{
    struct world *w = *state;
    struct resource_version version;
    three_controls(w);
    alter(w, "insert into entry values (4, randomblob(32), 'resource', 'control/Z', 'management', "
             "'person/maria', '2026-11-24T12:00:09.000000Z', null);"
             "insert into payload values (randomblob(32), 4, randomblob(32), 2, x'7b7d');"
             "insert into resource select 4, 'control/Z', 'Control', 1, c from payload where n = 4;"
             "insert into name_salt values (randomblob(32), 4, randomblob(32), 'person/zoe');");
    assert_done(w, folder_make(world_path(w, "payload/ab"), &w->err));
    const char *orphan = "payload/ab/"
                         "ab00000000000000000000000000000000000000000000000000000000000000";
    assert_done(w, file_write_output(world_path(w, orphan), SLICE("left"), &w->err));

    /* A reader does not see them; the writer deletes them. */
    struct store *reader = world_reader(w);
    bool ok =
        resource_get(reader, w->arena, SLICE("control/Z"), store_size(reader), &version, &w->err);
    assert_error(w, ok, ERROR_NOT_FOUND, "there is no control/Z");
    store_close(reader);
    world_reopen(w);
    assert_false(file_exists(world_path(w, orphan)));
    assert_findings(w, 0, NULL);
    world_put(w, "Z", "really");
    assert_findings(w, 0, NULL);
}

static void a_database_that_lacks_entries_is_refused_before_anything_is_deleted(void **state)
{
    struct world *w = *state;
    three_controls(w);
    const char *orphan = "payload/ab/"
                         "ab00000000000000000000000000000000000000000000000000000000000000";
    assert_done(w, folder_make(world_path(w, "payload/ab"), &w->err));
    assert_done(w, file_write_output(world_path(w, orphan), SLICE("left"), &w->err));
    alter(w, "delete from resource where n = 2; delete from payload where n = 2; "
             "delete from entry where n = 2");
    struct store *store = store_open(w->folder, STORE_WRITE, &w->err);
    assert_error(w, store != NULL, ERROR_CORRUPT,
                 "expected rows for all 4 entries of the ledger, "
                 "found 3");
    assert_true(file_exists(world_path(w, orphan)));
}

static void a_lost_database_is_refused(void **state)
{
    struct world *w = *state;
    three_controls(w);
    alter(w, "select 1");
    assert_int_equal(remove(world_path(w, "store.db")), 0);
    struct store *store = store_open(w->folder, STORE_WRITE, &w->err);
    assert_error(w, store != NULL, ERROR_CORRUPT, "expected the store's database, found no file");
}

static void a_database_of_another_ledger_is_refused(void **state)
{
    struct world *w = *state;
    three_controls(w);
    alter(w, "update entry set leaf = randomblob(32) where n = 3");
    struct store *store = store_open(w->folder, STORE_READ, &w->err);
    assert_error(w, store != NULL, ERROR_CORRUPT, "found one of another ledger");
}

static void a_database_of_a_newer_program_is_refused(void **state)
{
    struct world *w = *state;
    alter(w, "pragma user_version = 1000");
    struct store *store = store_open(w->folder, STORE_READ, &w->err);
    assert_error(w, store != NULL, ERROR_INVALID, "found 1000");
    store = store_open(w->folder, STORE_WRITE, &w->err);
    assert_error(w, store != NULL, ERROR_INVALID, "found 1000");
}

static void a_row_that_differs_from_its_entry_is_found(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *change, *back, *message;
    } cases[] = {
        { "update entry set type = 'blob' where n = 2",
          "update entry set type = 'resource' where n = 2", "type: expected resource, found blob" },
        { "update entry set side = 'auditor' where n = 2",
          "update entry set side = 'management' where n = 2",
          "side: expected management, found auditor" },
        { "update entry set actor = 'person/zoe' where n = 2",
          "update entry set actor = 'person/maria' where n = 2", "actor: expected person/maria" },
        { "update resource set name = 'control/C' where n = 2",
          "update resource set name = 'control/B' where n = 2", "name: expected control/B" },
        { "update resource set kind = 'Policy' where n = 2",
          "update resource set kind = 'Control' where n = 2", "kind: expected Control" },
        { "update resource set version = 7 where n = 2",
          "update resource set version = 1 where n = 2", "version: expected 1, found 7" },
        { "update resource set payload = null where n = 2",
          "update resource set payload = (select c from payload where n = 2) where n = 2",
          "names another document" },
        { "delete from resource where n = 2",
          "insert into resource select 2, 'control/B', 'Control', 1, c from payload where n = 2",
          "expected a row of a resource's version" },
        { "insert into resource values (0, 'control/Q', 'Control', 1, null)",
          "delete from resource where n = 0", "expected 3 rows of resources" },
        { "insert into payload values (zeroblob(32), 1, zeroblob(32), 0, x'')",
          "delete from payload where c = zeroblob(32)", "expected 3 rows of payloads" },
        { "update name_salt set salt = zeroblob(32)", NULL, "does not give its commitment" },
    };
    three_controls(w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        alter_and_check(w, cases[i].change, 1, cases[i].message);
        if (cases[i].back)
            alter_and_check(w, cases[i].back, 0, NULL);
    }
}

static void a_row_with_another_time_is_found(void **state)
{
    struct world *w = *state;
    three_controls(w);
    alter_and_check(w, "update entry set at = '2020-01-01T00:00:00.000000Z' where n = 2", 1,
                    "at: expected 2026-11-24T");
}

static void a_payload_that_was_changed_is_found_and_not_given_out(void **state)
{
    struct world *w = *state;
    struct resource_version version;
    three_controls(w);
    alter_and_check(w,
                    "update payload set bytes = cast(replace(cast(bytes as text), 'one', 'won') as "
                    "blob) where n = 2",
                    1, "do not give the commitment");
    bool ok = resource_get(w->store, w->arena, SLICE("control/B"), 4, &version, &w->err);
    assert_error(w, ok, ERROR_CORRUPT, "expected the payload with commitment");
}

static void a_payload_that_is_gone_is_found(void **state)
{
    struct world *w = *state;
    struct resource_version version;
    three_controls(w);
    alter_and_check(w, "delete from payload where n = 2", 1, "a payload is missing");
    bool ok = resource_get(w->store, w->arena, SLICE("control/B"), 4, &version, &w->err);
    assert_error(w, ok, ERROR_CORRUPT, "the document of control/B, version 1, is lost");
    alter(w, "delete from name_salt");
    world_reopen(w);
    assert_findings(w, 4, NULL); /* and three actors */
}

static void a_payload_file_that_was_changed_or_lost_is_found(void **state)
{
    struct world *w = *state;
    enum { BIG = 100 * 1024 };
    char *text = calloc(BIG, 1);
    struct payload payload;
    uint8_t salt[32];
    char *path;
    struct transaction *tx = world_transaction(w);
    struct arena *arena = transaction_arena(tx);
    assert_done(w, payload_put(tx, (struct slice){ text, BIG }, &payload, &w->err));
    struct value *body = value_new(arena, VALUE_OBJECT, &w->err);
    assert_done(
        w, value_put_text(arena, body, "media", SLICE("x/y"), &w->err) &&
               value_put(arena, body, "payload", payload_value(arena, &payload, &w->err), &w->err));
    struct entry_draft draft = { .type = "blob", .body = body };
    assert_done(w, transaction_entry(tx, &maria, &draft, &w->err));
    world_commit(w, tx);
    assert_done(w, payload_file(w->store, w->arena, &payload.c, salt, &path, &w->err));
    assert_findings(w, 0, NULL);

    text[77] = 1;
    assert_done(w, file_write_output(path, (struct slice){ text, BIG }, &w->err));
    assert_findings(w, 1, "do not give the commitment");
    struct slice bytes;
    bool ok = payload_get(w->store, w->arena, &payload.c, salt, &bytes, &w->err);
    assert_error(w, ok, ERROR_CORRUPT, "expected the payload with commitment");
    assert_int_equal(remove(path), 0);
    assert_findings(w, 1, "is missing");
    assert_int_equal(store_payloads(w->store)->state(store_payloads(w->store), &payload.c),
                     PAYLOAD_MISSING);
    free(text);
}

static void a_database_file_that_was_damaged_is_found(void **state)
{
    struct world *w = *state;
    struct findings findings = { 0 };
    struct slice bytes;
    for (int i = 0; i < 60; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "C%d", i);
        world_put(w, id, "a text that fills some pages of the database, so that there is a middle");
    }
    alter(w, "pragma wal_checkpoint(truncate)");
    assert_done(w,
                file_read(w->arena, world_path(w, "store.db"), (size_t)1 << 24, &bytes, &w->err));
    char *damaged = arena_string(w->arena, bytes, &w->err);
    memset(damaged + bytes.len / 2, 0xa5, 3000);
    assert_done(w, file_write_output(world_path(w, "store.db"),
                                     (struct slice){ damaged, bytes.len }, &w->err));
    struct store_options options = { .mode = STORE_WRITE, .clock_us = world_clock };
    w->store = store_open_with(w->folder, &options, &w->err);
    bool ok = w->store && store_check(w->store, &findings, &w->err);
    assert_true(ok ? findings.errors_count > 0 : w->err.code == ERROR_CORRUPT);
    findings_free(&findings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_of_a_commit_that_did_not_happen_are_dropped),
        TEST(a_database_that_lacks_entries_is_refused_before_anything_is_deleted),
        TEST(a_lost_database_is_refused),
        TEST(a_database_of_another_ledger_is_refused),
        TEST(a_database_of_a_newer_program_is_refused),
        TEST(a_row_that_differs_from_its_entry_is_found),
        TEST(a_row_with_another_time_is_found),
        TEST(a_payload_that_was_changed_is_found_and_not_given_out),
        TEST(a_payload_that_is_gone_is_found),
        TEST(a_payload_file_that_was_changed_or_lost_is_found),
        TEST(a_database_file_that_was_damaged_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
