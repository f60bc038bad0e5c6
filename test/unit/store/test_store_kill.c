/* A writer is killed at any instant, again and again: what it acknowledged is there, nothing is
 * half there, and the history goes on from where it was.
 *
 * The writer is a child process. It tells through a pipe what it is about to commit and what it has
 * committed; the parent kills it after a random number of such messages and a random moment more.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/store_world.h"

enum { ROUNDS = 60, MESSAGES_MAX = 12, EXTRA_US_MAX = 12000, ANSWER_MS = 60000 };

struct message {
    uint64_t size;      /* the ledger is about to have, or has */
    struct digest leaf; /* of the last entry; only if acknowledged */
    bool is_acknowledged;
};

/* ---------------------------------------------------------------- the child */

static bool put(struct store *store, struct transaction *tx, uint64_t number, size_t text_bytes,
                struct error *err)
{
    char name[40];
    struct arena *arena = transaction_arena(tx);
    char *text = arena_alloc(arena, text_bytes + 1, err);
    struct value *document = value_new(arena, VALUE_OBJECT, err);
    if (!text || !document)
        return false;
    memset(text, 'x', text_bytes);
    (void)snprintf(name, sizeof(name), "control/C-%llu", (unsigned long long)number);
    struct resource_draft draft = { .name = slice_of(name),
                                    .kind = SLICE("Control"),
                                    .entry_type = "resource",
                                    .version = 1,
                                    .document = document };
    (void)store;
    return value_put_text(arena, document, "text", slice_of(text), err) &&
           transaction_resource(tx, &maria, &draft, err);
}

static void tell(int out, const struct message *message)
{
    if (write(out, message, sizeof(*message)) != (ssize_t)sizeof(*message))
        _exit(3);
}

/* Commits of one entry, of some, of a payload file, of a batch that fills tiles. */
static bool child_commit(struct store *store, int out, unsigned round, struct error *err)
{
    static const size_t counts[] = { 1, 3, 1, 90, 1, 7, 300 };
    size_t count = counts[round % ARRAY_LEN(counts)];
    size_t text_bytes = round % 4 == 2 ? 70 * 1024 : 30;
    uint64_t size = store_size(store);
    const struct ledger_appended *appended;
    struct message message = { .size = size + count };
    struct transaction *tx = transaction_begin(store, err);
    bool ok = tx != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = put(store, tx, size + i, i == 0 ? text_bytes : 30, err);
    if (ok) {
        tell(out, &message);
        ok = transaction_commit(tx, &appended, &count, err);
    }
    if (ok) {
        message.is_acknowledged = true;
        message.leaf = appended[count - 1].leaf;
        tell(out, &message);
    }
    transaction_free(tx);
    return ok;
}

static void child(const char *folder, int out, unsigned round)
{
    struct error err = { 0 };
    struct store *store = store_open(folder, STORE_WRITE, &err);
    while (store && child_commit(store, out, round, &err))
        round++;
    (void)dprintf(STDERR_FILENO, "writer: %s: %s\n", err.where, err.message);
    _exit(1);
}

/* ---------------------------------------------------------------- the parent */

/* The next message; false if the child is gone. */
static bool hear(int in, struct message *message)
{
    size_t have = 0;
    while (have < sizeof(*message)) {
        struct pollfd wait = { .fd = in, .events = POLLIN };
        if (poll(&wait, 1, ANSWER_MS) <= 0)
            fail_msg("the writer says nothing");
        ssize_t got = read(in, (char *)message + have, sizeof(*message) - have);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

/* The same numbers for the same seed, so that a failure can be looked for again. */
static uint32_t below(uint32_t *seed, uint32_t limit)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (*seed >> 8) % limit;
}

static void pause_us(long us)
{
    struct timespec wait = { .tv_nsec = us * 1000 };
    (void)nanosleep(&wait, NULL);
}

/* Runs a writer and kills it. What it said last is in *acknowledged and *intended. */
static void run_and_kill(struct world *w, unsigned round, uint32_t *seed,
                         struct message *acknowledged, struct message *intended)
{
    int ends[2], status = 0;
    struct message message;
    uint32_t heard = 0, until = below(seed, MESSAGES_MAX);
    assert_int_equal(pipe(ends), 0);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        (void)close(ends[0]);
        child(w->folder, ends[1], round);
    }
    (void)close(ends[1]);
    for (; heard < until && hear(ends[0], &message); heard++)
        *(message.is_acknowledged ? acknowledged : intended) = message;
    pause_us((long)below(seed, EXTRA_US_MAX));
    assert_int_equal(kill(process, SIGKILL), 0);
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(WIFSIGNALED(status)); /* and did not fail by itself */
    while (hear(ends[0], &message))
        *(message.is_acknowledged ? acknowledged : intended) = message;
    (void)close(ends[0]);
}

static void nothing_acknowledged_is_lost_and_nothing_is_half_there(void **state)
{
    struct world *w = *state;
    uint32_t seed = (uint32_t)time(NULL);
    struct digest old_root, root;
    uint64_t old_size = store_size(w->store), went_on = 0;
    struct message acknowledged = { .size = old_size }, intended = { 0 };
    print_message("seed %lu\n", (unsigned long)seed);
    world_clock_us = (int64_t)time(NULL) * 1000000; /* the children go by the system's clock */
    assert_done(w, ledger_root(store_ledger(w->store), old_size, &old_root, &w->err));
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct proof proof;
        struct digest leaf;
        store_close(w->store);
        w->store = NULL;
        run_and_kill(w, round, &seed, &acknowledged, &intended);

        world_clock_us = (int64_t)time(NULL) * 1000000;
        world_reopen(w);
        struct ledger *ledger = store_ledger(w->store);
        uint64_t size = store_size(w->store);
        /* Whole commits only: the last acknowledged, or the one that was under way. */
        assert_true(size == acknowledged.size || size == intended.size);
        assert_true(size >= acknowledged.size && size >= old_size);
        if (acknowledged.is_acknowledged) {
            assert_done(w, ledger_leaf(ledger, acknowledged.size - 1, &leaf, &w->err));
            assert_true(digest_equal(&leaf, &acknowledged.leaf));
        }
        assert_done(w, ledger_root(ledger, size, &root, &w->err));
        assert_done(w, consistency_make(ledger_hashes(ledger), old_size, size, &proof, &w->err));
        assert_true(consistency_holds(old_size, size, proof.hashes, proof.count, &old_root, &root));
        assert_findings(w, 0, NULL);
        went_on += size > acknowledged.size; /* killed between commit and acknowledgement */
        acknowledged.size = size;
        acknowledged.is_acknowledged = false;
        old_size = size;
        old_root = root;
        arena_reset(w->arena);
    }
    print_message("%llu entries; %llu commits happened that were not acknowledged\n",
                  (unsigned long long)old_size, (unsigned long long)went_on);
    assert_true(old_size > ROUNDS);
}

static void a_reader_sees_whole_commits_while_the_writer_runs_and_dies(void **state)
{
    struct world *w = *state;
    int ends[2], status = 0;
    struct message message;
    uint64_t size = 0;
    struct digest old_root;
    store_close(w->store);
    w->store = NULL;
    assert_int_equal(pipe(ends), 0);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        (void)close(ends[0]);
        child(w->folder, ends[1], 0);
    }
    (void)close(ends[1]);
    for (int i = 0; i < 40; i++) {
        struct digest root;
        struct proof proof;
        assert_true(hear(ends[0], &message));
        struct store *reader = store_open(w->folder, STORE_READ, &w->err);
        assert_done(w, reader != NULL);
        if (message.is_acknowledged)
            assert_true(store_size(reader) >= message.size);
        assert_true(store_size(reader) >= size);
        assert_done(w, ledger_root(store_ledger(reader), store_size(reader), &root, &w->err));
        if (size > 0) {
            assert_done(w, consistency_make(ledger_hashes(store_ledger(reader)), size,
                                            store_size(reader), &proof, &w->err));
            assert_true(consistency_holds(size, store_size(reader), proof.hashes, proof.count,
                                          &old_root, &root));
        }
        size = store_size(reader);
        old_root = root;
        struct findings findings = { 0 };
        assert_done(w, store_check(reader, &findings, &w->err));
        assert_int_equal(findings.errors_count, 0);
        findings_free(&findings);
        store_close(reader);
    }
    assert_int_equal(kill(process, SIGKILL), 0);
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(WIFSIGNALED(status));
    (void)close(ends[0]);
    struct store *reader = store_open(w->folder, STORE_READ, &w->err);
    assert_done(w, reader != NULL);
    assert_true(store_size(reader) >= size);
    store_close(reader);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost_and_nothing_is_half_there,
                                        begin_now, world_end),
        cmocka_unit_test_setup_teardown(a_reader_sees_whole_commits_while_the_writer_runs_and_dies,
                                        begin_now, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
