#include "ledger/rules_world.h"
#include "ledger/tile.h"

static void expect_right(struct sample_ledger *ledger, struct payload_counts *counts)
{
    struct fault fault;
    struct error err = { 0 };
    if (!sample_check(ledger, counts, &fault, &err))
        fail_msg("#%llu %s: %s%s", (unsigned long long)fault.n, fault.code ? fault.code : "error",
                 fault.detail, err.message);
}

static void the_good_ledger_is_right(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct payload_counts counts;
    sample_read(w, &ledger, 0);
    sample_good(w, &ledger, value_count(value_member(ledger.file, "entries")));
    expect_right(&ledger, &counts);
    assert_int_equal(counts.erased, 3); /* blob, raw, rejects; the fourth target is a name */
    assert_int_equal(counts.absent, 0);
    assert_int_equal(counts.unpinned, 0);
    assert_true(counts.held > 30);
}

static void leaves_root_and_bundle_are_those_of_the_vectors(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct fault fault;
    struct strbuf bundle = strbuf_new(1 << 20);
    struct checkpoint checkpoint;
    struct note note;
    struct verifier_key key;
    uint64_t n;
    sample_read(w, &ledger, 0);
    const struct value *entries = value_member(ledger.file, "entries");
    sample_good(w, &ledger, value_count(entries));
    struct rules *rules = rules_new(&ledger.sources, &w->err);
    assert_non_null(rules);
    for (size_t i = 0; i < ledger.entries.count; i++) {
        assert_true(rules_add(rules, ledger.entries.items[i], &fault, &w->err));
        expect_digest(rules_leaf(rules, i), value_text_of(value_item(entries, i), "leaf_hash"));
        struct digest leaf = rules_leaf(rules, i);
        assert_true(rules_find(rules, &leaf, &n));
        assert_int_equal(n, i);
        bundle_add(&bundle, ledger.entries.items[i]);
    }
    expect_digest(sha256_of(strbuf_slice(&bundle)), value_text_of(ledger.file, "bundle_sha256"));
    expect_digest(rules_root(rules, rules_size(rules)), value_text_of(ledger.file, "root"));

    assert_true(verifier_key_parse(value_text_of(ledger.file, "log_vkey"), &key));
    assert_true(checkpoint_open(value_text_of(ledger.file, "checkpoint"), &key, 1, &checkpoint,
                                &note, &w->err));
    assert_int_equal(checkpoint.size, rules_size(rules));
    expect_digest(checkpoint.root, value_text_of(ledger.file, "root"));
    rules_free(rules);
    strbuf_free(&bundle);
}

static void expect_fault(struct world *w, struct sample_ledger *ledger, const struct value *c)
{
    struct payload_counts counts;
    struct fault fault = { 0 };
    struct error err = { 0 };
    struct slice why = value_text_of(c, "why");
    sample_faulty(w, ledger, c);
    if (sample_check(ledger, &counts, &fault, &err))
        fail_msg("accepted: %.*s", SLICE_ARG(why));
    if (!fault.code)
        fail_msg("%.*s: %s", SLICE_ARG(why), err.message);
    if (!slice_is(value_text_of(c, "code"), fault.code) || fault.n != number_of(c, "at_index"))
        fail_msg("%.*s: %s at %llu (%s)", SLICE_ARG(why), fault.code, (unsigned long long)fault.n,
                 fault.detail);
    /* A finding, not an error; with words for people and a check that it fails. */
    assert_int_equal(err.code, ERROR_NONE);
    assert_true(fault.detail[0] != '\0');
    assert_non_null(rule_code_find(fault.code));
    assert_non_null(fault_check(&fault));
}

static void every_fault_in(struct world *w, size_t chunk)
{
    struct sample_ledger ledger;
    sample_read(w, &ledger, chunk);
    const struct value *faulty = value_member(ledger.file, "faulty");
    assert_int_equal(value_count(faulty), 117);
    for (size_t i = 0; i < value_count(faulty); i++)
        expect_fault(w, &ledger, value_item(faulty, i));
}

static void every_faulty_ledger_is_refused_with_its_code_at_its_entry(void **state)
{
    every_fault_in(*state, 0);
}

static void the_same_when_payloads_are_streamed_in_small_pieces(void **state)
{
    every_fault_in(*state, 1);
    every_fault_in(*state, 64);
}

static void the_right_states_of_the_disk_are_accepted(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct payload_counts counts;
    sample_read(w, &ledger, 5);
    const struct value *cases = value_path(ledger.file, "states.cases");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        sample_good(w, &ledger, number_of(c, "size"));
        sample_put_destroyed(w, &ledger, value_member(c, "put"));
        expect_right(&ledger, &counts);
    }
}

/* ---- bundles that hold less ---- */

static void payloads_that_a_bundle_leaves_out_are_not_faults(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct payload_counts counts;
    sample_read(w, &ledger, 0);
    sample_good(w, &ledger, value_count(value_member(ledger.file, "entries")));
    ledger.payloads.count = 0;
    ledger.payloads.otherwise = PAYLOAD_ABSENT;
    expect_right(&ledger, &counts);
    assert_int_equal(counts.held, 0);
    assert_int_equal(counts.erased, 3);
    assert_true(counts.absent > 30);
}

static void without_the_received_packets_what_they_prove_is_not_judged(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct payload_counts counts;
    sample_read(w, &ledger, 0);
    const struct value *entries = value_member(ledger.file, "entries");
    const struct value *received = value_path(ledger.file, "packets.received");
    sample_good(w, &ledger, value_count(entries));
    for (size_t i = 0; i < value_count(received); i++) {
        int64_t n = 0;
        struct entry entry;
        const char *code;
        struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
        assert_true(value_to_i64(value_item(received, i), &n));
        assert_true(entry_parse(w->arena, ledger.entries.items[n], &entry, &code, &w->err));
        assert_int_equal(entry_payloads(&entry, payloads), 1);
        sample_drop(&ledger, &payloads[0].c);
    }
    ledger.payloads.otherwise = PAYLOAD_ABSENT;
    expect_right(&ledger, &counts);
    assert_int_equal(counts.absent,
                     3); /* two packets, and the one document that names their fact */
}

static void packets_of_a_house_without_a_known_key_are_told(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct payload_counts counts;
    sample_read(w, &ledger, 0);
    sample_good(w, &ledger, value_count(value_member(ledger.file, "entries")));
    ledger.sources.peers_count = 0;
    expect_right(&ledger, &counts);
    assert_int_equal(counts.unpinned, 2);
}

/* ---- the writer's use ---- */

static void a_refused_entry_changes_nothing(void **state)
{
    struct world *w = *state;
    struct sample_ledger good, faulty;
    struct fault fault;
    size_t tried = 0;
    sample_read(w, &good, 0);
    sample_read(w, &faulty, 0);
    const struct value *cases = value_member(good.file, "faulty");
    size_t size = value_count(value_member(good.file, "entries"));
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        uint64_t at = number_of(c, "at_index");
        if (at != number_of(c, "keep") || value_count(value_member(c, "then")) == 0)
            continue; /* not a fault of one entry after good ones */
        sample_good(w, &good, size);
        sample_faulty(w, &faulty, c);
        for (size_t j = 0; j < good.payloads.count; j++) /* what the good ones need is there too */
            if (faulty.payloads.count < ARRAY_LEN(faulty.payloads.items))
                faulty.payloads.items[faulty.payloads.count++] = good.payloads.items[j];
        struct rules *rules = rules_new(&faulty.sources, &w->err);
        assert_non_null(rules);
        for (size_t n = 0; n < at; n++)
            assert_true(rules_add(rules, good.entries.items[n], &fault, &w->err));
        if (!rules_add(rules, faulty.entries.items[at], &fault, &w->err)) {
            tried++;
            assert_int_equal(rules_size(rules), at);
            for (size_t n = at; n < size; n++) {
                faulty.entries.items[n] = good.entries.items[n];
                faulty.entries.count = n + 1;
                if (!rules_add(rules, good.entries.items[n], &fault, &w->err))
                    fail_msg("#%zu: %s %s", n, fault.code, fault.detail);
            }
            expect_digest(rules_root(rules, size), value_text_of(good.file, "root"));
        }
        rules_free(rules);
    }
    assert_true(tried > 60);
}

static void entries_forgotten_can_be_added_again(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct fault fault;
    sample_read(w, &ledger, 0);
    size_t size = value_count(value_member(ledger.file, "entries"));
    sample_good(w, &ledger, size);
    struct rules *rules = rules_new(&ledger.sources, &w->err);
    assert_non_null(rules);
    for (size_t back = 1; back <= size; back++) {
        for (size_t n = (size_t)rules_size(rules); n < size; n++) {
            if (!rules_add(rules, ledger.entries.items[n], &fault, &w->err))
                fail_msg("#%zu after going back %zu: %s %s", n, back, fault.code, fault.detail);
        }
        expect_digest(rules_root(rules, size), value_text_of(ledger.file, "root"));
        rules_forget(rules, size - back);
        assert_int_equal(rules_size(rules), size - back);
    }
    rules_free(rules);
}

static void a_list_just_made_can_be_given_with_its_entry(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    struct fault fault;
    sample_read(w, &ledger, 0);
    size_t at = number_of(value_member(ledger.file, "more"), "entry");
    struct slice more = value_text(value_path(ledger.file, "more.payload"));
    sample_good(w, &ledger, at + 1);
    ledger.sources.payloads = NULL;
    struct rules *rules = rules_new(&ledger.sources, &w->err);
    assert_non_null(rules);
    for (size_t n = 0; n < at; n++)
        assert_true(rules_add(rules, ledger.entries.items[n], &fault, &w->err));
    assert_false(rules_add_made(rules, ledger.entries.items[at], SLICE("[]"), &fault, &w->err));
    assert_string_equal(fault.code, "bad-more");
    assert_true(rules_add_made(rules, ledger.entries.items[at], more, &fault, &w->err));
    rules_forget(rules, at);
    /* Without it, roles that it may fill are given the benefit of the doubt. */
    assert_true(rules_add(rules, ledger.entries.items[at], &fault, &w->err));
    rules_free(rules);
}

/* ---- roots of a longer ledger ---- */

static struct slice blob_entry(struct world *w, uint64_t n)
{
    char *text = arena_printf(
        w->arena, &w->err,
        "{\"actor\":\"program/attest\",\"at\":\"2026-01-01T00:00:00.%06lluZ\",\"body\":{%s},"
        "\"inputs\":[],\"n\":%llu,\"side\":\"system\",\"type\":\"%s\",\"v\":1}",
        (unsigned long long)n,
        n == 0 ? "\"origin\":\"example.com/a\",\"prev\":null,\"spec\":\"attest-ledger/1\""
               : "\"media\":\"text/plain\",\"payload\":{\"bytes\":0,\"c\":"
                 "\"0000000000000000000000000000000000000000000000000000000000000000\"}",
        (unsigned long long)n, n == 0 ? "ledger.start" : "blob");
    assert_non_null(text);
    return slice_of(text);
}

static void roots_of_all_earlier_sizes_are_known(void **state)
{
    struct world *w = *state;
    enum { SIZE = 1300 };
    struct rules_sources sources = { 0 };
    struct merkle_edge edge = { .size = 0 };
    struct digest *roots = arena_array(w->arena, SIZE + 1, sizeof *roots, &w->err);
    struct fault fault;
    struct rules *rules = rules_new(&sources, &w->err);
    assert_non_null(rules);
    assert_non_null(roots);
    for (uint64_t n = 0; n < SIZE; n++) {
        struct slice entry = blob_entry(w, n);
        struct digest leaf = leaf_hash(entry);
        roots[n] = merkle_edge_root(&edge);
        if (!rules_add(rules, entry, &fault, &w->err))
            fail_msg("%s %s", fault.code, fault.detail);
        merkle_edge_add(&edge, &leaf);
    }
    roots[SIZE] = merkle_edge_root(&edge);
    for (uint64_t size = 0; size <= SIZE; size++) {
        struct digest root = rules_root(rules, size);
        assert_true(digest_equal(&root, &roots[size]));
    }
    rules_forget(rules, 700);
    for (uint64_t n = 700; n < SIZE; n++)
        assert_true(rules_add(rules, blob_entry(w, n), &fault, &w->err));
    struct digest root = rules_root(rules, SIZE);
    assert_true(digest_equal(&root, &roots[SIZE]));
    rules_free(rules);
}

/* ---- what a verifier says ---- */

static void every_code_belongs_to_a_check_and_every_check_has_a_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < rule_codes_count; i++) {
        struct fault fault = { .code = rule_codes[i].code };
        assert_non_null(fault_check(&fault));
        assert_string_equal(fault_check(&fault)->id, rule_codes[i].check);
    }
    assert_null(rule_code_find("no-such-code"));
    assert_null(fault_check(&(struct fault){ .code = NULL }));
    for (size_t i = 0; i < rule_checks_count; i++) {
        bool has_code = strncmp(rule_checks[i].id, "order.", 6) == 0;
        for (size_t j = 0; j < rule_codes_count; j++)
            has_code = has_code || strcmp(rule_codes[j].check, rule_checks[i].id) == 0;
        if (!has_code)
            fail_msg("no code for %s", rule_checks[i].id);
    }
}

static void faults_of_order_are_told_by_the_step_that_has_them(void **state)
{
    (void)state;
    static const struct {
        const char *code, *type, *check;
    } cases[] = {
        { "input-later", "conclusion", "order.conclusion-after-test" },
        { "input-missing", "evaluation", "order.conclusion-after-test" },
        { "input-role", "opinion", "order.opinion-after-conclusion" },
        { "input-later", "test.run", "order.test-after-evidence" },
        { "input-later", "report", "order.report-after-opinion" },
        { "input-later", "resource", "order.input-before-step" },
        { "input-later", NULL, "order.input-before-step" },
        { "wrong-side", "conclusion", "sides" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fault fault = { .code = cases[i].code, .type = cases[i].type };
        assert_string_equal(fault_check(&fault)->id, cases[i].check);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_good_ledger_is_right),
        WORLD_TEST(leaves_root_and_bundle_are_those_of_the_vectors),
        WORLD_TEST(every_faulty_ledger_is_refused_with_its_code_at_its_entry),
        WORLD_TEST(the_same_when_payloads_are_streamed_in_small_pieces),
        WORLD_TEST(the_right_states_of_the_disk_are_accepted),
        WORLD_TEST(payloads_that_a_bundle_leaves_out_are_not_faults),
        WORLD_TEST(without_the_received_packets_what_they_prove_is_not_judged),
        WORLD_TEST(packets_of_a_house_without_a_known_key_are_told),
        WORLD_TEST(a_refused_entry_changes_nothing),
        WORLD_TEST(entries_forgotten_can_be_added_again),
        WORLD_TEST(a_list_just_made_can_be_given_with_its_entry),
        WORLD_TEST(roots_of_all_earlier_sizes_are_known),
        WORLD_TEST(every_code_belongs_to_a_check_and_every_check_has_a_code),
        WORLD_TEST(faults_of_order_are_told_by_the_step_that_has_them),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
