/* For compare_calendar.py: each line of standard input is a case,
 *
 *     UNTIL FROM TO EVERY ANCHOR ZONE ALLOWED [FROM TO EVERY ...]
 *
 * with instants in microseconds (TO - is open), ANCHOR a date or -, ALLOWED such as 14_days; one
 * group a version. Prints for each case its occurrences: day, window, due, in time until. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/calendar.h"

enum { VERSIONS_MAX = 16 };

static bool version_read(char **rest, struct calendar_version *version, struct error *err)
{
    char *word[6];
    for (int i = 0; i < 6; i++)
        if (!(word[i] = strtok_r(NULL, " \n", rest)))
            return i == 0 ? false : error_set(err, ERROR_INVALID, NULL, "a group is not whole");
    struct zone *zone = zone_new(slice_of(word[4]), err);
    for (char *at = word[5]; *at; at++)
        *at = *at == '_' ? ' ' : *at;
    *version = (struct calendar_version){
        .from_us = strtoll(word[0], NULL, 10),
        .to_us = word[1][0] == '-' ? INT64_MAX : strtoll(word[1], NULL, 10),
        .has_rule = true,
        .rule = { .step = calendar_step_find(slice_of(word[2])), .zone = zone },
    };
    if (!zone || !version->rule.step ||
        !calendar_allowed_parse(slice_of(word[5]), &version->rule.allowed, err))
        return false;
    version->rule.anchor = version->rule.step->anchor;
    return word[3][0] == '-' || date_parse(slice_of(word[3]), &version->rule.anchor, err);
}

static bool one_case(char *line, struct error *err)
{
    struct calendar_version versions[VERSIONS_MAX];
    struct occurrences list;
    size_t count = 0;
    char *rest, *until = strtok_r(line, " \n", &rest);
    struct arena *arena = arena_new(64 << 20, err);
    while (count < VERSIONS_MAX && version_read(&rest, &versions[count], err))
        count++;
    bool ok = arena && err->code == ERROR_NONE &&
              calendar_occurrences(arena, versions, count, strtoll(until, NULL, 10), &list, err);
    for (size_t i = 0; ok && i < list.count; i++) {
        char day[11];
        date_format(list.items[i].day, day);
        printf("%s %" PRId64 " %" PRId64 " %" PRId64 "\n", day, list.items[i].from_us,
               list.items[i].due_us, list.items[i].allowed_us);
    }
    puts("");
    for (size_t i = 0; i < count; i++)
        zone_free((struct zone *)(uintptr_t)versions[i].rule.zone);
    arena_free(arena);
    return ok;
}

int main(void)
{
    struct error err = { 0 };
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        if (!one_case(line, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    return ferror(stdin) ? 1 : 0;
}
