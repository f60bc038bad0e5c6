/* A data directory under the same checks as a bundle: right as it stands, and damaged in each of
 * its parts. */
#include "report/issued_world.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/verify_store.h"

/* As `attest verify DIR` does. */
static struct verifier *verify(struct world *w)
{
    store_close(w->store);
    w->store = NULL;
    struct verifier *verifier = verify_folder(w->folder, NULL, &w->err);
    assert_done(w, verifier != NULL);
    return verifier;
}

static void expect(struct world *w, const char *id, enum check_state state, const char *words)
{
    struct verifier *verifier = verify(w);
    const struct check *check = verification_find(verifier_verification(verifier), id);
    assert_non_null(check);
    if (check->state != state || !strstr(check->detail, words))
        fail_msg("%s: %s: %s", id, check_state_name(check->state), check->detail);
    if (state == CHECK_FAILS)
        assert_false(verification_holds(verifier_verification(verifier)));
    verifier_free(verifier);
}

static void a_directory_as_it_was_left_holds(void **state)
{
    struct world *w = *state;
    issued_make(w);
    struct verifier *verifier = verify(w);
    struct strbuf text = strbuf_new(1 << 20);
    verification_text(verifier_verification(verifier), &text);
    if (!verification_holds(verifier_verification(verifier)))
        fail_msg("%.900s", text.at);
    strbuf_free(&text);
    verifier_free(verifier);
    expect(w, "ledger.tiles", CHECK_HOLDS, "1 tiles");
    expect(w, "store.rows", CHECK_HOLDS, "");
    expect(w, "ledger.consistency", CHECK_HOLDS, "report #7");
    expect(w, "test.matrix", CHECK_HOLDS, "1 of 1 runs");
    expect(w, "payload.digest", CHECK_HOLDS, "");
    expect(w, "bundle.form", CHECK_NOT_MADE, "no bundle");
    expect(w, "report.documents", CHECK_NOT_MADE, "no copies");
}

static void tiles_of_every_level_are_compared(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 300; i += 100) {
        struct transaction *tx = world_transaction(w);
        for (int j = i; j < i + 100; j++) {
            char id[16];
            snprintf(id, sizeof id, "C-%d", j);
            world_put_in(w, tx, id, 1, "text");
        }
        world_commit(w, tx);
    }
    expect(w, "ledger.tiles", CHECK_HOLDS, "3 tiles"); /* 0/000, 0/001.p/45, 1/000.p/1 */
    issued_flip(w, "ledger/public/tile/1/000.p/1", 5);
    expect(w, "ledger.tiles", CHECK_FAILS, "tile/1/000.p/1");
}

static void bit_flip_in_a_tile(void **state)
{
    struct world *w = *state;
    issued_make(w);
    issued_flip(w, "ledger/public/tile/0/000.p/10", 40);
    expect(w, "ledger.tiles", CHECK_FAILS, "tile/0/000.p/10 does not hold the hashes");
    expect(w, "store.opens", CHECK_FAILS, "");
}

static void tile_cut_short(void **state)
{
    struct world *w = *state;
    issued_make(w);
    assert_int_equal(truncate(world_path(w, "ledger/public/tile/0/000.p/10"), 300), 0);
    expect(w, "ledger.tiles", CHECK_FAILS, "tile/0/000.p/10");
}

static void bit_flip_in_the_checkpoint(void **state)
{
    struct world *w = *state;
    issued_make(w);
    issued_flip(w, "ledger/public/checkpoint", 30);
    expect(w, "store.opens", CHECK_FAILS, "checkpoint");
}

static void no_directory_is_another_thing_than_a_damaged_one(void **state)
{
    struct world *w = *state;
    assert_null(verify_folder(world_path(w, "elsewhere"), NULL, &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
}

static void bit_flip_in_an_entry(void **state)
{
    struct world *w = *state;
    issued_make(w);
    issued_flip(w, "ledger/public/tile/entries/000.p/10", 700);
    expect(w, "ledger.root", CHECK_FAILS, "");
}

static void bit_flip_in_a_segment(void **state)
{
    struct world *w = *state;
    issued_make(w);
    issued_flip(w, issued_payload_path(w, 2, "payload"), 4000);
    expect(w, "payload.digest", CHECK_FAILS, "of segment #2 is not what");
}

static void payload_gone(void **state)
{
    struct world *w = *state;
    issued_make(w);
    assert_int_equal(unlink(world_path(w, issued_payload_path(w, ISSUED_RUN, "payload"))), 0);
    expect(w, "payload.present", CHECK_FAILS, "of test.run #6 is not here");
}

/* Behind the program's back. */
static void database_do(struct world *w, const char *sql)
{
    sqlite3 *database;
    char *message = NULL;
    store_close(w->store);
    w->store = NULL;
    assert_int_equal(sqlite3_open(world_path(w, "store.db"), &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void altered_document_in_the_database(void **state)
{
    struct world *w = *state;
    issued_make(w);
    database_do(w, "update payload set bytes = cast(replace(bytes, 'agreed', 'wanted') as blob) "
                   "where bytes is not null and instr(bytes, 'agreed') > 0");
    expect(w, "payload.digest", CHECK_FAILS, "of resource #1 is not what");
}

static void altered_row_of_the_database(void **state)
{
    struct world *w = *state;
    issued_make(w);
    database_do(w, "update entry set type = 'blob' where n = 6");
    expect(w, "store.rows", CHECK_FAILS, "");
}

/* A segment under another type's name would be left out of every population from then on. */
static void hidden_segment(void **state)
{
    struct world *w = *state;
    issued_make(w);
    database_do(w, "update entry set key = 'other' where type = 'segment'");
    expect(w, "store.records", CHECK_FAILS,
           "segment #2: its \"key\" in the store is not what the ledger gives");
}

static void withheld_segment(void **state)
{
    struct world *w = *state;
    issued_make(w);
    expect(w, "population.complete", CHECK_HOLDS,
           "1 populations and 1 runs leave out no segment of their types; 0 segments came later");
    world_reopen(w);
    issued_withhold(w);
    expect(w, "population.complete", CHECK_FAILS,
           "population #11 leaves out segment #10 of \"changes\"");
}

/* A run under another test's name would be missed by the evaluation of its own. */
static void hidden_run(void **state)
{
    struct world *w = *state;
    issued_make(w);
    database_do(w, "update entry set key = 'test/other' where type = 'test.run'");
    expect(w, "store.records", CHECK_FAILS, "test.run #6: its \"key\"");
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_directory_as_it_was_left_holds),
        STORE_TEST(tiles_of_every_level_are_compared),
        STORE_TEST(bit_flip_in_a_tile),
        STORE_TEST(tile_cut_short),
        STORE_TEST(bit_flip_in_an_entry),
        STORE_TEST(bit_flip_in_a_segment),
        STORE_TEST(payload_gone),
        STORE_TEST(altered_document_in_the_database),
        STORE_TEST(altered_row_of_the_database),
        STORE_TEST(hidden_segment),
        STORE_TEST(withheld_segment),
        STORE_TEST(hidden_run),
        STORE_TEST(bit_flip_in_the_checkpoint),
        STORE_TEST(no_directory_is_another_thing_than_a_damaged_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
