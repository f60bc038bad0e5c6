#include "ledger/lines.h"

void lines_start(struct lines *lines, line_take_fn *take, void *context)
{
    *lines =
        (struct lines){ .take = take, .context = context, .begun = strbuf_new(LINE_BYTES_MAX + 1) };
}

/* Keeps the beginning of a line. False with *err if memory ran out. */
static bool keep(struct lines *lines, struct slice text, struct error *err)
{
    if (text.len > LINE_BYTES_MAX - lines->begun.len) {
        lines->is_too_long = true;
        return true;
    }
    strbuf_add(&lines->begun, text);
    return strbuf_ok(&lines->begun, err);
}

bool lines_take(void *context, struct slice chunk, struct error *err)
{
    struct lines *lines = context;
    struct slice head;
    while (!lines->is_too_long && slice_split(chunk, '\n', &head, &chunk)) {
        if (lines->begun.len == 0 && head.len <= LINE_BYTES_MAX) {
            if (!lines->take(lines->context, head, err))
                return false;
            continue;
        }
        if (!keep(lines, head, err))
            return false;
        if (lines->is_too_long)
            return true;
        if (!lines->take(lines->context, strbuf_slice(&lines->begun), err))
            return false;
        strbuf_clear(&lines->begun);
    }
    return lines->is_too_long || keep(lines, chunk, err);
}

bool lines_are_whole(const struct lines *lines)
{
    return lines->begun.len == 0 && !lines->is_too_long;
}

void lines_free(struct lines *lines) { strbuf_free(&lines->begun); }
