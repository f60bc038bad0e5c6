#include "ledger/entry.h"
#include "ledger/ledger_vectors.h"
#include "ledger/note.h"
#include "ledger/sealed.h"
#include "ledger/selection.h"

static struct entry entry_of(struct world *w, const struct value *file, uint64_t n)
{
    struct entry entry;
    const char *code;
    struct slice bytes = value_text_of(value_item(value_member(file, "entries"), n), "entry");
    assert_true(entry_parse(w->arena, bytes, &entry, &code, &w->err));
    return entry;
}

static void entries_are_read_with_all_their_fields(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *entries = value_member(file, "entries");
    bool seen[ENTRY_TYPES_COUNT] = { false };
    for (size_t n = 0; n < value_count(entries); n++) {
        struct entry entry = entry_of(w, file, n);
        const struct value *row = value_item(entries, n);
        assert_int_equal(entry.n, n);
        assert_int_equal(value_text_of(row, "entry").len, number_of(row, "bytes"));
        expect_digest(entry.leaf, value_text_of(row, "leaf_hash"));
        assert_true(slice_is(entry.type, entry_type_name(entry.kind)));
        seen[entry.kind] = true;
    }
    for (size_t i = 0; i < ENTRY_TYPES_COUNT; i++)
        assert_true(seen[i]);
    struct entry run = entry_of(w, file, number_of(value_member(file, "more"), "entry"));
    struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
    assert_int_equal(entry_payloads(&run, payloads), 2);
    assert_string_equal(payloads[0].field, "payload");
    assert_string_equal(payloads[1].field, "more");
}

/* The good entry with one part replaced; canonical unless the replacement is not. */
static void expect_form_fault(struct world *w, const char *before, const char *after,
                              const char *wanted, const char *field)
{
    static const char good[] =
        "{\"actor\":\"person/a\",\"at\":\"2026-01-01T00:00:00.000000Z\",\"body\":{\"media\":\"x\","
        "\"payload\":{\"bytes\":1,\"c\":"
        "\"00000000000000000000000000000000000000000000000000000000000000aa\"}},\"inputs\":[],"
        "\"n\":1,\"side\":\"management\",\"type\":\"blob\",\"v\":1}";
    const char *at = strstr(good, before);
    struct entry entry;
    const char *code;
    assert_non_null(at);
    char *text = arena_printf(w->arena, &w->err, "%.*s%s%s", (int)(at - good), good, after,
                              at + strlen(before));
    assert_non_null(text);
    memset(&w->err, 0, sizeof w->err);
    bool is_read = entry_parse(w->arena, slice_of(text), &entry, &code, &w->err);
    if (!wanted) {
        assert_true(is_read);
        return;
    }
    if (is_read || !code || strcmp(code, wanted) != 0 || !strstr(w->err.message, field))
        fail_msg("%s -> %s: %s %s", before, after, code ? code : "no code", w->err.message);
    assert_int_equal(w->err.code, ERROR_INVALID);
}

static void each_fault_of_form_names_its_field(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *before, *after, *code, *field;
    } cases[] = {
        { "\"x\"", "\"x\"", NULL, NULL },
        { "\"v\":1", "\"v\":2", "bad-field", "`v`" },
        { "\"v\":1", "\"v\":true", "bad-field", "`v`" },
        { ",\"v\":1", "", "bad-field", "`v`" },
        { "\"v\":1", "\"v\":1,\"w\":1", "bad-field", "a field that entries do not have" },
        { "\"n\":1", "\"n\":-1", "bad-field", "`n`" },
        { "\"n\":1", "\"n\":\"1\"", "bad-field", "`n`" },
        { "\"n\":1", "\"n\":9007199254740992", "bad-field", "`n`" },
        { "\"n\":1", "\"n\":9007199254740991", NULL, NULL },
        { "\"n\":1", "\"n\":1.0", "not-canonical", "canonical" },
        { "\"blob\"", "\"blobs\"", "unknown-type", "blobs" },
        { "\"management\"", "\"Management\"", "bad-field", "`side`" },
        { "person/a", "person/", "bad-field", "`actor`" },
        { "person/a", "Person/a", "bad-field", "`actor`" },
        { "person/a", "person/a b", "bad-field", "`actor`" },
        { "person/a", "person/a/b", "bad-field", "`actor`" },
        { "person/a", "per-son2/A.b_c-9", NULL, NULL },
        { "T00:00:00.000000Z", "T00:00:00.000000", "bad-field", "`at`" },
        { "T00:00:00.000000Z", "T24:00:00.000000Z", "bad-field", "`at`" },
        { "2026-01-01", "2026-02-30", "bad-field", "`at`" },
        { "\"media\":\"x\"", "\"media\":1", "bad-field", "`media`" },
        { "\"media\":\"x\"", "\"media\":null", "bad-field", "`media`" },
        { "\"media\":\"x\"", "\"medium\":\"x\"", "bad-field", "`media`" },
        { "\"bytes\":1,", "", "bad-field", "`payload`" },
        { "\"bytes\":1", "\"bytes\":1.5", "bad-field", "`payload`" },
        { "00aa\"", "00AA\"", "bad-field", "`payload`" },
        { "00aa\"", "0aa\"", "bad-field", "`payload`" },
        { "\"inputs\":[]", "\"inputs\":{}", "bad-field", "`inputs`" },
        { "\"inputs\":[]", "\"inputs\":[1]", "bad-field", "`inputs`" },
        { "\"inputs\":[]", "\"inputs\":[],\"more\":1", "bad-field", "`more`" },
        { "\"body\":{", "\"body\":[{", "bad-json", "" },
        { "\"x\"", "\"\\u0078\"", "not-canonical", "canonical" },
        { "\"x\"", "\"\xff\"", "bad-json", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_form_fault(w, cases[i].before, cases[i].after, cases[i].code, cases[i].field);
    struct entry entry;
    const char *code;
    assert_false(entry_parse(w->arena, SLICE("[]"), &entry, &code, &w->err));
    assert_string_equal(code, "bad-field");
    assert_false(entry_parse(w->arena, SLICE(""), &entry, &code, &w->err));
    assert_string_equal(code, "bad-json");
}

/* An entry whose body is given; its form must be right, or wrong for that reason. */
static void expect_body(struct world *w, const char *type, const char *body, const char *fault)
{
    struct entry entry;
    const char *code;
    char *text = arena_printf(w->arena, &w->err,
                              "{\"actor\":\"person/a\",\"at\":\"2026-01-01T00:00:00.000000Z\","
                              "\"body\":%s,\"inputs\":[],\"n\":1,\"side\":\"management\","
                              "\"type\":\"%s\",\"v\":1}",
                              body, type);
    assert_non_null(text);
    memset(&w->err, 0, sizeof w->err);
    bool is_read = entry_parse(w->arena, slice_of(text), &entry, &code, &w->err);
    if (is_read != !fault || (fault && !strstr(w->err.message, fault)))
        fail_msg("%s: %s", body, w->err.message);
}

#define HASH "\"00000000000000000000000000000000000000000000000000000000000000aa\""
#define PAYLOAD "{\"bytes\":1,\"c\":" HASH "}"

static void fields_of_a_body_must_agree(void **state)
{
    struct world *w = *state;
    expect_body(w, "resource",
                "{\"kind\":\"Control\",\"name\":\"control/a\",\"op\":\"put\",\"payload\":" PAYLOAD
                ",\"version\":1}",
                NULL);
    expect_body(w, "resource",
                "{\"kind\":\"Control\",\"name\":\"control/a\",\"op\":\"put\",\"payload\":null,"
                "\"version\":1}",
                "`payload`");
    expect_body(
        w, "resource",
        "{\"kind\":\"Control\",\"name\":\"control/a\",\"op\":\"remove\",\"payload\":" PAYLOAD
        ",\"version\":1}",
        "`payload`");
    expect_body(w, "resource",
                "{\"kind\":\"Control\",\"name\":\"control/a\",\"op\":\"drop\",\"payload\":null,"
                "\"version\":1}",
                "`op`");
    expect_body(w, "packet",
                "{\"dir\":\"lost\",\"origin\":\"a\",\"payload\":" PAYLOAD ",\"root\":" HASH
                ",\"size\":1}",
                "`dir`");
    expect_body(w, "erasure",
                "{\"rule\":\"r\",\"scope\":\"all\",\"subject\":null,\"target\":[" HASH "]}",
                "`scope`");
    expect_body(w, "erasure",
                "{\"rule\":\"r\",\"scope\":\"subject\",\"subject\":" HASH ",\"target\":[]}", NULL);
    expect_body(w, "test.run",
                "{\"engagement\":null,\"engine\":\"e\",\"extent\":\"part\",\"payload\":" PAYLOAD
                ",\"period\":{\"from\":\"2026-01-01T00:00:00.000000Z\",\"to\":"
                "\"2026-01-02T00:00:00.000000Z\"},\"position\":1}",
                "`extent`");
    expect_body(w, "test.run",
                "{\"engagement\":null,\"engine\":\"e\",\"extent\":\"full\",\"payload\":" PAYLOAD
                ",\"period\":{\"from\":\"2026-01-01T00:00:00.000000Z\",\"to\":"
                "\"2026-01-01T00:00:00.000000Z\"},\"position\":1}",
                "`period`");
    expect_body(w, "report",
                "{\"checkpoint\":{\"origin\":\"a\",\"root\":" HASH "},\"payload\":" PAYLOAD "}",
                "`checkpoint`");
}

static void a_ledger_may_continue_another(void **state)
{
    struct world *w = *state;
    expect_body(
        w, "ledger.start",
        "{\"origin\":\"a/2\",\"prev\":{\"origin\":\"a/1\",\"reason\":\"restored\",\"root\":" HASH
        ",\"size\":7},\"spec\":\"attest-ledger/1\"}",
        NULL);
    expect_body(w, "ledger.start",
                "{\"origin\":\"a/2\",\"prev\":{\"origin\":\"a/1\",\"root\":" HASH
                ",\"size\":7},\"spec\":\"attest-ledger/1\"}",
                "`prev`");
    expect_body(w, "ledger.start",
                "{\"origin\":\"a/2\",\"prev\":{\"origin\":\"a/1\",\"reason\":\"r\",\"root\":" HASH
                ",\"size\":-7},\"spec\":\"attest-ledger/1\"}",
                "`prev`");
}

static void evidence_may_be_older_than_this_century(void **state)
{
    expect_body(*state, "segment",
                "{\"covers\":null,\"from\":\"1970-01-01T00:00:00.000000Z\",\"of\":\"commits\","
                "\"payload\":" PAYLOAD ",\"personal\":null,\"raw\":null,\"rejects\":null,"
                "\"rows\":1,\"source\":\"source/git\",\"to\":\"1999-12-31T23:59:59.000001Z\"}",
                NULL);
}

static void a_private_name_is_a_commitment(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *names = value_path(file, "commitments.names");
    const struct value *lists[] = { value_path(file, "commitments.opened"),
                                    value_path(file, "commitments.destroyed") };
    size_t found = 0;
    assert_true(value_count(names) > 0);
    for (size_t i = 0; i < value_count(names); i++) {
        struct digest c;
        assert_true(entry_name_is_valid(names->members[i].name));
        assert_true(entry_name_commitment(names->members[i].name, &c));
        for (size_t j = 0; j < 2 * value_count(lists[0]); j++) {
            const struct value *opened = value_item(lists[j % 2], j / 2);
            struct digest of_opened;
            if (!opened || !digest_from_hex(value_text_of(opened, "c"), &of_opened) ||
                !digest_equal(&of_opened, &c))
                continue;
            struct digest made = commitment((const uint8_t *)bytes_of(w, opened, "salt_hex").at,
                                            value_text(names->members[i].value));
            assert_true(digest_equal(&made, &c));
            found++;
        }
    }
    assert_int_equal(found, value_count(names) - 1); /* one is of a faulty ledger */
    struct digest c;
    assert_false(entry_name_commitment(SLICE("person/a"), &c));
    assert_false(entry_name_commitment(SLICE("c/abc"), &c));
}

/* ---- digests that are printed ---- */

static void expect_sha256(struct slice bytes, struct slice expected)
{
    assert_true(slice_starts_with(expected, SLICE("sha256:")));
    expect_digest(sha256_of(bytes), slice_from(expected, 7));
}

static void population_matrix_and_run_have_the_digests_of_the_vectors(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *population = value_member(file, "population");
    const struct value *matrix = value_member(file, "matrix");
    expect_sha256(value_text_of(population, "items"), value_text_of(population, "digest"));
    expect_sha256(value_text_of(matrix, "text"), value_text_of(matrix, "result_digest"));
    struct entry run = entry_of(w, file, number_of(matrix, "entry"));
    expect_digest(run.leaf, slice_from(value_text_of(matrix, "run"), 7));
}

static void the_reports_code_is_the_model_and_the_checkpoint(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *qr = value_member(file, "report_qr");
    struct entry report = entry_of(w, file, number_of(qr, "entry"));
    const struct value *point = value_member(report.body, "checkpoint");
    struct checkpoint checkpoint = { .origin = value_text_of(point, "origin"),
                                     .size = number_of(point, "size"),
                                     .root = digest_of(point, "root") };
    struct digest model = sha256_of(value_text_of(qr, "model"));
    struct strbuf text = strbuf_new(4096);
    report_qr_format(&model, &checkpoint, &text);
    assert_true(slice_equal(strbuf_slice(&text), value_text_of(qr, "text")));
    strbuf_free(&text);
}

static void the_cosigned_checkpoint_of_the_other_house_opens(void **state)
{
    struct world *w = *state;
    const struct value *packets = value_member(world_vectors(w, VECTORS "entries.json"), "packets");
    struct verifier_key keys[2];
    struct checkpoint checkpoint;
    struct note note;
    assert_true(verifier_key_parse(value_text_of(packets, "vkey"), &keys[0]));
    assert_true(verifier_key_parse(value_text_of(packets, "cosigner_vkey"), &keys[1]));
    assert_true(
        checkpoint_open(value_text_of(packets, "cosigned"), keys, 2, &checkpoint, &note, &w->err));
    assert_true(slice_equal(checkpoint.origin, value_text_of(packets, "origin")));
    assert_int_equal(note.count, 2);
    assert_int_equal(note.signatures[1].key->type, KEY_COSIGNATURE);
    struct merkle_edge edge = { .size = 0 };
    const struct value *entries = value_member(packets, "entries");
    for (size_t i = 0; i < value_count(entries); i++) {
        struct digest leaf = leaf_hash(value_text(value_item(entries, i)));
        merkle_edge_add(&edge, &leaf);
    }
    struct digest root = merkle_edge_root(&edge);
    assert_int_equal(checkpoint.size, edge.size);
    assert_true(digest_equal(&root, &checkpoint.root));
}

/* ---- selection ---- */

static struct digest seed, population;

static int by_rank(const void *a, const void *b)
{
    struct slice left = value_text(*(const struct value *const *)a);
    struct slice right = value_text(*(const struct value *const *)b);
    struct slice seed_bytes = slice_bytes(seed.bytes, sizeof seed.bytes);
    struct digest left_rank = selection_rank(seed_bytes, &population, left);
    struct digest right_rank = selection_rank(seed_bytes, &population, right);
    return digest_compare(&left_rank, &right_rank);
}

static void the_first_25_by_rank_are_those_of_the_vectors(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *selection = value_member(file, "selection");
    const struct value *items = value_member(selection, "items");
    const struct value *first = value_member(selection, "first_25");
    seed = digest_of(selection, "seed_hex");
    population = digest_of(selection, "population_leaf");
    const struct value *sorted[64];
    assert_true(value_count(items) <= ARRAY_LEN(sorted));
    for (size_t i = 0; i < value_count(items); i++)
        sorted[i] = value_item(items, i);
    qsort(sorted, value_count(items), sizeof sorted[0], by_rank);
    assert_int_equal(value_count(first), 25);
    for (size_t i = 0; i < 25; i++)
        assert_true(slice_equal(value_text(sorted[i]), value_text(value_item(first, i))));
    expect_digest(selection_rank(slice_bytes(seed.bytes, sizeof seed.bytes), &population,
                                 value_text(sorted[0])),
                  value_text_of(selection, "first_rank_hex"));
}

/* ---- sealed values ---- */

static void sealed_values_open_with_their_key_and_column_only(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *sealed = value_member(file, "sealed");
    struct slice bytes = bytes_of(w, sealed, "sealed_hex");
    struct slice value = value_text_of(sealed, "value"), column = value_text_of(sealed, "column");
    uint8_t key[SEALED_KEY_BYTES], opened[256];
    memcpy(key, bytes_of(w, sealed, "key_hex").at, sizeof key);
    expect_digest(subject_token(key), value_text_of(sealed, "token_hex"));

    struct strbuf made = strbuf_new(4096);
    sealed_add(&made, key, (const uint8_t *)bytes_of(w, sealed, "nonce_hex").at, column, value);
    assert_true(slice_equal(strbuf_slice(&made), bytes));
    assert_true(sealed_open(bytes, key, column, opened));
    assert_true(slice_equal(slice_bytes(opened, value.len), value));

    assert_false(sealed_open(bytes, key, SLICE("committer"), opened));
    assert_false(sealed_open(slice_head(bytes, bytes.len - 1), key, column, opened));
    assert_false(sealed_open(slice_head(bytes, 39), key, column, opened));
    made.at[30] ^= 1;
    assert_false(sealed_open(strbuf_slice(&made), key, column, opened));
    key[0] ^= 1;
    assert_false(sealed_open(bytes, key, column, opened));
    strbuf_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(entries_are_read_with_all_their_fields),
        WORLD_TEST(each_fault_of_form_names_its_field),
        WORLD_TEST(fields_of_a_body_must_agree),
        WORLD_TEST(a_ledger_may_continue_another),
        WORLD_TEST(evidence_may_be_older_than_this_century),
        WORLD_TEST(a_private_name_is_a_commitment),
        WORLD_TEST(population_matrix_and_run_have_the_digests_of_the_vectors),
        WORLD_TEST(the_reports_code_is_the_model_and_the_checkpoint),
        WORLD_TEST(the_cosigned_checkpoint_of_the_other_house_opens),
        WORLD_TEST(the_first_25_by_rank_are_those_of_the_vectors),
        WORLD_TEST(sealed_values_open_with_their_key_and_column_only),
    };
    return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
