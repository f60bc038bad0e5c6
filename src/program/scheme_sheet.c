/* ENISA's sheet on SOC 2. Its words are printed unbroken, each value on its own line, so that every
 * line of the sheet can be found again. */
#include <string.h>

#include "program/catalogue_internal.h"

static size_t references_count(const struct value *sheet)
{
    size_t count = 0;
    const struct value *parts = value_member(sheet, "parts");
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *objectives = value_member(parts->items[i], "objectives");
        for (size_t j = 0; j < value_count(objectives); j++)
            count += value_count(value_member(objectives->items[j], "references"));
    }
    return count;
}

static size_t objectives_count(const struct value *sheet)
{
    size_t count = 0;
    const struct value *parts = value_member(sheet, "parts");
    for (size_t i = 0; i < value_count(parts); i++)
        count += value_count(value_member(parts->items[i], "objectives"));
    return count;
}

struct value *scheme_sheet(const struct catalogue *catalogue, struct arena *arena,
                           struct error *err)
{
    struct value *sheet = value_copy(arena, catalogue->sheet, err);
    bool ok = sheet &&
              value_put_i64(arena, sheet, "objectives", (int64_t)objectives_count(sheet), err) &&
              value_put_i64(arena, sheet, "references", (int64_t)references_count(sheet), err);
    return ok ? sheet : NULL;
}

/* ---- for reading ---- */

static void line(struct strbuf *out, const char *indent, struct slice text)
{
    strbuf_add_text(out, indent);
    strbuf_add(out, text);
    strbuf_add_char(out, '\n');
}

static void field_write(struct strbuf *out, const struct value *field)
{
    struct slice label = value_text_of(field, "label"), note = value_text_of(field, "note");
    if (label.len > 0)
        line(out, "  ", label);
    else
        line(out, "  ", SLICE("(the sheet does not tell what was asked)"));
    line(out, "    ", value_text_of(field, "text"));
    if (note.len > 0) {
        strbuf_add_text(out, "    note: ");
        line(out, "", note);
    }
}

static void list_write(struct strbuf *out, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        strbuf_add_text(out, i ? ", " : "");
        strbuf_add(out, value_text(list->items[i]));
    }
}

/* The references as the sheet writes them, and one by one where it writes a range. */
static void references_write(struct strbuf *out, const struct value *objective)
{
    struct strbuf expanded = strbuf_new(4096);
    const struct value *references = value_member(objective, "references");
    struct slice written = value_text_of(objective, "as_written");
    list_write(&expanded, references);
    line(out, "    ", written);
    if (!slice_equal(written, strbuf_slice(&expanded))) {
        strbuf_printf(out, "    (%zu: ", value_count(references));
        strbuf_add(out, strbuf_slice(&expanded));
        strbuf_add_text(out, ")\n");
    }
    strbuf_free(&expanded);
}

static void objective_write(struct strbuf *out, const struct value *part,
                            const struct value *objective)
{
    int64_t number = 0;
    const struct value *notes = value_member(objective, "notes");
    (void)value_to_i64(value_member(objective, "number"), &number);
    strbuf_printf(out, "\n  %lld. ", (long long)number);
    line(out, "", value_text_of(objective, "name"));
    line(out, "    ", value_text_of(part, "description_label"));
    line(out, "    ", value_text_of(objective, "description"));
    line(out, "    ", value_text_of(part, "references_label"));
    references_write(out, objective);
    for (size_t i = 0; i < value_count(notes); i++) {
        strbuf_add_text(out, "    note: ");
        line(out, "", value_text(notes->items[i]));
    }
}

static void anomalies_write(struct strbuf *out, const struct value *sheet)
{
    const struct value *anomalies = value_member(sheet, "anomalies");
    strbuf_printf(out, "\nNotes on the sheet (ours): %zu objectives, %zu references\n",
                  objectives_count(sheet), references_count(sheet));
    for (size_t i = 0; i < value_count(anomalies); i++) {
        const struct value *references = value_member(anomalies->items[i], "references");
        strbuf_add_text(out, "  - ");
        if (value_count(references) > 0) {
            list_write(out, references);
            strbuf_add_text(out, ": ");
        }
        line(out, "", value_text_of(anomalies->items[i], "text"));
    }
}

bool scheme_sheet_write(const struct catalogue *catalogue, struct strbuf *out, struct error *err)
{
    const struct value *parts = value_member(catalogue->sheet, "parts");
    line(out, "", value_text_of(catalogue->sheet, "title"));
    strbuf_add_text(out, "as ");
    strbuf_add(out, value_text_of(catalogue->sheet, "publisher"));
    strbuf_add_text(out, " has it in its list of cloud certification schemes\n");
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = parts->items[i];
        const struct value *fields = value_member(part, "fields");
        const struct value *objectives = value_member(part, "objectives");
        strbuf_add_char(out, '\n');
        line(out, "", value_text_of(part, "heading"));
        for (size_t j = 0; j < value_count(fields); j++)
            field_write(out, fields->items[j]);
        for (size_t j = 0; j < value_count(objectives); j++)
            objective_write(out, part, objectives->items[j]);
    }
    anomalies_write(out, catalogue->sheet);
    return strbuf_ok(out, err);
}
