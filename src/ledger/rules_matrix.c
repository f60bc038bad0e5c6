/* What a population's items and a run's matrix must be (ledger.md 4, Population, Run, Selection).
 * Both may hold millions of lines and are read as streams: the matrix once, then the items once. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "ledger/rules_payloads.h"
#include "ledger/selection.h"

bool payload_lines(const struct rules *rules, const struct digest *c, line_take_fn *take,
                   void *context, bool *is_whole, struct error *err)
{
    struct lines lines;
    lines_start(&lines, take, context);
    bool is_read = payload_stream(rules, c, lines_take, &lines, err);
    *is_whole = is_read && lines_are_whole(&lines);
    lines_free(&lines);
    return is_read;
}

/* ---- items ---- */

struct items_reading {
    struct strbuf scratch, before;
    uint64_t count;
    bool is_bad;
};

static bool items_line(void *context, struct slice line, struct error *err)
{
    struct items_reading *reading = context;
    if (reading->is_bad)
        return true;
    if (!key_line_is_valid(line, &reading->scratch)) {
        reading->is_bad = true;
        return strbuf_ok(&reading->scratch, err);
    }
    if (reading->count > 0 && slice_compare(strbuf_slice(&reading->before), line) >= 0)
        reading->is_bad = true;
    strbuf_clear(&reading->before);
    strbuf_add(&reading->before, line);
    reading->count++;
    return strbuf_ok(&reading->before, err);
}

bool items_check(struct judge *judge, const struct entry_payload *payload)
{
    struct items_reading reading = { .scratch = strbuf_new(LINE_BYTES_MAX + 1),
                                     .before = strbuf_new(LINE_BYTES_MAX + 1) };
    bool is_whole;
    uint64_t count = 0;
    bool ok = payload_lines(judge->rules, &payload->c, items_line, &reading, &is_whole, judge->err);
    if (ok && (!is_whole || reading.is_bad))
        ok = fault_set(judge, "population-items",
                       "the items of population #%llu are not keys, sorted, each once (line %llu)",
                       (unsigned long long)judge->n, (unsigned long long)reading.count);
    if (ok && (!entry_integer(value_member(judge->entry.body, "count"), &count) ||
               count != reading.count))
        ok = fault_set(judge, "population-items",
                       "population #%llu counts %llu items, its list has %llu",
                       (unsigned long long)judge->n, (unsigned long long)count,
                       (unsigned long long)reading.count);
    strbuf_free(&reading.scratch);
    strbuf_free(&reading.before);
    return ok;
}

/* ---- matrix ---- */

struct header {
    struct digest test, population; /* all zeros if the field is no such digest */
    uint64_t items, deviations;
    size_t attributes_count;
};

struct matrix_reading {
    struct arena *arena;
    struct header header;
    bool has_header, is_bad, is_sample;
    struct strbuf canonical; /* of the line being read */
    uint64_t rows, deviations;
    struct sha256 keys_hash; /* over the keys, each followed by LF: a population's digest */
    struct strbuf key_before;
    bool is_sorted;
    struct digest *keys; /* sample: hashes of the keys, in the matrix's order */
    size_t keys_capacity;
};

static struct digest digest_field(const struct value *header, const char *name, struct slice head)
{
    struct digest digest = { { 0 } };
    struct slice text = value_text_of(header, name);
    if (!slice_starts_with(text, head) || !digest_from_hex(slice_from(text, head.len), &digest))
        memset(&digest, 0, sizeof digest);
    return digest;
}

static bool header_read(const struct value *value, struct header *header)
{
    static const char *const names[] = { "attributes", "deviations", "items", "population",
                                         "test" };
    const struct value *attributes = value_member(value, "attributes");
    if (value->type != VALUE_OBJECT || value->count != ARRAY_LEN(names))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!value_member(value, names[i]))
            return false;
    }
    header->test = digest_field(value, "test", SLICE(""));
    header->population = digest_field(value, "population", SLICE("sha256:"));
    header->attributes_count = value_count(attributes);
    return attributes->type == VALUE_ARRAY &&
           entry_integer(value_member(value, "items"), &header->items) &&
           entry_integer(value_member(value, "deviations"), &header->deviations);
}

static bool header_line(struct matrix_reading *reading, struct slice line, struct error *err)
{
    static const struct json_limits limits = { LINE_BYTES_MAX, 16, LINE_BYTES_MAX };
    struct error fault = { 0 };
    struct slice again;
    arena_reset(reading->arena);
    const struct value *value = json_parse(reading->arena, line, "matrix", &limits, &fault);
    reading->has_header = true;
    reading->is_bad = true;
    if (!value || !json_canonical_copy(reading->arena, value, &again, &fault)) {
        if (fault.code == ERROR_INVALID)
            return true;
        *err = fault;
        return false;
    }
    reading->is_bad = !slice_equal(again, line) || !header_read(value, &reading->header);
    return true;
}

static bool result_add(struct slice result, bool is_first, struct strbuf *canonical)
{
    if (!slice_is(result, "holds") && !slice_is(result, "fails") && !slice_is(result, "undecided"))
        return false;
    strbuf_add_text(canonical, is_first ? "\"" : ",\"");
    strbuf_add(canonical, result);
    strbuf_add_char(canonical, '"');
    return true;
}

/* Reads {"item":key,"results":[...]} and writes its canonical form. */
static bool row_scan(struct matrix_reading *reading, struct slice line, struct slice *key,
                     bool *deviates)
{
    struct json_scan scan;
    struct error ignored = { 0 };
    struct strbuf *canonical = &reading->canonical;
    size_t count = 0, key_start, key_end;
    enum json_token token;
    json_scan_start(&scan, line, 3);
    strbuf_clear(canonical);
    if (json_scan_next(&scan, &ignored) != JSON_OBJECT_BEGIN ||
        json_scan_next(&scan, &ignored) != JSON_NAME || !slice_is(scan.text, "item"))
        return false;
    strbuf_add_text(canonical, "{\"item\":");
    key_start = canonical->len;
    if (!key_scan(&scan, canonical))
        return false;
    key_end = canonical->len;
    if (json_scan_next(&scan, &ignored) != JSON_NAME || !slice_is(scan.text, "results") ||
        json_scan_next(&scan, &ignored) != JSON_ARRAY_BEGIN)
        return false;
    strbuf_add_text(canonical, ",\"results\":[");
    *deviates = reading->header.attributes_count == 0;
    while ((token = json_scan_next(&scan, &ignored)) == JSON_STRING) {
        if (!result_add(scan.text, count++ == 0, canonical))
            return false;
        *deviates = *deviates || !slice_is(scan.text, "holds");
    }
    strbuf_add_text(canonical, "]}");
    *key = slice_head(slice_from(strbuf_slice(canonical), key_start), key_end - key_start);
    return token == JSON_ARRAY_END && count == reading->header.attributes_count &&
           json_scan_next(&scan, &ignored) == JSON_OBJECT_END &&
           json_scan_next(&scan, &ignored) == JSON_END &&
           slice_equal(strbuf_slice(canonical), line);
}

static bool key_keep(struct matrix_reading *reading, struct slice key, struct error *err)
{
    if (reading->rows > 0 && slice_compare(strbuf_slice(&reading->key_before), key) >= 0)
        reading->is_sorted = false;
    strbuf_clear(&reading->key_before);
    strbuf_add(&reading->key_before, key);
    sha256_add(&reading->keys_hash, key);
    sha256_add(&reading->keys_hash, SLICE("\n"));
    if (reading->is_sample) {
        struct digest *grown = array_grow(reading->keys, &reading->keys_capacity,
                                          (size_t)reading->rows, 1, sizeof *grown, err);
        if (!grown)
            return false;
        reading->keys = grown;
        reading->keys[reading->rows] = sha256_of(key);
    }
    return strbuf_ok(&reading->key_before, err);
}

static bool matrix_line(void *context, struct slice line, struct error *err)
{
    struct matrix_reading *reading = context;
    struct slice key;
    bool deviates;
    if (!reading->has_header)
        return header_line(reading, line, err);
    if (reading->is_bad)
        return true;
    if (!row_scan(reading, line, &key, &deviates)) {
        reading->is_bad = true;
        return strbuf_ok(&reading->canonical, err);
    }
    if (!key_keep(reading, key, err))
        return false;
    reading->rows++;
    reading->deviations += deviates ? 1 : 0;
    return true;
}

/* ---- a matrix against the items of its population ---- */

struct items_merge {
    const struct matrix_reading *matrix;
    struct digest seed, population; /* population: leaf hash */
    struct sha256 hash;             /* of the items' bytes */
    uint64_t next;                  /* row of the matrix that must still be met */
    /* Sample: the greatest rank chosen must be below the least that was left. */
    struct digest chosen_worst, left_best;
    bool has_chosen, has_left;
};

static bool merge_line(void *context, struct slice line, struct error *err)
{
    struct items_merge *merge = context;
    const struct matrix_reading *matrix = merge->matrix;
    (void)err;
    sha256_add(&merge->hash, line);
    sha256_add(&merge->hash, SLICE("\n"));
    if (!matrix->is_sample)
        return true;
    struct digest key = sha256_of(line);
    struct digest rank = selection_rank(slice_bytes(merge->seed.bytes, sizeof merge->seed.bytes),
                                        &merge->population, line);
    if (merge->next < matrix->rows && digest_equal(&matrix->keys[merge->next], &key)) {
        merge->next++;
        if (!merge->has_chosen || digest_compare(&rank, &merge->chosen_worst) > 0)
            merge->chosen_worst = rank;
        merge->has_chosen = true;
    } else if (!merge->has_left || digest_compare(&rank, &merge->left_best) < 0) {
        merge->left_best = rank;
        merge->has_left = true;
    }
    return true;
}

static bool is_first_by_rank(const struct items_merge *merge)
{
    if (!merge->has_chosen || !merge->has_left)
        return true;
    return digest_compare(&merge->chosen_worst, &merge->left_best) < 0;
}

static bool against_items(struct judge *judge, const struct matrix_reading *matrix,
                          uint32_t population)
{
    const struct rules *rules = judge->rules;
    const struct detail *detail = &rules->details[rules->seen[population].part];
    struct items_merge merge = { .matrix = matrix, .population = rules->leaves.items[population] };
    struct sha256 keys_hash = matrix->keys_hash;
    struct digest items_digest, keys_digest;
    bool is_whole;
    bool has_seed = judge->inputs.counts[ENTRY_SEED_REVEAL] == 1;
    if (has_seed)
        merge.seed = rules->details[rules->seen[judge->inputs.firsts[ENTRY_SEED_REVEAL]].part].c;
    sha256_start(&merge.hash);
    if (!payload_lines(rules, &detail->c, merge_line, &merge, &is_whole, judge->err))
        return false;
    sha256_finish(&merge.hash, &items_digest);
    sha256_finish(&keys_hash, &keys_digest);
    if (!digest_equal(&matrix->header.population, &items_digest))
        return fault_set(judge, "population-swapped",
                         "the matrix of test.run #%llu names another population's digest than %s",
                         (unsigned long long)judge->n, label_of(rules, population).text);
    if (!matrix->is_sample)
        return digest_equal(&keys_digest, &items_digest) ||
               fault_set(judge, "population-swapped",
                         "the matrix of test.run #%llu has not the items of %s in their order",
                         (unsigned long long)judge->n, label_of(rules, population).text);
    if (!matrix->is_sorted || merge.next != matrix->rows)
        return fault_set(judge, "population-swapped",
                         "the sample of test.run #%llu is not a part of %s in its order",
                         (unsigned long long)judge->n, label_of(rules, population).text);
    return !has_seed || is_first_by_rank(&merge) ||
           fault_set(judge, "selection-differs",
                     "the sample of test.run #%llu is not the first %llu items by rank",
                     (unsigned long long)judge->n, (unsigned long long)matrix->rows);
}

static bool matrix_judge(struct judge *judge, const struct matrix_reading *matrix)
{
    const struct rules *rules = judge->rules;
    uint32_t population, test;
    if (!one_input(judge, ENTRY_POPULATION, &population) ||
        !one_resource(judge, RESOURCE_TEST, &test))
        return false;
    if (test != INPUT_UNKNOWN && !digest_equal(&matrix->header.test, &rules->leaves.items[test]))
        return fault_set(judge, "test-swapped",
                         "the matrix of test.run #%llu is of another test version than %s",
                         (unsigned long long)judge->n, label_of(rules, test).text);
    if (matrix->header.items != matrix->rows || matrix->header.deviations != matrix->deviations)
        return fault_set(judge, "bad-matrix",
                         "the matrix of test.run #%llu has %llu items and %llu deviations, its "
                         "header says %llu and %llu",
                         (unsigned long long)judge->n, (unsigned long long)matrix->rows,
                         (unsigned long long)matrix->deviations,
                         (unsigned long long)matrix->header.items,
                         (unsigned long long)matrix->header.deviations);
    if (population == INPUT_UNKNOWN ||
        payload_state_of(rules, &rules->details[rules->seen[population].part].c) != PAYLOAD_HELD)
        return true;
    return against_items(judge, matrix, population);
}

bool matrix_check(struct judge *judge, const struct entry_payload *payload)
{
    struct matrix_reading reading = { .arena = judge->rules->scratch,
                                      .canonical = strbuf_new(LINE_BYTES_MAX + 64),
                                      .key_before = strbuf_new(LINE_BYTES_MAX + 64),
                                      .is_sorted = true };
    bool is_whole;
    reading.is_sample = slice_is(value_text_of(judge->entry.body, "extent"), "sample");
    sha256_start(&reading.keys_hash);
    bool ok =
        payload_lines(judge->rules, &payload->c, matrix_line, &reading, &is_whole, judge->err);
    if (ok && (!is_whole || !reading.has_header || reading.is_bad))
        ok = fault_set(judge, "bad-matrix",
                       "the matrix of test.run #%llu is not canonical JSON Lines of its form (row "
                       "%llu)",
                       (unsigned long long)judge->n, (unsigned long long)reading.rows + 1);
    if (ok)
        ok = matrix_judge(judge, &reading);
    free(reading.keys);
    strbuf_free(&reading.canonical);
    strbuf_free(&reading.key_before);
    return ok;
}
