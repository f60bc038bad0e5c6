#include "report/compose.h"

#include <string.h>

#include "report/compose_private.h"
#include "report/text.h"

enum { OPINIONS_MAX = 4 };

/* ---- the top ---- */

static void put_catalog(struct composer *c)
{
    struct slice name = value_text_of(c->engagement.document, "catalog");
    if (name.len == 0)
        name = SLICE("tsc-2017");
    const struct edition *edition = catalogue_edition(c->catalogue, name);
    struct value *catalog = compose_object(c, c->model, "catalog");
    compose_text(c, catalog, "id", name);
    compose_text(c, catalog, "title", edition ? edition->title : name);
}

static void put_categories(struct composer *c)
{
    /* In the order of the model, whatever the engagement's. */
    static const char *const order[] = { "security", "availability", "processing-integrity",
                                         "confidentiality", "privacy" };
    const struct value *chosen = value_member(c->engagement.document, "categories");
    struct value *list = compose_array(c, c->model, "categories");
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (size_t j = 0; j < value_count(chosen); j++)
            if (slice_is(value_text(value_item(chosen, j)), order[i]))
                compose_add(c, list, slice_of(order[i]));
}

static void put_parties(struct composer *c)
{
    const struct value *document = c->engagement.document;
    struct slice name = value_text_of(document, "organization");
    const struct value *organization = compose_document(c, name);
    struct value *item = compose_object(c, c->model, "organization");
    compose_text(c, item, "id", compose_id(name));
    compose_copy(c, item, "name", organization, "name");
    compose_copy(c, item, "city", value_member(organization, "address"), "city");
    compose_copy(c, item, "country", value_member(organization, "address"), "country");
    name = value_text_of(document, "system");
    const struct value *system = compose_document(c, name);
    item = compose_object(c, c->model, "system");
    compose_text(c, item, "id", compose_id(name));
    compose_copy(c, item, "name", system, value_member(system, "name") ? "name" : "title");
    if (c->opinion) {
        const struct value *firm = value_member(document, "service_auditor");
        item = compose_object(c, c->model, "service_auditor");
        compose_copy(c, item, "firm", firm, "firm");
        compose_copy(c, item, "city", firm, "city");
        compose_copy(c, item, "state", firm, value_member(firm, "state") ? "state" : "country");
        compose_null(c, c->model, "prepared_by");
        return;
    }
    compose_null(c, c->model, "service_auditor");
    const struct value *person = compose_document(c, value_text_of(document, "management_contact"));
    item = compose_object(c, c->model, "prepared_by");
    compose_text(c, item, "name", person ? value_text_of(person, "name") : SLICE("Management"));
    compose_text(c, item, "role",
                 value_text_of(person, "title").len ? value_text_of(person, "title")
                                                    : SLICE("for management"));
}

/* An opinion has its date; a readiness report is of the day it was issued. */
static void put_report_date(struct composer *c)
{
    char date[11];
    struct civil civil;
    if (c->opinion || c->issued_us == 0) {
        compose_copy(c, c->model, "report_date", c->opinion, "report_date");
        return;
    }
    civil_from_instant(c->issued_us, zone_offset(c->engagement.zone, c->issued_us), &civil);
    date_format(days_from_civil(civil.year, civil.month, civil.day), date);
    compose_text(c, c->model, "report_date", slice_of(date));
}

static void put_time(struct composer *c)
{
    const struct value *document = c->engagement.document;
    if (c->engagement.is_type_2 || !c->opinion) {
        compose_copy(c, c->model, "period", document, "period");
        compose_null(c, c->model, "as_of");
    } else {
        compose_null(c, c->model, "period");
        compose_copy(c, c->model, "as_of", document, "as_of");
    }
    compose_text(c, c->model, "timezone", c->engagement.zone_name);
    put_report_date(c);
}

void compose_top(struct composer *c)
{
    const struct value *document = c->engagement.document;
    const char *kind = !c->opinion ? "readiness" : c->engagement.is_type_2 ? "type-2" : "type-1";
    compose_text(c, c->model, "schema", SLICE("attest-report/1"));
    compose_text(c, c->model, "kind", slice_of(kind));
    /* No licence is established yet: every service auditor's report is a specimen. */
    compose_bool(c, c->model, "specimen", c->opinion != NULL);
    compose_text(c, c->model, "id", c->engagement.id);
    compose_text(c, c->model, "language", SLICE("en"));
    struct value *engagement = compose_object(c, c->model, "engagement");
    compose_text(c, engagement, "id", c->engagement.id);
    compose_copy(c, engagement, "title", document, "title");
    put_parties(c);
    put_time(c);
    put_categories(c);
    put_catalog(c);
    /* Section 1 names them, and a readiness report has none. */
    struct value *parties = c->opinion ? compose_array(c, c->model, "specified_parties") : NULL;
    const struct value *given = value_member(document, "specified_parties");
    for (size_t i = 0; parties && i < value_count(given); i++)
        compose_add(c, parties, value_text(value_item(given, i)));
    compose_bool(c, c->model, "exceptions_index", true);
    compose_null(c, c->model, "statement");
}

/* ---- section 3 and 5 ---- */

static void put_csocs(struct composer *c, struct value *item, const struct value *subservice)
{
    const struct value *given = value_member(subservice, "csocs");
    struct value *list = compose_array(c, item, "csocs");
    for (size_t i = 0; i < value_count(given); i++) {
        const struct value *csoc = value_item(given, i);
        struct value *one = compose_item(c, list);
        compose_copy(c, one, "id", csoc, "id");
        compose_copy(c, one, "text", csoc, "text");
        compose_copy(c, one, "criteria", csoc, "criteria");
        compose_optional(c, one, "monitored_by", compose_id(value_text_of(csoc, "monitored_by")));
    }
}

static void put_others(struct composer *c, struct value *section)
{
    const struct value *cuecs = value_member(c->engagement.document, "cuecs");
    const struct value *others = value_member(c->engagement.document, "subservice");
    struct value *list = compose_array(c, section, "cuecs");
    for (size_t i = 0; i < value_count(cuecs); i++) {
        struct value *one = compose_item(c, list);
        compose_copy(c, one, "id", value_item(cuecs, i), "id");
        compose_copy(c, one, "text", value_item(cuecs, i), "text");
        compose_copy(c, one, "criteria", value_item(cuecs, i), "criteria");
    }
    list = compose_array(c, section, "subservice");
    for (size_t i = 0; i < value_count(others); i++) {
        const struct value *other = value_item(others, i);
        struct value *one = compose_item(c, list);
        compose_copy(c, one, "name", other, "name");
        compose_copy(c, one, "function", other, "function");
        compose_copy(c, one, "method", other, "method");
        if (value_member(other, "criteria"))
            compose_copy(c, one, "criteria", other, "criteria");
        else
            compose_array(c, one, "criteria");
        put_csocs(c, one, other);
    }
}

static void put_answer(struct composer *c, struct value *items, const struct criterion *criterion,
                       const struct value *answer)
{
    struct value *item = compose_item(c, items);
    struct slice status = value_text_of(answer, "status");
    compose_text(c, item, "id", criterion->id);
    compose_text(c, item, "title", criterion->title);
    compose_text(c, item, "status", status.len ? status : SLICE("open"));
    if (slice_is(status, "not-applicable"))
        compose_copy(c, item, "reason", answer, "reason");
    else
        compose_null(c, item, "reason");
    compose_blocks(c, item, "text", value_text_of(answer, "text"));
}

void compose_section3(struct composer *c)
{
    struct compose_found found[2];
    size_t count = compose_of_engagement(c, "Description", found, 2);
    const struct value *document = count ? found[0].document : NULL;
    const struct edition *edition = catalogue_edition(c->catalogue, SLICE("dc-2018"));
    struct value *section = compose_object(c, c->model, "section3");
    struct slice title = value_text_of(document, "title");
    compose_text(c, section, "title",
                 title.len
                     ? title
                     : compose_printf(c, "Description of %.*s",
                                      SLICE_ARG(value_text(value_path(c->model, "system.name")))));
    compose_text(c, section, "criteria",
                 SLICE("DC 200, 2018, with the implementation guidance of 2022"));
    struct value *items = compose_array(c, section, "items");
    for (size_t i = 0; edition && i < edition->count; i++) {
        char field[8] = "dc";
        struct slice number = slice_from(edition->criteria[i].id, 2); /* of DC4 */
        if (number.len < sizeof field - 2)
            memcpy(field + 2, number.at, number.len);
        put_answer(c, items, &edition->criteria[i], value_member(document, field));
    }
    put_others(c, section);
}

void compose_section5(struct composer *c)
{
    const struct value *document = c->engagement.document;
    struct slice text = value_text_of(document, "other_information");
    bool has_scope = !c->opinion || value_is_true(value_member(document, "scope_in_section_5"));
    if (text.len == 0 && !has_scope) {
        compose_null(c, c->model, "section5");
        return;
    }
    struct value *section = compose_object(c, c->model, "section5");
    compose_text(c, section, "title", SLICE("Other information"));
    struct value *items = compose_array(c, section, "items");
    if (text.len > 0) {
        struct value *item = compose_item(c, items);
        compose_text(c, item, "title", SLICE("Information provided by management"));
        compose_blocks(c, item, "text", text);
    }
    if (has_scope)
        compose_scope(c, items);
}

void compose_ledger(struct composer *c, struct value *appendices)
{
    struct ledger *ledger = store_ledger(c->store);
    struct digest root;
    char hex[65];
    struct strbuf vkey = strbuf_new(4096);
    struct value *item = compose_object(c, appendices, "ledger");
    if (!c->failed && !ledger_root(ledger, c->size, &root, c->err))
        c->failed = true;
    if (!c->failed) {
        digest_hex(&root, hex);
        verifier_key_format(ledger_verifier(ledger), &vkey);
        compose_text(c, item, "origin", ledger_origin(ledger));
        compose_number(c, item, "size", (int64_t)c->size);
        compose_text(c, item, "root", slice_of(hex));
        compose_text(c, item, "vkey", strbuf_slice(&vkey));
    }
    c->failed = c->failed || !strbuf_ok(&vkey, c->err);
    strbuf_free(&vkey);
}

/* ---- the whole ---- */

/* The engagement's opinion, if there is one. */
static bool find_opinion(struct composer *c)
{
    struct compose_found found[OPINIONS_MAX];
    size_t count = compose_of_engagement(c, "Opinion", found, OPINIONS_MAX);
    if (c->failed)
        return false;
    if (count > 1)
        return error_set(c->err, ERROR_INVALID, c->engagement.name.at,
                         "%zu opinions name this engagement", count);
    c->composed->is_readiness = count == 0;
    if (count == 1) {
        c->opinion = found[0].document;
        compose_rests_on(c, &found[0].version->leaf);
    }
    return true;
}

static bool find_assertion(struct composer *c)
{
    struct resource_version version;
    struct slice name = value_text_of(c->opinion, "assertion");
    if (name.len == 0)
        return true;
    if (!resource_get(c->store, c->arena, name, c->size, &version, c->err))
        return false;
    compose_rests_on(c, &version.leaf);
    return !c->failed;
}

static void build(struct composer *c)
{
    compose_top(c);
    compose_text(c, c->model, "status", c->issued_us ? SLICE("issued") : SLICE("draft"));
    struct value *appendices = compose_object(c, c->model, "appendices");
    c->populations = compose_array(c, appendices, "populations");
    c->tests = compose_array(c, appendices, "tests");
    compose_null(c, appendices, "sampling");
    compose_ledger(c, appendices);
    compose_section3(c);
    compose_section4(c);
    compose_section5(c);
    if (!c->failed && !report_text_titles(c->arena, c->model, c->err))
        c->failed = true;
    if (c->opinion) {
        if (!c->failed && !report_text_restriction(c->arena, c->model, c->err))
            c->failed = true;
        compose_assertion(c);
        compose_opinion(c);
        return;
    }
    compose_null(c, c->model, "section1");
    compose_null(c, c->model, "section2");
    if (!c->failed && !report_text_readiness(c->arena, c->model, c->err))
        c->failed = true;
}

bool report_compose(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                    struct slice engagement, uint64_t size, int64_t issued_us,
                    struct composed *composed, struct error *err)
{
    struct composer c = { .store = store,
                          .catalogue = catalogue,
                          .arena = arena,
                          .err = err,
                          .size = size,
                          .composed = composed,
                          .issued_us = issued_us };
    bool ok = false;
    *composed = (struct composed){ 0 };
    if (!engagement_read(store, arena, engagement, size, &c.engagement, err))
        return false;
    if (!find_opinion(&c) || !find_assertion(&c))
        goto done;
    c.model = value_new(arena, VALUE_OBJECT, err);
    if (!c.model)
        goto done;
    build(&c);
    composed->model = c.model;
    ok = !c.failed;
done:
    engagement_free(&c.engagement);
    return ok;
}
