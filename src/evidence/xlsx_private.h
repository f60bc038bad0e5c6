/* What xlsx.c and xlsx_sheet.c share. Not for others. */
#ifndef ATTEST_EVIDENCE_XLSX_PRIVATE_H
#define ATTEST_EVIDENCE_XLSX_PRIVATE_H
#include "base/strbuf.h"
#include "evidence/xlsx.h"

struct xml_attribute {
    struct slice name, value; /* names without prefix */
};
/* Called for elements by their local names; a false stops with *err. end and text may be NULL. */
struct xml_handler {
    bool (*start)(void *context, struct slice element, const struct xml_attribute *attributes,
                  size_t count, struct error *err);
    bool (*end)(void *context, struct slice element, struct error *err);
    void (*text)(void *context, struct slice text);
};
/* ERROR_INVALID for what is not well-formed or has a document type declaration. */
MUST_USE bool xml_walk(struct slice text, const struct xml_handler *handler, void *context,
                       struct error *err);
struct slice xml_value(const struct xml_attribute *attributes, size_t count, const char *name);

/* Which cell formats are days, and whether with a clock. */
enum xlsx_format { FORMAT_PLAIN, FORMAT_DAY, FORMAT_DAY_TIME };
struct xlsx_styles {
    struct arena *arena;
    enum xlsx_format *formats; /* by a cell's s */
    size_t count, capacity;
    struct xlsx_custom {
        unsigned id;
        enum xlsx_format format;
    } * custom;
    size_t custom_count, custom_capacity;
    bool is_in_cells; /* within cellXfs */
    bool is_1904;
};
MUST_USE bool xlsx_styles_read(struct xlsx_styles *styles, struct slice xml, struct error *err);
/* What a number format, such as yyyy-mm-dd hh:mm, makes of a number. */
enum xlsx_format xlsx_format_of(struct slice code);

struct xlsx_texts {
    struct arena *arena;
    struct slice *items;
    size_t count, capacity;
    struct strbuf text;
    unsigned in_text, in_phonetic;
};
MUST_USE bool xlsx_texts_read(struct xlsx_texts *texts, struct slice xml, struct error *err);
MUST_USE bool xlsx_sheet_read(struct slice xml, const struct xlsx_styles *styles,
                              const struct xlsx_texts *texts, xlsx_row_fn *row, void *context,
                              struct error *err);

#endif
