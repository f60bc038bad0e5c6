#include "verify/links.h"

#include <string.h>

#include "base/json.h"

static bool inputs_add(struct links *links, const struct value *list, struct error *err)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (!digest_from_hex(value_text(value_item(list, i)), &links->inputs[links->count++]))
            return error_set(err, ERROR_FINDING, NULL, "entry #%llu: an input is no leaf hash",
                             (unsigned long long)links->entry.n);
    }
    return true;
}

/* The list of further inputs; NULL if it is not held. */
static bool more_read(struct arena *arena, const struct payload_source *payloads,
                      struct links *links, const struct value **list, struct error *err)
{
    struct digest c;
    uint64_t bytes;
    struct slice salt, text;
    *list = NULL;
    if (!payload_ref(links->entry.more, &c, &bytes) ||
        payloads->state(payloads, &c) != PAYLOAD_HELD) {
        links->is_partial = true;
        return true;
    }
    if (!payloads->open(payloads, &c, &salt, &text, err) || !arena_copy(arena, text, &text, err))
        return false;
    *list = json_parse(arena, text, NULL, &json_limits_default, err);
    if (*list)
        return true;
    if (err->code == ERROR_INVALID)
        err->code = ERROR_FINDING;
    return false;
}

bool links_read(struct arena *arena, const struct entry_source *entries,
                const struct payload_source *payloads, uint64_t n, struct links *links,
                struct error *err)
{
    struct slice bytes;
    const char *code;
    const struct value *more = NULL;
    memset(links, 0, sizeof *links);
    if (!entries->entry(entries, n, &bytes, err) || !arena_copy(arena, bytes, &bytes, err))
        return false;
    if (!entry_parse(arena, bytes, &links->entry, &code, err)) {
        if (code)
            err->code = ERROR_FINDING;
        return false;
    }
    /* Whoever asks for entry n counts on it. */
    if (links->entry.n != n)
        return error_set(err, ERROR_FINDING, NULL, "the entry at #%llu says it is #%llu",
                         (unsigned long long)n, (unsigned long long)links->entry.n);
    if (links->entry.more && !more_read(arena, payloads, links, &more, err))
        return false;
    links->inputs = arena_array(arena, value_count(links->entry.inputs) + value_count(more) + 1,
                                sizeof *links->inputs, err);
    return links->inputs && inputs_add(links, links->entry.inputs, err) &&
           inputs_add(links, more, err);
}
