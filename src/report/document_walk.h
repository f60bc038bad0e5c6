/* src/report/document_walk.h
 * Every mark, run and column of a document, wherever it lies. */
#ifndef ATTEST_REPORT_DOCUMENT_WALK_H
#define ATTEST_REPORT_DOCUMENT_WALK_H
#include "report/document.h"

/* Unused ones are NULL. on_mark is called for marks that have an anchor. */
struct document_walk {
    void (*on_mark)(struct document_walk *walk, struct mark *mark);
    void (*on_run)(struct document_walk *walk, struct run *run);
    void (*on_column)(struct document_walk *walk, struct column *column);
    void *context;
};
void document_walk(struct document_walk *walk, struct document *document);

#endif
