/* The anchor: a whole directory that was put back to an older state is found out before it signs.
 * Inside of it nothing is wrong, so only what lies outside can tell. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_world.h"

/* Beside the data directory, which need not be there. */
static const char *beside(const struct world *w, const char *name)
{
    static char paths[2][128];
    static unsigned next;
    char *path = paths[next++ % 2];
    int len = (int)(strrchr(w->folder, '/') - w->folder);
    (void)snprintf(path, sizeof(paths[0]), "%.*s/%s", len, w->folder, name);
    return path;
}

static void anchor_set(struct world *w)
{
    assert_int_equal(mkdir(beside(w, "disk"), 0700), 0);
    assert_done(w, ledger_anchor_set(store_ledger(w->store), beside(w, "disk/note"), &w->err));
}

static struct slice contents(struct world *w, const char *path)
{
    struct slice bytes = { 0 };
    assert_done(w, file_read(w->arena, path, 4096, &bytes, &w->err));
    return bytes;
}

static void close_store(struct world *w)
{
    store_close(w->store);
    w->store = NULL;
}

/* A copy of the data directory takes its place. */
static void put_back(struct world *w, const char *kept)
{
    close_store(w);
    remove_tree(w->folder);
    copy_tree(kept, w->folder);
}

static void assert_refused(struct world *w, enum error_code code, const char *message,
                           const char *hint)
{
    struct slice head = contents(w, world_path(w, "ledger/head"));
    struct store_options options = { .mode = STORE_WRITE, .clock_us = world_clock };
    struct store *store = store_open_with(w->folder, &options, &w->err);
    assert_null(store);
    if (!strstr(w->err.hint, hint) || !strstr(w->err.where, "disk/note"))
        fail_msg("%s: %s (%s)", w->err.where, w->err.message, w->err.hint);
    assert_error(w, false, code, message);
    assert_true(slice_equal(head, contents(w, world_path(w, "ledger/head"))));
    store_close(world_reader(w)); /* it can be read and verified as before */
}

static void each_commit_is_in_the_anchor_when_it_is_acknowledged(void **state)
{
    struct world *w = *state;
    anchor_set(w);
    for (int i = 0; i < 3; i++) {
        assert_true(slice_equal(contents(w, beside(w, "disk/note")),
                                contents(w, world_path(w, "ledger/head"))));
        world_put(w, "C-1", "text");
    }
    world_reopen(w);
    assert_int_equal(store_size(w->store), 4);
    assert_true(
        slice_equal(contents(w, beside(w, "disk/note")), ledger_note(store_ledger(w->store))));
}

static void a_directory_that_was_put_back_signs_nothing(void **state)
{
    struct world *w = *state;
    anchor_set(w);
    world_put(w, "C-1", "text");
    close_store(w);
    copy_tree(w->folder, beside(w, "kept"));
    world_reopen(w);
    world_put(w, "C-2", "a conclusion that somebody regrets");
    put_back(w, beside(w, "kept"));
    assert_refused(w, ERROR_CORRUPT,
                   "expected at most the 2 entries of the head, found a checkpoint of 3",
                   "bring the newer one back");
}

static void another_history_of_the_same_key_signs_nothing(void **state)
{
    struct world *w = *state;
    close_store(w);
    copy_tree(w->folder, beside(w, "kept")); /* it does not know of the anchor yet */
    world_reopen(w);
    anchor_set(w);
    world_put(w, "C-1", "what happened");
    struct slice configured = contents(w, world_path(w, "ledger/anchor"));
    put_back(w, beside(w, "kept"));
    world_reopen(w);
    world_put(w, "C-1", "what should have happened");
    world_put(w, "C-2", "and more");
    assert_false(ledger_anchor_set(store_ledger(w->store), beside(w, "disk/note"), &w->err));
    assert_error(w, false, ERROR_CORRUPT, "expected the root ");
    close_store(w);
    assert_done(w, file_write_output(world_path(w, "ledger/anchor"), configured, &w->err));
    assert_refused(w, ERROR_CORRUPT, "at size 2, found ", "two histories were signed");
}

static void an_anchor_that_a_crash_left_behind_is_written_again(void **state)
{
    struct world *w = *state;
    anchor_set(w);
    struct slice older = contents(w, beside(w, "disk/note"));
    world_put(w, "C-1", "text");
    assert_done(w, file_write_output(beside(w, "disk/note"), older, &w->err));
    world_reopen(w);
    assert_true(
        slice_equal(contents(w, beside(w, "disk/note")), ledger_note(store_ledger(w->store))));
}

static void an_anchor_that_is_gone_is_an_error_until_it_is_taken_back(void **state)
{
    struct world *w = *state;
    anchor_set(w);
    close_store(w);
    assert_int_equal(unlink(beside(w, "disk/note")), 0);
    assert_refused(w, ERROR_IO, "expected this ledger's anchor, found no file",
                   "attest ledger anchor --none");
    assert_done(w, ledger_anchor_clear(world_path(w, "ledger"), &w->err));
    world_reopen(w);
    world_put(w, "C-1", "text");
    assert_int_equal(access(beside(w, "disk/note"), F_OK), -1);
}

static void a_commit_that_cannot_be_anchored_is_not_acknowledged(void **state)
{
    struct world *w = *state;
    const struct ledger_appended *appended;
    size_t count;
    anchor_set(w);
    assert_int_equal(rename(beside(w, "disk"), beside(w, "elsewhere")), 0);
    struct transaction *tx = world_transaction(w);
    world_put_in(w, tx, "C-1", 1, "text");
    assert_error(w, transaction_commit(tx, &appended, &count, &w->err), ERROR_IO, "");
    transaction_free(tx);
    tx = world_transaction(w);
    world_put_in(w, tx, "C-2", 1, "text");
    assert_error(w, transaction_commit(tx, &appended, &count, &w->err), ERROR_IO,
                 "writing has stopped after: ");
    transaction_free(tx);
    /* It had happened, and is anchored by the next opening. */
    assert_int_equal(rename(beside(w, "elsewhere"), beside(w, "disk")), 0);
    world_reopen(w);
    assert_int_equal(store_size(w->store), 2);
    assert_true(
        slice_equal(contents(w, beside(w, "disk/note")), ledger_note(store_ledger(w->store))));
    assert_findings(w, 0, NULL);
}

static void a_file_that_is_no_anchor_of_this_ledger_is_left_alone(void **state)
{
    struct world *w = *state;
    assert_int_equal(mkdir(beside(w, "disk"), 0700), 0);
    assert_done(w, file_write_output(beside(w, "disk/note"), SLICE("a letter\n"), &w->err));
    assert_false(ledger_anchor_set(store_ledger(w->store), beside(w, "disk/note"), &w->err));
    assert_error(w, false, ERROR_CORRUPT, "expected a checkpoint signed by example.com/store");
    assert_true(slice_is(contents(w, beside(w, "disk/note")), "a letter\n"));
    world_put(w, "C-1", "text");
    world_reopen(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_commit_is_in_the_anchor_when_it_is_acknowledged),
        TEST(a_directory_that_was_put_back_signs_nothing),
        TEST(another_history_of_the_same_key_signs_nothing),
        TEST(an_anchor_that_a_crash_left_behind_is_written_again),
        TEST(an_anchor_that_is_gone_is_an_error_until_it_is_taken_back),
        TEST(a_commit_that_cannot_be_anchored_is_not_acknowledged),
        TEST(a_file_that_is_no_anchor_of_this_ledger_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
