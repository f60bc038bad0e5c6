/* Workers, starters, accounts, access and sign-ins. */
#include "generate.h"

#include <string.h>

enum { WORKERS = 160, LEAVERS = 22, STARTERS = 28, GRANTS = 240, ENTRIES = 30, LOGINS = 12000 };

/* Leaver l of 22 leaves on this day; worker number is l * 7 + 3. */
static int64_t leaving(uint64_t l)
{
    return PERIOD_START + (int64_t)(l * 16 + 5) * DAY + 16 * HOUR;
}

static bool is_leaver(uint64_t w, uint64_t *l)
{
    *l = (w - 3) / 7;
    return w >= 3 && (w - 3) % 7 == 0 && *l < LEAVERS;
}

/* Leavers 6 and 15 kept an account. */
static bool keeps_account(uint64_t l) { return l == 6 || l == 15; }

static void make_workers(const char *folder)
{
    struct out out;
    out_open(&out, folder, "workers", "id,name,type,department,job_title,started_at,left_at");
    for (uint64_t w = 0; w < WORKERS; w++) {
        static const char *const departments[] = { "engineering", "operations", "sales", "people" };
        uint64_t l;
        bool leaves = is_leaver(w, &l);
        row_begin(&out);
        text(&out, "id", "w-%03d", (int)w);
        text(&out, "name", "%s", person(w));
        text(&out, "type", "%s", w % 11 == 0 ? "contractor" : "employee");
        text(&out, "department", "%s", departments[w % 4]);
        text(&out, "job_title", "%s", w % 4 == 0 ? "Engineer" : "Specialist");
        instant(&out, "started_at",
                PERIOD_START - (int64_t)(200 + pick("workers", w, 2, 900)) * DAY);
        instant(&out, "left_at", leaves ? leaving(l) : 0);
        row_end(&out);
        if (!leaves)
            continue;
        truth_item("LA-02.T1");
        if (keeps_account(l))
            truth_deviation("LA-02.T1", "A", "w-%03d", (int)w);
    }
    out_close(&out);
}

static void make_accounts(const char *folder)
{
    static const char *const systems[] = { "production", "crm" };
    struct out out;
    out_open(&out, folder, "accounts", NULL);
    for (int month = 0; month <= 12; month++) {
        int64_t observed = PERIOD_START + (int64_t)month * 30 * DAY;
        for (uint64_t w = 0; w < WORKERS; w++) {
            for (int s = 0; s < 2; s++) {
                uint64_t l;
                bool is_closed = is_leaver(w, &l) && observed > leaving(l) + 24 * HOUR &&
                                 !(keeps_account(l) && s == 0);
                row_begin(&out);
                text(&out, "id", "acc-%03d", (int)w);
                text(&out, "system", "%s", systems[s]);
                text(&out, "worker_id", "w-%03d", (int)w);
                text(&out, "type", "person");
                text(&out, "status", "%s", is_closed ? "disabled" : "active");
                truth_value(&out, "privileged", w % 13 == 0);
                truth_value(&out, "mfa", true);
                instant(&out, "observed_at", observed);
                row_end(&out);
            }
        }
    }
    out_close(&out);
}

static void make_starters(const char *folder)
{
    struct out out;
    out_open(&out, folder, "starters", NULL);
    for (uint64_t i = 0; i < STARTERS; i++) {
        int64_t started = PERIOD_START + (int64_t)(i * 13) * DAY + 8 * HOUR;
        bool is_late = i == 17, is_unscreened = i == 21;
        row_begin(&out);
        text(&out, "id", "s-%02d", (int)i);
        text(&out, "name", "%s", person(i + 5));
        text(&out, "department", "%s", i % 2 ? "engineering" : "operations");
        instant(&out, "screened_at", is_unscreened ? 0 : started - 20 * DAY);
        instant(&out, "agreement_signed_at", started + (is_late ? 3 * DAY : -10 * DAY));
        instant(&out, "started_at", started);
        row_end(&out);
        truth_item("HR-01.T1");
        if (is_late || is_unscreened)
            truth_deviation("HR-01.T1", is_late ? "B" : "A", "s-%02d", (int)i);
    }
    out_close(&out);
}

static void make_grants(const char *folder)
{
    struct out out;
    out_open(&out, folder, "access_grants", NULL);
    for (uint64_t i = 0; i < GRANTS; i++) {
        int64_t granted = moment("access_grants", i, GRANTS);
        bool is_own = i == 88, is_late = i == 141;
        row_begin(&out);
        text(&out, "id", "g-%04d", (int)i);
        text(&out, "system", "%s", i % 3 ? "production" : "crm");
        text(&out, "account_id", "acc-%03d", (int)(i % WORKERS));
        text(&out, "entitlement", "%s", i % 5 ? "read" : "operate");
        text(&out, "requested_by", "%s", person_id(i));
        instant(&out, "requested_at", granted - 2 * DAY);
        text(&out, "approved_by", "%s", person_id(is_own ? i : i + 7));
        instant(&out, "approved_at", granted + (is_late ? 4 * HOUR : -5 * HOUR));
        instant(&out, "granted_at", granted);
        row_end(&out);
        truth_item("LA-01.T1");
        if (is_own || is_late)
            truth_deviation("LA-01.T1", is_own ? "B" : "A", "g-%04d", (int)i);
    }
    for (uint64_t i = 0; i < ENTRIES; i++) {
        int64_t granted = moment("entries", i, ENTRIES);
        row_begin(&out);
        text(&out, "id", "e-%03d", (int)i);
        text(&out, "system", "data-centre");
        text(&out, "requested_by", "%s", person_id(i));
        text(&out, "approved_by", "m-lindqvist");
        instant(&out, "approved_at", granted - DAY);
        instant(&out, "granted_at", granted);
        row_end(&out);
        truth_item("PHY-01.T1");
    }
    out_close(&out);
}

static void make_logins(const char *folder)
{
    struct out out;
    out_open(&out, folder, "logins", NULL);
    for (uint64_t i = 0; i < LOGINS; i++) {
        bool is_production = i % 3 == 0, is_success = i % 41 != 7;
        row_begin(&out);
        text(&out, "id", "l-%06d", (int)i);
        text(&out, "system", "%s", is_production ? "production" : "crm");
        text(&out, "account_id", "acc-%03d", (int)pick("logins", i, 2, WORKERS));
        text(&out, "result", "%s", is_success ? "success" : "failure");
        truth_value(&out, "mfa", is_production || i % 4 != 0);
        text(&out, "ip", "2001:db8::%x", (unsigned)pick("logins", i, 3, 65536));
        instant(&out, "attempted_at", moment("logins", i, LOGINS));
        row_end(&out);
        if (is_production && is_success)
            truth_item("LA-03.T1");
    }
    out_close(&out);
}

void make_people(const char *folder)
{
    make_workers(folder);
    make_accounts(folder);
    make_starters(folder);
    make_grants(folder);
    make_logins(folder);
}
