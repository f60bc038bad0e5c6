/* Command lines: options by table, no abbreviations. */
#ifndef ATTEST_CLI_ARGUMENTS_H
#define ATTEST_CLI_ARGUMENTS_H
#include "base/error.h"
#include "base/slice.h"

struct option {
    const char *name;  /* "--period" or "-f" */
    const char *value; /* what its value is called: "FROM..TO"; NULL: a switch */
    const char *help;
};

enum { ARGUMENTS_MAX = 4096 };
struct given_option {
    const struct option *option;
    const char *value; /* NULL for a switch */
};
struct arguments {
    struct given_option *options;
    size_t options_count;
    const char **words; /* what is not an option */
    size_t words_count;
};

/* -C, --as, -o, --yes, --help ...: accepted by every verb. Ended by a NULL name. */
extern const struct option common_options[];

/* Reads argv. Options take their value as the next word or after '='; "--" ends them; -f takes
 * every word up to the next option. Errors: ERROR_USAGE with a near name. arguments_free() in any
 * case. */
MUST_USE bool arguments_read(int argc, char **argv, const struct option *options,
                             struct arguments *arguments, struct error *err);
void arguments_free(struct arguments *arguments);

/* The last value given, or NULL. */
const char *argument_value(const struct arguments *arguments, const char *name);
bool argument_is_given(const struct arguments *arguments, const char *name);
struct slice argument_slice(const struct arguments *arguments, const char *name); /* empty: none */
/* All values of one option; returns how many, at most `most`. */
size_t argument_values(const struct arguments *arguments, const char *name, const char **values,
                       size_t most);

#endif
