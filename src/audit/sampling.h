/* Attribute sampling: sizes and upper limits, in exact arithmetic.
 *
 * A table of sizes is made of comparisons "is this probability at most the risk"; floating point
 * gets some of them wrong (400 x 3.5 % is not 14 in binary). So probabilities are compared as whole
 * numbers: both sides multiplied out. Source: domain rules of AICPA's Audit Sampling guide (2017),
 * Appendix A, whose published values the tests recompute. */
#ifndef ATTEST_AUDIT_SAMPLING_H
#define ATTEST_AUDIT_SAMPLING_H
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* A share as written in per cent: "3.25" is 325 of 10000. */
struct share {
    uint64_t part, whole; /* part <= whole; whole is 100 times a power of ten */
};
/* Per cent from 0 to 100 with at most six decimals. ERROR_USAGE names `what`. */
MUST_USE bool share_parse(struct slice text, const char *what, struct share *share,
                          struct error *err);

enum sampling_method { SAMPLING_BINOMIAL, SAMPLING_HYPERGEOMETRIC, SAMPLING_DISCOVERY };
MUST_USE bool sampling_method_parse(struct slice text, enum sampling_method *method,
                                    struct error *err);

struct sample_size_query {
    struct share risk;      /* of overreliance: 1 - confidence */
    struct share tolerable; /* deviation rate */
    struct share expected;  /* deviation rate; 0 for discovery */
    uint64_t population;    /* 0: unknown, which only the binomial method can do with */
    enum sampling_method method;
};
struct sample_size {
    uint64_t size;
    uint64_t allowed; /* deviations up to which the sample still supports the tolerable rate */
};
enum { SAMPLE_SIZE_MAX = 20000 };
/* The least n with P(X <= k | n, tolerable) <= risk, where k = n x expected rounded up.
 * Errors: ERROR_USAGE: expected not below tolerable, no size up to SAMPLE_SIZE_MAX or the
 * population (then all items must be tested; the message says so). */
MUST_USE bool sample_size(const struct sample_size_query *query, struct sample_size *size,
                          struct error *err);

struct sample_limit_query {
    struct share risk;
    uint64_t size, deviations; /* deviations <= size */
    uint64_t population;       /* 0: unknown */
};
struct sample_limit {
    uint64_t tenths; /* per cent, rounded up to one decimal, in tenths: 113 is 11.3 % */
    uint64_t
        items; /* with a population: the greatest number of deviating items that is not ruled out */
};
/* The achieved upper deviation limit. Without a population: the least p, in tenths of a per cent,
 * with P(X <= k | n, p) <= risk (Clopper-Pearson, one-sided). With one: the greatest D with P(X <=
 * k) > risk, and D / N. */
MUST_USE bool sample_limit(const struct sample_limit_query *query, struct sample_limit *limit,
                           struct error *err);

#endif
