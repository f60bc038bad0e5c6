/* Changes, approvals, builds, deployments. */
#include "generate.h"

enum { CHANGES = 3200 };

/* What is wrong with a change; the numbers are spread over the year. */
enum fault { NONE, OWN_APPROVAL, LATE_APPROVAL, NO_APPROVAL, NO_BUILD, FAILED_BUILD };
static enum fault fault_of(uint64_t i)
{
    switch (i) {
    case 412: /* production, not an emergency: see is_production() and is_emergency() */
        return OWN_APPROVAL;
    case 1204:
        return LATE_APPROVAL;
    case 2012:
        return NO_APPROVAL;
    case 2408:
        return NO_BUILD;
    case 2816:
        return FAILED_BUILD;
    default:
        return NONE;
    }
}

static bool is_production(uint64_t i) { return i % 4 == 0; }

static bool is_emergency(uint64_t i) { return i % 100 == 0; }

static void make_changes(const char *folder)
{
    struct out out;
    out_open(&out, folder, "changes", NULL);
    for (uint64_t i = 0; i < CHANGES; i++) {
        int64_t deployed = moment("changes", i, CHANGES);
        row_begin(&out);
        text(&out, "id", "chg-%05d", (int)i);
        text(&out, "repository", "%s", i % 3 ? "platform" : "portal");
        text(&out, "title", "Change %d of the %s", (int)i, i % 3 ? "platform" : "portal");
        truth_value(&out, "emergency", is_emergency(i));
        text(&out, "author", "%s", person_id(i));
        text(&out, "author_name", "%s", person(i));
        text(&out, "environment", "%s", is_production(i) ? "production" : "staging");
        text(&out, "commit", "%016llx", (unsigned long long)pick("commit", i, 9, UINT64_MAX));
        number(&out, "lines", (int64_t)pick("changes", i, 4, 900));
        instant(&out, "created_at", deployed - 2 * DAY);
        instant(&out, "deployed_at", deployed);
        row_end(&out);
        if (is_production(i))
            truth_item(is_emergency(i) ? "CM-03.T1" : "CM-02.T1");
    }
    out_close(&out);
}

static void make_approvals(const char *folder)
{
    struct out out;
    out_open(&out, folder, "approvals", NULL);
    for (uint64_t i = 0; i < CHANGES; i++) {
        enum fault fault = fault_of(i);
        int64_t deployed = moment("changes", i, CHANGES), at = deployed - HOUR;
        if (fault == NO_APPROVAL)
            continue;
        if (fault == LATE_APPROVAL)
            at = deployed + 38 * MINUTE;
        if (is_emergency(i))
            at = deployed + (i == 1900 ? 2 * DAY : 6 * HOUR); /* two days are just in time */
        row_begin(&out);
        text(&out, "id", "apr-%05d", (int)i);
        text(&out, "change_id", "chg-%05d", (int)i);
        text(&out, "actor", "%s", person_id(fault == OWN_APPROVAL ? i : i + 11));
        text(&out, "decision", "approved");
        instant(&out, "approved_at", at);
        row_end(&out);
    }
    out_close(&out);
}

static void make_builds(const char *folder)
{
    struct out out;
    out_open(&out, folder, "builds", NULL);
    for (uint64_t i = 0; i < CHANGES; i++) {
        enum fault fault = fault_of(i);
        int64_t deployed = moment("changes", i, CHANGES);
        if (fault == NO_BUILD)
            continue;
        row_begin(&out);
        text(&out, "id", "bld-%05d", (int)i);
        text(&out, "change_id", "chg-%05d", (int)i);
        text(&out, "commit", "%016llx", (unsigned long long)pick("commit", i, 9, UINT64_MAX));
        text(&out, "pipeline", "main");
        text(&out, "status", "%s", fault == FAILED_BUILD ? "failed" : "passed");
        number(&out, "tests_run", 1200 + (int64_t)(i % 90));
        cents(&out, "duration_s", 18000 + (int64_t)pick("builds", i, 3, 40000));
        instant(&out, "finished_at", deployed - 2 * HOUR);
        row_end(&out);
    }
    out_close(&out);
}

static void make_deployments(const char *folder)
{
    struct out out;
    out_open(&out, folder, "deployments", NULL);
    for (uint64_t i = 0; i < CHANGES; i++) {
        enum fault fault = fault_of(i);
        bool is_by_hand = i == 1608;
        row_begin(&out);
        text(&out, "id", "dep-%05d", (int)i);
        text(&out, "change_id", "chg-%05d", (int)i);
        text(&out, "service", "%s", i % 3 ? "platform" : "portal");
        text(&out, "environment", "%s", is_production(i) ? "production" : "staging");
        text(&out, "commit", "%016llx", (unsigned long long)pick("commit", i, 9, UINT64_MAX));
        text(&out, "method", "%s", is_by_hand ? "by-hand" : "pipeline");
        text(&out, "status", "success");
        instant(&out, "deployed_at", moment("changes", i, CHANGES));
        row_end(&out);
        if (!is_production(i))
            continue;
        truth_item("DEP-01.T1");
        if (is_by_hand)
            truth_deviation("DEP-01.T1", "A", "dep-%05d", (int)i);
        if (fault == NO_BUILD || fault == FAILED_BUILD)
            truth_deviation("DEP-01.T1", "B", "dep-%05d", (int)i);
    }
    out_close(&out);
}

static void tell_faults(void)
{
    for (uint64_t i = 0; i < CHANGES; i++) {
        enum fault fault = fault_of(i);
        if (fault == NONE)
            continue;
        truth_deviation("CM-02.T1", fault == NO_BUILD || fault == FAILED_BUILD ? "B" : "A",
                        "chg-%05d", (int)i);
    }
}

void make_engineering(const char *folder)
{
    make_changes(folder);
    make_approvals(folder);
    make_builds(folder);
    make_deployments(folder);
    tell_faults();
}
