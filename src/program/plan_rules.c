/* Rules that hold between documents, and between a document and who writes it. */
#include <stdio.h>
#include <string.h>

#include "base/time_pattern.h"
#include "program/access.h"
#include "program/duties.h"
#include "program/planning.h"

/* A rule looks at one document of the run; false: *err. */
typedef bool rule_fn(struct planning *planning, struct known *known);

/* What a reference in a field names, as it will be; NULL if there is none (told by plan_check()).
 * Of a faulty document null stands for what is told already, and a rule says nothing about that. */
static struct value *named(struct planning *planning, struct slice name)
{
    struct known *known = known_find(planning, name);
    return known ? known_tree(planning, known) : NULL;
}

static bool is_unknown(const struct value *value) { return value && value->type == VALUE_NULL; }

static struct value *type_named(struct planning *planning, struct slice id)
{
    char name[ID_BYTES_MAX + 32];
    (void)snprintf(name, sizeof name, "population-type/%.*s", SLICE_ARG(id));
    return named(planning, slice_of(name));
}

static const struct value *member(const struct value *object, struct slice name)
{
    for (size_t i = 0; i < value_count(object); i++)
        if (slice_equal(object->members[i].name, name))
            return object->members[i].value;
    return NULL;
}

/* ---- Source: the columns it fills are those of its type ---- */

static bool column_unknown(struct planning *planning, const struct known *known,
                           const struct value *columns, const struct value *at, const char *field,
                           struct slice column)
{
    char hint[160] = "";
    const char **names =
        arena_array(planning->arena, value_count(columns) + 1, sizeof *names, planning->err);
    for (size_t i = 0; names && i < value_count(columns); i++) {
        names[i] = arena_string(planning->arena, columns->members[i].name, planning->err);
        if (!names[i])
            return false;
    }
    if (!names)
        return false;
    const char *near = slice_nearest(column, names, value_count(columns));
    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    document_error(planning->findings, known->document, (struct place){ at, field }, ERROR_INVALID,
                   hint, "the type has no column \"%.*s\"", SLICE_ARG(column));
    return true;
}

/* What the program makes itself nobody defines; the same again is what an export holds. */
static bool population_type_rule(struct planning *planning, struct known *known)
{
    const struct value *tree = known_tree(planning, known);
    const struct value *derived = value_member(tree, "derived");
    const struct value *built_in =
        catalogue_population_type(planning->catalogue, value_text_of(tree, "id"));
    if (built_in && value_equal(built_in, tree))
        return true;
    if (derived || value_member(built_in, "derived"))
        document_error(planning->findings, known->document,
                       (struct place){ derived ? derived : value_member(tree, "id"),
                                       derived ? "derived" : "id" },
                       ERROR_INVALID, "leave this document out",
                       derived ? "is for tables that the program makes itself"
                               : "is that of a table that the program makes itself");
    return planning->err->code == ERROR_NONE;
}

static void date_format_rule(struct planning *planning, const struct known *known,
                             const struct value *format)
{
    struct error fault = { 0 };
    struct slice text = value_text(format);
    if (text.len > 0 && !slice_is(text, "epoch-seconds") && !slice_is(text, "epoch-milliseconds") &&
        !time_pattern_check(text, &fault))
        document_error(planning->findings, known->document, (struct place){ format, "date_format" },
                       ERROR_INVALID, fault.hint, "%s", fault.message);
}

/* Each member of a map of the source's names a column of the type. */
static bool columns_known(struct planning *planning, struct known *known,
                          const struct value *columns, const char *field)
{
    const struct value *map = value_member(known_tree(planning, known), field);
    for (size_t i = 0; i < value_count(map); i++)
        if (!member(columns, map->members[i].name) &&
            !column_unknown(planning, known, columns, map->members[i].value, field,
                            map->members[i].name))
            return false;
    return true;
}

static bool source_rule(struct planning *planning, struct known *known)
{
    static const char *const of_columns[] = { "fields", "constants", "values", "days" };
    const struct value *tree = known_tree(planning, known);
    const struct value *fields = value_member(tree, "fields");
    const struct value *constants = value_member(tree, "constants");
    const struct value *type =
        tree ? type_named(planning, value_text_of(tree, "population")) : NULL;
    const struct value *columns = value_member(type, "columns");
    if (value_member(type, "derived")) {
        document_error(planning->findings, known->document,
                       (struct place){ value_member(tree, "population"), "population" },
                       ERROR_INVALID, "attest explain PopulationType.derived",
                       "\"%.*s\" is a table that the program makes itself: nobody imports it",
                       SLICE_ARG(value_text_of(tree, "population")));
        return true;
    }
    date_format_rule(planning, known, value_member(tree, "date_format"));
    if (value_count(columns) == 0)
        return planning->err->code == ERROR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(of_columns); i++)
        if (!columns_known(planning, known, columns, of_columns[i]))
            return false;
    if (!fields || is_unknown(fields))
        return planning->err->code == ERROR_NONE;
    for (size_t i = 0; i < columns->count; i++) {
        struct slice column = columns->members[i].name;
        bool is_required = value_is_true(value_member(columns->members[i].value, "required"));
        if (is_required && !member(fields, column) && !member(constants, column))
            document_error(planning->findings, known->document, (struct place){ fields, "fields" },
                           ERROR_INVALID, "say from which field it comes",
                           "the column \"%.*s\" is required and not filled", SLICE_ARG(column));
    }
    return true;
}

/* ---- Test: lists to reconcile with have a key of the same shape; criteria are the control's ----
 */

static bool serves(const struct planning *planning, const struct value *control,
                   struct slice criterion)
{
    const struct value *criteria = value_member(control, "criteria");
    for (size_t i = 0; i < value_count(criteria); i++) {
        struct slice one = value_text(value_item(criteria, i));
        if (slice_equal(one, criterion) ||
            catalogue_criteria_map(planning->catalogue, one, criterion))
            return true;
    }
    return false;
}

static void test_criteria_check(struct planning *planning, struct known *known,
                                const struct value *tree)
{
    const struct value *criteria = value_member(tree, "criteria");
    const struct value *control = criteria ? named(planning, value_text_of(tree, "control")) : NULL;
    for (size_t i = 0; control && i < value_count(criteria); i++) {
        const struct value *at = value_item(criteria, i);
        if (catalogue_criterion(planning->catalogue, value_text(at)) &&
            !serves(planning, control, value_text(at)))
            document_error(planning->findings, known->document, (struct place){ at, "criteria" },
                           ERROR_INVALID, "attest catalog CATALOGUE/ID shows what maps to it",
                           "%.*s neither serves %.*s nor a criterion that maps to it",
                           SLICE_ARG(value_text_of(tree, "control")), SLICE_ARG(value_text(at)));
    }
}

static bool test_rule(struct planning *planning, struct known *known)
{
    const struct value *tree = known_tree(planning, known);
    const struct value *lists = value_member(tree, "reconcile");
    const struct value *type =
        tree ? type_named(planning, value_text_of(tree, "population")) : NULL;
    test_criteria_check(planning, known, tree);
    for (size_t i = 0; type && i < value_count(lists); i++) {
        const struct value *key = value_member(lists->items[i], "key");
        const struct value *other = type_named(planning, value_text_of(lists->items[i], "with"));
        const struct value *columns = value_member(other, "columns");
        size_t wanted = value_count(value_member(type, "key"));
        if (value_count(columns) == 0)
            continue;
        if (wanted > 0 && value_count(key) > 0 && value_count(key) != wanted)
            document_error(planning->findings, known->document,
                           (struct place){ key, "reconcile.key" }, ERROR_INVALID, "",
                           "has %zu columns, the population's key has %zu", value_count(key),
                           wanted);
        for (size_t j = 0; j < value_count(key); j++)
            if (!is_unknown(key->items[j]) && !member(columns, value_text(key->items[j])) &&
                !column_unknown(planning, known, columns, key->items[j], "reconcile.key",
                                value_text(key->items[j])))
                return false;
    }
    return planning->err->code == ERROR_NONE;
}

/* ---- conclusions: one engagement throughout ---- */

/* Whether both name an engagement, and not the same. */
static bool are_apart(const struct value *one, const struct value *other)
{
    struct slice of_one = value_text_of(one, "engagement"),
                 of_other = value_text_of(other, "engagement");
    return of_one.len > 0 && of_other.len > 0 && !slice_equal(of_one, of_other);
}

static bool engagement_rule(struct planning *planning, struct known *known)
{
    static const char *const lists[] = { "evaluations", "controls", "conclusions" };
    const struct value *tree = known_tree(planning, known);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct value *list = value_member(tree, lists[i]);
        for (size_t j = 0; j < value_count(list); j++) {
            const struct value *other = named(planning, value_text(list->items[j]));
            if (!are_apart(tree, other))
                continue;
            document_error(planning->findings, known->document,
                           (struct place){ list->items[j], lists[i] }, ERROR_INVALID, "",
                           "%.*s belongs to %.*s", SLICE_ARG(value_text(list->items[j])),
                           SLICE_ARG(value_text_of(other, "engagement")));
        }
    }
    return planning->err->code == ERROR_NONE;
}

static bool opinion_rule(struct planning *planning, struct known *known)
{
    const struct value *tree = known_tree(planning, known);
    const struct value *at = value_member(tree, "assertion");
    const struct value *assertion = tree ? named(planning, value_text(at)) : NULL;
    if (are_apart(tree, assertion))
        document_error(planning->findings, known->document, (struct place){ at, "assertion" },
                       ERROR_INVALID, "", "belongs to %.*s",
                       SLICE_ARG(value_text_of(assertion, "engagement")));
    return engagement_rule(planning, known);
}

/* ---- Person: a side for life ---- */

static struct slice side_of(const struct value *person)
{
    struct slice side = value_text_of(person, "side");
    return side.len ? side : SLICE("management");
}

static bool is_administrator(const struct value *person)
{
    const struct value *roles = value_member(person, "roles");
    for (size_t i = 0; i < value_count(roles); i++)
        if (slice_is(value_text(roles->items[i]), "administrator"))
            return true;
    return false;
}

/* Whether somebody else is one, on that side; of an empty side: on any. */
static bool has_other_administrator(struct planning *planning, const struct known *known,
                                    struct slice side)
{
    for (size_t i = 0; i < planning->known_count; i++) {
        struct known *other = &planning->known[i];
        if (slice_equal(other->name, known->name) || !other->kind ||
            !slice_is(other->kind->name, "Person"))
            continue;
        const struct value *person = known_tree(planning, other);
        if (is_administrator(person) && (side.len == 0 || slice_equal(side_of(person), side)))
            return true;
    }
    return false;
}

/* Once such keys have run out, only another administrator of that side can register a new one. */
static void lock_out_check(struct planning *planning, const struct known *known,
                           const struct value *tree)
{
    const struct value *keys = value_member(tree, "keys");
    bool all_end = value_count(keys) > 0;
    for (size_t i = 0; i < value_count(keys); i++)
        all_end &= value_member(value_item(keys, i), "valid_to") != NULL;
    if (all_end && is_administrator(tree) &&
        !has_other_administrator(planning, known, side_of(tree)))
        document_warning(planning->findings, known->document, (struct place){ keys, "keys" },
                         "add a second administrator of that side, or a key without valid_to",
                         "all run out, and then nobody on the %.*s side can register another",
                         SLICE_ARG(side_of(tree)));
}

/* Whoever changes a key acts as its owner from then on: only the owner, and an administrator of the
 * same side for one whose key is lost, may (ledger.md: a person's signature is that person's). */
static bool may_change_keys(const struct planning *planning, const struct known *known,
                            const struct value *before)
{
    const struct acting *acting = planning->acting;
    return slice_equal(acting->person, known->name) ||
           (slice_is(side_of(before), acting->actor.side) && acting->document &&
            is_administrator(acting->document));
}

/* What was once said of a person binds a later one of that name too: else removing it and writing
 * it again would undo both. */
static bool person_rule(struct planning *planning, struct known *known)
{
    struct person_past past;
    const struct value *tree = known_tree(planning, known);
    if (!tree || !person_past_read(planning->store, planning->arena, known->name, planning->size,
                                   &past, planning->err))
        return false;
    const struct value *before = past.last;
    lock_out_check(planning, known, tree);
    if (!before)
        return true;
    /* Otherwise someone could conclude for the auditor and go back (soc2.md A, rule 1). */
    if (!is_unknown(value_member(tree, "side")) && !slice_equal(side_of(tree), side_of(before)))
        document_error(planning->findings, known->document,
                       (struct place){ value_member(tree, "side"), "side" }, ERROR_REFUSED,
                       "make another person for the other side",
                       "stands on the %.*s side and never changes it", SLICE_ARG(side_of(before)));
    const struct value *keys = value_member(before, "keys"), *new_keys = value_member(tree, "keys");
    bool are_equal = value_equal(keys, new_keys) || value_count(keys) + value_count(new_keys) == 0;
    if (past.had_key && !is_unknown(new_keys) && !are_equal &&
        !may_change_keys(planning, known, before))
        document_error(planning->findings, known->document, (struct place){ new_keys, "keys" },
                       ERROR_REFUSED, "act as that person, or as an administrator of the same side",
                       "has%s keys already, which %.*s may not change",
                       value_count(keys) > 0 ? "" : " had", SLICE_ARG(planning->acting->person));
    if (is_administrator(before) && !is_administrator(tree) &&
        !is_unknown(value_member(tree, "roles")) &&
        !has_other_administrator(planning, known, (struct slice){ 0 }))
        document_warning(planning->findings, known->document,
                         (struct place){ value_member(tree, "roles"), "roles" },
                         "keep roles: [administrator]", "nobody is left as administrator");
    return planning->err->code == ERROR_NONE;
}

/* ---- Control: its due days ---- */

static bool control_rule(struct planning *planning, struct known *known)
{
    const struct value *tree = known_tree(planning, known);
    const char *field;
    struct error error = { 0 };
    bool is_known = value_text_of(tree, "frequency").len > 0; /* else told by the schema */
    if (is_known && !duty_rule_check(tree, &field, &error)) {
        const struct value *at = value_path(tree, field);
        document_error(planning->findings, known->document,
                       (struct place){ at ? at : value_member(tree, "due"), field }, ERROR_INVALID,
                       error.hint, "%s", error.message);
    }
    return tree != NULL;
}

/* ---- Performance: who did it writes it ---- */

static bool performance_rule(struct planning *planning, struct known *known)
{
    const struct value *tree = known_tree(planning, known);
    struct slice by = value_text_of(tree, "performed_by");
    const struct time_options options = { 0 };
    struct error ignored = { 0 }; /* of form: the schema has told it */
    enum time_note note;
    int64_t at_us;
    if (time_parse(value_text_of(tree, "performed_at"), &options, &at_us, &note, &ignored) &&
        at_us > clock_now_us())
        document_error(planning->findings, known->document,
                       (struct place){ value_member(tree, "performed_at"), "performed_at" },
                       ERROR_INVALID, "a performance is written once it is done",
                       "has not happened yet");
    if (tree && !slice_equal(by, planning->acting->person))
        document_warning(planning->findings, known->document,
                         (struct place){ value_member(tree, "performed_by"), "performed_by" },
                         "the entry carries the writer's name and signature, not theirs",
                         "is written by %.*s, not by %.*s", SLICE_ARG(planning->acting->person),
                         SLICE_ARG(by));
    return tree != NULL;
}

/* To add a rule between documents: a function above, a line here. */
static const struct {
    const char *kind;
    rule_fn *check;
} rules[] = {
    { "Catalogue", catalogue_rule },
    { "Control", control_rule },
    { "Performance", performance_rule },
    { "PopulationType", population_type_rule },
    { "Source", source_rule },
    { "Test", test_rule },
    { "ControlConclusion", engagement_rule },
    { "CriterionConclusion", engagement_rule },
    { "Opinion", opinion_rule },
    { "Person", person_rule },
};

bool plan_rules(struct planning *planning)
{
    for (size_t i = 0; i < planning->documents->count; i++) {
        const struct document *document = &planning->documents->items[i];
        struct known known;
        if (!known_of_document(planning, document, &known))
            continue;
        for (size_t j = 0; j < ARRAY_LEN(rules); j++)
            if (slice_is(known.kind->name, rules[j].kind) && !rules[j].check(planning, &known))
                return false;
    }
    return true;
}

/* ---- who may write ---- */

static void refused(struct planning *planning, const struct known *known, const char *hint,
                    const char *message)
{
    struct error error = { 0 };
    if (known->document) {
        document_error(planning->findings, known->document, (struct place){ NULL, "" },
                       ERROR_REFUSED, hint, "%s", message);
        return;
    }
    error_set(&error, ERROR_REFUSED, NULL, "%s: %s", known->name.at, message);
    error_hint(&error, "%s", hint);
    findings_add_error(planning->findings, &error);
}

void plan_may_write(struct planning *planning, struct known *known, const struct plan_item *item)
{
    char message[320];
    struct error error = { 0 };
    const struct acting *acting = planning->acting;
    bool is_judgement = strcmp(known->kind->entry_type, "resource") != 0;
    const struct access_write write = {
        .actor = &acting->actor,
        .kind = known->kind,
        .name = known->name,
        .before = known_stored_tree(planning, known),
        .after = item->action == PLAN_REMOVE ? NULL : known_tree(planning, known),
    };
    if (item->action == PLAN_UNCHANGED || item->is_from_catalogue)
        return;
    if (!access_may_write(planning->store, planning->catalogue, planning->size, &write, &error)) {
        refused(planning, known, error.hint, error.message);
        return;
    }
    /* A judgement is its side's own: another version by the other side would replace it. */
    if (is_judgement && known->stored && !slice_is(known->stored->side, acting->actor.side)) {
        (void)snprintf(message, sizeof message,
                       "was written by the %.*s side; %.*s of the %s side may not change it",
                       SLICE_ARG(known->stored->side), SLICE_ARG(acting->person),
                       acting->actor.side);
        refused(planning, known, "give it another id", message);
    }
}
