/* attest convert PRESET FILE...: what another tool holds becomes documents to read and apply. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "base/yaml.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "convert/convert.h"
#include "program/presets.h"

enum { SETS_MAX = 64, FILE_BYTES_MAX = 64 << 20 };

static const struct option options[] = {
    { "--out", "FOLDER",
      "write the documents and not-mapped.csv there; without it only the list (with -o xlsx the "
      "workbook)" },
    { "--set", "FIELD=VALUE", "fill a field that the export leaves open; may be given again" },
    { "--exported-on", "DATE", "the day of the export, for the documents' imported_from" },
    { NULL, NULL, NULL },
};
static const struct column_spec columns[] = {
    { "state", "state" }, { "file", "file" },   { "line", "line" },     { "field", "field" },
    { "count", "count" }, { "value", "value" }, { "reason", "reason" }, { NULL, NULL },
};

/* ---- the list ---- */

static bool left_put(struct session *session, struct value *list, const struct left_out *left)
{
    struct arena *arena = session->arena;
    struct error *err = &session->err;
    struct value *item = value_add_object(arena, list, err);
    return item && value_put_text(arena, item, "state", SLICE("not mapped"), err) &&
           value_put_text(arena, item, "file", slice_of(left->file), err) &&
           value_put_i64(arena, item, "line", left->line, err) &&
           value_put_text(arena, item, "field", left->path, err) &&
           value_put_i64(arena, item, "count", (int64_t)left->count, err) &&
           value_put_text(arena, item, "value", left->value, err) &&
           value_put_text(arena, item, "reason", left->reason, err);
}

/* "policy/access.yaml:1:1" and what apply would say of it. */
static bool lacking_put(struct session *session, struct value *list, const struct error *finding)
{
    struct arena *arena = session->arena;
    struct error *err = &session->err;
    struct slice file = slice_of(finding->where);
    struct value *item = value_add_object(arena, list, err);
    const char *reason = arena_printf(arena, err, "%s%s%s", finding->message,
                                      finding->hint[0] ? "; " : "", finding->hint);
    (void)slice_split(file, ':', &file, &(struct slice){ 0 });
    return item && reason && value_put_text(arena, item, "state", SLICE("to complete"), err) &&
           value_put_text(arena, item, "file", file, err) &&
           value_put_text(arena, item, "reason", slice_of(reason), err);
}

static bool made_put(struct session *session, struct value *list, const struct converted *made)
{
    struct arena *arena = session->arena;
    struct error *err = &session->err;
    struct value *item = value_add_object(arena, list, err);
    return item && value_put_text(arena, item, "name", made->name, err) &&
           value_put_text(arena, item, "file", slice_of(made->file), err) &&
           value_put_i64(arena, item, "line", made->line, err);
}

struct told {
    struct value *whole, *rows;
};

static bool tell_all(struct session *session, const struct conversion *conversion,
                     const struct findings *lacking, struct told *told)
{
    struct error *err = &session->err;
    told->whole = value_new(session->arena, VALUE_OBJECT, err);
    struct value *made = value_put_array(session->arena, told->whole, "documents", err);
    told->rows = value_put_array(session->arena, told->whole, "open", err);
    if (!made || !told->rows ||
        !value_put_i64(session->arena, told->whole, "records", (int64_t)conversion->records, err))
        return false;
    for (size_t i = 0; i < conversion->documents_count; i++)
        if (!made_put(session, made, &conversion->documents[i]))
            return false;
    for (size_t i = 0; i < lacking->count; i++)
        if (!lacking_put(session, told->rows, &lacking->items[i].error))
            return false;
    for (size_t i = 0; i < conversion->left_count; i++)
        if (!left_put(session, told->rows, &conversion->left[i]))
            return false;
    return true;
}

/* ---- files ---- */

static bool file_put(struct session *session, const char *path, struct slice text)
{
    struct slice there;
    struct error absent = { 0 };
    if (file_read(session->arena, path, FILE_BYTES_MAX, &there, &absent)) {
        if (slice_equal(there, text))
            return true;
        error_set(&session->err, ERROR_INVALID, path, "is there already, and is another");
        return error_hint(&session->err,
                          "it may have been edited: name a new folder, or remove it");
    }
    return (absent.code == ERROR_NOT_FOUND ||
            error_set(&session->err, absent.code, path, "%s", absent.message)) &&
           file_write_output(path, text, &session->err);
}

static bool document_write(struct session *session, const char *folder, const struct kind *kind,
                           struct slice id, const struct value *document)
{
    struct strbuf text = strbuf_new(FILE_BYTES_MAX);
    struct error *err = &session->err;
    const char *inside =
        arena_printf(session->arena, err, "%s/%.*s", folder, SLICE_ARG(kind->prefix));
    const char *path =
        inside ? arena_printf(session->arena, err, "%s/%.*s.yaml", inside, SLICE_ARG(id)) : NULL;
    yaml_write(document, &text);
    bool ok = path && folder_make(inside, err) && strbuf_ok(&text, err) &&
              file_put(session, path, strbuf_slice(&text));
    strbuf_free(&text);
    return ok;
}

/* The list again, for who reads it later; apply does not take CSV for documents. */
static bool list_write(struct session *session, const char *folder, const struct value *rows)
{
    struct strbuf text = strbuf_new(FILE_BYTES_MAX);
    const char *path = arena_printf(session->arena, &session->err, "%s/not-mapped.csv", folder);
    for (size_t i = 0; columns[i].path; i++)
        strbuf_printf(&text, "%s%s", i > 0 ? "," : "", columns[i].head);
    strbuf_add_text(&text, "\r\n");
    for (size_t i = 0; i < value_count(rows); i++) {
        for (size_t j = 0; columns[j].path; j++) {
            const struct value *cell = value_member(rows->items[i], columns[j].path);
            strbuf_add_text(&text, j > 0 ? "," : "");
            if (cell)
                output_add_csv(&text, cell->text);
        }
        strbuf_add_text(&text, "\r\n");
    }
    bool ok = path && strbuf_ok(&text, &session->err) &&
              file_write_output(path, strbuf_slice(&text), &session->err);
    strbuf_free(&text);
    return ok;
}

static bool files_write(struct session *session, const char *folder,
                        const struct conversion *conversion, const struct value *rows)
{
    if (!folder_make(folder, &session->err))
        return false;
    for (size_t i = 0; i < conversion->documents_count; i++) {
        const struct converted *made = &conversion->documents[i];
        if (!document_write(session, folder, made->kind, made->id, made->document))
            return false;
    }
    return list_write(session, folder, rows);
}

/* ---- running ---- */

static bool sets_read(struct session *session, struct convert_default *sets, size_t *count)
{
    const char *values[SETS_MAX];
    *count = argument_values(session->arguments, "--set", values, SETS_MAX);
    for (size_t i = 0; i < *count; i++)
        if (!slice_split(slice_of(values[i]), '=', &sets[i].field, &sets[i].value) ||
            sets[i].value.len == 0)
            return error_set(&session->err, ERROR_USAGE, "--set", "FIELD=VALUE is expected");
    return true;
}

static void tell_remarks(struct session *session, const struct value *preset)
{
    const struct value *remarks = value_member(preset, "remarks");
    for (size_t i = 0; i < value_count(remarks); i++)
        session_tell(session, "%.*s", SLICE_ARG(value_text(remarks->items[i])));
}

/* With -o xlsx it is where the list goes. */
static const char *folder_asked(const struct session *session)
{
    return session->format == FORMAT_XLSX ? NULL : argument_value(session->arguments, "--out");
}

static int convert_documents(struct session *session, const struct arguments *arguments,
                             const struct value *preset)
{
    struct convert_default sets[SETS_MAX];
    struct conversion conversion;
    struct findings lacking = { 0 };
    struct told told;
    const char *folder = folder_asked(session);
    struct convert_request request = { .catalogue = session->catalogue,
                                       .preset = preset,
                                       .paths = arguments->words + 1,
                                       .paths_count = arguments->words_count - 1,
                                       .defaults = sets,
                                       .exported_on = argument_slice(arguments, "--exported-on"),
                                       .findings = &session->findings };
    int32_t day;
    bool ok =
        sets_read(session, sets, &request.defaults_count) &&
        (request.exported_on.len == 0 || date_parse(request.exported_on, &day, &session->err)) &&
        convert(&request, session->arena, &conversion, &session->err) &&
        conversion_check(&conversion, session->catalogue, session->arena, &lacking,
                         &session->err) &&
        tell_all(session, &conversion, &lacking, &told) &&
        (!folder || files_write(session, folder, &conversion, told.rows)) &&
        output_list(session, told.whole, told.rows, columns);
    if (ok) {
        tell_remarks(session, preset);
        session_tell(session, "%llu records, %zu documents, %zu things to complete, %zu not mapped",
                     (unsigned long long)conversion.records, conversion.documents_count,
                     lacking.errors_count, conversion.left_count);
        if (folder)
            session_tell(session, "next: read through %s, then attest apply -f %s --dry-run",
                         folder, folder);
    }
    findings_free(&lacking);
    return ok ? 0 : session_fail(session);
}

/* Records are no documents: their preset is the source that reads them. */
static int convert_source(struct session *session, const struct arguments *arguments,
                          const struct value *preset)
{
    const char *folder = folder_asked(session);
    const struct value *fields = value_member(preset, "source");
    const struct kind *kind = kind_find(session->catalogue, SLICE("Source"));
    struct slice id = value_text_of(preset, "preset");
    struct value *document = value_new(session->arena, VALUE_OBJECT, &session->err);
    bool ok = document && kind &&
              value_put_text(session->arena, document, "kind", SLICE("Source"), &session->err) &&
              value_put_text(session->arena, document, "id", id, &session->err);
    for (size_t i = 0; ok && i < value_count(fields); i++)
        ok = value_put_slice(session->arena, document, fields->members[i].name,
                             fields->members[i].value, &session->err);
    ok = ok && (folder ? document_write(session, folder, kind, id, document)
                       : output_document(session, document));
    if (!ok)
        return session_fail(session);
    session_tell(session, "%.*s", SLICE_ARG(value_text_of(preset, "summary")));
    if (folder)
        session_tell(session, "next: attest apply -f %s, then attest import source/%.*s %s", folder,
                     SLICE_ARG(id), arguments->words_count > 1 ? arguments->words[1] : "FILE");
    return 0;
}

static int run(struct session *session, const struct arguments *arguments)
{
    if (arguments->words_count < 1) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name a preset and the files: attest convert PRESET FILE...");
        error_hint(&session->err, "attest catalog presets lists them");
        return session_fail(session);
    }
    if (!session_catalogue(session))
        return session_fail(session);
    const struct value *preset = preset_find(session->arena, slice_of(arguments->words[0]),
                                             &session->findings, &session->err);
    if (!preset)
        return session_fail(session);
    if (value_member(preset, "source"))
        return convert_source(session, arguments, preset);
    if (arguments->words_count < 2) {
        error_set(&session->err, ERROR_USAGE, NULL, "name the files that it reads");
        return session_fail(session);
    }
    return convert_documents(session, arguments, preset);
}

static const char *const examples[] = {
    "attest convert comply policies/*.md --out programme",
    "attest convert probo mitigations.json --set owner=role/security-lead --out programme",
    "attest convert my-vendors.yaml vendors.csv",
    "attest convert prowler-ocsf --out programme",
    NULL,
};
const struct verb verb_convert = {
    .name = "convert",
    .usage = "PRESET FILE... [--set FIELD=VALUE]... [--out FOLDER]",
    .summary = "files of another tool become documents to read through and apply",
    .details =
        "A preset says how the files are read (attest catalog presets); one of your own is a\n"
        "file. Nothing is written into the data directory. What has no place in our documents\n"
        "is listed, and so is what they lack before they can be applied. A preset for records\n"
        "writes the Source with which attest import reads them.",
    .examples = examples,
    .options = options,
    .run = run,
};
