/* Every kind, field, side and role, before and after the auditor's side has a key, against
 * test/access/expected.csv, which was written from the duties of the parties. */
#include "program/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "program/program_world.h"

static const char *const roles[] = { "administrator",    "executive", "control-owner",
                                     "internal-auditor", "auditor",   "reviewer",
                                     "quality-reviewer", "partner",   "reader" };
static const char *const sides[] = { "management", "auditor" };

/* Persons management-<role> and auditor-<role>, and one of each side without any: -none. */
static void people_make(struct world *w)
{
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        world_apply(w, arena_printf(w->arena, &w->err,
                                    "kind: Person\nid: %s-none\nname: N\nside: %s\n", sides[i],
                                    sides[i]));
        for (size_t j = 0; j < ARRAY_LEN(roles); j++)
            world_apply(w, arena_printf(w->arena, &w->err,
                                        "kind: Person\nid: %s-%s\nname: N\nside: %s\nroles: [%s]\n",
                                        sides[i], roles[j], sides[i], roles[j]));
    }
}

static struct value *no_signature(void *context, struct arena *arena, struct slice message,
                                  struct error *err)
{
    (void)context;
    (void)arena;
    (void)message;
    (void)err;
    return NULL; /* nothing is committed here */
}

struct walk {
    struct world *w;
    struct slice expected; /* the file */
    bool is_keyed;
    size_t cells, allowed;
};

static bool roles_hold(struct slice wanted, const char *role)
{
    struct slice word, rest = wanted;
    bool is_last = false;
    if (slice_is(wanted, "any") || slice_is(wanted, "none"))
        return slice_is(wanted, "any");
    while (!is_last) {
        is_last = !slice_split(rest, ' ', &word, &rest);
        if (slice_is(is_last ? rest : word, role))
            return true;
    }
    return false;
}

/* What the file says of a cell; a kind that does not stand there stops the test. */
static bool is_expected(const struct walk *walk, const char *kind, const char *field,
                        bool is_auditor, const char *role)
{
    struct slice text = walk->expected, line, all = { 0 }, own = { 0 };
    while (slice_line(&text, &line)) {
        struct slice of_kind, of_field, rest;
        if (!slice_split(line, ',', &of_kind, &rest) || !slice_split(rest, ',', &of_field, &rest) ||
            !slice_is(of_kind, kind))
            continue;
        if (slice_is(of_field, "*"))
            all = rest;
        else if (slice_is(of_field, field))
            own = rest;
    }
    if (all.len == 0)
        fail_msg("%s is not in expected.csv", kind);
    struct slice management, auditor, later, rest = own.len ? own : all;
    assert_true(slice_split(rest, ',', &management, &rest));
    assert_true(slice_split(rest, ',', &auditor, &later));
    return roles_hold(is_auditor ? auditor : walk->is_keyed ? later : management, role);
}

static void cell(struct walk *walk, const struct kind *kind, const char *label, const char *field,
                 bool is_auditor, const char *role)
{
    struct world *w = walk->w;
    struct error err = { 0 };
    const char *side = sides[is_auditor];
    char *name = arena_printf(w->arena, &err, "person/%s-%s", side, role);
    const bool is_self = strcmp(label, "Person:self") == 0;
    const struct actor actor = { .name = slice_of(name), .side = side, .sign = no_signature };
    const char *of =
        strcmp(label, "Person:auditor") == 0 || (is_self && is_auditor) ? "auditor" : "management";
    struct value *before = value_new(w->arena, VALUE_OBJECT, &err);
    assert_true(before && value_put_text(w->arena, before, "side", slice_of(of), &err));
    struct value *after = value_copy(w->arena, before, &err);
    /* Of a Person the side itself is the subject of person_rule(). */
    struct slice value = strcmp(field, "side") == 0 ? slice_of(of) : slice_of(name);
    assert_true(after && value_put_text(w->arena, after, field, value, &err));
    const struct access_write write = { .actor = &actor,
                                        .kind = kind,
                                        .name = is_self ? slice_of(name) : SLICE("x/subject"),
                                        .before = before,
                                        .after = after };
    bool is_allowed = access_may_write(w->store, w->catalogue, store_size(w->store), &write, &err);
    if (!is_allowed)
        assert_int_equal(err.code, ERROR_REFUSED);
    if (strcmp(field, "side") != 0 &&
        is_allowed != is_expected(walk, label, field, is_auditor, role))
        fail_msg("%s.%s by %.*s%s: %s %s", label, field, SLICE_ARG(actor.name),
                 walk->is_keyed ? " (later)" : "", is_allowed ? "allowed" : "refused", err.message);
    walk->cells++;
    walk->allowed += is_allowed;
}

static void field_walk(struct walk *walk, const struct kind *kind, const char *label,
                       const char *field)
{
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        cell(walk, kind, label, field, i == 1, "none");
        for (size_t j = 0; j < ARRAY_LEN(roles); j++)
            cell(walk, kind, label, field, i == 1, roles[j]);
    }
}

static void kinds_walk(struct walk *walk)
{
    static const char *const people[] = { "Person:management", "Person:auditor", "Person:self" };
    size_t count;
    const struct kind *const *kinds = catalogue_kinds(walk->w->catalogue, &count);
    for (size_t i = 0; i < count; i++) {
        const char *field;
        bool is_person = slice_is(kinds[i]->name, "Person");
        for (size_t j = 0; (field = schema_property(kinds[i]->schema, j)); j++)
            for (size_t k = 0; k < (is_person ? ARRAY_LEN(people) : 1); k++)
                if (strcmp(field, "kind") != 0 && strcmp(field, "id") != 0)
                    field_walk(walk, kinds[i], is_person ? people[k] : kinds[i]->name.at, field);
    }
}

static void the_whole_table_is_as_the_duties_say(void **state)
{
    struct world *w = *state;
    struct walk walk = { .w = w };
    assert_done(w,
                file_read(w->arena, "test/access/expected.csv", 1 << 20, &walk.expected, &w->err));
    people_make(w);
    kinds_walk(&walk);
    world_act_as(w, "person/own");
    world_apply(w, "kind: Person\nid: keeper\nname: K\nside: auditor\nroles: [partner]\n"
                   "keys: [{key: ssh-ed25519 AAAA}]\n");
    walk.is_keyed = true;
    kinds_walk(&walk);
    print_message("%zu cells walked, %zu allowed\n", walk.cells, walk.allowed);
    assert_true(walk.cells > 10000 && walk.allowed > 0 && walk.allowed < walk.cells);
}

/* Who acts is looked up: a name and a side that do not belong together open nothing. */
static void what_an_actor_says_of_itself_does_not_count(void **state)
{
    struct world *w = *state;
    const struct actor liar = { .name = SLICE("person/own"),
                                .side = "auditor",
                                .sign = no_signature },
                       nobody = { .name = SLICE("person/none"), .side = "management" },
                       program = { .name = SLICE("program/attest"), .side = "system" };
    const struct actor *const actors[] = { &liar, &nobody, &program };
    const char *const messages[] = { "stands on the management side", "there is no person/none",
                                     "rule 8 (opinions are a partner's)" };
    const struct value *document = value_new(w->arena, VALUE_OBJECT, &w->err);
    for (size_t i = 0; i < ARRAY_LEN(actors); i++) {
        const struct access_write write = { .actor = actors[i],
                                            .kind = kind_find(w->catalogue, SLICE("Opinion")),
                                            .name = SLICE("opinion/x"),
                                            .after = document };
        struct error err = { 0 };
        assert_false(access_may_write(w->store, w->catalogue, store_size(w->store), &write, &err));
        assert_int_equal(err.code, ERROR_REFUSED);
        if (!strstr(err.message, messages[i]))
            fail_msg("\"%s\" is not in \"%s\"", messages[i], err.message);
    }
}

/* The name of who signed is written by nobody else. */
static void only_the_person_named_writes_that_name(void **state)
{
    struct world *w = *state;
    world_apply(w, "kind: Person\nid: two\nname: Two\n---\n"
                   "kind: Organization\nid: o\nname: O\n---\n"
                   "kind: System\nid: s\ntitle: S\n---\n"
                   "kind: Engagement\nid: e\ntitle: T\ntype: type-1\nas_of: 2026-01-31\n"
                   "categories: [security]\norganization: organization/o\nsystem: system/s\n");
    world_refused(w, "kind: Assertion\nid: a\nengagement: engagement/e\ntext: [T]\n"
                     "signed_by: person/two\ndate: 2026-02-01\n");
    assert_finding(w, "test.yaml:1:1",
                   "signed_by is written by the person it names, person/two, not by person/own",
                   "--as person/two");
    world_act_as(w, "person/two");
    world_apply(w, "kind: Assertion\nid: a\nengagement: engagement/e\ntext: [T]\n"
                   "signed_by: person/two\ndate: 2026-02-01\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_whole_table_is_as_the_duties_say, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(what_an_actor_says_of_itself_does_not_count, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(only_the_person_named_writes_that_name, world_begin,
                                        world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
