#include "reader_check.h"

#include <pthread.h>
#include <string.h>

#include "base/json.h"
#include "evidence/reader.h"
#include "fuzz.h"

/* A column of every type. */
static const char type_json[] =
    "{\"kind\":\"PopulationType\",\"id\":\"things\",\"key\":[\"id\"],\"time\":\"at\",\"columns\":{"
    "\"id\":{\"type\":\"text\",\"required\":true},\"at\":{\"type\":\"timestamp\"},"
    "\"number\":{\"type\":\"integer\"},\"amount\":{\"type\":\"decimal(9,2)\"},"
    "\"done\":{\"type\":\"boolean\"},\"day\":{\"type\":\"date\"},\"tags\":{\"type\":\"list<text>\"}"
    ","
    "\"took\":{\"type\":\"interval\"}}}";

enum { RECORD_BYTES_MAX = 4096 };

/* One reading, and what came of it. */
struct outcome {
    bool ok;
    struct row_counts counts;
    size_t warnings_count;
    struct error err;
};

static bool give(void *context, struct input_blocks *blocks, struct error *err)
{
    const struct slice *bytes = context;
    return input_give(blocks, *bytes, err);
}

static bool drop_line(void *context, struct slice line, struct error *err)
{
    (void)context;
    (void)line;
    (void)err;
    return true;
}

/* The writer's side: takes batches and gives them back. */
static void *drain(void *context)
{
    struct row_queue *queue = context;
    struct error err = { 0 };
    struct row_batch *batch = NULL;
    while (row_queue_take(queue, &batch, &err) && batch)
        row_queue_give_back(queue, batch);
    return NULL;
}

static void read_rows(struct reading *reading, struct row_queue *queue, struct outcome *outcome)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, drain, queue) != 0)
        abort();
    outcome->ok = reader_find(reading->source->reader)->read(reading, &outcome->err) &&
                  row_sink_finish(reading->sink, &outcome->counts, &outcome->err);
    row_queue_end(queue, outcome->ok ? NULL : &outcome->err);
    (void)pthread_join(thread, NULL);
}

static const struct value *parse(struct arena *arena, const char *json)
{
    struct error err = { 0 };
    const struct value *value =
        json_parse(arena, slice_of(json), "document", &json_limits_default, &err);
    if (!value)
        abort();
    return value;
}

static void run(const char *source_json, bool sets_aside, struct slice bytes, size_t block_bytes,
                struct outcome *outcome)
{
    struct error err = { 0 };
    struct source source;
    struct record_type type;
    struct mapping mapping;
    struct findings findings = { 0 };
    struct arena *arena = fuzz_arena();
    const struct input_options blocks = { .block_bytes = block_bytes };
    if (!source_read(arena, parse(arena, source_json), &source, &err) ||
        !record_type_read(arena, parse(arena, type_json), &type, &err) ||
        !mapping_build(arena, &source, &type, &mapping, &err))
        abort();
    source.sets_aside = sets_aside;
    struct row_queue *queue = row_queue_new(&type, &err);
    struct reading reading = { .path = "input",
                               .source = &source,
                               .type = &type,
                               .mapping = &mapping,
                               .input = input_open_maker("input", give, &bytes, &blocks, &err),
                               .unknown = unknown_fields_new(&err),
                               .record_bytes_max = RECORD_BYTES_MAX };
    const struct row_sink_options options = { .file = "input",
                                              .source = &source,
                                              .type = &type,
                                              .mapping = &mapping,
                                              .input = reading.input,
                                              .findings = &findings,
                                              .reject = drop_line };
    reading.sink = row_sink_new(&options, queue, &err);
    if (!queue || !reading.input || !reading.unknown || !reading.sink)
        abort();
    read_rows(&reading, queue, outcome);
    outcome->warnings_count = findings.warnings_count;
    input_close(reading.input);
    row_sink_free(reading.sink);
    row_queue_free(queue);
    unknown_fields_free(reading.unknown);
    findings_free(&findings);
    arena_free(arena);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    assert(a->ok == b->ok);
    assert(a->err.code == b->err.code && strcmp(a->err.where, b->err.where) == 0 &&
           strcmp(a->err.message, b->err.message) == 0);
    if (!a->ok)
        return;
    assert(a->warnings_count == b->warnings_count);
    assert(a->counts.rows == b->counts.rows && a->counts.kept == b->counts.kept &&
           a->counts.set_aside == b->counts.set_aside);
    assert(digest_equal(&a->counts.row_digest, &b->counts.row_digest));
}

void reader_check(const char *source_json, struct slice bytes)
{
    /* Few bytes a block show many boundaries; long inputs would take too long that way. The first
     * block is as long as any byte order mark, which readers look for in it. */
    size_t few = bytes.len < 512 ? 5 : 61;
    struct outcome strict = { 0 };
    struct outcome strict_cut = { 0 };
    struct outcome tolerant = { 0 };
    run(source_json, false, bytes, 64 * 1024, &strict);
    run(source_json, false, bytes, few, &strict_cut);
    run(source_json, true, bytes, few, &tolerant);
    assert_same(&strict, &strict_cut);
    if (strict.ok) {
        assert(strict.counts.rows == strict.counts.kept && strict.counts.set_aside == 0);
        assert_same(&strict, &tolerant);
    } else {
        fuzz_assert_refused(&strict.err);
        assert(strncmp(strict.err.where, "input", 5) == 0);
    }
    if (tolerant.ok)
        assert(tolerant.counts.rows == tolerant.counts.kept + tolerant.counts.set_aside);
}
