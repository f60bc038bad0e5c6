/* year-generate OUT POPULATIONS FILE...: the files that the descriptions tell, into the folder OUT.
 *
 * POPULATIONS is the catalogue's folder of population types, FILE a description (see series.h) or
 * documents of kind Source and PopulationType, by which records are written as their tools would.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/yaml.h"
#include "series.h"

struct arena *memory;
const char *reading = "";
static struct value *defined;

void stop(const struct value *at, const char *format, ...)
{
    struct strbuf text = strbuf_new(1 << 16);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    fprintf(stderr, "%s:%u: %.*s\n", reading, at ? (unsigned)at->line : 0,
            SLICE_ARG(strbuf_slice(&text)));
    exit(2);
}

void stop_with(const struct error *err)
{
    fprintf(stderr, "%s: %s %s\n", reading, err->where, err->message);
    exit(2);
}

void write_file(const char *folder, const char *name, const struct strbuf *text)
{
    struct error err;
    char *path = arena_printf(memory, &err, "%s/%s", folder, name);
    if (!path || !strbuf_ok(text, &err) || !file_write_output(path, strbuf_slice(text), &err))
        stop_with(&err);
}

/* `fails: TEST A B` in a row, or a list of such. */
static void row_truth(const struct value *lines, const char *outcome, struct slice key)
{
    if (lines && lines->type == VALUE_STRING)
        truth_add(lines->text, outcome, key);
    for (size_t i = 0; lines && lines->type == VALUE_ARRAY && i < lines->count; i++)
        truth_add(value_text(lines->items[i]), outcome, key);
}

/* `fails: {TEST A: [[KEY], ...]}` of a series. */
static void series_truth(const struct scope *scope, const struct value *lists, const char *outcome)
{
    for (size_t i = 0; i < value_count(lists); i++) {
        const struct value *keys = fill(scope, lists->members[i].value);
        for (size_t j = 0; j < keys->count; j++)
            truth_add(lists->members[i].name, outcome, key_text(keys->items[j]));
    }
}

static void expand_row(struct rows *rows, const struct scope *scope, const struct value *series,
                       const struct value *own)
{
    struct error err;
    const struct value *with = value_member(series, "with");
    struct value *row = with ? fill(scope, with) : value_new(memory, VALUE_OBJECT, &err);
    const struct value *filled = own ? fill(scope, own) : NULL;
    bool ok = row != NULL;
    for (size_t i = 0; ok && filled && i < filled->count; i++)
        if (!slice_is(filled->members[i].name, "fails") &&
            !slice_is(filled->members[i].name, "undecided"))
            ok = value_put_slice(memory, row, filled->members[i].name, filled->members[i].value,
                                 &err);
    if (!ok)
        stop_with(&err);
    if (own)
        row->line = own->line;
    const struct value *kind = value_member(series, "documents");
    if (kind) {
        struct value *document = value_new(memory, VALUE_OBJECT, &err);
        ok = document && value_put_text(memory, document, "kind", value_text(kind), &err);
        for (size_t i = 0; ok && i < row->count; i++)
            if (row->members[i].value->type != VALUE_NULL)
                ok = value_put_slice(memory, document, row->members[i].name, row->members[i].value,
                                     &err);
        if (!ok)
            stop_with(&err);
        rows_document(rows, document);
        return;
    }
    struct slice key = rows_add(rows, value_text_of(series, "records"), row);
    row_truth(value_member(filled, "fails"), "fails", key);
    row_truth(value_member(filled, "undecided"), "undecided", key);
}

static bool is_within(const struct scope *scope, const struct value *within)
{
    struct slice time = fill_text(scope, value_member(within, "time")),
                 from = fill_text(scope, value_member(within, "from")),
                 to = fill_text(scope, value_member(within, "to"));
    return (!from.len || slice_compare(from, time) <= 0) &&
           (!to.len || slice_compare(time, to) < 0);
}

static void expand_once(struct rows *rows, const struct scope *scope, const struct value *series)
{
    const struct value *within = value_member(series, "within");
    const struct value *own = value_member(series, "rows");
    const struct value *omit = value_member(series, "omit"),
                       *change = value_member(series, "change");
    struct slice type = value_text_of(series, "records");
    if (within && !is_within(scope, within))
        return;
    for (size_t i = 0; i < value_count(own); i++)
        expand_row(rows, scope, series, own->items[i]);
    if (!own && value_member(series, "with"))
        expand_row(rows, scope, series, NULL);
    struct slice kind = value_text_of(series, "documents");
    for (size_t i = 0; i < value_count(omit); i++) {
        const struct value *key = fill(scope, omit->items[i]);
        if (kind.len)
            rows_omit_document(rows, kind, key);
        else
            rows_omit(rows, type, key);
    }
    for (size_t i = 0; i < value_count(change); i++) {
        const struct value *one = fill(scope, change->items[i]);
        struct slice key = rows_change(rows, type, one);
        row_truth(value_member(one, "fails"), "fails", key);
        row_truth(value_member(one, "undecided"), "undecided", key);
    }
    series_truth(scope, value_member(series, "fails"), "fails");
    series_truth(scope, value_member(series, "undecided"), "undecided");
}

static void expand(struct rows *rows, const struct scope *outer, const struct value *series,
                   size_t loop)
{
    const struct value *each = value_member(series, "each");
    if (loop >= value_count(each)) {
        expand_once(rows, outer, series);
        return;
    }
    const struct value *elements = loop_elements(each->members[loop].value, defined);
    for (size_t i = 0; i < elements->count; i++) {
        struct scope scope = { each->members[loop].name, elements->items[i], i + 1, outer };
        expand(rows, &scope, series, loop + 1);
    }
}

static void read_series(struct rows *rows, const struct value *series)
{
    static const char *const names[] = { "define", "list",   "records", "documents",
                                         "each",   "within", "with",    "rows",
                                         "omit",   "change", "fails",   "undecided" };
    struct error err;
    struct slice kind = value_text_of(series, "kind"), name = value_text_of(series, "define");
    if (slice_is(kind, "Source")) {
        rows_source(rows, series);
        return;
    }
    if (slice_is(kind, "PopulationType")) {
        rows_type(rows, series);
        return;
    }
    for (size_t i = 0; !kind.len && i < value_count(series); i++) {
        bool is_known = false;
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
            is_known = is_known || slice_is(series->members[i].name, names[n]);
        if (!is_known)
            stop(series, "a series has no \"%.*s\"", SLICE_ARG(series->members[i].name));
    }
    if (name.len) {
        const struct value *list = value_member(series, "list");
        if (!list || !value_put_slice(memory, defined, name, value_copy(memory, list, &err), &err))
            stop(series, "a definition has a list");
        return;
    }
    if (!kind.len)
        expand(rows, NULL, series, 0);
}

static void read_file(struct rows *rows, const char *path)
{
    struct error err;
    struct findings findings = { 0 };
    struct yaml_documents documents;
    struct slice text;
    reading = path;
    if (!file_read(memory, path, (size_t)1 << 24, &text, &err) ||
        !yaml_parse(memory, text, path, &yaml_limits_default, &documents, &findings, &err)) {
        if (findings.count)
            err = findings.items[0].error;
        stop_with(&err);
    }
    for (size_t i = 0; i < documents.count; i++)
        read_series(rows, documents.items[i]);
    findings_free(&findings);
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc < 4) {
        fprintf(stderr, "usage: %s OUT POPULATIONS FILE...\n", argv[0]);
        return 2;
    }
    memory = arena_new((size_t)4 << 30, &err);
    if (!memory || !(defined = value_new(memory, VALUE_OBJECT, &err)))
        stop_with(&err);
    if (mkdir(argv[1], 0755) != 0 && errno != EEXIST)
        stop(NULL, "cannot make %s: %s", argv[1], strerror(errno));
    struct rows *rows = rows_new(argv[2]);
    for (int i = 3; i < argc; i++)
        read_file(rows, argv[i]);
    rows_write(rows, argv[1]);
    truth_write(argv[1]);
    arena_free(memory);
    return 0;
}
