/* What was planted: truth.json, {TEST: {ATTRIBUTE: {fails: [KEY...], undecided: [KEY...]}}}. */
#include <string.h>

#include "series.h"

static struct value *truth;

void truth_add(struct slice line, const char *outcome, struct slice key)
{
    struct error err;
    struct slice test, attributes, attribute;
    if (!slice_split(line, ' ', &test, &attributes))
        stop(NULL, "\"%.*s\" is no test with attributes", SLICE_ARG(line));
    if (!truth && !(truth = value_new(memory, VALUE_OBJECT, &err)))
        stop_with(&err);
    while (attributes.len) {
        struct slice rest = SLICE("");
        if (!slice_split(attributes, ' ', &attribute, &rest))
            attribute = attributes;
        struct value *found =
            member_make(member_make(truth, test, VALUE_OBJECT), attribute, VALUE_OBJECT);
        struct value *keys = member_make(found, slice_of(outcome), VALUE_ARRAY);
        struct value *parsed = json_parse(memory, key, "key", NULL, &err);
        if (!parsed || !value_add(memory, keys, parsed, &err))
            stop_with(&err);
        attributes = rest;
    }
}

void truth_write(const char *folder)
{
    struct error err;
    struct strbuf out = strbuf_new((size_t)1 << 28);
    if (!truth && !(truth = value_new(memory, VALUE_OBJECT, &err)))
        stop_with(&err);
    json_pretty(truth, &out);
    write_file(folder, "truth.json", &out);
    strbuf_free(&out);
}
