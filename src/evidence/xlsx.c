#include "evidence/xlsx.h"

#include <archive.h>
#include <archive_entry.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "evidence/xlsx_private.h"

enum { NAME_BYTES_MAX = 512, SHEETS_MAX = 1024 };

/* ---- parts of the archive ---- */

/* One part, unpacked; empty if there is none. */
static bool part_read(struct slice file, const char *name, struct strbuf *out, bool *is_there,
                      struct error *err)
{
    struct archive_entry *entry;
    struct archive *archive = archive_read_new();
    bool ok = archive != NULL;
    *is_there = false;
    strbuf_clear(out);
    if (!ok)
        return error_no_memory(err, 0);
    if (archive_read_support_format_zip_seekable(archive) != ARCHIVE_OK ||
        archive_read_open_memory(archive, file.at, file.len) != ARCHIVE_OK)
        ok = error_set(err, ERROR_INVALID, NULL, "this is no workbook (.xlsx)");
    for (unsigned count = 0; ok && !*is_there; count++) {
        int result = archive_read_next_header(archive, &entry);
        if (result == ARCHIVE_EOF)
            break;
        const char *path = result == ARCHIVE_OK ? archive_entry_pathname(entry) : NULL;
        if (result != ARCHIVE_OK || count == XLSX_PARTS_MAX)
            ok = error_set(err, ERROR_INVALID, NULL, "this is no workbook (.xlsx), or damaged");
        else
            *is_there = path && strcmp(path, name) == 0;
    }
    while (ok && *is_there) {
        char block[65536];
        la_ssize_t got = archive_read_data(archive, block, sizeof block);
        if (got <= 0) {
            ok = got == 0 || error_set(err, ERROR_INVALID, NULL, "%s is damaged", name);
            break;
        }
        if (out->len + (size_t)got > XLSX_PART_BYTES_MAX)
            ok = error_set(err, ERROR_INVALID, NULL, "%s is larger than 512 MiB", name);
        else
            strbuf_add(out, slice_bytes(block, (size_t)got));
    }
    archive_read_free(archive);
    return ok && strbuf_ok(out, err);
}

/* ---- XML ---- */

struct walking {
    const struct xml_handler *handler;
    void *context;
    xmlParserCtxt *parser;
    struct error *err;
    bool is_failed;
};

static void stop(struct walking *walking)
{
    walking->is_failed = true;
    xmlStopParser(walking->parser);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces_count, const xmlChar **namespaces, int attributes_count,
                     int defaulted_count, const xmlChar **attributes)
{
    struct walking *walking = context;
    struct xml_attribute list[32];
    size_t count = 0;
    (void)prefix, (void)uri, (void)namespaces_count, (void)namespaces, (void)defaulted_count;
    for (int i = 0; i < attributes_count && count < ARRAY_LEN(list); i++) {
        const char *start = (const char *)attributes[5 * i + 3];
        const char *end = (const char *)attributes[5 * i + 4];
        list[count++] = (struct xml_attribute){ slice_of((const char *)attributes[5 * i]),
                                                slice_bytes(start, (size_t)(end - start)) };
    }
    if (!walking->is_failed &&
        !walking->handler->start(walking->context, slice_of((const char *)name), list, count,
                                 walking->err))
        stop(walking);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct walking *walking = context;
    (void)prefix, (void)uri;
    if (!walking->is_failed && walking->handler->end &&
        !walking->handler->end(walking->context, slice_of((const char *)name), walking->err))
        stop(walking);
}

static void on_text(void *context, const xmlChar *text, int len)
{
    struct walking *walking = context;
    if (!walking->is_failed && walking->handler->text)
        walking->handler->text(walking->context, slice_bytes(text, (size_t)len));
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    struct walking *walking = context;
    (void)name, (void)id, (void)system;
    error_set(walking->err, ERROR_INVALID, NULL, "a document type declaration in a workbook");
    stop(walking);
}

/* What libxml2 says is not printed; that it found fault is seen from its result. */
static void on_error(void *context, xmlErrorPtr error) { (void)context, (void)error; }

bool xml_walk(struct slice text, const struct xml_handler *handler, void *context,
              struct error *err)
{
    struct walking walking = { .handler = handler, .context = context, .err = err };
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = on_start,
                          .endElementNs = on_end,
                          .characters = on_text,
                          .cdataBlock = on_text,
                          .ignorableWhitespace = on_text,
                          .internalSubset = on_doctype,
                          .serror = on_error };
    walking.parser = xmlCreatePushParserCtxt(&sax, &walking, NULL, 0, NULL);
    if (!walking.parser)
        return error_no_memory(err, 0);
    /* Without a document type there are only XML's own five entities to replace. */
    bool ok = xmlCtxtUseOptions(walking.parser, XML_PARSE_NONET | XML_PARSE_NOENT) == 0;
    for (size_t at = 0; ok && at < text.len && !walking.is_failed;) {
        size_t part = text.len - at < 65536 ? text.len - at : 65536;
        ok = xmlParseChunk(walking.parser, text.at + at, (int)part, 0) == 0;
        at += part;
    }
    ok = ok && !walking.is_failed && xmlParseChunk(walking.parser, NULL, 0, 1) == 0;
    ok = ok && !walking.is_failed && walking.parser->wellFormed;
    xmlFreeParserCtxt(walking.parser);
    if (!ok && err->code == ERROR_NONE)
        error_set(err, ERROR_INVALID, NULL, "a part of the workbook is not well-formed XML");
    return ok;
}

struct slice xml_value(const struct xml_attribute *attributes, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(attributes[i].name, name))
            return attributes[i].value;
    return (struct slice){ 0 };
}

/* ---- which sheet ---- */

struct sheet {
    struct slice name, relation, path;
};
struct book {
    struct arena *arena;
    struct sheet sheets[SHEETS_MAX];
    size_t count;
    bool is_1904;
};

static bool book_start(void *context, struct slice element, const struct xml_attribute *attributes,
                       size_t count, struct error *err)
{
    struct book *book = context;
    if (slice_is(element, "workbookPr")) {
        struct slice flag = xml_value(attributes, count, "date1904");
        book->is_1904 = slice_is(flag, "1") || slice_is(flag, "true");
    }
    if (!slice_is(element, "sheet"))
        return true;
    if (book->count == SHEETS_MAX)
        return error_set(err, ERROR_INVALID, NULL, "more than %d sheets", SHEETS_MAX);
    struct sheet *sheet = &book->sheets[book->count++];
    return arena_copy(book->arena, xml_value(attributes, count, "name"), &sheet->name, err) &&
           arena_copy(book->arena, xml_value(attributes, count, "id"), &sheet->relation, err);
}

static bool relation_start(void *context, struct slice element,
                           const struct xml_attribute *attributes, size_t count, struct error *err)
{
    struct book *book = context;
    struct slice id = xml_value(attributes, count, "Id");
    struct slice target = xml_value(attributes, count, "Target");
    if (!slice_is(element, "Relationship"))
        return true;
    for (size_t i = 0; i < book->count; i++) {
        if (!slice_equal(book->sheets[i].relation, id))
            continue;
        const char *path = slice_starts_with(target, SLICE("/"))
                               ? arena_string(book->arena, slice_from(target, 1), err)
                               : arena_printf(book->arena, err, "xl/%.*s", SLICE_ARG(target));
        book->sheets[i].path = slice_of(path);
        if (!path)
            return false;
    }
    return true;
}

static bool sheet_choose(struct book *book, struct slice name, const struct sheet **chosen,
                         struct error *err)
{
    char names[240] = "";
    size_t len = 0;
    *chosen = NULL;
    for (size_t i = 0; i < book->count; i++) {
        const struct sheet *sheet = &book->sheets[i];
        if (name.len > 0 ? slice_equal(sheet->name, name) : book->count == 1)
            *chosen = sheet;
        int more = snprintf(names + len, sizeof names - len, "%s\"%.*s\"", i > 0 ? ", " : "",
                            SLICE_ARG(sheet->name));
        len += more > 0 && (size_t)more < sizeof names - len ? (size_t)more : 0;
    }
    if (*chosen)
        return (*chosen)->path.len > 0 ||
               error_set(err, ERROR_INVALID, NULL, "the workbook does not hold its sheet");
    if (name.len > 0)
        error_set(err, ERROR_INVALID, NULL, "there is no sheet \"%.*s\"", SLICE_ARG(name));
    else
        error_set(err, ERROR_INVALID, NULL, "the workbook has %zu sheets, and none is named",
                  book->count);
    return error_hint(err, "sheet: one of %s", names);
}

static bool book_read(struct slice file, struct book *book, struct strbuf *part, struct error *err)
{
    static const struct xml_handler book_handler = { .start = book_start };
    static const struct xml_handler relation_handler = { .start = relation_start };
    bool is_there;
    if (!part_read(file, "xl/workbook.xml", part, &is_there, err))
        return false;
    if (!is_there)
        return error_set(err, ERROR_INVALID, NULL, "this is no workbook (.xlsx)");
    return xml_walk(strbuf_slice(part), &book_handler, book, err) &&
           part_read(file, "xl/_rels/workbook.xml.rels", part, &is_there, err) &&
           (!is_there || xml_walk(strbuf_slice(part), &relation_handler, book, err));
}

bool xlsx_read(struct arena *arena, struct slice file, struct slice sheet, xlsx_row_fn *row,
               void *context, struct error *err)
{
    struct strbuf part = strbuf_new(XLSX_PART_BYTES_MAX + 65536);
    struct xlsx_styles styles = { .arena = arena };
    struct xlsx_texts texts = { .arena = arena };
    struct book *book = arena_alloc(arena, sizeof *book, err);
    const struct sheet *chosen = NULL;
    bool is_there;
    bool ok = book != NULL;
    if (ok)
        book->arena = arena;
    ok = ok && book_read(file, book, &part, err) && sheet_choose(book, sheet, &chosen, err) &&
         part_read(file, "xl/styles.xml", &part, &is_there, err) &&
         (!is_there || xlsx_styles_read(&styles, strbuf_slice(&part), err)) &&
         part_read(file, "xl/sharedStrings.xml", &part, &is_there, err) &&
         (!is_there || xlsx_texts_read(&texts, strbuf_slice(&part), err)) &&
         part_read(file, chosen->path.at, &part, &is_there, err) &&
         (is_there || error_set(err, ERROR_INVALID, NULL, "the workbook does not hold its sheet"));
    if (ok) {
        styles.is_1904 = book->is_1904;
        ok = xlsx_sheet_read(strbuf_slice(&part), &styles, &texts, row, context, err);
    }
    strbuf_free(&part);
    return ok;
}
