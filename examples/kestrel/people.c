/* Workers, starters, accounts, access and sign-ins. */
#include "generate.h"

enum { GRANTS = 240, ENTRIES = 30, LOGINS = 12000 };

int64_t starting(uint64_t worker)
{
    return PERIOD_START + (int64_t)((worker - WORKERS) * 13) * DAY + 8 * HOUR;
}

int64_t leaving(uint64_t worker)
{
    uint64_t leaver = (worker - 3) / 7;
    if (worker < 3 || (worker - 3) % 7 != 0 || leaver >= LEAVERS)
        return 0;
    return PERIOD_START + (int64_t)(leaver * 16 + 5) * DAY + 16 * HOUR;
}

uint64_t at_work(uint64_t worker, int64_t when)
{
    int64_t left = leaving(worker);
    return left != 0 && left < when ? worker + 1 : worker;
}

/* Accounts of the old directory, which the job that closes leavers' accounts did not know. */
static bool is_forgotten(uint64_t worker)
{
    return worker == 24 || worker == 45 || worker == 66 || worker == 108;
}

static void make_workers(const char *folder)
{
    struct out out;
    out_open(&out, folder, "workers", "id,name,type,department,job_title,started_at,left_at");
    for (uint64_t w = 0; w < WORKERS + STARTERS; w++) {
        static const char *const departments[] = { "engineering", "operations", "sales", "people" };
        int64_t left = leaving(w);
        row_begin(&out);
        text(&out, "id", "w-%03d", (int)w);
        text(&out, "name", "%s", person(w));
        text(&out, "type", "%s", w % 11 == 0 ? "contractor" : "employee");
        text(&out, "department", "%s", departments[w % 4]);
        text(&out, "job_title", "%s", w % 4 == 0 ? "Engineer" : "Specialist");
        instant(&out, "started_at",
                w >= WORKERS ? starting(w)
                             : PERIOD_START - (int64_t)(200 + pick("workers", w, 2, 900)) * DAY);
        instant(&out, "left_at", left);
        row_end(&out);
        if (left == 0)
            continue;
        truth_item("LA-02.T1");
        if (is_forgotten(w))
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
        for (uint64_t w = 0; w < WORKERS + STARTERS; w++) {
            int64_t left = leaving(w);
            for (int s = 0; s < 2; s++) {
                bool is_closed =
                    left != 0 && observed > left + 24 * HOUR && !(is_forgotten(w) && s == 0);
                if (w >= WORKERS && observed < starting(w))
                    continue;
                row_begin(&out);
                text(&out, "id", "acc-%03d", (int)w);
                text(&out, "system", "%s", systems[s]);
                text(&out, "worker_id", "w-%03d", (int)w);
                text(&out, "type", "person");
                text(&out, "status", "%s", is_closed ? "disabled" : "active");
                truth_value(&out, "privileged", w % 13 == 0);
                truth_value(&out, "mfa", true);
                instant(&out, "created_at",
                        w >= WORKERS ? starting(w) : PERIOD_START - (int64_t)(100 + w) * DAY);
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
    for (uint64_t w = WORKERS; w < WORKERS + STARTERS; w++) {
        int64_t started = starting(w);
        bool is_late = w == 177, is_unscreened = w == 181;
        row_begin(&out);
        text(&out, "id", "w-%03d", (int)w);
        text(&out, "name", "%s", person(w));
        text(&out, "department", "%s", w % 2 ? "engineering" : "operations");
        instant(&out, "screened_at", is_unscreened ? 0 : started - 20 * DAY);
        instant(&out, "agreement_signed_at", started + (is_late ? 3 * DAY : -10 * DAY));
        instant(&out, "started_at", started);
        row_end(&out);
        truth_item("HR-01.T1");
        if (is_late || is_unscreened)
            truth_deviation("HR-01.T1", is_late ? "B" : "A", "w-%03d", (int)w);
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
        text(&out, "account_id", "acc-%03d", (int)at_work(i % WORKERS, granted));
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
        int64_t attempted = moment("logins", i, LOGINS);
        row_begin(&out);
        text(&out, "id", "l-%06d", (int)i);
        text(&out, "system", "%s", is_production ? "production" : "crm");
        text(&out, "account_id", "acc-%03d",
             (int)at_work(pick("logins", i, 2, WORKERS - 1), attempted));
        text(&out, "result", "%s", is_success ? "success" : "failure");
        truth_value(&out, "mfa", is_production || i % 4 != 0);
        text(&out, "ip", "2001:db8::%x", (unsigned)pick("logins", i, 3, 65536));
        instant(&out, "attempted_at", attempted);
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
