#include "base/duration.h"

#include "base/time.h"

enum { NUMBER_MAX = 99999 };

static const struct {
    const char *one, *many;
    struct duration length;
} units[] = {
    { "year", "years", { .months = 12 } },
    { "month", "months", { .months = 1 } },
    { "week", "weeks", { .days = 7 } },
    { "day", "days", { .days = 1 } },
    { "hour", "hours", { .micros = 3600 * US_PER_SECOND } },
    { "minute", "minutes", { .micros = 60 * US_PER_SECOND } },
    { "second", "seconds", { .micros = US_PER_SECOND } },
};

/* The next word; takes it and the blanks around it from *text. */
static struct slice take_word(struct slice *text)
{
    struct slice word, rest;
    *text = slice_trim(*text);
    if (!slice_split(*text, ' ', &word, &rest)) {
        word = *text;
        rest = slice_from(*text, text->len);
    }
    *text = slice_trim(rest);
    return word;
}

bool duration_parse(struct slice text, struct duration *duration)
{
    size_t next = 0; /* units before this one may not come any more */
    *duration = (struct duration){ 0 };
    do {
        uint64_t number;
        struct slice amount = take_word(&text), unit = take_word(&text);
        while (next < ARRAY_LEN(units) && !slice_is(unit, units[next].one) &&
               !slice_is(unit, units[next].many))
            next++;
        if (next == ARRAY_LEN(units) || !slice_to_u64(amount, &number) || number > NUMBER_MAX)
            return false;
        duration->months += (int64_t)number * units[next].length.months;
        duration->days += (int64_t)number * units[next].length.days;
        duration->micros += (int64_t)number * units[next].length.micros;
        next++;
    } while (text.len > 0);
    return true;
}

int64_t duration_micros(const struct duration *duration)
{
    return (duration->months * 30 + duration->days) * US_PER_DAY + duration->micros;
}
