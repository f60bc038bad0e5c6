#include "report/issued_world.h"

#include <stdarg.h>

#include "base/json.h"
#include "store/payload_writer.h"

static char *text_of(struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static char *text_of(struct world *w, const char *format, ...)
{
    struct strbuf text = strbuf_new(1 << 20);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    char *copy = arena_string(w->arena, strbuf_slice(&text), &w->err);
    assert_done(w, copy != NULL);
    strbuf_free(&text);
    return copy;
}

/* ' stands for ". */
static struct value *json_of(struct world *w, char *text)
{
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    struct value *value = json_parse(w->arena, slice_of(text), "test", NULL, &w->err);
    assert_done(w, value != NULL);
    return value;
}

static char *reference(struct world *w, const struct payload *payload)
{
    char hex[65];
    digest_hex(&payload->c, hex);
    return text_of(w, "{'bytes':%llu,'c':'%s'}", (unsigned long long)payload->bytes, hex);
}

static char *held(struct world *w, struct transaction *tx, const char *words)
{
    struct payload payload = { .bytes = 0 };
    assert_done(w, payload_put(tx, slice_of(words), &payload, &w->err));
    return reference(w, &payload);
}

/* As a file, whatever its size. */
static char *held_in_file(struct world *w, struct transaction *tx, struct slice bytes,
                          struct digest *plain)
{
    struct payload payload = { .bytes = 0 };
    struct payload_writer *writer = payload_writer_new(w->store, &w->err);
    assert_done(w, writer && payload_writer_add(writer, bytes, &w->err) &&
                       payload_writer_finish(writer, tx, &payload, plain, &w->err));
    payload_writer_free(writer);
    return reference(w, &payload);
}

struct digest issued_leaf(struct world *w, uint64_t n)
{
    struct digest leaf;
    assert_done(w, ledger_leaf(store_ledger(w->store), n, &leaf, &w->err));
    return leaf;
}

/* By what the program finds an entry of that type. */
static struct slice key_of(const char *type, const struct value *body)
{
    return strcmp(type, "segment") == 0    ? value_text_of(body, "of")
           : strcmp(type, "test.run") == 0 ? SLICE("test/CM-02.T1")
                                           : value_text_of(body, "name");
}

static void entry_add(struct world *w, struct transaction *tx, const char *type, char *body,
                      const uint64_t *inputs, size_t count, const size_t *in_batch)
{
    struct digest leaves[8];
    for (size_t i = 0; i < count; i++)
        leaves[i] = issued_leaf(w, inputs[i]);
    struct value *tree = json_of(w, body);
    const struct entry_draft draft = { .type = type,
                                       .key = key_of(type, tree),
                                       .body = tree,
                                       .inputs = leaves,
                                       .inputs_count = count,
                                       .inputs_of_batch = in_batch,
                                       .inputs_of_batch_count = in_batch ? 1 : 0 };
    assert_done(w, transaction_entry(tx, &maria, &draft, &w->err));
}

static void resource_add(struct world *w, const char *name, const char *kind, bool is_private,
                         const uint64_t *inputs, size_t count)
{
    struct transaction *tx = world_transaction(w);
    struct digest leaves[8];
    for (size_t i = 0; i < count; i++)
        leaves[i] = issued_leaf(w, inputs[i]);
    const struct resource_draft draft = { .name = slice_of(name),
                                          .kind = slice_of(kind),
                                          .entry_type = "resource",
                                          .is_private = is_private,
                                          .version = 1,
                                          .document = world_document(w, name, "as agreed"),
                                          .inputs = leaves,
                                          .inputs_count = count };
    assert_done(w, transaction_resource(tx, &maria, &draft, &w->err));
    world_commit(w, tx);
}

static void segment_add(struct world *w)
{
    struct transaction *tx = world_transaction(w);
    struct strbuf bytes = strbuf_new(1 << 20);
    uint32_t noise = 1; /* so that it cannot be packed */
    for (int i = 0; i < 300000; i++) {
        noise = noise * 1664525u + 1013904223u;
        strbuf_add_char(&bytes, (char)(noise >> 24));
    }
    char *payload = held_in_file(w, tx, strbuf_slice(&bytes), NULL);
    char *raw = held(w, tx, "{\"id\":1}\n");
    entry_add(w, tx, "segment",
              text_of(w,
                      "{'covers':null,'from':'2026-01-01T00:00:00.000000Z','of':'changes',"
                      "'payload':%s,'personal':null,'raw':%s,'rejects':null,'rows':%d,"
                      "'source':'source/git','to':'2026-06-01T00:00:00.000000Z'}",
                      payload, raw, ISSUED_ITEMS),
              NULL, 0, NULL);
    world_commit(w, tx);
    strbuf_free(&bytes);
}

void issued_withhold(struct world *w)
{
    struct transaction *tx = world_transaction(w);
    const uint64_t inputs[] = { 2 };
    entry_add(w, tx, "segment",
              text_of(w,
                      "{'covers':null,'from':null,'of':'changes','payload':%s,'personal':null,"
                      "'raw':%s,'rejects':null,'rows':0,'source':'source/git','to':null}",
                      held_in_file(w, tx, SLICE("no rows"), NULL), held(w, tx, "raw")),
              NULL, 0, NULL);
    world_commit(w, tx);
    tx = world_transaction(w);
    entry_add(w, tx, "population",
              text_of(w,
                      "{'count':1,'from':'2026-01-01T00:00:00.000000Z','items':%s,"
                      "'name':'population/changes-2','of':'changes','payload':%s,"
                      "'to':'2026-06-01T00:00:00.000000Z'}",
                      held(w, tx, "[\"chg-00001\"]\n"), held(w, tx, "{\"items\":1}")),
              inputs, 1, NULL);
    world_commit(w, tx);
}

static void population_add(struct world *w, struct digest *digest)
{
    struct transaction *tx = world_transaction(w);
    struct strbuf items = strbuf_new(1 << 24);
    const uint64_t inputs[] = { 2 };
    for (int i = 0; i < ISSUED_ITEMS; i++)
        strbuf_printf(&items, "[\"chg-%05d\"]\n", i);
    char *keys = held_in_file(w, tx, strbuf_slice(&items), digest);
    entry_add(w, tx, "population",
              text_of(w,
                      "{'count':%d,'from':'2026-01-01T00:00:00.000000Z','items':%s,"
                      "'name':'population/changes-1','of':'changes','payload':%s,"
                      "'to':'2026-06-01T00:00:00.000000Z'}",
                      ISSUED_ITEMS, keys, held(w, tx, "{\"items\":20000}")),
              inputs, 1, NULL);
    world_commit(w, tx);
    strbuf_free(&items);
}

static void run_add(struct world *w, const struct digest *population)
{
    struct transaction *tx = world_transaction(w);
    struct strbuf matrix = strbuf_new(1 << 24);
    const uint64_t inputs[] = { 2, 3, 5 };
    char hex[65], test[65];
    struct digest leaf = issued_leaf(w, 3);
    digest_hex(population, hex);
    digest_hex(&leaf, test);
    strbuf_printf(&matrix,
                  "{\"attributes\":[\"A\"],\"deviations\":0,\"items\":%d,"
                  "\"population\":\"sha256:%s\",\"test\":\"%s\"}\n",
                  ISSUED_ITEMS, hex, test);
    for (int i = 0; i < ISSUED_ITEMS; i++)
        strbuf_printf(&matrix, "{\"item\":[\"chg-%05d\"],\"results\":[\"holds\"]}\n", i);
    entry_add(w, tx, "test.run",
              text_of(w,
                      "{'engagement':null,'engine':'duckdb/1','extent':'full','payload':%s,"
                      "'period':{'from':'2026-01-01T00:00:00.000000Z',"
                      "'to':'2026-06-01T00:00:00.000000Z'},'position':6}",
                      held_in_file(w, tx, strbuf_slice(&matrix), NULL)),
              inputs, 3, NULL);
    world_commit(w, tx);
    strbuf_free(&matrix);
}

static void report_add(struct world *w)
{
    struct transaction *tx = world_transaction(w);
    struct strbuf page = strbuf_new(1 << 22);
    struct digest root;
    char hex[65];
    const uint64_t inputs[] = { 1, 4, ISSUED_RUN };
    const size_t report = 0;
    assert_done(w, ledger_root(store_ledger(w->store), ISSUED_REPORT, &root, &w->err));
    digest_hex(&root, hex);
    entry_add(w, tx, "report",
              text_of(w,
                      "{'checkpoint':{'origin':'example.com/store','root':'%s','size':%d},"
                      "'payload':%s}",
                      hex, ISSUED_REPORT, held(w, tx, "{\"schema\":\"attest-report/0\"}")),
              inputs, 3, NULL);
    /* Packs far too well: readers would take it for a bomb. */
    for (int i = 0; i < 2 << 20; i++)
        strbuf_add_char(&page, ' ');
    entry_add(
        w, tx, "blob",
        text_of(w, "{'media':'application/pdf','payload':%s}", held(w, tx, "%PDF-1.7 the report")),
        NULL, 0, &report);
    entry_add(w, tx, "blob",
              text_of(w, "{'media':'text/html','payload':%s}",
                      held_in_file(w, tx, strbuf_slice(&page), NULL)),
              NULL, 0, &report);
    world_commit(w, tx);
    strbuf_free(&page);
}

void issued_make(struct world *w)
{
    const uint64_t control[] = { 1 };
    struct digest population;
    resource_add(w, "control/CM-02", "Control", false, NULL, 0);
    segment_add(w);
    resource_add(w, "test/CM-02.T1", "Test", false, control, 1);
    resource_add(w, "assertion/2026", "Assertion", true, NULL, 0);
    population_add(w, &population);
    run_add(w, &population);
    report_add(w);
    assert_int_equal(store_size(w->store), ISSUED_SIZE);
}

void issued_flip(const struct world *w, const char *name, long at)
{
    FILE *file = fopen(world_path(w, name), "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_true(byte != EOF);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 4, file), byte ^ 4);
    assert_int_equal(fclose(file), 0);
}

const char *issued_payload_path(struct world *w, uint64_t n, const char *field)
{
    struct slice bytes;
    assert_done(w, ledger_entry(store_ledger(w->store), w->arena, n, &bytes, &w->err));
    const struct value *entry = json_parse(w->arena, bytes, "entry", NULL, &w->err);
    struct slice c = value_text(value_path(entry, text_of(w, "body.%s.c", field)));
    assert_int_equal(c.len, 64);
    return text_of(w, "payload/%.2s/%.*s", c.at, SLICE_ARG(c));
}
