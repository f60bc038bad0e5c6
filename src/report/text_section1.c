/* The paragraphs of the service auditor's report, in our own words. Domain rules C.2. */
#include "report/text.h"
#include "report/text_opinion.h"
#include "report/writer.h"

/* The principal service commitments and system requirements, short after their first mention. */
static void say_commitments(struct writer *w)
{
    say(w, "the principal service commitments and system requirements of ");
    say_fact(w, "organization.name");
}

static void scope(struct writer *w, struct value *paragraphs)
{
    struct value *text = begin_paragraph(w, paragraphs, "scope", "Scope");
    bool is_type_2 = model_is(w->model, "type-2");
    say(w, is_type_2 ? "We examined three things about the " : "We examined two things about the ");
    say_fact(w, "system.name");
    say(w, " of ");
    say_fact(w, "organization.name");
    say(w, ": the description of the system in section 3, titled \xe2\x80\x9c");
    say_fact(w, "section3.title");
    say(w, is_type_2 ? "\xe2\x80\x9d, which covers the period from " : "\xe2\x80\x9d, ");
    if (is_type_2)
        say_period(w, value_member(w->model, "period"));
    else
        say_when(w);
    say(w, "; and whether the controls stated in it were suitably designed");
    say(w, is_type_2 ? ", and operated effectively, throughout that period." : " as of that date.");
    end_text(w, text);

    say(w, "We measured the description against the description criteria (");
    say_fact(w, "section3.criteria");
    say(w, "). We measured the controls against the trust services criteria for ");
    say_categories(w);
    say(w, " (");
    say_fact(w, "catalog.title");
    say(w, "): do they give reasonable assurance that ");
    say_commitments(w);
    say(w, " are achieved?");
    end_text(w, text);
}

static void user_entities(struct writer *w, struct value *paragraphs)
{
    if (value_count(value_path(w->model, "section3.cuecs")) == 0)
        return;
    struct value *text = begin_paragraph(w, paragraphs, "user-entity-controls", NULL);
    say(w, "The description names complementary user entity controls, which the customers of the "
           "service operate themselves. Without them the controls of ");
    say_fact(w, "organization.name");
    say(w, " alone do not achieve its commitments and requirements; the description takes their "
           "suitable design and their operation for granted. We examined no control at any user "
           "entity, neither its design nor its operation.");
    end_text(w, text);
}

static void one_subservice(struct writer *w, struct value *text, const struct value *item)
{
    struct slice name = value_text_of(item, "name");
    say_fact(w, "organization.name");
    say(w, " uses ");
    say_name(w, name);
    say(w, " for ");
    say_name(w, value_text_of(item, "function"));
    if (slice_is(value_text_of(item, "method"), "inclusive")) {
        say(w, ". The description includes the controls of ");
        say_name(w, name);
        say(w, " (inclusive method). They belong to what we examined, and ");
        say_name(w, name);
        say(w, " has made its own assertion.");
        end_text(w, text);
        return;
    }
    say(w, ". The description leaves out the controls of ");
    say_name(w, name);
    say(w, " (carve-out method)");
    if (value_count(value_member(item, "csocs")) > 0) {
        say(w, " and states the complementary subservice organization controls it assumes there: "
               "suitably designed, and operating, so that together with the controls of ");
        say_fact(w, "organization.name");
        say(w, " its commitments and requirements are achieved");
    }
    say(w, ". We did not examine the controls of ");
    say_name(w, name);
    say(w, ", neither their design nor their operation.");
    end_text(w, text);
}

static void subservice(struct writer *w, struct value *paragraphs)
{
    const struct value *list = value_path(w->model, "section3.subservice");
    if (value_count(list) == 0)
        return;
    struct value *text = begin_paragraph(w, paragraphs, "subservice-organizations", NULL);
    for (size_t i = 0; i < value_count(list); i++)
        one_subservice(w, text, value_item(list, i));
}

static void not_examined(struct writer *w, struct value *paragraphs)
{
    struct value *text;
    if (value_count(value_member(w->model, "section5")) > 0) {
        text = begin_paragraph(w, paragraphs, "other-information", NULL);
        say(w, "Section 5 comes from management and is no part of the description. We did not "
               "examine it and express no opinion on it.");
        end_text(w, text);
    }
    if (!model_is(w->model, "type-2"))
        return;
    text = begin_paragraph(w, paragraphs, "responses", NULL);
    say(w,
        "Where management answers an exception, in section 4 or anywhere else in this report, the "
        "answer is management\xe2\x80\x99s own. We did not examine these answers and express no "
        "opinion on them.");
    end_text(w, text);
}

static void organization(struct writer *w, struct value *paragraphs)
{
    struct value *text = begin_paragraph(w, paragraphs, "organization-responsibilities",
                                         "Responsibilities of the service organization");
    say(w, "Management of ");
    say_fact(w, "organization.name");
    say(w,
        " answers for its service commitments and system requirements, and for designing, "
        "putting in place and operating controls that give reasonable assurance of achieving "
        "them. It wrote the description and the assertion in section 2 and answers for both: that "
        "they are complete and accurate, and how they are presented. It provides the services "
        "described, selected the criteria that apply, stated the controls that serve them, and "
        "identified the risks that threaten its commitments and requirements.");
    end_text(w, text);
}

static void auditor(struct writer *w, struct value *paragraphs, const struct value *opinion)
{
    struct value *text = begin_paragraph(w, paragraphs, "auditor-responsibilities",
                                         "Responsibilities of the service auditor");
    bool is_type_2 = model_is(w->model, "type-2");
    const char *operation = is_type_2 ? " and operated effectively" : "";
    if (opinion_is_disclaimed(opinion)) {
        say(w, "Our task is to carry out the examination under the attestation standards of the "
               "American Institute of Certified Public Accountants (AT-C sections 105 and 205) and "
               "to report. For the reasons given under the basis below we could not obtain enough "
               "appropriate evidence to give an opinion.");
        end_text(w, text);
    } else {
        say(w,
            "Our task is to give an opinion on the description and on the controls, on the basis "
            "of our examination. We carried it out under the attestation standards of the "
            "American Institute of Certified Public Accountants (AT-C sections 105 and 205). They "
            "ask us to plan and to work so that we obtain reasonable assurance whether, in all "
            "material respects, the description accords with the description criteria and the "
            "controls were suitably designed");
        say(w, operation);
        say(w, ". Reasonable assurance is a high level of assurance, not certainty.");
        end_text(w, text);
    }
    say(w, "We are independent of ");
    say_fact(w, "organization.name");
    say(w, " and have met the other ethical requirements that apply to this engagement.");
    end_text(w, text);
    if (opinion_is_disclaimed(opinion))
        return;
    say(w, "Our procedures included: coming to understand the system and the commitments and "
           "requirements; assessing the risks that the description does not accord with its "
           "criteria or that controls were not suitably designed");
    say(w, is_type_2 ? " or did not operate effectively" : "");
    say(w, "; obtaining evidence about the description and the design of the controls; ");
    if (is_type_2)
        say(w, "testing whether the controls operated effectively; ");
    say(w, "and evaluating the presentation of the description as a whole. Which procedures we "
           "chose rests on our judgement, including our assessment of those risks.");
    end_text(w, text);

    text = begin_paragraph(w, paragraphs, "evidence", NULL);
    say(w, "In our judgement the evidence we obtained is sufficient and appropriate to provide a "
           "basis for our opinion.");
    end_text(w, text);
}

static void limits_and_tests(struct writer *w, struct value *paragraphs,
                             const struct value *opinion)
{
    bool is_type_2 = model_is(w->model, "type-2");
    struct value *text =
        begin_paragraph(w, paragraphs, "inherent-limitations", "Inherent limitations");
    say(w,
        "The description is written for many readers; it cannot hold everything that one of them "
        "may find important. Controls depend on people and can fail through error, "
        "misunderstanding or deliberate evasion, so they cannot prevent, or detect and correct, "
        "every failure to meet a commitment. What we found holds for the ");
    say(w, is_type_2 ? "period" : "date");
    say(w,
        " examined. Carrying it into the future is risky: the system may change, and controls may "
        "become inadequate or no longer be followed.");
    end_text(w, text);
    if (is_type_2 && !opinion_is_disclaimed(opinion)) {
        text = begin_paragraph(w, paragraphs, "tests-of-controls", "Tests of controls");
        say(w, "Section 4 lists the controls we tested, and the nature, timing and results of the "
               "tests.");
        end_text(w, text);
    }
    if (!is_type_2) {
        text = begin_paragraph(w, paragraphs, "other-matter", "Other matter");
        say(w, "We did not examine whether the controls operated effectively, and we express no "
               "opinion on that.");
        end_text(w, text);
    }
}

static void restricted_use(struct writer *w, struct value *paragraphs)
{
    const struct value *parties = value_member(w->model, "specified_parties");
    struct value *text = begin_paragraph(w, paragraphs, "restricted-use", "Restricted use");
    say(w, "This report");
    say(w, model_is(w->model, "type-2") ? ", including the tests and results in section 4, is "
                                        : " is ");
    say(w, "intended solely for the information and use of ");
    say_fact(w, "organization.name");
    say(w, " and of these specified parties: ");
    if (value_count(parties) > 0)
        say_list(w, parties, false);
    else
        say(w, "user entities of the system, business partners exposed to risks from it, "
               "prospective user entities and business partners, practitioners who serve any of "
               "them, and regulators");
    say(w, ".");
    end_text(w, text);
    say(w,
        "Specified parties are those who know enough to understand it: the service provided; how "
        "the system interacts with user entities, subservice organizations and others; internal "
        "control and its limitations; the complementary controls and how they work together with "
        "those of ");
    say_fact(w, "organization.name");
    say(w,
        "; the applicable criteria; and the risks that threaten the commitments and requirements "
        "and how controls address them. It is not intended to be used by anyone else, and nobody "
        "else should use it.");
    end_text(w, text);
}

/* "To the management of ..." unless the engagement's terms name someone else. */
static struct value *addressee(struct writer *w, const struct value *recorded)
{
    struct slice named = value_text_of(recorded, "addressee");
    if (named.len > 0) {
        say_slice(w, named);
    } else {
        say(w, "To the management of ");
        say_fact(w, "organization.name");
    }
    return take_text(w);
}

bool report_text_section1(struct arena *arena, struct value *model, const struct value *recorded,
                          struct error *err)
{
    struct writer w = writer_new(arena, model, err);
    const struct value *opinion = value_member(recorded, "opinion");
    const struct value *signature = value_member(recorded, "signature");
    struct value *section = value_put_object(arena, model, "section1", err);
    if (!opinion || !signature) {
        error_set(err, ERROR_INVALID, "section1", "no opinion or no signature is recorded");
        w.failed = true;
    }
    say(&w, "Report of the independent service auditor");
    add_value(&w, section, "title", take_text(&w));
    add_value(&w, section, "addressee", addressee(&w, recorded));
    struct value *paragraphs = add_list(&w, section, "paragraphs");
    scope(&w, paragraphs);
    user_entities(&w, paragraphs);
    subservice(&w, paragraphs);
    not_examined(&w, paragraphs);
    organization(&w, paragraphs);
    auditor(&w, paragraphs, opinion);
    limits_and_tests(&w, paragraphs, opinion);
    opinion_paragraphs(&w, paragraphs, opinion);
    restricted_use(&w, paragraphs);
    if (!w.failed) {
        add_value(&w, section, "opinion", value_copy(arena, opinion, err));
        add_value(&w, section, "signature", value_copy(arena, signature, err));
    }
    return writer_end(&w);
}
