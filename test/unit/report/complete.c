#include "report/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "report/text.h"

/* The tree is ours to change; value_member() lends it as const. */
struct value *own_member(struct value *object, const char *name)
{
    for (size_t i = 0; object && i < object->count; i++)
        if (slice_is(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

static bool results_add(struct arena *arena, struct value *model, struct error *err)
{
    struct value *bands = own_member(own_member(model, "section4"), "bands");
    for (size_t b = 0; b < value_count(bands); b++) {
        struct value *rows = own_member(bands->items[b], "rows");
        for (size_t r = 0; r < value_count(rows); r++) {
            struct value *tests = own_member(rows->items[r], "tests");
            for (size_t t = 0; t < value_count(tests); t++)
                if (!report_text_result(arena, tests->items[t], err))
                    return false;
        }
    }
    return true;
}

static bool assertion_add(struct arena *arena, struct value *model, const struct value *facts,
                          struct error *err)
{
    const struct value *qualifications = value_member(facts, "qualifications");
    struct value *section = value_put_object(arena, model, "section2", err);
    struct value *signatories = NULL, *person = NULL, *qualifies = NULL;
    struct value *paragraphs = report_text_assertion(arena, model, qualifications, err);
    if (!section || !paragraphs ||
        !value_put_text(arena, section, "title", SLICE("Management\xe2\x80\x99s assertion"), err) ||
        !value_put(arena, section, "paragraphs", paragraphs, err))
        return false;
    signatories = value_put_array(arena, section, "signatories", err);
    person = signatories ? value_add_object(arena, signatories, err) : NULL;
    qualifies = person ? value_put_array(arena, section, "qualifies", err) : NULL;
    if (!qualifies || !value_put_text(arena, person, "name", SLICE("Kwame Sandoval"), err) ||
        !value_put_text(arena, person, "role", SLICE("chief executive"), err) ||
        !value_put_text(arena, section, "date", value_text_of(model, "report_date"), err))
        return false;
    for (size_t i = 0; i < value_count(qualifications); i++) {
        struct slice id = value_text_of(value_item(qualifications, i), "criterion");
        if (!value_add(arena, qualifies, value_new_text(arena, id, err), err))
            return false;
    }
    return true;
}

static bool sentences_add(struct arena *arena, struct value *model, const struct value *facts,
                          struct error *err)
{
    const struct value *recorded = value_member(facts, "recorded");
    if (!report_text_titles(arena, model, err) || !report_text_section4(arena, model, err) ||
        !results_add(arena, model, err))
        return false;
    if (slice_is(value_text_of(model, "kind"), "readiness"))
        return report_text_readiness(arena, model, err);
    return report_text_restriction(arena, model, err) && assertion_add(arena, model, facts, err) &&
           report_text_section1(arena, model, recorded, err);
}

struct value *own_path(struct value *object, const char *path)
{
    struct slice rest = slice_of(path), head;
    while (object && rest.len > 0) {
        struct slice whole = rest;
        char name[64];
        uint64_t index = 0;
        if (!slice_split(whole, '.', &head, &rest)) {
            head = whole;
            rest = (struct slice){ 0 };
        }
        if (head.len >= sizeof(name))
            return NULL;
        memcpy(name, head.at, head.len);
        name[head.len] = '\0';
        if (object->type == VALUE_ARRAY)
            object =
                slice_to_u64(head, &index) && index < object->count ? object->items[index] : NULL;
        else
            object = own_member(object, name);
    }
    return object;
}

struct value *facts_complete(struct arena *arena, const char *path, struct error *err)
{
    struct slice text;
    if (!file_read(arena, path, (size_t)1 << 28, &text, err))
        return NULL;
    struct value *facts = json_parse(arena, text, path, &json_limits_default, err);
    struct value *model = own_member(facts, "model");
    return model && sentences_add(arena, model, facts, err) ? model : NULL;
}
