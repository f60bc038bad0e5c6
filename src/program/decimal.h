/* Numbers as written, compared exactly: a limit of 9007199254740993 must not be met by its double.
 */
#ifndef ATTEST_PROGRAM_DECIMAL_H
#define ATTEST_PROGRAM_DECIMAL_H
#include "base/slice.h"

/* The value is 0.d1d2d3... times 10^exponent, without zeros at either end of the digits. */
struct decimal {
    bool is_negative;
    struct slice digits; /* may hold the point, which is passed over; empty: zero */
    int64_t exponent;
};

/* A number as JSON writes it. False for any other spelling (0x1F, .inf, +1). Borrows from text. */
MUST_USE bool decimal_parse(struct slice text, struct decimal *decimal);
int decimal_compare(const struct decimal *a, const struct decimal *b); /* <0, 0, >0 */
bool decimal_is_integer(const struct decimal *decimal);
/* A whole number from 0 on that fits. */
MUST_USE bool decimal_to_size(const struct decimal *decimal, size_t *size);
/* Equal numbers have equal hashes. */
uint64_t decimal_hash(const struct decimal *decimal);

#endif
