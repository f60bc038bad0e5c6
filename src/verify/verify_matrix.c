/* A run's matrix counted again, line by line. The rules have read it before and found it canonical,
 * so results are found by their spelling. */
#include <string.h>

#include "base/json.h"
#include "ledger/lines.h"
#include "verify/matrix.h"

struct counting {
    struct arena *arena;
    struct matrix_counts *counts;
    const struct matrix_visit *visit; /* or NULL */
    struct sha256 hash;
};

static bool unreadable(struct error *err)
{
    return error_set(err, ERROR_FINDING, NULL, "a line of a matrix cannot be read");
}

static bool header_take(struct counting *counting, struct slice line, struct error *err)
{
    struct matrix_counts *counts = counting->counts;
    struct slice copy;
    if (!arena_copy(counting->arena, line, &copy, err))
        return false;
    counts->header = json_parse(counting->arena, copy, NULL, &json_limits_default, err);
    if (!counts->header)
        return false;
    counts->attributes_count = value_count(value_member(counts->header, "attributes"));
    return counts->attributes_count <= MATRIX_ATTRIBUTES_MAX || unreadable(err);
}

/* {"item":KEY,"results":[...]}: the key, and what stands behind the last `,"results":[`, which no
 * key can hold: there quotes are escaped. */
static bool row_split(struct slice line, struct slice *key, struct slice *results)
{
    static const char head[] = "{\"item\":", before[] = ",\"results\":[";
    size_t head_len = sizeof head - 1, len = sizeof before - 1;
    for (size_t at = line.len; at-- > head_len;) {
        if (line.at[at] == ',' && line.len - at >= len && memcmp(line.at + at, before, len) == 0) {
            *key = slice_from(slice_head(line, at), head_len);
            *results = slice_from(line, at + len);
            return true;
        }
    }
    return false;
}

static bool row_take(struct counting *counting, struct slice line, struct error *err)
{
    struct matrix_counts *counts = counting->counts;
    struct slice key, rest, quoted;
    uint64_t deviating = 0;
    if (!row_split(line, &key, &rest))
        return unreadable(err);
    for (size_t i = 0; i < counts->attributes_count; i++) {
        if (!slice_split(rest, i + 1 < counts->attributes_count ? ',' : ']', &quoted, &rest))
            return unreadable(err);
        if (slice_is(quoted, "\"holds\""))
            counts->holds[i]++;
        else if (slice_is(quoted, "\"fails\""))
            counts->fails[i]++;
        else if (slice_is(quoted, "\"undecided\""))
            counts->undecided[i]++;
        else
            return unreadable(err);
        deviating |= slice_is(quoted, "\"holds\"") ? 0 : (uint64_t)1 << i;
    }
    counts->items++;
    if (deviating == 0 && counts->attributes_count > 0)
        return true;
    counts->deviations++;
    return !counting->visit ||
           counting->visit->row(counting->visit->context, counts, key, deviating, err);
}

static bool line_take(void *context, struct slice line, struct error *err)
{
    struct counting *counting = context;
    sha256_add(&counting->hash, line);
    sha256_add(&counting->hash, SLICE("\n"));
    return counting->counts->header ? row_take(counting, line, err)
                                    : header_take(counting, line, err);
}

bool matrix_count(const struct payload_source *payloads, struct arena *arena,
                  const struct digest *c, const struct matrix_visit *visit,
                  struct matrix_counts *counts, struct error *err)
{
    struct counting counting = { .arena = arena, .counts = counts, .visit = visit };
    struct lines lines;
    memset(counts, 0, sizeof *counts);
    sha256_start(&counting.hash);
    lines_start(&lines, line_take, &counting);
    bool ok = payloads->stream(payloads, c, lines_take, &lines, err);
    if (ok && (!lines_are_whole(&lines) || !counts->header))
        ok = unreadable(err);
    lines_free(&lines);
    sha256_finish(&counting.hash, &counts->digest);
    return ok;
}
