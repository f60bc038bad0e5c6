#include "audit/audit_world.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "evidence/import.h"

void audit_begin(struct world *w, const char *more)
{
    char text[4096];
    snprintf(text, sizeof text,
             "kind: PopulationType\nid: things\nkey: [id]\ntime: at\n%s"
             "columns:\n  id: {type: text, meaning: key}\n  at: {type: timestamp, meaning: when}\n"
             "  who: {type: text, meaning: who}\n  amount: {type: decimal, meaning: sum}\n"
             "  number: {type: integer, meaning: counts up}\n---\n"
             "kind: PopulationType\nid: marks\nkey: [id]\ntime: at\ncolumns:\n"
             "  id: {type: text, meaning: key}\n  thing: {type: text, meaning: of which}\n"
             "  at: {type: timestamp, meaning: when}\n---\n"
             "kind: Source\nid: things\npopulation: things\nreader: ndjson\n---\n"
             "kind: Source\nid: marks\npopulation: marks\nreader: ndjson\n---\n" CONTROL("C1"),
             more);
    world_apply(w, text);
}

const char *audit_import(struct world *w, const char *type, const char *lines, const char *covers)
{
    static unsigned number;
    struct import_result *result = arena_alloc(w->arena, sizeof *result, &w->err);
    struct engine *engine = engine_open(&(struct engine_options){ .threads = 1 }, &w->err);
    char *path = arena_printf(w->arena, &w->err, "%s/%u.ndjson", w->folder, number++);
    char *source = arena_printf(w->arena, &w->err, "source/%s", type);
    assert_true(result && engine && path && source);
    assert_done(w, file_write_output(path, slice_of(lines), &w->err));
    struct import_request request = { .store = w->store,
                                      .engine = engine,
                                      .catalogue = w->catalogue,
                                      .source = slice_of(source),
                                      .path = path,
                                      .covers = slice_of(covers),
                                      .imported_by = SLICE("person/own"),
                                      .findings = &w->findings };
    bool ok = import_file(&request, w->arena, result, &w->err);
    engine_close(engine);
    assert_done(w, ok);
    return result->segment;
}

void audit_test(struct world *w, const char *where, const char *holds)
{
    char text[4096];
    snprintf(text, sizeof text,
             "kind: Test\nid: T1\ncontrol: control/C1\nnature: reperformance\nprocedure: Done.\n"
             "population: things\n%s%s%sattributes:\n  - id: A\n    title: A\n    holds: \"%s\"\n",
             where ? "where: \"" : "", where ? where : "", where ? "\"\n" : "", holds);
    world_apply(w, text);
}

const struct value *audit_run_with(struct world *w, const struct run_options *options)
{
    findings_free(&w->findings);
    w->err = (struct error){ 0 };
    const struct value *result =
        tests_run(w->store, w->catalogue, w->arena, options, &w->findings, &w->err);
    return value_item(value_member(result, "tests"), 0);
}

const struct value *audit_run(struct world *w)
{
    const struct slice names[] = { SLICE("test/T1") };
    struct run_options options = { .tests = names,
                                   .tests_count = 1,
                                   .period = SLICE("2026-01-01..2026-12-31"),
                                   .acting = &w->acting,
                                   .engine = { .threads = 1 } };
    return audit_run_with(w, &options);
}

void assert_figures(const struct value *run, const char *expected)
{
    char text[128];
    const struct value *attribute = value_item(value_member(run, "attributes"), 0);
    assert_non_null(attribute);
    snprintf(text, sizeof text, "%.*s %.*s %.*s %.*s",
             SLICE_ARG(value_path(run, "population.items")->text),
             SLICE_ARG(value_member(attribute, "holds")->text),
             SLICE_ARG(value_member(attribute, "fails")->text),
             SLICE_ARG(value_member(attribute, "undecided")->text));
    assert_string_equal(text, expected);
}
