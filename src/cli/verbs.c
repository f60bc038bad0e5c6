#include <string.h>

#include "cli/help.h"
#include "cli/verb.h"

/* In the order of the help. To add one: a file in cli/, a line here, a folder in test/cli/. */
#define VERBS(X)                                                                                   \
    X(init)                                                                                        \
    X(convert)                                                                                     \
    X(apply)                                                                                       \
    X(get)                                                                                         \
    X(history)                                                                                     \
    X(diff)                                                                                        \
    X(export)                                                                                      \
    X(explain)                                                                                     \
    X(coverage)                                                                                    \
    X(scope)                                                                                       \
    X(attach)                                                                                      \
    X(file)                                                                                        \
    X(perform)                                                                                     \
    X(due)                                                                                         \
    X(fresh)                                                                                       \
    X(import)                                                                                      \
    X(segments)                                                                                    \
    X(withdraw)                                                                                    \
    X(erase)                                                                                       \
    X(population)                                                                                  \
    X(state)                                                                                       \
    X(test_run)                                                                                    \
    X(test_check)                                                                                  \
    X(test_try)                                                                                    \
    X(test_items)                                                                                  \
    X(sample_size)                                                                                 \
    X(sample_limit)                                                                                \
    X(sample_select)                                                                               \
    X(report)                                                                                      \
    X(issue)                                                                                       \
    X(bundle)                                                                                      \
    X(verify)                                                                                      \
    X(ledger_anchor)                                                                               \
    X(ledger_start)                                                                                \
    X(catalog)                                                                                     \
    X(key)                                                                                         \
    X(status)                                                                                      \
    X(log)                                                                                         \
    X(doctor)                                                                                      \
    X(completion)                                                                                  \
    X(man)

#define DECLARE(name) extern const struct verb verb_##name;
VERBS(DECLARE)

#define ADDRESS(name) &verb_##name,
const struct verb *const verbs[] = { VERBS(ADDRESS) NULL };

/* How many words of argv the name covers; 0: it does not match. */
static int words_of(const char *name, int argc, char **argv)
{
    int words = 0;
    while (words < argc) {
        size_t len = strlen(argv[words]);
        if (strncmp(name, argv[words], len) != 0)
            return 0;
        words++;
        name += len;
        if (*name == '\0')
            return words;
        if (*name != ' ')
            return 0;
        name++;
    }
    return 0;
}

const struct verb *verb_find(int argc, char **argv, int *words)
{
    for (const struct verb *const *at = verbs; *at; at++) {
        *words = words_of((*at)->name, argc, argv);
        if (*words > 0)
            return *at;
    }
    return NULL;
}
