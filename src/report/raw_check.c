#include "report/raw_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "evidence/reader.h"
#include "evidence/segment_write.h"
#include "program/population_types.h"
#include "report/segment_rows.h"
#include "verify/digest_map.h"
#include "verify/links.h"

#define ARENA_BYTES_MAX ((size_t)1 << 30)
enum { PATH_BYTES = 4096 };

struct checking {
    struct verifier *verifier;
    const struct entry_source *entries;
    const struct payload_source *payloads;
    const char *folder;
    struct arena *arena;      /* of the entry in hand */
    struct digest_map leaves; /* position is the entry's number */
    struct engine *engine;
    size_t same, absent, unkept, erased; /* segments */
    struct strbuf faults;
    struct error *err;
};

PRINTF_LIKE(3, 4)
static void tell(struct checking *c, const struct entry *segment, const char *format, ...)
{
    va_list args;
    strbuf_printf(&c->faults, "segment #%llu of %.*s ", (unsigned long long)segment->n,
                  SLICE_ARG(value_text_of(segment->body, "of")));
    va_start(args, format);
    strbuf_vprintf(&c->faults, format, args);
    va_end(args);
    strbuf_add_text(&c->faults, "; ");
}

/* ---- what a segment was read by ---- */

struct definitions {
    const struct value *source, *type; /* documents; NULL: not held */
};

static bool definition_read(struct checking *c, uint64_t n, struct definitions *found)
{
    struct links links;
    struct digest commitment;
    struct slice salt, bytes, text;
    uint64_t size;
    if (!links_read(c->arena, c->entries, c->payloads, n, &links, c->err))
        return false;
    bool is_source = slice_is(value_text_of(links.entry.body, "kind"), "Source");
    if (links.entry.kind != ENTRY_RESOURCE ||
        !payload_ref(value_member(links.entry.body, "payload"), &commitment, &size) ||
        c->payloads->state(c->payloads, &commitment) != PAYLOAD_HELD)
        return true;
    if (!c->payloads->open(c->payloads, &commitment, &salt, &bytes, c->err) ||
        !arena_copy(c->arena, bytes, &text, c->err))
        return false;
    const struct value *document = json_parse(c->arena, text, "document", NULL, c->err);
    if (is_source)
        found->source = document;
    else if (slice_is(value_text_of(links.entry.body, "kind"), "PopulationType"))
        found->type = document;
    return document != NULL;
}

static bool definitions_read(struct checking *c, const struct links *segment,
                             struct definitions *found)
{
    *found = (struct definitions){ NULL, NULL };
    for (size_t i = 0; i < segment->count; i++) {
        size_t n;
        if (digest_map_find(&c->leaves, &segment->inputs[i], &n) && !definition_read(c, n, found))
            return false;
    }
    return true;
}

/* ---- reading again ---- */

static bool pass_over(void *context, struct slice line, struct error *err)
{
    (void)context, (void)line, (void)err;
    return true;
}

/* What was made of a repository was kept as the lines that were read. */
static void source_of_bytes(struct source *source)
{
    const struct reader *reader = reader_find(source->reader);
    if (reader && reader->make)
        source->reader = SLICE("ndjson");
}

struct paths {
    char raw[PATH_BYTES], ours[PATH_BYTES], theirs[PATH_BYTES], personal[PATH_BYTES];
};

static bool read_again(struct checking *c, const struct definitions *by, const struct paths *paths,
                       const struct digest *personal, struct segment_content *content,
                       int64_t *differing)
{
    struct sealed_rows sealed;
    struct source source;
    struct record_type type;
    struct findings findings = { 0 };
    const struct value *document = population_type_ordered(c->arena, by->type, c->err);
    if (!document || !record_type_read(c->arena, document, &type, c->err) ||
        !source_read(c->arena, by->source, &source, c->err))
        return false;
    source_of_bytes(&source);
    struct segment_request request = {
        .engine = c->engine,
        .source = &source,
        .type = &type,
        .path = paths->raw,
        .parquet_path = paths->ours,
        .tmp_folder = c->folder,
        .reject = pass_over,
        .findings = &findings,
    };
    bool ok =
        segment_write(&request, c->arena, content, c->err) &&
        sealed_rows_open(c->verifier, c->engine, personal, paths->personal, &sealed, c->err) &&
        rows_differ(c->engine, &type, paths->ours, paths->theirs, &sealed, differing, c->err);
    findings_free(&findings);
    return ok;
}

/* The entry's span ends one microsecond after the last row. */
static bool is_span(const struct entry *segment, const struct row_counts *counts)
{
    char from[28], to[28];
    struct slice says_from = value_text_of(segment->body, "from");
    struct slice says_to = value_text_of(segment->body, "to");
    if (!counts->has_span)
        return says_from.len == 0 && says_to.len == 0;
    time_format(counts->first_us, from);
    time_format(counts->last_us + 1, to);
    return slice_is(says_from, from) && slice_is(says_to, to);
}

static void judge(struct checking *c, const struct entry *segment, const struct row_counts *counts,
                  int64_t differing)
{
    uint64_t rows = 0;
    bool is_number = entry_integer(value_member(segment->body, "rows"), &rows);
    if (differing > 0)
        tell(c, segment, "has %lld rows that its raw file does not give, or lacks them",
             (long long)differing);
    else if (!is_number || rows != counts->kept)
        tell(c, segment, "says %llu rows, its raw file gives %llu", (unsigned long long)rows,
             (unsigned long long)counts->kept);
    else if (!is_span(segment, counts))
        tell(c, segment, "says another span than its rows have");
    else
        c->same++;
}

static bool segment_check(struct checking *c, const struct links *segment)
{
    const struct value *body = segment->entry.body;
    struct digest payload, raw, personal;
    bool is_sealed = payload_ref(value_member(body, "personal"), &personal, &(uint64_t){ 0 });
    struct definitions by;
    struct paths paths;
    struct segment_content content;
    uint64_t size;
    int64_t differing;
    if (slice_is(value_text_of(body, "source"), "program/attest"))
        return true; /* a table that the program makes: tables.derived */
    if (!payload_ref(value_member(body, "raw"), &raw, &size)) {
        c->unkept++;
        return true;
    }
    if (verifier_is_erased(c->verifier, &raw)) {
        c->erased++;
        return true;
    }
    if (!definitions_read(c, segment, &by))
        return false;
    if (!by.source || !by.type || !payload_ref(value_member(body, "payload"), &payload, &size) ||
        c->payloads->state(c->payloads, &payload) != PAYLOAD_HELD ||
        (is_sealed && c->payloads->state(c->payloads, &personal) != PAYLOAD_HELD) ||
        c->payloads->state(c->payloads, &raw) != PAYLOAD_HELD) {
        c->absent++;
        return true;
    }
    snprintf(paths.raw, sizeof paths.raw, "%s/raw", c->folder);
    snprintf(paths.ours, sizeof paths.ours, "%s/ours.parquet", c->folder);
    snprintf(paths.theirs, sizeof paths.theirs, "%s/theirs.parquet", c->folder);
    snprintf(paths.personal, sizeof paths.personal, "%s/personal.parquet", c->folder);
    if (!payload_unpack(c->payloads, &raw, paths.raw, c->err) ||
        !payload_unpack(c->payloads, &payload, paths.theirs, c->err) ||
        !read_again(c, &by, &paths, is_sealed ? &personal : NULL, &content, &differing))
        return false;
    judge(c, &segment->entry, &content.counts, differing);
    return true;
}

/* What cannot be read of one segment is that segment's fault. */
static bool segment_judge(struct checking *c, const struct links *segment)
{
    if (segment_check(c, segment))
        return true;
    if (c->err->code >= ERROR_IO && c->err->code != ERROR_CORRUPT)
        return false;
    tell(c, &segment->entry, "cannot be read again: %s", c->err->message);
    *c->err = (struct error){ 0 };
    return true;
}

static bool walk(struct checking *c)
{
    for (uint64_t n = 0; n < c->entries->size(c->entries); n++) {
        struct links links;
        size_t at;
        arena_reset(c->arena);
        if (!links_read(c->arena, c->entries, c->payloads, n, &links, c->err) ||
            !digest_map_add(&c->leaves, &links.entry.leaf, &at, c->err) ||
            (links.entry.kind == ENTRY_SEGMENT && !segment_judge(c, &links)))
            return false;
    }
    return true;
}

static bool set_check(const struct checking *c, struct verification *verification)
{
    static const char id[] = "segments.raw",
                      meaning[] = "the raw files give the rows of the segments again";
    struct slice faults = strbuf_slice(&c->faults);
    if (faults.len)
        return check_set(verification, id, meaning, CHECK_FAILS, c->err, "%.*s", SLICE_ARG(faults));
    return check_set(verification, id, meaning,
                     c->same > 0 && c->absent == 0 ? CHECK_HOLDS : CHECK_NOT_MADE, c->err,
                     "%zu segments read again from their raw files: the same rows; of %zu rows, "
                     "raw file or definitions are not here, of %zu no raw file was kept, of %zu it "
                     "was erased",
                     c->same, c->absent, c->unkept, c->erased);
}

bool raw_check(struct verifier *verifier, const char *tmp_folder, struct error *err)
{
    struct checking c = { .verifier = verifier,
                          .entries = verifier_entries(verifier),
                          .payloads = verifier_payloads(verifier),
                          .arena = arena_new(ARENA_BYTES_MAX, err),
                          .faults = strbuf_new(1 << 16),
                          .err = err };
    struct arena *kept = c.arena ? arena_new(PATH_BYTES * 4, err) : NULL;
    char *folder = kept ? arena_printf(kept, err, "%s/attest-raw-XXXXXX", tmp_folder) : NULL;
    bool ok = folder != NULL;
    if (ok && !mkdtemp(folder))
        ok = error_errno(err, "make a temporary folder", folder);
    if (ok) {
        struct engine_options options = { .memory_bytes_max = UINT64_C(1) << 30,
                                          .temp_folder = folder };
        c.folder = folder;
        c.engine = engine_open(&options, err);
        ok = c.engine && walk(&c) && set_check(&c, verifier_verification(verifier));
        engine_close(c.engine);
        folder_discard(kept, folder);
    }
    strbuf_free(&c.faults);
    digest_map_free(&c.leaves);
    arena_free(kept);
    arena_free(c.arena);
    return ok;
}
