/* The file is read into files of its own in the store's tmp folder first, as long as that takes;
 * then one short transaction takes them over and appends the entry. A failure before leaves
 * nothing, a crash only files that the next opening removes. */
#include "evidence/import.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "evidence/sealing.h"
#include "evidence/segment_append.h"
#include "evidence/segments.h"
#include "program/catalogue.h"
#include "program/population_types.h"
#include "store/payload_writer.h"

enum { PATH_BYTES = 4096 };

/* One import under way. */
struct import {
    const struct import_request *request;
    struct arena *arena;
    struct resource_version source_version;
    struct source source;
    struct record_type type;
    bool has_covers;
    struct period covers;
    char parquet_path[PATH_BYTES], personal_path[PATH_BYTES];
    struct payload_writer *raw, *rejects; /* NULL: not kept, none */
    struct segment_content content;
    struct transaction *tx;
};

/* ---- what is to be read, and how ---- */

/* What may have been meant; without memory for it, nothing is said. */
static void source_hint(const struct import *import, struct error *err)
{
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX];
    size_t count = 0;
    struct resource_list list;
    struct error ignored;
    if (!resource_list(import->request->store, import->arena, SLICE("Source"),
                       store_size(import->request->store), &list, &ignored))
        return;
    for (size_t i = 0; i < list.count && count < NAMES_MAX; i++) {
        names[count] = arena_string(import->arena, list.items[i].name, &ignored);
        if (!names[count])
            return;
        count++;
    }
    const char *near = slice_nearest(import->request->source, names, count);
    if (near)
        error_hint(err, "did you mean %s?", near);
    else if (count == 0)
        error_hint(err, "no source is defined yet: attest explain Source shows what one says");
    else
        error_hint(err, "attest get Source lists the sources; each is named source/ID");
}

static bool source_find(struct import *import, struct error *err)
{
    const struct import_request *request = import->request;
    if (!resource_get(request->store, import->arena, request->source, store_size(request->store),
                      &import->source_version, err)) {
        if (err->code == ERROR_NOT_FOUND)
            source_hint(import, err);
        return false;
    }
    if (import->source_version.is_removed)
        return error_set(err, ERROR_NOT_FOUND, NULL, "%.*s was removed",
                         SLICE_ARG(request->source));
    if (!slice_is(import->source_version.kind, "Source"))
        return error_set(err, ERROR_INVALID, NULL, "%.*s is not a source",
                         SLICE_ARG(request->source));
    const struct value *document =
        json_parse(import->arena, import->source_version.document, "source", NULL, err);
    return document && source_read(import->arena, document, &import->source, err);
}

static bool type_find(struct import *import, struct error *err)
{
    struct population_type type;
    const struct import_request *request = import->request;
    if (!population_type_get(request->store, request->catalogue, import->arena,
                             import->source.population, store_size(request->store), &type, err) ||
        !record_type_read(import->arena, type.document, &import->type, err))
        return false;
    return import->type.derived.len == 0 ||
           error_set(err, ERROR_INVALID, import->type.id.at,
                     "the program makes this table itself: nobody imports it");
}

/* What the import says it holds in full, else what the source says. */
static bool covers_find(struct import *import, struct error *err)
{
    struct slice text = import->request->covers;
    const struct source *source = &import->source;
    struct zone *zone = NULL;
    if (text.len == 0 && source->covers_from.len > 0 && source->covers_to.len > 0) {
        char *joined = arena_printf(import->arena, err, "%.*s..%.*s",
                                    SLICE_ARG(source->covers_from), SLICE_ARG(source->covers_to));
        if (!joined)
            return false;
        text = slice_of(joined);
    }
    import->has_covers = text.len > 0;
    if (!import->has_covers)
        return true;
    if (source->timezone.len > 0 && !(zone = zone_new(source->timezone, err)))
        return false;
    bool ok = period_parse(text, zone, &import->covers, err);
    zone_free(zone);
    return ok;
}

/* ---- reading ---- */

static bool keep_raw(void *context, struct slice packed, struct error *err)
{
    struct import *import = context;
    return payload_writer_add(import->raw, packed, err);
}

static bool keep_reject(void *context, struct slice line, struct error *err)
{
    struct import *import = context;
    if (!import->rejects)
        import->rejects = payload_writer_new(import->request->store, err);
    return import->rejects && payload_writer_add(import->rejects, line, err);
}

static bool segment_read(struct import *import, struct error *err)
{
    const struct import_request *request = import->request;
    uint64_t number;
    random_fill(&number, sizeof number);
    (void)snprintf(import->parquet_path, sizeof import->parquet_path, "%s/segment-%016llx",
                   store_tmp(request->store), (unsigned long long)number);
    if (record_type_has_personal(&import->type))
        (void)snprintf(import->personal_path, sizeof import->personal_path, "%s/sealed-%016llx",
                       store_tmp(request->store), (unsigned long long)number);
    struct segment_request segment = {
        .engine = request->engine,
        .source = &import->source,
        .type = &import->type,
        .path = request->path,
        .parquet_path = import->parquet_path,
        .seals = import->tx,
        .personal_path = import->personal_path,
        .tmp_folder = store_tmp(request->store),
        .record_bytes_max = request->record_bytes_max,
        .reject = keep_reject,
        .reject_context = import,
        .progress = request->progress,
        .findings = request->findings,
    };
    if (import->source.keeps_raw) {
        import->raw = payload_writer_new(request->store, err);
        if (!import->raw)
            return false;
        segment.keep = (struct input_options){ .keep = keep_raw, .keep_context = import };
    }
    return segment_write(&segment, import->arena, &import->content, err);
}

/* The segment that these bytes, by this version of the source, have already become. A snapshot may
 * come back to what it was: then it is the last one again. */
static bool find_same(struct import *import, const char *raw_digest, bool *is_there,
                      struct digest *leaf, struct error *err)
{
    struct segment_list list;
    const struct import_request *request = import->request;
    *is_there = false;
    if (!segments_that_count(request->store, import->arena, &import->type,
                             store_size(request->store), &list, err))
        return false;
    for (size_t i = 0; i < list.count && !*is_there; i++) {
        int64_t version;
        const struct value *object = list.items[i].object;
        if (slice_equal(value_text_of(object, "source"), request->source) &&
            value_to_i64(value_member(object, "source_version"), &version) &&
            (uint64_t)version == import->source_version.version &&
            slice_is(value_text_of(object, "raw_digest"), raw_digest)) {
            *is_there = true;
            *leaf = list.items[i].leaf;
        }
    }
    return true;
}

/* ---- recording ---- */

static bool entry_append(struct import *import, struct import_result *result, struct error *err)
{
    const struct import_request *request = import->request;
    const struct ledger_appended *appended;
    size_t count, position;
    struct segment_record record = {
        .type = &import->type,
        .source = request->source,
        .source_version = import->source_version.version,
        .inputs = &import->source_version.leaf,
        .inputs_count = 1,
        .file = request->path,
        .imported_by = request->imported_by,
        .reader = import->source.reader,
        .covers = import->has_covers ? &import->covers : NULL,
        .content = &import->content,
        .parquet_path = import->parquet_path,
        .personal_path = import->personal_path,
        .raw = import->raw,
        .rejects = import->rejects,
    };
    if (!segment_append(request->store, request->catalogue, request->engine, import->tx, &record,
                        &position, err) ||
        !transaction_commit(import->tx, &appended, &count, err))
        return false;
    digest_hex(&appended[position].leaf, result->segment);
    return true;
}

static void result_fill(struct import *import, struct import_result *result)
{
    const struct segment_content *content = &import->content;
    *result = (struct import_result){
        .file = import->request->path,
        .rows = content->counts.rows,
        .kept = content->counts.kept,
        .set_aside = content->counts.set_aside,
        .undated = content->counts.undated,
        .unknown_fields = content->unknown,
        .unknown_records = content->unknown_records,
        .unknown_count = content->unknown_count,
    };
    digest_text(&content->counts.row_digest, result->row_digest);
    digest_text(&content->raw.sha256, result->raw_digest);
}

/* A file that claims to cover some days and holds rows of others is often the wrong export, or one
 * whose times were read in the wrong zone. Registers are exported whole, whatever their rows'
 * times. */
static void warn_outside(const struct import *import)
{
    const struct row_counts *counts = &import->content.counts;
    const struct record_type *type = &import->type;
    struct error warning;
    char first[28], last[28];
    if (!import->has_covers || !counts->has_span || type->revision != NO_COLUMN || type->is_state ||
        type->is_snapshot ||
        (counts->first_us >= import->covers.start_us && counts->last_us < import->covers.end_us))
        return;
    time_format(counts->first_us, first);
    time_format(counts->last_us, last);
    error_set(&warning, ERROR_INVALID, import->request->path,
              "rows lie outside of the days that the file covers: they run from %s to %s", first,
              last);
    error_hint(&warning, "they are kept; a population takes those of its own period");
    findings_add_warning(import->request->findings, &warning);
}

bool import_file(const struct import_request *request, struct arena *arena,
                 struct import_result *result, struct error *err)
{
    bool ok = false;
    struct import import = { .request = request, .arena = arena };
    struct digest same;
    if (!source_find(&import, err) || !type_find(&import, err) || !covers_find(&import, err))
        goto done;
    /* It holds nobody up while the file is read; keys of personal values are made in it. */
    import.tx = transaction_begin(request->store, err);
    if (!import.tx || !segment_read(&import, err))
        goto done;
    result_fill(&import, result);
    warn_outside(&import);
    if (!find_same(&import, result->raw_digest, &result->is_already_imported, &same, err))
        goto done;
    if (result->is_already_imported)
        digest_hex(&same, result->segment);
    else if (!entry_append(&import, result, err))
        goto done;
    ok = true;
done:
    transaction_free(import.tx);
    payload_writer_free(import.raw);
    payload_writer_free(import.rejects);
    /* A file that is left over goes with the tmp folder when the store is opened next. */
    if (import.parquet_path[0])
        (void)unlink(import.parquet_path);
    if (import.personal_path[0])
        (void)unlink(import.personal_path);
    return ok;
}
