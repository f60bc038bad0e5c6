/* What the programme itself leaves behind: acknowledgements, meetings, reviews, findings, notices.
 */
#include "generate.h"

/* One acknowledgement; acknowledged 0: never. */
static void acknowledgement(struct out *out, const char *id, uint64_t worker, const char *document,
                            int64_t due, int64_t acknowledged)
{
    const char *test = document[0] == 'c' ? "GOV-01.T1" : "COM-01.T1";
    row_begin(out);
    text(out, "id", "%s-%03d", id, (int)worker);
    text(out, "worker_id", "w-%03d", (int)worker);
    text(out, "document", "%s", document);
    instant(out, "due_at", due);
    instant(out, "acknowledged_at", acknowledged);
    row_end(out);
    truth_item(test);
    if (acknowledged == 0)
        truth_deviation(test, "A", "%s-%03d", id, (int)worker);
}

/* The code of conduct falls due in the week of the start and once a year. */
static void make_conduct(struct out *out)
{
    for (uint64_t w = 0; w < WORKERS + STARTERS; w++) {
        int64_t due = w < WORKERS ? PERIOD_START + (int64_t)(30 + w) * DAY : starting(w) + 7 * DAY;
        int64_t early = w == 33 ? 0 : (1 + (int64_t)pick("conduct", w, 2, 6)) * DAY;
        if (leaving(w) == 0 || leaving(w) > due)
            acknowledgement(out, "coc", w, "code-of-conduct", due, due - early);
    }
}

/* The security policy got a new version on day 170, to be acknowledged by day 200. Worker 90 never
 * did; worker 87 left three days before. */
static void make_policy(struct out *out)
{
    int64_t published = PERIOD_START + 170 * DAY, due = PERIOD_START + 200 * DAY;
    for (uint64_t w = 0; w < WORKERS + STARTERS; w++) {
        bool is_there =
            w < WORKERS ? leaving(w) == 0 || leaving(w) > published : starting(w) < published;
        int64_t done = published + (2 + (int64_t)pick("policy", w, 2, 8)) * DAY;
        if (is_there)
            acknowledgement(out, "pol", w, "security-policy", due, w == 90 || w == 87 ? 0 : done);
    }
}

static void make_acknowledgements(const char *folder)
{
    struct out out;
    out_open(&out, folder, "acknowledgements", NULL);
    make_conduct(&out);
    make_policy(&out);
    out_close(&out);
}

static void make_meetings(const char *folder)
{
    static const char *const topics[] = { "security", "results", "fraud" };
    struct out out;
    out_open(&out, folder, "meetings", NULL);
    for (int quarter = 0; quarter < 4; quarter++) {
        for (int body = 0; body < 2; body++) {
            int64_t planned =
                PERIOD_START + (int64_t)(quarter * 91 + 40 + body * 7) * DAY + 9 * HOUR;
            row_begin(&out);
            text(&out, "id", "m-%d-%d", quarter + 1, body + 1);
            text(&out, "body", "%s", body ? "risk-committee" : "board");
            instant(&out, "planned_for", planned);
            instant(&out, "held_at", planned + quarter * DAY);
            text(&out, "minutes", "minutes/%d-%d", quarter + 1, body + 1);
            list(&out, "topics", topics, 3);
            row_end(&out);
            truth_item(body ? "RSK-02.T1" : "GOV-02.T1");
        }
    }
    out_close(&out);
}

static const char *const policies[] = {
    "Information security",
    "Access control",
    "Acceptable use",
    "Change management",
    "Secure development",
    "Cryptography",
    "Backup and restore",
    "Business continuity",
    "Incident response",
    "Logging",
    "Vendor management",
    "Risk management",
    "Data classification",
    "Retention",
    "Privacy",
    "Physical security",
    "Human resources security",
    "Code of conduct",
};
static const char *const risks[] = {
    "Loss of a region",    "Stolen credentials",    "Faulty release",        "Loss of a backup",
    "Wrong invoice run",   "Disclosure by mistake", "Vendor fails",          "Insider fraud",
    "Unpatched component", "Capacity runs out",     "Records kept too long", "Key person leaves",
};
static const char *const systems[] = { "production", "crm", "build", "identity", "ledger", "mail" };
static const char *const vendors[] = {
    "Northgate Hosting", "Fennel Mail",   "Tern Payments",    "Oriel Monitoring", "Quill Support",
    "Sable Identity",    "Marl Storage",  "Pike Logging",     "Wren Payroll",     "Alder Legal",
    "Cobalt Scanning",   "Dune Printing", "Heron Recruiting", "Larch Shredding",
};

/* Reviews of one kind that fall due through the year. */
struct review {
    const char *test, *kind;
    const char *const *subjects;
    int subjects_count, count, every_days;
    int days_allowed; /* after the due date; the sixth review takes all of them */
    int planted;      /* the one that its own author approved, -1: none */
};

static void make_review(struct out *out, const struct review *review, int i)
{
    int64_t due = PERIOD_START + (int64_t)((i * review->every_days) % 360 + 3) * DAY;
    bool is_own = i == review->planted;
    row_begin(out);
    text(out, "id", "%s-%02d", review->kind, i);
    text(out, "subject_kind", "%s", review->kind);
    text(out, "subject", "%s", review->subjects[i % review->subjects_count]);
    text(out, "author", "%s", person_id((uint64_t)i));
    instant(out, "due_at", due);
    instant(out, "done_at", i == 5 ? due + review->days_allowed * DAY : due - 2 * DAY);
    text(out, "done_by", "%s", person_id((uint64_t)i + (is_own ? 0 : 5)));
    text(out, "result", "%s", i % 9 ? "kept" : "changed");
    row_end(out);
    truth_item(review->test);
    if (is_own)
        truth_deviation(review->test, "B", "%s-%02d", review->kind, i);
}

static void make_reviews(const char *folder)
{
    static const struct review reviews[] = {
        { "GOV-03.T1", "policy", policies, 18, 18, 20, 0, 11 },
        { "RSK-01.T1", "risk", risks, 12, 48, 7, 10, -1 },
        { "LA-04.T1", "access", systems, 6, 24, 15, 14, -1 },
        { "VND-01.T1", "vendor", vendors, 14, 14, 25, 0, -1 },
    };
    struct out out;
    out_open(&out, folder, "reviews", NULL);
    for (size_t i = 0; i < sizeof reviews / sizeof *reviews; i++)
        for (int j = 0; j < reviews[i].count; j++)
            make_review(&out, &reviews[i], j);
    out_close(&out);
}

static void make_findings(const char *folder)
{
    struct out out;
    out_open(&out, folder, "findings", NULL);
    for (uint64_t i = 0; i < 220; i++) {
        bool is_scanner = i % 5 != 0, is_open = i == 47, is_late = i == 134, is_last_hour = i == 60;
        int64_t due = moment("findings", i, 220);
        row_begin(&out);
        text(&out, "id", "f-%03d", (int)i);
        text(&out, "source", "%s", is_scanner ? "scanner" : i % 2 ? "audit" : "review");
        text(&out, "severity", "%s", i % 7 ? "medium" : "high");
        text(&out, "owner", "%s", person_id(i));
        instant(&out, "found_at", due - 30 * DAY);
        instant(&out, "due_at", due);
        instant(&out, "closed_at",
                is_open ? 0
                        : due + (is_late        ? 6 * DAY
                                 : is_last_hour ? 0
                                                : -3 * DAY));
        if (is_open)
            null(&out, "proof");
        else
            text(&out, "proof", "ticket %d", (int)i + 4000);
        row_end(&out);
        const char *test = is_scanner ? "VUL-01.T1" : "MON-01.T1";
        truth_item(test);
        if (is_open || is_late)
            truth_deviation(test, "A", "f-%03d", (int)i);
    }
    out_close(&out);
}

static void make_notices(const char *folder)
{
    struct out out;
    out_open(&out, folder, "notices", NULL);
    for (uint64_t i = 0; i < 32; i++) {
        bool is_privacy = i % 8 == 0, is_last_day = i == 19;
        int64_t effective = moment("notices", i, 32);
        row_begin(&out);
        text(&out, "id", "n-%02d", (int)i);
        text(&out, "audience", "%s", is_privacy ? "data-subjects" : "customers");
        text(&out, "subject", "%s",
             is_privacy ? "Privacy notice" : "Planned change of the interface");
        instant(&out, "announced_at", effective - (is_last_day ? 7 : 21) * DAY);
        instant(&out, "effective_at", effective);
        text(&out, "reviewed_by", "%s", is_privacy ? "p-novak" : "j-osei");
        row_end(&out);
        truth_item(is_privacy ? "PRV-01.T1" : "COM-02.T1");
    }
    out_close(&out);
}

void make_programme(const char *folder)
{
    make_acknowledgements(folder);
    make_meetings(folder);
    make_reviews(folder);
    make_findings(folder);
    make_notices(folder);
}
