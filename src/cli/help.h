/* Help, man pages and shell completion, all from the table of verbs. */
#ifndef ATTEST_CLI_HELP_H
#define ATTEST_CLI_HELP_H
#include <stdio.h>

#include "cli/verb.h"

/* `attest help [VERB]` and `attest --help`; exit status. */
int help_command(int argc, char **argv);
void help_verb(const struct verb *verb, FILE *out);
/* Names what is near; exit status 2. */
int help_unknown(const char *word, FILE *out);
/* Whether a common option, as written before the verb, takes the next word. */
bool help_option_takes_value(const char *word);

#endif
