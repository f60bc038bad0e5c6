/* Directories, versions and moments of a store, and threads that share one. */
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
        TEST(commits_of_several_threads_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
