/* test/report/render.c
 * report_render FACTS.json PREFIX [a4|letter] [json|html|pdf|oscal]...: what the program does from
 * its store, from a file of facts: adds the sentences, checks the model, renders it. Writes
 * PREFIX.json, PREFIX.html, PREFIX.pdf, PREFIX.oscal (all unless named). Findings go to standard
 * error; exit 1 if it is refused.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "report/complete.h"
#include "report/report.h"

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
    else if (!strcmp(form, "oscal"))
        ok = report_oscal(model, &out, err);
    else
        ok = report_pdf(model, options, &out, err);
    (void)snprintf(path, sizeof(path), "%s.%s", prefix, form);
    ok = ok && strbuf_ok(&out, err) && file_write_output(path, strbuf_slice(&out), err);
    strbuf_free(&out);
    return ok;
}

int main(int argc, char **argv)
{
    static const char *const forms[] = { "json", "html", "pdf", "oscal" };
    struct error err = { 0 };
    struct report_pdf_options options = { .paper = REPORT_A4 };
    bool ok = false;
    int named = 0;
    if (argc < 3) {
        (void)fputs("usage: report_render FACTS.json PREFIX [a4|letter] [json|html|pdf|oscal]...\n",
                    stderr);
        return 2;
    }
    struct arena *arena = arena_new((size_t)1 << 30, &err);
    struct value *model = arena ? facts_complete(arena, argv[1], &err) : NULL;
    if (!model || !model_is_fit(model, &err))
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
