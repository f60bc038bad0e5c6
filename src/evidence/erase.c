/* A value is found in a segment by its token. In files as they came, and in documents, it is found
 * as a word: not inside a longer one, so that "bo" is not found in "about". Files that are packed
 * in themselves (Parquet) are found by the token alone. */
#include "evidence/erase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "evidence/input.h"
#include "evidence/segments.h"
#include "ledger/entry.h"
#include "store/erasures.h"
#include "store/subjects.h"

enum { SQL_BYTES_MAX = 1 << 20, TARGETS_MAX = 16, CARRY_BYTES_MAX = 1 << 20 };
#define SCRATCH_BYTES_MAX ((size_t)1 << 30)

struct erasing {
    const struct erase_request *request;
    struct arena *arena;
    struct arena *scratch; /* for one entry */
    struct value *found;
    struct segment_list segments; /* all, withdrawn ones too */
    struct transaction *tx;
    struct value *reasons; /* of runs, to be dropped (erasures.h) */
    struct error *err;
};

/* ---- words ---- */

static bool is_word_byte(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte >= 0x80 || byte == '_' || byte == '-' ||
           byte == '@';
}

static bool holds_word(struct slice text, struct slice value)
{
    for (size_t at = 0; value.len > 0 && at + value.len <= text.len; at++) {
        const char *hit = memchr(text.at + at, value.at[0], text.len - at - value.len + 1);
        if (!hit)
            return false;
        at = (size_t)(hit - text.at);
        if (memcmp(hit, value.at, value.len) == 0 &&
            (at == 0 || !is_word_byte((unsigned char)text.at[at - 1])) &&
            (at + value.len == text.len || !is_word_byte((unsigned char)text.at[at + value.len])))
            return true;
    }
    return false;
}

/* The value, or as JSON spells it within quotes. */
static bool holds_value(struct slice text, struct slice value)
{
    struct strbuf spelled = strbuf_new(CARRY_BYTES_MAX);
    json_add_string(&spelled, value);
    bool holds = holds_word(text, value) ||
                 (!spelled.failed && spelled.len > value.len + 2 &&
                  holds_word(text, (struct slice){ spelled.at + 1, spelled.len - 2 }));
    strbuf_free(&spelled);
    return holds;
}

/* Over blocks: what may begin at the end of one goes on in the next. */
static bool blocks_hold(struct input *input, struct slice value, bool *holds, struct error *err)
{
    struct slice block;
    struct strbuf window = strbuf_new(64 << 20);
    size_t keep = 6 * value.len + 8; /* as JSON spells it at most, and the bytes beside it */
    bool ok = true;
    *holds = false;
    do {
        ok = input_next(input, &block, err);
        if (ok && block.len > 0) {
            strbuf_add(&window, block);
            ok = strbuf_ok(&window, err);
            *holds = ok && holds_value(strbuf_slice(&window), value);
            if (ok && window.len > keep) {
                memmove(window.at, window.at + window.len - keep, keep);
                window.len = keep;
            }
        }
    } while (ok && !*holds && block.len > 0);
    strbuf_free(&window);
    return ok;
}

static bool payload_holds(struct erasing *e, const struct digest *c, struct slice value,
                          bool *holds)
{
    uint8_t salt[32];
    char *path;
    *holds = false;
    if (!payload_file(e->request->store, e->arena, c, salt, &path, e->err)) {
        if (e->err->code != ERROR_NOT_FOUND) /* erased before */
            return false;
        *e->err = (struct error){ 0 };
        return true;
    }
    struct input *input = input_open_file(path, &(struct input_options){ 0 }, e->err);
    bool ok = input && blocks_hold(input, value, holds, e->err);
    input_close(input);
    return ok;
}

/* ---- telling ---- */

static bool tell(struct erasing *e, size_t value, const char *what, struct slice where,
                 int64_t rows, bool is_erased)
{
    struct arena *arena = e->arena;
    struct value *item = value_add_object(arena, e->found, e->err);
    return item && value_put_i64(arena, item, "value", (int64_t)value + 1, e->err) &&
           value_put_text(arena, item, "what", slice_of(what), e->err) &&
           value_put_text(arena, item, "where", where, e->err) &&
           (rows < 0 || value_put_i64(arena, item, "rows", rows, e->err)) &&
           value_put_text(arena, item, "becomes", is_erased ? SLICE("erased") : SLICE("stays"),
                          e->err);
}

/* ---- holds ---- */

/* Every Hold in force stops every erasure: which records it is about is text for people. */
static bool holds_allow(struct erasing *e)
{
    struct resource_list list;
    char today[28];
    time_format(clock_now_us(), today);
    if (!resource_list(e->request->store, e->arena, SLICE("Hold"), store_size(e->request->store),
                       &list, e->err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const struct value *hold =
            json_parse(e->arena, list.items[i].document, "hold", NULL, e->err);
        if (!hold)
            return false;
        struct slice from = value_text_of(hold, "opened_on"),
                     to = value_text_of(hold, "released_on");
        if (slice_compare(from, slice_head(slice_of(today), 10)) > 0 ||
            (to.len > 0 && slice_compare(to, slice_head(slice_of(today), 10)) < 0))
            continue;
        error_set(e->err, ERROR_FINDING, list.items[i].name.at,
                  "this hold is in force: nothing may be erased (%.*s)",
                  slice_int(value_text_of(hold, "title").len), value_text_of(hold, "title").at);
        return error_hint(e->err, "when it is over, apply it with released_on");
    }
    return true;
}

/* ---- segments ---- */

/* What of one segment is to be named. */
struct holder {
    const struct segment *segment;
    struct digest targets[2]; /* raw, rejects */
    size_t targets_count;
    bool has_token;
};

static bool file_has_token(struct erasing *e, const struct segment *segment,
                           const struct digest *token, bool *has)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    uint8_t salt[32];
    char hex[65], *path;
    int64_t count = 0;
    digest_hex(token, hex);
    if (!payload_file(e->request->store, e->arena, &segment->personal.c, salt, &path, e->err))
        return false;
    strbuf_add_text(&sql, "select count(*) from read_parquet(");
    engine_add_literal(&sql, slice_of(path));
    strbuf_printf(&sql, ", hive_partitioning = false) where token = '%s'", hex);
    bool ok = strbuf_ok(&sql, e->err) &&
              engine_query_int64(e->request->engine, strbuf_slice(&sql), &count, e->err);
    strbuf_free(&sql);
    *has = count > 0;
    return ok;
}

/* Raw and rejects: the raw file of a segment that has the token holds the value, whatever its form.
 */
static bool files_find(struct erasing *e, size_t value, const struct segment *segment,
                       struct holder *holder)
{
    static const char *const fields[] = { "raw", "rejects" };
    struct stored_entry entry;
    if (!entry_get(e->request->store, e->arena, segment->n, &entry, e->err))
        return false;
    const struct value *whole = json_parse(e->arena, entry.bytes, "ledger entry", NULL, e->err);
    if (!whole)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct digest c;
        uint64_t bytes;
        bool holds = false;
        if (!payload_ref(value_member(value_member(whole, "body"), fields[i]), &c, &bytes))
            continue;
        if (!payload_holds(e, &c, e->request->values[value], &holds))
            return false;
        uint8_t salt[32];
        char *path;
        if (!holds && i == 0 && holder->has_token) {
            holds = payload_file(e->request->store, e->arena, &c, salt, &path, e->err);
            if (!holds && e->err->code != ERROR_NOT_FOUND)
                return false;
            *e->err = (struct error){ 0 };
        }
        if (!holds)
            continue;
        holder->targets[holder->targets_count++] = c;
        if (!tell(e, value, fields[i], segment->leaf_hex, (int64_t)segment->rows, true))
            return false;
    }
    return true;
}

static bool holders_find(struct erasing *e, size_t value, const struct digest *token,
                         bool has_token, struct holder *holders, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < e->segments.count; i++) {
        const struct segment *segment = &e->segments.items[i];
        struct holder holder = { .segment = segment };
        if (has_token && segment->is_sealed &&
            !file_has_token(e, segment, token, &holder.has_token))
            return false;
        if (holder.has_token &&
            !tell(e, value, "segment", segment->leaf_hex, (int64_t)segment->rows, true))
            return false;
        if (!files_find(e, value, segment, &holder))
            return false;
        if (holder.has_token || holder.targets_count > 0)
            holders[(*count)++] = holder;
    }
    return true;
}

/* ---- what else spells it ---- */

/* Tells the values that a text spells. */
static bool text_tell(struct erasing *e, struct slice text, const char *what, struct slice where)
{
    for (size_t i = 0; i < e->request->values_count; i++)
        if (holds_value(text, e->request->values[i]) && !tell(e, i, what, where, -1, false))
            return false;
    return true;
}

/* One run: which of its items have a reason that spells a value. */
static bool reasons_of(struct erasing *e, const struct stored_entry *run, bool is_erased)
{
    char hex[65];
    struct value *items = NULL;
    const struct value *object = json_parse(e->scratch, run->object, "run", NULL, e->err);
    const struct value *deviating = value_member(object, "deviating");
    digest_hex(&run->leaf, hex);
    for (size_t i = 0; i < e->request->values_count; i++) {
        bool is_told = false;
        for (size_t j = 0; j < value_count(deviating) && !is_told; j++)
            is_told =
                holds_value(value_text_of(value_item(deviating, j), "why"), e->request->values[i]);
        if (is_told && !tell(e, i, "reason", slice_of(hex), -1, is_erased))
            return false;
    }
    for (size_t j = 0; j < value_count(deviating); j++) {
        struct slice why = value_text_of(value_item(deviating, j), "why");
        bool holds = false;
        for (size_t i = 0; i < e->request->values_count; i++)
            holds = holds || holds_value(why, e->request->values[i]);
        if (!holds)
            continue;
        if (!items) {
            struct value *dropped = value_add_object(e->arena, e->reasons, e->err);
            if (!dropped || !value_put_i64(e->arena, dropped, "run", (int64_t)run->n, e->err) ||
                !(items = value_put_array(e->arena, dropped, "items", e->err)))
                return false;
        }
        if (!value_add(e->arena, items, value_new_i64(e->arena, (int64_t)j, e->err), e->err))
            return false;
    }
    return object != NULL;
}

static bool reasons_find(struct erasing *e, bool is_erased)
{
    struct stored_entries runs;
    if (!entry_list(e->request->store, e->arena, SLICE("test.run"), (struct slice){ 0 },
                    store_size(e->request->store), &runs, e->err))
        return false;
    for (size_t i = 0; i < runs.count; i++) {
        arena_reset(e->scratch);
        if (runs.items[i].object.len && !reasons_of(e, &runs.items[i], is_erased))
            return false;
    }
    return true;
}

/* A large payload is read in blocks, a small one lies in the database. */
static bool document_find(struct erasing *e, const struct stored_entry *entry, const char *what)
{
    struct digest c;
    uint64_t size;
    uint8_t salt[32];
    struct slice bytes, where = entry->key;
    char hex[65], *path;
    const struct value *whole = json_parse(e->scratch, entry->bytes, "ledger entry", NULL, e->err);
    if (!whole)
        return false;
    if (!payload_ref(value_path(whole, "body.payload"), &c, &size))
        return true;
    digest_hex(&entry->leaf, hex);
    if (strcmp(what, "resource") != 0)
        where = slice_of(hex);
    if (payload_file(e->request->store, e->scratch, &c, salt, &path, e->err)) {
        for (size_t i = 0; i < e->request->values_count; i++) {
            bool holds = false;
            if (!payload_holds(e, &c, e->request->values[i], &holds) ||
                (holds && !tell(e, i, what, where, -1, false)))
                return false;
        }
        return true;
    }
    if (e->err->code != ERROR_NOT_FOUND)
        return false;
    *e->err = (struct error){ 0 };
    if (payload_get(e->request->store, e->scratch, &c, salt, &bytes, e->err))
        return text_tell(e, bytes, what, where);
    if (e->err->code != ERROR_NOT_FOUND) /* erased before */
        return false;
    *e->err = (struct error){ 0 };
    return true;
}

/* Documents and files stay; who erases should know of them. */
static bool documents_find(struct erasing *e)
{
    static const char *const types[] = { "resource", "blob", "report" };
    for (size_t t = 0; t < ARRAY_LEN(types); t++) {
        struct stored_entries list;
        if (!entry_list(e->request->store, e->arena, slice_of(types[t]), (struct slice){ 0 },
                        store_size(e->request->store), &list, e->err))
            return false;
        for (size_t i = 0; i < list.count; i++) {
            arena_reset(e->scratch);
            if (!document_find(e, &list.items[i], types[t]))
                return false;
        }
    }
    return true;
}

/* ---- entries ---- */

static int by_digest(const void *a, const void *b) { return digest_compare(a, b); }

static bool entry_append(struct erasing *e, const struct digest *token, struct digest *inputs,
                         size_t inputs_count, struct digest *targets, size_t targets_count)
{
    struct arena *arena = transaction_arena(e->tx);
    struct value *body = value_new(arena, VALUE_OBJECT, e->err), *target;
    struct value *object = value_new(arena, VALUE_OBJECT, e->err);
    char hex[65];
    qsort(targets, targets_count, sizeof *targets, by_digest);
    if (token)
        digest_hex(token, hex);
    if (!body || !object || !value_put_text(arena, body, "rule", e->request->rule, e->err) ||
        !value_put_text(arena, body, "scope", token ? SLICE("subject") : SLICE("payload"),
                        e->err) ||
        !(token
              ? value_put_text(arena, body, "subject", slice_of(hex), e->err)
              : value_put(arena, body, "subject", value_new(arena, VALUE_NULL, e->err), e->err)) ||
        !(target = value_put_array(arena, body, "target", e->err)))
        return false;
    for (size_t i = 0; i < targets_count; i++) {
        digest_hex(&targets[i], hex);
        if (i > 0 && digest_equal(&targets[i], &targets[i - 1]))
            continue;
        if (!value_add(arena, target, value_new_text(arena, slice_of(hex), e->err), e->err))
            return false;
    }
    /* The first entry carries what is to be dropped besides. */
    if (transaction_count(e->tx) == 0 &&
        !value_put(arena, object, "reasons", value_copy(arena, e->reasons, e->err), e->err))
        return false;
    struct entry_draft draft = { .type = "erasure",
                                 .key = e->request->rule,
                                 .body = body,
                                 .inputs = inputs,
                                 .inputs_count = inputs_count,
                                 .object = object };
    return transaction_entry(e->tx, e->request->actor, &draft, e->err);
}

/* With a token: all segments that hold it, sixteen targets at a time. Without: segment by segment.
 */
static bool entries_append(struct erasing *e, const struct digest *token, struct holder *holders,
                           size_t count)
{
    struct digest *inputs = arena_array(e->arena, count + 1, sizeof *inputs, e->err);
    struct digest targets[TARGETS_MAX];
    size_t inputs_count = 0, targets_count = 0;
    if (!inputs)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_full = targets_count + holders[i].targets_count > TARGETS_MAX;
        if ((is_full || (!token && inputs_count > 0)) &&
            !entry_append(e, token, inputs, inputs_count, targets, targets_count))
            return false;
        if (is_full || !token)
            inputs_count = targets_count = 0;
        inputs[inputs_count++] = holders[i].segment->leaf;
        for (size_t j = 0; j < holders[i].targets_count; j++)
            targets[targets_count++] = holders[i].targets[j];
    }
    return inputs_count == 0 ||
           entry_append(e, token, inputs, inputs_count, targets, targets_count);
}

/* One value, and what holds it. */
struct held {
    struct digest token;
    bool has_token;
    struct holder *holders;
    size_t count;
};

static bool value_find(struct erasing *e, size_t value, struct held *held)
{
    held->holders = arena_array(e->arena, e->segments.count + 1, sizeof *held->holders, e->err);
    return held->holders &&
           subject_find(e->request->store, e->request->values[value], &held->token,
                        &held->has_token, e->err) &&
           holders_find(e, value, &held->token, held->has_token, held->holders, &held->count);
}

/* Everything is found before the first entry is made: that one says which reasons go. These go with
 * records only; a reason that spells a value of no record stays, and is shown. */
static bool values_find(struct erasing *e, struct held *held)
{
    bool is_any = false;
    for (size_t i = 0; i < e->request->values_count; i++) {
        if (!value_find(e, i, &held[i]))
            return false;
        is_any = is_any || held[i].count > 0;
    }
    return reasons_find(e, is_any) && documents_find(e);
}

static bool rule_is_fit(struct erasing *e)
{
    for (size_t i = 0; i < e->request->values_count; i++)
        if (holds_value(e->request->rule, e->request->values[i]))
            return error_set(e->err, ERROR_INVALID, "--rule",
                             "the rule spells value %zu: it would stand in the ledger for good",
                             i + 1);
    return slice_trim(e->request->rule).len > 0 ||
           error_set(e->err, ERROR_INVALID, "--rule", "an erasure names its rule");
}

static bool found_erase(struct erasing *e, struct held *held)
{
    const struct ledger_appended *appended;
    size_t count;
    bool ok = true;
    e->tx = transaction_begin(e->request->store, e->err);
    if (!e->tx)
        return false;
    for (size_t i = 0; ok && i < e->request->values_count; i++)
        ok = entries_append(e, held[i].has_token ? &held[i].token : NULL, held[i].holders,
                            held[i].count);
    ok = ok &&
         (transaction_count(e->tx) == 0 || (transaction_commit(e->tx, &appended, &count, e->err) &&
                                            erasures_complete(e->request->store, e->err)));
    transaction_free(e->tx);
    return ok;
}

bool values_erase(const struct erase_request *request, struct arena *arena, struct value *found,
                  struct error *err)
{
    struct erasing e = { .request = request, .arena = arena, .found = found, .err = err };
    struct held *held = arena_array(arena, request->values_count + 1, sizeof *held, err);
    e.reasons = value_new(arena, VALUE_ARRAY, err);
    e.scratch = arena_new(SCRATCH_BYTES_MAX, err);
    bool ok = held && e.reasons && e.scratch && rule_is_fit(&e) && holds_allow(&e) &&
              segments_list(request->store, arena, (struct slice){ 0 }, store_size(request->store),
                            true, &e.segments, err) &&
              values_find(&e, held) && (request->is_dry_run || found_erase(&e, held));
    arena_free(e.scratch);
    return ok;
}
