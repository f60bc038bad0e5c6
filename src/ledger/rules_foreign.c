/* Documents name facts of another house as {"leaf": hash, "origin": name}; each must be proved by a
 * packet received before (ledger.md 4, Packet). */
#include <string.h>

#include "base/json_scan.h"
#include "ledger/rules_payloads.h"

/* An object that has not ended yet. */
struct level {
    size_t members;
    struct slice leaf, origin;
    bool has_leaf, has_origin;
};

struct foreign_scan {
    struct walk *walk;
    struct judge *judge;
    struct error *err;
    struct level levels[JSON_DEPTH_MAX];
    bool is_unproved; /* some reference is */
    bool is_unknown;  /* some may be proved by a packet that this bundle does not hold */
    bool has_failed;  /* *err says why */
};

static struct slice text_of(struct foreign_scan *scan, const struct json_scan *json)
{
    if (!json->has_escapes)
        return json->text;
    char *decoded = arena_alloc(scan->judge->rules->scratch, json->text.len, scan->err);
    if (!decoded) {
        scan->has_failed = true;
        return (struct slice){ 0 };
    }
    return (struct slice){ decoded, json_unescape(json->text, decoded) };
}

static bool house_has_gaps(const struct walk *walk, struct slice origin)
{
    struct digest hash = sha256_of(origin);
    for (size_t i = 0; i < walk->houses_count; i++) {
        if (digest_equal(&walk->houses[i].origin, &hash))
            return walk->houses[i].has_gaps;
    }
    return false;
}

static void object_end(struct foreign_scan *scan, const struct level *level)
{
    struct digest key;
    size_t at;
    if (level->members != 2 || !level->has_leaf || !level->has_origin)
        return;
    foreign_key(level->origin, level->leaf, &key);
    if (digest_list_find(&scan->walk->foreign, &key, &at))
        return;
    if (house_has_gaps(scan->walk, level->origin))
        scan->is_unknown = true;
    else
        scan->is_unproved = true;
}

/* Follows one member from its name; nested values are met later by the same loop. */
static void member_begin(struct foreign_scan *scan, const struct json_scan *json,
                         bool *value_is_leaf, bool *value_is_origin)
{
    struct level *level = &scan->levels[json->depth - 1];
    struct slice name = text_of(scan, json);
    level->members++;
    *value_is_leaf = slice_is(name, "leaf");
    *value_is_origin = slice_is(name, "origin");
    level->has_leaf = level->has_leaf || *value_is_leaf;
    level->has_origin = level->has_origin || *value_is_origin;
}

/* Whether `text` is one JSON value; notes references in it on the way. */
static bool scan_value(struct foreign_scan *scan, struct slice text)
{
    struct json_scan json;
    struct error ignored = { 0 };
    bool is_leaf = false, is_origin = false;
    json_scan_start(&json, text, JSON_DEPTH_MAX);
    while (!scan->has_failed) {
        enum json_token token = json_scan_next(&json, &ignored);
        if (token == JSON_ERROR)
            return false;
        if (token == JSON_END)
            return true;
        if (token == JSON_OBJECT_BEGIN)
            scan->levels[json.depth - 1] = (struct level){ 0 };
        else if (token == JSON_OBJECT_END)
            object_end(scan, &scan->levels[json.depth]);
        else if (token == JSON_STRING && is_leaf)
            scan->levels[json.depth - 1].leaf = text_of(scan, &json);
        else if (token == JSON_STRING && is_origin)
            scan->levels[json.depth - 1].origin = text_of(scan, &json);
        is_leaf = is_origin = false;
        if (token == JSON_NAME)
            member_begin(scan, &json, &is_leaf, &is_origin);
    }
    return true;
}

/* A text that is no JSON, also not line by line, names nothing. */
static bool scan_document(struct foreign_scan *scan, struct slice bytes)
{
    struct slice line;
    if (scan_value(scan, bytes))
        return true;
    scan->is_unproved = scan->is_unknown = false;
    while (slice_line(&bytes, &line)) {
        if (!scan_value(scan, line))
            return false;
    }
    return true;
}

bool foreign_check(struct walk *walk, struct judge *judge, const struct entry_payload *payload)
{
    struct slice salt, bytes;
    struct foreign_scan scan = { .walk = walk, .judge = judge, .err = judge->err };
    arena_reset(judge->rules->scratch);
    if (!payload_open(judge->rules, &payload->c, &salt, &bytes, judge->err))
        return false;
    bool names_something = scan_document(&scan, bytes);
    if (scan.has_failed)
        return false;
    if (names_something && scan.is_unproved)
        return fault_set(judge, "foreign-unproved",
                         "%s #%llu names a fact of another house that no packet before it proves",
                         entry_type_name(judge->entry.kind), (unsigned long long)judge->n);
    if (names_something && scan.is_unknown)
        walk->counts->absent++;
    return true;
}
