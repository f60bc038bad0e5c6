/* The opinion, part by part and variant by variant. Domain rules C.3. */
#include "report/text_opinion.h"

#include "report/text.h"

struct part {
    const char *id, *letter;
    const char *subject; /* "an opinion on ..." */
};
static const struct part parts[] = {
    { "description", "(a) ", "the description" },
    { "design", "(b) ", "the suitability of the design of the controls" },
    { "operating", "(c) ", "the operating effectiveness of the controls" },
};

static const struct part *part_of(const struct value *item)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (slice_is(value_text_of(item, "part"), parts[i].id))
            return &parts[i];
    return NULL;
}

static bool is_variant(const struct value *item, const char *variant)
{
    return slice_is(value_text_of(item, "variant"), variant);
}

static bool every_part_is(const struct value *opinion, const char *variant)
{
    const struct value *list = value_member(opinion, "parts");
    for (size_t i = 0; i < value_count(list); i++)
        if (!is_variant(value_item(list, i), variant))
            return false;
    return value_count(list) > 0;
}

bool opinion_is_disclaimed(const struct value *opinion)
{
    return every_part_is(opinion, "disclaimer");
}

bool opinion_is_modified(const struct value *opinion)
{
    const struct value *list = value_member(opinion, "parts");
    for (size_t i = 0; i < value_count(list); i++)
        if (!is_variant(value_item(list, i), "unmodified"))
            return true;
    return false;
}

/* The heading names the modification if all modified parts have the same. */
static const char *heading_of(const struct value *opinion, bool is_basis)
{
    static const struct {
        const char *variant, *heading, *basis;
    } headings[] = {
        { "qualified", "Qualified opinion", "Basis for the qualified opinion" },
        { "adverse", "Adverse opinion", "Basis for the adverse opinion" },
        { "disclaimer", "Disclaimer of opinion", "Basis for the disclaimer of opinion" },
    };
    const struct value *list = value_member(opinion, "parts");
    const char *found = NULL;
    for (size_t h = 0; h < ARRAY_LEN(headings); h++) {
        for (size_t i = 0; i < value_count(list); i++) {
            if (!is_variant(value_item(list, i), headings[h].variant))
                continue;
            const char *heading = is_basis ? headings[h].basis : headings[h].heading;
            if (found && found != heading)
                return is_basis ? "Basis for the modified opinion" : "Modified opinion";
            found = heading;
        }
    }
    return found ? found : "Opinion";
}

static void texts(struct writer *w, struct value *into, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        say_slice(w, value_text(value_item(list, i)));
        end_text(w, into);
    }
}

static void explanatory(struct writer *w, struct value *paragraphs, const struct value *opinion)
{
    const struct value *own = value_member(opinion, "explanatory");
    const struct value *effect = value_member(opinion, "effect_on_commitments");
    bool has_effect = value_count(effect) > 0 && !opinion_is_modified(opinion);
    if (value_count(own) == 0 && !has_effect)
        return;
    struct value *text =
        begin_paragraph(w, paragraphs, "explanatory", "Explanation by the service auditor");
    texts(w, text, own);
    if (has_effect)
        texts(w, text, effect);
}

static void say_criteria(struct writer *w, const struct value *part)
{
    const struct value *criteria = value_member(part, "criteria");
    if (value_count(criteria) == 0)
        return;
    say(w, value_count(criteria) == 1 ? " that concerns criterion " : " that concerns criteria ");
    say_list(w, criteria, true);
}

static void basis(struct writer *w, struct value *paragraphs, const struct value *opinion)
{
    const struct value *list = value_member(opinion, "parts");
    if (!opinion_is_modified(opinion))
        return;
    struct value *text = begin_paragraph(w, paragraphs, "basis", heading_of(opinion, true));
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        const struct part *part = part_of(item);
        if (!part || is_variant(item, "unmodified"))
            continue;
        const struct value *criteria = value_member(item, "criteria");
        say(w, "For part ");
        say(w, part->letter);
        say(w, "of our opinion, ");
        say(w, part->subject);
        if (value_count(criteria) > 0) {
            say(w, value_count(criteria) == 1 ? ", and criterion " : ", and criteria ");
            say_list(w, criteria, true);
        }
        say(w, slice_is(value_text_of(item, "cause"), "scope-limitation")
                   ? ", evidence could not be had:"
                   : ":");
        end_text(w, text);
        texts(w, text, value_member(item, "basis"));
    }
    texts(w, text, value_member(opinion, "effect_on_commitments"));
}

/* The parties whose controls the opinion takes for granted. */
static void say_complement(struct writer *w, const char *joint)
{
    const struct value *subservice = value_path(w->model, "section3.subservice");
    bool has_cuecs = value_count(value_path(w->model, "section3.cuecs")) > 0;
    bool has_csocs = false;
    for (size_t i = 0; i < value_count(subservice); i++)
        has_csocs = has_csocs || value_count(value_member(value_item(subservice, i), "csocs")) > 0;
    if (!has_cuecs && !has_csocs)
        return;
    say(w, joint);
    say(w, "the complementary ");
    say(w, has_cuecs && has_csocs ? "user entity controls and subservice organization controls"
           : has_cuecs            ? "user entity controls"
                                  : "subservice organization controls");
    say(w, " assumed in the design operated effectively");
    say(w, model_is(w->model, "type-2") ? " throughout that period" : " at that date");
}

static void say_description(struct writer *w, bool is_negative, const char *respects)
{
    say(w, is_negative ? "the description does not present, " : "the description presents, ");
    say(w, respects);
    say(w, "the ");
    say_fact(w, "system.name");
    say(w, " as it was designed and implemented ");
    say_when(w);
    say(w, ", in accordance with the description criteria.");
}

static void say_design(struct writer *w, bool is_negative, const char *respects)
{
    say(w, is_negative ? "the controls stated in the description were not, "
                       : "the controls stated in the description were, ");
    say(w, respects);
    say(w, "suitably designed ");
    say_when(w);
    say(w, " to give reasonable assurance that the principal service commitments and system "
           "requirements of ");
    say_fact(w, "organization.name");
    say(w, " would be achieved on the basis of the applicable trust services criteria, if the "
           "controls operated effectively");
    say_complement(w, " and if ");
    say(w, ".");
}

static void say_operating(struct writer *w, bool is_negative, const char *respects)
{
    say(w, is_negative ? "the controls stated in the description did not operate effectively, "
                       : "the controls stated in the description operated effectively, ");
    say(w, respects);
    say_when(w);
    say(w, ", to give reasonable assurance that the principal service commitments and system "
           "requirements of ");
    say_fact(w, "organization.name");
    say(w, " were achieved on the basis of the applicable trust services criteria");
    say_complement(w, ", if ");
    say(w, ".");
}

static void one_part(struct writer *w, struct value *text, const struct value *item)
{
    static void (*const subjects[])(struct writer *, bool,
                                    const char *) = { say_description, say_design, say_operating };
    const struct part *part = part_of(item);
    if (!part)
        return;
    say(w, part->letter);
    if (is_variant(item, "disclaimer")) {
        say(w, "Because of the matter set out above");
        say_criteria(w, item);
        say(w,
            ", we could not obtain sufficient appropriate evidence as a basis for an opinion on ");
        say(w, part->subject);
        say(w, ". We therefore express no opinion on it.");
        end_text(w, text);
        return;
    }
    say(w, "In our opinion, ");
    if (is_variant(item, "qualified"))
        say(w, "except for the matter set out above");
    if (is_variant(item, "adverse"))
        say(w, "because of the matter set out above");
    if (!is_variant(item, "unmodified")) {
        say_criteria(w, item);
        say(w, ", ");
    }
    subjects[part - parts](w, is_variant(item, "adverse"), "in all material respects, ");
    end_text(w, text);
}

void opinion_paragraphs(struct writer *w, struct value *paragraphs, const struct value *opinion)
{
    const struct value *list = value_member(opinion, "parts");
    explanatory(w, paragraphs, opinion);
    basis(w, paragraphs, opinion);
    struct value *text = begin_paragraph(w, paragraphs, "opinion", heading_of(opinion, false));
    for (size_t i = 0; i < value_count(list); i++)
        one_part(w, text, value_item(list, i));
}
