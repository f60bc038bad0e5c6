#include "ledger/rules_world.h"

/* ---- sources ---- */

static size_t chunk_bytes = 7;

static const struct held *find(const struct payload_source *source, const struct digest *c)
{
    const struct memory_payloads *payloads = (const struct memory_payloads *)source;
    for (size_t i = 0; i < payloads->count; i++) {
        if (digest_equal(&payloads->items[i].c, c))
            return &payloads->items[i];
    }
    return NULL;
}

static enum payload_state memory_state(const struct payload_source *source, const struct digest *c)
{
    return find(source, c) ? PAYLOAD_HELD : ((const struct memory_payloads *)source)->otherwise;
}

static bool memory_open(const struct payload_source *source, const struct digest *c,
                        struct slice *salt, struct slice *bytes, struct error *err)
{
    const struct held *held = find(source, c);
    if (!held)
        return error_set(err, ERROR_NOT_FOUND, NULL, "asked for a payload that is not held");
    *salt = held->salt;
    *bytes = held->bytes;
    return true;
}

static bool memory_hash(const struct payload_source *source, const struct digest *c, uint64_t bytes,
                        bool *is_equal, struct error *err)
{
    struct slice salt, content;
    if (!memory_open(source, c, &salt, &content, err))
        return false;
    struct digest found = commitment((const uint8_t *)salt.at, content);
    *is_equal = content.len == bytes && digest_equal(&found, c);
    return true;
}

static bool memory_stream(const struct payload_source *source, const struct digest *c,
                          payload_take_fn *take, void *context, struct error *err)
{
    struct slice salt, rest;
    if (!memory_open(source, c, &salt, &rest, err))
        return false;
    while (rest.len > 0) {
        size_t len = rest.len < chunk_bytes ? rest.len : chunk_bytes;
        if (!take(context, slice_head(rest, len), err))
            return false;
        rest = slice_from(rest, len);
    }
    return true;
}

static uint64_t memory_size(const struct entry_source *source)
{
    return ((const struct memory_entries *)source)->count;
}

static bool memory_entry(const struct entry_source *source, uint64_t n, struct slice *bytes,
                         struct error *err)
{
    const struct memory_entries *entries = (const struct memory_entries *)source;
    if (n >= entries->count)
        return error_set(err, ERROR_NOT_FOUND, NULL, "asked for an entry that is not there");
    *bytes = entries->items[n];
    return true;
}

/* ---- the ledger ---- */

void sample_sources(struct sample_ledger *ledger, size_t chunk)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->payloads.source.state = memory_state;
    ledger->payloads.source.open = memory_open;
    if (chunk > 0) {
        chunk_bytes = chunk;
        ledger->payloads.source.hash = memory_hash;
        ledger->payloads.source.stream = memory_stream;
    }
    ledger->payloads.otherwise = PAYLOAD_MISSING;
    ledger->entries.source = (struct entry_source){ memory_size, memory_entry };
    ledger->sources = (struct rules_sources){ .payloads = &ledger->payloads.source,
                                              .entries = &ledger->entries.source };
}

void sample_read(struct world *w, struct sample_ledger *ledger, size_t chunk)
{
    sample_sources(ledger, chunk);
    ledger->file = world_vectors(w, VECTORS "entries.json");
    assert_true(
        verifier_key_parse(value_text(value_path(ledger->file, "packets.vkey")), &ledger->peer));
    ledger->sources.peers = &ledger->peer;
    ledger->sources.peers_count = 1;
}

static struct held held_of(struct world *w, const struct value *opened)
{
    return (struct held){ digest_of(opened, "c"), bytes_of(w, opened, "salt_hex"),
                          bytes_of(w, opened, "payload_hex") };
}

void sample_put(struct world *w, struct sample_ledger *ledger, const struct value *opened)
{
    struct memory_payloads *payloads = &ledger->payloads;
    struct held held = held_of(w, opened);
    sample_drop(ledger, &held.c);
    assert_true(payloads->count < ARRAY_LEN(payloads->items));
    payloads->items[payloads->count++] = held;
}

void sample_drop(struct sample_ledger *ledger, const struct digest *c)
{
    struct memory_payloads *payloads = &ledger->payloads;
    for (size_t i = 0; i < payloads->count; i++) {
        if (digest_equal(&payloads->items[i].c, c)) {
            payloads->items[i] = payloads->items[--payloads->count];
            return;
        }
    }
}

static void put_all(struct world *w, struct sample_ledger *ledger, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++)
        sample_put(w, ledger, value_item(list, i));
}

void sample_put_destroyed(struct world *w, struct sample_ledger *ledger, const struct value *cs)
{
    const struct value *destroyed = value_path(ledger->file, "commitments.destroyed");
    for (size_t i = 0; i < value_count(cs); i++) {
        for (size_t j = 0; j < value_count(destroyed); j++) {
            const struct value *opened = value_item(destroyed, j);
            if (slice_equal(value_text_of(opened, "c"), value_text(value_item(cs, i))))
                sample_put(w, ledger, opened);
        }
    }
}

static void entry_push(struct sample_ledger *ledger, struct slice entry)
{
    assert_true(ledger->entries.count < ARRAY_LEN(ledger->entries.items));
    ledger->entries.items[ledger->entries.count++] = entry;
}

void sample_good(struct world *w, struct sample_ledger *ledger, size_t size)
{
    const struct value *entries = value_member(ledger->file, "entries");
    ledger->payloads.count = 0;
    ledger->entries.count = 0;
    put_all(w, ledger, value_path(ledger->file, "commitments.opened"));
    for (size_t i = 0; i < size; i++)
        entry_push(ledger, value_text_of(value_item(entries, i), "entry"));
}

void sample_faulty(struct world *w, struct sample_ledger *ledger, const struct value *fault)
{
    const struct value *then = value_member(fault, "then");
    const struct value *drop = value_member(fault, "drop");
    sample_good(w, ledger, number_of(fault, "keep"));
    for (size_t i = 0; i < value_count(then); i++)
        entry_push(ledger, value_text(value_item(then, i)));
    for (size_t i = 0; i < value_count(drop); i++) {
        struct digest c = digest_text(value_text(value_item(drop, i)));
        sample_drop(ledger, &c);
    }
    sample_put_destroyed(w, ledger, value_member(fault, "put"));
    put_all(w, ledger, value_member(fault, "more_opened"));
    put_all(w, ledger, value_member(fault, "altered"));
}

bool sample_check(struct sample_ledger *ledger, struct payload_counts *counts, struct fault *fault,
                  struct error *err)
{
    bool ok = false;
    struct rules *rules = rules_new(&ledger->sources, err);
    assert_non_null(rules);
    for (size_t i = 0; i < ledger->entries.count; i++) {
        if (!rules_add(rules, ledger->entries.items[i], fault, err)) {
            assert_int_equal(rules_size(rules), i);
            goto done;
        }
    }
    ok = rules_check_payloads(rules, counts, fault, err);
done:
    rules_free(rules);
    return ok;
}
