#include "report/printed_why.h"

#include "audit/outcomes.h"
#include "base/json.h"
#include "ledger/entry.h"

enum { TOLD_BYTES_MAX = 160 };

/* ---- the reports ---- */

/* model stays NULL if it was erased. */
static bool read_model(struct verifier *verifier, struct arena *arena, uint64_t n,
                       const struct value **model, struct error *err)
{
    struct slice salt, bytes, copy;
    struct digest c;
    uint64_t size;
    const struct entry_source *entries = verifier_entries(verifier);
    const struct payload_source *payloads = verifier_payloads(verifier);
    *model = NULL;
    if (!entries->entry(entries, n, &bytes, err) || !arena_copy(arena, bytes, &copy, err))
        return false;
    const struct value *entry = json_parse(arena, copy, "ledger entry", NULL, err);
    if (!entry)
        return false;
    if (!payload_ref(value_path(entry, "body.payload"), &c, &size) ||
        payloads->state(payloads, &c) != PAYLOAD_HELD)
        return true;
    if (!payloads->open(payloads, &c, &salt, &bytes, err) || !arena_copy(arena, bytes, &copy, err))
        return false;
    *model = json_parse(arena, copy, "report.json", NULL, err);
    return *model != NULL;
}

bool printed_why_read(struct printed_why *printed, struct verifier *verifier, struct arena *arena,
                      struct error *err)
{
    const uint64_t *entries;
    size_t count;
    verifier_reports(verifier, &entries, &count);
    *printed = (struct printed_why){ 0 };
    printed->reports = arena_array(arena, count + 1, sizeof *printed->reports, err);
    if (!printed->reports)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct printed_report *report = &printed->reports[printed->count];
        report->n = entries[i];
        if (!read_model(verifier, arena, entries[i], &report->model, err))
            return false;
        printed->count += report->model != NULL;
    }
    return true;
}

/* ---- the printed items of a run ---- */

typedef bool exceptions_fn(void *context, uint64_t report, const struct value *exceptions);

/* Every list of exceptions that stands under this run; false stops. */
static bool for_exceptions(const struct printed_why *printed, const struct digest *run,
                           exceptions_fn *visit, void *context)
{
    char hex[65];
    digest_hex(run, hex);
    for (size_t i = 0; i < printed->count; i++) {
        const struct value *bands = value_path(printed->reports[i].model, "section4.bands");
        for (size_t b = 0; b < value_count(bands); b++) {
            const struct value *rows = value_member(value_item(bands, b), "rows");
            for (size_t r = 0; r < value_count(rows); r++) {
                const struct value *tests = value_member(value_item(rows, r), "tests");
                for (size_t t = 0; t < value_count(tests); t++) {
                    const struct value *test = value_item(tests, t);
                    if (slice_is(value_text_of(test, "run"), hex) &&
                        !visit(context, printed->reports[i].n, value_member(test, "exceptions")))
                        return false;
                }
            }
        }
    }
    return true;
}

static bool is_empty(void *context, uint64_t report, const struct value *exceptions)
{
    (void)context, (void)report;
    return value_count(exceptions) == 0;
}

bool printed_why_asks(const struct printed_why *printed, const struct digest *run)
{
    return !for_exceptions(printed, run, is_empty, NULL);
}

/* ---- comparing ---- */

struct comparison {
    struct printed_why *printed;
    const struct verified_run *run;
    const struct value *deviating;
    const struct closed_items *closed;
    struct strbuf *faults;
    bool is_cut; /* the run deviates in more items than it gives reasons for */
    uint64_t differences;
    bool failed;
    struct error *err;
};

static const struct value *found_again(const struct value *deviating, const struct value *key)
{
    for (size_t i = 0; i < value_count(deviating); i++)
        if (value_equal(value_member(value_item(deviating, i), "key"), key))
            return value_item(deviating, i);
    return NULL;
}

/* Others wrote these texts, as long as they liked: where the part ends that is told. */
static size_t told_end(struct slice text)
{
    size_t end = 0;
    while (end < text.len && end < TOLD_BYTES_MAX)
        (void)utf8_next(text, &end);
    return end;
}

static void add_beginning(struct strbuf *to, struct slice text)
{
    size_t end = told_end(text);
    json_add_string(to, slice_head(text, end));
    strbuf_add_text(to, end < text.len ? " ..." : "");
}

/* The first one; a text that is not there is told as such. */
static bool tell(struct comparison *c, uint64_t report, const struct value *item,
                 const struct value *again)
{
    struct strbuf key = strbuf_new(64 << 20);
    struct slice printed = value_text_of(item, "why"), found = value_text_of(again, "why");
    if (c->differences++ > 0)
        return true;
    bool ok = json_canonical(value_member(item, "key"), &key, c->err) && strbuf_ok(&key, c->err);
    if (ok) {
        struct slice shown = strbuf_slice(&key);
        strbuf_printf(c->faults, "report #%llu prints of item %.*s%s of %.*s ",
                      (unsigned long long)report, SLICE_ARG(slice_head(shown, told_end(shown))),
                      told_end(shown) < shown.len ? " ..." : "", SLICE_ARG(c->run->test_name));
        if (printed.len > 0)
            add_beginning(c->faults, printed);
        else
            strbuf_add_text(c->faults, "no reason");
        strbuf_add_text(c->faults, ", run again it ");
        if (!again && !c->is_cut)
            strbuf_add_text(c->faults, "does not deviate");
        else if (found.len > 0)
            strbuf_add_text(c->faults, "gives ");
        else
            strbuf_add_text(c->faults, "gives none");
        if (found.len > 0)
            add_beginning(c->faults, found);
    }
    strbuf_free(&key);
    return ok;
}

/* *differs false: the item may rest on a value that is gone. */
static bool differs_as_closed(struct comparison *c, const struct value *item, bool *differs)
{
    struct strbuf key = strbuf_new(64 << 20);
    bool ok = json_canonical(value_member(item, "key"), &key, c->err) && strbuf_ok(&key, c->err);
    if (ok && closed_items_has(c->closed, strbuf_slice(&key))) {
        c->printed->closed++;
        *differs = false;
    }
    strbuf_free(&key);
    return ok;
}

static bool compare_exceptions(void *context, uint64_t report, const struct value *exceptions)
{
    struct comparison *c = context;
    for (size_t i = 0; i < value_count(exceptions); i++) {
        const struct value *item = value_item(exceptions, i);
        const struct value *again = found_again(c->deviating, value_member(item, "key"));
        /* Beyond the first items a run gives no reason, so none may be printed. */
        bool is_missing = !again && !c->is_cut;
        c->printed->compared++;
        bool differs =
            is_missing || !slice_equal(value_text_of(item, "why"), value_text_of(again, "why"));
        if (differs && !differs_as_closed(c, item, &differs)) {
            c->failed = true;
            return false;
        }
        if (differs && !tell(c, report, item, again)) {
            c->failed = true;
            return false;
        }
    }
    return true;
}

bool printed_why_compare(struct printed_why *printed, const struct verified_run *run,
                         const struct value *deviating, const struct closed_items *closed,
                         struct strbuf *faults, struct error *err)
{
    struct comparison c = { .printed = printed,
                            .run = run,
                            .deviating = deviating,
                            .closed = closed,
                            .faults = faults,
                            .err = err };
    c.is_cut = value_count(deviating) >= OUTCOMES_LISTED_MAX;
    if (!for_exceptions(printed, &run->leaf, compare_exceptions, &c))
        return !c.failed;
    if (c.differences > 1)
        strbuf_printf(faults, " (and %llu more)", (unsigned long long)(c.differences - 1));
    if (c.differences > 0)
        strbuf_add_text(faults, "; ");
    return true;
}
