/* Three threads in a row: bytes are unpacked, hashed and kept (input.h); records are read, judged
 * and digested; the engine packs columns. A ring of blocks and a ring of batches between them bound
 * the memory, and each side may end the work. */
#include "evidence/segment_write.h"

#include <pthread.h>
#include <string.h>

#include "evidence/reader.h"
#include "evidence/sealing.h"

enum { RECORD_BYTES_MAX = 64 * 1024 * 1024 };

/* What the reading thread works on. */
struct work {
    const struct reader *reader;
    struct reading reading;
    struct mapping mapping;
    struct row_queue *queue;
    struct sealing *sealing; /* NULL: nothing is sealed */
    struct row_counts counts;
    struct row_batch *given; /* the writer's present batch */
};

static void *read_rows(void *context)
{
    struct work *work = context;
    struct error err = { 0 };
    bool ok = work->reader->read(&work->reading, &err) &&
              row_sink_finish(work->reading.sink, &work->counts, &err);
    row_queue_end(work->queue, ok ? NULL : &err);
    return NULL;
}

/* The writer asks for rows: a batch is one of the engine's chunks. */
static bool fill(void *context, struct engine_rows *rows, size_t *count, struct error *err)
{
    struct work *work = context;
    *count = 0;
    /* The engine has done with the texts of the batch before. */
    if (work->given)
        row_queue_give_back(work->queue, work->given);
    work->given = NULL;
    if (!row_queue_take(work->queue, &work->given, err))
        return false;
    if (!work->given)
        return true;
    *count = work->given->rows;
    return (!work->sealing || sealing_batch(work->sealing, work->given, err)) &&
           row_batch_give(work->given, rows, err);
}

static bool write_rows(const struct segment_request *request, struct arena *arena,
                       struct work *work, struct error *err)
{
    const struct record_type *type = request->type;
    struct engine_column *columns = arena_array(arena, type->columns_count, sizeof *columns, err);
    if (!columns)
        return false;
    for (size_t i = 0; i < type->columns_count; i++)
        columns[i] = (struct engine_column){ type->columns[i].name.at, type->columns[i].type,
                                             type->columns[i].width, type->columns[i].scale };
    struct row_source rows = { columns, type->columns_count, fill, work };
    return engine_write_parquet(request->engine, &rows, request->parquet_path, err);
}

/* Reading on a thread, writing here; both have ended when it returns. */
static bool run(const struct segment_request *request, struct arena *arena, struct work *work,
                struct error *err)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_rows, work) != 0)
        return error_set(err, ERROR_NO_MEMORY, NULL, "no thread to read with");
    bool ok = write_rows(request, arena, work, err);
    if (!ok)
        row_queue_stop(work->queue);
    pthread_join(thread, NULL);
    return ok;
}

static bool unknown_copy(const struct unknown_fields *unknown, struct arena *arena,
                         struct segment_content *content, struct error *err)
{
    size_t count = unknown_fields_count(unknown);
    content->unknown = arena_array(arena, count ? count : 1, sizeof *content->unknown, err);
    content->unknown_records =
        arena_array(arena, count ? count : 1, sizeof *content->unknown_records, err);
    if (!content->unknown || !content->unknown_records)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct unknown_field *field = unknown_fields_get(unknown, i);
        content->unknown_records[i] = field->records;
        if (!arena_copy(arena, field->path, &content->unknown[i], err))
            return false;
    }
    content->unknown_count = count;
    return true;
}

static bool input_begin(const struct segment_request *request, struct work *work, struct error *err)
{
    work->reading.input = work->reader->make ? input_open_maker(request->path, work->reader->make,
                                                                &work->reading, &request->keep, err)
                                             : input_open_file(request->path, &request->keep, err);
    return work->reading.input != NULL;
}

static bool sink_begin(const struct segment_request *request, const struct zone *zone,
                       struct work *work, struct error *err)
{
    struct row_sink_options options = {
        .file = request->path,
        .source = request->source,
        .type = request->type,
        .mapping = &work->mapping,
        .zone = zone,
        .input = work->reading.input,
        .progress = request->progress,
        .findings = request->findings,
        .reject = request->reject,
        .reject_context = request->reject_context,
    };
    work->reading.sink = row_sink_new(&options, work->queue, err);
    return work->reading.sink != NULL;
}

static void warn_empty(const struct segment_request *request, struct work *work)
{
    struct error warning;
    if (work->counts.rows == 0) {
        error_set(&warning, ERROR_INVALID, NULL, "the file holds no row");
        error_hint(&warning, "a control that no item shows did not operate");
        row_sink_warn(work->reading.sink, 0, &warning);
    }
    if (work->counts.undated > 0) {
        error_set(&warning, ERROR_INVALID, NULL, "%llu of %llu rows have no %.*s: they are undated",
                  (unsigned long long)work->counts.undated, (unsigned long long)work->counts.kept,
                  SLICE_ARG(request->type->columns[request->type->time].name));
        row_sink_warn(work->reading.sink, 0, &warning);
    }
}

static bool work_prepare(const struct segment_request *request, struct arena *arena,
                         struct work *work, struct error *err)
{
    work->reader = reader_find(request->source->reader);
    if (!work->reader)
        return error_set(err, ERROR_INVALID, NULL, "there is no reader \"%.*s\"",
                         SLICE_ARG(request->source->reader));
    work->reading = (struct reading){
        .path = request->path,
        .source = request->source,
        .type = request->type,
        .mapping = &work->mapping,
        .record_bytes_max =
            request->record_bytes_max ? request->record_bytes_max : RECORD_BYTES_MAX,
        .engine = request->engine,
        .tmp_folder = request->tmp_folder,
    };
    if (request->seals && record_type_has_personal(request->type)) {
        work->sealing = sealing_new(request->seals, request->type, request->tmp_folder, err);
        if (!work->sealing)
            return false;
    }
    return mapping_build(arena, request->source, request->type, &work->mapping, err) &&
           (work->reading.unknown = unknown_fields_new(err)) != NULL &&
           (work->queue = row_queue_new(request->type, err)) != NULL;
}

bool segment_write(const struct segment_request *request, struct arena *arena,
                   struct segment_content *content, struct error *err)
{
    bool ok = false;
    struct zone *zone = NULL;
    struct work work = { 0 };
    *content = (struct segment_content){ 0 };
    if (!work_prepare(request, arena, &work, err))
        goto done;
    if (request->source->timezone.len > 0) {
        zone = zone_new(request->source->timezone, err);
        if (!zone)
            goto done;
    }
    if (!input_begin(request, &work, err) || !sink_begin(request, zone, &work, err) ||
        !run(request, arena, &work, err) ||
        (work.sealing &&
         !sealing_write(work.sealing, request->engine, request->personal_path, err)))
        goto done;
    content->counts = work.counts;
    input_totals(work.reading.input, &content->raw);
    warn_empty(request, &work);
    ok = unknown_copy(work.reading.unknown, arena, content, err);
done:
    input_close(work.reading.input);
    sealing_free(work.sealing);
    row_sink_free(work.reading.sink);
    row_queue_free(work.queue);
    unknown_fields_free(work.reading.unknown);
    zone_free(zone);
    return ok;
}
