/* Many threads write to one store: their batches share commits, none is split, none that was
 * acknowledged is lost, and when the disk fails everybody is told.
 *
 * fsync() and rename() are replaced in this program: it counts commits by the heads that are put in
 * place, and can hold one back, or fail the n-th sync. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger_private.h"
#include "store/store_world.h"

enum { THREADS_MAX = 16, BATCH = 3 };

/* ---------------------------------------------------------------- the disk */

static atomic_long syncs, heads;
static atomic_long fails_at;                             /* 0: none */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* a head passes through it */

/* The next definition of a function after ours. */
#define REAL(name, type)                                                                           \
    *(type *)&(void *) { dlsym(RTLD_NEXT, name) }

static bool sync_fails(void)
{
    if (atomic_fetch_add(&syncs, 1) + 1 != atomic_load(&fails_at))
        return false;
    errno = EIO;
    return true;
}

int fsync(int fd)
{
    typedef int (*function)(int);
    return sync_fails() ? -1 : (REAL("fsync", function))(fd);
}

int fdatasync(int fd)
{
    typedef int (*function)(int);
    return sync_fails() ? -1 : (REAL("fdatasync", function))(fd);
}

int rename(const char *from, const char *to)
{
    typedef int (*function)(const char *, const char *);
    if (strstr(to, "/ledger/head")) {
        (void)pthread_mutex_lock(&gate);
        (void)pthread_mutex_unlock(&gate);
        atomic_fetch_add(&heads, 1);
    }
    return (REAL("rename", function))(from, to);
}

/* ---------------------------------------------------------------- the writers */

struct acknowledged {
    uint64_t n; /* of the first entry of the batch */
    struct digest leaf;
};

struct writer {
    struct store *store;
    pthread_t thread;
    unsigned number, round, batches;
    int out;                   /* where each acknowledgement is written; -1: into `told` */
    struct acknowledged *told; /* as many as `batches`, or NULL */
    unsigned told_count;
    const char *same_name; /* instead of a name of its own, for a batch of one entry */
    struct error err;
};

static bool put(struct writer *self, struct transaction *tx, const char *name)
{
    struct resource_draft draft = {
        .name = slice_of(name), .kind = SLICE("Control"), .entry_type = "resource", .version = 1
    };
    struct value *document = value_new(transaction_arena(tx), VALUE_OBJECT, &self->err);
    draft.document = document;
    return document &&
           value_put_text(transaction_arena(tx), document, "id", draft.name, &self->err) &&
           transaction_resource(tx, &maria, &draft, &self->err);
}

static bool tell(struct writer *self, const struct ledger_appended *first)
{
    struct acknowledged said = { .n = first->n, .leaf = first->leaf };
    if (self->out >= 0)
        return write(self->out, &said, sizeof(said)) == (ssize_t)sizeof(said);
    self->told[self->told_count++] = said;
    return true;
}

static bool write_batch(struct writer *self, unsigned batch)
{
    const struct ledger_appended *appended;
    size_t count = self->same_name ? 1 : BATCH;
    struct transaction *tx = transaction_begin(self->store, &self->err);
    bool ok = tx != NULL;
    for (unsigned i = 0; ok && i < count; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "control/R%u-T%u-B%u-%u", self->round, self->number,
                       batch, i);
        ok = put(self, tx, self->same_name ? self->same_name : name);
    }
    ok = ok && transaction_commit(tx, &appended, &count, &self->err) && tell(self, &appended[0]);
    transaction_free(tx);
    return ok;
}

static void *run(void *context)
{
    struct writer *self = context;
    for (unsigned batch = 0; batch < self->batches; batch++) {
        if (!write_batch(self, batch))
            break;
    }
    return NULL;
}

static void writer_start(struct world *w, struct writer *writer, unsigned number, unsigned batches)
{
    *writer = (struct writer){ .store = w->store, .number = number, .batches = batches, .out = -1 };
    writer->told = arena_array(w->arena, batches, sizeof(*writer->told), &w->err);
    assert_non_null(writer->told);
}

static void writers_run(struct world *w, struct writer *writers, unsigned count, unsigned batches)
{
    for (unsigned i = 0; i < count; i++)
        writer_start(w, &writers[i], i, batches);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&writers[i].thread, NULL, run, &writers[i]), 0);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
}

/* Entries 1.. are batches of three of one writer, in order. */
static void assert_no_batch_is_split(struct world *w)
{
    uint64_t size = store_size(w->store);
    assert_int_equal((size - 1) % BATCH, 0);
    for (uint64_t n = 1; n < size; n++) {
        struct stored_entry first, entry;
        assert_done(w, entry_get(w->store, w->arena, n - (n - 1) % BATCH, &first, &w->err));
        assert_done(w, entry_get(w->store, w->arena, n, &entry, &w->err));
        assert_int_equal(entry.key.len, first.key.len);
        assert_memory_equal(entry.key.at, first.key.at, first.key.len - 1);
        assert_int_equal(entry.key.at[entry.key.len - 1], '0' + (char)((n - 1) % BATCH));
    }
}

static void assert_is_there(struct world *w, const struct acknowledged *said)
{
    struct digest leaf;
    assert_done(w, ledger_leaf(store_ledger(w->store), said->n, &leaf, &w->err));
    assert_true(digest_equal(&leaf, &said->leaf));
}

/* ---------------------------------------------------------------- tests */

static void batches_of_many_threads_share_commits(void **state)
{
    enum { BATCHES = 8 };
    struct world *w = *state;
    struct writer writers[THREADS_MAX];
    heads = 0;
    writers_run(w, writers, THREADS_MAX, BATCHES);
    print_message("%ld commits for %d batches\n", atomic_load(&heads), THREADS_MAX * BATCHES);
    assert_true(heads < THREADS_MAX * BATCHES);
    assert_int_equal(store_size(w->store), 1 + THREADS_MAX * BATCHES * BATCH);
    world_reopen(w);
    assert_int_equal(store_size(w->store), 1 + THREADS_MAX * BATCHES * BATCH);
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        assert_int_equal(writers[i].told_count, BATCHES);
        for (unsigned j = 0; j < BATCHES; j++)
            assert_is_there(w, &writers[i].told[j]);
    }
    assert_no_batch_is_split(w);
    assert_findings(w, 0, NULL);
}

static void wait_for_queue(struct store *store, size_t count)
{
    struct ledger *ledger = store_ledger(store);
    for (size_t found = SIZE_MAX; found != count;) {
        (void)usleep(1000);
        (void)pthread_mutex_lock(&ledger->queue_mutex);
        found = ledger->is_committing ? 0 : SIZE_MAX;
        for (struct commit_request *at = ledger->waiting; at && found != SIZE_MAX; at = at->next)
            found++;
        (void)pthread_mutex_unlock(&ledger->queue_mutex);
    }
}

static void of_two_in_one_commit_that_write_the_same_version_one_is_refused(void **state)
{
    struct world *w = *state;
    struct writer writers[4];
    heads = 0;
    (void)pthread_mutex_lock(&gate); /* the first commit cannot end: the others wait */
    for (unsigned i = 0; i < ARRAY_LEN(writers); i++) {
        writer_start(w, &writers[i], i, 1);
        writers[i].same_name = i == 0 ? "control/first" : i == 3 ? "control/last" : "control/same";
        assert_int_equal(pthread_create(&writers[i].thread, NULL, run, &writers[i]), 0);
        wait_for_queue(w->store, i);
    }
    (void)pthread_mutex_unlock(&gate);
    for (unsigned i = 0; i < ARRAY_LEN(writers); i++)
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
    assert_int_equal(heads, 2);
    assert_int_equal(writers[1].told_count, 1);
    assert_int_equal(writers[2].told_count, 0);
    assert_int_equal(writers[2].err.code, ERROR_ORDER);
    assert_string_equal(writers[2].err.message,
                        "control/same: version 1 does not follow version 1");
    assert_non_null(strstr(writers[2].err.hint, "changed by someone else meanwhile"));
    assert_int_equal(writers[3].told_count, 1); /* a refusal takes nothing from others */
    assert_int_equal(writers[3].told[0].n, writers[1].told[0].n + 1);
    assert_findings(w, 0, NULL);
    world_reopen(w);
    assert_int_equal(store_size(w->store), 4);
    assert_findings(w, 0, NULL);
}

static void a_sync_that_fails_is_told_to_everybody(void **state)
{
    struct world *w = *state;
    enum { SYNCS = 24 };
    struct writer writers[8];
    unsigned failed = 0;
    char kept[sizeof(w->folder)];
    store_close(w->store);
    w->store = NULL;
    memcpy(kept, w->folder, sizeof(kept));
    memcpy(strrchr(kept, '/'), "/kept", sizeof("/kept")); /* as long as /data */
    assert_int_equal(rename(w->folder, kept), 0);
    for (long n = 1; n <= SYNCS; n++) {
        copy_tree(kept, w->folder);
        world_reopen(w);
        syncs = 0;
        fails_at = n;
        /* More commits than the one that fails, whatever is shared. */
        writers_run(w, writers, ARRAY_LEN(writers), 6);
        fails_at = 0;
        unsigned told = 0;
        for (unsigned i = 0; i < ARRAY_LEN(writers); i++)
            told += writers[i].err.code == ERROR_IO;
        /* SQLite does not look at what syncing the folder of its log gives. */
        assert_true(told == ARRAY_LEN(writers) || told == 0);
        failed += told > 0;
        for (unsigned i = 0; told > 0 && i < ARRAY_LEN(writers); i++) {
            assert_false(write_batch(&writers[i], 1001)); /* for good */
            assert_non_null(strstr(writers[i].err.message, "writing has stopped after: "));
        }
        world_reopen(w);
        for (unsigned i = 0; i < ARRAY_LEN(writers); i++) {
            for (unsigned j = 0; j < writers[i].told_count; j++)
                assert_is_there(w, &writers[i].told[j]);
        }
        assert_no_batch_is_split(w);
        assert_findings(w, 0, NULL);
        store_close(w->store);
        w->store = NULL;
        remove_tree(w->folder);
        arena_reset(w->arena);
    }
    print_message("%u of %d failed syncs stopped the writer\n", failed, SYNCS);
    assert_true(failed >= SYNCS - 2);
}

/* ---------------------------------------------------------------- killed */

static void child(const char *folder, int out, unsigned round)
{
    struct writer writers[8];
    struct error err = { 0 };
    struct store *store = store_open(folder, STORE_WRITE, &err);
    for (unsigned i = 0; store && i < ARRAY_LEN(writers); i++) {
        writers[i] = (struct writer){
            .store = store, .number = i, .round = round, .batches = 100000, .out = out
        };
        if (pthread_create(&writers[i].thread, NULL, run, &writers[i]) != 0)
            _exit(2);
    }
    for (unsigned i = 0; store && i < ARRAY_LEN(writers); i++)
        (void)pthread_join(writers[i].thread, NULL);
    _exit(1);
}

/* Reads what was acknowledged until the writers are gone; kills them after `until` of it. */
static size_t hear_and_kill(pid_t process, int in, struct acknowledged *said, size_t room,
                            size_t until)
{
    size_t count = 0;
    while (read(in, &said[count], sizeof(*said)) == (ssize_t)sizeof(*said)) {
        count++;
        assert_true(count < room);
        if (count == until)
            assert_int_equal(kill(process, SIGKILL), 0);
    }
    return count;
}

static void what_was_acknowledged_is_there_after_a_kill(void **state)
{
    enum { ROUNDS = 20, SAID_MAX = 20000 };
    struct world *w = *state;
    unsigned seed = (unsigned)time(NULL);
    size_t total = 0;
    print_message("seed %u\n", seed);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int ends[2], status = 0;
        struct acknowledged *said = arena_array(w->arena, SAID_MAX, sizeof(*said), &w->err);
        assert_non_null(said);
        store_close(w->store);
        w->store = NULL;
        assert_int_equal(pipe(ends), 0);
        pid_t process = fork();
        assert_true(process >= 0);
        if (process == 0) {
            (void)close(ends[0]);
            child(w->folder, ends[1], round);
        }
        (void)close(ends[1]);
        seed = seed * 1664525u + 1013904223u;
        size_t count = hear_and_kill(process, ends[0], said, SAID_MAX, 1 + (seed >> 8) % 60);
        (void)close(ends[0]);
        assert_int_equal(waitpid(process, &status, 0), process);
        assert_true(WIFSIGNALED(status)); /* and did not fail by itself */
        world_clock_us = (int64_t)time(NULL) * 1000000;
        world_reopen(w);
        for (size_t i = 0; i < count; i++)
            assert_is_there(w, &said[i]);
        assert_no_batch_is_split(w);
        assert_findings(w, 0, NULL);
        total += count;
        arena_reset(w->arena);
    }
    print_message("%zu batches acknowledged, %llu entries\n", total,
                  (unsigned long long)store_size(w->store));
}

/* ---------------------------------------------------------------- how fast */

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Printed, not judged: it depends on the disk and on the sanitizer. */
static void entries_in_a_second(void **state)
{
    static const unsigned threads[] = { 1, 16 };
    struct world *w = *state;
    struct writer writers[THREADS_MAX];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        unsigned count = threads[i], batches = 20;
        heads = syncs = 0;
        double begin = seconds_now();
        for (unsigned j = 0; j < count; j++) {
            writer_start(w, &writers[j], j, batches);
            writers[j].round = count;
        }
        for (unsigned j = 0; j < count; j++)
            assert_int_equal(pthread_create(&writers[j].thread, NULL, run, &writers[j]), 0);
        for (unsigned j = 0; j < count; j++) {
            assert_int_equal(pthread_join(writers[j].thread, NULL), 0);
            assert_int_equal(writers[j].told_count, batches);
        }
        double took = seconds_now() - begin;
        print_message("%2u threads: %.0f entries/s; %u batches of %d, %ld commits, %ld syncs\n",
                      count, count * batches * BATCH / took, count * batches, BATCH,
                      atomic_load(&heads), atomic_load(&syncs));
    }
}

/* The children's clock is the system's, so the first entry must not lie in the future of it. */
static int begin_now(void **state)
{
    if (world_empty(state) != 0)
        return 1;
    struct world *w = *state;
    assert_done(w, store_create(w->folder, SLICE("example.com/store"), &w->err));
    world_clock_us = (int64_t)time(NULL) * 1000000;
    world_reopen(w);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(batches_of_many_threads_share_commits),
        TEST(of_two_in_one_commit_that_write_the_same_version_one_is_refused),
        TEST(a_sync_that_fails_is_told_to_everybody),
        cmocka_unit_test_setup_teardown(what_was_acknowledged_is_there_after_a_kill, begin_now,
                                        world_end),
        TEST(entries_in_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
