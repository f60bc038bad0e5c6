#include "report/reperform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/examples.h"
#include "audit/outcomes.h"
#include "audit/spans.h"
#include "base/file.h"
#include "base/json.h"
#include "ledger/entry.h"
#include "program/population_types.h"
#include "report/closed_items.h"
#include "report/printed_why.h"
#include "report/segment_rows.h"

enum { RUN_BYTES_MAX = 512 << 20 };

struct again {
    struct verifier *verifier;
    const struct catalogue *catalogue;
    const char *folder;
    const struct verified_run *run;
    struct printed_why *printed;
    const struct erasures *erasures;
    struct personal_keys keys;
    struct closed_items closed; /* of this run */
    struct arena *arena;        /* of one run */
    struct tables tables;
    struct test_definition test;
    struct error *err;
};

/* ---- documents out of the bundle ---- */

static const struct value *open_document(struct again *again, const struct digest *c)
{
    struct slice salt, bytes, copy;
    const struct payload_source *payloads = verifier_payloads(again->verifier);
    if (payloads->state(payloads, c) != PAYLOAD_HELD) {
        error_set(again->err, ERROR_FINDING, NULL, "a document that the run rests on is not held");
        return NULL;
    }
    if (!payloads->open(payloads, c, &salt, &bytes, again->err) ||
        !arena_copy(again->arena, bytes, &copy, again->err))
        return NULL;
    return json_parse(again->arena, copy, "document", NULL, again->err);
}

/* Entry n, its leaf, and the document it commits to. */
static const struct value *open_resource(struct again *again, uint64_t n, struct slice *kind,
                                         struct digest *leaf)
{
    struct slice bytes, copy;
    struct digest c;
    uint64_t size;
    const struct entry_source *entries = verifier_entries(again->verifier);
    if (!entries->entry(entries, n, &bytes, again->err) ||
        !arena_copy(again->arena, bytes, &copy, again->err))
        return NULL;
    *leaf = leaf_hash(copy);
    const struct value *entry = json_parse(again->arena, copy, "ledger entry", NULL, again->err);
    if (!entry)
        return NULL;
    *kind = value_text(value_path(entry, "body.kind"));
    if (!payload_ref(value_path(entry, "body.payload"), &c, &size)) {
        error_set(again->err, ERROR_FINDING, NULL, "entry %llu commits to no document",
                  (unsigned long long)n);
        return NULL;
    }
    return open_document(again, &c);
}

/* ---- tables ---- */

/* The document as stored has its columns sorted; its order says how they were declared. */
static bool add_table(struct again *again, const struct value *stored,
                      struct expression_table *scope)
{
    struct table *table = &again->tables.items[again->tables.count];
    const struct value *document = population_type_ordered(again->arena, stored, again->err);
    if (!document || !record_type_read(again->arena, document, &table->type, again->err))
        return false;
    if (!table_scope(&table->type, again->arena, &scope[again->tables.count], again->err))
        return false;
    again->tables.count++;
    return true;
}

static bool has_table(const struct again *again, struct slice id)
{
    for (size_t i = 0; i < again->tables.count; i++)
        if (slice_equal(again->tables.items[i].type.id, id))
            return true;
    return false;
}

/* The run's own definitions first, then built-in types of which there were no records. */
static bool read_tables(struct again *again)
{
    size_t built_in = 0;
    while (catalogue_population_type_id(again->catalogue, built_in))
        built_in++;
    size_t most = again->run->resources_count + built_in;
    /* Each may have a view besides. */
    struct expression_table *scope =
        arena_array(again->arena, 2 * most + 1, sizeof *scope, again->err);
    again->tables.scope_tables = scope;
    again->tables.items =
        arena_array(again->arena, 2 * most + 1, sizeof *again->tables.items, again->err);
    again->tables.resolutions.items =
        arena_array(again->arena, most + 1, sizeof *again->tables.resolutions.items, again->err);
    if (!scope || !again->tables.items || !again->tables.resolutions.items)
        return false;
    for (size_t i = 0; i < again->run->resources_count; i++) {
        struct slice kind;
        struct digest leaf;
        const struct value *document = open_resource(again, again->run->resources[i], &kind, &leaf);
        if (!document)
            return false;
        if (slice_is(kind, "PopulationType") && !add_table(again, document, scope))
            return false;
        struct resource_list *resolutions = &again->tables.resolutions;
        if (slice_is(kind, "Resolution") &&
            !json_canonical_copy(again->arena, document,
                                 &resolutions->items[resolutions->count++].document, again->err))
            return false;
    }
    for (size_t i = 0; i < built_in; i++) {
        struct slice id = slice_of(catalogue_population_type_id(again->catalogue, i));
        if (!has_table(again, id) &&
            !add_table(again, catalogue_population_type(again->catalogue, id), scope))
            return false;
    }
    return spans_add_tables(&again->tables, again->arena, again->err);
}

/* ---- segments ---- */

/* An earlier run of this call may have left it. */
static bool unpack_file(struct again *again, const struct digest *leaf, const char *what,
                        const struct digest *c, const char **path)
{
    char hex[65];
    digest_hex(leaf, hex);
    *path = arena_printf(again->arena, again->err, "%s/%s%s.parquet", again->folder, hex, what);
    return *path && (file_exists(*path) ||
                     payload_unpack(verifier_payloads(again->verifier), c, *path, again->err));
}

static bool unpack_segment(struct again *again, const struct verified_segment *segment,
                           struct segment *out)
{
    *out = (struct segment){ .leaf = segment->leaf,
                             .rows = segment->rows,
                             .is_sealed = segment->personal.is_there };
    return unpack_file(again, &segment->leaf, "", &segment->payload.c, &out->path) &&
           (!out->is_sealed || unpack_file(again, &segment->leaf, "-personal", &segment->personal.c,
                                           &out->personal_path));
}

static bool unpack_segments(struct again *again)
{
    for (size_t i = 0; i < again->tables.count; i++) {
        struct table *table = &again->tables.items[i];
        size_t count = again->run->segments_count;
        table->segments.items =
            arena_array(again->arena, count + 1, sizeof *table->segments.items, again->err);
        if (!table->segments.items)
            return false;
        for (size_t j = 0; j < count; j++) {
            const struct verified_segment *segment = &again->run->segments[j];
            if (slice_equal(segment->of, table->type.id) &&
                !unpack_segment(again, segment, &table->segments.items[table->segments.count++]))
                return false;
        }
    }
    return true;
}

/* ---- the test ---- */

static bool read_test(struct again *again)
{
    struct slice kind, text;
    struct digest leaf;
    const struct value *document = open_resource(again, again->run->test_n, &kind, &leaf);
    if (!document || !json_canonical_copy(again->arena, document, &text, again->err))
        return false;
    struct resource_version version = { .name = again->run->test_name,
                                        .leaf = leaf,
                                        .version = again->run->test_version,
                                        .document = text };
    return test_definition_read(again->arena, &version, &again->test, again->err);
}

struct comparing {
    struct sha256 hash;
};

static bool take_hash(void *context, struct slice bytes, struct error *err)
{
    struct comparing *comparing = context;
    (void)err;
    sha256_add(&comparing->hash, bytes);
    return true;
}

static bool digest_of_payload(struct again *again, const struct digest *c, struct digest *digest)
{
    struct comparing comparing;
    struct slice salt, bytes;
    const struct payload_source *payloads = verifier_payloads(again->verifier);
    sha256_start(&comparing.hash);
    bool ok = payloads->stream ? payloads->stream(payloads, c, take_hash, &comparing, again->err)
                               : payloads->open(payloads, c, &salt, &bytes, again->err) &&
                                     take_hash(&comparing, bytes, again->err);
    sha256_finish(&comparing.hash, digest);
    return ok;
}

/* The matrix is another one, or the reasons may be: what of that comes from values that are gone.
 */
static bool compare_closed(struct again *again, const struct outcomes *outcomes, bool is_same)
{
    return is_same || again->tables.closed == 0 ||
           closed_items_compare(&again->closed, &again->test, verifier_payloads(again->verifier),
                                &again->run->matrix.c, outcomes->rows, again->err);
}

/* deviating: with their reasons; only if a report prints items of this run. */
static bool run_again(struct again *again, struct engine *engine, const struct digest *recorded,
                      bool *is_same, const struct value **deviating)
{
    struct outcomes outcomes;
    struct comparing comparing;
    struct cut cut = { 0 }, bound_to;
    struct digest matrix;
    struct outcomes_options options = { .folder = again->folder,
                                        .cut = &cut,
                                        .wants_deviating =
                                            printed_why_asks(again->printed, &again->run->leaf) };
    size_t item;
    struct arena *arena = again->arena;
    struct error *err = again->err;
    bool *used = arena_array(arena, again->tables.count, sizeof *used, err);
    struct test_definition bound;
    const struct period period = { again->run->period_from_us, again->run->period_to_us };
    const struct test_values values = { .period = &period };
    const struct value *record = open_document(again, &again->run->population.c);
    cut.bounds = arena_array(arena, again->tables.count, sizeof *cut.bounds, err);
    if (!used || !record || !cut.bounds ||
        !tables_find(&again->tables, again->test.population, &item, err) ||
        !test_bind(&again->test, &values, &again->tables, item, arena, engine, used, cut.bounds,
                   &bound, err))
        return false;
    bound_to = cut; /* what sub-queries are bound to, also of a test that cannot be cut */
    cut_settle(&cut, &again->tables, item);
    for (size_t i = 0; i < again->tables.count; i++)
        again->tables.items[i].is_used = used[i];
    struct population_query query = {
        .tables = &again->tables,
        .table = &again->tables.items[item],
        .where = bound.where,
        .period = period,
    };
    /* The record's filter is the test's, or the population is not the test's. */
    if (!slice_equal(value_text_of(record, "where"), bound.where))
        return error_set(err, ERROR_FINDING, again->test.name.at,
                         "the population was frozen with another filter than the test's");
    again->tables.keys = &again->keys;
    if (!tables_open(&again->tables, NULL, arena, engine, err) ||
        (again->tables.closed > 0 &&
         !closed_items_why(&again->closed, again->verifier, again->erasures, &again->tables, arena,
                           engine, err)) ||
        !engine_lock(engine, err) ||
        (again->tables.closed > 0 &&
         !closed_items_find(&again->closed, &bound, &again->tables, item, &bound_to, engine, err)))
        return false;
    sha256_start(&comparing.hash);
    bool ok = outcomes_build(&query, &bound, &options, arena, engine, &outcomes, err) &&
              outcomes_write(&outcomes, take_hash, &comparing, err);
    sha256_finish(&comparing.hash, &matrix);
    *is_same = ok && digest_equal(recorded, &matrix);
    *deviating = outcomes.deviating; /* in the arena */
    ok = ok && compare_closed(again, &outcomes, *is_same);
    outcomes_free(&outcomes);
    return ok;
}

/* True also if it came out different: *is_same says. */
static bool reperform_run(struct again *again, bool *is_same, struct strbuf *faults)
{
    const struct value *deviating = NULL;
    struct engine_options options = { .memory_bytes_max = UINT64_C(1) << 30,
                                      .temp_folder = again->folder };
    struct digest recorded;
    struct engine *engine = engine_open(&options, again->err);
    bool ok = engine && read_test(again) && read_tables(again) && unpack_segments(again) &&
              digest_of_payload(again, &again->run->matrix.c, &recorded) &&
              run_again(again, engine, &recorded, is_same, &deviating);
    engine_close(engine);
    /* Of another matrix the reasons are others too: that is told once. */
    bool is_right = *is_same || (again->closed.items > 0 && again->closed.others == 0);
    return ok && (!is_right || printed_why_compare(again->printed, again->run, deviating,
                                                   &again->closed, faults, again->err));
}

static bool is_held(const struct verified_run *run)
{
    bool held = run->matrix.is_held && run->test.is_held && run->population.is_held;
    for (size_t i = 0; i < run->segments_count; i++)
        held = held && run->segments[i].payload.is_held &&
               (!run->segments[i].personal.is_there || run->segments[i].personal.is_held);
    return held && !run->is_sample;
}

/* ---- all of them ---- */

struct tally {
    size_t same, absent;
    size_t closed; /* runs of which some items can no longer be checked */
    uint64_t closed_items;
    struct printed_why printed;
    struct strbuf faults, notes;
};

/* "run 8ab98ec64459 of test/CM-01.T1: 1 item can no longer be checked (["106"] in A): erased ..."
 */
static void tell_closed(const struct again *again, const char *run, struct tally *tally)
{
    const struct closed_items *closed = &again->closed;
    tally->closed++;
    tally->closed_items += closed->items;
    strbuf_printf(&tally->notes,
                  "run %.12s of %.*s: %llu item%s can no longer be checked (%.*s): ", run,
                  SLICE_ARG(again->run->test_name), (unsigned long long)closed->items,
                  closed->items == 1 ? "" : "s", SLICE_ARG(strbuf_slice(&closed->told)));
    closed_items_say_why(closed, &tally->notes);
    strbuf_add_text(&tally->notes, "; ");
}

/* A fault of one run is told and does not hide the others; the machine's stop all. */
static bool tally_run(struct again *again, struct tally *tally)
{
    bool is_same = false;
    char hex[65];
    digest_hex(&again->run->leaf, hex);
    if (reperform_run(again, &is_same, &tally->faults)) {
        tally->same += is_same;
        if (!is_same && again->closed.others == 0 && again->closed.items > 0)
            tell_closed(again, hex, tally);
        else if (!is_same)
            strbuf_printf(&tally->faults, "run %.12s of %.*s gives another matrix; ", hex,
                          SLICE_ARG(again->run->test_name));
        return true;
    }
    if (again->err->code >= ERROR_IO && again->err->code != ERROR_CORRUPT)
        return false;
    strbuf_printf(&tally->faults, "run %.12s of %.*s cannot be performed again: %s; ", hex,
                  SLICE_ARG(again->run->test_name), again->err->message);
    *again->err = (struct error){ 0 };
    return true;
}

static bool set_check(struct verification *verification, const struct tally *tally, size_t count,
                      struct error *err)
{
    static const char meaning[] =
        "every test gives the same matrix when it is run again, and the reasons that are printed";
    struct slice faults = strbuf_slice(&tally->faults);
    if (tally->faults.failed) /* so many that they have no room: a fault all the same */
        return check_set(verification, "reperform", meaning, CHECK_FAILS, err, "%.*s and more",
                         SLICE_ARG(faults));
    if (faults.len) /* each ends in "; " */
        return check_set(verification, "reperform", meaning, CHECK_FAILS, err, "%.*s",
                         SLICE_ARG(slice_head(faults, faults.len - 2)));
    if (tally->absent)
        return check_set(verification, "reperform", meaning, CHECK_NOT_MADE, err,
                         "the evidence of %zu of %zu runs is not here", tally->absent, count);
    if (tally->closed) {
        struct slice notes = slice_head(strbuf_slice(&tally->notes), tally->notes.len - 2);
        return verification_say(verification, err,
                                "%zu of %zu runs performed again: the same matrices; of %zu, %llu "
                                "items can no longer be checked",
                                tally->same, count, tally->closed,
                                (unsigned long long)tally->closed_items) &&
               check_set(verification, "reperform", meaning, CHECK_NOT_MADE, err,
                         "%zu of %zu runs give their matrices again, byte for byte; %.*s",
                         tally->same, count, SLICE_ARG(notes));
    }
    /* Who asks for it wants it answered in the summary too. */
    return verification_say(verification, err,
                            "%zu of %zu runs performed again: the same matrices, byte for byte",
                            tally->same, count) &&
           (tally->printed.compared == 0 ||
            verification_say(verification, err,
                             "%llu printed exceptions have the reasons that the tests give again",
                             (unsigned long long)tally->printed.compared)) &&
           check_set(verification, "reperform", meaning, CHECK_HOLDS, err,
                     "%zu of %zu runs give their matrices again, byte for byte, and %llu printed "
                     "exceptions their reasons%s",
                     tally->same, count,
                     (unsigned long long)(tally->printed.compared - tally->printed.closed),
                     tally->printed.closed ? "; those of others name somebody who was erased" : "");
}

bool reperform(struct verifier *verifier, const struct catalogue *catalogue, const char *tmp_folder,
               struct progress *progress, struct error *err)
{
    struct arena *arena = arena_new(RUN_BYTES_MAX, err);
    struct arena *scratch = arena_new(RUN_BYTES_MAX, err);
    struct tally tally = { .faults = strbuf_new(1 << 16), .notes = strbuf_new(1 << 16) };
    struct erasures erasures = { 0 };
    const struct verified_run *runs = NULL;
    size_t count = 0;
    bool ok = false;
    char *folder =
        arena ? arena_printf(arena, err, "%s/attest-reperform-XXXXXX", tmp_folder) : NULL;
    if (!scratch || !folder)
        goto done;
    if (!mkdtemp(folder)) {
        error_errno(err, "make a temporary folder", folder);
        goto done;
    }
    ok = verifier_runs(verifier, arena, &runs, &count, err) &&
         printed_why_read(&tally.printed, verifier, arena, err) &&
         erasures_read(verifier, arena, &erasures, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct again again = { .verifier = verifier,
                               .catalogue = catalogue,
                               .folder = folder,
                               .run = &runs[i],
                               .printed = &tally.printed,
                               .erasures = &erasures,
                               .keys = verifier_keys(verifier),
                               .arena = scratch,
                               .err = err };
        arena_reset(scratch);
        if (!progress_tell(progress, "running tests again", i, 0, count))
            ok = error_set(err, ERROR_INTERRUPTED, NULL, "interrupted");
        else if (!is_held(&runs[i]))
            tally.absent++;
        else
            ok = tally_run(&again, &tally);
        closed_items_free(&again.closed);
    }
    ok = ok && set_check(verifier_verification(verifier), &tally, count, err);
    folder_discard(scratch, folder);
done:
    strbuf_free(&tally.faults);
    strbuf_free(&tally.notes);
    arena_free(scratch);
    arena_free(arena);
    return ok;
}
