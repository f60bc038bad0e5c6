/* src/report/build.h
 * Tools for those who build the document (document_*.c). Not for others.
 *
 * A failed allocation is remembered, so that builders read like the page they make: they check
 * once, at the end. Every function accepts NULL for what an earlier failure did not give. */
#ifndef ATTEST_REPORT_BUILD_H
#define ATTEST_REPORT_BUILD_H
#include "base/strbuf.h"
#include "report/document.h"

struct builder {
    struct arena *arena;
    struct document *document;
    const struct value *model;
    struct error *err;
    struct strbuf path; /* of the field that is being read */
    bool failed;
};

/* The path of the field in hand: "section4", ".bands", "[2]". Returns what build_leave() takes. */
size_t build_enter(struct builder *b, const char *name);
size_t build_enter_item(struct builder *b, const char *name, size_t index);
void build_leave(struct builder *b, size_t mark);

void *build_alloc(struct builder *b, size_t bytes);
const char *build_string(struct builder *b, struct slice text);
PRINTF_LIKE(2, 3) struct slice build_printf(struct builder *b, const char *format, ...);
/* A model's text made fit for showing. */
struct slice build_shown(struct builder *b, struct slice text);
/* "41,207" */
struct slice build_count(struct builder *b, int64_t number);
struct slice build_count_of(struct builder *b, const struct value *object, const char *name);
/* "30 September 2026" of "2026-09-30", "30 September 2026 09:02:11.5 UTC" of an instant; other
 * texts as they are. */
struct slice build_date(struct builder *b, struct slice date);
/* "1 October 2025 to 30 September 2026" of {from, to}. */
struct slice build_period(struct builder *b, const struct value *period);
/* "Missing evidence" of "missing-evidence". */
struct slice build_class(struct slice id);
/* "CC6.1" of "tsc-2017/CC6.1". */
struct slice build_local(struct slice criterion);
/* The first twelve digits of a leaf or digest. */
struct slice build_short(struct slice hex);
/* An anchor: prefix and names joined by "-", other characters than those allowed become "-". */
const char *build_anchor(struct builder *b, const char *prefix, struct slice name,
                         struct slice more);

struct section *build_section(struct builder *b, struct slice title, struct slice author);
struct block *build_block(struct builder *b, struct blocks *into, enum block_kind kind);
struct block *build_text(struct builder *b, struct blocks *into, enum text_role role);
struct block *build_heading(struct builder *b, struct blocks *into, unsigned level,
                            const char *anchor);
struct list_item *build_item(struct builder *b, struct block *list);

/* Fixed words. */
struct run *build_label(struct builder *b, struct runs *runs, const char *text, unsigned style);
/* Words made here of the model's facts; `field` is the path in hand. */
struct run *build_words(struct builder *b, struct runs *runs, struct slice text, unsigned style);
/* A text of the model: member `name` of object. Nothing if it is absent or null. */
struct run *build_field(struct builder *b, struct runs *runs, const struct value *object,
                        const char *name, unsigned style);
/* A text of the model, the path in hand being its own. */
struct run *build_value(struct builder *b, struct runs *runs, const struct value *text,
                        unsigned style);
/* The page number of an anchor, with words before it. */
void build_page(struct builder *b, struct runs *runs, const char *before, const char *anchor,
                unsigned style);

/* "Blocks" of the model (docs/report-model.md, Values), path in hand. In a cell, where no table can
 * stand, a table becomes a list of its rows. */
void build_blocks(struct builder *b, struct blocks *into, const struct value *blocks,
                  unsigned heading_level, bool in_cell);
/* A list of plain texts as paragraphs. */
void build_paragraphs(struct builder *b, struct blocks *into, const struct value *texts,
                      enum text_role role);

struct table *build_table(struct builder *b, struct blocks *into, const struct column *columns,
                          size_t count);
struct row *build_row(struct builder *b, struct table *table);
/* The runs of a new text block in a cell. */
struct runs *build_cell(struct builder *b, struct row *row, size_t column);
/* Name and value for TABLE_FACTS: adds the row and gives the value's runs. */
struct runs *build_fact(struct builder *b, struct table *table, const char *name);
struct table *build_facts(struct builder *b, struct blocks *into, enum table_look look,
                          const char *label);

/* The parts of the document, in this order. Each adds nothing if the model has none. */
void build_cover(struct builder *b);
void build_contents(struct builder *b);
void build_exceptions_index(struct builder *b);
void build_statement(struct builder *b);
void build_section1(struct builder *b);
void build_section2(struct builder *b);
void build_section3(struct builder *b);
void build_section4(struct builder *b);
void build_section5(struct builder *b);
void build_appendices(struct builder *b);

/* A table with a row for each item of a list, the first cell naming it. */
struct listing {
    const char *label; /* says what the table holds */
    const char *name;  /* of the list, in the field's path */
    const struct column *columns;
    size_t columns_count;
    void (*row)(struct builder *b, struct row *row, const struct value *item);
};
/* Nothing if the list is empty. */
void build_listing(struct builder *b, struct blocks *into, const struct listing *listing,
                   const struct value *items);

#endif
