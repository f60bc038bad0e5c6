/* Callers of several threads share a commit: which batches it takes, and what each is told.
 *
 * The first caller is held in its `stage` until all others wait, so that what the next commit finds
 * in the queue is the same each time. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/ledger_private.h"
#include "ledger/ledger_world.h"

enum { CALLERS_MAX = 20, COMMITS_MAX = 40 };

struct caller {
    struct group_world *of;
    pthread_t thread;
    size_t count;  /* entries of its batch */
    bool is_wrong; /* its last entry names an input that nobody knows */
    bool is_first; /* waits in `stage` until told to go on */
    struct arena *arena;
    struct ledger_appended *made;
    bool ok;
    struct error err;
};

struct group_world {
    struct ledger *ledger;
    struct caller callers[CALLERS_MAX];
    size_t callers_count;
    pthread_mutex_t gate;        /* held while the first caller shall wait */
    size_t commits[COMMITS_MAX]; /* entries of each commit */
    size_t commits_count, dropped_count;
    size_t fails_at; /* the commit whose staging cannot be made durable; 0: none */
};

static struct digest digest_of(size_t caller, size_t i)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "payload %zu of caller %zu", i, caller);
    return sha256_of(slice_of(text));
}

static bool draft_blob(struct caller *self, size_t i, struct ledger_draft *draft)
{
    static const struct digest unknown = { { 1 } };
    char hex[65];
    struct digest c = digest_of((size_t)(self - self->of->callers), i);
    struct value *body = value_new(self->arena, VALUE_OBJECT, &self->err);
    struct value *payload = value_new(self->arena, VALUE_OBJECT, &self->err);
    digest_hex(&c, hex);
    *draft = (struct ledger_draft){
        .type = "blob", .side = "management", .actor = SLICE("person/maria"), .body = body
    };
    if (self->is_wrong && i + 1 == self->count) {
        draft->inputs = &unknown;
        draft->inputs_count = 1;
    }
    return body && payload &&
           value_put_text(self->arena, body, "media", SLICE("text/plain"), &self->err) &&
           value_put_i64(self->arena, payload, "bytes", 2, &self->err) &&
           value_put_text(self->arena, payload, "c", slice_of(hex), &self->err) &&
           value_put(self->arena, body, "payload", payload, &self->err);
}

static bool stage(void *context, const struct ledger_appended *entries, size_t count,
                  struct error *err)
{
    struct caller *self = context;
    (void)entries;
    (void)err;
    if (self->is_first) {
        (void)pthread_mutex_lock(&self->of->gate);
        (void)pthread_mutex_unlock(&self->of->gate);
    }
    return count == self->count || error_set(err, ERROR_IO, NULL, "a batch was split");
}

static bool settle(void *context, bool is_kept, struct error *err)
{
    struct group_world *g = context;
    if (!is_kept) {
        g->dropped_count++;
        return true;
    }
    g->commits[g->commits_count++] = g->ledger->formed_count;
    return g->commits_count != g->fails_at || error_set(err, ERROR_IO, NULL, "the disk is broken");
}

static void *call(void *context)
{
    struct caller *self = context;
    struct ledger_draft *drafts =
        arena_array(self->arena, self->count, sizeof(*drafts), &self->err);
    self->made = arena_array(self->arena, self->count, sizeof(*self->made), &self->err);
    bool ok = drafts && self->made;
    for (size_t i = 0; ok && i < self->count; i++)
        ok = draft_blob(self, i, &drafts[i]);
    struct ledger_batch batch = {
        .drafts = drafts, .count = self->count, .stage = stage, .context = self
    };
    self->ok = ok && ledger_commit(self->of->ledger, self->arena, &batch, self->made, &self->err);
    return NULL;
}

/* ---------------------------------------------------------------- the world of these tests */

static size_t waiting(struct ledger *ledger)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&ledger->queue_mutex);
    for (struct commit_request *at = ledger->waiting; at; at = at->next)
        count++;
    bool is_committing = ledger->is_committing;
    (void)pthread_mutex_unlock(&ledger->queue_mutex);
    return is_committing ? count : SIZE_MAX;
}

/* Starts a caller with a batch of that many entries, and returns when it waits (or leads). */
static struct caller *start(struct group_world *g, size_t count, bool is_wrong)
{
    struct error err = { 0 };
    size_t behind = g->callers_count;
    struct caller *caller = &g->callers[g->callers_count++];
    *caller =
        (struct caller){ .of = g, .count = count, .is_wrong = is_wrong, .is_first = behind == 0 };
    caller->arena = arena_new((size_t)1 << 28, &err);
    assert_non_null(caller->arena);
    assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
    while (waiting(g->ledger) != behind) /* the first one leads, so it does not wait */
        (void)usleep(1000);
    return caller;
}

/* Opens a ledger of one entry and starts the caller behind whom all others wait. */
static void group_begin(struct world *w, struct group_world *g)
{
    struct ledger_options options = {
        .mode = LEDGER_WRITE, .clock_us = world_clock, .settle = settle, .settle_context = g
    };
    world_filled(w, 1);
    (void)pthread_mutex_init(&g->gate, NULL);
    (void)pthread_mutex_lock(&g->gate);
    g->ledger = ledger_open_with(w->folder, &options, &w->err);
    assert_non_null(g->ledger);
    (void)start(g, 1, false);
}

static void group_run(struct group_world *g)
{
    (void)pthread_mutex_unlock(&g->gate);
    for (size_t i = 0; i < g->callers_count; i++)
        assert_int_equal(pthread_join(g->callers[i].thread, NULL), 0);
}

/* What each caller was told is what the ledger has; nothing else is in it; it opens again. */
static void group_end(struct world *w, struct group_world *g)
{
    uint64_t size = ledger_size(g->ledger), told = 1;
    for (size_t i = 0; i < g->callers_count; i++) {
        const struct caller *caller = &g->callers[i];
        for (size_t j = 0; caller->ok && j < caller->count; j++) {
            struct digest leaf, c;
            struct slice bytes;
            char hex[65];
            assert_int_equal(caller->made[j].n, caller->made[0].n + j);
            assert_true(ledger_leaf(g->ledger, caller->made[j].n, &leaf, &w->err));
            assert_true(digest_equal(&leaf, &caller->made[j].leaf));
            c = digest_of(i, j);
            digest_hex(&c, hex);
            assert_true(ledger_entry(g->ledger, w->arena, caller->made[j].n, &bytes, &w->err));
            assert_non_null(strstr(bytes.at, hex)); /* a NUL follows what is in an arena */
        }
        told += caller->ok ? caller->count : 0;
    }
    assert_int_equal(told, size);
    ledger_close(g->ledger);
    for (size_t i = 0; i < g->callers_count; i++)
        arena_free(g->callers[i].arena);
    (void)pthread_mutex_destroy(&g->gate);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    assert_int_equal(ledger_size(ledger), size);
    ledger_close(ledger);
}

static void assert_commits(const struct group_world *g, const size_t *sizes, size_t count)
{
    assert_int_equal(g->commits_count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(g->commits[i], sizes[i]);
}

/* ---------------------------------------------------------------- tests */

static void batches_that_wait_become_one_commit(void **state)
{
    struct world *w = *state;
    struct group_world g = { 0 };
    static const size_t sizes[] = { 1, 48 };
    group_begin(w, &g);
    for (size_t i = 0; i < 16; i++)
        (void)start(&g, 3, false);
    group_run(&g);
    assert_commits(&g, sizes, ARRAY_LEN(sizes));
    assert_int_equal(ledger_size(g.ledger), 50);
    group_end(w, &g);
}

static void a_commit_takes_4096_entries_and_a_larger_batch_whole(void **state)
{
    struct world *w = *state;
    struct group_world g = { 0 };
    static const size_t batches[] = { 2000, 2000, 97, 3999, 1, 4097, 1, 4096 };
    static const size_t sizes[] = { 1, 4000, 4096, 1, 4097, 1, 4096 };
    group_begin(w, &g);
    for (size_t i = 0; i < ARRAY_LEN(batches); i++)
        (void)start(&g, batches[i], false);
    group_run(&g);
    assert_commits(&g, sizes, ARRAY_LEN(sizes));
    group_end(w, &g);
}

static void a_batch_that_is_refused_leaves_the_others(void **state)
{
    struct world *w = *state;
    struct group_world g = { 0 };
    static const size_t sizes[] = { 1, 5 };
    group_begin(w, &g);
    struct caller *before = start(&g, 2, false);
    struct caller *wrong = start(&g, 4, true);
    struct caller *after = start(&g, 3, false);
    group_run(&g);
    assert_true(before->ok);
    assert_false(wrong->ok);
    assert_int_equal(wrong->err.code, ERROR_ORDER);
    assert_ptr_equal(strstr(wrong->err.message, "input-missing: "), wrong->err.message);
    assert_true(after->ok);
    assert_int_equal(after->made[0].n, before->made[1].n + 1);
    assert_commits(&g, sizes, ARRAY_LEN(sizes));
    group_end(w, &g);
}

static void a_commit_of_refused_batches_only_writes_nothing(void **state)
{
    struct world *w = *state;
    struct group_world g = { 0 };
    static const size_t sizes[] = { 1 };
    group_begin(w, &g);
    struct caller *first = start(&g, 1, true);
    struct caller *second = start(&g, 2, true);
    group_run(&g);
    assert_false(first->ok || second->ok);
    assert_commits(&g, sizes, ARRAY_LEN(sizes));
    assert_int_equal(ledger_size(g.ledger), 2);
    group_end(w, &g);
}

static void everybody_is_told_when_staging_fails(void **state)
{
    struct world *w = *state;
    struct group_world g = { .fails_at = 2 };
    group_begin(w, &g);
    struct caller *full = start(&g, 4000, false);
    struct caller *refused = start(&g, 2, true); /* it may rest on what was not written */
    struct caller *waits = start(&g, 4000, false);
    group_run(&g);
    assert_true(g.callers[0].ok);
    assert_false(full->ok || refused->ok || waits->ok);
    assert_string_equal(full->err.message, "the disk is broken");
    assert_string_equal(refused->err.message, "the disk is broken");
    assert_non_null(strstr(waits->err.message, "writing has stopped after: the disk is broken"));
    assert_int_equal(waits->err.code, ERROR_IO);
    assert_int_equal(g.dropped_count, 1);
    assert_int_equal(ledger_size(g.ledger), 2);
    group_end(w, &g);
}

static void everybody_is_told_when_writing_fails(void **state)
{
    struct world *w = *state;
    struct group_world g = { 0 };
    struct caller *callers[8];
    group_begin(w, &g);
    for (size_t i = 0; i < ARRAY_LEN(callers); i++)
        callers[i] = start(&g, 600, false);
    world_write(w, "public/tile/0/014.p", "a file in place of a folder", 5);
    group_run(&g);
    assert_true(g.callers[0].ok);
    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        assert_false(callers[i]->ok);
        assert_int_equal(callers[i]->err.code, ERROR_IO);
        assert_int_equal(strstr(callers[i]->err.message, "writing has stopped") != NULL, i >= 6);
    }
    assert_int_equal(ledger_size(g.ledger), 2);
    world_remove(w, "public/tile/0/014.p");
    group_end(w, &g);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(batches_that_wait_become_one_commit),
        TEST(a_commit_takes_4096_entries_and_a_larger_batch_whole),
        TEST(a_batch_that_is_refused_leaves_the_others),
        TEST(a_commit_of_refused_batches_only_writes_nothing),
        TEST(everybody_is_told_when_staging_fails),
        TEST(everybody_is_told_when_writing_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
