/* Sections 1 and 2: the elements a service auditor's report must have (domain rules C.2), and that
 * opinion, basis and assertion do not contradict each other (C.3). */
#include "report/checker.h"

enum presence { NEVER, ALWAYS, MAY };
struct element {
    const char *id;
    const char *words; /* what its text cannot do without; NULL: nothing fixed */
};
/* In the order in which they are printed. */
static const struct element elements[] = {
    { "scope", "description criteria" },
    { "user-entity-controls", "complementary user entity controls" },
    { "subservice-organizations", NULL },
    { "other-information", "no opinion" },
    { "responses", "no opinion" },
    { "organization-responsibilities", "assertion" },
    { "auditor-responsibilities", "independent" },
    { "evidence", "sufficient and appropriate" },
    { "inherent-limitations", "risk" },
    { "tests-of-controls", "section 4" },
    { "other-matter", "no opinion" },
    { "explanatory", NULL },
    { "basis", NULL },
    { "opinion", NULL },
    { "restricted-use", "solely" },
};

static const struct value *opinion_of(const struct checker *c)
{
    return value_path(c->model, "section1.opinion");
}

static bool is_variant(const struct value *part, const char *variant)
{
    return slice_is(value_text_of(part, "variant"), variant);
}

static size_t parts_that_are(const struct checker *c, const char *variant)
{
    const struct value *parts = value_member(opinion_of(c), "parts");
    size_t count = 0;
    for (size_t i = 0; i < value_count(parts); i++)
        count += is_variant(value_item(parts, i), variant);
    return count;
}

static enum presence presence_of(const struct checker *c, struct slice id)
{
    size_t parts = value_count(value_member(opinion_of(c), "parts"));
    bool is_disclaimed = parts_that_are(c, "disclaimer") == parts;
    bool is_modified = parts_that_are(c, "unmodified") < parts;
    if (slice_is(id, "user-entity-controls"))
        return value_count(value_path(c->model, "section3.cuecs")) > 0 ? ALWAYS : NEVER;
    if (slice_is(id, "subservice-organizations"))
        return value_count(value_path(c->model, "section3.subservice")) > 0 ? ALWAYS : NEVER;
    if (slice_is(id, "other-information"))
        return value_count(value_member(c->model, "section5")) > 0 ? ALWAYS : NEVER;
    if (slice_is(id, "responses"))
        return c->is_type_2 ? ALWAYS : MAY;
    if (slice_is(id, "evidence"))
        return is_disclaimed ? NEVER : ALWAYS;
    if (slice_is(id, "tests-of-controls"))
        return c->is_type_2 && !is_disclaimed ? ALWAYS : NEVER;
    if (slice_is(id, "other-matter"))
        return c->is_type_1 ? ALWAYS : NEVER;
    if (slice_is(id, "explanatory"))
        return value_count(value_member(opinion_of(c), "explanatory")) > 0 ? ALWAYS : MAY;
    if (slice_is(id, "basis"))
        return is_modified ? ALWAYS : NEVER;
    return ALWAYS;
}

static bool paragraph_has(const struct value *paragraph, const char *words)
{
    const struct value *text = value_member(paragraph, "text");
    for (size_t i = 0; i < value_count(text); i++)
        if (text_has(value_text(value_item(text, i)), words))
            return true;
    return false;
}

static const struct value *paragraph_of(const struct checker *c, const char *id)
{
    const struct value *list = value_path(c->model, "section1.paragraphs");
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_is(value_text_of(value_item(list, i), "id"), id))
            return value_item(list, i);
    return NULL;
}

static void check_elements(struct checker *c)
{
    const struct value *list = value_path(c->model, "section1.paragraphs");
    size_t next = 0;
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *paragraph = value_item(list, i);
        struct slice id = value_text_of(paragraph, "id");
        size_t mark = check_enter_item(c, "paragraphs", i);
        size_t at = next;
        while (at < ARRAY_LEN(elements) && !slice_is(id, elements[at].id))
            at++;
        if (at == ARRAY_LEN(elements)) {
            fault(c, "id", "\"%.*s\" is unknown, stands there twice, or comes too late",
                  SLICE_ARG(id));
        } else {
            next = at + 1;
            if (presence_of(c, id) == NEVER)
                fault(c, "id", "\"%.*s\" has no place in this report", SLICE_ARG(id));
            if (elements[at].words && !paragraph_has(paragraph, elements[at].words))
                fault(c, "text", "it does not say \"%s\"", elements[at].words);
        }
        check_words(c, paragraph, "text");
        check_leave(c, mark);
    }
    for (size_t i = 0; i < ARRAY_LEN(elements); i++)
        if (presence_of(c, slice_of(elements[i].id)) == ALWAYS && !paragraph_of(c, elements[i].id))
            fault(c, "paragraphs", "the paragraph \"%s\" is missing", elements[i].id);
}

static void check_part(struct checker *c, const struct value *part, struct slice sentence)
{
    bool is_unmodified = is_variant(part, "unmodified");
    const struct value *basis = value_member(part, "basis");
    const struct value *criteria = value_member(part, "criteria");
    if (is_unmodified && (value_count(basis) > 0 || value_count(criteria) > 0 ||
                          value_text_of(part, "cause").len > 0))
        fault(c, "variant", "an unmodified part has no basis, no cause and no criteria");
    if (!is_unmodified && value_count(basis) == 0)
        fault(c, "basis", "a modified opinion without its basis");
    if (!is_unmodified && value_text_of(part, "cause").len == 0)
        fault(c, "cause", "deficiency or scope limitation?");
    if (is_variant(part, "disclaimer") && slice_is(value_text_of(part, "cause"), "deficiency"))
        fault(c, "cause", "a disclaimer follows from evidence that cannot be had");
    if (!is_unmodified && !slice_is(value_text_of(part, "part"), "description") &&
        value_count(criteria) == 0)
        fault(c, "criteria", "a modified part names the criteria it concerns");
    check_words(c, part, "basis");

    /* The sentence printed is the one recorded. */
    static const struct {
        const char *variant, *words;
    } marks[] = { { "unmodified", "in all material respects" },
                  { "qualified", "except for" },
                  { "adverse", "because of" },
                  { "disclaimer", "no opinion" } };
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        bool is_said = text_has(sentence, marks[i].words);
        if (is_variant(part, marks[i].variant) && !is_said)
            fault(c, "variant", "the opinion's sentence does not say \"%s\"", marks[i].words);
    }
    if (is_unmodified && text_has(sentence, "except for"))
        fault(c, "variant", "an unmodified opinion whose sentence says \"except for\"");
    if (!is_variant(part, "disclaimer") && !text_has(sentence, "in all material respects"))
        fault(c, "variant", "the sentence does not say \"in all material respects\"");
}

static void check_opinion(struct checker *c)
{
    static const char *const order[] = { "description", "design", "operating" };
    const struct value *parts = value_member(opinion_of(c), "parts");
    const struct value *sentences = value_member(paragraph_of(c, "opinion"), "text");
    size_t wanted = c->is_type_2 ? 3 : 2;
    size_t mark = check_enter(c, "opinion");
    if (value_count(parts) != wanted)
        fault(c, "parts", "a type %d report has %zu", c->is_type_2 ? 2 : 1, wanted);
    if (value_count(sentences) != value_count(parts))
        fault(c, "parts", "%zu parts, but %zu sentences in the paragraph \"opinion\"",
              value_count(parts), value_count(sentences));
    for (size_t i = 0; i < value_count(parts) && i < wanted; i++) {
        const struct value *part = value_item(parts, i);
        size_t inner = check_enter_item(c, "parts", i);
        if (!slice_is(value_text_of(part, "part"), order[i]))
            fault(c, "part", "\"%s\" stands here", order[i]);
        check_part(c, part, value_text(value_item(sentences, i)));
        check_leave(c, inner);
    }
    check_words(c, opinion_of(c), "explanatory");
    check_words(c, opinion_of(c), "effect_on_commitments");
    check_leave(c, mark);
}

static void check_signature(struct checker *c)
{
    const struct value *signature = value_path(c->model, "section1.signature");
    struct slice date = value_text_of(signature, "date");
    size_t mark = check_enter(c, "signature");
    if (!slice_equal(value_text_of(signature, "firm"),
                     value_text(value_path(c->model, "service_auditor.firm"))))
        fault(c, "firm", "the firm that signs is not the service auditor named");
    if (!slice_equal(date, value_text_of(c->model, "report_date")))
        fault(c, "date", "the signature is dated otherwise than the report");
    if (!c->is_draft && value_text_of(signature, "signer").len == 0)
        fault(c, "signer", "an issued report names who signed for the firm");
    check_leave(c, mark);
}

void check_section1(struct checker *c)
{
    const struct value *section = value_member(c->model, "section1");
    if (value_count(section) == 0)
        return;
    size_t mark = check_enter(c, "section1");
    if (!text_has(value_text_of(section, "title"), "independent"))
        fault(c, "title", "it does not hold the word \"independent\"");
    check_elements(c);
    check_opinion(c);
    check_signature(c);
    check_leave(c, mark);
}

/* Management may not assert clean where the opinion is known to say otherwise; whether the partner
 * goes on with a paragraph is his to decide, so this is a warning. */
static void check_mirror(struct checker *c, const struct value *section)
{
    const struct value *parts = value_member(opinion_of(c), "parts");
    const struct value *qualifies = value_member(section, "qualifies");
    if (value_count(value_member(opinion_of(c), "explanatory")) > 0)
        return;
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_item(parts, i);
        const struct value *criteria = value_member(part, "criteria");
        if (is_variant(part, "unmodified") || is_variant(part, "disclaimer"))
            continue;
        for (size_t k = 0; k < value_count(criteria); k++) {
            struct slice id = value_text(value_item(criteria, k));
            if (!list_has(qualifies, id))
                warn(c, "qualifies",
                     "the opinion modifies %.*s, the assertion does not: add the paragraph",
                     SLICE_ARG(id));
        }
    }
}

void check_section2(struct checker *c)
{
    const struct value *section = value_member(c->model, "section2");
    const struct value *subservice = value_path(c->model, "section3.subservice");
    size_t inclusive = 0;
    if (value_count(section) == 0)
        return;
    struct slice date = value_text_of(section, "date");
    struct slice report_date = value_text_of(c->model, "report_date");
    size_t mark = check_enter(c, "section2");
    if (!c->is_draft && date.len == 0)
        fault(c, "date", "the assertion is not signed");
    if (date.len > 0 && report_date.len > 0 && slice_compare(date, report_date) > 0)
        fault(c, "date", "the assertion is later than the report");
    else if (date.len > 0 && report_date.len > 0 && !slice_equal(date, report_date))
        warn(c, "date", "assertion %.*s, report %.*s", SLICE_ARG(date), SLICE_ARG(report_date));
    for (size_t i = 0; i < value_count(subservice); i++)
        inclusive += slice_is(value_text_of(value_item(subservice, i), "method"), "inclusive");
    if (value_count(value_member(section, "others")) < inclusive)
        fault(c, "others", "an inclusive subservice organization makes its own assertion");
    check_mirror(c, section);
    check_leave(c, mark);
}
