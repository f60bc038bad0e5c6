#include "verify/exceptions_world.h"

enum { SEGMENT = 10, TEST = 5, CHAIN = 18 };

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
                           world_document(b, "{}")),
                SEGMENT, 0, 0);
}

static const char *matrix_of(struct bundle_world *b, const struct told *told)
{
    return world_text(b,
                      "{\"attributes\":[\"A\",\"B\"],\"deviations\":%u,\"items\":%u,\"population\":"
                      "\"sha256:%s\",\"test\":\"%s\"}\n%s",
                      told->deviations, told->items_count, world_hex(b, told->items),
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
        text = world_replaced(b, text, altered->find, altered->put);
    text = world_filled(b, text, "POP", world_leaf_hex(b, population));
    text = world_filled(b, text, "RUN", world_leaf_hex(b, run));
    text = world_filled(b, text, "ITEMS", world_hex(b, told->items));
    text = world_filled(b, text, "DIGEST", world_hex(b, matrix_of(b, told)));
    text = world_filled(b, text, "SIZE", world_text(b, "%u", (unsigned)size));
    text = world_filled(b, text, "ROOT", world_root_hex(b, size));
    return world_filled(b, text, "KEY", world_text(b, "%.*s", SLICE_ARG(b->vkey)));
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
        judged = world_replaced(b, judged, altered->find_judged, altered->put_judged);
    inputs[count++] = run;
    if (!altered->is_unevaluated)
        inputs[count++] = step(
            b, "evaluation", world_text(b, "{'payload':%s}", world_document(b, judged)), run, 0, 0);
    if (altered->second)
        inputs[count++] =
            step(b, "evaluation",
                 world_text(b, "{'payload':%s}", world_document(b, altered->second)), run, 0, 0);
    if (altered->beside)
        step(b, "evaluation", world_text(b, "{'payload':%s}", world_document(b, altered->beside)),
             run, 0, 0);
    world_readiness(b, model_of(b, told, altered, population, run), inputs, count);
    b->level = level;
    world_sign_as(b, "the ledger's key");
    world_bundle(b);
    return b;
}
