#include "program/occurrence_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

void duty_hours(int64_t us, char out[40])
{
    int64_t millionths = us / 3600;
    int len =
        snprintf(out, 40, "%" PRId64 ".%06" PRId64, millionths / 1000000, millionths % 1000000);
    while (out[len - 1] == '0')
        out[--len] = '\0';
    if (out[len - 1] == '.')
        out[len - 1] = '\0';
}

static void add_text(struct strbuf *lines, const char *name, struct slice text)
{
    strbuf_printf(lines, ",\"%s\":", name);
    if (text.len)
        json_add_string(lines, text);
    else
        strbuf_add_text(lines, "null");
}

static void add_time(struct strbuf *lines, const char *name, int64_t at_us)
{
    char text[28];
    time_format(at_us, text);
    add_text(lines, name, slice_of(text));
}

static void add_row(struct strbuf *lines, const struct duty *duty)
{
    struct slice kind, id = { 0 };
    char late[40];
    if (!slice_split(duty->subject, '/', &kind, &id) || !slice_is(kind, "control"))
        id = (struct slice){ 0 };
    strbuf_add_text(lines, "{\"subject\":");
    json_add_string(lines, duty->subject);
    add_text(lines, "control", id);
    add_time(lines, "due_from", duty->from_us);
    add_time(lines, "due_at", duty->due_us);
    add_time(lines, "allowed_until", duty->allowed_us);
    add_text(lines, "state", slice_of(duty_state_name(duty->state)));
    if (duty->state == DUTY_LATE) {
        duty_hours(duty_late_us(duty), late);
        strbuf_printf(lines, ",\"late_hours\":%s", late);
    }
    if (duty->is_done) {
        add_time(lines, "performed_at", duty->done.when.at_us);
        add_text(lines, "performed_by", duty->done.by);
        add_text(lines, "evidence", duty->done.evidence);
        add_text(lines, "recorded_at", duty->done.recorded_at);
    }
    strbuf_add_text(lines, "}\n");
}

static int by_bytes(const void *a, const void *b) { return memcmp(a, b, sizeof(struct digest)); }

bool occurrence_rows(struct arena *arena, const struct duties *duties, struct strbuf *lines,
                     struct digest **inputs, size_t *inputs_count, struct error *err)
{
    size_t count = 0;
    struct digest *leaves = arena_array(arena, 2 * duties->count + 1, sizeof *leaves, err);
    if (!leaves)
        return false;
    for (size_t i = 0; i < duties->count; i++) {
        add_row(lines, &duties->items[i]);
        leaves[count++] = duties->items[i].named_leaf;
        if (duties->items[i].is_done && duties->items[i].done.has_leaf)
            leaves[count++] = duties->items[i].done.leaf;
    }
    if (count > 0)
        qsort(leaves, count, sizeof *leaves, by_bytes);
    *inputs = leaves;
    *inputs_count = 0;
    for (size_t i = 0; i < count; i++)
        if (*inputs_count == 0 || !digest_equal(&leaves[*inputs_count - 1], &leaves[i]))
            leaves[(*inputs_count)++] = leaves[i];
    return strbuf_ok(lines, err);
}
