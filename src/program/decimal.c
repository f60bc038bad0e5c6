#include "program/decimal.h"

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/* Takes the digits at the start of *rest; false if there is none. */
static bool take_digits(struct slice *rest, struct slice *digits)
{
    size_t len = 0;
    while (len < rest->len && is_digit(rest->at[len]))
        len++;
    *digits = slice_head(*rest, len);
    *rest = slice_from(*rest, len);
    return len > 0;
}

static bool take(struct slice *rest, const char *any)
{
    for (; rest->len > 0 && *any; any++) {
        if (rest->at[0] == *any) {
            *rest = slice_from(*rest, 1);
            return true;
        }
    }
    return false;
}

/* An exponent beyond any use is cut, so that sums of it cannot overflow. */
static int64_t exponent_of(struct slice digits, bool is_negative)
{
    int64_t value = 0;
    for (size_t i = 0; i < digits.len && value < INT64_MAX / 32; i++)
        value = value * 10 + (digits.at[i] - '0');
    return is_negative ? -value : value;
}

/* Digits before the first one that is not zero say nothing but where the point is. */
static void strip_zeros(struct decimal *decimal, size_t whole_len)
{
    struct slice digits = decimal->digits;
    decimal->exponent += (int64_t)whole_len;
    size_t place = 0; /* digits passed, without the point */
    while (digits.len > 0 && !(digits.at[0] >= '1' && digits.at[0] <= '9')) {
        place += digits.at[0] != '.';
        digits = slice_from(digits, 1);
    }
    while (digits.len > 0 &&
           !(digits.at[digits.len - 1] >= '1' && digits.at[digits.len - 1] <= '9'))
        digits.len--;
    decimal->exponent -= (int64_t)place;
    decimal->digits = digits;
    if (digits.len == 0)
        *decimal = (struct decimal){ 0 };
}

bool decimal_parse(struct slice text, struct decimal *decimal)
{
    struct slice rest = text, whole, part = { 0 };
    *decimal = (struct decimal){ 0 };
    decimal->is_negative = take(&rest, "-");
    const char *start = rest.at;
    if (!take_digits(&rest, &whole) || (whole.len > 1 && whole.at[0] == '0'))
        return false;
    if (take(&rest, ".") && !take_digits(&rest, &part))
        return false;
    decimal->digits = slice_bytes(start, whole.len + (part.len ? part.len + 1 : 0));
    if (take(&rest, "eE")) {
        bool is_negative = take(&rest, "-");
        if (!is_negative)
            (void)take(&rest, "+");
        struct slice digits;
        if (!take_digits(&rest, &digits))
            return false;
        decimal->exponent = exponent_of(digits, is_negative);
    }
    strip_zeros(decimal, whole.len);
    return rest.len == 0;
}

/* The next digit; '0' beyond the last. */
static char next_digit(struct slice *digits)
{
    if (digits->len > 0 && digits->at[0] == '.')
        *digits = slice_from(*digits, 1);
    if (digits->len == 0)
        return '0';
    char digit = digits->at[0];
    *digits = slice_from(*digits, 1);
    return digit;
}

static int compare_magnitudes(const struct decimal *a, const struct decimal *b)
{
    if (a->digits.len == 0 || b->digits.len == 0)
        return (a->digits.len > 0) - (b->digits.len > 0);
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    struct slice left = a->digits, right = b->digits;
    while (left.len > 0 || right.len > 0) {
        char one = next_digit(&left), other = next_digit(&right);
        if (one != other)
            return one < other ? -1 : 1;
    }
    return 0;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    if (a->is_negative != b->is_negative)
        return a->is_negative ? -1 : 1;
    return a->is_negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
}

static int64_t digits_count(const struct decimal *decimal)
{
    int64_t count = 0;
    for (size_t i = 0; i < decimal->digits.len; i++)
        count += decimal->digits.at[i] != '.';
    return count;
}

bool decimal_is_integer(const struct decimal *decimal)
{
    return digits_count(decimal) <= decimal->exponent || decimal->digits.len == 0;
}

bool decimal_to_size(const struct decimal *decimal, size_t *size)
{
    if (decimal->is_negative || !decimal_is_integer(decimal))
        return false;
    struct slice digits = decimal->digits;
    *size = 0;
    for (int64_t i = 0; i < decimal->exponent; i++) {
        size_t digit = (size_t)(next_digit(&digits) - '0');
        if (*size > (SIZE_MAX - digit) / 10)
            return false;
        *size = *size * 10 + digit;
    }
    return true;
}

uint64_t decimal_hash(const struct decimal *decimal)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)decimal->exponent;
    struct slice digits = decimal->digits;
    while (digits.len > 0)
        hash = (hash ^ (uint64_t)next_digit(&digits)) * UINT64_C(1099511628211);
    return decimal->is_negative ? ~hash : hash;
}
