/* Appendix A: the completeness and accuracy record of each population. */
#include "base/time.h"
#include "report/compose_private.h"

/* A span of the record as its first and last day, where it is one of whole days in the report's
 * time zone; else as its instants. */
static void put_days(struct composer *c, struct value *object, const struct value *span)
{
    struct period instants, days;
    struct error ignored = { 0 };
    char text[24];
    if (time_parse_canonical(value_text_of(span, "from"), &instants.start_us) &&
        time_parse_canonical(value_text_of(span, "to"), &instants.end_us)) {
        period_format(&instants, c->engagement.zone, text);
        if (period_parse(slice_of(text), c->engagement.zone, &days, &ignored) &&
            days.start_us == instants.start_us && days.end_us == instants.end_us) {
            compose_text(c, object, "from", slice_head(slice_of(text), 10));
            compose_text(c, object, "to", slice_from(slice_of(text), 12));
            return;
        }
    }
    compose_copy(c, object, "from", span, "from");
    compose_copy(c, object, "to", span, "to");
}

/* The record's span of a segment ends after its last row; a reader is told of the row. */
static void put_last(struct composer *c, struct value *item, const struct value *segment)
{
    int64_t end;
    char text[28];
    if (!time_parse_canonical(value_text_of(segment, "to"), &end) || !instant_is_valid(end - 1)) {
        compose_null(c, item, "to");
        return;
    }
    time_format(end - 1, text);
    compose_text(c, item, "to", slice_of(text));
}

static void put_segments(struct composer *c, struct value *item, const struct value *record)
{
    const struct value *given = value_member(record, "segments");
    struct value *list = compose_array(c, item, "segments");
    for (size_t i = 0; i < value_count(given); i++) {
        const struct value *segment = value_item(given, i);
        struct value *one = compose_item(c, list);
        compose_copy(c, one, "leaf", segment, "leaf");
        compose_copy(c, one, "source", segment, "source");
        compose_copy(c, one, "rows", segment, "rows");
        if (value_member(segment, "covers"))
            put_days(c, compose_object(c, one, "covers"), value_member(segment, "covers"));
        else
            compose_null(c, one, "covers");
        compose_copy(c, one, "digest", segment, "row_digest");
        compose_copy(c, one, "from", segment, "from");
        put_last(c, one, segment);
    }
}

static int64_t number_of(const struct value *object, const char *path)
{
    int64_t number = 0;
    return value_to_i64(value_path(object, path), &number) ? number : 0;
}

/* Of an inventory that says how often it is taken. The first few are named, all are counted. */
static struct slice with_unobserved(struct composer *c, struct slice text,
                                    const struct value *record)
{
    enum { NAMED = 5, MINUTES = sizeof "2026-01-31T12:00" - 1 };
    const struct value *spans = value_path(record, "unobserved.spans");
    int64_t count = number_of(record, "unobserved.count");
    struct slice every = value_text(value_path(record, "unobserved.every"));
    if (every.len == 0)
        return text;
    if (count == 0)
        return compose_printf(c, "%.*s No two inventories are more than %.*s apart.",
                              SLICE_ARG(text), SLICE_ARG(every));
    text = compose_printf(c, "%.*s Times of more than %.*s without an inventory: %lld",
                          SLICE_ARG(text), SLICE_ARG(every), (long long)count);
    for (size_t i = 0; i < value_count(spans) && i < NAMED; i++) {
        const struct value *span = value_item(spans, i);
        struct slice system = value_text_of(span, "system");
        struct slice from = slice_head(value_text_of(span, "from"), MINUTES);
        struct slice to = slice_head(value_text_of(span, "to"), MINUTES);
        text = compose_printf(c, "%.*s%s%.*s%s%.*s to %.*s UTC", SLICE_ARG(text), i ? "; " : " (",
                              SLICE_ARG(system), system.len ? " " : "", SLICE_ARG(from),
                              SLICE_ARG(to));
    }
    return compose_printf(c, count > NAMED ? "%.*s; and others)." : "%.*s).", SLICE_ARG(text));
}

static void put_coverage(struct composer *c, struct value *item, const struct value *record)
{
    const struct value *gaps = value_path(record, "coverage.gaps");
    bool is_declared = value_is_true(value_path(record, "coverage.declared"));
    int64_t silent = number_of(record, "silent_days.count");
    struct value *list = compose_array(c, item, "gaps");
    for (size_t i = 0; i < value_count(gaps); i++) {
        struct value *one = compose_item(c, list);
        put_days(c, one, value_item(gaps, i));
        compose_optional(c, one, "accepted", value_text_of(value_item(gaps, i), "accepted"));
    }
    const char *declared = !is_declared ? "The imports do not declare which days they cover."
                           : value_count(gaps)
                               ? "Declared by the imports, with the gaps listed."
                               : "Declared by the imports: they cover every day of the period.";
    struct slice days =
        silent ? compose_printf(c, "%s Days of the period without an item: %lld.", declared,
                                (long long)silent)
               : compose_printf(c, "%s Every day of the period has an item.", declared);
    compose_text(c, item, "coverage", with_unobserved(c, days, record));
}

static void put_reconciliation(struct composer *c, struct value *item, const struct value *record)
{
    const struct value *given = value_member(record, "reconciliation");
    const struct value *sequence = value_path(record, "sequence.gaps");
    struct slice places = value_text(value_path(record, "sequence.places"));
    struct value *list = compose_array(c, item, "reconciliation");
    for (size_t i = 0; i < value_count(given); i++) {
        const struct value *other = value_item(given, i);
        struct value *one = compose_item(c, list);
        compose_copy(c, one, "with", other, "with");
        compose_text(c, one, "text",
                     compose_printf(c,
                                    "Keys of the independent list that are not in the population: "
                                    "%lld. Keys of the population that are not in it: %lld.",
                                    (long long)number_of(other, "missing_here.count"),
                                    (long long)number_of(other, "missing_there.count")));
    }
    if (!sequence)
        return;
    struct value *one = compose_item(c, list);
    compose_text(c, one, "with", value_text(value_path(record, "sequence.column")));
    compose_text(c, one, "text",
                 value_count(sequence)
                     ? compose_printf(c, "Numbers missing in the sequence: %.*s; places: %.*s.",
                                      SLICE_ARG(value_text(value_path(record, "sequence.missing"))),
                                      SLICE_ARG(places))
                     : SLICE("No number is missing in the sequence."));
}

/* Titles of population types are for people; the id stands in for a type without one. */
/* Of no values there is no sum, so no control total either. */
static void put_totals(struct composer *c, struct value *item, const struct value *totals)
{
    struct value *list = compose_array(c, item, "control_totals");
    for (size_t i = 0; i < value_count(totals); i++) {
        struct slice value = value_text_of(value_item(totals, i), "value");
        struct value *total = value.len > 0 ? compose_item(c, list) : NULL;
        if (!total)
            continue;
        compose_text(c, total, "name", value_text_of(value_item(totals, i), "name"));
        compose_text(c, total, "value", value);
    }
}

static struct slice type_title(struct composer *c, struct slice type)
{
    const struct value *document =
        compose_document(c, compose_printf(c, "population-type/%.*s", SLICE_ARG(type)));
    struct slice title = value_text_of(document, "title");
    return title.len ? title : type;
}

struct slice compose_population(struct composer *c, struct slice name, int64_t position)
{
    struct stored_entries entries;
    char hex[65] = "";
    if (c->failed ||
        !entry_list(c->store, c->arena, SLICE("population"), name, c->size, &entries, c->err) ||
        entries.count == 0) {
        if (!c->failed && c->err->code == ERROR_NONE)
            error_set(c->err, ERROR_CORRUPT, name.at, "a run names a population that is not there");
        c->failed = true;
        return name;
    }
    digest_hex(&entries.items[0].leaf, hex);
    struct slice leaf = compose_printf(c, "%s", hex);
    for (size_t i = 0; i < value_count(c->populations); i++)
        if (slice_equal(value_text_of(value_item(c->populations, i), "name"), leaf))
            return leaf;
    const struct value *record = compose_parse(c, entries.items[0].object);
    struct value *item = compose_item(c, c->populations);
    compose_text(c, item, "name", leaf);
    compose_copy(c, item, "type", record, "type");
    compose_text(c, item, "title", type_title(c, value_text_of(record, "type")));
    compose_copy(c, item, "where", record, "where");
    compose_copy(c, item, "items", record, "items");
    compose_copy(c, item, "digest", record, "digest");
    struct value *period = compose_object(c, item, "period");
    char days[24];
    period_format(&c->engagement.period, c->engagement.zone, days);
    compose_text(c, period, "from", slice_head(slice_of(days), 10));
    compose_text(c, period, "to", slice_from(slice_of(days), 12));
    compose_number(c, item, "position", position);
    put_segments(c, item, record);
    put_coverage(c, item, record);
    compose_copy(c, item, "repeats", record, "repeats");
    compose_copy(c, item, "undated", record, "undated");
    put_reconciliation(c, item, record);
    put_totals(c, item, value_member(record, "control_totals"));
    return leaf;
}
