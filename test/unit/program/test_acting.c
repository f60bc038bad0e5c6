/* test/unit/program/test_acting.c
 * Who acts, and with which key, with a real store. */
#include <stdio.h>
#include <string.h>

#include "program/program_world.h"

#define AUDITOR "kind: Person\nid: aud\nname: Auditor\nside: auditor\n---\n"

static void of_several_people_one_must_be_named(void **state)
{
    struct world *w = *state;
    struct acting acting;
    world_apply(w, AUDITOR);
    assert_false(acting_find(w->store, w->catalogue, w->arena, SLICE(""), 0, &acting, &w->err));
    assert_int_equal(w->err.code, ERROR_USAGE);
    assert_non_null(strstr(w->err.message, "person/aud, person/own"));
    w->err = (struct error){ 0 };
    assert_false(
        acting_find(w->store, w->catalogue, w->arena, SLICE("person/onw"), 0, &acting, &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    assert_non_null(strstr(w->err.hint, "person/own"));
    w->err = (struct error){ 0 };
    assert_done(w,
                acting_find(w->store, w->catalogue, w->arena, SLICE("aud"), 0, &acting, &w->err));
    assert_string_equal(acting.actor.side, "auditor");
}

#define KEYS(key) "keys: [{key: ssh-ed25519 " key ", valid_from: '1970-01-01T00:00:00Z'}]\n"

static void a_key_is_changed_by_its_owner_or_an_administrator_of_that_side(void **state)
{
    struct world *w = *state;
    static const char own_as_administrator[] =
        "kind: Person\nid: own\nname: Owner\nroles: [administrator]\n---\n";
    static const char boss[] =
        "kind: Person\nid: boss\nname: Boss\nside: auditor\nroles: [administrator]\n---\n";
    world_apply(w, own_as_administrator);
    world_apply(w, boss);
    world_apply(w, AUDITOR); /* without keys: anybody may add the first */
    world_apply(w, "kind: Person\nid: aud\nname: Auditor\nside: auditor\n" KEYS("AAAA"));
    /* Not even management's administrator, and no key can be dropped either. */
    world_act_as(w, "person/own");
    world_refused(w, "kind: Person\nid: aud\nname: Auditor\nside: auditor\n" KEYS("BBBB"));
    assert_finding(w, "test.yaml:5:7", "has keys already, which person/own may not change",
                   "act as that person, or as an administrator of the same side");
    assert_int_equal(w->findings.items[0].error.code, ERROR_REFUSED);
    world_refused(w, AUDITOR);
    assert_finding(w, NULL, "has keys already", NULL);
    world_refused(w, "kind: Person\nid: aud\nname: Another name\nside: auditor\n" KEYS("AAAA"));
    assert_finding(w, NULL, "rule 1 (people stand on one side)", NULL);
    world_act_as(w, "person/boss");
    world_apply(w, "kind: Person\nid: aud\nname: Another name\nside: auditor\n" KEYS("AAAA"));
    world_apply(w, "kind: Person\nid: aud\nname: Auditor\nside: auditor\n" KEYS("BBBB"));
}

/* What a person did once is not undone by time, by dropping the keys or by removing the person. */
static void assert_cannot_act(struct world *w, const char *person)
{
    struct plan_applied applied;
    world_act_as(w, person);
    assert_true(w->acting.actor.needs_key);
    world_clear(w);
    assert_true(world_read(w, CONTROL("Z")));
    assert_true(world_plan(w, false));
    assert_false(plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    assert_int_equal(w->err.code, ERROR_REFUSED);
    assert_non_null(strstr(w->err.message, "has a key, so acting as that person needs it"));
    w->err = (struct error){ 0 };
}

static void who_ever_had_a_key_cannot_act_without_one(void **state)
{
    struct world *w = *state;
    world_apply(w, "kind: Person\nid: own\nname: Owner\nroles: [administrator]\n");
    world_apply(w, "kind: Person\nid: ann\nname: Ann\n---\nkind: Person\nid: bob\nname: Bob\n" KEYS(
                       "AAAA"));
    world_act_as(w, "person/ann");
    assert_false(w->acting.actor.needs_key);
    assert_true(acting_can_sign(&w->acting, &w->err));
    assert_cannot_act(w, "person/bob");
    world_act_as(w, "person/own");
    world_apply(w, "kind: Person\nid: bob\nname: Bob\n");
    assert_cannot_act(w, "person/bob");
    assert_false(acting_can_sign(&w->acting, &w->err));
    assert_non_null(strstr(w->err.message, "person/bob had a key"));
    assert_non_null(strstr(w->err.hint, "an administrator of the management side"));
}

static void what_a_person_was_binds_one_of_the_same_name(void **state)
{
    struct world *w = *state;
    struct plan_applied applied;
    world_apply(w, "kind: Person\nid: own\nname: Owner\nroles: [administrator]\n---\n"
                   "kind: Person\nid: ann\nname: Ann\n---\n"
                   "kind: Person\nid: bob\nname: Bob\n" KEYS("AAAA"));
    world_clear(w);
    assert_true(world_read(w, "kind: Person\nid: own\nname: Owner\nroles: [administrator]\n---\n"
                              "kind: Person\nid: ann\nname: Ann\n"));
    assert_true(world_plan(w, true));
    assert_plan(w, "-person/bob", false);
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
    /* Neither without a key, nor with another, nor on the other side. */
    world_act_as(w, "person/ann");
    world_refused(w, "kind: Person\nid: bob\nname: Bob\n");
    assert_finding(w, NULL, "which person/ann may not change", NULL);
    world_refused(w, "kind: Person\nid: bob\nname: Bob\n" KEYS("BBBB"));
    assert_finding(w, NULL, "which person/ann may not change", NULL);
    world_refused(w, "kind: Person\nid: bob\nname: Bob\nside: auditor\n" KEYS("AAAA"));
    assert_finding(w, NULL, "stands on the management side and never changes it", NULL);
    world_act_as(w, "person/own");
    world_apply(w, "kind: Person\nid: bob\nname: Bob\n" KEYS("AAAA"));
    assert_cannot_act(w, "person/bob");
    world_act_as(w, "person/own");
    world_apply(w, "kind: Person\nid: bob\nname: Bob\n" KEYS("BBBB"));
}

static void the_only_administrator_is_warned_of_keys_that_all_run_out(void **state)
{
    struct world *w = *state;
#define ADMINISTRATOR(id, keys)                                                                    \
    "---\nkind: Person\nid: " id "\nname: Name\nroles: [administrator]\nkeys: [" keys "]\n"
#define ENDS "{key: ssh-ed25519 AAAA, valid_to: '2030-01-01T00:00:00Z'}"
    world_apply(w, ADMINISTRATOR("own", ENDS ", {key: ssh-ed25519 BBBB}"));
    assert_findings_count(w, 0, 0);
    world_act_as(w, "person/own");
    world_clear(w);
    assert_true(world_read(w, ADMINISTRATOR("own", ENDS)));
    assert_true(world_plan(w, false));
    assert_findings_count(w, 0, 1);
    assert_finding(w, "test.yaml:6:7", "nobody on the management side can register another",
                   "a second administrator");
    world_clear(w);
    assert_true(world_read(w, ADMINISTRATOR("own", ENDS) ADMINISTRATOR("two", ENDS)));
    assert_true(world_plan(w, false));
    assert_findings_count(w, 0, 0);
}

/* A key counts from the first instant to before the last; only then may it sign. */
static void a_key_signs_while_it_is_valid(void **state)
{
    struct world *w = *state;
    struct person_key key;
    struct slice line;
    const int64_t from = INT64_C(946684800000000), to = INT64_C(978307200000000);
    const struct {
        int64_t at;
        bool is_valid;
    } cases[] = { { from - 1, false }, { from, true }, { to - 1, true }, { to, false } };
    const char *path = arena_printf(w->arena, &w->err, "%s/key", w->folder);
    assert_done(w, person_key_create(w->arena, path, SLICE("own"), &line, &w->err));
    assert_done(w, person_key_read(w->arena, path, &key, &w->err));
    world_apply(w, arena_printf(w->arena, &w->err,
                                "kind: Person\nid: own\nname: Owner\nroles: [administrator]\n"
                                "keys: [{key: %.*s, valid_from: '2000-01-01T00:00:00Z',"
                                " valid_to: '2001-01-01T00:00:00Z'}]\n",
                                SLICE_ARG(line)));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct person_signer signer = person_key_signer(&key);
        assert_done(w, acting_find(w->store, w->catalogue, w->arena, SLICE("person/own"),
                                   cases[i].at, &w->acting, &w->err));
        assert_int_equal(acting_can_sign(&w->acting, &w->err), cases[i].is_valid);
        w->err = (struct error){ 0 };
        assert_int_equal(acting_sign(&w->acting, &signer, "key", &w->err), cases[i].is_valid);
        assert_int_equal(w->acting.actor.sign != NULL, cases[i].is_valid);
        if (!cases[i].is_valid) {
            assert_int_equal(w->err.code, ERROR_REFUSED);
            assert_string_equal(w->err.where, "key");
            assert_non_null(strstr(w->err.message, "is valid from 2000-01-01T00:00:00Z until "
                                                   "2001-01-01T00:00:00Z, not now"));
        }
        w->err = (struct error){ 0 };
    }
    struct person_signer other = person_key_signer(&key);
    other.public_key[0] ^= 1;
    assert_done(w, acting_find(w->store, w->catalogue, w->arena, SLICE("person/own"), from,
                               &w->acting, &w->err));
    assert_false(acting_sign(&w->acting, &other, NULL, &w->err));
    assert_non_null(strstr(w->err.message, "is not a key of person/own"));
    assert_null(w->acting.actor.sign);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        T(of_several_people_one_must_be_named),
        T(a_key_is_changed_by_its_owner_or_an_administrator_of_that_side),
        T(who_ever_had_a_key_cannot_act_without_one),
        T(what_a_person_was_binds_one_of_the_same_name),
        T(the_only_administrator_is_warned_of_keys_that_all_run_out),
        T(a_key_signs_while_it_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
