#include "ledger/rules_state.h"

enum payload_state payload_state_of(const struct rules *rules, const struct digest *c)
{
    const struct payload_source *source = rules->sources.payloads;
    return source ? source->state(source, c) : PAYLOAD_ABSENT;
}

bool payload_open(const struct rules *rules, const struct digest *c, struct slice *salt,
                  struct slice *bytes, struct error *err)
{
    const struct payload_source *source = rules->sources.payloads;
    return source->open(source, c, salt, bytes, err);
}

bool payload_matches(const struct rules *rules, const struct digest *c, uint64_t bytes,
                     bool *is_equal, struct error *err)
{
    const struct payload_source *source = rules->sources.payloads;
    struct slice salt, content;
    if (source->hash)
        return source->hash(source, c, bytes, is_equal, err);
    if (!source->open(source, c, &salt, &content, err))
        return false;
    *is_equal = false;
    if (salt.len == 32 && content.len == bytes) {
        struct digest found = commitment((const uint8_t *)salt.at, content);
        *is_equal = digest_equal(&found, c);
    }
    return true;
}

bool payload_stream(const struct rules *rules, const struct digest *c, payload_take_fn *take,
                    void *context, struct error *err)
{
    const struct payload_source *source = rules->sources.payloads;
    struct slice salt, bytes;
    if (source->stream)
        return source->stream(source, c, take, context, err);
    return source->open(source, c, &salt, &bytes, err) && take(context, bytes, err);
}
