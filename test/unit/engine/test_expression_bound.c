/* Which sub-queries are bound to the item's key by equality. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "engine/engine.h"
#include "engine/expression.h"

#define S(text)                                                                                    \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
static const struct slice item_columns[] = { S("system"), S("number"), S("who") };
static const struct slice mark_columns[] = { S("id"), S("system"), S("number"), S("actor") };
static const struct slice login_columns[] = { S("mark"), S("at") };
static const struct expression_table tables[] = {
    { S("parts"), item_columns, 3, item_columns, 2 },
    { S("marks"), mark_columns, 4, mark_columns, 1 },
    { S("logins"), login_columns, 2, login_columns, 1 },
};

/* "marks system number" for each table that is named: the columns that equal the parts of the key,
 * "-" for none. */
static void assert_bound(const char *text, const char *expected)
{
    struct error err = { 0 };
    struct engine *engine = engine_open(&(struct engine_options){ .threads = 1 }, &err);
    struct arena *arena = arena_new(64 << 20, &err);
    struct expression_bound bounds[ARRAY_LEN(tables)] = { 0 };
    bool used[ARRAY_LEN(tables)] = { false };
    char found[256] = "";
    size_t len = 0;
    struct expression_scope scope = { .tables = tables,
                                      .count = ARRAY_LEN(tables),
                                      .bounds = bounds };
    assert_true(engine && arena);
    if (!expression_check(engine, arena, slice_of(text), &scope, "test/T", used, NULL, &err))
        fail_msg("%s: %s", text, err.message);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        if (!bounds[i].is_named)
            continue;
        len += (size_t)snprintf(found + len, sizeof found - len, "%s%s", len ? "; " : "",
                                tables[i].name.at);
        for (size_t part = 0; part < 2; part++) {
            struct slice column = bounds[i].columns[part];
            len += (size_t)snprintf(found + len, sizeof found - len, " %.*s",
                                    SLICE_ARG(column.len ? column : SLICE("-")));
        }
        if (bounds[i].keeps_null)
            len += (size_t)snprintf(found + len, sizeof found - len, " null");
    }
    if (!slice_is(slice_of(found), expected))
        fail_msg("%s\n  gives \"%s\", not \"%s\"", text, found, expected);
    arena_free(arena);
    engine_close(engine);
}

static void equality_in_where_binds(void **state)
{
    (void)state;
    assert_bound("who is not null", "");
    assert_bound("exists (select 1 from marks m where m.system = item.system)", "marks system -");
    assert_bound("exists (select 1 from marks m where item.number = m.number and m.system = "
                 "item.system and m.actor <> item.who)",
                 "marks system number");
    assert_bound("exists (select 1 from marks where actor = item.system)", "marks actor -");
    assert_bound("(select count(*) from marks m where m.system = item.system) > 1 and "
                 "exists (select 1 from parts p where p.who = item.system)",
                 "parts who -; marks system -");
}

static void what_is_not_said_of_every_row_binds_nothing(void **state)
{
    (void)state;
    assert_bound("exists (select 1 from marks)", "marks - -");
    assert_bound("exists (select 1 from marks m where m.system = item.system or m.id = 1)",
                 "marks - -");
    assert_bound("exists (select 1 from marks m where not (m.system = item.system))", "marks - -");
    assert_bound("exists (select 1 from marks m where m.system <= item.system)", "marks - -");
    assert_bound("exists (select 1 from marks m where lower(m.system) = item.system)", "marks - -");
    assert_bound("exists (select 1 from marks m where m.system = item.who)", "marks - -");
    assert_bound("(select max(case when m.system = item.system then 1 end) from marks m) = 1",
                 "marks - -");
    assert_bound("exists (select 1 from marks m group by m.system having m.system = item.system)",
                 "marks - -");
}

static void joins_carry_equality_and_a_left_join_only_to_its_right(void **state)
{
    (void)state;
    assert_bound("exists (select 1 from marks m join logins l on l.mark = m.system where m.system "
                 "= item.system)",
                 "marks system -; logins mark -");
    assert_bound("exists (select 1 from marks m join logins l on l.mark = m.id where m.system = "
                 "item.system)",
                 "marks system -; logins - -");
    assert_bound("exists (select 1 from marks m, logins l where l.mark = m.system and l.mark = "
                 "item.system)",
                 "marks system -; logins mark -");
    assert_bound("exists (select 1 from logins l left join marks m on m.system = l.mark where "
                 "l.mark = item.system)",
                 "marks system -; logins mark -");
    assert_bound("exists (select 1 from logins l left join marks m on l.mark = item.system and "
                 "m.system = item.system)",
                 "marks system -; logins - -");
    assert_bound("exists (select 1 from parts p join marks m using (system, number) where p.system "
                 "= item.system)",
                 "parts system -; marks system -");
    assert_bound("exists (select 1 from marks m where m.system = item.system and exists (select 1 "
                 "from logins l where l.mark = m.system))",
                 "marks system -; logins mark -");
}

static void membership_binds_and_keeps_rows_without_value(void **state)
{
    (void)state;
    assert_bound("item.system in (select system from marks)", "marks system - null");
    assert_bound("item.system in (select max(system) from marks)", "marks - - null");
    assert_bound("item.system < any (select system from marks)", "marks - - null");
    /* A row of the left side that lost its partner would bring a NULL. */
    assert_bound(
        "item.system in (select m.system from logins l left join marks m on m.id = l.mark)",
        "marks - - null; logins - - null");
}

static void a_table_named_twice_is_bound_by_what_binds_both(void **state)
{
    (void)state;
    assert_bound("exists (select 1 from marks m where m.system = item.system) and exists (select 1 "
                 "from marks n where n.actor = item.system)",
                 "marks - -");
    assert_bound("exists (select 1 from marks m where m.system = item.system and m.number = "
                 "item.number) and exists (select 1 from marks n where n.system = item.system)",
                 "marks system -");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_in_where_binds),
        cmocka_unit_test(what_is_not_said_of_every_row_binds_nothing),
        cmocka_unit_test(joins_carry_equality_and_a_left_join_only_to_its_right),
        cmocka_unit_test(membership_binds_and_keeps_rows_without_value),
        cmocka_unit_test(a_table_named_twice_is_bound_by_what_binds_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
