/* Is a model fit to be rendered and issued? The schema judges shapes, this file and its neighbours
 * what belongs together. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/embedded.h"
#include "base/json.h"
#include "program/schema.h"
#include "report/checker.h"
#include "report/field_path.h"
#include "report/report.h"
#include "report/text.h"

size_t check_enter(struct checker *c, const char *name) { return field_path_enter(&c->path, name); }

size_t check_enter_item(struct checker *c, const char *name, size_t index)
{
    return field_path_enter_item(&c->path, name, index);
}

void check_leave(struct checker *c, size_t mark) { field_path_leave(&c->path, mark); }

__attribute__((format(printf, 4, 0))) static void
add_finding(struct checker *c, bool is_warning, const char *name, const char *format, va_list args)
{
    char message[sizeof(((struct error *)0)->message)];
    struct error finding = { 0 };
    size_t mark = c->path.len;
    if (name)
        (void)check_enter(c, name);
    (void)vsnprintf(message, sizeof(message), format, args);
    error_set(&finding, ERROR_INVALID, c->path.at ? c->path.at : "", "%s", message);
    if (is_warning)
        findings_add_warning(c->findings, &finding);
    else
        findings_add_error(c->findings, &finding);
    check_leave(c, mark);
}

void fault(struct checker *c, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_finding(c, false, name, format, args);
    va_end(args);
}

void warn(struct checker *c, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_finding(c, true, name, format, args);
    va_end(args);
}

bool text_has(struct slice text, const char *words)
{
    size_t len = strlen(words);
    for (size_t at = 0; at + len <= text.len; at++)
        if (strncasecmp(text.at + at, words, len) == 0)
            return true;
    return false;
}

int64_t number_of(const struct value *object, const char *path)
{
    int64_t number = 0;
    (void)value_to_i64(value_path(object, path), &number);
    return number;
}

bool list_has(const struct value *texts, struct slice text)
{
    for (size_t i = 0; i < value_count(texts); i++)
        if (slice_equal(value_text(value_item(texts, i)), text))
            return true;
    return false;
}

static void check_one_text(struct checker *c, struct slice text)
{
    struct slice found;
    if (report_text_is_reduced(text, &found))
        fault(c, NULL, "reduced wording: \"%.*s\" takes back part of what is said",
              SLICE_ARG(found));
}

void check_words(struct checker *c, const struct value *object, const char *name)
{
    const struct value *value = value_member(object, name);
    size_t mark = check_enter(c, name);
    size_t inner = c->path.len;
    check_one_text(c, value_text(value));
    for (size_t i = 0; value && value->type == VALUE_ARRAY && i < value_count(value); i++) {
        strbuf_printf(&c->path, "[%zu]", i);
        check_one_text(c, value_text(value_item(value, i)));
        check_leave(c, inner);
    }
    check_leave(c, mark);
}

void check_blocks(struct checker *c, const struct value *object, const char *name)
{
    const struct value *blocks = value_member(object, name);
    for (size_t i = 0; i < value_count(blocks); i++) {
        const struct value *table = value_member(value_item(blocks, i), "table");
        const struct value *rows = value_member(table, "rows");
        size_t wanted = value_count(value_member(table, "head"));
        size_t mark = check_enter_item(c, name, i);
        for (size_t r = 0; r < value_count(rows); r++)
            if (value_count(value_item(rows, r)) != wanted)
                fault(c, "table.rows", "row %zu has %zu cells, the head has %zu", r + 1,
                      value_count(value_item(rows, r)), wanted);
        check_leave(c, mark);
    }
}

/* Shapes: docs/report-model.schema.json, which travels in the program. */

static int compare_paths(const void *key, const void *file)
{
    return strcmp(key, ((const struct embedded_file *)file)->path);
}

static bool check_schema(struct checker *c)
{
    bool ok = false;
    struct schema *schema = NULL;
    const struct embedded_file *file = bsearch("report/report-model.schema.json", embedded_files,
                                               embedded_files_count, sizeof(*file), compare_paths);
    assert(file); /* part of the program */
    struct value *document = json_parse(c->arena, slice_bytes(file->bytes, file->size), file->path,
                                        &json_limits_default, c->err);
    if (!document)
        goto done;
    schema = schema_new(document, c->err);
    if (!schema)
        goto done;
    struct schema_subject subject = { .file = "model", .label = "Report model" };
    ok = schema_validate(schema, c->model, &subject, c->findings, c->err) ||
         c->err->code == ERROR_NONE;
done:
    schema_free(schema);
    return ok;
}

/* What a kind of report must have, and what it must not have. */

static void require(struct checker *c, const char *name, bool is_wanted)
{
    const struct value *value = value_member(c->model, name);
    bool is_there = value && value->type != VALUE_NULL;
    struct slice kind = value_text_of(c->model, "kind");
    if (is_wanted && !is_there)
        fault(c, name, "a %.*s report needs it", SLICE_ARG(kind));
    if (!is_wanted && is_there)
        fault(c, name, "a %.*s report must not have it", SLICE_ARG(kind));
}

static void check_kind(struct checker *c)
{
    struct slice title = value_text_of(c->model, "title");
    require(c, "as_of", c->is_type_1);
    require(c, "period", !c->is_type_1);
    require(c, "service_auditor", !c->is_readiness);
    require(c, "prepared_by", c->is_readiness);
    require(c, "statement", c->is_readiness);
    require(c, "section1", !c->is_readiness);
    require(c, "section2", !c->is_readiness);
    /* Section 1 names them, so a readiness report has none to name. */
    require(c, "specified_parties", !c->is_readiness);
    if (!c->is_readiness && value_count(value_member(c->model, "restriction")) == 0)
        fault(c, "restriction", "a service auditor's report says who may have it");
    if (c->is_readiness && value_is_true(value_member(c->model, "specimen")))
        fault(c, "specimen", "a readiness report is no specimen of a service auditor's report");
    /* Nothing that management alone made may be titled as a service auditor's report. */
    if (c->is_readiness && (!text_has(title, "readiness") || text_has(title, "soc 2") ||
                            text_has(title, "type 1") || text_has(title, "type 2")))
        fault(c, "title", "a readiness report is titled so, and as nothing else");
    if (!c->is_readiness && text_has(title, "readiness"))
        fault(c, "title", "a service auditor's report is no readiness report");
}

static void check_dates(struct checker *c)
{
    struct slice from = value_text(value_path(c->model, "period.from"));
    struct slice to = value_text(value_path(c->model, "period.to"));
    struct slice as_of = value_text_of(c->model, "as_of");
    struct slice date = value_text_of(c->model, "report_date");
    if (slice_compare(from, to) > 0)
        fault(c, "period", "it ends before it begins");
    if (date.len == 0) {
        if (!c->is_draft)
            fault(c, "report_date", "an issued report has a date");
        return;
    }
    if (c->is_type_1 ? slice_compare(date, as_of) <= 0 : slice_compare(date, to) < 0)
        fault(c, "report_date", "%.*s is not after the time examined", SLICE_ARG(date));
}

static void check_categories(struct checker *c)
{
    static const char *const order[] = { "security", "availability", "processing-integrity",
                                         "confidentiality", "privacy" };
    const struct value *categories = value_member(c->model, "categories");
    size_t at = 0;
    for (size_t i = 0; i < value_count(categories); i++) {
        while (at < ARRAY_LEN(order) && !slice_is(value_text(value_item(categories, i)), order[at]))
            at++;
    }
    if (at == ARRAY_LEN(order))
        fault(c, "categories", "they are not in the order of the criteria");
}

bool report_model_check(const struct value *model, struct findings *findings, struct error *err)
{
    bool ok = false;
    struct error local = { 0 };
    struct checker c = { .model = model,
                         .findings = findings,
                         .err = &local,
                         .path = strbuf_new(4096),
                         .is_type_1 = slice_is(value_text_of(model, "kind"), "type-1"),
                         .is_type_2 = slice_is(value_text_of(model, "kind"), "type-2"),
                         .is_readiness = slice_is(value_text_of(model, "kind"), "readiness"),
                         .is_draft = slice_is(value_text_of(model, "status"), "draft") };
    size_t errors = findings->errors_count;
    c.arena = arena_new((size_t)1 << 26, &local);
    if (!c.arena || !check_schema(&c))
        goto done;
    /* What follows relies on shapes. */
    if (findings->errors_count == errors) {
        check_kind(&c);
        check_dates(&c);
        check_categories(&c);
        check_section1(&c);
        check_section2(&c);
        check_section3(&c);
        check_section4(&c);
        check_section5(&c);
        check_appendices(&c);
    }
    ok = !c.failed && strbuf_ok(&c.path, &local);
done:
    if (!ok)
        *err = local;
    arena_free(c.arena);
    strbuf_free(&c.path);
    return ok;
}
