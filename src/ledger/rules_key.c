#include "base/json.h"
#include "base/json_scan.h"
#include "ledger/rules_payloads.h"

/* Adds the canonical form of the string that the scanner has just read. */
static void string_add(const struct json_scan *scan, struct strbuf *canonical)
{
    if (!scan->has_escapes) {
        /* The scanner lets nothing through unescaped that the canonical form would escape. */
        strbuf_add_char(canonical, '"');
        strbuf_add(canonical, scan->text);
        strbuf_add_char(canonical, '"');
        return;
    }
    struct strbuf decoded = strbuf_new(scan->text.len + 1);
    strbuf_add(&decoded, scan->text); /* room, which the decoded text never exceeds */
    if (decoded.failed) {
        canonical->failed = true;
    } else {
        size_t len = json_unescape(scan->text, decoded.at);
        json_add_string(canonical, (struct slice){ decoded.at, len });
    }
    strbuf_free(&decoded);
}

bool key_scan(struct json_scan *scan, struct strbuf *canonical)
{
    struct error ignored = { 0 }; /* what is no key is a fault of the caller's words */
    size_t count = 0;
    if (json_scan_next(scan, &ignored) != JSON_ARRAY_BEGIN)
        return false;
    strbuf_add_char(canonical, '[');
    for (;; count++) {
        enum json_token token = json_scan_next(scan, &ignored);
        if (token == JSON_ARRAY_END)
            break;
        if (token != JSON_STRING)
            return false;
        if (count > 0)
            strbuf_add_char(canonical, ',');
        string_add(scan, canonical);
    }
    strbuf_add_char(canonical, ']');
    return count > 0;
}

bool key_line_is_valid(struct slice line, struct strbuf *scratch)
{
    struct json_scan scan;
    struct error ignored = { 0 };
    json_scan_start(&scan, line, 2);
    strbuf_clear(scratch);
    return key_scan(&scan, scratch) && json_scan_next(&scan, &ignored) == JSON_END &&
           slice_equal(strbuf_slice(scratch), line);
}
