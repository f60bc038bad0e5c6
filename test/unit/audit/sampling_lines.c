/* For compare_sampling.py: each line of standard input is a case,
 *
 *     size METHOD RISK TOLERABLE EXPECTED POPULATION
 *     limit RISK SIZE DEVIATIONS POPULATION
 *
 * in per cent. Prints SIZE ALLOWED, or ITEMS TENTHS, or "none" where no size would do. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sampling.h"

enum { WORDS_MAX = 6 };

static bool size_case(char **word, struct error *err)
{
    struct sample_size_query query = { .population = strtoull(word[5], NULL, 10) };
    struct sample_size size;
    struct error none = { 0 };
    if (!sampling_method_parse(slice_of(word[1]), &query.method, err) ||
        !share_parse(slice_of(word[2]), "risk", &query.risk, err) ||
        !share_parse(slice_of(word[3]), "tolerable", &query.tolerable, err) ||
        !share_parse(slice_of(word[4]), "expected", &query.expected, err))
        return false;
    if (sample_size(&query, &size, &none))
        printf("%" PRIu64 " %" PRIu64 "\n", size.size, size.allowed);
    else
        printf("none\n");
    return true;
}

static bool limit_case(char **word, struct error *err)
{
    struct sample_limit_query query = { .size = strtoull(word[2], NULL, 10),
                                        .deviations = strtoull(word[3], NULL, 10),
                                        .population = strtoull(word[4], NULL, 10) };
    struct sample_limit limit;
    if (!share_parse(slice_of(word[1]), "risk", &query.risk, err) ||
        !sample_limit(&query, &limit, err))
        return false;
    printf("%" PRIu64 " %" PRIu64 "\n", limit.items, limit.tenths);
    return true;
}

static bool one_case(char *line, struct error *err)
{
    char *word[WORDS_MAX], *rest = line;
    size_t count = 0;
    while (count < WORDS_MAX && (word[count] = strtok_r(count ? NULL : line, " \n", &rest)))
        count++;
    if (count == 6 && strcmp(word[0], "size") == 0)
        return size_case(word, err);
    if (count == 5 && strcmp(word[0], "limit") == 0)
        return limit_case(word, err);
    return error_set(err, ERROR_INVALID, NULL, "a line of %zu words", count);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    int status = EXIT_SUCCESS;
    while (status == EXIT_SUCCESS && getline(&line, &room, stdin) >= 0) {
        struct error err = { 0 };
        if (!one_case(line, &err)) {
            fprintf(stderr, "%s: %s\n", err.where, err.message);
            status = EXIT_FAILURE;
        }
    }
    free(line);
    return status;
}
