/* src/report/oscal.h
 * What the files of the OSCAL form share. Not for others.
 *
 * A failed allocation is remembered, so that builders read like the document they make: they check
 * once, at the end. Every function accepts NULL for what an earlier failure did not give. OSCAL
 * allows no empty list: a list is made with its first item. */
#ifndef ATTEST_REPORT_OSCAL_H
#define ATTEST_REPORT_OSCAL_H
#include "report/build.h"

struct oscal {
    struct builder b;   /* makes texts fit for showing, keeps arena, model and failure */
    struct slice model; /* hex of the model's digest */
    struct slice when;  /* the instant of the document */
    bool has_date;      /* ... is that of the report; else the end of what it is about */
    bool is_readiness;
    struct slice assessor; /* uuid of the party that made the observations */
};

struct value *oscal_object(struct oscal *o, struct value *holder, const char *name);
/* A new object in the list of that name, which is made if it is not there. */
struct value *oscal_item(struct oscal *o, struct value *holder, const char *name);
/* A text in such a list. */
void oscal_text(struct oscal *o, struct value *holder, const char *name, struct slice text);
/* What is fit for the place already: tokens, instants, our own sentences, Markdown made below. */
void oscal_put(struct oscal *o, struct value *object, const char *name, struct slice text);
/* Somebody's words where OSCAL wants plain text on one line; nothing if none are left. */
void oscal_string(struct oscal *o, struct value *object, const char *name, struct slice text);
/* Somebody's words where OSCAL wants Markdown: they are shown as they stand. */
void oscal_markup(struct oscal *o, struct value *object, const char *name, struct slice text);
/* Texts, blocks and {id, heading, text} of the model as paragraphs of Markdown. */
struct slice oscal_paragraphs(struct oscal *o, const struct value *blocks);
/* One text as a line of Markdown. */
struct slice oscal_escaped(struct oscal *o, struct slice text);

/* A property in our name space; nothing if the value is empty. Returns it, or NULL. */
struct value *oscal_prop(struct oscal *o, struct value *holder, const char *name,
                         struct slice value);
void oscal_prop_count(struct oscal *o, struct value *holder, const char *name,
                      const struct value *number);
/* The UUID of a part of this report: of its kind and place. */
struct slice oscal_uuid(struct oscal *o, const char *kind, const char *place);
/* An identifier of ours as an OSCAL token: '/' becomes '_', a digit or sign at the beginning gets
 * '_' before it. */
struct slice oscal_token(struct oscal *o, struct slice id);

/* reviewed-controls, observations, risks, findings. */
void oscal_results(struct oscal *o, struct value *result);

#endif
