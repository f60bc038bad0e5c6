/* Every record file of test/inputs/hostile/ comes out as its manifest says: accepted, accepted with
 * a warning, or refused with the line and the names that the message must have. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

#define FOLDER "test/inputs/hostile/"

/* The outcomes that the manifest leaves open, as attest decides them. */
static const struct {
    const char *file, *must;
} decisions[] = {
    { "n06-bom.ndjson", "warn" },
    { "n09-10MB-line.ndjson.gz", "accept" },
    { "n13-30-digits.ndjson", "reject" },
    { "n15-leap-second.ndjson", "warn" },
    { "n18-ambiguous-dst.ndjson", "reject" },
    { "n28-ids-differ-in-case.ndjson", "accept" },
    { "n29-homoglyph.ndjson", "accept" },
    { "n32-sql-in-field-name.ndjson", "accept" },
    { "n33-long-id.ndjson", "accept" },
    { "n38-escaped-nul.ndjson", "reject" },
    /* Rows of one key with different content: populations refuse them, not imports. */
    { "n27-duplicate-ids.ndjson", "accept" },
};

static struct slice expected_outcome(const struct value *hostile)
{
    for (size_t i = 0; i < ARRAY_LEN(decisions); i++)
        if (slice_is(value_text_of(hostile, "file"), decisions[i].file))
            return slice_of(decisions[i].must);
    return value_text_of(hostile, "must");
}

static void source_for(struct world *w, const struct value *hostile)
{
    struct slice zone = value_text_of(hostile, "source_zone");
    char yaml[512];
    (void)snprintf(yaml, sizeof yaml,
                   "kind: Source\nid: h\npopulation: changes\nreader: %.*s\n%s%.*s\n"
                   "fields: {id: id, actor: actor, at: at, amount: amount, note: note}\n",
                   SLICE_ARG(value_text_of(hostile, "reader")), zone.len ? "timezone: " : "",
                   SLICE_ARG(zone));
    world_source(w, yaml);
}

/* "x.ndjson:12: field" holds :12 and no further digit. */
static bool names_line(const char *where, int64_t line)
{
    char wanted[32];
    int len = snprintf(wanted, sizeof wanted, ":%lld", (long long)line);
    for (const char *at = strstr(where, wanted); at; at = strstr(at + 1, wanted))
        if (at[len] < '0' || at[len] > '9')
            return true;
    return false;
}

static void check_refusal(struct world *w, const struct value *hostile, const char *file)
{
    int64_t line;
    const struct value *names = value_member(hostile, "message_names");
    if (w->err.code != ERROR_INVALID)
        fail_msg("%s: code %d: %s", file, w->err.code, w->err.message);
    if (value_to_i64(value_member(hostile, "line"), &line) && !names_line(w->err.where, line))
        fail_msg("%s: no line %lld in %s: %s", file, (long long)line, w->err.where, w->err.message);
    for (size_t i = 0; i < value_count(names); i++) {
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "%.*s", SLICE_ARG(value_text(value_item(names, i))));
        if (!strstr(w->err.where, wanted) && !strstr(w->err.message, wanted))
            fail_msg("%s: no %s in %s: %s", file, wanted, w->err.where, w->err.message);
    }
}

static void check_case(struct world *w, const struct value *hostile)
{
    char path[256];
    struct slice must = expected_outcome(hostile);
    int64_t rows = 0;
    (void)snprintf(path, sizeof path, FOLDER "%.*s", SLICE_ARG(value_text_of(hostile, "file")));
    source_for(w, hostile);
    bool is_read = world_read(w, path);
    if (slice_is(must, "reject")) {
        if (is_read)
            fail_msg("%s: was read", path);
        check_refusal(w, hostile, path);
        return;
    }
    if (!is_read)
        fail_msg("%s: %s: %s", path, w->err.where, w->err.message);
    if (slice_is(must, "warn") && w->findings.warnings_count == 0)
        fail_msg("%s: no warning", path);
    if (value_to_i64(value_member(hostile, "rows"), &rows) &&
        w->content.counts.kept != (uint64_t)rows)
        fail_msg("%s: %llu rows", path, (unsigned long long)w->content.counts.kept);
    assert_digest_of_rows(w);
}

static void every_hostile_record_file_comes_out_as_it_must(void **state)
{
    struct world *w = *state;
    struct slice text;
    size_t checked = 0;
    world_type(w, TYPE_CHANGES);
    assert_true(file_read(w->arena, FOLDER "manifest.json", 1 << 20, &text, &w->err));
    const struct value *manifest =
        json_parse(w->arena, text, "manifest.json", &json_limits_default, &w->err);
    const struct value *cases = value_member(manifest, "cases");
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *hostile = value_item(cases, i);
        struct slice reader = value_text_of(hostile, "reader");
        if (!slice_is(reader, "ndjson") && !slice_is(reader, "csv") && !slice_is(reader, "parquet"))
            continue;
        check_case(w, hostile);
        checked++;
    }
    assert_int_equal(checked, 59);
}

static void values_of_hostile_files_are_kept_as_they_came(void **state)
{
    struct world *w = *state;
    world_type(w, TYPE_CHANGES);
    const char *ndjson = "kind: Source\nid: h\npopulation: changes\nreader: ndjson\n";
    const char *csv = "kind: Source\nid: h\npopulation: changes\nreader: csv\n";

    world_source(w, ndjson);
    assert_true(world_read(w, FOLDER "n09-10MB-line.ndjson.gz"));
    assert_true(strlen(world_rows(w)) > 10000000);

    assert_true(world_read(w, FOLDER "n16-offsets.ndjson"));
    assert_non_null(strstr(world_rows(w), "\"2023-02-28T10:30:00.000000Z\""));
    assert_non_null(strstr(world_rows(w), "\"2023-03-01T10:00:00.000000Z\""));
    assert_non_null(strstr(world_rows(w), "\"2023-03-01T11:30:00.000000Z\""));

    assert_true(world_read(w, FOLDER "n15-leap-second.ndjson"));
    assert_non_null(strstr(world_rows(w), "\"2016-12-31T23:59:59.999999Z\""));

    world_source(w, csv);
    assert_true(world_read(w, FOLDER "c01-newline-in-quotes.csv"));
    assert_non_null(strstr(world_rows(w), "\"two\\nlines\""));
    assert_true(world_read(w, FOLDER "c02-doubled-quotes.csv"));
    assert_non_null(strstr(world_rows(w), "\"say \\\"yes\\\"\""));
    assert_true(world_read(w, FOLDER "c12-text-like-numbers.csv"));
    assert_non_null(strstr(world_rows(w), "[\"00123\","));
    assert_non_null(strstr(world_rows(w), "[\"1E5\","));
    assert_true(world_read(w, FOLDER "c04-formulas.csv"));
    assert_non_null(strstr(world_rows(w), "\"=HYPERLINK(\\\"http://example.org\\\",\\\"x\\\")\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_hostile_record_file_comes_out_as_it_must),
        WORLD_TEST(values_of_hostile_files_are_kept_as_they_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
