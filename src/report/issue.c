#include "report/issue.h"

#include "base/json.h"
#include "ledger/entry.h"
#include "report/report.h"

enum { FORM_BYTES_MAX = 512 << 20 };

/* ---- who may ---- */

static bool may_issue(const struct composed *composed, const struct acting *acting,
                      struct slice engagement, struct error *err)
{
    bool is_auditor = slice_is(slice_of(acting->actor.side), "auditor");
    if (composed->is_readiness) {
        if (!is_auditor)
            return true;
        error_set(err, ERROR_FINDING, engagement.at,
                  "there is no opinion, and a readiness report is management's");
        return error_hint(err, "apply the Opinion first");
    }
    if (!is_auditor)
        return error_set(err, ERROR_FINDING, engagement.at,
                         "only the service auditor issues this report; %.*s acts for management",
                         SLICE_ARG(acting->person));
    if (!acting->actor.sign) {
        error_set(err, ERROR_FINDING, engagement.at, "a service auditor's report is signed");
        return error_hint(err, "--sign-key FILE");
    }
    return true;
}

static bool is_partner(struct store *store, struct arena *arena, struct slice engagement,
                       const struct acting *acting, struct error *err)
{
    struct engagement read;
    if (!engagement_read(store, arena, engagement, store_size(store), &read, err))
        return false;
    struct slice partner = value_text_of(read.document, "partner");
    engagement_free(&read);
    return slice_equal(partner, acting->person) ||
           error_set(err, ERROR_FINDING, engagement.at, "only the partner, %.*s, issues it",
                     SLICE_ARG(partner));
}

/* A second report of the auditor for the same engagement is a reissue, which needs its reasons and
 * the first one among its inputs: it is refused until that can be recorded. */
static bool is_first(struct store *store, struct arena *arena, struct slice engagement,
                     struct error *err)
{
    struct stored_entries list;
    if (!entry_list(store, arena, SLICE("report"), engagement, store_size(store), &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        if (slice_is(list.items[i].side, "management"))
            continue; /* a readiness report, which stands in nobody's way */
        error_set(err, ERROR_FINDING, engagement.at, "a report was issued already, at ledger %llu",
                  (unsigned long long)list.items[i].n);
        return error_hint(err, "what was issued stays; another examination is another engagement");
    }
    return true;
}

/* ---- the entries ---- */

struct forms {
    struct slice model;
    struct strbuf pdf, html;
};

static bool render(const struct composed *composed, struct arena *arena, struct forms *forms,
                   struct findings *findings, struct error *err)
{
    if (!report_model_check(composed->model, findings, err))
        return false;
    if (findings->errors_count > 0)
        return error_set(err, ERROR_FINDING, NULL, "%zu blocks, nothing issued",
                         findings->errors_count);
    return json_canonical_copy(arena, composed->model, &forms->model, err) &&
           report_pdf(composed->model, NULL, &forms->pdf, err) &&
           report_html(composed->model, &forms->html, err);
}

static struct value *report_body(const struct composed *composed, struct arena *arena,
                                 const struct payload *payload, struct error *err)
{
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    struct value *checkpoint = body ? value_put_object(arena, body, "checkpoint", err) : NULL;
    const struct value *ledger = value_path(composed->model, "appendices.ledger");
    static const char *const fields[] = { "origin", "size", "root" };
    for (size_t i = 0; checkpoint && i < ARRAY_LEN(fields); i++)
        if (!value_put(arena, checkpoint, fields[i],
                       value_copy(arena, value_member(ledger, fields[i]), err), err))
            return NULL;
    return checkpoint && value_put(arena, body, "payload", payload_value(arena, payload, err), err)
               ? body
               : NULL;
}

static bool add_report(const struct composed *composed, struct transaction *tx,
                       const struct acting *acting, struct slice engagement, struct slice model,
                       struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    struct payload payload;
    struct value *object = value_new(arena, VALUE_OBJECT, err);
    if (!object || !payload_put(tx, model, &payload, err) ||
        !value_put_text(arena, object, "engagement", engagement, err) ||
        !value_put_text(arena, object, "kind", value_text_of(composed->model, "kind"), err))
        return false;
    struct entry_draft draft = {
        .type = "report",
        .key = engagement,
        .body = report_body(composed, arena, &payload, err),
        .inputs = composed->inputs,
        .inputs_count = composed->inputs_count,
        .object = object,
    };
    return draft.body && transaction_entry(tx, &acting->actor, &draft, err);
}

static bool add_form(struct transaction *tx, const struct acting *acting, size_t report,
                     const char *media, struct slice bytes, struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    struct payload payload;
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    if (!body || !payload_put(tx, bytes, &payload, err) ||
        !value_put_text(arena, body, "media", slice_of(media), err) ||
        !value_put(arena, body, "payload", payload_value(arena, &payload, err), err))
        return false;
    struct entry_draft draft = {
        .type = "blob", .body = body, .inputs_of_batch = &report, .inputs_of_batch_count = 1
    };
    return transaction_entry(tx, &acting->actor, &draft, err);
}

static bool append(struct store *store, const struct composed *composed,
                   const struct acting *acting, struct slice engagement, const struct forms *forms,
                   struct issued *issued, struct error *err)
{
    const struct ledger_appended *appended;
    size_t count;
    struct transaction *tx = transaction_begin(store, err);
    bool ok = tx && add_report(composed, tx, acting, engagement, forms->model, err) &&
              add_form(tx, acting, 0, "application/pdf", strbuf_slice(&forms->pdf), err) &&
              add_form(tx, acting, 0, "text/html", strbuf_slice(&forms->html), err) &&
              transaction_commit(tx, &appended, &count, err);
    if (ok)
        *issued = (struct issued){ .n = appended[0].n,
                                   .report = appended[0].leaf,
                                   .model = sha256_of(forms->model),
                                   .is_readiness = composed->is_readiness };
    transaction_free(tx);
    return ok;
}

bool report_issue(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                  struct slice engagement, const struct acting *acting, struct issued *issued,
                  struct findings *findings, struct error *err)
{
    struct composed composed;
    struct forms forms = { .pdf = strbuf_new(FORM_BYTES_MAX), .html = strbuf_new(FORM_BYTES_MAX) };
    struct slice name = engagement;
    bool ok = false;
    if (!slice_starts_with(engagement, SLICE("engagement/")))
        name = slice_of(arena_printf(arena, err, "engagement/%.*s", SLICE_ARG(engagement)));
    if (!name.at || !is_first(store, arena, name, err) ||
        !report_compose(store, catalogue, arena, name, store_size(store), clock_now_us(), &composed,
                        err) ||
        !may_issue(&composed, acting, name, err) ||
        (!composed.is_readiness && !is_partner(store, arena, name, acting, err)))
        goto done;
    ok = render(&composed, arena, &forms, findings, err) &&
         append(store, &composed, acting, name, &forms, issued, err);
done:
    strbuf_free(&forms.pdf);
    strbuf_free(&forms.html);
    return ok;
}

bool report_issued(struct store *store, struct arena *arena, struct slice engagement, uint64_t size,
                   struct stored_entry *entry, struct slice *text, struct error *err)
{
    struct stored_entries list;
    struct payload payload;
    uint8_t salt[32];
    struct slice name = engagement;
    if (!slice_starts_with(engagement, SLICE("engagement/")))
        name = slice_of(arena_printf(arena, err, "engagement/%.*s", SLICE_ARG(engagement)));
    if (!name.at || !entry_list(store, arena, SLICE("report"), name, size, &list, err))
        return false;
    if (list.count == 0) {
        error_set(err, ERROR_NOT_FOUND, name.at, "no report was issued");
        return error_hint(err, "attest issue %.*s", SLICE_ARG(name));
    }
    *entry = list.items[list.count - 1];
    const struct value *whole = json_parse(arena, entry->bytes, "ledger entry", NULL, err);
    if (!whole)
        return false;
    if (!payload_ref(value_path(whole, "body.payload"), &payload.c, &payload.bytes))
        return error_set(err, ERROR_CORRUPT, name.at, "the report's entry names no payload");
    return payload_get(store, arena, &payload.c, salt, text, err);
}
