/* Sections 1 and 2: what the auditor and management recorded. */
#include "report/compose_private.h"
#include "report/text.h"

/* ---- section 2 ---- */

static void put_signatory(struct composer *c, struct value *section, struct slice name)
{
    const struct value *person = compose_document(c, name);
    struct value *item = compose_item(c, compose_array(c, section, "signatories"));
    struct slice title = value_text_of(person, "title");
    compose_text(c, item, "name", person ? value_text_of(person, "name") : compose_id(name));
    compose_text(c, item, "role", title.len ? title : SLICE("for management"));
}

void compose_assertion(struct composer *c)
{
    const struct value *document = compose_document(c, value_text_of(c->opinion, "assertion"));
    const struct value *text = value_member(document, "text");
    const struct value *limits = value_member(document, "qualifications");
    struct value *section = compose_object(c, c->model, "section2");
    struct slice title = value_text_of(document, "title");
    compose_text(c, section, "title", title.len ? title : SLICE("Management's assertion"));
    struct value *paragraphs = compose_array(c, section, "paragraphs");
    for (size_t i = 0; i < value_count(text); i++) {
        struct value *paragraph = compose_item(c, paragraphs);
        compose_text(c, paragraph, "id", compose_printf(c, "assertion-%zu", i + 1));
        compose_null(c, paragraph, "heading");
        compose_paragraphs(c, paragraph, "text", value_text(value_item(text, i)));
    }
    put_signatory(c, section, value_text_of(document, "signed_by"));
    compose_copy(c, section, "date", document, "date");
    struct value *qualifies = compose_array(c, section, "qualifies");
    for (size_t i = 0; i < value_count(limits); i++) {
        struct slice criterion = value_text_of(value_item(limits, i), "criterion");
        struct value *paragraph = compose_item(c, paragraphs);
        compose_text(c, paragraph, "id", compose_printf(c, "qualification-%zu", i + 1));
        compose_null(c, paragraph, "heading");
        compose_paragraphs(c, paragraph, "text", value_text_of(value_item(limits, i), "text"));
        if (criterion.len)
            compose_add(c, qualifies, criterion);
    }
}

/* ---- section 1 ---- */

static void put_part(struct composer *c, struct value *parts, const char *name)
{
    const struct value *part = value_member(value_member(c->opinion, "parts"), name);
    struct slice variant = value_text_of(part, "variant"), cause = value_text_of(part, "cause");
    bool is_modified = !slice_is(variant, "unmodified");
    if (!part)
        return;
    struct value *item = compose_item(c, parts);
    compose_text(c, item, "part", slice_of(name));
    compose_text(c, item, "variant", variant);
    if (is_modified)
        compose_text(c, item, "cause", cause.len ? cause : SLICE("deficiency"));
    else
        compose_null(c, item, "cause");
    if (is_modified && value_member(part, "criteria"))
        compose_copy(c, item, "criteria", part, "criteria");
    else
        compose_array(c, item, "criteria");
    compose_paragraphs(c, item, "basis", value_text_of(part, "basis"));
}

static void put_signature(struct composer *c, struct value *recorded)
{
    const struct value *firm = value_member(c->engagement.document, "service_auditor");
    const struct value *partner = compose_document(c, value_text_of(c->opinion, "signed_by"));
    const struct value *licence = value_member(partner, "licence");
    struct slice jurisdiction = value_text_of(licence, "jurisdiction");
    struct value *signature = compose_object(c, recorded, "signature");
    compose_copy(c, signature, "firm", firm, "firm");
    compose_copy(c, signature, "city", firm, "city");
    compose_copy(c, signature, "state", firm, value_member(firm, "state") ? "state" : "country");
    compose_copy(c, signature, "date", c->opinion, "report_date");
    compose_copy(c, signature, "signer", partner, "name");
    compose_text(c, signature, "credential",
                 jurisdiction.len ? compose_printf(c, "CPA, %.*s", SLICE_ARG(jurisdiction))
                                  : SLICE("CPA"));
}

void compose_opinion(struct composer *c)
{
    static const char *const names[] = { "description", "design", "operating" };
    struct value *recorded = c->failed ? NULL : value_new(c->arena, VALUE_OBJECT, c->err);
    if (!recorded) {
        c->failed = true;
        return;
    }
    compose_copy(c, recorded, "addressee", c->engagement.document, "addressee");
    struct value *opinion = compose_object(c, recorded, "opinion");
    struct value *parts = compose_array(c, opinion, "parts");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        put_part(c, parts, names[i]);
    compose_paragraphs(c, opinion, "explanatory", value_text_of(c->opinion, "explanatory"));
    compose_paragraphs(c, opinion, "effect_on_commitments",
                       value_text_of(c->opinion, "effect_on_commitments"));
    put_signature(c, recorded);
    if (!c->failed && !report_text_section1(c->arena, c->model, recorded, c->err))
        c->failed = true;
}
