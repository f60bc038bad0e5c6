/* Processing of personal data, retention, requests, disclosures. No row names a person. */
#include "generate.h"

static void make_events(const char *folder)
{
    static const char *const bases[] = { "contract", "consent", "law" };
    struct out out;
    out_open(&out, folder, "processing_events", NULL);
    for (uint64_t i = 0; i < 9000; i++) {
        const char *basis = bases[i % 3];
        bool is_consent = i % 3 == 1, is_sensitive = i % 50 == 1;
        bool is_withdrawn = i == 4201, is_foreign = i == 7003;
        int64_t processed = moment("processing_events", i, 9000);
        row_begin(&out);
        text(&out, "id", "pe-%05d", (int)i);
        text(&out, "purpose", "%s", i % 2 ? "billing" : "support");
        text(&out, "field_group", "%s", i % 4 ? "contact" : "usage");
        truth_value(&out, "in_inventory", !is_foreign);
        text(&out, "basis", "%s", basis);
        truth_value(&out, "sensitive", is_sensitive);
        truth_value(&out, "express", is_sensitive);
        instant(&out, "consent_at", is_consent ? processed - 50 * DAY : 0);
        instant(&out, "withdrawn_at", is_withdrawn ? processed - 3 * DAY : 0);
        instant(&out, "processed_at", processed);
        row_end(&out);
        truth_item("PRV-02.T1");
        if (is_withdrawn || is_foreign)
            truth_deviation("PRV-02.T1", is_foreign ? "A" : "B", "pe-%05d", (int)i);
    }
    out_close(&out);
}

static void make_retention(const char *folder)
{
    struct out out;
    out_open(&out, folder, "retention_checks", NULL);
    for (uint64_t i = 0; i < 520; i++) {
        bool is_held = i % 90 == 11, is_last_day = i == 260;
        row_begin(&out);
        text(&out, "id", "rc-%03d", (int)i);
        text(&out, "store", "store-%d", (int)(i % 10));
        text(&out, "category", "%s", i % 2 ? "invoices" : "tickets");
        number(&out, "oldest_days", is_held ? 410 : is_last_day ? 365 : 200 + (int64_t)(i % 160));
        number(&out, "limit_days", 365);
        truth_value(&out, "hold", is_held);
        instant(&out, "checked_at", moment("retention_checks", i, 520));
        row_end(&out);
        truth_item("PRV-03.T1");
    }
    out_close(&out);
}

static void make_requests(const char *folder)
{
    static const char *const kinds[] = { "access", "correction", "deletion", "complaint" };
    struct out out;
    out_open(&out, folder, "privacy_requests", NULL);
    for (uint64_t i = 0; i < 80; i++) {
        bool is_late = i == 34, is_correction = i % 4 == 1;
        int64_t received = moment("privacy_requests", i, 80);
        row_begin(&out);
        text(&out, "id", "pr-%02d", (int)i);
        text(&out, "kind", "%s", kinds[i % 4]);
        instant(&out, "received_at", received);
        instant(&out, "identity_verified_at", i % 4 == 3 ? 0 : received + 2 * DAY);
        instant(&out, "answered_at", received + (is_late ? 44 : i == 35 ? 30 : 12) * DAY);
        truth_value(&out, "refused", i == 20);
        if (i == 20)
            text(&out, "reason", "identity could not be shown");
        else
            null(&out, "reason");
        number(&out, "copies", is_correction ? 4 : 0);
        number(&out, "copies_corrected", is_correction ? 4 : 0);
        row_end(&out);
        truth_item("PRV-04.T1");
        if (is_late)
            truth_deviation("PRV-04.T1", "A", "pr-%02d", (int)i);
        if (is_correction)
            truth_item("PRV-07.T1");
    }
    out_close(&out);
}

static void make_disclosures(const char *folder)
{
    struct out out;
    out_open(&out, folder, "disclosures", NULL);
    for (uint64_t i = 0; i < 300; i++) {
        int64_t disclosed = moment("disclosures", i, 300);
        row_begin(&out);
        text(&out, "id", "dc-%03d", (int)i);
        text(&out, "recipient", "processor %d", (int)(i % 6) + 1);
        text(&out, "purpose", "payment");
        truth_value(&out, "authorised", true);
        instant(&out, "contract_from", PERIOD_START - 700 * DAY);
        instant(&out, "contract_to", i == 181 ? disclosed + DAY : 0); /* the day before the end */
        text(&out, "basis", "contract");
        instant(&out, "disclosed_at", disclosed);
        row_end(&out);
        truth_item("PRV-05.T1");
    }
    out_close(&out);
}

void make_privacy(const char *folder)
{
    make_events(folder);
    make_retention(folder);
    make_requests(folder);
    make_disclosures(folder);
}
