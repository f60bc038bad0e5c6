/* Rules on payloads that the vectors do not try one by one, and sources that fail. */
#include "ledger/rules_builder.h"
#include "ledger/selection.h"

#define ITEMS "[\"a\"]\n[\"b\"]\n"

/* ---- items ---- */

static void expect_items(struct world *w, const char *items, int count, const char *code)
{
    struct builder b;
    builder_begin(&b, w);
    int segment = add_segment(&b);
    add_population(&b, segment, items, count);
    builder_payloads(&b, code, NULL);
    builder_end(&b);
}

static void items_are_canonical_keys_sorted_each_once(void **state)
{
    static const struct {
        const char *items;
        int count;
        const char *code;
    } cases[] = {
        { "", 0, NULL },
        { ITEMS, 2, NULL },
        { "[\"a\",\"b\"]\n", 1, NULL },
        { "[\"\xc3\xa9 \\\"q\\\" \\\\ \\n\"]\n", 1, NULL },
        { ITEMS, 3, "population-items" },
        { "[\"a\"]\n[\"b\"]", 2, "population-items" },
        { "[\"a\"]\n\n[\"b\"]\n", 2, "population-items" },
        { "\n", 1, "population-items" },
        { "[]\n", 1, "population-items" },
        { "\"a\"\n", 1, "population-items" },
        { "[\"a\"] \n", 1, "population-items" },
        { "[ \"a\"]\n", 1, "population-items" },
        { "[\"a\", \"b\"]\n", 1, "population-items" },
        { "[\"a\"][\"b\"]\n", 1, "population-items" },
        { "[[\"a\"]]\n", 1, "population-items" },
        { "[null]\n", 1, "population-items" },
        { "[\"\\u0061\"]\n", 1, "population-items" },
        { "[\"\\/\"]\n", 1, "population-items" },
        { "[\"\xff\"]\n", 1, "population-items" },
        { "[\"a\"]\n[\"a\"]\n", 2, "population-items" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_items(*state, cases[i].items, cases[i].count, cases[i].code);
}

static void a_line_of_over_a_mebibyte_is_no_item(void **state)
{
    struct strbuf items = strbuf_new(4 << 20);
    strbuf_add_text(&items, "[\"");
    for (int i = 0; i < (1 << 20) - 4; i++)
        strbuf_add_char(&items, 'a');
    strbuf_add_text(&items, "\"]\n");
    expect_items(*state, items.at, 1, NULL);
    items.len -= 3;
    strbuf_add_text(&items, "a\"]\n");
    expect_items(*state, items.at, 1, "population-items");
    strbuf_free(&items);
}

/* ---- matrix ---- */

static void expect_matrix(struct world *w, const char *header, const char *rows, const char *code)
{
    struct builder b;
    char hex[65];
    builder_begin(&b, w);
    int segment = add_segment(&b), population = add_population(&b, segment, ITEMS, 2);
    int test = add_resource(&b, "management", "test/a", "Test");
    struct digest digest = sha256_of(SLICE(ITEMS));
    digest_hex(&digest, hex);
    const char *matrix = header ? filled(&b, filled(&b, header, hex), builder_hex(&b, test)) : "";
    matrix = arena_printf(w->arena, &w->err, "%s%s", json_text(&b, matrix), json_text(&b, rows));
    struct draft run = run_draft(&b, "management", test, population, segment, "null", matrix);
    builder_add(&b, &run);
    builder_payloads(&b, code, NULL);
    builder_end(&b);
}

#define HEADER(attributes, deviations, items)                                                      \
    "{'attributes':" attributes ",'deviations':" deviations ",'items':" items                      \
    ",'population':'sha256:%s','test':'%s'}\n"
#define ROW(item, results) "{'item':" item ",'results':" results "}\n"
#define GOOD_ROWS ROW("['a']", "['holds','fails']") ROW("['b']", "['holds','holds']")

static void a_matrix_is_canonical_and_counts_itself_rightly(void **state)
{
    struct world *w = *state;
    const char *good = HEADER("['A','B']", "1", "2");
    expect_matrix(w, good, GOOD_ROWS, NULL);
    expect_matrix(w, NULL, "", "bad-matrix");
    expect_matrix(w, good, "", "bad-matrix");
    expect_matrix(w, HEADER("['A','B']", "0", "2"), GOOD_ROWS, "bad-matrix");
    expect_matrix(w, HEADER("['A','B']", "1", "3"), GOOD_ROWS, "bad-matrix");
    expect_matrix(w, HEADER("['A','B']", "'1'", "2"), GOOD_ROWS, "bad-matrix");
    expect_matrix(w, HEADER("'AB'", "1", "2"), GOOD_ROWS, "bad-matrix");
    expect_matrix(w, HEADER("['A']", "1", "2"), GOOD_ROWS, "bad-matrix");
    expect_matrix(w, HEADER("[]", "2", "2"), ROW("['a']", "[]") ROW("['b']", "[]"), NULL);
    static const char *const rows[] = {
        ROW("['a']", "['holds','fails']") ROW("['b']", "['holds']"),
        ROW("['a']", "['holds','fails']") ROW("['b']", "['holds','passes']"),
        ROW("['a']", "['holds','fails']") ROW("['b']", "['holds',1]"),
        ROW("['a']", "['holds','fails']") ROW("'b'", "['holds','holds']"),
        ROW("['a']", "['holds','fails']") ROW("[]", "['holds','holds']"),
        ROW("['a']", "['holds','fails']") ROW("['b']", "'holds'"),
        ROW("['a']", "['holds','fails']") "{'item':['b'],'note':1,'results':['holds','holds']}\n",
        ROW("['a']", "['holds','fails']") "{'results':['holds','holds'],'item':['b']}\n",
        ROW("['a']", "['holds','fails']") "{'item':['b'],'results':['holds','holds'],'z':1}\n",
        ROW("['a']", "['holds','fails']") "{'item':['b']}\n",
        ROW("['a']", "['holds','fails']") "['b']\n",
        ROW("['a']", "['holds','fails']") "\n" ROW("['b']", "['holds','holds']"),
        ROW("['a']", "['holds','fails']") " " ROW("['b']", "['holds','holds']"),
        ROW("['a']", "['holds','fails']") "{'item':['b'],'results':['holds','holds']}",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_matrix(w, good, rows[i], "bad-matrix");
    expect_matrix(w,
                  "{'attributes':[],'deviations':0,'items':0,'population':'sha256:%s',"
                  "'test':'%s','z':1}\n",
                  "", "bad-matrix");
    expect_matrix(w,
                  "{'attributes':[],'deviations':0,'items':0,'digest':'sha256:%s',"
                  "'test':'%s'}\n",
                  "", "bad-matrix");
    expect_matrix(w,
                  "{'deviations':0,'attributes':[],'items':0,'population':'sha256:%s',"
                  "'test':'%s'}\n",
                  "", "bad-matrix");
}

static void a_matrix_is_of_its_population_and_test(void **state)
{
    struct world *w = *state;
    expect_matrix(w, HEADER("['A','B']", "1", "1"), ROW("['a']", "['holds','fails']"),
                  "population-swapped");
    expect_matrix(w, HEADER("['A','B']", "1", "2"),
                  ROW("['a']", "['holds','fails']") ROW("['c']", "['holds','holds']"),
                  "population-swapped");
    expect_matrix(w,
                  "{'attributes':['A','B'],'deviations':1,'items':2,'population':'md5:%s',"
                  "'test':'%s'}\n",
                  GOOD_ROWS, "population-swapped");
    expect_matrix(w,
                  "{'attributes':['A','B'],'deviations':1,'items':2,'population':'sha256:%s',"
                  "'test':'x%s'}\n",
                  GOOD_ROWS, "test-swapped");
}

/* ---- samples ---- */

/* A sampled run over ITEMS whose matrix has these rows, with as many items and no deviation. */
static void expect_sample(struct world *w, const char *rows, int count, const char *code)
{
    struct builder b;
    struct digest digest = sha256_of(SLICE(ITEMS)), seed = { { 5 } }, salt;
    builder_begin(&b, w);
    int test = add_resource(&b, "auditor", "test/a", "Test");
    int plan = add_resource(&b, "auditor", "plan/a", "Plan");
    const char *payload = payload_of(&b, slice_bytes(seed.bytes, sizeof seed.bytes));
    memcpy(salt.bytes, b.ledger.payloads.items[b.ledger.payloads.count - 1].salt.at, 32);
    struct draft draft = { "seed.commit",      "auditor", filled(&b, "{'seed':%s}", payload),
                           { test, plan, -1 }, NULL,      false };
    int commit = builder_add(&b, &draft);
    int segment = add_segment(&b), population = add_population(&b, segment, ITEMS, 2);
    draft = (struct draft){ "seed.reveal",
                            "auditor",
                            arena_printf(w->arena, &w->err, "{'salt':'%s','seed':'%s'}",
                                         digest_shown(&b, &salt), digest_shown(&b, &seed)),
                            { commit, population, -1 },
                            NULL,
                            false };
    int reveal = builder_add(&b, &draft);
    const char *matrix = arena_printf(
        w->arena, &w->err,
        "{'attributes':['A'],'deviations':0,'items':%d,'population':'sha256:%s','test':'%s'}\n%s",
        count, digest_shown(&b, &digest), builder_hex(&b, test), rows);
    struct draft run = run_draft(&b, "auditor", test, population, segment, "'engagement/a'",
                                 json_text(&b, matrix));
    const char *full = strstr(run.body, "'full'");
    assert_non_null(full);
    run.body = arena_printf(w->arena, &w->err, "%.*s'sample'%s", (int)(full - run.body), run.body,
                            full + 6);
    run.inputs[3] = reveal;
    run.inputs[4] = -1;
    builder_add(&b, &run);

    /* Which of the two is the first depends on the population's leaf. */
    struct digest leaf = builder_leaf(&b, population);
    struct slice seed_bytes = slice_bytes(seed.bytes, sizeof seed.bytes);
    struct digest rank_a = selection_rank(seed_bytes, &leaf, SLICE("[\"a\"]"));
    struct digest rank_b = selection_rank(seed_bytes, &leaf, SLICE("[\"b\"]"));
    if (code && strcmp(code, "first is a") == 0)
        code = digest_compare(&rank_a, &rank_b) < 0 ? NULL : "selection-differs";
    else if (code && strcmp(code, "first is b") == 0)
        code = digest_compare(&rank_b, &rank_a) < 0 ? NULL : "selection-differs";
    builder_payloads(&b, code, NULL);
    builder_end(&b);
}

#define HOLDS(item) "{'item':" item ",'results':['holds']}\n"

static void a_sample_is_the_first_of_its_population_by_rank_in_its_order(void **state)
{
    struct world *w = *state;
    expect_sample(w, "", 0, NULL);
    expect_sample(w, HOLDS("['a']"), 1, "first is a");
    expect_sample(w, HOLDS("['b']"), 1, "first is b");
    expect_sample(w, HOLDS("['a']") HOLDS("['b']"), 2, NULL);
    expect_sample(w, HOLDS("['b']") HOLDS("['a']"), 2, "population-swapped");
    expect_sample(w, HOLDS("['a']") HOLDS("['a']"), 2, "population-swapped");
    expect_sample(w, HOLDS("['a']") HOLDS("['aa']"), 2, "population-swapped");
    expect_sample(w, HOLDS("['c']"), 1, "population-swapped");
    expect_sample(w, HOLDS("['a']") HOLDS("['b']") HOLDS("['c']"), 3, "population-swapped");
}

/* ---- erasures ---- */

static void what_two_erasures_name_is_the_last_ones_to_finish(void **state)
{
    struct world *w = *state;
    struct builder b;
    struct payload_counts counts;
    builder_begin(&b, w);
    const char *payload = payload_text(&b, "picture");
    struct draft draft = {
        "blob", "management", filled(&b, "{'media':'image/png','payload':%s}", payload),
        { -1 }, NULL,         false
    };
    int blob = builder_add(&b, &draft);
    struct digest c = b.ledger.payloads.items[b.ledger.payloads.count - 1].c;
    draft =
        (struct draft){ "erasure",
                        "management",
                        filled(&b, "{'rule':'r','scope':'payload','subject':null,'target':['%s']}",
                               digest_shown(&b, &c)),
                        { blob, -1 },
                        NULL,
                        false };
    builder_add(&b, &draft);
    int last = builder_add(&b, &draft);
    builder_payloads(&b, "erasure-unfinished", NULL);
    assert_int_equal(b.fault.n, last);
    sample_drop(&b.ledger, &c);
    builder_payloads(&b, NULL, &counts);
    assert_int_equal(counts.erased, 1);
    builder_end(&b);
}

/* ---- seeds ---- */

static void an_unrevealed_seed_may_stay_with_the_auditor_a_revealed_one_not(void **state)
{
    struct world *w = *state;
    struct builder b;
    struct payload_counts counts;
    static const char seed[32] = "seed";
    builder_begin(&b, w);
    int test = add_resource(&b, "auditor", "test/a", "Test");
    int plan = add_resource(&b, "auditor", "plan/a", "Plan");
    struct draft draft = { "seed.commit",
                           "auditor",
                           arena_printf(w->arena, &w->err, "{'seed':%s}",
                                        payload_of(&b, (struct slice){ seed, 32 })),
                           { test, plan, -1 },
                           NULL,
                           false };
    struct held held = b.ledger.payloads.items[--b.ledger.payloads.count]; /* not on this disk */
    int commit = builder_add(&b, &draft);
    builder_payloads(&b, NULL, &counts);
    assert_int_equal(counts.sealed, 1);

    int segment = add_segment(&b), population = add_population(&b, segment, ITEMS, 2);
    struct digest seed_digest, salt;
    memcpy(seed_digest.bytes, seed, 32);
    memcpy(salt.bytes, held.salt.at, 32);
    draft = (struct draft){ "seed.reveal",
                            "auditor",
                            arena_printf(w->arena, &w->err, "{'salt':'%s','seed':'%s'}",
                                         digest_shown(&b, &salt), digest_shown(&b, &seed_digest)),
                            { commit, population, -1 },
                            NULL,
                            false };
    builder_add(&b, &draft);
    builder_payloads(&b, "payload-missing", NULL);
    assert_int_equal(b.fault.n, commit);
    b.ledger.payloads.items[b.ledger.payloads.count++] = held;
    builder_payloads(&b, NULL, &counts);
    assert_int_equal(counts.sealed, 0);
    builder_end(&b);
}

/* ---- sources that fail ---- */

struct failing {
    struct payload_source source;
    const struct payload_source *real;
    int calls_left; /* the call after these fails */
};

static bool fails(const struct payload_source *source)
{
    struct failing *failing = (struct failing *)(uintptr_t)source;
    return failing->calls_left-- == 0;
}

static enum payload_state failing_state(const struct payload_source *source, const struct digest *c)
{
    const struct payload_source *real = ((const struct failing *)source)->real;
    return real->state(real, c);
}

static bool failing_open(const struct payload_source *source, const struct digest *c,
                         struct slice *salt, struct slice *bytes, struct error *err)
{
    const struct payload_source *real = ((const struct failing *)source)->real;
    if (fails(source))
        return error_set(err, ERROR_IO, "disk", "cannot read");
    return real->open(real, c, salt, bytes, err);
}

static bool failing_hash(const struct payload_source *source, const struct digest *c,
                         uint64_t bytes, bool *is_equal, struct error *err)
{
    const struct payload_source *real = ((const struct failing *)source)->real;
    if (fails(source))
        return error_set(err, ERROR_IO, "disk", "cannot read");
    return real->hash(real, c, bytes, is_equal, err);
}

static bool failing_stream(const struct payload_source *source, const struct digest *c,
                           payload_take_fn *take, void *context, struct error *err)
{
    const struct payload_source *real = ((const struct failing *)source)->real;
    if (fails(source))
        return error_set(err, ERROR_IO, "disk", "cannot read");
    return real->stream(real, c, take, context, err);
}

static void a_payload_that_cannot_be_read_is_an_error_and_no_fault(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    sample_read(w, &ledger, 8);
    sample_good(w, &ledger, value_count(value_member(ledger.file, "entries")));
    struct failing failing = { .source = { failing_state, failing_open, failing_hash,
                                           failing_stream },
                               .real = &ledger.payloads.source };
    ledger.sources.payloads = &failing.source;
    for (int calls = 0;; calls++) {
        struct payload_counts counts;
        struct fault fault;
        struct error err = { 0 };
        failing.calls_left = calls;
        if (sample_check(&ledger, &counts, &fault, &err)) {
            assert_true(calls > 60); /* every payload, some of them several times */
            break;
        }
        assert_int_equal(err.code, ERROR_IO);
        assert_null(fault.code);
    }
}

struct failing_entries {
    struct entry_source source;
    const struct entry_source *real;
    int calls_left;
    bool changes; /* gives other bytes instead of failing */
};

static uint64_t failing_size(const struct entry_source *source)
{
    const struct entry_source *real = ((const struct failing_entries *)source)->real;
    return real->size(real);
}

static bool failing_entry(const struct entry_source *source, uint64_t n, struct slice *bytes,
                          struct error *err)
{
    struct failing_entries *failing = (struct failing_entries *)(uintptr_t)source;
    if (failing->calls_left-- == 0) {
        if (!failing->changes)
            return error_set(err, ERROR_IO, "disk", "cannot read");
        return failing->real->entry(failing->real, n == 0 ? 1 : 0, bytes, err);
    }
    return failing->real->entry(failing->real, n, bytes, err);
}

static void entries_that_cannot_be_read_again_or_changed_are_errors(void **state)
{
    struct world *w = *state;
    struct sample_ledger ledger;
    sample_read(w, &ledger, 8);
    sample_good(w, &ledger, value_count(value_member(ledger.file, "entries")));
    for (int changes = 0; changes < 2; changes++) {
        struct failing_entries failing = { .source = { failing_size, failing_entry },
                                           .real = &ledger.entries.source,
                                           .changes = changes == 1 };
        ledger.sources.entries = &failing.source;
        for (int calls = 0;; calls++) {
            struct payload_counts counts;
            struct fault fault;
            struct error err = { 0 };
            failing.calls_left = calls;
            if (sample_check(&ledger, &counts, &fault, &err))
                break;
            /* While entries are added, three erasures look at what they name; another entry there
             * is a fault of theirs. */
            if (calls < 3 && failing.changes)
                continue;
            assert_int_equal(err.code, failing.changes ? ERROR_CORRUPT : ERROR_IO);
            assert_null(fault.code);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(items_are_canonical_keys_sorted_each_once),
        WORLD_TEST(a_line_of_over_a_mebibyte_is_no_item),
        WORLD_TEST(a_matrix_is_canonical_and_counts_itself_rightly),
        WORLD_TEST(a_matrix_is_of_its_population_and_test),
        WORLD_TEST(a_sample_is_the_first_of_its_population_by_rank_in_its_order),
        WORLD_TEST(what_two_erasures_name_is_the_last_ones_to_finish),
        WORLD_TEST(an_unrevealed_seed_may_stay_with_the_auditor_a_revealed_one_not),
        WORLD_TEST(a_payload_that_cannot_be_read_is_an_error_and_no_fault),
        WORLD_TEST(entries_that_cannot_be_read_again_or_changed_are_errors),
    };
    return cmocka_run_group_tests_name("rules on payloads", tests, NULL, NULL);
}
