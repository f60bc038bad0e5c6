/* An erasure is killed at any instant, again and again: once its entry is in the ledger, opening
 * for writing completes it, and no file of the directory holds the key any more; before, all is
 * there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/erasures.h"
#include "store/store_world.h"
#include "store/subjects.h"

enum { ROUNDS = 40, STEP_US = 700, RAW_BYTES = 70 * 1024 };

/* A value with its key, and a segment whose raw file holds it. */
struct erased_world {
    struct subject subject;
    struct payload raw;
    struct digest segment;
    char *raw_path;
};

static void segment_put(struct world *w, struct slice value, struct erased_world *e)
{
    static const char *const nulls[] = { "covers", "from", "to", "personal", "rejects" };
    const struct ledger_appended *appended = NULL;
    size_t count;
    uint8_t salt[32];
    struct payload rows;
    struct transaction *tx = world_transaction(w);
    struct arena *arena = transaction_arena(tx);
    char *text = arena_alloc(arena, RAW_BYTES, &w->err);
    struct value *body = value_new(arena, VALUE_OBJECT, &w->err);
    assert_true(text && body);
    memset(text, 'x', RAW_BYTES);
    memcpy(text, value.at, value.len);
    assert_done(w, subject_make(tx, value, &e->subject, &w->err));
    assert_done(
        w, payload_put(tx, SLICE("rows"), &rows, &w->err) &&
               value_put(arena, body, "payload", payload_value(arena, &rows, &w->err), &w->err));
    assert_done(w, payload_put(tx, (struct slice){ text, RAW_BYTES }, &e->raw, &w->err));
    for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
        assert_done(
            w, value_put(arena, body, nulls[i], value_new(arena, VALUE_NULL, &w->err), &w->err));
    assert_done(w,
                value_put_text(arena, body, "of", SLICE("visits"), &w->err) &&
                    value_put_text(arena, body, "source", SLICE("source/desk"), &w->err) &&
                    value_put_i64(arena, body, "rows", 0, &w->err) &&
                    value_put(arena, body, "raw", payload_value(arena, &e->raw, &w->err), &w->err));
    struct entry_draft draft = { .type = "segment", .key = SLICE("visits"), .body = body };
    assert_done(w, transaction_entry(tx, &maria, &draft, &w->err) &&
                       transaction_commit(tx, &appended, &count, &w->err));
    e->segment = appended[0].leaf;
    transaction_free(tx);
    assert_done(w, payload_file(w->store, w->arena, &e->raw.c, salt, &e->raw_path, &w->err));
}

static bool erasure_commit(struct store *store, const struct erased_world *e, struct error *err)
{
    const struct ledger_appended *appended = NULL;
    size_t count;
    char token[65], raw[65];
    struct transaction *tx = transaction_begin(store, err);
    if (!tx)
        return false;
    struct arena *arena = transaction_arena(tx);
    struct value *body = value_new(arena, VALUE_OBJECT, err), *target;
    digest_hex(&e->subject.token, token);
    digest_hex(&e->raw.c, raw);
    bool ok = body && value_put_text(arena, body, "rule", SLICE("request 17"), err) &&
              value_put_text(arena, body, "scope", SLICE("subject"), err) &&
              value_put_text(arena, body, "subject", slice_of(token), err) &&
              (target = value_put_array(arena, body, "target", err)) &&
              value_add(arena, target, value_new_text(arena, slice_of(raw), err), err);
    struct entry_draft draft = {
        .type = "erasure", .body = body, .inputs = &e->segment, .inputs_count = 1
    };
    ok = ok && transaction_entry(tx, &maria, &draft, err) &&
         transaction_commit(tx, &appended, &count, err);
    transaction_free(tx);
    return ok;
}

static bool file_holds(struct world *w, const char *name, struct slice bytes)
{
    struct slice text;
    const char *path = world_path(w, name);
    if (!file_exists(path))
        return false;
    assert_done(w, file_read(w->arena, path, 1 << 30, &text, &w->err));
    for (size_t i = 0; i + bytes.len <= text.len; i++)
        if (memcmp(text.at + i, bytes.at, bytes.len) == 0)
            return true;
    return false;
}

static bool key_is_in_files(struct world *w, const struct erased_world *e)
{
    struct slice key = slice_bytes(e->subject.key, sizeof e->subject.key);
    return file_holds(w, "store.db", key) || file_holds(w, "store.db-wal", key);
}

static void assert_gone(struct world *w, struct slice value, const struct erased_world *e)
{
    struct digest token;
    uint8_t key[SEALED_KEY_BYTES];
    bool is_found = true;
    assert_done(w, subject_find(w->store, value, &token, &is_found, &w->err));
    assert_false(is_found);
    assert_done(w, subject_key(w->store, &e->subject.token, key, &is_found, &w->err));
    assert_false(is_found);
    assert_false(file_exists(e->raw_path));
    assert_false(key_is_in_files(w, e));
    assert_findings(w, 0, NULL);
}

static void an_erasure_that_was_only_recorded_is_completed_by_opening(void **state)
{
    struct world *w = *state;
    struct erased_world e;
    struct digest token;
    bool is_found = false;
    segment_put(w, SLICE("quennell"), &e);
    assert_done(w, subject_find(w->store, SLICE("quennell"), &token, &is_found, &w->err));
    assert_true(is_found && digest_equal(&token, &e.subject.token));
    assert_true(key_is_in_files(w, &e)); /* else the search below would prove nothing */
    assert_done(w, erasure_commit(w->store, &e, &w->err));
    assert_true(file_exists(e.raw_path));
    assert_findings(w, 1, "the key that this erasure names is still held");
    world_reopen(w);
    assert_gone(w, SLICE("quennell"), &e);

    /* The same value gets a fresh key. */
    struct erased_world again;
    segment_put(w, SLICE("quennell"), &again);
    assert_false(digest_equal(&again.subject.token, &e.subject.token));
}

static void keys_of_a_transaction_that_ends_without_commit_are_dropped(void **state)
{
    struct world *w = *state;
    struct subject subject;
    struct digest token;
    bool is_found = true;
    struct transaction *tx = world_transaction(w), *other = world_transaction(w);
    for (int i = 0; i < 5000; i++) { /* more than are kept in memory */
        char value[16];
        (void)snprintf(value, sizeof value, "v%d", i);
        assert_done(w, subject_make(tx, slice_of(value), &subject, &w->err));
    }
    assert_error(w, subject_make(other, SLICE("v1"), &subject, &w->err), ERROR_LOCKED, "another");
    transaction_free(other);
    transaction_free(tx);
    assert_done(w, subject_find(w->store, SLICE("v1"), &token, &is_found, &w->err));
    assert_false(is_found);
    struct erased_world e;
    segment_put(w, SLICE("v1"), &e); /* and make room for those of others */
}

static void child(const char *folder, const struct erased_world *e, int out)
{
    struct error err = { 0 };
    const struct store_options options = { .mode = STORE_WRITE, .clock_us = world_clock };
    struct store *store = store_open_with(folder, &options, &err);
    if (!store || write(out, "b", 1) != 1 || !erasure_commit(store, e, &err) ||
        !erasures_complete(store, &err))
        (void)dprintf(STDERR_FILENO, "erasing: %s\n", err.message);
    (void)pause(); /* until it is killed */
    _exit(1);
}

static void killed_at_any_instant_it_is_whole_or_not_there(void **state)
{
    struct world *w = *state;
    unsigned completed = 0, untouched = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char value[32], byte;
        int ends[2];
        struct erased_world e;
        (void)snprintf(value, sizeof value, "quennell-%u", round);
        segment_put(w, slice_of(value), &e);
        uint64_t size = store_size(w->store);
        store_close(w->store);
        w->store = NULL;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            child(w->folder, &e, ends[1]);
        assert_int_equal(read(ends[0], &byte, 1), 1);
        struct timespec wait = { .tv_nsec = (long)round * STEP_US * 1000 };
        (void)nanosleep(&wait, NULL);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        (void)close(ends[0]);
        (void)close(ends[1]);
        world_reopen(w);
        if (store_size(w->store) > size) {
            completed++;
            assert_gone(w, slice_of(value), &e);
        } else {
            untouched++;
            assert_true(file_exists(e.raw_path) && key_is_in_files(w, &e));
            assert_findings(w, 0, NULL);
        }
    }
    print_message("%u completed, %u not begun\n", completed, untouched);
    assert_true(completed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_erasure_that_was_only_recorded_is_completed_by_opening,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(keys_of_a_transaction_that_ends_without_commit_are_dropped,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(killed_at_any_instant_it_is_whole_or_not_there, world_begin,
                                        world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
