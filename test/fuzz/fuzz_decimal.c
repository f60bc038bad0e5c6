/* test/fuzz/fuzz_decimal.c
 * Numbers as written, two on two lines: the order is one, agrees with that of doubles where they
 * can tell, and equal numbers have equal hashes. */
#include <string.h>

#include "fuzz.h"
#include "program/decimal.h"

enum { NUMBER_BYTES_MAX = 256 };

/* An accepted number has no letter but e, so strtod() reads all of it. */
static double as_double(struct slice text)
{
    char copy[NUMBER_BYTES_MAX + 1];
    char *end = NULL;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    double value = strtod(copy, &end);
    assert(end == copy + text.len);
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice first;
    struct slice second;
    struct decimal a;
    struct decimal b;
    if (size > NUMBER_BYTES_MAX || !slice_split(slice_bytes(bytes, size), '\n', &first, &second))
        return 0;
    if (!decimal_parse(first, &a) || !decimal_parse(second, &b))
        return 0;
    int order = decimal_compare(&a, &b);
    int back = decimal_compare(&b, &a);
    assert((order < 0) == (back > 0) && (order == 0) == (back == 0));
    assert(decimal_compare(&a, &a) == 0);
    if (order == 0)
        assert(decimal_hash(&a) == decimal_hash(&b) &&
               decimal_is_integer(&a) == decimal_is_integer(&b));
    double x = as_double(first);
    double y = as_double(second);
    if (x < y)
        assert(order < 0);
    if (x > y)
        assert(order > 0);
    return 0;
}
