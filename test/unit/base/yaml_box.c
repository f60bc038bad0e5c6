/* test/unit/base/yaml_box.c */
#include "yaml_box.h"

struct reading *read_with(struct world *w, struct slice text, const struct yaml_limits *limits)
{
    struct reading *reading = arena_alloc(w->arena, sizeof *reading, &w->err);
    assert_non_null(reading);
    w->err = (struct error){ 0 };
    reading->ok = yaml_parse(w->arena, text, "x.yaml", limits, &reading->documents,
                             &reading->findings, &w->err);
    assert_int_equal(w->err.code, ERROR_NONE);
    assert_true(reading->ok == (reading->findings.errors_count == 0));
    return reading;
}

struct reading *read_yaml(struct world *w, const char *text)
{
    return read_with(w, slice_of(text), &yaml_limits_default);
}

/* All documents as one canonical JSON array; on a fault "where: message" of the first. */
const char *as_json(struct world *w, struct slice text)
{
    struct reading *reading = read_with(w, text, &yaml_limits_default);
    const char *out;
    if (reading->ok) {
        struct value all = { .type = VALUE_ARRAY,
                             .items = reading->documents.items,
                             .count = reading->documents.count };
        struct slice json;
        assert_true(json_canonical_copy(w->arena, &all, &json, &w->err));
        out = json.at;
    } else {
        const struct error *first = &reading->findings.items[0].error;
        out = arena_printf(w->arena, &w->err, "%s: %s", first->where, first->message);
    }
    findings_free(&reading->findings);
    return out;
}

void expect_faults(struct world *w, const char *text, const char *const *wheres, size_t count)
{
    struct reading *reading = read_yaml(w, text);
    for (size_t i = 0; i < reading->findings.count; i++) {
        const struct error *err = &reading->findings.items[i].error;
        if (i >= count || strcmp(err->where, wheres[i]) != 0)
            fail_msg("%zu: %s: %s", i, err->where, err->message);
        assert_int_equal(err->code, ERROR_INVALID);
        assert_true(err->message[0] != '\0');
    }
    if (reading->findings.count != count)
        fail_msg("%zu faults in: %s", reading->findings.count, text);
    findings_free(&reading->findings);
}

const char *written(struct world *w, const struct value *value)
{
    struct strbuf out = strbuf_new(64 << 20);
    yaml_write(value, &out);
    assert_true(strbuf_ok(&out, &w->err));
    char *text = arena_string(w->arena, strbuf_slice(&out), &w->err);
    assert_non_null(text);
    strbuf_free(&out);
    return text;
}

struct value *read_back(struct world *w, const char *text)
{
    struct yaml_documents documents;
    struct findings findings = { 0 };
    if (!yaml_parse(w->arena, slice_of(text), "x", &yaml_limits_default, &documents, &findings,
                    &w->err) ||
        documents.count != 1)
        fail_msg("%zu documents, %s: %s in:\n%s", documents.count,
                 findings.count ? findings.items[0].error.where : w->err.message,
                 findings.count ? findings.items[0].error.message : "", text);
    return documents.items[0];
}

void expect_round_trip(struct world *w, const struct value *value)
{
    const char *text = written(w, value);
    const struct value *back = read_back(w, text);
    if (!value_equal(value, back))
        fail_msg("another tree:\n%s", text);
    assert_string_equal(written(w, back), text);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

struct value *from_json(struct world *w, const char *json)
{
    struct value *value = json_parse(w->arena, slice_of(json), "x", NULL, &w->err);
    if (!value)
        fail_msg("%s: %s", w->err.where, w->err.message);
    return value;
}
