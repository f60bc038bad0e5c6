#include "audit/sampling.h"

#include <openssl/bn.h>
#include <stdlib.h>

/* ---- shares ---- */

bool share_parse(struct slice text, const char *what, struct share *share, struct error *err)
{
    struct slice whole = text, decimals = { 0 };
    uint64_t units, scale = 100;
    bool has_point = slice_split(text, '.', &whole, &decimals);
    bool ok = slice_to_u64(whole, &units) && units <= 100 && decimals.len <= 6 &&
              (!has_point || decimals.len > 0);
    for (size_t i = 0; ok && i < decimals.len; i++) {
        ok = decimals.at[i] >= '0' && decimals.at[i] <= '9';
        units = units * 10 + (uint64_t)(decimals.at[i] - '0');
        scale *= 10;
    }
    if (!ok || units > scale)
        return error_set(err, ERROR_USAGE, what,
                         "\"%.*s\" is not per cent from 0 to 100 with at most six decimals",
                         SLICE_ARG(text));
    *share = (struct share){ units, scale };
    return true;
}

bool sampling_method_parse(struct slice text, enum sampling_method *method, struct error *err)
{
    static const char *const names[] = { "binomial", "hypergeometric", "discovery" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (slice_is(text, names[i])) {
            *method = (enum sampling_method)i;
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "--method", "\"%.*s\" is no method", SLICE_ARG(text));
    return error_hint(err, "binomial, hypergeometric or discovery");
}

/* ---- whole numbers of any size ---- */

struct numbers {
    BN_CTX *context;
    BIGNUM *sum, *term, *power, *side, *scratch;
};

static void numbers_free(struct numbers *n)
{
    BN_free(n->sum);
    BN_free(n->term);
    BN_free(n->power);
    BN_free(n->side);
    BN_free(n->scratch);
    BN_CTX_free(n->context);
}

static bool numbers_new(struct numbers *n, struct error *err)
{
    *n = (struct numbers){ BN_CTX_new(), BN_new(), BN_new(), BN_new(), BN_new(), BN_new() };
    if (n->context && n->sum && n->term && n->power && n->side && n->scratch)
        return true;
    numbers_free(n);
    return error_no_memory(err, sizeof *n);
}

/* C(n, k); 0 if k > n. Each step divides without remainder. */
static bool choose(BIGNUM *out, uint64_t n, uint64_t k)
{
    if (k > n)
        return BN_set_word(out, 0);
    if (k > n - k)
        k = n - k;
    if (!BN_set_word(out, 1))
        return false;
    for (uint64_t i = 1; i <= k; i++)
        if (!BN_mul_word(out, n - k + i) || BN_div_word(out, i) == (BN_ULONG)-1)
            return false;
    return true;
}

static bool power_of(struct numbers *n, BIGNUM *out, uint64_t base, uint64_t exponent)
{
    return BN_set_word(n->scratch, exponent) && BN_set_word(n->side, base) &&
           BN_exp(out, n->side, n->scratch, n->context);
}

/* Whether n->sum / n->power <= risk. */
static bool at_most(struct numbers *n, const struct share *risk, bool *holds)
{
    if (!BN_mul_word(n->sum, risk->whole) || !BN_mul_word(n->power, risk->part))
        return false;
    *holds = BN_cmp(n->sum, n->power) <= 0;
    return true;
}

/* P(X <= k) <= risk for X binomial (n, rate): sum of C(n,i) a^i (b-a)^(n-i) against risk x b^n. */
static bool binomial_at_most(struct numbers *n, uint64_t size, uint64_t k, const struct share *rate,
                             const struct share *risk, bool *holds)
{
    uint64_t hit = rate->part, miss = rate->whole - rate->part;
    BN_zero(n->sum);
    for (uint64_t i = 0; i <= k && i <= size; i++) {
        if (!choose(n->term, size, i) || !power_of(n, n->power, hit, i) ||
            !BN_mul(n->term, n->term, n->power, n->context) ||
            !power_of(n, n->power, miss, size - i) ||
            !BN_mul(n->term, n->term, n->power, n->context) || !BN_add(n->sum, n->sum, n->term))
            return false;
    }
    return power_of(n, n->power, rate->whole, size) && at_most(n, risk, holds);
}

/* The same for `size` items drawn from a population in which `bad` deviate. */
static bool hypergeometric_at_most(struct numbers *n, uint64_t population, uint64_t bad,
                                   uint64_t size, uint64_t k, const struct share *risk, bool *holds)
{
    BN_zero(n->sum);
    for (uint64_t i = 0; i <= k && i <= bad && i <= size; i++) {
        if (!choose(n->term, bad, i) || !choose(n->power, population - bad, size - i) ||
            !BN_mul(n->term, n->term, n->power, n->context) || !BN_add(n->sum, n->sum, n->term))
            return false;
    }
    return choose(n->power, population, size) && at_most(n, risk, holds);
}

/* count x share, rounded up. */
static uint64_t share_of_up(uint64_t count, const struct share *share)
{
    __extension__ unsigned __int128 product = (unsigned __int128)count * share->part;
    return (uint64_t)((product + share->whole - 1) / share->whole);
}

static bool share_less(const struct share *a, const struct share *b)
{
    __extension__ typedef unsigned __int128 wide;
    return (wide)a->part * b->whole < (wide)b->part * a->whole;
}

/* ---- sizes ---- */

bool sample_size(const struct sample_size_query *query, struct sample_size *out, struct error *err)
{
    struct numbers numbers;
    struct share none = { 0, 100 };
    const struct share *expected = query->method == SAMPLING_DISCOVERY ? &none : &query->expected;
    bool is_finite = query->method != SAMPLING_BINOMIAL && query->population > 0, holds = false;
    uint64_t most = is_finite ? query->population : SAMPLE_SIZE_MAX, k = 0;
    uint64_t bad = share_of_up(query->population, &query->tolerable);
    if (!share_less(expected, &query->tolerable))
        return error_set(err, ERROR_USAGE, "--expected",
                         "the expected rate must be below the tolerable rate");
    if (query->risk.part == 0)
        return error_set(err, ERROR_USAGE, "--risk", "without risk all items must be tested");
    if (query->method == SAMPLING_HYPERGEOMETRIC && query->population == 0)
        return error_set(err, ERROR_USAGE, "--population",
                         "this method needs the population's count");
    if (!numbers_new(&numbers, err))
        return false;
    bool ok = true;
    uint64_t size = 0;
    while (ok && !holds && size < most && size < SAMPLE_SIZE_MAX) {
        k = share_of_up(++size, expected);
        ok = is_finite
                 ? hypergeometric_at_most(&numbers, query->population, bad, size, k, &query->risk,
                                          &holds)
                 : binomial_at_most(&numbers, size, k, &query->tolerable, &query->risk, &holds);
    }
    numbers_free(&numbers);
    if (!ok)
        return error_no_memory(err, sizeof numbers);
    *out = (struct sample_size){ size, k };
    if (holds)
        return true;
    error_set(err, ERROR_USAGE, NULL, "no size up to %llu supports these rates",
              (unsigned long long)size);
    return error_hint(err, "test all items, or choose a lower expected or a higher tolerable rate");
}

/* ---- limits ---- */

/* The least `tenths` in 0..1000 for which the statement holds; it holds from some point on. */
static bool least_tenths(struct numbers *numbers, const struct sample_limit_query *query,
                         uint64_t *tenths)
{
    uint64_t low = 0, high = 1000;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct share rate = { middle, 1000 };
        bool holds;
        if (!binomial_at_most(numbers, query->size, query->deviations, &rate, &query->risk, &holds))
            return false;
        if (holds)
            high = middle;
        else
            low = middle + 1;
    }
    *tenths = low;
    return true;
}

/* The greatest D for which P(X <= k) > risk; more deviating items make it smaller. */
static bool greatest_items(struct numbers *numbers, const struct sample_limit_query *query,
                           uint64_t *items)
{
    uint64_t low = query->deviations, high = query->population - query->size + query->deviations;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        bool holds;
        if (!hypergeometric_at_most(numbers, query->population, middle, query->size,
                                    query->deviations, &query->risk, &holds))
            return false;
        if (holds)
            high = middle - 1;
        else
            low = middle;
    }
    *items = low;
    return true;
}

bool sample_limit(const struct sample_limit_query *query, struct sample_limit *limit,
                  struct error *err)
{
    struct numbers numbers;
    bool ok;
    if (query->size == 0 || query->deviations > query->size)
        return error_set(err, ERROR_USAGE, "--deviations",
                         "a sample of at least one item, and no more deviations than items");
    if (query->size > SAMPLE_SIZE_MAX)
        return error_set(err, ERROR_USAGE, "--size", "at most %d", SAMPLE_SIZE_MAX);
    if (query->population > 0 && query->size > query->population)
        return error_set(err, ERROR_USAGE, "--size", "more items than the population has");
    if (query->risk.part == 0)
        return error_set(err, ERROR_USAGE, "--risk", "without risk nothing can be ruled out");
    if (!numbers_new(&numbers, err))
        return false;
    *limit = (struct sample_limit){ 0 };
    if (query->population > 0) {
        ok = greatest_items(&numbers, query, &limit->items);
        /* In tenths of a per cent, up. */
        limit->tenths = (limit->items * 1000 + query->population - 1) / query->population;
    } else {
        ok = least_tenths(&numbers, query, &limit->tenths);
    }
    numbers_free(&numbers);
    return ok || error_no_memory(err, sizeof numbers);
}
