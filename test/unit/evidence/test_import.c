/* Imports into a data directory: one entry a file, the same file once, withdrawals, and nothing
 * left behind by a failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/file.h"
#include "base/json.h"
#include "evidence/import.h"
#include "evidence/personal_values.h"
#include "evidence/segments.h"
#include "ledger/entry.h"
#include "program/program_world.h"

#define CHANGES                                                                                    \
    "kind: Source\nid: log\npopulation: changes\nreader: ndjson\n"                                 \
    "fields: {id: id, author: user.login, deployed_at: ts}\n"

struct house {
    struct world *w;
    struct engine *engine;
    struct import_result result;
    struct findings findings;
};

static int house_begin(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    struct engine_options options = { .memory_bytes_max = 256 << 20, .threads = 2 };
    void *world = NULL;
    assert_non_null(house);
    assert_int_equal(world_begin(&world), 0);
    house->w = world;
    house->engine = engine_open(&options, &house->w->err);
    assert_non_null(house->engine);
    *state = house;
    return 0;
}

static int house_end(void **state)
{
    struct house *house = *state;
    void *world = house->w;
    engine_close(house->engine);
    findings_free(&house->findings);
    int result = world_end(&world);
    free(house);
    return result;
}

static const char *house_file(struct house *house, const char *name, struct slice bytes)
{
    char *path = arena_printf(house->w->arena, &house->w->err, "%s/%s", house->w->folder, name);
    assert_done(house->w, file_write_output(path, bytes, &house->w->err));
    return path;
}

static bool house_import(struct house *house, const char *source, const char *path,
                         const char *covers)
{
    struct import_request request = {
        .store = house->w->store,
        .engine = house->engine,
        .catalogue = house->w->catalogue,
        .source = slice_of(source),
        .path = path,
        .covers = slice_of(covers),
        .imported_by = SLICE("person/own"),
        .findings = &house->findings,
    };
    findings_free(&house->findings);
    house->w->err = (struct error){ 0 };
    return import_file(&request, house->w->arena, &house->result, &house->w->err);
}

/* The only segment, or the last of so many. */
static struct segment last_segment(struct house *house, size_t count)
{
    struct segment_list list;
    assert_done(house->w, segments_list(house->w->store, house->w->arena, (struct slice){ 0 },
                                        store_size(house->w->store), true, &list, &house->w->err));
    assert_int_equal(list.count, count);
    return list.items[count - 1];
}

static size_t files_in_tmp(struct house *house)
{
    struct folder_names names;
    assert_done(house->w,
                folder_list(house->w->arena, store_tmp(house->w->store), &names, &house->w->err));
    return names.count;
}

static const char rows[] =
    "{\"id\":\"1\",\"user\":{\"login\":\"ann\"},\"ts\":\"2023-03-01T12:00:00Z\","
    "\"more\":1}\n"
    "{\"id\":\"2\",\"user\":{\"login\":\"bob\"},\"ts\":\"2023-01-01T00:00:00Z\"}\n"
    "{\"id\":\"3\",\"user\":{\"login\":\"cy\"}}\n";

static void a_file_becomes_one_entry_that_pins_source_and_type(void **state)
{
    struct house *house = *state;
    struct world *w = house->w;
    world_apply(w, CHANGES "timezone: Europe/Berlin\n");
    assert_done(w, house_import(house, "source/log", house_file(house, "x.ndjson", slice_of(rows)),
                                "2023-01-01..2023-03-31"));
    assert_int_equal(house->result.rows, 3);
    assert_int_equal(house->result.kept, 3);
    assert_int_equal(house->result.undated, 1);
    assert_int_equal(house->result.unknown_count, 1);
    assert_true(slice_is(house->result.unknown_fields[0], "more"));
    assert_false(house->result.is_already_imported);

    struct segment segment = last_segment(house, 1);
    assert_true(slice_is(segment.leaf_hex, house->result.segment));
    assert_true(slice_is(segment.type, "changes"));
    assert_true(slice_is(segment.source, "source/log"));
    assert_int_equal(segment.rows, 3);
    assert_int_equal(segment.span.start_us, INT64_C(1672531200000000));
    assert_int_equal(segment.span.end_us, INT64_C(1677672000000001));
    assert_int_equal(segment.covers.start_us, INT64_C(1672527600000000)); /* 00:00 in Berlin */
    assert_int_equal(segment.covers.end_us, INT64_C(1680300000000000));
    assert_true(slice_is(value_text_of(segment.object, "file"), "x.ndjson"));
    assert_true(slice_is(value_text_of(segment.object, "imported_by"), "person/own"));
    assert_true(slice_is(value_text_of(segment.object, "row_digest"), house->result.row_digest));
    assert_int_equal(value_count(value_member(segment.object, "unknown_fields")), 1);

    /* Both versions are inputs; the built-in type came into the store with the import. */
    struct stored_entry entry;
    struct resource_version source, type;
    uint64_t size = store_size(w->store);
    assert_done(w, entry_get(w->store, w->arena, segment.n, &entry, &w->err));
    assert_done(w, resource_get(w->store, w->arena, SLICE("source/log"), size, &source, &w->err));
    assert_done(w, resource_get(w->store, w->arena, SLICE("population-type/changes"), size, &type,
                                &w->err));
    char hex[65];
    digest_hex(&source.leaf, hex);
    assert_non_null(strstr(entry.bytes.at, hex));
    digest_hex(&type.leaf, hex);
    assert_non_null(strstr(entry.bytes.at, hex));
    assert_true(slice_is(entry.side, "system"));
    assert_true(slice_is(entry.actor, "program/attest"));
    assert_int_equal(files_in_tmp(house), 0);
}

static struct slice payload_of(struct house *house, const struct segment *segment, const char *name)
{
    struct stored_entry entry;
    struct payload payload;
    struct slice bytes;
    uint8_t salt[32];
    struct world *w = house->w;
    assert_done(w, entry_get(w->store, w->arena, segment->n, &entry, &w->err));
    const struct value *body = value_member(
        json_parse(w->arena, entry.bytes, "entry", &json_limits_default, &w->err), "body");
    assert_true(payload_ref(value_member(body, name), &payload.c, &payload.bytes));
    assert_done(w, payload_get(w->store, w->arena, &payload.c, salt, &bytes, &w->err));
    return bytes;
}

static void the_rows_and_the_raw_bytes_are_payloads(void **state)
{
    struct house *house = *state;
    struct world *w = house->w;
    world_apply(w, CHANGES);
    assert_done(w, house_import(house, "source/log", house_file(house, "x", slice_of(rows)), ""));
    struct segment segment = last_segment(house, 1);
    assert_false(segment.has_covers);

    char unpacked[sizeof rows];
    struct slice raw = payload_of(house, &segment, "raw");
    assert_int_equal(ZSTD_decompress(unpacked, sizeof unpacked, raw.at, raw.len), strlen(rows));
    assert_memory_equal(unpacked, rows, strlen(rows));

    /* The Parquet files always lie in files, for the engine to open. Authors are personal: their
     * tokens are in the rows, and their names come back with the keys only. */
    char *path, *personal, sql[512];
    uint8_t salt[32];
    int64_t count;
    uint64_t closed;
    struct personal_keys keys = personal_keys_of(w->store);
    assert_true(segment.is_sealed);
    assert_done(w, payload_file(w->store, w->arena, &segment.payload.c, salt, &path, &w->err));
    assert_done(w, payload_file(w->store, w->arena, &segment.personal.c, salt, &personal, &w->err));
    for (int is_open = 0; is_open < 2; is_open++) {
        (void)snprintf(sql, sizeof sql,
                       "select count(*) from read_parquet('%s') where personal_value(author) in "
                       "('ann', 'bob', 'cy')",
                       path);
        assert_done(w, engine_query_int64(house->engine, slice_of(sql), &count, &w->err));
        assert_int_equal(count, is_open ? 3 : 0);
        assert_done(w, personal_values_open(house->engine, (const char *const[]){ personal }, 1,
                                            &keys, &closed, &w->err));
        assert_int_equal(closed, 0);
    }
    (void)snprintf(sql, sizeof sql,
                   "select count(*) from read_parquet('%s') where length(author) = 64", path);
    assert_done(w, engine_query_int64(house->engine, slice_of(sql), &count, &w->err));
    assert_int_equal(count, 3);
    struct findings findings = { 0 };
    assert_done(w, store_check(w->store, &findings, &w->err));
    assert_int_equal(findings.errors_count, 0);
    findings_free(&findings);
}

static void the_same_file_is_imported_once(void **state)
{
    struct house *house = *state;
    struct world *w = house->w;
    char first[65];
    world_apply(w, CHANGES);
    const char *path = house_file(house, "x.ndjson", slice_of(rows));
    assert_done(w, house_import(house, "source/log", path, ""));
    memcpy(first, house->result.segment, sizeof first);
    uint64_t size = store_size(w->store);

    /* Under another name, and packed: it is the bytes that count. */
    char packed[1024];
    size_t len = ZSTD_compress(packed, sizeof packed, rows, strlen(rows), 1);
    assert_done(w, house_import(house, "source/log",
                                house_file(house, "y.zst", (struct slice){ packed, len }), ""));
    assert_true(house->result.is_already_imported);
    assert_string_equal(house->result.segment, first);
    assert_int_equal(store_size(w->store), size);
    assert_int_equal(files_in_tmp(house), 0);

    /* Another version of the source reads it anew. */
    world_apply(w, CHANGES "unknown: ignore\n");
    assert_done(w, house_import(house, "source/log", path, ""));
    assert_false(house->result.is_already_imported);
    last_segment(house, 2);
}

static void a_withdrawn_segment_stays_listed_and_may_come_again(void **state)
{
    struct house *house = *state;
    struct world *w = house->w;
    char hex[65];
    world_apply(w, CHANGES);
    const char *path = house_file(house, "x.ndjson", slice_of(rows));
    assert_done(w, house_import(house, "source/log", path, "2023-01-01..2023-12-31"));
    struct slice prefix = { house->result.segment, 10 };

    assert_false(segment_withdraw(w->store, &w->acting.actor, prefix, SLICE(" "), hex, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_done(
        w, segment_withdraw(w->store, &w->acting.actor, prefix, SLICE("wrong days"), hex, &w->err));
    assert_string_equal(hex, house->result.segment);
    assert_true(last_segment(house, 1).is_withdrawn);
    assert_false(
        segment_withdraw(w->store, &w->acting.actor, prefix, SLICE("again"), hex, &w->err));
    assert_non_null(strstr(w->err.message, "withdrawn already"));
    assert_false(segment_withdraw(w->store, &w->acting.actor, SLICE("0123456789abcdef"),
                                  SLICE("none"), hex, &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);

    assert_done(w, house_import(house, "source/log", path, "2023-01-01..2023-03-31"));
    assert_false(house->result.is_already_imported);
    last_segment(house, 2);
}

static void what_was_set_aside_is_evidence_too(void **state)
{
    struct house *house = *state;
    struct world *w = house->w;
    world_apply(w, CHANGES "on_bad: set-aside\nkeep_raw: false\n");
    assert_done(w, house_import(house, "source/log",
                                house_file(house, "x.ndjson",
                                           SLICE("{\"id\":\"1\"}\n{\"id\":2}\n{\"id\":\"3\"}\n")),
                                ""));
    assert_int_equal(house->result.rows, 3);
    assert_int_equal(house->result.kept, 2);
    assert_int_equal(house->result.set_aside, 1);
    struct segment segment = last_segment(house, 1);
    assert_int_equal(segment.rows, 2);
    struct slice rejects = payload_of(house, &segment, "rejects");
    assert_true(slice_starts_with(rejects, SLICE("{\"record\":\"{\\\"id\\\":2}\",\"line\":2")));
    struct stored_entry entry;
    assert_done(w, entry_get(w->store, w->arena, segment.n, &entry, &w->err));
    assert_non_null(strstr(entry.bytes.at, "\"raw\":null"));
}

static void a_refused_file_leaves_nothing(void **state)
{
    struct house *house = *state;
    struct world *w = house->w;
    world_apply(w, CHANGES);
    uint64_t size = store_size(w->store);
    const char *path = house_file(house, "x.ndjson", SLICE("{\"id\":\"1\"}\n{\"id\":2}\n"));
    assert_false(house_import(house, "source/log", path, ""));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.where, "x.ndjson:2: id"));
    assert_false(house_import(house, "source/log", path, "2023-12-31..2023-01-01"));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_false(house_import(house, "source/lug", path, ""));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    assert_string_equal(w->err.hint, "did you mean source/log?");
    assert_int_equal(store_size(w->store), size);
    assert_int_equal(files_in_tmp(house), 0);
}

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_begin, house_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(a_file_becomes_one_entry_that_pins_source_and_type),
        HOUSE_TEST(the_rows_and_the_raw_bytes_are_payloads),
        HOUSE_TEST(the_same_file_is_imported_once),
        HOUSE_TEST(a_withdrawn_segment_stays_listed_and_may_come_again),
        HOUSE_TEST(what_was_set_aside_is_evidence_too),
        HOUSE_TEST(a_refused_file_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
