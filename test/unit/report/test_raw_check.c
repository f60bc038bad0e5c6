/* Attacks: a segment says something else than the raw file that lies beside it. */
#include <stdio.h>
#include <string.h>

#include "../audit/audit_world.h"
#include "base/file.h"
#include "base/json.h"
#include "evidence/segment_append.h"
#include "program/population_types.h"
#include "report/raw_check.h"
#include "report/verify_store.h"

#define LINE(id, at) "{\"id\":\"" id "\",\"made_at\":\"2026-0" at "-01T00:00:00Z\"}\n"

static const char truth[] = LINE("t1", "1") LINE("t2", "2");

static void begin(struct world *w)
{
    world_apply(w, "kind: PopulationType\nid: things\ntitle: Things\nkey: [id]\ntime: made_at\n"
                   "columns:\n  id: {type: text, meaning: Which}\n"
                   "  made_at: {type: timestamp, meaning: When}\n");
    world_apply(w, "kind: Source\nid: things\npopulation: things\nreader: ndjson\n"
                   "owner: person/own\nsystem: A shop\n");
}

/* What the check says: "holds ...", "fails ..." or "not-made ...". */
static const char *verdict(struct world *w)
{
    static char text[512];
    static const char *const words[] = {
        [CHECK_HOLDS] = "holds", [CHECK_FAILS] = "fails", [CHECK_NOT_MADE] = "not-made"
    };
    struct verify_options options = { 0 };
    struct verifier *verifier = verify_store(w->store, &options, &w->err);
    assert_non_null(verifier);
    struct verification *verification = verifier_verification(verifier);
    assert_true(verification_holds(verification));
    assert_done(w, raw_check(verifier, w->folder, &w->err));
    const struct check *check = verification_find(verification, "segments.raw");
    assert_non_null(check);
    snprintf(text, sizeof text, "%s %s", words[check->state], check->detail);
    verifier_free(verifier);
    return text;
}

/* What somebody records who owns the machine: rows of one file, another as the raw one (NULL:
 * none), and some more of what he likes. */
struct forgery {
    const char *rows, *raw;
    uint64_t more_rows;
    int64_t later_us;
};

static void forge(struct world *w, const struct forgery *forgery)
{
    struct resource_version version = { 0 };
    struct population_type type;
    struct record_type read;
    struct source source;
    struct segment_content content;
    const struct ledger_appended *appended;
    size_t count, position;
    char *path = arena_printf(w->arena, &w->err, "%s/forged.ndjson", w->folder);
    char *parquet = arena_printf(w->arena, &w->err, "%s/forged.parquet", store_tmp(w->store));
    uint64_t size = store_size(w->store);
    struct engine *engine = engine_open(&(struct engine_options){ .threads = 1 }, &w->err);
    assert_true(path && parquet && engine);
    assert_done(
        w, file_write_output(path, slice_of(forgery->rows), &w->err) &&
               resource_get(w->store, w->arena, SLICE("source/things"), size, &version, &w->err) &&
               population_type_get(w->store, w->catalogue, w->arena, SLICE("things"), size, &type,
                                   &w->err) &&
               record_type_read(w->arena, type.document, &read, &w->err));
    const struct value *document = json_parse(w->arena, version.document, "source", NULL, &w->err);
    assert_done(w, document && source_read(w->arena, document, &source, &w->err));
    struct segment_request request = { .engine = engine,
                                       .source = &source,
                                       .type = &read,
                                       .path = path,
                                       .parquet_path = parquet,
                                       .tmp_folder = store_tmp(w->store),
                                       .findings = &w->findings };
    assert_done(w, segment_write(&request, w->arena, &content, &w->err));
    content.counts.kept += forgery->more_rows;
    content.counts.last_us += forgery->later_us;
    /* The record beside the entry agrees with it: store.records sees nothing. */
    if (forgery->raw)
        content.raw =
            (struct input_totals){ sha256_of(slice_of(forgery->raw)), strlen(forgery->raw) };
    struct payload_writer *raw = forgery->raw ? payload_writer_new(w->store, &w->err) : NULL;
    assert_done(w,
                !forgery->raw || (raw && payload_writer_add(raw, slice_of(forgery->raw), &w->err)));
    struct segment_record record = { .type = &read,
                                     .source = SLICE("source/things"),
                                     .source_version = version.version,
                                     .inputs = &version.leaf,
                                     .inputs_count = 1,
                                     .file = path,
                                     .imported_by = SLICE("person/own"),
                                     .reader = source.reader,
                                     .content = &content,
                                     .parquet_path = parquet,
                                     .raw = raw };
    struct transaction *tx = transaction_begin(w->store, &w->err);
    assert_done(
        w, tx && segment_append(w->store, w->catalogue, engine, tx, &record, &position, &w->err) &&
               transaction_commit(tx, &appended, &count, &w->err));
    transaction_free(tx);
    payload_writer_free(raw);
    engine_close(engine);
}

static const char *forged(struct world *w, const struct forgery *forgery)
{
    begin(w);
    forge(w, forgery);
    return verdict(w);
}

static void what_was_imported_holds(void **state)
{
    struct world *w = *state;
    begin(w);
    (void)audit_import(w, "things", truth, "2026-01-01..2026-12-31");
    assert_string_equal(verdict(w),
                        "holds 1 segments read again from their raw files: the same rows; of 0 "
                        "rows, raw file or definitions are not here, of 0 no raw file was kept, "
                        "of 0 it was erased");
}

static void a_row_that_was_altered_is_found(void **state)
{
    const struct forgery forgery = { LINE("t1", "1") LINE("t2", "3"), truth, 0, 0 };
    const char *said = forged(*state, &forgery);
    assert_non_null(strstr(said, "fails segment #"));
    assert_non_null(strstr(said, "of things has 2 rows that its raw file does not give"));
}

static void a_row_that_was_left_out_is_found(void **state)
{
    const struct forgery forgery = { LINE("t1", "1"), truth, 0, 0 };
    assert_non_null(strstr(forged(*state, &forgery), "has 1 rows that its raw file does not"));
}

static void a_row_that_was_added_is_found(void **state)
{
    const struct forgery forgery = { truth, LINE("t2", "2"), 0, 0 };
    assert_non_null(strstr(forged(*state, &forgery), "has 1 rows that its raw file does not"));
}

static void another_number_of_rows_is_found(void **state)
{
    const struct forgery forgery = { truth, truth, 5, 0 };
    assert_non_null(strstr(forged(*state, &forgery), "says 7 rows, its raw file gives 2"));
}

static void another_span_is_found(void **state)
{
    const struct forgery forgery = { truth, truth, 0, 1 };
    assert_non_null(strstr(forged(*state, &forgery), "says another span than its rows have"));
}

static void a_raw_file_that_is_none_is_found(void **state)
{
    const struct forgery forgery = { truth, "no records\n", 0, 0 };
    assert_non_null(strstr(forged(*state, &forgery), "cannot be read again: "));
}

static void without_raw_file_it_is_said_aloud(void **state)
{
    const struct forgery forgery = { truth, NULL, 0, 0 };
    assert_non_null(strstr(forged(*state, &forgery), "of 1 no raw file was kept"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(what_was_imported_holds),          TEST(a_row_that_was_altered_is_found),
        TEST(a_row_that_was_left_out_is_found), TEST(a_row_that_was_added_is_found),
        TEST(another_number_of_rows_is_found),  TEST(another_span_is_found),
        TEST(a_raw_file_that_is_none_is_found), TEST(without_raw_file_it_is_said_aloud),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
