#include "verify/exceptions_world.h"

enum { SEGMENT = 10, TEST = 5, CHAIN = 18 };

const char *told_replaced(struct bundle_world *b, const char *text, const char *find,
                          const char *put)
{
    const char *at = strstr(text, find);
    if (!at)
        fail_msg("nothing says %s", find);
    return world_text(b, "%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
}

static const char *filled(struct bundle_world *b, const char *text, const char *find,
                          const char *put)
{
    while (strstr(text, find))
        text = told_replaced(b, text, find, put);
    return text;
}

static const char *hex_of(struct bundle_world *b, const char *text)
{
    char hex[65];
    struct digest digest = sha256_of(slice_of(text));
    digest_hex(&digest, hex);
    return world_text(b, "%s", hex);
}

static const char *document(struct bundle_world *b, const char *words)
{
    char *text = arena_string(b->w->arena, slice_of(words), &b->w->err);
    assert_non_null(text);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    return world_payload(b, slice_of(text));
}

static uint64_t step(struct bundle_world *b, const char *type, const char *body, uint64_t first,
                     uint64_t second, uint64_t third)
{
    struct entry_words words = { .type = type,
                                 .side = "management",
                                 .actor = "person/manager",
                                 .body = body,
                                 .inputs = { first, second, third },
                                 .inputs_count = third ? 3 : 1 };
    return world_entry(b, &words);
}

static uint64_t population_add(struct bundle_world *b, const struct told *told)
{
    return step(b, "population",
                world_text(b,
                           "{'count':%u,'from':'2026-01-01T00:00:00.000000Z','items':%s,"
                           "'name':'population/four','of':'changes','payload':%s,"
                           "'to':'2026-07-01T00:00:00.000000Z'}",
                           told->items_count, world_payload(b, slice_of(told->items)),
                           document(b, "{}")),
                SEGMENT, 0, 0);
}

static const char *matrix_of(struct bundle_world *b, const struct told *told)
{
    return world_text(b,
                      "{\"attributes\":[\"A\",\"B\"],\"deviations\":%u,\"items\":%u,\"population\":"
                      "\"sha256:%s\",\"test\":\"%s\"}\n%s",
                      told->deviations, told->items_count, hex_of(b, told->items),
                      world_leaf_hex(b, TEST), told->rows);
}

static uint64_t run_add(struct bundle_world *b, const struct told *told, uint64_t population)
{
    return step(b, "test.run",
                world_text(b,
                           "{'engagement':null,'engine':'duckdb/1','extent':'full','payload':%s,"
                           "'period':{'from':'2026-01-01T00:00:00.000000Z',"
                           "'to':'2026-07-01T00:00:00.000000Z'},'position':%u}",
                           world_payload(b, slice_of(matrix_of(b, told))),
                           (unsigned)population + 1),
                population, TEST, SEGMENT);
}

static const char *model_of(struct bundle_world *b, const struct told *told,
                            const struct altered *altered, uint64_t population, uint64_t run)
{
    uint64_t size = b->ledger.entries.count;
    const char *text = told->model;
    if (altered->find)
        text = told_replaced(b, text, altered->find, altered->put);
    text = filled(b, text, "POP", world_leaf_hex(b, population));
    text = filled(b, text, "RUN", world_leaf_hex(b, run));
    text = filled(b, text, "ITEMS", hex_of(b, told->items));
    text = filled(b, text, "DIGEST", hex_of(b, matrix_of(b, told)));
    text = filled(b, text, "SIZE", world_text(b, "%u", (unsigned)size));
    text = filled(b, text, "ROOT", world_root_hex(b, size));
    return filled(b, text, "KEY", world_text(b, "%.*s", SLICE_ARG(b->vkey)));
}

struct bundle_world *told_issue(struct world *w, const struct told *told,
                                const struct altered *altered, enum contents_level level)
{
    struct bundle_world *b = bundle_world_new(w, CHAIN);
    uint64_t inputs[3] = { 0 };
    size_t count = 0;
    sample_put_destroyed(
        w, &b->ledger,
        value_member(value_item(value_path(b->ledger.file, "states.cases"), 0), "put"));
    world_sign_as(b, "the ledger's key"); /* for the key that the model names */
    uint64_t population = population_add(b, told);
    uint64_t run = run_add(b, told, population);
    const char *judged = told->evaluation;
    if (altered->find_judged)
        judged = told_replaced(b, judged, altered->find_judged, altered->put_judged);
    inputs[count++] = run;
    if (!altered->is_unevaluated)
        inputs[count++] =
            step(b, "evaluation", world_text(b, "{'payload':%s}", document(b, judged)), run, 0, 0);
    if (altered->second)
        inputs[count++] =
            step(b, "evaluation", world_text(b, "{'payload':%s}", document(b, altered->second)),
                 run, 0, 0);
    if (altered->beside)
        step(b, "evaluation", world_text(b, "{'payload':%s}", document(b, altered->beside)), run, 0,
             0);
    world_readiness(b, model_of(b, told, altered, population, run), inputs, count);
    b->level = level;
    world_sign_as(b, "the ledger's key");
    world_bundle(b);
    return b;
}
