/* What the programme itself leaves behind: acknowledgements, meetings, reviews, findings, notices.
 */
#include "generate.h"

enum { WORKERS = 150 };

static void make_acknowledgements(const char *folder)
{
    struct out out;
    out_open(&out, folder, "acknowledgements", NULL);
    for (uint64_t i = 0; i < 2 * WORKERS; i++) {
        bool is_conduct = i < WORKERS;
        uint64_t w = i % WORKERS;
        int64_t due = PERIOD_START + (int64_t)(is_conduct ? 30 + w : 200) * DAY;
        bool is_late = is_conduct && w == 61, is_never = !is_conduct && (w == 12 || w == 90);
        row_begin(&out);
        text(&out, "id", "ack-%03d", (int)i);
        text(&out, "worker_id", "w-%03d", (int)w);
        text(&out, "document", "%s", is_conduct ? "code-of-conduct" : "security-policy");
        instant(&out, "due_at", due);
        instant(&out, "acknowledged_at",
                is_never  ? 0
                : is_late ? due + 9 * DAY
                          : due - (int64_t)(1 + pick("acknowledgements", i, 2, 20)) * DAY);
        row_end(&out);
        truth_item(is_conduct ? "GOV-01.T1" : "COM-01.T1");
        if (is_late || is_never)
            truth_deviation(is_conduct ? "GOV-01.T1" : "COM-01.T1", "A", "ack-%03d", (int)i);
    }
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
            bool lacks_fraud = body == 1 && quarter == 2;
            row_begin(&out);
            text(&out, "id", "m-%d-%d", quarter + 1, body + 1);
            text(&out, "body", "%s", body ? "risk-committee" : "board");
            instant(&out, "planned_for", planned);
            instant(&out, "held_at", planned + quarter * DAY);
            text(&out, "minutes", "minutes/%d-%d", quarter + 1, body + 1);
            list(&out, "topics", topics, lacks_fraud ? 2 : 3);
            row_end(&out);
            truth_item(body ? "RSK-02.T1" : "GOV-02.T1");
            if (lacks_fraud)
                truth_deviation("RSK-02.T1", "A", "m-%d-%d", quarter + 1, body + 1);
        }
    }
    out_close(&out);
}

struct review {
    const char *test, *kind;
    int count, every_days;
    int planted;            /* which one deviates, -1: none */
    const char *attributes; /* what it lacks */
};

static void make_review(struct out *out, const struct review *review, int i)
{
    int64_t due = PERIOD_START + (int64_t)((i * review->every_days) % 360 + 3) * DAY;
    bool is_planted = i == review->planted;
    bool is_own = is_planted && review->attributes[0] == 'B' && review->kind[0] == 'p';
    row_begin(out);
    text(out, "id", "%s-%02d", review->kind, i);
    text(out, "subject_kind", "%s", review->kind);
    text(out, "subject", "%s %d", review->kind, i % 12 + 1);
    text(out, "author", "%s", person_id((uint64_t)i));
    instant(out, "due_at", due);
    instant(out, "done_at", is_planted && !is_own ? due + 40 * DAY : due - 2 * DAY);
    text(out, "done_by", "%s", person_id((uint64_t)i + (is_own ? 0 : 5)));
    text(out, "result", "%s", i % 9 ? "kept" : "changed");
    row_end(out);
    truth_item(review->test);
    if (is_planted)
        truth_deviation(review->test, review->attributes, "%s-%02d", review->kind, i);
}

static void make_reviews(const char *folder)
{
    static const struct review reviews[] = {
        { "GOV-03.T1", "policy", 18, 20, 11, "B" },
        { "RSK-01.T1", "risk", 48, 7, 30, "A" },
        { "LA-04.T1", "access", 24, 15, 13, "A" },
        { "VND-01.T1", "vendor", 14, 25, -1, "" },
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
        bool is_scanner = i % 5 != 0, is_open = i == 47, is_late = i == 133, lacks_proof = i == 60;
        int64_t due = moment("findings", i, 220);
        row_begin(&out);
        text(&out, "id", "f-%03d", (int)i);
        text(&out, "source", "%s", is_scanner ? "scanner" : i % 2 ? "audit" : "review");
        text(&out, "severity", "%s", i % 7 ? "medium" : "high");
        text(&out, "owner", "%s", person_id(i));
        instant(&out, "found_at", due - 30 * DAY);
        instant(&out, "due_at", due);
        instant(&out, "closed_at", is_open ? 0 : due + (is_late ? 6 * DAY : -3 * DAY));
        if (lacks_proof)
            null(&out, "proof");
        else
            text(&out, "proof", "ticket %d", (int)i + 4000);
        row_end(&out);
        const char *test = is_scanner ? "VUL-01.T1" : "MON-01.T1";
        truth_item(test);
        if (is_open || is_late || lacks_proof)
            truth_deviation(test, lacks_proof ? "B" : "A", "f-%03d", (int)i);
    }
    out_close(&out);
}

static void make_notices(const char *folder)
{
    struct out out;
    out_open(&out, folder, "notices", NULL);
    for (uint64_t i = 0; i < 32; i++) {
        bool is_privacy = i % 8 == 0, is_short = i == 19;
        int64_t effective = moment("notices", i, 32);
        row_begin(&out);
        text(&out, "id", "n-%02d", (int)i);
        text(&out, "audience", "%s", is_privacy ? "data-subjects" : "customers");
        text(&out, "subject", "%s",
             is_privacy ? "Privacy notice" : "Planned change of the interface");
        instant(&out, "announced_at", effective - (is_short ? 2 : 21) * DAY);
        instant(&out, "effective_at", effective);
        text(&out, "reviewed_by", "%s", is_privacy ? "p-novak" : "j-osei");
        row_end(&out);
        truth_item(is_privacy ? "PRV-01.T1" : "COM-02.T1");
        if (is_short)
            truth_deviation("COM-02.T1", "A", "n-%02d", (int)i);
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
