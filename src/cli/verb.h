/* A verb of the command line: one file that exports its entry, one line in verbs.c.
 *
 * Help, man page, completion and the reference are made from these entries; the examples run in the
 * tests. Data goes to standard output, everything else to standard error. */
#ifndef ATTEST_CLI_VERB_H
#define ATTEST_CLI_VERB_H
#include "cli/arguments.h"
#include "cli/session.h"

struct verb {
    const char *name;             /* "apply", "test run" */
    const char *usage;            /* after the name: "-f PATH... [--prune]" */
    const char *summary;          /* one line */
    const char *details;          /* paragraphs for help and man page; may be NULL */
    const char *const *examples;  /* command lines, ended by NULL */
    const struct option *options; /* ended by a NULL name; the common ones are added */
    int (*run)(struct session *session, const struct arguments *arguments); /* exit status */
    const char *forms;   /* what -o takes beside the common ones: "ics"; may be NULL */
    bool gives_no_data;  /* it prints nothing that -o could give a form: no workbook either */
    bool takes_no_words; /* a word that would be overlooked is wrong use */
};

/* Ended by NULL, in the order of help. */
extern const struct verb *const verbs[];
/* The verb that argv begins with: its longest name. *words: how many words that name has. */
const struct verb *verb_find(int argc, char **argv, int *words);

#endif
