/* Rules of single kinds that need more than one field of the document. What needs other documents
 * too is checked in references.c; what an issue needs is checked before an issue. */
#include <stdio.h>
#include <string.h>

#include "program/documents_internal.h"
#include "program/parameters.h"

/* A faulty value, told already: nothing is known of what was meant. */
static bool is_unknown(const struct value *value) { return value && value->type == VALUE_NULL; }

/* ---- PopulationType ---- */

static bool is_text_in(struct slice text, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(list->items[i]), text))
            return true;
    return false;
}

static const struct value *column_of(const struct document *type, struct slice name)
{
    const struct value *columns = value_member(type->sound, "columns");
    for (size_t i = 0; i < value_count(columns); i++)
        if (slice_equal(columns->members[i].name, name))
            return columns->members[i].value;
    return NULL;
}

/* The column that `at` names, with a finding if there is none; NULL also if it cannot be said. */
static const struct value *column_named(const struct document *type, const struct value *at,
                                        const char *field, struct findings *findings)
{
    enum { COLUMNS_MAX = 256, NAME_BYTES = 64 };
    char storage[COLUMNS_MAX][NAME_BYTES];
    const char *names[COLUMNS_MAX];
    size_t count = 0;
    char hint[128] = "";
    const struct value *columns = value_member(type->sound, "columns");
    if (is_unknown(at) || !columns || is_unknown(columns))
        return NULL;
    const struct value *column = column_of(type, value_text(at));
    if (column)
        return is_unknown(column) ? NULL : column;
    for (size_t i = 0; i < columns->count && count < COLUMNS_MAX; i++) {
        struct slice name = columns->members[i].name;
        if (name.len >= NAME_BYTES)
            continue;
        memcpy(storage[count], name.at, name.len);
        storage[count][name.len] = '\0';
        names[count] = storage[count];
        count++;
    }
    const char *near = slice_nearest(at->text, names, count);
    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    document_error(findings, type, (struct place){ at, field }, ERROR_INVALID, hint,
                   "\"%.*s\" is not one of the columns", SLICE_ARG(at->text));
    return NULL;
}

static bool is_number_type(struct slice type)
{
    return slice_is(type, "integer") || slice_starts_with(type, SLICE("decimal"));
}

/* A field that names one column, which must be of a given type (NULL: any). */
static void column_check(const struct document *type, const char *field, const char *column_type,
                         struct findings *findings)
{
    const struct value *at = value_member(type->sound, field);
    const struct value *column = at ? column_named(type, at, field, findings) : NULL;
    struct slice found = value_text_of(column, "type");
    if (!at || !column_type || found.len == 0 || slice_is(found, column_type))
        return;
    document_error(findings, type, (struct place){ at, field }, ERROR_INVALID, "",
                   "the column \"%.*s\" must be of type %s, it is %.*s", SLICE_ARG(at->text),
                   column_type, SLICE_ARG(found));
}

/* An integer, or a text that ends with a number. */
static void sequence_check(const struct document *type, struct findings *findings)
{
    const struct value *at = value_member(type->sound, "sequence");
    const struct value *column = at ? column_named(type, at, "sequence", findings) : NULL;
    struct slice found = value_text_of(column, "type");
    if (found.len > 0 && !slice_is(found, "integer") && !slice_is(found, "text"))
        document_error(findings, type, (struct place){ at, "sequence" }, ERROR_INVALID, "",
                       "the column \"%.*s\" must be of type integer or text, it is %.*s",
                       SLICE_ARG(value_text(at)), SLICE_ARG(found));
}

static void key_check(const struct document *type, struct findings *findings)
{
    const struct value *key = value_member(type->sound, "key");
    for (size_t i = 0; i < value_count(key); i++) {
        const struct value *column = column_named(type, key->items[i], "key", findings);
        struct place place = { key->items[i], "key" };
        if (value_is_true(value_member(column, "personal")))
            document_error(findings, type, place, ERROR_INVALID,
                           "use a number or token that says nothing about the person",
                           "the column \"%.*s\" is personal and cannot be part of the key",
                           SLICE_ARG(key->items[i]->text));
        if (slice_starts_with(value_text_of(column, "type"), SLICE("list")))
            document_error(findings, type, place, ERROR_INVALID, "",
                           "a list cannot be part of the key");
    }
}

/* Written out, the order names each column once. */
static void order_check(const struct document *type, struct findings *findings)
{
    const struct value *order = value_member(type->sound, "order");
    const struct value *columns = value_member(type->sound, "columns");
    bool is_known = value_count(order) > 0;
    for (size_t i = 0; i < value_count(order); i++)
        is_known &= column_named(type, order->items[i], "order", findings) != NULL;
    for (size_t i = 0; is_known && i < value_count(columns); i++)
        if (!is_text_in(columns->members[i].name, order))
            document_error(findings, type, (struct place){ order, "order" }, ERROR_INVALID,
                           "a new column goes to the end", "the column \"%.*s\" is missing",
                           SLICE_ARG(columns->members[i].name));
}

/* decimal(p,s): as many digits as the engine holds, and not more behind the point than in all. */
static void decimals_check(const struct document *type, struct findings *findings)
{
    enum { DIGITS_MAX = 38 };
    const struct value *columns = value_member(type->sound, "columns");
    for (size_t i = 0; i < value_count(columns); i++) {
        const struct value *at = value_member(columns->members[i].value, "type");
        uint64_t digits = 0, scale = 0;
        struct slice head, rest = value_text(at), behind;
        if (!slice_split(rest, '(', &head, &rest) || !slice_split(rest, ',', &head, &behind) ||
            !slice_split(behind, ')', &behind, &rest))
            continue;
        if (!slice_to_u64(head, &digits) || !slice_to_u64(slice_trim(behind), &scale) ||
            digits < 1 || digits > DIGITS_MAX || scale > digits)
            document_error(findings, type, (struct place){ at, "columns" }, ERROR_INVALID,
                           "decimal(p,s) has p from 1 to 38 and s from 0 to p",
                           "\"%.*s\" is no decimal there can be", SLICE_ARG(at->text));
    }
}

static void population_type_check(const struct document *type, struct findings *findings)
{
    const struct value *totals = value_member(type->sound, "totals");
    const struct value *observed = value_member(type->sound, "observed_at");
    const struct value *shape = value_member(type->sound, "shape");
    bool is_state = slice_is(value_text(shape), "state");
    if (slice_is(type->id, "item"))
        document_error(findings, type, (struct place){ value_member(type->sound, "id"), "id" },
                       ERROR_INVALID, "choose another", "is taken: tests call their row so");
    decimals_check(type, findings);
    order_check(type, findings);
    key_check(type, findings);
    column_check(type, "time", "timestamp", findings);
    column_check(type, "revision", NULL, findings);
    column_check(type, "until", "timestamp", findings);
    column_check(type, "observed_at", "timestamp", findings);
    sequence_check(type, findings);
    for (size_t i = 0; i < value_count(totals); i++) {
        const struct value *column = column_named(type, totals->items[i], "totals", findings);
        struct slice found = value_text_of(column, "type");
        if (found.len > 0 && !is_number_type(found))
            document_error(findings, type, (struct place){ totals->items[i], "totals" },
                           ERROR_INVALID, "", "\"%.*s\" is neither an integer nor a decimal",
                           SLICE_ARG(totals->items[i]->text));
    }
    if (is_unknown(shape) || is_unknown(observed))
        return;
    if (is_state && !observed)
        document_error(findings, type, (struct place){ shape, "shape" }, ERROR_INVALID,
                       "name the column that says when the inventory was taken",
                       "a state needs observed_at");
    if (!is_state && observed)
        document_error(findings, type, (struct place){ observed, "observed_at" }, ERROR_INVALID,
                       "shape: state makes it an inventory", "belongs to a state only");
    if (is_state && observed && is_text_in(observed->text, value_member(type->sound, "key")))
        document_error(findings, type, (struct place){ observed, "observed_at" }, ERROR_INVALID,
                       "leave it out of the key", "belongs to the key by itself");
}

/* ---- ids within a document ---- */

/* Entries of a list whose `id` comes twice. */
static void ids_check(const struct document *document, const char *list, struct findings *findings)
{
    const struct value *entries = value_path(document->sound, list);
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value *id = value_member(entries->items[i], "id");
        for (size_t j = 0; value_text(id).len > 0 && j < i; j++)
            if (slice_equal(value_text(id), value_text_of(entries->items[j], "id")))
                document_error(findings, document, (struct place){ id, list }, ERROR_INVALID, "",
                               "the id \"%.*s\" comes twice", SLICE_ARG(value_text(id)));
    }
}

/* Types, bounds and values of a test's parameters. */
static void parameters_check(const struct document *document, struct findings *findings)
{
    const struct value *parameters = value_member(document->sound, "parameters");
    ids_check(document, "parameters", findings);
    /* parameter_check() relies on the schema. */
    if (document->sound != document->tree)
        return;
    for (size_t i = 0; i < value_count(parameters); i++) {
        const struct value *parameter = value_item(parameters, i), *at;
        struct error fault = { 0 };
        char field[128];
        if (parameter_check(parameter, &at, &fault))
            continue;
        struct slice id = value_text_of(parameter, "id");
        (void)snprintf(field, sizeof field, "parameters[%zu] (%.*s)", i,
                       id.len < 64 ? (int)id.len : 64, id.at);
        document_error(findings, document, (struct place){ at, field }, ERROR_INVALID, "", "%s",
                       fault.message);
    }
}

/* What an example sets must be a parameter of the test and fit it. */
static void example_parameters_check(const struct document *document, const struct value *example,
                                     struct findings *findings)
{
    const struct value *set = value_member(example, "parameters");
    const struct value *parameters = value_member(document->sound, "parameters");
    for (size_t i = 0; i < value_count(set); i++) {
        const struct value_member *member = &set->members[i];
        const struct value *parameter = parameter_find(parameters, member->name);
        struct place place = { member->value, "examples.parameters" };
        struct error fault = { 0 };
        if (!parameter)
            document_error(findings, document, place, ERROR_INVALID, "",
                           "there is no parameter \"%.*s\"", SLICE_ARG(member->name));
        else if (!parameter_fits(parameter, member->value, &fault))
            document_error(findings, document, place, ERROR_INVALID, "", "%.*s: %s",
                           SLICE_ARG(member->name), fault.message);
    }
}

static void test_check(const struct document *document, struct findings *findings)
{
    const struct value *attributes = value_member(document->sound, "attributes");
    const struct value *examples = value_member(document->sound, "examples");
    ids_check(document, "attributes", findings);
    parameters_check(document, findings);
    for (size_t i = 0; i < value_count(examples); i++) {
        if (document->sound == document->tree)
            example_parameters_check(document, value_item(examples, i), findings);
        const struct value *expect = value_member(examples->items[i], "expect");
        for (size_t j = 0; j < value_count(expect); j++) {
            bool is_known = value_count(attributes) == 0; /* told already, as one without id */
            for (size_t k = 0; k < value_count(attributes); k++) {
                struct slice id = value_text_of(attributes->items[k], "id");
                is_known |= id.len == 0 || slice_equal(id, expect->members[j].name);
            }
            if (!is_known)
                document_error(findings, document,
                               (struct place){ expect->members[j].value, "examples.expect" },
                               ERROR_INVALID, "", "there is no attribute \"%.*s\"",
                               SLICE_ARG(expect->members[j].name));
        }
    }
}

static void engagement_check(const struct document *document, struct findings *findings)
{
    struct slice from = value_text(value_path(document->sound, "period.from"));
    const struct value *to = value_path(document->sound, "period.to");
    ids_check(document, "cuecs", findings);
    if (from.len > 0 && value_text(to).len > 0 && slice_compare(value_text(to), from) < 0)
        document_error(findings, document, (struct place){ to, "period.to" }, ERROR_INVALID, "",
                       "lies before period.from");
}

static void gap_check(const struct document *document, struct findings *findings)
{
    const struct value *to = value_member(document->sound, "to");
    struct slice from = value_text_of(document->sound, "from");
    if (from.len > 0 && value_text(to).len > 0 && slice_compare(value_text(to), from) < 0)
        document_error(findings, document, (struct place){ to, "to" }, ERROR_INVALID, "",
                       "lies before from");
}

/* ---- two people, not one ---- */

static void two_people_check(const struct document *document, const char *one, const char *other,
                             struct findings *findings)
{
    const struct value *first = value_member(document->sound, one);
    const struct value *second = value_member(document->sound, other);
    if (value_text(first).len > 0 && slice_equal(value_text(first), value_text(second)))
        document_error(findings, document, (struct place){ second, other }, ERROR_INVALID, "",
                       "%.*s cannot be %s too", SLICE_ARG(value_text(second)), one);
}

static void policy_check(const struct document *document, struct findings *findings)
{
    two_people_check(document, "author", "approver", findings);
}

static void evaluation_check(const struct document *document, struct findings *findings)
{
    two_people_check(document, "prepared_by", "reviewed_by", findings);
}

/* ---- conclusions: ids that say what they conclude on (contract: <engagement>.<catalog>.<id>) ----
 */

static struct slice after_slash(struct slice reference)
{
    struct slice head, rest;
    return slice_split(reference, '/', &head, &rest) ? rest : reference;
}

/* `subject` with its slash as a dot: tsc-2017/CC8.1 becomes tsc-2017.CC8.1. */
static void conclusion_id_check(const struct document *document, struct slice subject,
                                struct findings *findings)
{
    char expected[3 * ID_BYTES_MAX + 8], hint[sizeof expected + 16];
    struct slice engagement = after_slash(value_text_of(document->sound, "engagement"));
    int len =
        snprintf(expected, sizeof expected, "%.*s.%.*s", SLICE_ARG(engagement), SLICE_ARG(subject));
    for (int i = 0; i < len && (size_t)i < sizeof expected; i++)
        if (expected[i] == '/')
            expected[i] = '.';
    if (engagement.len == 0 || subject.len == 0 || document->id.len == 0 ||
        slice_is(document->id, expected))
        return;
    (void)snprintf(hint, sizeof hint, "write id: %s", expected);
    document_error(findings, document, (struct place){ value_member(document->sound, "id"), "id" },
                   ERROR_INVALID, hint, "is not that of what it concludes on");
}

static void control_conclusion_check(const struct document *document, struct findings *findings)
{
    two_people_check(document, "prepared_by", "reviewed_by", findings);
    conclusion_id_check(document, after_slash(value_text_of(document->sound, "control")), findings);
}

static void criterion_conclusion_check(const struct document *document, struct findings *findings)
{
    two_people_check(document, "prepared_by", "reviewed_by", findings);
    conclusion_id_check(document, value_text_of(document->sound, "criterion"), findings);
}

/* To add a rule: a function above, a line here. It looks at `sound`, in which what is missing, null
 * or of the wrong type is told already; the rule says nothing about that. */
static const struct {
    const char *kind;
    void (*check)(const struct document *document, struct findings *findings);
} rules[] = {
    { "PopulationType", population_type_check },
    { "Test", test_check },
    { "Engagement", engagement_check },
    { "GapAcceptance", gap_check },
    { "Policy", policy_check },
    { "Evaluation", evaluation_check },
    { "ControlConclusion", control_conclusion_check },
    { "CriterionConclusion", criterion_conclusion_check },
};

void document_check(const struct document *document, struct findings *findings)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (slice_is(document->kind->name, rules[i].kind))
            rules[i].check(document, findings);
}
