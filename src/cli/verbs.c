#include <string.h>

#include "cli/help.h"
#include "cli/verb.h"

extern const struct verb verb_init, verb_apply, verb_get, verb_history, verb_diff, verb_export,
    verb_explain, verb_coverage, verb_import, verb_withdraw, verb_population, verb_test_run,
    verb_test_check, verb_test_try, verb_test_items, verb_sample_size, verb_sample_limit,
    verb_sample_select, verb_report, verb_issue, verb_bundle, verb_verify, verb_ledger_anchor,
    verb_ledger_start, verb_catalog, verb_key, verb_status, verb_log, verb_attach, verb_file,
    verb_perform, verb_due, verb_fresh, verb_segments, verb_state;

/* To add a verb: one file in cli/, one line here, one folder in test/cli/. */
const struct verb *const verbs[] = {
    &verb_init,          &verb_apply,
    &verb_get,           &verb_history,
    &verb_diff,          &verb_export,
    &verb_explain,       &verb_coverage,
    &verb_attach,        &verb_file,
    &verb_perform,       &verb_due,
    &verb_fresh,         &verb_import,
    &verb_segments,      &verb_withdraw,
    &verb_population,    &verb_state,
    &verb_test_run,      &verb_test_check,
    &verb_test_try,      &verb_test_items,
    &verb_sample_size,   &verb_sample_limit,
    &verb_sample_select, &verb_report,
    &verb_issue,         &verb_bundle,
    &verb_verify,        &verb_ledger_anchor,
    &verb_ledger_start,  &verb_catalog,
    &verb_key,           &verb_status,
    &verb_log,           &verb_completion,
    &verb_man,           NULL,
};

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
