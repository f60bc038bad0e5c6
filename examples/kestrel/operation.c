/* Backups, restores, alerts, incidents, endpoints, stores, runs, deliveries, disposals. */
#include "generate.h"

static void make_backups(const char *folder)
{
    struct out out;
    out_open(&out, folder, "backups", NULL);
    for (int day = 0; day < 365; day++) {
        for (int store = 0; store < 4; store++) {
            int64_t finished = PERIOD_START + (int64_t)day * DAY + (2 + store) * HOUR;
            bool is_failed = (day * 4 + store) % 97 == 50, lacks_rerun = day == 206 && is_failed;
            row_begin(&out);
            text(&out, "id", "bak-%03d-%d", day, store);
            text(&out, "store", "store-%d", store);
            text(&out, "kind", "full");
            text(&out, "status", "%s", is_failed ? "failed" : "success");
            number(&out, "bytes", 4000000000 + (int64_t)day * 1000003);
            truth_value(&out, "encrypted", true);
            instant(&out, "finished_at", finished);
            row_end(&out);
            truth_item("AV-01.T1");
            if (lacks_rerun)
                truth_deviation("AV-01.T1", "A", "bak-%03d-%d", day, store);
            if (!is_failed || lacks_rerun)
                continue;
            row_begin(&out);
            text(&out, "id", "rer-%03d-%d", day, store);
            text(&out, "store", "store-%d", store);
            text(&out, "kind", "rerun");
            text(&out, "status", "success");
            text(&out, "rerun_of", "bak-%03d-%d", day, store);
            number(&out, "bytes", 4000000000 + (int64_t)day * 1000003);
            truth_value(&out, "encrypted", true);
            instant(&out, "finished_at", finished + 7 * HOUR);
            row_end(&out);
        }
    }
    out_close(&out);
}

static void make_restores(const char *folder)
{
    struct out out;
    out_open(&out, folder, "restore_tests", NULL);
    for (int month = 0; month < 12; month++) {
        bool is_short = month == 7;
        row_begin(&out);
        text(&out, "id", "res-%02d", month);
        text(&out, "store", "store-%d", month % 4);
        number(&out, "rows_expected", 918233 + month * 1771);
        number(&out, "rows_restored", 918233 + month * 1771 - (is_short ? 12 : 0));
        text(&out, "digest_expected", "%08x", 0x5eed0000 + month);
        text(&out, "digest_restored", "%08x", 0x5eed0000 + month + (is_short ? 77 : 0));
        instant(&out, "tested_at", PERIOD_START + (int64_t)(month * 30 + 14) * DAY + 10 * HOUR);
        row_end(&out);
        truth_item("AV-02.T1");
        if (is_short)
            truth_deviation("AV-02.T1", "AB", "res-%02d", month);
    }
    out_close(&out);
}

static void make_alerts(const char *folder)
{
    struct out out;
    out_open(&out, folder, "alerts", NULL);
    for (uint64_t i = 0; i < 900; i++) {
        bool is_security = i % 2 == 0, is_high = i % 6 == 0;
        bool is_slow = i == 300 || i == 714;
        int64_t raised = moment("alerts", i, 900);
        row_begin(&out);
        text(&out, "id", "al-%04d", (int)i);
        text(&out, "class", "%s", is_security ? "security" : "capacity");
        text(&out, "severity", "%s", is_high ? "high" : "medium");
        text(&out, "handled_by", "%s", person_id(i));
        text(&out, "action", "%s", is_security ? "looked into" : "volume enlarged");
        instant(&out, "raised_at", raised);
        instant(&out, "acknowledged_at", raised + (is_slow ? 95 : i == 6 ? 30 : 4) * MINUTE);
        row_end(&out);
        if (is_security && is_high)
            truth_item("MON-02.T1");
        if (!is_security)
            truth_item("AV-03.T1");
        if (is_slow)
            truth_deviation("MON-02.T1", "A", "al-%04d", (int)i);
    }
    out_close(&out);
}

static void make_incidents(const char *folder)
{
    static const char *const titles[] = {
        "Slow sign-in",
        "Imports delayed",
        "Phishing message reported",
        "Certificate near its end",
        "Queue backed up",
        "Laptop lost",
        "Report run twice",
        "Disk nearly full",
        "Message to the wrong customer",
        "Database restarted",
        "Login page not reachable",
    };
    struct out out;
    out_open(&out, folder, "incidents", NULL);
    for (uint64_t i = 0; i < 46; i++) {
        bool is_high = i % 9 == 0, is_personal = i % 15 == 4;
        int64_t detected = moment("incidents", i, 46);
        row_begin(&out);
        text(&out, "id", "inc-%02d", (int)i);
        text(&out, "title", "%s", titles[i % (sizeof titles / sizeof *titles)]);
        text(&out, "class", "%s", i % 3 ? "availability" : "security");
        text(&out, "severity", "%s", is_high ? "high" : "low");
        text(&out, "owner", "%s", person_id(i));
        truth_value(&out, "personal_data", is_personal);
        text(&out, "root_cause", "%s", "configuration");
        instant(&out, "detected_at", detected);
        instant(&out, "notified_at", is_personal ? detected + 40 * HOUR : 0);
        instant(&out, "resolved_at", detected + 5 * HOUR);
        instant(&out, "reviewed_at", is_high ? detected + 6 * DAY : 0);
        instant(&out, "closed_at", detected + 9 * DAY);
        row_end(&out);
        truth_item("INC-01.T1");
        if (is_high)
            truth_item("INC-02.T1");
        if (is_personal)
            truth_item("PRV-06.T1");
    }
    out_close(&out);
}

static void make_inventories(const char *folder)
{
    static const char *const classes[] = { "public", "internal", "confidential" };
    struct out out;
    out_open(&out, folder, "endpoints", NULL);
    for (int week = 0; week < 52; week++) {
        for (int i = 0; i < 12; i++) {
            bool is_weak = i == 4 && week >= 30 && week < 33;
            int64_t observed = PERIOD_START + (int64_t)week * 7 * DAY + 3 * HOUR;
            row_begin(&out);
            text(&out, "id", "ep-%02d", i);
            truth_value(&out, "public", i % 3 != 2);
            text(&out, "protocol", "%s", is_weak ? "TLS 1.0" : "TLS 1.3");
            truth_value(&out, "weak", is_weak);
            instant(&out, "certificate_ends_at", observed + 40 * DAY);
            instant(&out, "observed_at", observed);
            row_end(&out);
            if (i % 3 == 2)
                continue;
            truth_item("NET-01.T1");
            if (is_weak) {
                char when[32];
                instant_text(observed, when);
                truth_deviation("NET-01.T1", "A", "ep-%02d/%.19s.000000Z", i, when);
            }
        }
    }
    out_close(&out);
    out_open(&out, folder, "data_stores", NULL);
    for (int month = 0; month < 12; month++) {
        for (int i = 0; i < 20; i++) {
            row_begin(&out);
            text(&out, "id", "ds-%02d", i);
            text(&out, "environment", "%s", i % 5 ? "production" : "staging");
            text(&out, "classification", "%s", classes[i % 3]);
            truth_value(&out, "encrypted", i % 3 == 2 || i % 2);
            instant(&out, "observed_at", PERIOD_START + (int64_t)(month * 30 + 2) * DAY);
            row_end(&out);
            if (i % 5)
                truth_item("CF-01.T1");
        }
    }
    out_close(&out);
}

static void make_runs(const char *folder)
{
    struct out out, sent;
    out_open(&out, folder, "batch_runs", NULL);
    out_open(&sent, folder, "deliveries", NULL);
    for (uint64_t i = 0; i < 1460; i++) {
        int64_t started = PERIOD_START + (int64_t)i * 6 * HOUR;
        int64_t read = 20000 + (int64_t)pick("batch_runs", i, 2, 9000),
                rejected = (int64_t)(i % 23);
        bool is_short = i == 877;
        row_begin(&out);
        text(&out, "id", "run-%04d", (int)i);
        number(&out, "number", (int64_t)i + 1);
        text(&out, "flow", "%s", i % 2 ? "invoices" : "meters");
        instant(&out, "specification_approved_at", PERIOD_START - 100 * DAY);
        number(&out, "read", read);
        number(&out, "processed", read - rejected - (is_short ? 3 : 0));
        number(&out, "rejected", rejected);
        cents(&out, "amount_in", read * 1999);
        cents(&out, "amount_out", read * 1999);
        instant(&out, "started_at", started);
        instant(&out, "finished_at", started + 40 * MINUTE);
        row_end(&out);
        truth_item("PI-01.T1");
        if (is_short)
            truth_deviation("PI-01.T1", "A", "run-%04d", (int)i);
        row_begin(&sent);
        text(&sent, "id", "dlv-%04d", (int)i);
        text(&sent, "run_id", "run-%04d", (int)i);
        text(&sent, "customer", "customer %d", (int)(i % 31));
        instant(&sent, "entitled_from", PERIOD_START - 300 * DAY);
        instant(&sent, "entitled_to", i == 1201 ? started + 2 * HOUR : 0); /* not yet over */
        instant(&sent, "delivered_at", started + HOUR);
        row_end(&sent);
        truth_item("PI-02.T1");
    }
    out_close(&out);
    out_close(&sent);
}

static void make_disposals(const char *folder)
{
    struct out out;
    out_open(&out, folder, "disposals", NULL);
    for (uint64_t i = 0; i < 40; i++) {
        bool is_confidential = i % 2 == 0, lacks_certificate = i == 22;
        row_begin(&out);
        text(&out, "id", "dsp-%02d", (int)i);
        text(&out, "asset", "disk %d", (int)i + 100);
        text(&out, "classification", "%s", is_confidential ? "confidential" : "internal");
        instant(&out, "disposed_at", moment("disposals", i, 40));
        text(&out, "method", "shredded");
        if (lacks_certificate)
            null(&out, "certificate");
        else
            text(&out, "certificate", "cert-%d", (int)i);
        row_end(&out);
        if (is_confidential)
            truth_item("DSP-01.T1");
        if (lacks_certificate)
            truth_deviation("DSP-01.T1", "B", "dsp-%02d", (int)i);
    }
    out_close(&out);
}

void make_operation(const char *folder)
{
    truth_none("DR-01.T1"); /* no region was lost */
    make_backups(folder);
    make_restores(folder);
    make_alerts(folder);
    make_incidents(folder);
    make_inventories(folder);
    make_runs(folder);
    make_disposals(folder);
}
