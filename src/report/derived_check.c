#include "report/derived_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "evidence/derived.h"
#include "evidence/segment_write.h"
#include "program/population_types.h"
#include "program/version_types.h"
#include "report/segment_rows.h"
#include "verify/digest_map.h"
#include "verify/links.h"

#define ARENA_BYTES_MAX ((size_t)1 << 30)
enum { LINES_BYTES_MAX = 1 << 30, PATH_BYTES = 4096 };

/* An entry of a resource, as the walk has met it. */
struct met {
    uint64_t n;
    struct slice kind;
};

struct checking {
    struct verifier *verifier;
    const struct catalogue *catalogue;
    const struct entry_source *entries;
    const struct payload_source *payloads;
    const char *folder;
    struct arena *kept, *arena; /* of the whole walk; of one segment */
    struct digest_map leaves;   /* position is the entry's number */
    struct met *resources;
    size_t resources_count, resources_capacity;
    size_t same, absent; /* segments */
    struct strbuf faults;
    struct error *err;
};

/* ---- what is held ---- */

/* The bytes of a payload; at NULL if it is not held. */
static bool open_payload(struct checking *c, const struct digest *commitment, struct slice *bytes)
{
    struct slice salt, found;
    *bytes = (struct slice){ 0 };
    if (c->payloads->state(c->payloads, commitment) != PAYLOAD_HELD)
        return true;
    return c->payloads->open(c->payloads, commitment, &salt, &found, c->err) &&
           arena_copy(c->arena, found, bytes, c->err);
}

static bool plain_name(struct checking *c, struct slice shown, struct slice *plain)
{
    struct digest commitment;
    *plain = shown;
    return !entry_name_commitment(shown, &commitment) || open_payload(c, &commitment, plain);
}

static bool open_document(struct checking *c, const struct entry *entry, struct slice *text)
{
    struct digest commitment;
    uint64_t bytes;
    *text = (struct slice){ 0 };
    return !payload_ref(value_member(entry->body, "payload"), &commitment, &bytes) ||
           open_payload(c, &commitment, text);
}

/* ---- one segment's inputs ---- */

struct segment_inputs {
    const struct value *type; /* the document; NULL: not held */
    bool *is_input;           /* of each resource met so far */
    bool is_whole;            /* everything needed is held */
};

static bool inputs_read(struct checking *c, const struct links *segment,
                        struct segment_inputs *inputs)
{
    *inputs = (struct segment_inputs){ .is_whole = !segment->is_partial };
    inputs->is_input =
        arena_array(c->arena, c->resources_count + 1, sizeof *inputs->is_input, c->err);
    if (!inputs->is_input)
        return false;
    for (size_t i = 0; i < segment->count; i++) {
        size_t n, low = 0, high = c->resources_count;
        if (!digest_map_find(&c->leaves, &segment->inputs[i], &n))
            continue;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (c->resources[middle].n < n)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == c->resources_count || c->resources[low].n != n)
            continue;
        inputs->is_input[low] = true;
        if (!slice_is(c->resources[low].kind, "PopulationType"))
            continue;
        struct links type;
        struct slice text;
        if (!links_read(c->arena, c->entries, c->payloads, n, &type, c->err) ||
            !open_document(c, &type.entry, &text))
            return false;
        if (text.at && !(inputs->type = json_parse(c->arena, text, "type", NULL, c->err)))
            return false;
    }
    return true;
}

static bool version_read(struct checking *c, uint64_t n, struct resource_version *version,
                         bool *is_held)
{
    struct links links;
    int64_t number;
    if (!links_read(c->arena, c->entries, c->payloads, n, &links, c->err))
        return false;
    const struct value *body = links.entry.body;
    *version =
        (struct resource_version){ .n = n,
                                   .leaf = links.entry.leaf,
                                   .kind = value_text_of(body, "kind"),
                                   .at = links.entry.at,
                                   .is_removed = slice_is(value_text_of(body, "op"), "remove") };
    if (!value_to_i64(value_member(body, "version"), &number) ||
        !plain_name(c, value_text_of(body, "name"), &version->name) ||
        !plain_name(c, links.entry.actor, &version->actor) ||
        !open_document(c, &links.entry, &version->document))
        return false;
    version->version = (uint64_t)number;
    *is_held =
        version->name.at && version->actor.at && (version->is_removed || version->document.at);
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct resource_version *left = a, *right = b;
    int order = slice_compare(left->name, right->name);
    return order ? order : left->version < right->version ? -1 : left->version > right->version;
}

PRINTF_LIKE(3, 4)
static void tell(struct checking *c, const struct links *segment, const char *format, ...)
{
    va_list args;
    strbuf_printf(&c->faults, "segment #%llu of %.*s ", (unsigned long long)segment->entry.n,
                  SLICE_ARG(value_text_of(segment->entry.body, "of")));
    va_start(args, format);
    strbuf_vprintf(&c->faults, format, args);
    va_end(args);
    strbuf_add_text(&c->faults, "; ");
}

/* All versions of the kind before the segment; *is_right false: one of them is not named, told. */
static bool versions_read(struct checking *c, const struct links *segment, struct slice kind,
                          struct segment_inputs *inputs, struct resource_list *list, bool *is_right)
{
    *is_right = true;
    list->count = 0;
    list->items = arena_array(c->arena, c->resources_count + 1, sizeof *list->items, c->err);
    for (size_t i = 0; list->items && i < c->resources_count; i++) {
        bool is_held;
        if (!slice_equal(c->resources[i].kind, kind))
            continue;
        if (!inputs->is_input[i] && !segment->is_partial) {
            *is_right = false;
            tell(c, segment, "does not name %.*s #%llu, which lies before it", SLICE_ARG(kind),
                 (unsigned long long)c->resources[i].n);
            return true;
        }
        if (!version_read(c, c->resources[i].n, &list->items[list->count++], &is_held))
            return false;
        inputs->is_whole = inputs->is_whole && is_held;
    }
    if (list->items)
        qsort(list->items, list->count, sizeof *list->items, by_name);
    return list->items != NULL;
}

/* ---- the rows of both ---- */

static bool rows_compare(struct checking *c, const struct segment_inputs *inputs,
                         const struct resource_list *versions, const struct digest *payload,
                         const struct digest *personal, int64_t *count)
{
    struct sealed_rows sealed;
    struct strbuf lines = strbuf_new(LINES_BYTES_MAX);
    struct record_type type;
    struct segment_content content;
    char theirs[PATH_BYTES], ours[PATH_BYTES], values[PATH_BYTES];
    snprintf(theirs, sizeof theirs, "%s/theirs.parquet", c->folder);
    snprintf(ours, sizeof ours, "%s/ours.parquet", c->folder);
    snprintf(values, sizeof values, "%s/personal.parquet", c->folder);
    struct engine_options options = { .memory_bytes_max = UINT64_C(1) << 30,
                                      .temp_folder = c->folder };
    struct engine *engine = engine_open(&options, c->err);
    const struct value *document = population_type_ordered(c->arena, inputs->type, c->err);
    bool ok = engine && document && record_type_read(c->arena, document, &type, c->err) &&
              version_rows(c->arena, document, versions, &lines, c->err);
    struct derived_rows rows = { .type = &type, .lines = strbuf_slice(&lines) };
    ok = ok &&
         derived_parquet_write(engine, c->arena, &rows, c->folder, ours, NULL, NULL, &content,
                               c->err) &&
         payload_unpack(c->payloads, payload, theirs, c->err) &&
         sealed_rows_open(c->verifier, engine, personal, values, &sealed, c->err) &&
         rows_differ(engine, &type, ours, theirs, &sealed, count, c->err);
    engine_close(engine);
    strbuf_free(&lines);
    (void)unlink(ours);
    (void)unlink(theirs);
    (void)unlink(values);
    return ok;
}

/* ---- one segment ---- */

static bool segment_check(struct checking *c, const struct links *segment)
{
    struct slice of = value_text_of(segment->entry.body, "of");
    struct slice derived = value_text_of(catalogue_population_type(c->catalogue, of), "derived");
    struct segment_inputs inputs;
    struct resource_list versions;
    struct digest payload, personal;
    uint64_t bytes;
    int64_t count = 0;
    bool is_sealed = payload_ref(value_member(segment->entry.body, "personal"), &personal, &bytes);
    bool is_right;
    /* What this program does not make, and what is made of something else than versions. */
    if (!kind_find(c->catalogue, derived))
        return true;
    if (!inputs_read(c, segment, &inputs) ||
        !versions_read(c, segment, derived, &inputs, &versions, &is_right))
        return false;
    if (!is_right)
        return true;
    if (!slice_is(segment->entry.actor, "program/attest") ||
        (inputs.type && !slice_equal(value_text_of(inputs.type, "derived"), derived))) {
        tell(c, segment, "was not made by the program from the versions of %.*s",
             SLICE_ARG(derived));
        return true;
    }
    if (!inputs.type || !inputs.is_whole ||
        !payload_ref(value_member(segment->entry.body, "payload"), &payload, &bytes) ||
        c->payloads->state(c->payloads, &payload) != PAYLOAD_HELD ||
        (is_sealed && c->payloads->state(c->payloads, &personal) != PAYLOAD_HELD)) {
        c->absent++;
        return true;
    }
    if (!rows_compare(c, &inputs, &versions, &payload, is_sealed ? &personal : NULL, &count))
        return false;
    if (count == 0)
        c->same++;
    else
        tell(c, segment, "has %lld rows that differ from the versions of %.*s", (long long)count,
             SLICE_ARG(derived));
    return true;
}

/* What cannot be read of one segment is that segment's fault. */
static bool segment_judge(struct checking *c, const struct links *segment)
{
    if (segment_check(c, segment))
        return true;
    if (c->err->code >= ERROR_IO && c->err->code != ERROR_CORRUPT)
        return false;
    tell(c, segment, "cannot be made again: %s", c->err->message);
    *c->err = (struct error){ 0 };
    return true;
}

static bool resource_add(struct checking *c, const struct entry *entry)
{
    if (c->resources_count == c->resources_capacity) {
        size_t capacity = c->resources_capacity ? 2 * c->resources_capacity : 256;
        struct met *grown = realloc(c->resources, capacity * sizeof *grown);
        if (!grown)
            return error_no_memory(c->err, capacity * sizeof *grown);
        c->resources = grown;
        c->resources_capacity = capacity;
    }
    struct met *met = &c->resources[c->resources_count++];
    *met = (struct met){ .n = entry->n };
    return arena_copy(c->kept, value_text_of(entry->body, "kind"), &met->kind, c->err);
}

static bool walk(struct checking *c)
{
    for (uint64_t n = 0; n < c->entries->size(c->entries); n++) {
        struct links links;
        size_t at;
        arena_reset(c->arena);
        if (!links_read(c->arena, c->entries, c->payloads, n, &links, c->err) ||
            !digest_map_add(&c->leaves, &links.entry.leaf, &at, c->err))
            return false;
        if (links.entry.kind == ENTRY_RESOURCE && !resource_add(c, &links.entry))
            return false;
        if (links.entry.kind == ENTRY_SEGMENT && !segment_judge(c, &links))
            return false;
    }
    return true;
}

static bool set_check(const struct checking *c, struct verification *verification)
{
    static const char id[] = "tables.derived",
                      meaning[] = "tables that the program makes say what the resources say";
    struct slice faults = strbuf_slice(&c->faults);
    if (faults.len)
        return check_set(verification, id, meaning, CHECK_FAILS, c->err, "%.*s", SLICE_ARG(faults));
    if (c->absent)
        return check_set(verification, id, meaning, CHECK_NOT_MADE, c->err,
                         "rows or resources of %zu of %zu are not here", c->absent,
                         c->absent + c->same);
    return c->same == 0 || check_set(verification, id, meaning, CHECK_HOLDS, c->err,
                                     "%zu made again from the versions of resources", c->same);
}

bool derived_check(struct verifier *verifier, const struct catalogue *catalogue,
                   const char *tmp_folder, struct error *err)
{
    struct checking c = { .verifier = verifier,
                          .catalogue = catalogue,
                          .entries = verifier_entries(verifier),
                          .payloads = verifier_payloads(verifier),
                          .kept = arena_new(ARENA_BYTES_MAX, err),
                          .arena = arena_new(ARENA_BYTES_MAX, err),
                          .faults = strbuf_new(1 << 16),
                          .err = err };
    char *folder =
        c.kept ? arena_printf(c.kept, err, "%s/attest-derived-XXXXXX", tmp_folder) : NULL;
    bool ok = c.arena && folder;
    if (ok && !mkdtemp(folder))
        ok = error_errno(err, "make a temporary folder", folder);
    c.folder = folder;
    if (ok) {
        ok = walk(&c) && set_check(&c, verifier_verification(verifier));
        folder_discard(c.kept, folder);
    }
    strbuf_free(&c.faults);
    digest_map_free(&c.leaves);
    free(c.resources);
    arena_free(c.arena);
    arena_free(c.kept);
    return ok;
}
