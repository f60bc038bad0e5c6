/* Packets received from another house (ledger.md 4, Packet): JSON Lines, first {checkpoint, old,
 * proof}, then {entry, n, proof} each. What they prove may be named by later documents of ours. */
#include <string.h>

#include "base/json.h"
#include "ledger/rules_payloads.h"

void foreign_key(struct slice origin, struct slice leaf_hex, struct digest *key)
{
    struct sha256 hash;
    sha256_start(&hash);
    sha256_add(&hash, leaf_hex); /* before the origin, since only the origin's length is open */
    sha256_add(&hash, SLICE("\n"));
    sha256_add(&hash, origin);
    sha256_finish(&hash, key);
}

/* ---- the other house ---- */

static struct house *house_of(struct walk *walk, struct slice origin, struct error *err)
{
    struct digest hash = sha256_of(origin);
    for (size_t i = 0; i < walk->houses_count; i++) {
        if (digest_equal(&walk->houses[i].origin, &hash))
            return &walk->houses[i];
    }
    struct house *grown =
        array_grow(walk->houses, &walk->houses_capacity, walk->houses_count, 1, sizeof *grown, err);
    if (!grown)
        return NULL;
    walk->houses = grown;
    struct house *house = &walk->houses[walk->houses_count++];
    *house = (struct house){ .origin = hash, .root = empty_root() };
    return house;
}

static bool head_of(const struct value *body, struct checkpoint *head)
{
    head->origin = value_text_of(body, "origin");
    return entry_integer(value_member(body, "size"), &head->size) &&
           digest_from_hex(value_text_of(body, "root"), &head->root);
}

bool packet_absent(struct walk *walk, struct judge *judge)
{
    struct checkpoint head;
    if (!head_of(judge->entry.body, &head))
        return fault_set(judge, "bad-field", "the packet's checkpoint is of no form");
    struct house *house = house_of(walk, head.origin, judge->err);
    if (!house)
        return false;
    house->size = head.size;
    house->root = head.root;
    house->has_gaps = true;
    return true;
}

/* ---- lines ---- */

struct packet_reading {
    struct walk *walk;
    struct judge *judge;
    struct checkpoint head; /* what the entry says */
    uint64_t lines;
    bool is_bad, has_fault;
};

static struct value *line_parse(struct packet_reading *reading, struct slice line,
                                struct error *err)
{
    static const struct json_limits limits = { LINE_BYTES_MAX, 64, LINE_BYTES_MAX };
    struct arena *arena = reading->walk->rules->scratch;
    arena_reset(arena);
    return json_parse(arena, line, "packet", &limits, err);
}

/* First reading: canonical lines all through. */
static bool form_line(void *context, struct slice line, struct error *err)
{
    struct packet_reading *reading = context;
    struct error fault = { 0 };
    struct slice again;
    if (reading->is_bad)
        return true;
    reading->lines++;
    const struct value *value = line_parse(reading, line, &fault);
    if (value && json_canonical_copy(reading->walk->rules->scratch, value, &again, &fault)) {
        reading->is_bad = !slice_equal(again, line);
        return true;
    }
    if (fault.code != ERROR_INVALID) {
        *err = fault;
        return false;
    }
    reading->is_bad = true;
    return true;
}

static bool has_exactly(const struct value *object, const char *const names[3])
{
    if (object->type != VALUE_OBJECT || object->count != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (!value_member(object, names[i]))
            return false;
    }
    return true;
}

static bool proof_read(const struct value *hashes, struct proof *proof)
{
    if (!hashes || hashes->type != VALUE_ARRAY || hashes->count > PROOF_HASHES_MAX)
        return false;
    for (proof->count = 0; proof->count < hashes->count; proof->count++) {
        if (!digest_from_hex(value_text(hashes->items[proof->count]), &proof->hashes[proof->count]))
            return false;
    }
    return true;
}

static bool has_key(const struct rules_sources *sources, struct slice origin)
{
    for (size_t i = 0; i < sources->peers_count; i++) {
        if (sources->peers[i].type == KEY_LOG && slice_equal(sources->peers[i].name, origin))
            return true;
    }
    return false;
}

/* Whether the note is of the checkpoint that the entry names, and signed by the other house if its
 * key is known. False with *err if that cannot be told. */
static bool note_check(struct packet_reading *reading, struct slice note_bytes, bool *matches,
                       struct error *err)
{
    const struct rules_sources *sources = &reading->walk->rules->sources;
    const struct checkpoint *head = &reading->head;
    struct checkpoint checkpoint;
    struct note note;
    struct slice lines;
    struct error fault = { 0 };
    bool is_open;
    if (has_key(sources, head->origin)) {
        is_open = checkpoint_open(note_bytes, sources->peers, sources->peers_count, &checkpoint,
                                  &note, &fault);
    } else {
        is_open = note_split(note_bytes, &note.text, &lines, &fault) &&
                  checkpoint_parse(note.text, &checkpoint, &fault);
        reading->walk->counts->unpinned++;
    }
    *matches = is_open && slice_equal(checkpoint.origin, head->origin) &&
               checkpoint.size == head->size && digest_equal(&checkpoint.root, &head->root);
    if (!is_open && fault.code != ERROR_INVALID) {
        *err = fault;
        return false;
    }
    return true;
}

static bool fault_in(struct packet_reading *reading, const char *code, const char *words)
{
    reading->has_fault = true;
    fault_set(reading->judge, code, "packet #%llu, line %llu: %s",
              (unsigned long long)reading->judge->n, (unsigned long long)reading->lines, words);
    return true; /* the stream goes on, the fault stands */
}

static bool head_line(struct packet_reading *reading, const struct value *line, struct error *err)
{
    static const char *const names[3] = { "checkpoint", "old", "proof" };
    struct proof proof;
    uint64_t old;
    bool matches = false;
    if (has_exactly(line, names) &&
        !note_check(reading, value_text_of(line, "checkpoint"), &matches, err))
        return false;
    if (!matches)
        return fault_in(reading, "packet-checkpoint",
                        "not the signed checkpoint that the entry names");
    struct house *house = house_of(reading->walk, reading->head.origin, err);
    if (!house)
        return false;
    if (!entry_integer(value_member(line, "old"), &old) || old != house->size ||
        !proof_read(value_member(line, "proof"), &proof) ||
        !consistency_holds(old, reading->head.size, proof.hashes, proof.count, &house->root,
                           &reading->head.root))
        return fault_in(reading, "packet-fork",
                        "not consistent with the checkpoint received before");
    return true;
}

static bool entry_line(struct packet_reading *reading, const struct value *line, struct error *err)
{
    static const char *const names[3] = { "entry", "n", "proof" };
    struct digest_list *foreign = &reading->walk->foreign;
    struct digest key;
    struct proof proof;
    uint64_t n;
    char hex[65];
    struct digest leaf = leaf_hash(value_text_of(line, "entry"));
    if (!has_exactly(line, names) || value_member(line, "entry")->type != VALUE_STRING ||
        !entry_integer(value_member(line, "n"), &n) ||
        !proof_read(value_member(line, "proof"), &proof) ||
        !inclusion_holds(n, reading->head.size, &leaf, proof.hashes, proof.count,
                         &reading->head.root))
        return fault_in(reading, "packet-proof", "the entry is not proved to be in the checkpoint");
    digest_hex(&leaf, hex);
    foreign_key(reading->head.origin, slice_of(hex), &key);
    if (!digest_list_reserve(foreign, 1, err))
        return false;
    digest_list_add(foreign, &key);
    return true;
}

/* Second reading: what the lines prove. */
static bool meaning_line(void *context, struct slice text, struct error *err)
{
    struct packet_reading *reading = context;
    if (reading->has_fault)
        return true;
    const struct value *line = line_parse(reading, text, err);
    if (!line)
        return false;
    return reading->lines++ == 0 ? head_line(reading, line, err) : entry_line(reading, line, err);
}

bool packet_payload_check(struct walk *walk, struct judge *judge,
                          const struct entry_payload *payload)
{
    struct packet_reading reading = { .walk = walk, .judge = judge };
    bool is_whole;
    if (!head_of(judge->entry.body, &reading.head))
        return fault_set(judge, "bad-field", "the packet's checkpoint is of no form");
    if (!payload_lines(walk->rules, &payload->c, form_line, &reading, &is_whole, judge->err))
        return false;
    if (!is_whole || reading.is_bad || reading.lines == 0)
        return fault_set(judge, "packet-checkpoint", "packet #%llu is not canonical JSON Lines",
                         (unsigned long long)judge->n);
    reading.lines = 0;
    if (!payload_lines(walk->rules, &payload->c, meaning_line, &reading, &is_whole, judge->err) ||
        reading.has_fault)
        return false;
    struct house *house = house_of(walk, reading.head.origin, judge->err);
    if (!house)
        return false;
    house->size = reading.head.size;
    house->root = reading.head.root;
    return true;
}
