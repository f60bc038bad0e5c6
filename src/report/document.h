/* src/report/document.h
 * What a report shows and in which order, before it becomes pages or a web page.
 *
 * The model says what is so; the document says how it reads: which sections, paragraphs, tables,
 * fixed labels. Both renderers walk this one tree, so their texts are equal by construction; the
 * only thing a paged form may add is a page number (RUN_PAGED).
 *
 * Texts are ready for showing: control characters and overrides of writing direction that stood in
 * the model have become visible (<U+202E>), line breaks spaces. */
#ifndef ATTEST_REPORT_DOCUMENT_H
#define ATTEST_REPORT_DOCUMENT_H
#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/value.h"

enum run_style {
    RUN_BOLD = 1,
    RUN_ITALIC = 2,
    RUN_MONO = 4,   /* digests, expressions: may be broken anywhere */
    RUN_QUIET = 8,  /* less prominent */
    RUN_ALERT = 16, /* the colour of exceptions; the words say it too */
    RUN_PAGED = 32, /* only where there are pages */
    RUN_SMALL = 64,
    RUN_KICKER = 128, /* small, on a line of its own above the rest of a heading */
};

/* A stretch of text in one style. */
struct run {
    struct run *next;
    struct slice text;
    unsigned style;     /* of run_style */
    const char *target; /* the anchor it leads to; NULL: none */
    bool is_page;       /* the page number of target; text is empty, style has RUN_PAGED */
    const char *field;  /* where in the model the text stands; NULL: a fixed label */
};
struct runs {
    struct run *first, *last;
};

/* A place that links, the contents and the PDF's outline can lead to. */
struct mark {
    const char *anchor;     /* unique; A-Z a-z 0-9 . _ -; NULL: none */
    struct slice title;     /* of the outline's entry */
    unsigned outline_level; /* 1 to 4; 0: not in the outline */
    bool is_in_contents;
};

enum block_kind {
    BLOCK_TEXT,
    BLOCK_HEADING,
    BLOCK_LIST,
    BLOCK_CODE,
    BLOCK_TABLE,
    BLOCK_BOX,
    BLOCK_CONTENTS, /* the list of marks; made by the renderer */
    BLOCK_QR,
};
enum text_role {
    TEXT_BODY,
    TEXT_LEAD,  /* a little larger: what one reads first */
    TEXT_NOTE,  /* small, quiet */
    TEXT_LABEL, /* small, bold: names what follows */
    TEXT_COVER_KIND,
    TEXT_COVER_TITLE,
    TEXT_COVER_SUBTITLE,
    TEXT_COVER_FIRM,
    TEXT_SIGNATURE,
    TEXT_CONCLUSION, /* closes the table above it */
};

struct block;
struct blocks {
    struct block *first, *last;
};
struct list_item {
    struct list_item *next;
    struct slice label; /* stands instead of a bullet or number; empty: none */
    struct blocks blocks;
};
struct block {
    struct block *next;
    enum block_kind kind;
    enum text_role role;
    struct mark mark;
    unsigned level;   /* heading: 1 to 4 */
    struct runs runs; /* text, heading, code */
    bool is_ordered;  /* list */
    struct list_item *items, *items_last;
    struct blocks inner; /* box */
    struct table *table;
    struct slice qr;     /* the symbol's text */
    struct slice qr_alt; /* what it says, for those who cannot see it */
};

struct column {
    const char *title;
    const char *field; /* where in the model the title stands; NULL: a fixed label */
    unsigned share;    /* of the width, relative to the others */
    bool is_number;    /* right-aligned */
    bool is_paged;     /* only where there are pages */
};
struct cell {
    struct blocks blocks;
    unsigned rows_spanned; /* 1; more: reaches down; 0: covered by the cell above */
    bool is_head;          /* names its row */
};
struct row {
    struct row *next;
    struct cell *cells; /* one for each column */
    struct mark mark;
    bool is_exception;      /* a bar beside the last cell */
    bool starts_group;      /* a heavier rule above */
    struct slice continued; /* names the group where it goes on after a page break */
};
enum table_look {
    TABLE_PLAIN,
    TABLE_FACTS, /* two columns, name and value, no head */
    TABLE_COVER, /* the same, for the title page */
};
struct table {
    enum table_look look;
    struct column *columns;
    size_t columns_count;
    struct runs band;   /* across the table, above the heads; empty: none */
    struct slice label; /* says what the table holds, where there is no band */
    bool is_kept_whole; /* on one page, if a page can hold it */
    struct mark mark;
    struct row *rows, *rows_last;
    size_t rows_count;
};

struct section {
    struct section *next;
    struct slice title;  /* in the running head */
    struct slice author; /* who wrote it, in the running head */
    bool is_landscape;
    bool is_cover;
    struct blocks blocks;
};

struct document {
    const char *language;
    struct slice title; /* one line */
    struct slice subject;
    struct slice organization, auditor; /* auditor: empty if there is none */
    struct slice running;               /* the report's id, in every foot */
    struct slice banner;                /* "SPECIMEN", "DRAFT" ...; empty: none; on every page */
    struct slice banner_note;           /* what that means */
    struct slice date;                  /* YYYY-MM-DD, or empty */
    bool is_readiness;                  /* another accent, another cover */
    struct digest digest;               /* of the model's canonical bytes */
    struct section *first, *last;
};

/* Builds the document of a checked model.
 * Owner:  the arena; texts borrow from the model, which must live as long.
 * Errors: ERROR_NO_MEMORY, ERROR_INVALID (numbers beyond the doubles). */
MUST_USE struct document *document_of(struct arena *arena, const struct value *model,
                                      struct error *err);

#endif
