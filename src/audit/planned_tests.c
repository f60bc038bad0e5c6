#include "audit/planned_tests.h"

#include <stdio.h>

#include "audit/due_records.h"
#include "audit/examples.h"
#include "audit/spans.h"
#include "base/json.h"

struct check {
    struct store *store;
    struct arena *arena;
    const struct plan *plan;
    struct tables tables;
    const bool *is_changed; /* of tables: by the plan */
    struct engine *engine;
    struct findings *findings;
    struct error *err;
};

/* ---- the types that there will be ---- */

static bool is_of_kind(const struct plan_item *item, const char *kind)
{
    return slice_is(item->kind->name, kind);
}

static bool is_written(const struct plan_item *item)
{
    return item->action == PLAN_CREATE || item->action == PLAN_CHANGE;
}

/* False with ERROR_NONE: a definition that is wrong itself was told by the plan. */
static bool put_type(struct check *check, const struct plan_item *item, bool *changed)
{
    struct record_type type;
    struct tables *tables = &check->tables;
    struct expression_table *scope = arena_array(check->arena, 1, sizeof *scope, check->err);
    size_t i = 0;
    if (!scope || !record_type_read(check->arena, item->document, &type, check->err) ||
        !table_scope(&type, check->arena, scope, check->err))
        return false;
    while (i < tables->count && !slice_equal(tables->items[i].type.id, type.id))
        i++;
    tables->count += i == tables->count;
    tables->items[i].type = type;
    tables->scope_tables[i] = *scope;
    changed[i] = is_written(item);
    return true;
}

static bool read_tables(struct check *check, const struct catalogue *catalogue)
{
    bool *changed;
    size_t types = 0;
    for (size_t i = 0; i < check->plan->count; i++)
        types += is_of_kind(&check->plan->items[i], "PopulationType");
    if (!tables_read(check->store, catalogue, check->arena, check->plan->size, types,
                     &check->tables, check->err))
        return false;
    changed = arena_array(check->arena, check->tables.count + types + 1, 1, check->err);
    check->is_changed = changed;
    check->tables.count = check->tables.types; /* the views follow from the types as planned */
    for (size_t i = 0; changed && i < check->plan->count; i++) {
        const struct plan_item *item = &check->plan->items[i];
        if (is_of_kind(item, "PopulationType") && item->document && item->action != PLAN_REMOVE &&
            !put_type(check, item, changed))
            return false;
    }
    return changed && spans_add_tables(&check->tables, check->arena, check->err);
}

/* ---- one expression or more ---- */

/* The expression at which the error points, so that its line can be told. */
static const struct value *place_of(const struct test_definition *test, const struct error *err)
{
    const struct value *attributes = value_member(test->document, "attributes");
    struct slice where = slice_of(err->where);
    char shown[128];
    for (size_t i = 0; i < value_count(attributes); i++) {
        const struct value *attribute = value_item(attributes, i);
        struct slice id = value_text_of(attribute, "id");
        snprintf(shown, sizeof shown, ", why of attribute %.*s", SLICE_ARG(id));
        if (slice_contains(where, slice_of(shown)))
            return value_member(attribute, "why");
        snprintf(shown, sizeof shown, ", attribute %.*s", SLICE_ARG(id));
        if (slice_contains(where, slice_of(shown)))
            return value_member(attribute, "holds");
    }
    const struct value *performed_by = value_path(test->document, "due.performed_by");
    if (slice_contains(where, SLICE(", where")))
        return value_member(performed_by ? performed_by : test->document, "where");
    return performed_by;
}

/* A fault of one test is told and leaves the others; anything else stops all. */
static bool tell(struct check *check, const struct plan_item *item,
                 const struct test_definition *test)
{
    struct error *err = check->err;
    char where[sizeof err->where];
    if (err->code != ERROR_INVALID && err->code != ERROR_NOT_FOUND)
        return false;
    const struct value *place = place_of(test, err);
    const char *named =
        slice_starts_with(slice_of(err->where), test->name) ? err->where : test->name.at;
    if (item && item->file)
        snprintf(where, sizeof where, "%.90s:%u:%u: %.60s", item->file,
                 place && place->line ? place->line : item->line,
                 place && place->line ? place->column : item->column, named);
    else
        snprintf(where, sizeof where, "%.150s", named);
    snprintf(err->where, sizeof err->where, "%s", where);
    if (item)
        findings_add_error(check->findings, err);
    else
        findings_add_warning(check->findings, err);
    *err = (struct error){ 0 };
    return true;
}

static bool check_test(struct check *check, const struct plan_item *item,
                       const struct test_definition *test)
{
    /* Any period will do: nothing is run. */
    const struct period some = { 0, US_PER_DAY };
    const struct test_values values = { .period = &some };
    struct test_definition bound;
    size_t table;
    bool *used = arena_array(check->arena, check->tables.count, sizeof *used, check->err);
    if (!used)
        return false;
    return (tables_find(&check->tables, test->population, &table, check->err) &&
            test_bind(test, &values, &check->tables, table, check->arena, check->engine, used, NULL,
                      &bound, check->err) &&
            test_compile(&bound, &check->tables, table, used, check->engine, check->err)) ||
           tell(check, item, test);
}

/* What performs a Control is found as a test's population is: by a type and a `where`. */
static bool check_control(struct check *check, const struct plan_item *item,
                          const struct test_definition *rule)
{
    const struct period some = { 0, US_PER_DAY };
    const struct test_values values = { .period = &some };
    const struct tables *tables = &check->tables;
    struct test_definition bound;
    size_t table, at;
    bool *used = arena_array(check->arena, tables->count, sizeof *used, check->err);
    if (!used)
        return false;
    return (tables_find(tables, rule->population, &table, check->err) &&
            due_records_column(&tables->items[table].type,
                               value_path(rule->document, "due.performed_by"), rule->name.at, &at,
                               check->err) &&
            test_bind(rule, &values, tables, table, check->arena, check->engine, used, NULL, &bound,
                      check->err) &&
            due_records_tables(tables, used, rule->name.at, check->err) &&
            test_compile(&bound, tables, table, used, check->engine, check->err)) ||
           tell(check, item, rule);
}

static bool is_performed_by_records(const struct value *control, struct slice name,
                                    struct test_definition *rule)
{
    const struct value *by = value_path(control, "due.performed_by");
    *rule = (struct test_definition){ .name = name,
                                      .document = control,
                                      .population = value_text_of(by, "records"),
                                      .where = value_text_of(by, "where") };
    return rule->population.len > 0;
}

/* ---- all of them ---- */

static bool is_planned(const struct plan *plan, struct slice name)
{
    for (size_t i = 0; i < plan->count; i++)
        if (slice_equal(plan->items[i].name, name) && plan->items[i].action != PLAN_UNCHANGED)
            return true;
    return false;
}

static bool names_changed(const struct check *check, struct slice document)
{
    for (size_t i = 0; i < check->tables.types; i++)
        if (check->is_changed[i] && slice_contains(document, check->tables.items[i].type.id))
            return true;
    return false;
}

static bool check_stored_one(struct check *check, const struct resource_version *version)
{
    struct test_definition test;
    if (slice_is(version->kind, "Test"))
        return test_definition_read(check->arena, version, &test, check->err) &&
               check_test(check, NULL, &test);
    const struct value *control =
        json_parse(check->arena, version->document, version->name.at, NULL, check->err);
    return control && (!is_performed_by_records(control, version->name, &test) ||
                       check_control(check, NULL, &test));
}

static bool check_stored(struct check *check, const char *kind)
{
    struct resource_list all;
    if (!resource_list(check->store, check->arena, slice_of(kind), check->plan->size, &all,
                       check->err))
        return false;
    for (size_t i = 0; i < all.count; i++)
        if (!is_planned(check->plan, all.items[i].name) &&
            names_changed(check, all.items[i].document) && !check_stored_one(check, &all.items[i]))
            return false;
    return true;
}

static bool check_planned(struct check *check)
{
    for (size_t i = 0; i < check->plan->count; i++) {
        const struct plan_item *item = &check->plan->items[i];
        struct test_definition test = { .name = item->name };
        if (is_of_kind(item, "Control") && is_written(item) &&
            is_performed_by_records(item->document, item->name, &test) &&
            !check_control(check, item, &test))
            return false;
        if (!is_of_kind(item, "Test") || !is_written(item))
            continue;
        bool is_read =
            test_definition_from(check->arena, item->name, item->document, &test, check->err);
        if (is_read ? !check_test(check, item, &test) : !tell(check, item, &test))
            return false;
    }
    return true;
}

/* Most plans touch neither expressions nor types: they need no engine. */
static bool is_needed(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (is_written(&plan->items[i]) &&
            (is_of_kind(&plan->items[i], "Test") || is_of_kind(&plan->items[i], "PopulationType") ||
             value_path(plan->items[i].document, "due.performed_by")))
            return true;
    return false;
}

bool planned_tests_check(struct store *store, const struct catalogue *catalogue,
                         struct arena *arena, const struct plan *plan, struct findings *findings,
                         struct error *err)
{
    struct engine_options options = { .memory_bytes_max = 256 << 20, .threads = 1 };
    struct check check = {
        .store = store, .arena = arena, .plan = plan, .findings = findings, .err = err
    };
    size_t before = findings->errors_count;
    if (!is_needed(plan))
        return true;
    if (!read_tables(&check, catalogue))
        return false;
    check.engine = engine_open(&options, err);
    bool ok = check.engine && engine_lock(check.engine, err) && check_planned(&check) &&
              check_stored(&check, "Test") && check_stored(&check, "Control");
    engine_close(check.engine);
    return ok && findings->errors_count == before;
}
