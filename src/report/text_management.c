/* Titles and restriction, management's assertion, the statement of a readiness report, and the way
 * section 4 is to be read. */
#include "report/text.h"
#include "report/writer.h"

bool report_text_titles(struct arena *arena, struct value *model, struct error *err)
{
    struct writer w = writer_new(arena, model, err);
    bool is_type_1 = model_is(model, "type-1");
    bool is_readiness = model_is(model, "readiness");
    say(&w, is_readiness ? "Readiness report"
            : is_type_1  ? "SOC 2 Type 1 report"
                         : "SOC 2 Type 2 report");
    add_value(&w, model, "title", take_text(&w));
    say_fact(&w, "system.name");
    say(&w, " of ");
    say_fact(&w, "organization.name");
    if (is_readiness)
        say(&w, ": how ready the description and the controls are for an examination of ");
    else if (is_type_1)
        say(&w, ": description of the system and suitability of the design of the controls, for ");
    else
        say(&w, ": description of the system, suitability of the design and operating "
                "effectiveness of the controls, for ");
    say_categories(&w);
    add_value(&w, model, "subtitle", take_text(&w));
    return writer_end(&w);
}

bool report_text_restriction(struct arena *arena, struct value *model, struct error *err)
{
    struct writer w = writer_new(arena, model, err);
    struct value *list = add_list(&w, model, "restriction");
    say(&w, "Solely for the information and use of ");
    say_fact(&w, "organization.name");
    say(&w,
        " and of the specified parties that the service auditor\xe2\x80\x99s report names. It is "
        "not intended for anyone else, and may not be passed on to anyone else.");
    end_text(&w, list);
    return writer_end(&w);
}

/* What management does not assert, in its own words: it may not assert clean where it knows
 * otherwise (domain rules C.3). */
static void qualified_list(struct writer *w, struct value *text, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        struct slice criterion = value_text_of(item, "criterion");
        struct slice catalog, local;
        say(w, "We do not assert this for ");
        if (slice_is(value_text_of(item, "part"), "description"))
            say(w, "the description");
        else if (slice_is(value_text_of(item, "part"), "design"))
            say(w, "the design of the controls");
        else
            say(w, "the operation of the controls");
        if (criterion.len > 0) {
            say(w, " under criterion ");
            say_slice(w, slice_split(criterion, '/', &catalog, &local) ? local : criterion);
        }
        say(w, ": ");
        say_name(w, value_text_of(item, "text"));
        end_text(w, text);
    }
}

struct value *report_text_assertion(struct arena *arena, const struct value *model,
                                    const struct value *qualifications, struct error *err)
{
    struct writer w = writer_new(arena, model, err);
    struct value *list = value_new(arena, VALUE_ARRAY, err);
    bool is_type_2 = model_is(model, "type-2");
    bool has_cuecs = value_count(value_path(model, "section3.cuecs")) > 0;
    if (!list)
        w.failed = true;
    struct value *text = begin_paragraph(&w, list, "basis-of-assertion", NULL);
    say(&w, "We, the management of ");
    say_fact(&w, "organization.name");
    say(&w, ", wrote the description in section 3, titled \xe2\x80\x9c");
    say_fact(&w, "section3.title");
    say(&w, "\xe2\x80\x9d, to tell readers about the ");
    say_fact(&w, "system.name");
    say(&w, ", and about the controls that serve our principal service commitments and system "
            "requirements for ");
    say_categories(&w);
    say(&w, ". We measured it against the description criteria (");
    say_fact(&w, "section3.criteria");
    say(&w, ") and the controls against the trust services criteria (");
    say_fact(&w, "catalog.title");
    say(&w, "), and have a reasonable basis for what we assert.");
    end_text(&w, text);

    text = begin_paragraph(&w, list, "assertion", "What we assert");
    say(&w, "(a) The description presents the system as it was designed and implemented ");
    say_when(&w);
    say(&w, ", in accordance with the description criteria.");
    end_text(&w, text);
    say(&w, "(b) The controls stated in it were suitably designed ");
    say_when(&w);
    say(&w, ": if they operated effectively");
    say(&w, has_cuecs ? ", and user entities operated the complementary controls assumed, " : ", ");
    say(&w, "they gave reasonable assurance that our principal service commitments and system "
            "requirements would be achieved.");
    end_text(&w, text);
    if (is_type_2) {
        say(&w, "(c) Those controls operated effectively ");
        say_when(&w);
        say(&w, " to give that assurance.");
        end_text(&w, text);
    }
    if (value_count(qualifications) > 0) {
        text = begin_paragraph(&w, list, "not-asserted", "What we do not assert");
        qualified_list(&w, text, qualifications);
    }
    return writer_end(&w) ? list : NULL;
}

bool report_text_readiness(struct arena *arena, struct value *model, struct error *err)
{
    struct writer w = writer_new(arena, model, err);
    struct value *statement = value_put_object(arena, model, "statement", err);
    say(&w, "What this report is");
    add_value(&w, statement, "title", take_text(&w));
    struct value *list = add_list(&w, statement, "paragraphs");
    struct value *text = begin_paragraph(&w, list, "prepared-by", NULL);
    say(&w, "Prepared by management, not examined by an independent service auditor.");
    end_text(&w, text);
    say(&w, "The management of ");
    say_fact(&w, "organization.name");
    say(&w, " made this report for its own use, to see how far the ");
    say_fact(&w, "system.name");
    say(&w,
        " is ready for an examination. It contains no opinion and gives no assurance to anyone. "
        "It must not be shown, cited or relied on as the report of a service auditor.");
    end_text(&w, text);
    text = begin_paragraph(&w, list, "what-it-shows", "What it shows");
    say(&w, "Management measured its controls against the trust services criteria for ");
    say_categories(&w);
    say(&w, " (");
    say_fact(&w, "catalog.title");
    say(&w, ") ");
    say_when(&w);
    say(&w,
        ". The tests are management\xe2\x80\x99s own monitoring. An independent service auditor "
        "would choose, run and evaluate tests anew.");
    end_text(&w, text);
    return writer_end(&w);
}

bool report_text_section4(struct arena *arena, struct value *model, struct error *err)
{
    struct writer w = writer_new(arena, model, err);
    const struct value *section = value_member(model, "section4");
    /* The caller's tree: found by name, changed in place. */
    struct value *own = NULL;
    for (size_t i = 0; i < model->count; i++)
        if (slice_is(model->members[i].name, "section4"))
            own = model->members[i].value;
    if (!section || !own) {
        error_set(err, ERROR_INVALID, "section4", "there is no section 4 yet");
        w.failed = true;
    }
    struct value *list = add_list(&w, own, "paragraphs");
    say(&w,
        "Each table belongs to one criterion, which stands above it, and lists the controls that "
        "serve it. ");
    if (model_is(model, "type-1")) {
        say(&w, "Whether the controls operated was not examined, so there are no tests and no "
                "results.");
        end_text(&w, list);
        return writer_end(&w);
    }
    say(&w,
        "A control that serves several criteria is set out once, with its tests; the other tables "
        "point to that place.");
    end_text(&w, list);
    say(&w,
        "Inquired: people were asked. Observed: the control was watched while it was carried out. "
        "Inspected: documents, records or settings were examined. Reperformed: the control was "
        "carried out again independently.");
    end_text(&w, list);
    say(&w, "Every test names its version, the population it ran over with the number of items and "
            "the digest of their list, and the run that gave the result. An item counts as an "
            "exception if an attribute fails or cannot be decided for lack of evidence, and the "
            "evaluation found it to be a deviation.");
    end_text(&w, list);
    return writer_end(&w);
}
