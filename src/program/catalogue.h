/* What travels inside the program as data: editions of criteria, crosswalks, starter controls,
 * kinds of resources, population types, the scheme sheet. All of it lies in catalog/ and is
 * embedded; this header reads it once and lends it. */
#ifndef ATTEST_PROGRAM_CATALOGUE_H
#define ATTEST_PROGRAM_CATALOGUE_H
#include "base/strbuf.h"
#include "base/value.h"

struct catalogue; /* layout: catalogue_internal.h; immutable once open */
struct kind;      /* kinds.h */

/* Reads and checks every embedded file (about 15 ms). What it lends lives until catalogue_free().
 * Errors: ERROR_CORRUPT (a file of the catalogue breaks its own rules), ERROR_NO_MEMORY; NULL. */
MUST_USE struct catalogue *catalogue_open(struct error *err);
void catalogue_free(struct catalogue *catalogue); /* NULL is fine */

/* ---- criteria ---- */
struct criterion {
    struct slice edition; /* tsc-2017; this, name and an edition's name are followed by a NUL */
    struct slice id;      /* CC6.1 */
    struct slice name;    /* tsc-2017/CC6.1 */
    struct slice title, text, category, group;
    const struct value *node; /* everything the catalogue says of it */
};
struct edition {
    struct slice name, title;
    struct slice type;                /* criteria | objectives | description-criteria */
    const struct criterion *criteria; /* in the edition's order */
    size_t count;
    const struct value *document;
};
/* Newest first: tsc-2017, tsp-2014, tsp-2009, then the others. */
const struct edition *catalogue_editions(const struct catalogue *catalogue, size_t *count);
const struct edition *catalogue_edition(const struct catalogue *catalogue, struct slice name);
/* By qualified name, tsc-2017/CC6.1, exactly so; NULL if there is none. */
const struct criterion *catalogue_criterion(const struct catalogue *catalogue, struct slice name);
/* Why `text` names no criterion, and which it might mean: in *err as ERROR_INVALID, message and
 * hint. An id without its catalogue names the candidates in all editions. Always returns false. */
bool catalogue_criterion_unknown(const struct catalogue *catalogue, struct slice text,
                                 const char *where, struct error *err);

/* Whether a crosswalk names one as the other's, either way: tsp-2014/CC5.1 and tsc-2017/CC6.1. A
 * placeholder maps to nothing. */
bool catalogue_criteria_map(const struct catalogue *catalogue, struct slice a, struct slice b);

/* What maps to a criterion, either way through every crosswalk, each once, by their order; only
 * those that are in a catalogue. NULL with *err: memory. */
MUST_USE const struct criterion **catalogue_mapped(const struct catalogue *catalogue,
                                                   struct arena *arena, struct slice name,
                                                   size_t *count, struct error *err);

/* ---- population types ---- */
/* The PopulationType document of a built-in type; NULL if there is none. */
const struct value *catalogue_population_type(const struct catalogue *catalogue, struct slice id);
/* Ids, sorted; NULL beyond the last. */
const char *catalogue_population_type_id(const struct catalogue *catalogue, size_t index);

/* ---- starter sets ---- */
/* Writes the files of a set into a folder, which is made if it is not there; a file that is there
 * already is left as it is: it may have been edited. Errors: ERROR_NOT_FOUND, ERROR_IO. */
MUST_USE bool catalogue_starter_write(const struct catalogue *catalogue, struct slice set,
                                      const char *folder, struct error *err);

/* ---- for people and programs: `attest catalog` ----
 * Each returns a tree in the arena: an array of flat objects for lists, one object otherwise. NULL
 * with *err (ERROR_NOT_FOUND names what is near). */
/* [{"name","title","entries","shows"}]: what can be asked for. */
MUST_USE struct value *catalogue_contents(const struct catalogue *catalogue, struct arena *arena,
                                          struct error *err);
/* What `attest catalog NAME[/ID]` shows. NAME: an edition, crosswalks, starter, populations, kinds,
 * presets, scheme-sheet. With an ID one entry and, for a criterion, everything that maps to it:
 * "maps"
 * [{"catalog","id","title","relation","direction"}], "controls" (starter), and "points". An id
 * alone is ERROR_INVALID with its candidates. */
MUST_USE struct value *catalogue_show(const struct catalogue *catalogue, struct arena *arena,
                                      struct slice path, struct error *err);
/* All entries that hold every word (without regard to ASCII case) in id, title or text:
 * [{"name","title","text","kind"}], titles before texts. */
MUST_USE struct value *catalogue_search(const struct catalogue *catalogue, struct arena *arena,
                                        struct slice words, struct error *err);
/* {"parts":[{"number","heading","fields":[...]|"objectives":[{"number","name","description",
 * "as_written","references":["S1.1",...],"notes"}]}],"references":136,"anomalies":[...]}: ranges
 * expanded. */
MUST_USE struct value *scheme_sheet(const struct catalogue *catalogue, struct arena *arena,
                                    struct error *err);
/* The same for reading, parts 1 to 5. */
MUST_USE bool scheme_sheet_write(const struct catalogue *catalogue, struct strbuf *out,
                                 struct error *err);

#endif
