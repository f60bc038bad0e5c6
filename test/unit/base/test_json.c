/* JSON: what is read and what is refused, positions, and the canonical form of RFC 8785. */
#include "base_test.h"

#include "base/digest.h"
#include "base/json_scan.h"

static const char vectors_path[] = "test/vectors/ledger/jcs.json";

/* Bytes that are written as hex in a vector file. */
static struct slice from_hex(struct world *w, struct slice hex)
{
    uint8_t *bytes = arena_alloc(w->arena, hex.len / 2 + 1, &w->err);
    assert_non_null(bytes);
    assert_true(hex_parse(hex, bytes, hex.len / 2));
    return slice_bytes(bytes, hex.len / 2);
}

static struct value *parse(struct world *w, struct slice text)
{
    return json_parse(w->arena, text, "x.json", NULL, &w->err);
}

static struct slice canonical(struct world *w, struct slice text)
{
    struct slice out = { 0 };
    struct value *value = parse(w, text);
    if (!value || !json_canonical_copy(w->arena, value, &out, &w->err))
        fail_msg("%.*s: %s", SLICE_ARG(text), w->err.message);
    return out;
}

/* ---------------------------------------------------------------- RFC 8785 */

static void every_vector_has_its_canonical_form(void **state)
{
    struct world *w = *state;
    const struct value *cases = value_member(world_vectors(w, vectors_path), "cases");
    assert_int_equal(value_count(cases), 72);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *one = value_item(cases, i);
        struct slice out = canonical(w, from_hex(w, value_text_of(one, "in_hex")));
        struct slice expected = from_hex(w, value_text_of(one, "out_hex"));
        if (!slice_equal(out, expected) || !slice_equal(out, value_text_of(one, "out")))
            fail_msg("case %zu: found %.*s, expected %.*s", i, SLICE_ARG(out), SLICE_ARG(expected));
        /* What is canonical stays as it is. */
        assert_true(slice_equal(canonical(w, out), out));
    }
}

static void every_double_of_the_vectors_has_its_shortest_form(void **state)
{
    struct world *w = *state;
    const struct value *numbers = value_member(world_vectors(w, vectors_path), "numbers");
    assert_int_equal(value_count(numbers), 250);
    for (size_t i = 0; i < value_count(numbers); i++) {
        const struct value *one = value_item(numbers, i);
        struct slice bytes = from_hex(w, value_text_of(one, "bits"));
        uint64_t bits = 0;
        double number;
        char out[32];
        for (size_t k = 0; k < 8; k++)
            bits = bits << 8 | (unsigned char)bytes.at[k];
        memcpy(&number, &bits, sizeof number);
        json_number(number, out);
        if (!slice_is(value_text_of(one, "out"), out))
            fail_msg("%.17g: found %s", number, out);
        assert_true(strtod(out, NULL) == number);
    }
}

static void every_faulty_vector_is_refused(void **state)
{
    struct world *w = *state;
    const struct value *reject = value_member(world_vectors(w, vectors_path), "reject");
    assert_int_equal(value_count(reject), 34);
    for (size_t i = 0; i < value_count(reject); i++) {
        const struct value *one = value_item(reject, i);
        struct slice text = from_hex(w, value_text_of(one, "in_hex")), out;
        w->err = (struct error){ 0 };
        struct value *value = parse(w, text);
        if (value && json_canonical_copy(w->arena, value, &out, &w->err))
            fail_msg("taken: %.*s", SLICE_ARG(value_text_of(one, "why")));
        assert_int_equal(w->err.code, ERROR_INVALID);
        assert_true(w->err.message[0] != '\0');
    }
}

static void names_are_sorted_by_utf16_units(void **state)
{
    struct world *w = *state;
    /* U+1F600 is d83d in UTF-16 and so comes before U+FB33. */
    expect_slice(canonical(w, SLICE("{\"\xEF\xAC\xB3\":1,\"\xF0\x9F\x98\x80\":2,\"\xC3\xB6\":3,"
                                    "\"\\r\":4,\"1\":5,\"\":6,\"a\":7,\"A\":8,\"aa\":9}")),
                 "{\"\":6,\"\\r\":4,\"1\":5,\"A\":8,\"a\":7,\"aa\":9,\"\xC3\xB6\":3,"
                 "\"\xF0\x9F\x98\x80\":2,\"\xEF\xAC\xB3\":1}");
}

/* ---------------------------------------------------------------- the scanner */

static bool scans(struct slice text, struct error *err)
{
    struct json_scan scan;
    enum json_token token;
    json_scan_start(&scan, text, JSON_DEPTH_MAX);
    do
        token = json_scan_next(&scan, err);
    while (token != JSON_ERROR && token != JSON_END);
    assert_true(token == JSON_END || scan.at <= text.len);
    return token == JSON_END;
}

static void the_scanner_takes_what_rfc_8259_allows(void **state)
{
    struct world *w = *state;
    static const struct slice taken[] = {
        { "0", 1 },
        { "-0", 2 },
        { " \t\r\n1 \n", 7 },
        { "1.5e+3", 6 },
        { "1E-5", 4 },
        { "[]", 2 },
        { "{}", 2 },
        { "[1,2]", 5 },
        { "{\"a\":[]}", 8 },
        { "\"\\u0000\"", 8 },
        { "\"\x7F\"", 3 },
        { "null", 4 },
        { "\"\\/\"", 4 },
        { "1e-400", 6 },
        { "\"\"", 2 },
        { "true", 4 },
        { "[[],{},[{}]]", 12 },
        { "\"\xE2\x80\xA8\"", 5 },
        { "1.7976931348623157e308", 22 },
        { "\"\\ud83d\\ude00\"", 14 },
    };
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        if (!scans(taken[i], &w->err))
            fail_msg("refused: %.*s: %s", SLICE_ARG(taken[i]), w->err.message);
}

static void the_scanner_refuses_what_is_not_json(void **state)
{
    struct world *w = *state;
    static const struct slice refused[] = {
        { "", 0 },
        { " ", 1 },
        { "01", 2 },
        { "-01", 3 },
        { "1.", 2 },
        { ".5", 2 },
        { "-", 1 },
        { "+1", 2 },
        { "1e", 2 },
        { "1e+", 3 },
        { "0x10", 4 },
        { "1_000", 5 },
        { "NaN", 3 },
        { "-Infinity", 9 },
        { "Infinity", 8 },
        { "1e400", 5 },
        { "-1e400", 6 },
        { "True", 4 },
        { "nul", 3 },
        { "nulll", 5 },
        { "'a'", 3 },
        { "\"a", 2 },
        { "\"\\x41\"", 6 },
        { "\"\\u12\"", 6 },
        { "\"\\u12g4\"", 8 },
        { "\"\\", 2 },
        { "\"\\u", 3 },
        { "\"\t\"", 3 },
        { "\"\n\"", 3 },
        { "\"\0\"", 3 },
        { "1\0", 2 },
        { "\"\\ud800\"", 8 },
        { "\"\\udc00\"", 8 },
        { "\"\\ud800x\"", 9 },
        { "\"\\ud800\\n\"", 10 },
        { "\"\\ud800\\ud800\"", 14 },
        { "\"\\ud800\\u0041\"", 14 },
        { "[1,]", 4 },
        { "[,1]", 4 },
        { "[1 2]", 5 },
        { "[1", 2 },
        { "[", 1 },
        { "]", 1 },
        { "[}", 2 },
        { "{]", 2 },
        { "{\"a\"}", 5 },
        { "{\"a\":}", 6 },
        { "{\"a\":1,}", 8 },
        { "{,}", 3 },
        { "{a:1}", 5 },
        { "{1:1}", 5 },
        { "{\"a\" 1}", 7 },
        { "{\"a\":1 \"b\":2}", 13 },
        { "{\"a\":1", 6 },
        { "{\"a\":", 5 },
        { "{\"a\"", 4 },
        { "{", 1 },
        { "1 2", 3 },
        { "{}{}", 4 },
        { "[] []", 5 },
        { "1,", 2 },
        { "// x\n1", 6 },
        { "/* */1", 6 },
        { "# x\n1", 5 },
        { "1 // x", 6 },
        { "\xEF\xBB\xBF"
          "1",
          4 },
        { "\"\xFF\"", 3 },
        { "\"\xC0\xAF\"", 4 },
        { "\"\xED\xA0\x80\"", 5 },
        { "\xC2\xA0"
          "1",
          3 },
        { "1\v", 2 },
        { "1\f", 2 },
        { "\xFF\xFE\x31\x00", 4 },
        { "\xFE\xFF\x00\x31", 4 },
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        w->err = (struct error){ 0 };
        if (scans(refused[i], &w->err))
            fail_msg("taken: %.*s", SLICE_ARG(refused[i]));
        assert_int_equal(w->err.code, ERROR_INVALID);
        assert_true(w->err.message[0] != '\0');
        assert_string_equal(w->err.where, "");
    }
}

static void every_prefix_of_a_text_is_refused(void **state)
{
    struct world *w = *state;
    struct slice text =
        SLICE("{\"a\":[1,-2.5e+3,true,false,null,\"x\\u00e9\\ud83d\\ude00\"],\"b\":{}}");
    assert_true(scans(text, &w->err));
    for (size_t len = 0; len < text.len; len++)
        assert_false(scans(slice_head(text, len), &w->err));
}

static void tokens_tell_their_place_and_text(void **state)
{
    struct world *w = *state;
    struct json_scan scan;
    char out[8];
    json_scan_start(&scan, SLICE(" {\"a\\n\" : [-1.50, \"x\"]}"), 2);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_OBJECT_BEGIN);
    assert_int_equal(scan.at, 1);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_NAME);
    assert_int_equal(scan.at, 2);
    assert_true(scan.has_escapes);
    assert_int_equal(json_unescape(scan.text, out), 2);
    assert_memory_equal(out, "a\n", 2);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_ARRAY_BEGIN);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_NUMBER);
    expect_slice(scan.text, "-1.50");
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_STRING);
    expect_slice(scan.text, "x");
    assert_false(scan.has_escapes);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_ARRAY_END);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_OBJECT_END);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_END);
}

static void escapes_are_decoded(void **state)
{
    struct world *w = *state;
    struct value *value = parse(
        w, SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00\\u0000z\""));
    assert_non_null(value);
    assert_true(
        slice_equal(value->text, SLICE("\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\0z")));
}

static void a_value_is_skipped_whole(void **state)
{
    struct world *w = *state;
    struct json_scan scan;
    json_scan_start(&scan, SLICE("[{\"a\":[1,{\"b\":2}]},3]"), 8);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_ARRAY_BEGIN);
    assert_true(json_scan_skip(&scan, json_scan_next(&scan, &w->err), &w->err));
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_NUMBER);
    assert_true(json_scan_skip(&scan, JSON_NUMBER, &w->err));
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_ARRAY_END);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_END);

    json_scan_start(&scan, SLICE("[[1,x]]"), 8);
    assert_int_equal(json_scan_next(&scan, &w->err), JSON_ARRAY_BEGIN);
    assert_false(json_scan_skip(&scan, json_scan_next(&scan, &w->err), &w->err));
}

static void depth_is_bounded_exactly(void **state)
{
    struct world *w = *state;
    char text[2 * JSON_DEPTH_MAX + 4];
    struct json_scan scan;
    for (unsigned depth = 1; depth <= JSON_DEPTH_MAX; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct slice nested = slice_bytes(text, (size_t)2 * depth);
        enum json_token token;
        json_scan_start(&scan, nested, depth);
        while ((token = json_scan_next(&scan, &w->err)) != JSON_END)
            assert_int_not_equal(token, JSON_ERROR);
        json_scan_start(&scan, nested, depth - 1);
        while ((token = json_scan_next(&scan, &w->err)) != JSON_ERROR)
            assert_int_not_equal(token, JSON_END);
    }
}

/* ---------------------------------------------------------------- documents */

static void nodes_know_their_line_and_column(void **state)
{
    struct world *w = *state;
    const struct value *value = parse(w, SLICE("{\n  \"\xC3\xA9\": [1,\r\n\t\"x\"], \"b\": true}"));
    assert_non_null(value);
    assert_int_equal(value->members[0].line, 2);
    assert_int_equal(value->members[0].column, 3);
    const struct value *items = value->members[0].value;
    assert_int_equal(items->line, 2);
    assert_int_equal(items->column, 8);
    assert_int_equal(items->items[1]->line, 3);
    assert_int_equal(items->items[1]->column, 2);
    assert_int_equal(value->members[1].value->column, 13);
    assert_false(items->items[1]->is_plain);
}

static void an_error_names_file_line_and_column(void **state)
{
    struct world *w = *state;
    assert_null(parse(w, SLICE("{\n \"a\": 01}")));
    assert_string_equal(w->err.where, "x.json:2:7");
    assert_null(parse(w, SLICE("{\"\xC3\xA9\": nope}")));
    assert_string_equal(w->err.where, "x.json:1:7");
    assert_null(parse(w, SLICE("")));
    assert_string_equal(w->err.where, "x.json:1:1");
    assert_null(parse(w, SLICE("\"a\xFF\"")));
    assert_string_equal(w->err.where, "x.json:1:3");
}

static void a_name_given_twice_is_refused_at_the_second(void **state)
{
    struct world *w = *state;
    assert_null(parse(w, SLICE("{\"a\":1,\n\"b\":2,\n\"\\u0061\":3}")));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(w->err.where, "x.json:3:1");
    assert_non_null(strstr(w->err.message, "\"a\""));
    assert_non_null(parse(w, SLICE("{\"a\":{\"a\":1},\"b\":{\"a\":1}}")));
}

static void limits_hold(void **state)
{
    struct world *w = *state;
    const struct json_limits limits = { .bytes_max = 20, .depth_max = 2, .nodes_max = 4 };
    assert_non_null(json_parse(w->arena, SLICE("[[1],2]"), "x", &limits, &w->err));
    assert_null(json_parse(w->arena, SLICE("[[1],2,3]"), "x", &limits, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_null(json_parse(w->arena, SLICE("[[[]]]"), "x", &limits, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_null(json_parse(w->arena, SLICE("[                    ]"), "x", &limits, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
}

/* Members are counted in the ten thousands in a hostile file, and none may cost a look at all
 * others. */
static void many_members_do_not_take_their_square(void **state)
{
    struct world *w = *state;
    struct strbuf text = strbuf_new(16 << 20);
    strbuf_add_char(&text, '{');
    for (unsigned i = 0; i < 200000; i++)
        strbuf_printf(&text, "%s\"k%u\":%u", i ? "," : "", i, i);
    strbuf_add_char(&text, '}');
    struct value *value = parse(w, strbuf_slice(&text));
    assert_non_null(value);
    assert_int_equal(value_count(value), 200000);
    const struct value *copy = value_copy(w->arena, value, &w->err);
    assert_non_null(copy);
    assert_true(value_equal(value, copy));
    strbuf_free(&text);
}

static void memory_that_runs_out_is_told(void **state)
{
    struct world *w = *state;
    struct slice text = SLICE("{\"a\":[1,2,3,\"\\u0041\"],\"b\":{\"c\":null,\"d\":\"x\"}}");
    for (size_t max = 0; max < 4000; max += 16) {
        struct arena *small = arena_new(max, &w->err);
        assert_non_null(small);
        w->err = (struct error){ 0 };
        if (!json_parse(small, text, "x", NULL, &w->err))
            assert_int_equal(w->err.code, ERROR_NO_MEMORY);
        else
            assert_true(max > 100);
        arena_free(small);
    }
}

static void pretty_text_reads_back_as_the_same_tree(void **state)
{
    struct world *w = *state;
    struct strbuf out = strbuf_new(10000);
    struct value *value = parse(w, SLICE("{\"b\":[1,[],{}],\"a\":{\"c\":\"x\\ny\"},\"n\":null}"));
    json_pretty(value, &out);
    expect_slice(strbuf_slice(&out), "{\n  \"b\": [\n    1,\n    [],\n    {}\n  ],\n  \"a\": {\n"
                                     "    \"c\": \"x\\ny\"\n  },\n  \"n\": null\n}\n");
    assert_true(value_equal(parse(w, strbuf_slice(&out)), value));
    strbuf_free(&out);
}

static void a_number_too_large_has_no_canonical_form(void **state)
{
    struct world *w = *state;
    struct value *number = value_new(w->arena, VALUE_NUMBER, &w->err);
    struct strbuf out = strbuf_new(1000);
    number->text = SLICE("1e999");
    assert_false(json_canonical(number, &out, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_vector_has_its_canonical_form),
        WORLD_TEST(every_double_of_the_vectors_has_its_shortest_form),
        WORLD_TEST(every_faulty_vector_is_refused),
        WORLD_TEST(names_are_sorted_by_utf16_units),
        WORLD_TEST(the_scanner_takes_what_rfc_8259_allows),
        WORLD_TEST(the_scanner_refuses_what_is_not_json),
        WORLD_TEST(every_prefix_of_a_text_is_refused),
        WORLD_TEST(tokens_tell_their_place_and_text),
        WORLD_TEST(escapes_are_decoded),
        WORLD_TEST(a_value_is_skipped_whole),
        WORLD_TEST(depth_is_bounded_exactly),
        WORLD_TEST(nodes_know_their_line_and_column),
        WORLD_TEST(an_error_names_file_line_and_column),
        WORLD_TEST(a_name_given_twice_is_refused_at_the_second),
        WORLD_TEST(limits_hold),
        WORLD_TEST(many_members_do_not_take_their_square),
        WORLD_TEST(memory_that_runs_out_is_told),
        WORLD_TEST(pretty_text_reads_back_as_the_same_tree),
        WORLD_TEST(a_number_too_large_has_no_canonical_form),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
