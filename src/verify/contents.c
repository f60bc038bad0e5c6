/* The walk: from the report's entry backwards through all inputs. Inputs always lie before the
 * entry that names them, so one pass from the last entry to the first meets everything after all
 * that points to it.
 *
 * The version before is an input too, but nothing rests on it: it is history. So a mark says who
 * set it (the name, hashed); an entry that only later versions of itself point to is passed over.
 */
#include "verify/contents.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "verify/digest_map.h"
#include "verify/links.h"

/* One entry's JSON tree and its list of inputs. */
#define ARENA_BYTES_MAX ((size_t)1 << 30)

enum { MARK_NONE = 0, MARK_FIRM = 1, MARK_TAGS = 2 };

const struct document_form document_forms[DOCUMENTS_COUNT] = {
    [DOCUMENT_PDF] = { "application/pdf", "report.pdf" },
    [DOCUMENT_HTML] = { "text/html", "report.html" },
};

/* From which level on the payloads of an entry are part of a bundle. */
enum part { PART_OF_REPORT, PART_OF_ROWS, PART_OF_EVIDENCE, PART_OF_NONE };

/* To add a payload that reports need: one line. What is not here is evidence: files as they came,
 * in which personal values stand in clear. */
static const struct {
    const char *field;
    enum entry_type type;
    enum part part;
} parts[] = {
    { "payload", ENTRY_RESOURCE, PART_OF_REPORT },
    { "payload", ENTRY_EVALUATION, PART_OF_REPORT },
    { "payload", ENTRY_CONCLUSION, PART_OF_REPORT },
    { "payload", ENTRY_OPINION, PART_OF_REPORT },
    { "payload", ENTRY_REPORT, PART_OF_REPORT },
    { "payload", ENTRY_POPULATION, PART_OF_REPORT }, /* its completeness and accuracy record */
    { "reason", ENTRY_WITHDRAW, PART_OF_REPORT },
    { "payload", ENTRY_SEGMENT, PART_OF_ROWS },
    { "personal", ENTRY_SEGMENT, PART_OF_ROWS },
    { "items", ENTRY_POPULATION, PART_OF_ROWS },
    { "payload", ENTRY_RUN, PART_OF_ROWS },
    { "payload", ENTRY_PACKET, PART_OF_REPORT }, /* proofs of what other houses recorded */
    /* A seed is in clear in the entry that reveals it. */
    { "seed", ENTRY_SEED_COMMIT, PART_OF_NONE },
    /* Other readers' copies are nobody else's. */
    { "payload", ENTRY_COPY, PART_OF_NONE },
    { "terms", ENTRY_COPY, PART_OF_NONE },
};

struct contents {
    struct contents_item *items;
    size_t count, capacity;
    struct digest_map leaves;
    struct digest_map subjects; /* that erasures name: tokens */
    uint64_t size, erasures_count;
    uint64_t *marks; /* per entry; NULL for CONTENTS_ALL */
    bool has_document[DOCUMENTS_COUNT];
    struct contents_item documents[DOCUMENTS_COUNT];
};

struct walk {
    const struct contents_of *of;
    struct contents *contents;
    struct digest_map found;  /* commitments, in the order of contents->items */
    struct digest_map erased; /* what erasures name */
    struct arena *arena;      /* for the entry in hand */
    struct links links;       /* the entry in hand */
    struct error *err;
};

const char *contents_level_name(enum contents_level level)
{
    static const char *const names[] = { "report", "evidence-sealed", "evidence", "all" };
    return names[level];
}

bool contents_level_parse(struct slice name, enum contents_level *level)
{
    for (int i = CONTENTS_REPORT; i < CONTENTS_ALL; i++) {
        if (slice_is(name, contents_level_name((enum contents_level)i))) {
            *level = (enum contents_level)i;
            return true;
        }
    }
    return false;
}

static enum part part_of(enum entry_type type, const char *field)
{
    if (strcmp(field, "more") == 0)
        return PART_OF_REPORT;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].type == type && strcmp(parts[i].field, field) == 0)
            return parts[i].part;
    }
    return PART_OF_EVIDENCE;
}

static bool is_in(const struct walk *walk, enum part part)
{
    switch (walk->of->level) {
    case CONTENTS_REPORT:
        return part == PART_OF_REPORT;
    case CONTENTS_SEALED:
        return part == PART_OF_REPORT || part == PART_OF_ROWS;
    case CONTENTS_EVIDENCE:
        return part != PART_OF_NONE;
    case CONTENTS_ALL:
        break;
    }
    return true;
}

/* ---- items ---- */

static bool item_add(struct walk *walk, const struct contents_item *item)
{
    struct contents *contents = walk->contents;
    size_t at;
    if (!digest_map_add(&walk->found, &item->c, &at, walk->err))
        return false;
    if (at < contents->count) {
        /* Met as a name before: as a payload its length is known. */
        if (contents->items[at].is_name && !item->is_name)
            contents->items[at] = *item;
        return true;
    }
    if (contents->count == contents->capacity) {
        size_t capacity = contents->capacity ? contents->capacity * 2 : 64;
        void *grown = realloc(contents->items, capacity * sizeof *contents->items);
        if (!grown)
            return error_no_memory(walk->err, capacity * sizeof *contents->items);
        contents->items = grown;
        contents->capacity = capacity;
    }
    contents->items[contents->count++] = *item;
    return true;
}

static bool name_add(struct walk *walk, struct slice name)
{
    struct contents_item item = { .bytes = UINT64_MAX, .n = walk->links.entry.n, .is_name = true };
    return !entry_name_commitment(name, &item.c) || item_add(walk, &item);
}

static bool names_add(struct walk *walk)
{
    const struct value *body = walk->links.entry.body;
    if (!name_add(walk, walk->links.entry.actor))
        return false;
    for (size_t i = 0; i < body->count; i++) {
        if (!name_add(walk, value_text(body->members[i].value)))
            return false;
    }
    return true;
}

/* The payloads of the entry in hand; `only`: that field alone. */
static bool payloads_add(struct walk *walk, const char *only)
{
    struct entry_payload payloads[ENTRY_PAYLOADS_MAX];
    const struct entry *entry = &walk->links.entry;
    size_t count = entry_payloads(entry, payloads);
    for (size_t i = 0; i < count; i++) {
        struct contents_item item = { .c = payloads[i].c,
                                      .bytes = payloads[i].bytes,
                                      .n = entry->n };
        if (only && strcmp(only, payloads[i].field) != 0)
            continue;
        if (is_in(walk, part_of(entry->kind, payloads[i].field)) && !item_add(walk, &item))
            return false;
    }
    return true;
}

static bool erasure_add(struct walk *walk)
{
    const struct value *target = value_member(walk->links.entry.body, "target");
    struct digest c;
    size_t at;
    walk->contents->erasures_count++;
    if (digest_from_hex(value_text_of(walk->links.entry.body, "subject"), &c) &&
        !digest_map_add(&walk->contents->subjects, &c, &at, walk->err))
        return false;
    for (size_t i = 0; i < value_count(target); i++) {
        if (digest_from_hex(value_text(value_item(target, i)), &c) &&
            !digest_map_add(&walk->erased, &c, &at, walk->err))
            return false;
    }
    return true;
}

/* ---- marks ---- */

/* What two versions of the same thing have in common, 0 for what has no versions. Evaluations tell
 * no name: one that names another is a later version of it. */
static uint64_t tag_of(const struct entry *entry)
{
    uint64_t tag;
    struct sha256 hash;
    struct digest digest;
    if (entry->kind != ENTRY_RESOURCE && entry->kind != ENTRY_CONCLUSION &&
        entry->kind != ENTRY_OPINION && entry->kind != ENTRY_EVALUATION)
        return MARK_NONE;
    sha256_start(&hash);
    sha256_add(&hash,
               slice_bytes(entry_type_name(entry->kind), strlen(entry_type_name(entry->kind)) + 1));
    sha256_add(&hash, value_text_of(entry->body, "name"));
    sha256_finish(&hash, &digest);
    memcpy(&tag, digest.bytes, sizeof tag);
    return tag < MARK_TAGS ? MARK_TAGS : tag;
}

static void inputs_mark(struct walk *walk)
{
    const struct links *links = &walk->links;
    uint64_t *marks = walk->contents->marks;
    uint64_t tag = tag_of(&links->entry), mark = tag == MARK_NONE ? MARK_FIRM : tag;
    for (size_t i = 0; i < links->count; i++) {
        size_t at;
        if (!digest_map_find(&walk->contents->leaves, &links->inputs[i], &at) ||
            at >= links->entry.n)
            continue; /* the rules of the ledger refuse it */
        if (marks[at] == MARK_NONE)
            marks[at] = mark;
        else if (marks[at] != mark)
            marks[at] = MARK_FIRM;
    }
}

/* ---- the walk ---- */

static bool links_open(struct walk *walk, uint64_t n)
{
    arena_reset(walk->arena);
    return links_read(walk->arena, walk->of->entries, walk->of->payloads, n, &walk->links,
                      walk->err);
}

static bool holds_text(struct slice bytes, const char *text)
{
    size_t len = strlen(text), at;
    while (bytes.len >= len && slice_find(bytes, text[0], &at) && bytes.len - at >= len) {
        bytes = slice_from(bytes, at);
        if (memcmp(bytes.at, text, len) == 0)
            return true;
        bytes = slice_from(bytes, 1);
    }
    return false;
}

/* Entries that matter though the report does not rest on them. Their bytes are canonical JSON, so
 * these words stand there in this spelling, and in no text (quotes are escaped in those). */
static bool may_matter(struct slice bytes)
{
    static const char *const words[] = { "\"more\":{", "\"type\":\"erasure\"",
                                         "\"type\":\"packet\"" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (holds_text(bytes, words[i]))
            return true;
    }
    return false;
}

static bool rests_on(struct walk *walk)
{
    uint64_t *mark = &walk->contents->marks[walk->links.entry.n];
    if (*mark == MARK_NONE || *mark == tag_of(&walk->links.entry))
        *mark = MARK_NONE;
    else
        *mark = MARK_FIRM;
    return *mark == MARK_FIRM;
}

static bool entry_walk(struct walk *walk, uint64_t n)
{
    struct contents *contents = walk->contents;
    struct slice bytes;
    bool is_all = walk->of->level == CONTENTS_ALL;
    if (!walk->of->entries->entry(walk->of->entries, n, &bytes, walk->err))
        return false;
    if (!is_all && contents->marks[n] == MARK_NONE && !may_matter(bytes))
        return true;
    if (!links_open(walk, n))
        return false;
    const struct entry *entry = &walk->links.entry;
    if (walk->links.is_partial)
        return error_set(walk->err, ERROR_FINDING, NULL,
                         "the list of further inputs of #%llu is not there", (unsigned long long)n);
    if (entry->kind == ENTRY_ERASURE && !erasure_add(walk))
        return false;
    if (is_all)
        return names_add(walk) && (entry->kind == ENTRY_SEED_COMMIT ? payloads_add(walk, "more")
                                                                    : payloads_add(walk, NULL));
    if (rests_on(walk)) {
        inputs_mark(walk);
        return names_add(walk) && payloads_add(walk, NULL);
    }
    bool is_received = entry->kind == ENTRY_PACKET && n < walk->of->report &&
                       slice_is(value_text_of(entry->body, "dir"), "received");
    return payloads_add(walk, is_received ? NULL : "more");
}

static bool names_report(const struct walk *walk)
{
    for (size_t i = 0; i < walk->links.count; i++) {
        if (digest_equal(&walk->links.inputs[i], &walk->of->leaves[walk->of->report]))
            return true;
    }
    return false;
}

/* The forms of the report: blobs right behind its entry that name it. */
static bool documents_find(struct walk *walk)
{
    const struct contents_of *of = walk->of;
    for (uint64_t n = of->report + 1; n < of->size; n++) {
        if (!links_open(walk, n))
            return false;
        const struct links *links = &walk->links;
        struct slice media = value_text_of(links->entry.body, "media");
        bool is_form = false;
        for (size_t form = 0; form < DOCUMENTS_COUNT && links->entry.kind == ENTRY_BLOB; form++) {
            if (!slice_is(media, document_forms[form].media) ||
                walk->contents->has_document[form] || !names_report(walk))
                continue;
            struct contents_item *item = &walk->contents->documents[form];
            item->n = n;
            is_form =
                payload_ref(value_member(links->entry.body, "payload"), &item->c, &item->bytes);
            walk->contents->has_document[form] = is_form;
            if (is_form && !item_add(walk, item))
                return false;
        }
        if (!is_form)
            break;
    }
    return true;
}

static int by_commitment(const void *a, const void *b)
{
    const struct contents_item *x = a, *y = b;
    return digest_compare(&x->c, &y->c);
}

static bool walk_all(struct walk *walk)
{
    const struct contents_of *of = walk->of;
    struct contents *contents = walk->contents;
    size_t at;
    contents->size = of->size;
    for (uint64_t n = 0; n < of->size; n++) {
        if (!digest_map_add(&contents->leaves, &of->leaves[n], &at, walk->err))
            return false;
        if (at != n)
            return error_set(walk->err, ERROR_FINDING, NULL, "entry #%llu is entry #%zu again",
                             (unsigned long long)n, at);
    }
    if (of->level != CONTENTS_ALL) {
        assert(of->report < of->size);
        contents->marks = calloc((size_t)of->size, sizeof *contents->marks);
        if (!contents->marks)
            return error_no_memory(walk->err, (size_t)of->size * sizeof *contents->marks);
        contents->marks[of->report] = MARK_FIRM;
        if (!documents_find(walk))
            return false;
    }
    for (uint64_t n = of->size; n-- > 0;) {
        if (!entry_walk(walk, n))
            return false;
    }
    for (size_t i = 0; i < contents->count; i++)
        contents->items[i].is_erased = digest_map_find(&walk->erased, &contents->items[i].c, &at);
    if (contents->count > 0)
        qsort(contents->items, contents->count, sizeof *contents->items, by_commitment);
    return true;
}

struct contents *contents_new(const struct contents_of *of, struct error *err)
{
    struct walk walk = { .of = of, .err = err };
    walk.contents = calloc(1, sizeof *walk.contents);
    walk.arena = arena_new(ARENA_BYTES_MAX, err);
    if (!walk.contents)
        error_no_memory(err, sizeof *walk.contents);
    bool ok = walk.contents && walk.arena && walk_all(&walk);
    digest_map_free(&walk.found);
    digest_map_free(&walk.erased);
    arena_free(walk.arena);
    if (ok)
        return walk.contents;
    contents_free(walk.contents);
    return NULL;
}

void contents_free(struct contents *contents)
{
    if (!contents)
        return;
    digest_map_free(&contents->leaves);
    digest_map_free(&contents->subjects);
    free(contents->items);
    free(contents->marks);
    free(contents);
}

/* ---- questions ---- */

size_t contents_count(const struct contents *contents) { return contents->count; }

const struct contents_item *contents_at(const struct contents *contents, size_t index)
{
    return &contents->items[index];
}

const struct contents_item *contents_find(const struct contents *contents, const struct digest *c)
{
    const struct contents_item key = { .c = *c };
    return contents->count > 0 ? bsearch(&key, contents->items, contents->count,
                                         sizeof *contents->items, by_commitment)
                               : NULL;
}

bool contents_rests_on(const struct contents *contents, uint64_t n)
{
    return n < contents->size && (!contents->marks || contents->marks[n] == MARK_FIRM);
}

bool contents_subject_is_erased(const struct contents *contents, const struct digest *token)
{
    size_t at;
    return digest_map_find(&contents->subjects, token, &at);
}

uint64_t contents_erasures_count(const struct contents *contents)
{
    return contents->erasures_count;
}

bool contents_document(const struct contents *contents, enum contents_document document,
                       struct contents_item *item)
{
    if (!contents->has_document[document])
        return false;
    *item = contents->documents[document];
    item->is_erased = contents_find(contents, &item->c)->is_erased;
    return true;
}

bool contents_find_leaf(const struct contents *contents, const struct digest *leaf, uint64_t *n)
{
    size_t at;
    if (!digest_map_find(&contents->leaves, leaf, &at))
        return false;
    *n = at;
    return true;
}
