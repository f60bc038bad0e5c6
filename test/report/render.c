/* test/report/render.c
 * report_render FACTS.json PREFIX [a4|letter] [json|html|pdf]...: what the program does from its store,
 * from a file of facts: adds the sentences, checks the model, renders it. Writes PREFIX.json,
 * PREFIX.html, PREFIX.pdf (all unless named). Findings go to standard error; exit 1 if it is refused.
 *
 * FACTS: {"model", "recorded" (section 1's, or null), "qualifications" (management's)}. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "report/report.h"
#include "report/text.h"

/* The tree is ours to change; value_member() lends it as const. */
static struct value *own_member(struct value *object, const char *name)
{
    for (size_t i = 0; object && i < object->count; i++)
        if (slice_is(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

static bool results_add(struct arena *arena, struct value *model, struct error *err)
{
    struct value *bands = own_member(own_member(model, "section4"), "bands");
    for (size_t b = 0; b < value_count(bands); b++) {
        struct value *rows = own_member(bands->items[b], "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            struct value *tests = own_member(rows->items[r], "tests");
            for (size_t t = 0; t < value_count(tests); t++)
                if (!report_text_result(arena, tests->items[t], err))
                    return false;
        }
    }
    return true;
}

static bool assertion_add(struct arena *arena, struct value *model, const struct value *facts,
                          struct error *err)
{
    const struct value *qualifications = value_member(facts, "qualifications");
    struct value *section = value_put_object(arena, model, "section2", err);
    struct value *signatories = NULL, *person = NULL, *qualifies = NULL;
    struct value *paragraphs = report_text_assertion(arena, model, qualifications, err);
    if (!section || !paragraphs ||
        !value_put_text(arena, section, "title", SLICE("Management\xe2\x80\x99s assertion"), err) ||
        !value_put(arena, section, "paragraphs", paragraphs, err))
        return false;
    signatories = value_put_array(arena, section, "signatories", err);
    person = signatories ? value_add_object(arena, signatories, err) : NULL;
    qualifies = person ? value_put_array(arena, section, "qualifies", err) : NULL;
    if (!qualifies || !value_put_text(arena, person, "name", SLICE("Kwame Sandoval"), err) ||
        !value_put_text(arena, person, "role", SLICE("chief executive"), err) ||
        !value_put_text(arena, section, "date", value_text_of(model, "report_date"), err))
        return false;
    for (size_t i = 0; i < value_count(qualifications); i++) {
        struct slice id = value_text_of(value_item(qualifications, i), "criterion");
        if (!value_add(arena, qualifies, value_new_text(arena, id, err), err))
            return false;
    }
    return true;
}

static bool sentences_add(struct arena *arena, struct value *model, const struct value *facts,
                          struct error *err)
{
    const struct value *recorded = value_member(facts, "recorded");
    if (!report_text_titles(arena, model, err) || !report_text_section4(arena, model, err) ||
        !results_add(arena, model, err))
        return false;
    if (slice_is(value_text_of(model, "kind"), "readiness"))
        return report_text_readiness(arena, model, err);
    return report_text_restriction(arena, model, err) && assertion_add(arena, model, facts, err) &&
           report_text_section1(arena, model, recorded, err);
}

static void print_finding(const struct error *finding, bool is_warning)
{
    (void)fprintf(stderr, "%s: %s: %s\n", finding->where, is_warning ? "warning" : "error",
                  finding->message);
    if (finding->hint[0])
        (void)fprintf(stderr, "hint: %s\n", finding->hint);
}

static bool model_is_fit(const struct value *model, struct error *err)
{
    struct findings findings = { 0 };
    bool ok = report_model_check(model, &findings, err);
    for (size_t i = 0; i < findings.count; i++)
        print_finding(&findings.items[i].error, findings.items[i].is_warning);
    if (ok && findings.errors_count > 0)
        ok = error_set(err, ERROR_INVALID, NULL, "%zu errors in the model", findings.errors_count);
    findings_free(&findings);
    return ok;
}

static bool form_write(const struct value *model, const char *prefix, const char *form,
                       const struct report_pdf_options *options, struct error *err)
{
    char path[4096];
    struct strbuf out = strbuf_new((size_t)1 << 30);
    bool ok = false;
    if (!strcmp(form, "json"))
        ok = json_canonical(model, &out, err);
    else if (!strcmp(form, "html"))
        ok = report_html(model, &out, err);
    else
        ok = report_pdf(model, options, &out, err);
    (void)snprintf(path, sizeof(path), "%s.%s", prefix, form);
    ok = ok && strbuf_ok(&out, err) && file_write_output(path, strbuf_slice(&out), err);
    strbuf_free(&out);
    return ok;
}

int main(int argc, char **argv)
{
    static const char *const forms[] = { "json", "html", "pdf" };
    struct error err = { 0 };
    struct report_pdf_options options = { .paper = REPORT_A4 };
    struct slice text;
    bool ok = false;
    int named = 0;
    if (argc < 3) {
        (void)fputs("usage: report_render FACTS.json PREFIX [a4|letter] [json|html|pdf]...\n", stderr);
        return 2;
    }
    struct arena *arena = arena_new((size_t)1 << 30, &err);
    struct value *facts = NULL;
    if (arena && file_read(arena, argv[1], (size_t)1 << 28, &text, &err))
        facts = json_parse(arena, text, argv[1], &json_limits_default, &err);
    struct value *model = facts ? own_member(facts, "model") : NULL;
    if (!facts || !model || !sentences_add(arena, model, facts, &err) || !model_is_fit(model, &err))
        goto done;
    ok = true;
    for (int i = 3; i < argc; i++) {
        if (!strcmp(argv[i], "letter"))
            options.paper = REPORT_LETTER;
        for (size_t f = 0; f < ARRAY_LEN(forms); f++)
            if (!strcmp(argv[i], forms[f]) && ++named)
                ok = ok && form_write(model, argv[2], forms[f], &options, &err);
    }
    for (size_t f = 0; f < ARRAY_LEN(forms) && named == 0; f++)
        ok = ok && form_write(model, argv[2], forms[f], &options, &err);
done:
    if (!ok)
        print_finding(&err, false);
    arena_free(arena);
    return ok ? 0 : 1;
}
