#include "evidence/reader.h"

#include <string.h>

/* A repository's records are made as NDJSON, so that they are kept, hashed, mapped and checked as
 * any other evidence. */
static const struct reader readers[] = {
    { "ndjson", NULL, ndjson_read },   { "json", NULL, json_read },
    { "csv", NULL, csv_read },         { "xlsx", NULL, xlsx_rows_read },
    { "parquet", NULL, parquet_read }, { "git", git_make, ndjson_read },
};

const struct reader *reader_find(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        if (slice_is(name, readers[i].name))
            return &readers[i];
    return NULL;
}

void reader_skip_bom(struct reading *reading, struct window *window, bool warns)
{
    struct error warning;
    static const char bom[] = "\xEF\xBB\xBF";
    if (window->end - window->start < 3 || memcmp(window->bytes + window->start, bom, 3) != 0)
        return;
    window->start += 3;
    if (!warns)
        return;
    error_set(&warning, ERROR_INVALID, NULL,
              "a byte order mark before the first record is skipped");
    row_sink_warn(reading->sink, 1, &warning);
}

bool reader_unknown(struct reading *reading, const struct field *parent, struct slice name,
                    uint64_t visit, struct error *err)
{
    struct unknown_field *field = unknown_fields_at(reading->unknown, parent, name, err);
    if (!field)
        return false;
    if (field->visit == visit)
        return error_set(err, ERROR_INVALID, NULL,
                         "the name stands twice in one object: which value is evidence?");
    field->visit = visit;
    field->records++;
    if (!reading->source->stops_at_unknown)
        return true;
    error_set(err, ERROR_INVALID, NULL, "the source does not name this field");
    return error_hint(err, "add it to the source's fields, or say unknown: ignore");
}

static void warn_unseen(struct reading *reading, const struct field *field)
{
    const struct record_type *type = reading->type;
    if (field->records == 0 && field->columns_count > 0) {
        struct slice column = type->columns[field->columns[0]].name;
        struct error warning;
        error_set(&warning, ERROR_INVALID, NULL,
                  "no record has \"%.*s\": column %.*s is empty throughout", SLICE_ARG(field->path),
                  SLICE_ARG(column));
        row_sink_warn(reading->sink, 0, &warning);
    }
    for (size_t i = 0; i < field->members_count; i++)
        warn_unseen(reading, field->members[i]);
}

void reader_warn_unseen(struct reading *reading)
{
    if (reading->mapping->top.records == 0)
        return; /* no record, so none lacks anything */
    for (size_t i = 0; i < reading->mapping->top.members_count; i++)
        warn_unseen(reading, reading->mapping->top.members[i]);
}
