#include "audit/matrix.h"

#include "base/json.h"

const char *const outcome_names[3] = { "holds", "fails", "undecided" };

void matrix_add_header(struct strbuf *out, const struct matrix_header *header)
{
    char hex[65];
    strbuf_add_text(out, "{\"attributes\":[");
    for (size_t i = 0; i < header->attributes_count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        json_add_string(out, header->attributes[i].id);
    }
    strbuf_add_text(out, "],\"deviations\":");
    strbuf_add_u64(out, header->deviations);
    strbuf_add_text(out, ",\"items\":");
    strbuf_add_u64(out, header->items);
    digest_hex(&header->population, hex);
    strbuf_printf(out, ",\"population\":\"sha256:%s\"", hex);
    digest_hex(&header->test, hex);
    strbuf_printf(out, ",\"test\":\"%s\"}\n", hex);
}

void matrix_add_row(struct strbuf *out, struct slice key, const enum outcome *outcomes,
                    size_t count)
{
    strbuf_add_text(out, "{\"item\":");
    strbuf_add(out, key);
    strbuf_add_text(out, ",\"results\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        strbuf_add_char(out, '"');
        strbuf_add_text(out, outcome_names[outcomes[i]]);
        strbuf_add_char(out, '"');
    }
    strbuf_add_text(out, "]}\n");
}
