/* The report model as OSCAL 1.2.1 assessment-results: https://pages.nist.gov/OSCAL/ says what
 * its parts mean, docs/oscal.md what we put there. */
#include "report/oscal.h"

#include "base/json.h"
#include "base/time.h"
#include "report/report.h"

#define OSCAL_VERSION "1.2.1"

static struct slice fact(const struct oscal *o, const char *path)
{
    return value_text(value_path(o->b.model, path));
}

/* ---- when ---- */

static struct slice instant(struct oscal *o, int64_t us)
{
    char text[28];
    time_format(us, text);
    return build_printf(&o->b, "%s", text);
}

/* From the first moment of `from` to the last second of `to`, in the report's time zone. */
struct span {
    struct slice start, end;
};

static bool span_of(struct oscal *o, struct slice from, struct slice to, const struct zone *zone,
                    struct span *span)
{
    int32_t first, last;
    if (!date_parse(from, &first, o->b.err) || !date_parse(to, &last, o->b.err))
        return false;
    span->start = instant(o, zone_day_start(first, zone));
    span->end = instant(o, zone_day_start(last + 1, zone) - US_PER_SECOND);
    return true;
}

/* What the report is about, and the document's own date: the report's, or for a draft without one
 * the end of what it is about; no clock is looked at. */
static bool read_dates(struct oscal *o, struct span *span)
{
    const struct value *period = value_member(o->b.model, "period");
    struct slice from = value_text_of(period, "from"), to = value_text_of(period, "to");
    struct slice as_of = fact(o, "as_of"), dated = fact(o, "report_date");
    struct span day;
    struct zone *zone = zone_new(fact(o, "timezone"), o->b.err);
    if (!zone)
        return false;
    o->has_date = dated.len > 0;
    bool ok = span_of(o, as_of.len ? as_of : from, as_of.len ? as_of : to, zone, span);
    if (ok && o->has_date) {
        ok = span_of(o, dated, dated, zone, &day);
        o->when = day.start;
    } else {
        o->when = span->end;
    }
    zone_free(zone);
    return ok;
}

/* ---- metadata ---- */

/* What stands on every page of the other forms. */
static void add_marks(struct oscal *o, struct value *holder)
{
    const struct document *document = o->b.document;
    struct value *mark = oscal_prop(o, holder, "mark", document->banner);
    oscal_put(o, mark, "remarks", oscal_escaped(o, document->banner_note));
}

static void add_facts(struct oscal *o, struct value *metadata)
{
    static const struct {
        const char *name, *path;
    } facts[] = {
        { "report-kind", "kind" },
        { "report-status", "status" },
        { "report-id", "id" },
        { "engagement", "engagement.id" },
        { "system", "system.name" },
        { "criteria-catalogue", "catalog.id" },
        { "timezone", "timezone" },
        { "ledger-origin", "appendices.ledger.origin" },
        { "ledger-root", "appendices.ledger.root" },
    };
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        oscal_prop(o, metadata, facts[i].name, fact(o, facts[i].path));
    oscal_prop_count(o, metadata, "ledger-size", value_path(o->b.model, "appendices.ledger.size"));
    const struct value *categories = value_member(o->b.model, "categories");
    for (size_t i = 0; i < value_count(categories); i++)
        oscal_prop(o, metadata, "category", value_text(value_item(categories, i)));
    oscal_prop(o, metadata, "specimen",
               value_is_true(value_member(o->b.model, "specimen")) ? SLICE("true")
                                                                   : SLICE("false"));
    add_marks(o, metadata);
}

/* A party in a role; name empty: there is none. Returns it. */
static struct value *add_party(struct oscal *o, struct value *metadata, const char *role,
                               const char *title, const char *type, const char *place,
                               struct slice name)
{
    if (name.len == 0)
        return NULL;
    struct slice uuid = oscal_uuid(o, "party", place);
    struct value *roles = oscal_item(o, metadata, "roles");
    oscal_put(o, roles, "id", slice_of(role));
    oscal_put(o, roles, "title", slice_of(title));
    struct value *party = oscal_item(o, metadata, "parties");
    oscal_put(o, party, "uuid", uuid);
    oscal_put(o, party, "type", slice_of(type));
    oscal_string(o, party, "name", name);
    struct value *responsible = oscal_item(o, metadata, "responsible-parties");
    oscal_put(o, responsible, "role-id", slice_of(role));
    oscal_text(o, responsible, "party-uuids", uuid);
    return party;
}

static void add_address(struct oscal *o, struct value *party, struct slice city,
                        const char *region_name, struct slice region)
{
    if (!party || city.len + region.len == 0)
        return;
    struct value *address = oscal_item(o, party, "addresses");
    oscal_string(o, address, "city", city);
    oscal_string(o, address, region_name, region);
}

static void add_parties(struct oscal *o, struct value *metadata)
{
    struct value *party = add_party(o, metadata, "service-organization", "Service organization",
                                    "organization", "organization", fact(o, "organization.name"));
    add_address(o, party, fact(o, "organization.city"), "country", fact(o, "organization.country"));
    party = add_party(o, metadata, "assessor", "Service auditor", "organization", "service_auditor",
                      fact(o, "service_auditor.firm"));
    add_address(o, party, fact(o, "service_auditor.city"), "state",
                fact(o, "service_auditor.state"));
    add_party(o, metadata, "signer", "Signs the service auditor's report", "person",
              "section1.signature", fact(o, "section1.signature.signer"));
    party = add_party(o, metadata, "prepared-by", "Prepared the readiness report for management",
                      "person", "prepared_by", fact(o, "prepared_by.name"));
    if (party)
        oscal_markup(o, party, "remarks", fact(o, "prepared_by.role"));
    o->assessor = oscal_uuid(o, "party", o->is_readiness ? "organization" : "service_auditor");
}

static void add_metadata(struct oscal *o, struct value *root)
{
    struct value *metadata = oscal_object(o, root, "metadata");
    oscal_markup(o, metadata, "title", o->b.document->title);
    if (o->has_date && slice_is(fact(o, "status"), "issued"))
        oscal_put(o, metadata, "published", o->when);
    oscal_put(o, metadata, "last-modified", o->when);
    oscal_put(o, metadata, "version", build_printf(&o->b, "sha256:%.*s", SLICE_ARG(o->model)));
    oscal_put(o, metadata, "oscal-version", SLICE(OSCAL_VERSION));
    struct value *id = oscal_item(o, metadata, "document-ids");
    oscal_put(o, id, "identifier", fact(o, "id"));
    add_facts(o, metadata);
    add_parties(o, metadata);
    oscal_put(o, metadata, "remarks",
              o->has_date
                  ? SLICE("Dated as the report is. The version is the digest of report.json, the "
                          "document that was recorded; this form is made of it.")
                  : SLICE("The report has no date yet; the date given is the end of what it is "
                          "about. The version is the digest of the report model, of which this "
                          "form is made."));
}

/* ---- the plan that there is not, and the report ---- */

static void add_report(struct oscal *o, struct value *root)
{
    struct slice uuid = oscal_uuid(o, "resource", "report.json");
    struct value *plan = oscal_object(o, root, "import-ap");
    oscal_put(o, plan, "href", build_printf(&o->b, "#%.*s", SLICE_ARG(uuid)));
    oscal_put(o, plan, "remarks",
              SLICE("No OSCAL assessment plan was used. The reference leads to the report, whose "
                    "section 4 says what was tested and how."));
    struct value *resource = oscal_item(o, oscal_object(o, root, "back-matter"), "resources");
    oscal_put(o, resource, "uuid", uuid);
    oscal_put(o, resource, "title", SLICE("The report of which this document was made"));
    oscal_put(o, resource, "description",
              SLICE("The report model, report.json in a bundle. It holds what this document leaves "
                    "out: every section but the fourth, and the appendices."));
    struct value *link = oscal_item(o, resource, "rlinks");
    oscal_put(o, link, "href", SLICE("report.json"));
    oscal_put(o, link, "media-type", SLICE("application/json"));
    struct value *hash = oscal_item(o, link, "hashes");
    oscal_put(o, hash, "algorithm", SLICE("SHA-256"));
    oscal_put(o, hash, "value", o->model);
}

/* ---- the result ---- */

/* What was given as an opinion, by its recorded variant alone: its words are section 1's. */
static void add_opinion(struct oscal *o, struct value *result)
{
    const struct value *parts = value_path(o->b.model, "section1.opinion.parts");
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_item(parts, i);
        struct value *prop = oscal_prop(o, result, "opinion", value_text_of(part, "variant"));
        oscal_put(o, prop, "class", value_text_of(part, "part"));
    }
}

static struct slice remarks_of(struct oscal *o)
{
    const struct document *document = o->b.document;
    if (o->is_readiness)
        return oscal_paragraphs(o, value_path(o->b.model, "statement.paragraphs"));
    if (document->banner.len == 0)
        return SLICE("Read it with the report: the opinion, the description and the limitations "
                     "stand there.");
    return build_printf(&o->b,
                        "%.*s: %.*s. Read it with the report: the opinion, the description and "
                        "the limitations stand there.",
                        SLICE_ARG(document->banner), SLICE_ARG(document->banner_note));
}

static void add_result(struct oscal *o, struct value *root, const struct span *span)
{
    struct value *result = oscal_item(o, root, "results");
    oscal_put(o, result, "uuid", oscal_uuid(o, "result", "section4"));
    oscal_markup(o, result, "title", fact(o, "section4.title"));
    oscal_markup(o, result, "description", o->b.document->subject);
    oscal_put(o, result, "start", span->start);
    oscal_put(o, result, "end", span->end);
    add_marks(o, result);
    add_opinion(o, result);
    oscal_results(o, result);
    oscal_put(o, result, "remarks", remarks_of(o));
}

static bool has_controls(const struct value *model)
{
    const struct value *bands = value_path(model, "section4.bands");
    for (size_t i = 0; i < value_count(bands); i++)
        if (value_count(value_member(value_item(bands, i), "rows")) > 0)
            return true;
    return false;
}

static bool write_oscal(struct oscal *o, struct strbuf *out)
{
    char hex[65];
    struct span span;
    struct error *err = o->b.err;
    if (!has_controls(o->b.model)) {
        error_set(err, ERROR_INVALID, "section4.bands",
                  "OSCAL's assessment results name at least one control, and none is printed");
        return error_hint(err, "map a control to a criterion in scope, or take another form");
    }
    digest_hex(&o->b.document->digest, hex);
    o->model = slice_of(hex);
    struct value *top = value_new(o->b.arena, VALUE_OBJECT, err);
    if (!top || !read_dates(o, &span))
        return false;
    struct value *root = oscal_object(o, top, "assessment-results");
    oscal_put(o, root, "uuid", oscal_uuid(o, "document", "assessment-results"));
    add_metadata(o, root);
    add_report(o, root);
    add_result(o, root, &span);
    return !o->b.failed && json_canonical(top, out, err) && strbuf_ok(out, err);
}

bool report_oscal(const struct value *model, struct strbuf *out, struct error *err)
{
    bool ok = false;
    struct findings findings = { 0 };
    struct arena *arena = arena_new((size_t)1 << 30, err);
    struct oscal o = { .b = {
                           .arena = arena, .model = model, .err = err, .path = strbuf_new(4096) } };
    if (!arena || !report_model_check(model, &findings, err) || !findings_ok(&findings, err))
        goto done;
    o.is_readiness = slice_is(value_text_of(model, "kind"), "readiness");
    o.b.document = document_of(arena, model, err);
    ok = o.b.document && write_oscal(&o, out);
done:
    strbuf_free(&o.b.path);
    findings_free(&findings);
    arena_free(arena);
    return ok;
}
