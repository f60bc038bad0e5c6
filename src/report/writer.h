/* src/report/writer.h
 * Sentences out of parts, for text_*.c. A failure is remembered and told at the end. */
#ifndef ATTEST_REPORT_WRITER_H
#define ATTEST_REPORT_WRITER_H
#include "base/arena.h"
#include "base/strbuf.h"
#include "base/value.h"

struct writer {
    struct arena *arena;
    const struct value *model;
    struct error *err;
    struct strbuf text; /* the sentence in hand */
    bool failed;
};

struct writer writer_new(struct arena *arena, const struct value *model, struct error *err);
/* Releases the buffer; true if nothing failed. */
MUST_USE bool writer_end(struct writer *w);

void say(struct writer *w, const char *words);
void say_slice(struct writer *w, struct slice words);
/* Someone else's words inside our sentence: isolated if they run from right to left. */
void say_name(struct writer *w, struct slice name);
void say_count(struct writer *w, int64_t number);
/* "1 item", "2 items" */
void say_items(struct writer *w, int64_t number);
/* A text of the model by path. Its absence is ERROR_INVALID at the path. */
void say_fact(struct writer *w, const char *path);
void say_date(struct writer *w, struct slice date);
/* "1 October 2025 to 30 September 2026" */
void say_period(struct writer *w, const struct value *period);
/* "throughout the period from ... to ...", "as of ..." */
void say_when(struct writer *w);
/* "security, availability and confidentiality" */
void say_categories(struct writer *w);
/* "a, b and c" of plain texts; criteria lose their catalogue. */
void say_list(struct writer *w, const struct value *texts, bool are_criteria);

/* What was said becomes a text in list, and the writer starts anew. */
void end_text(struct writer *w, struct value *list);
/* What was said as a text of its own. */
struct value *take_text(struct writer *w);

/* A new {id, heading, text: []} in list; gives `text`. heading NULL: goes on under the one before.
 */
struct value *begin_paragraph(struct writer *w, struct value *list, const char *id,
                              const char *heading);
struct value *add_list(struct writer *w, struct value *object, const char *name);
void add_value(struct writer *w, struct value *object, const char *name, struct value *value);

bool model_is(const struct value *model, const char *kind);

#endif
