/* What real headings get wrong is named for what it is: one twice, one missing that is required. */
#include "evidence/table_header.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

bool table_header_fail(struct table_header *header, struct slice name, struct error *err)
{
    return row_sink_fail(header->reading->sink, header->line, name, err);
}

static bool check_duplicates(struct table_header *header, struct error *err)
{
    for (size_t i = 0; i < header->count; i++) {
        struct slice name = slice_of(header->names[i]);
        for (size_t j = 0; j < i; j++) {
            if (!slice_equal(name, slice_of(header->names[j])))
                continue;
            error_set(err, ERROR_INVALID, NULL, "two columns have this name: which is evidence?");
            return table_header_fail(header, name, err);
        }
    }
    return true;
}

/* What the header does have, and how a source says which is which. */
static void hint_fields(const struct table_header *header, struct slice wanted, struct error *err)
{
    enum { HINT_BYTES = 200 };
    struct strbuf names = strbuf_new(64 << 10);
    size_t shown = 0;
    for (; shown < header->count && names.len < HINT_BYTES; shown++)
        strbuf_printf(&names, "%s\"%s\"", shown ? ", " : "", header->names[shown]);
    if (!names.failed)
        (void)error_hint(err, "in the source, fields: {%.*s: NAME, ...}; the header has %s%s",
                         SLICE_ARG(wanted), names.at, shown < header->count ? ", ..." : "");
    strbuf_free(&names);
}

/* A column that the source names and the header lacks: a fault if it is required. */
static bool check_missing(struct table_header *header, struct error *err)
{
    const struct mapping *mapping = header->reading->mapping;
    for (size_t i = 0; i < mapping->top.members_count; i++) {
        const struct field *field = mapping->top.members[i];
        bool is_required = false;
        for (size_t j = 0; j < field->columns_count; j++)
            is_required = is_required || mapping->type->columns[field->columns[j]].is_required;
        if (field->records > 0 || !is_required)
            continue;
        const char *near =
            slice_nearest(field->path, (const char *const *)header->names, header->count);
        if (near)
            error_set(err, ERROR_INVALID, NULL,
                      "the header has no such column, which is required; it has \"%s\"", near);
        else
            error_set(err, ERROR_INVALID, NULL, "the header has no such column, which is required");
        hint_fields(header, field->path, err);
        return table_header_fail(header, field->path, err);
    }
    return true;
}

static bool header_copy(struct table_header *header, struct error *err)
{
    size_t count = header->fields_count;
    header->columns = calloc(count, sizeof *header->columns);
    header->names = calloc(count, sizeof *header->names);
    if (!header->columns || !header->names)
        return error_no_memory(err, count * sizeof *header->names);
    for (size_t i = 0; i < count; i++) {
        struct slice name = header->fields[i];
        header->names[i] = malloc(name.len + 1);
        if (!header->names[i])
            return error_no_memory(err, name.len + 1);
        header->count++;
        if (name.len)
            memcpy(header->names[i], name.at, name.len);
        header->names[i][name.len] = '\0';
    }
    return true;
}

static bool header_map(struct table_header *header, struct error *err)
{
    struct reading *reading = header->reading;
    size_t hint = 0;
    reading->mapping->top.records++; /* the header, which says what every record has */
    for (size_t i = 0; i < header->count; i++) {
        struct slice name = slice_of(header->names[i]);
        header->columns[i] = field_member(&reading->mapping->top, name, &hint);
        if (header->columns[i])
            header->columns[i]->records++;
        else if (!reader_unknown(reading, &reading->mapping->top, name, i + 1, err))
            return table_header_fail(header, name, err);
    }
    return true;
}

bool table_header_take(struct table_header *header, const struct slice *fields, size_t count,
                       uint64_t line, struct error *err)
{
    header->fields = fields;
    header->fields_count = count;
    header->line = line;
    return header_copy(header, err) && check_duplicates(header, err) && header_map(header, err) &&
           check_missing(header, err);
}

void table_header_free(struct table_header *header)
{
    for (size_t i = 0; i < header->count; i++)
        free(header->names[i]);
    free(header->names);
    free(header->columns);
    *header = (struct table_header){ 0 };
}
