/* The n-th write, sync, rename or mkdir fails, for n = 1, 2, 3 ... until none is left to fail: the
 * disk is full or broken, once or from then on, or the process is killed in its place. Afterwards
 * the directory opens, all that was acknowledged is there, and nothing is half there.
 *
 * The functions are replaced in this program, so that those of SQLite fail as well. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_world.h"

static struct {
    bool is_armed, stays; /* stays: from the n-th on all fail */
    bool kills;           /* instead of failing */
    long until;           /* calls that still succeed */
    long failed;
    int number; /* for errno */
} fault;

static bool fails(void)
{
    if (!fault.is_armed)
        return false;
    if (fault.until-- > 0 || (!fault.stays && fault.failed > 0))
        return false;
    if (fault.kills)
        (void)raise(SIGKILL);
    fault.failed++;
    errno = fault.number;
    return true;
}

/* The next definition of a function after ours. */
#define REAL(name, type)                                                                           \
    *(type *)&(void *) { dlsym(RTLD_NEXT, name) }

ssize_t write(int fd, const void *bytes, size_t count)
{
    typedef ssize_t (*function)(int, const void *, size_t);
    return fails() ? -1 : (REAL("write", function))(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    typedef ssize_t (*function)(int, const void *, size_t, off_t);
    return fails() ? -1 : (REAL("pwrite64", function))(fd, bytes, count, offset);
}

/* No power is cut here, so what succeeds need not reach the disk: that would only take time. */
int fsync(int fd)
{
    (void)fd;
    return fails() ? -1 : 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return fails() ? -1 : 0;
}

int ftruncate(int fd, off_t size)
{
    typedef int (*function)(int, off_t);
    return fails() ? -1 : (REAL("ftruncate64", function))(fd, size);
}

int rename(const char *from, const char *to)
{
    typedef int (*function)(const char *, const char *);
    return fails() ? -1 : (REAL("rename", function))(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    typedef int (*function)(const char *, mode_t);
    return fails() ? -1 : (REAL("mkdir", function))(path, mode);
}

static void arm(long n, bool stays)
{
    fault.is_armed = true;
    fault.stays = stays;
    fault.until = n - 1;
    fault.failed = 0;
    fault.number = n % 2 ? ENOSPC : EIO;
}

/* ---------------------------------------------------------------- what is done while calls fail */

/* What was acknowledged: size and the root at that size. */
struct acknowledged {
    uint64_t size;
    struct digest root;
};

static int told = -1; /* where a child tells what was acknowledged; -1: nowhere */

static bool tell(const struct acknowledged *last)
{
    bool is_armed = fault.is_armed;
    fault.is_armed = false;
    bool ok = told < 0 || write(told, last, sizeof(*last)) == (ssize_t)sizeof(*last);
    fault.is_armed = is_armed;
    return ok;
}

static bool put(struct world *w, struct transaction *tx, uint64_t number, size_t text_bytes)
{
    char id[32];
    char *text = arena_alloc(w->arena, text_bytes + 1, &w->err);
    assert_non_null(text);
    memset(text, 'x', text_bytes);
    (void)snprintf(id, sizeof(id), "control/C-%llu", (unsigned long long)number);
    struct value *document = world_document(w, id, text);
    struct resource_draft draft = { .name = slice_of(id),
                                    .kind = SLICE("Control"),
                                    .entry_type = "resource",
                                    .version = 1,
                                    .document = document };
    return transaction_resource(tx, &maria, &draft, &w->err);
}

static bool commit(struct world *w, size_t count, size_t text_bytes, struct acknowledged *last)
{
    const struct ledger_appended *appended;
    size_t made;
    struct transaction *tx = transaction_begin(w->store, &w->err);
    bool ok = tx != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = put(w, tx, store_size(w->store) + i, text_bytes);
    ok = ok && transaction_commit(tx, &appended, &made, &w->err);
    transaction_free(tx);
    if (!ok)
        return false;
    last->size = store_size(w->store);
    return ledger_root(store_ledger(w->store), last->size, &last->root, &w->err) && tell(last);
}

enum { START_SIZE = 252 }; /* so that a tile is filled */

/* Opens, and commits a row, a payload file, and a batch that fills a tile. */
static bool scenario(struct world *w, struct acknowledged *last)
{
    struct store_options options = { .mode = STORE_WRITE, .clock_us = world_clock };
    w->store = store_open_with(w->folder, &options, &w->err);
    bool ok = w->store && commit(w, 1, 20, last) && commit(w, 1, 70 * 1024, last) &&
              commit(w, 5, 20, last);
    /* A commit that failed stops the writer; what failed before one can be tried again. */
    if (!ok && w->store) {
        struct error first = w->err;
        fault.is_armed = false;
        w->err = (struct error){ 0 };
        if (!commit(w, 1, 20, last)) {
            assert_int_equal(w->err.code, ERROR_IO);
            assert_non_null(strstr(w->err.message, "writing has stopped after: "));
        }
        fault.is_armed = true;
        w->err = first;
    }
    store_close(w->store);
    w->store = NULL;
    return ok;
}

static void assert_clear_error(struct world *w, long n)
{
    if (w->err.code != ERROR_IO || w->err.message[0] == '\0')
        fail_msg("call %ld: code %d, \"%s\"", n, (int)w->err.code, w->err.message);
    w->err = (struct error){ 0 };
}

/* The directory opens; everything acknowledged is in it, in the same history. */
static void assert_whole(struct world *w, const struct acknowledged *last)
{
    struct digest root, now;
    struct proof proof;
    world_reopen(w);
    struct ledger *ledger = store_ledger(w->store);
    uint64_t size = store_size(w->store);
    assert_true(size >= last->size);
    assert_done(w, ledger_root(ledger, last->size, &root, &w->err));
    assert_true(digest_equal(&root, &last->root));
    assert_done(w, ledger_root(ledger, size, &now, &w->err));
    assert_done(w, consistency_make(ledger_hashes(ledger), last->size, size, &proof, &w->err));
    assert_true(consistency_holds(last->size, size, proof.hashes, proof.count, &last->root, &now));
    assert_findings(w, 0, NULL);
    store_close(w->store);
    w->store = NULL;
    struct store *reader = world_reader(w);
    assert_int_equal(store_size(reader), size);
    store_close(reader);
}

/* A directory to begin with each time, moved to another name. */
static void keep_start(struct world *w, char *kept, struct acknowledged *start)
{
    assert_true(commit(w, START_SIZE - 1, 20, start));
    store_close(w->store);
    w->store = NULL;
    memcpy(kept, w->folder, sizeof(w->folder));
    memcpy(strrchr(kept, '/'), "/kept", sizeof("/kept")); /* as long as /data */
    assert_int_equal(rename(w->folder, kept), 0);
}

static void each_call_fails(struct world *w, bool stays)
{
    struct acknowledged start = { 0 };
    char kept[sizeof(w->folder)];
    long n = 1;
    keep_start(w, kept, &start);
    for (;; n++) {
        struct acknowledged last = start;
        copy_tree(kept, w->folder);
        arm(n, stays);
        bool ok = scenario(w, &last);
        fault.is_armed = false;
        if (fault.failed == 0) {
            assert_done(w, ok);
            break;
        }
        if (!ok)
            assert_clear_error(w, n);
        assert_whole(w, &last);
        remove_tree(w->folder);
        arena_reset(w->arena);
    }
    print_message("%ld calls\n", n - 1);
    assert_true(n > 60); /* fewer would mean that nothing was replaced */
}

static void one_failed_call_loses_nothing_acknowledged(void **state)
{
    each_call_fails(*state, false);
}

static void a_disk_that_stays_full_loses_nothing_acknowledged(void **state)
{
    each_call_fails(*state, true);
}

/* Runs the scenario in a child that is killed in place of call n. False: it came to its end. */
static bool killed_at(struct world *w, long n, struct acknowledged *last)
{
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        told = ends[1];
        arm(n, false);
        fault.kills = true;
        _exit(scenario(w, last) ? 0 : 1);
    }
    (void)close(ends[1]);
    while (read(ends[0], last, sizeof(*last)) == (ssize_t)sizeof(*last))
        continue;
    (void)close(ends[0]);
    assert_int_equal(waitpid(process, &status, 0), process);
    if (WIFSIGNALED(status))
        return true;
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static void a_writer_killed_at_any_call_loses_nothing_acknowledged(void **state)
{
    struct world *w = *state;
    struct acknowledged start = { 0 };
    char kept[sizeof(w->folder)];
    long n = 1;
    keep_start(w, kept, &start);
    for (;; n++) {
        struct acknowledged last = start;
        copy_tree(kept, w->folder);
        bool is_killed = killed_at(w, n, &last);
        if (!is_killed)
            break;
        assert_whole(w, &last);
        remove_tree(w->folder);
        arena_reset(w->arena);
    }
    print_message("%ld calls\n", n - 1);
    assert_true(n > 60);
}

static void a_beginning_that_failed_can_begin_again(void **state)
{
    struct world *w = *state;
    struct store_options options = { .clock_us = world_clock };
    long n = 1;
    for (;; n++) {
        arm(n, n % 3 == 0);
        bool ok = store_create_with(w->folder, SLICE("example.com/store"), &options, &w->err);
        fault.is_armed = false;
        bool is_over = fault.failed == 0;
        assert_true(ok || !is_over);
        if (!ok)
            assert_clear_error(w, n);
        /* It may have happened although it was not acknowledged. */
        struct store *store = store_open_with(
            w->folder, &(struct store_options){ .mode = STORE_WRITE, .clock_us = world_clock },
            &w->err);
        if (!store) {
            assert_false(ok);
            assert_int_equal(w->err.code, ERROR_NOT_FOUND);
            w->err = (struct error){ 0 };
            assert_done(
                w, store_create_with(w->folder, SLICE("example.com/store"), &options, &w->err));
        }
        store_close(store);
        world_reopen(w);
        assert_int_equal(store_size(w->store), 1);
        assert_findings(w, 0, NULL);
        store_close(w->store);
        w->store = NULL;
        remove_tree(w->folder);
        if (is_over)
            break;
    }
    print_message("%ld calls\n", n - 1);
    assert_true(n > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_failed_call_loses_nothing_acknowledged, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_disk_that_stays_full_loses_nothing_acknowledged,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_writer_killed_at_any_call_loses_nothing_acknowledged,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_beginning_that_failed_can_begin_again, world_empty,
                                        world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
