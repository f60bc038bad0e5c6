/* Memory that runs out at any point must be an error, never a fault of the ledger: a verifier that
 * says "does not hold" because it had no memory would accuse somebody. The linker puts these in the
 * place of malloc and its like, in our own objects. */
#include "ledger/rules_world.h"

/* The names are the linker's (--wrap). NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static bool is_counting;
static uint64_t calls_left; /* the call after these fails, and all that follow */

static bool runs_out(void)
{
    if (!is_counting)
        return false;
    if (calls_left == 0)
        return true;
    calls_left--;
    return false;
}

void *__wrap_malloc(size_t size) { return runs_out() ? NULL : __real_malloc(size); }

void *__wrap_calloc(size_t count, size_t size)
{
    return runs_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size) { return runs_out() ? NULL : __real_realloc(at, size); }

static bool check(struct sample_ledger *ledger, struct fault *fault, struct error *err)
{
    bool is_right = false;
    struct payload_counts counts;
    struct rules *rules = rules_new(&ledger->sources, err);
    if (!rules)
        return false;
    for (size_t i = 0; i < ledger->entries.count; i++) {
        if (!rules_add(rules, ledger->entries.items[i], fault, err))
            goto done;
    }
    is_right = rules_check_payloads(rules, &counts, fault, err);
done:
    rules_free(rules);
    return is_right;
}

static void memory_that_runs_out_is_an_error_and_no_fault(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    sample_read(w, &ledger, 16);
    sample_good(w, &ledger, value_count(value_member(ledger.file, "entries")));
    for (uint64_t calls = 0;; calls++) {
        struct fault fault = { 0 };
        struct error err = { 0 };
        calls_left = calls;
        is_counting = true;
        bool is_right = check(&ledger, &fault, &err);
        is_counting = false;
        if (is_right) {
            assert_true(calls > 300);
            break;
        }
        if (fault.code || err.code != ERROR_NO_MEMORY)
            fail_msg("after %llu calls: #%llu %s %s (%s)", (unsigned long long)calls,
                     (unsigned long long)fault.n, fault.code ? fault.code : "no code", fault.detail,
                     err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(memory_that_runs_out_is_an_error_and_no_fault),
    };
    return cmocka_run_group_tests_name("rules without memory", tests, NULL, NULL);
}
