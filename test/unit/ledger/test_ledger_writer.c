/* The writer: what a commit leaves, what it refuses, and what readers see meanwhile. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "ledger/ledger_world.h"

static void a_new_ledger_has_no_entries_and_no_checkpoint(void **state)
{
    struct world *w = *state;
    world_create(w);
    struct ledger *reader = world_open(w, LEDGER_READ);
    assert_int_equal(ledger_size(reader), 0);
    assert_int_equal(ledger_note(reader).len, 0);
    assert_null(ledger_key(reader));
    assert_true(slice_is(ledger_origin(reader), "example.com/ledger"));
    ledger_close(reader);
    struct ledger *writer = world_open(w, LEDGER_WRITE);
    assert_int_equal(ledger_size(writer), 0);
    assert_non_null(ledger_key(writer));
    ledger_close(writer);
}

static void a_ledger_is_made_only_once(void **state)
{
    struct world *w = *state;
    world_create(w);
    assert_false(ledger_create(w->folder, SLICE("example.com/other"), &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "there already"));
}

static void an_origin_that_is_no_key_name_is_refused(void **state)
{
    struct world *w = *state;
    assert_false(ledger_create(w->folder, SLICE("two words"), &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_false(world_has(w, "key"));
}

static void what_is_written_is_read_back(void **state)
{
    struct world *w = *state;
    struct slice bytes;
    struct entry entry;
    const char *code = NULL;
    struct digest leaf;
    world_filled(w, 3);
    struct ledger *reader = world_open(w, LEDGER_READ);
    assert_int_equal(ledger_size(reader), 3);
    for (uint64_t n = 0; n < 3; n++) {
        assert_true(ledger_entry(reader, w->arena, n, &bytes, &w->err));
        assert_true(entry_parse(w->arena, bytes, &entry, &code, &w->err));
        assert_int_equal(entry.n, n);
        assert_true(ledger_leaf(reader, n, &leaf, &w->err));
        assert_true(digest_equal(&leaf, &entry.leaf));
    }
    assert_true(slice_is(value_text_of(entry.body, "name"), "control/C-2"));
    assert_false(ledger_entry(reader, w->arena, 3, &bytes, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    ledger_close(reader);
}

static void a_commit_leaves_exactly_the_files_of_the_layout(void **state)
{
    struct world *w = *state;
    world_filled(w, 1);
    assert_true(world_has(w, "public/tile/0/000.p/1"));
    assert_true(world_has(w, "public/tile/entries/000.p/1"));
    assert_false(world_has(w, "public/tile/1"));
    assert_true(slice_equal(world_read(w, "head"), world_read(w, "public/checkpoint")));

    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    world_append(w, ledger, 254);
    assert_true(world_has(w, "public/tile/0/000.p/1")); /* a signed size named it */
    assert_true(world_has(w, "public/tile/0/000.p/255"));
    world_append(w, ledger, 1);
    assert_true(world_has(w, "public/tile/0/000"));
    assert_false(world_has(w, "public/tile/0/000.p"));
    assert_false(world_has(w, "public/tile/entries/000.p"));
    assert_true(world_has(w, "public/tile/1/000.p/1"));
    world_append(w, ledger, 1);
    assert_true(world_has(w, "public/tile/0/001.p/1"));
    assert_true(world_has(w, "public/tile/entries/001.p/1"));
    ledger_close(ledger);
}

static void the_key_is_for_the_owner_only_and_the_verifier_key_is_beside_it(void **state)
{
    struct world *w = *state;
    struct verifier_key key;
    world_create(w);
    struct slice text = world_read(w, "verifier");
    assert_true(verifier_key_parse(slice_head(text, text.len - 1), &key));
    assert_true(slice_is(key.name, "example.com/ledger"));
    assert_int_equal(access(world_path(w, "key"), R_OK), 0);
    assert_true(slice_starts_with(world_read(w, "key"), SLICE("PRIVATE+KEY+example.com/ledger+")));
}

static void a_batch_beyond_4096_entries_is_one_commit(void **state)
{
    struct world *w = *state;
    enum { SIZE = 5000 };
    struct digest root, old_root;
    struct proof proof;
    world_filled(w, 2);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    assert_true(ledger_root(ledger, 2, &old_root, &w->err));
    world_append(w, ledger, SIZE);
    assert_int_equal(ledger_size(ledger), SIZE + 2);
    assert_true(ledger_root(ledger, SIZE + 2, &root, &w->err));
    assert_true(consistency_make(ledger_hashes(ledger), 2, SIZE + 2, &proof, &w->err));
    assert_true(consistency_holds(2, SIZE + 2, proof.hashes, proof.count, &old_root, &root));
    ledger_close(ledger);

    ledger = world_open(w, LEDGER_WRITE);
    assert_int_equal(ledger_size(ledger), SIZE + 2);
    ledger_close(ledger);
}

static void every_commit_extends_the_one_before(void **state)
{
    struct world *w = *state;
    struct digest roots[40];
    size_t count = 0;
    world_create(w);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    for (; count < ARRAY_LEN(roots); count++) {
        world_append(w, ledger, 1 + count);
        assert_true(ledger_root(ledger, ledger_size(ledger), &roots[count], &w->err));
    }
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        struct proof proof;
        size += 1 + i;
        assert_true(
            consistency_make(ledger_hashes(ledger), size, ledger_size(ledger), &proof, &w->err));
        assert_true(consistency_holds(size, ledger_size(ledger), proof.hashes, proof.count,
                                      &roots[i], &roots[count - 1]));
    }
    ledger_close(ledger);
}

static void a_second_writer_is_refused_and_told_who_writes(void **state)
{
    struct world *w = *state;
    char process[32];
    world_filled(w, 1);
    struct ledger *first = world_open(w, LEDGER_WRITE);
    (void)snprintf(process, sizeof(process), "process %ld", (long)getpid());
    world_refused(w, ERROR_LOCKED, "lock", process, "one writer");
    ledger_close(first);
    ledger_close(world_open(w, LEDGER_WRITE));
}

struct stage {
    struct world *w;
    unsigned calls;
    enum error_code code; /* what it fails with; ERROR_NONE: it does not */
    uint64_t seen_size;   /* by a reader, while nothing is written yet */
};

static bool stage(void *context, const struct ledger_appended *entries, size_t count,
                  struct error *err)
{
    struct stage *self = context;
    self->calls++;
    assert_int_equal(count, 1);
    struct ledger *reader = world_open(self->w, LEDGER_READ);
    self->seen_size = ledger_size(reader);
    ledger_close(reader);
    assert_true(entries[0].n >= self->seen_size);
    return self->code == ERROR_NONE || error_set(err, self->code, NULL, "staging failed");
}

static bool commit_one(struct world *w, struct ledger *ledger, struct ledger_draft *draft,
                       struct stage *self, struct ledger_appended *made)
{
    struct ledger_batch batch = { .drafts = draft, .count = 1 };
    if (self) {
        batch.stage = stage;
        batch.context = self;
    }
    return ledger_commit(ledger, w->arena, &batch, made, &w->err);
}

/* A blob entry on those inputs. */
static struct ledger_draft blob(struct world *w, const struct digest *inputs, size_t count)
{
    struct digest c = sha256_of(slice_bytes(&w->controls_count, sizeof(w->controls_count)));
    char hex[65];
    struct value *body = value_new(w->arena, VALUE_OBJECT, &w->err);
    w->controls_count++;
    digest_hex(&c, hex);
    assert_true(value_put_text(w->arena, body, "media", SLICE("text/plain"), &w->err));
    struct value *payload = value_put_object(w->arena, body, "payload", &w->err);
    assert_true(value_put_i64(w->arena, payload, "bytes", 2, &w->err));
    assert_true(value_put_text(w->arena, payload, "c", slice_of(hex), &w->err));
    return (struct ledger_draft){ .type = "blob",
                                  .side = "management",
                                  .actor = SLICE("person/maria"),
                                  .inputs = inputs,
                                  .inputs_count = count,
                                  .body = body };
}

static void nothing_is_written_before_all_that_belongs_to_it_is_staged(void **state)
{
    struct world *w = *state;
    struct ledger_appended made;
    struct stage self = { .w = w };
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct ledger_draft draft = blob(w, NULL, 0);
    assert_true(commit_one(w, ledger, &draft, &self, &made));
    assert_int_equal(self.calls, 1);
    assert_int_equal(self.seen_size, 5);
    assert_int_equal(made.n, 5);
    struct ledger *reader = world_open(w, LEDGER_READ);
    assert_int_equal(ledger_size(reader), 6);
    ledger_close(reader);
    ledger_close(ledger);
}

static void a_failed_stage_writes_nothing_and_the_writer_goes_on(void **state)
{
    struct world *w = *state;
    struct ledger_appended made;
    struct stage self = { .w = w, .code = ERROR_REFUSED };
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct ledger_draft draft = blob(w, NULL, 0);
    assert_false(commit_one(w, ledger, &draft, &self, &made));
    assert_int_equal(w->err.code, ERROR_REFUSED);
    assert_int_equal(ledger_size(ledger), 5);
    assert_false(world_has(w, "public/tile/0/000.p/6"));
    w->err = (struct error){ 0 };
    assert_true(commit_one(w, ledger, &draft, NULL, &made));
    assert_int_equal(made.n, 5);
    ledger_close(ledger);
}

static void a_stage_that_could_not_be_written_stops_the_writer(void **state)
{
    struct world *w = *state;
    struct ledger_appended made;
    struct stage self = { .w = w, .code = ERROR_IO };
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct ledger_draft draft = blob(w, NULL, 0);
    assert_false(commit_one(w, ledger, &draft, &self, &made));
    assert_false(commit_one(w, ledger, &draft, NULL, &made));
    assert_int_equal(w->err.code, ERROR_IO);
    assert_non_null(strstr(w->err.message, "staging failed"));
    ledger_close(ledger);
}

static void an_input_that_is_not_in_the_ledger_is_refused_before_writing(void **state)
{
    struct world *w = *state;
    struct ledger_appended made;
    struct digest unknown = sha256_of(SLICE("nowhere"));
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct ledger_draft draft = blob(w, &unknown, 1);
    assert_false(commit_one(w, ledger, &draft, NULL, &made));
    assert_int_equal(w->err.code, ERROR_ORDER);
    assert_ptr_equal(strstr(w->err.message, "input-missing: "), w->err.message);
    assert_int_equal(ledger_size(ledger), 5);

    w->err = (struct error){ 0 };
    draft = blob(w, NULL, 0);
    assert_true(commit_one(w, ledger, &draft, NULL, &made));
    ledger_close(ledger);
    ledger_close(world_open(w, LEDGER_WRITE));
}

static void a_batch_with_one_fault_is_refused_whole(void **state)
{
    struct world *w = *state;
    struct digest unknown = sha256_of(SLICE("nowhere"));
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct ledger_draft drafts[3] = { blob(w, NULL, 0), blob(w, NULL, 0), blob(w, &unknown, 1) };
    struct ledger_appended made[3];
    struct ledger_batch batch = { .drafts = drafts, .count = 3 };
    assert_false(ledger_commit(ledger, w->arena, &batch, made, &w->err));
    assert_int_equal(w->err.code, ERROR_ORDER);
    assert_int_equal(ledger_size(ledger), 5);
    batch.count = 2;
    assert_true(ledger_commit(ledger, w->arena, &batch, made, &w->err));
    assert_int_equal(made[1].n, 6);
    ledger_close(ledger);
}

static void a_draft_names_earlier_ones_of_its_batch_by_position(void **state)
{
    struct world *w = *state;
    static const size_t first = 0, second = 1;
    struct entry entry;
    const char *code = NULL;
    char hex[65];
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct ledger_draft drafts[2] = { blob(w, NULL, 0), blob(w, NULL, 0) };
    struct ledger_appended made[2];
    struct ledger_batch batch = { .drafts = drafts, .count = 2 };
    drafts[1].inputs_of_batch = &first;
    drafts[1].inputs_of_batch_count = 1;
    assert_true(ledger_commit(ledger, w->arena, &batch, made, &w->err));
    assert_true(entry_parse(w->arena, made[1].bytes, &entry, &code, &w->err));
    digest_hex(&made[0].leaf, hex);
    assert_int_equal(value_count(entry.inputs), 1);
    assert_true(slice_is(value_text(value_item(entry.inputs, 0)), hex));

    drafts[0].inputs_of_batch = &second;
    drafts[0].inputs_of_batch_count = 1;
    assert_false(ledger_commit(ledger, w->arena, &batch, made, &w->err));
    assert_int_equal(w->err.code, ERROR_ORDER);
    ledger_close(ledger);
}

/* Payloads as a store would hold them: here only the one list of inputs. */
struct list_source {
    struct payload_source source; /* first */
    struct digest c;
    uint8_t salt[32];
    struct slice bytes;
};

static enum payload_state list_state(const struct payload_source *source, const struct digest *c)
{
    const struct list_source *self = (const void *)source;
    return digest_equal(&self->c, c) ? PAYLOAD_HELD : PAYLOAD_ABSENT;
}

static bool list_open(const struct payload_source *source, const struct digest *c,
                      struct slice *salt, struct slice *bytes, struct error *err)
{
    const struct list_source *self = (const void *)source;
    (void)c;
    (void)err;
    *salt = slice_bytes(self->salt, sizeof(self->salt));
    *bytes = self->bytes;
    return true;
}

static struct value *list_put(void *context, struct arena *arena, size_t position,
                              struct slice bytes, struct error *err)
{
    struct list_source *self = context;
    char hex[65];
    struct value *payload = value_new(arena, VALUE_OBJECT, err);
    assert_int_equal(position, 0);
    self->c = commitment(self->salt, bytes);
    self->bytes = bytes;
    digest_hex(&self->c, hex);
    assert_true(value_put_i64(arena, payload, "bytes", (int64_t)bytes.len, err));
    assert_true(value_put_text(arena, payload, "c", slice_of(hex), err));
    return payload;
}

static void inputs_beyond_32_go_into_a_list(void **state)
{
    struct world *w = *state;
    enum { INPUTS = 40 };
    struct digest inputs[INPUTS];
    struct list_source list = { .source = { .state = list_state, .open = list_open } };
    struct ledger_options options = { .mode = LEDGER_WRITE,
                                      .payloads = &list.source,
                                      .clock_us = world_clock };
    struct entry entry;
    struct ledger_appended made;
    const char *code = NULL;
    world_filled(w, INPUTS + 1);
    struct ledger *ledger = ledger_open_with(w->folder, &options, &w->err);
    for (uint64_t i = 0; i < INPUTS; i++)
        assert_true(ledger_leaf(ledger, INPUTS - i, &inputs[i], &w->err));
    struct ledger_draft draft = blob(w, inputs, INPUTS);

    assert_false(commit_one(w, ledger, &draft, NULL, &made)); /* nowhere to put it */
    assert_int_equal(w->err.code, ERROR_INVALID);
    w->err = (struct error){ 0 };
    struct ledger_batch batch = {
        .drafts = &draft, .count = 1, .put_payload = list_put, .context = &list
    };
    assert_true(ledger_commit(ledger, w->arena, &batch, &made, &w->err));

    assert_true(entry_parse(w->arena, made.bytes, &entry, &code, &w->err));
    assert_int_equal(value_count(entry.inputs), ENTRY_INPUTS_MAX);
    assert_non_null(entry.more);
    struct value *more = json_parse(w->arena, list.bytes, "more", &json_limits_default, &w->err);
    assert_int_equal(value_count(more), INPUTS - ENTRY_INPUTS_MAX);
    /* The first ones named are in the entry itself. */
    char hex[65];
    digest_hex(&inputs[0], hex);
    bool is_own = false;
    for (size_t i = 0; i < value_count(entry.inputs); i++)
        is_own = is_own || slice_is(value_text(value_item(entry.inputs, i)), hex);
    assert_true(is_own);
    ledger_close(ledger);

    /* The next opening reads the list again, and cannot do without. */
    ledger = ledger_open_with(w->folder, &options, &w->err);
    assert_non_null(ledger);
    ledger_close(ledger);
}

static void time_never_falls_though_the_clock_does(void **state)
{
    struct world *w = *state;
    struct slice bytes;
    struct entry last, next;
    const char *code = NULL;
    world_filled(w, 2);
    world_clock_us -= 240 * US_PER_SECOND;
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    world_append(w, ledger, 1);
    assert_true(ledger_entry(ledger, w->arena, 1, &bytes, &w->err));
    assert_true(entry_parse(w->arena, bytes, &last, &code, &w->err));
    assert_true(ledger_entry(ledger, w->arena, 2, &bytes, &w->err));
    assert_true(entry_parse(w->arena, bytes, &next, &code, &w->err));
    assert_true(slice_equal(last.at, next.at));

    world_clock_us -= 120 * US_PER_SECOND;
    assert_false(world_try_append(w, ledger, 1));
    assert_int_equal(w->err.code, ERROR_IO);
    assert_non_null(strstr(w->err.message, "five minutes"));
    ledger_close(ledger);
}

static void a_reader_keeps_its_size_while_the_ledger_grows(void **state)
{
    struct world *w = *state;
    struct slice bytes;
    struct digest before, after;
    world_filled(w, 250);
    struct ledger *reader = world_open(w, LEDGER_READ);
    assert_true(ledger_root(reader, 250, &before, &w->err));
    ledger_close(reader);

    reader = world_open(w, LEDGER_READ);
    struct ledger *writer = world_open(w, LEDGER_WRITE);
    world_append(w, writer, 20); /* the partial files of 250 go */
    assert_int_equal(ledger_size(reader), 250);
    assert_true(ledger_entry(reader, w->arena, 249, &bytes, &w->err));
    assert_true(ledger_root(reader, 250, &after, &w->err));
    assert_true(digest_equal(&before, &after));
    ledger_close(writer);
    ledger_close(reader);
}

static void a_reader_may_not_commit(void **state)
{
    struct world *w = *state;
    world_filled(w, 2);
    struct ledger *reader = world_open(w, LEDGER_READ);
    assert_false(world_try_append(w, reader, 1));
    assert_int_equal(w->err.code, ERROR_REFUSED);
    ledger_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_ledger_has_no_entries_and_no_checkpoint),
        TEST(a_ledger_is_made_only_once),
        TEST(an_origin_that_is_no_key_name_is_refused),
        TEST(what_is_written_is_read_back),
        TEST(a_commit_leaves_exactly_the_files_of_the_layout),
        TEST(the_key_is_for_the_owner_only_and_the_verifier_key_is_beside_it),
        TEST(a_batch_beyond_4096_entries_is_one_commit),
        TEST(every_commit_extends_the_one_before),
        TEST(a_second_writer_is_refused_and_told_who_writes),
        TEST(nothing_is_written_before_all_that_belongs_to_it_is_staged),
        TEST(a_failed_stage_writes_nothing_and_the_writer_goes_on),
        TEST(a_stage_that_could_not_be_written_stops_the_writer),
        TEST(an_input_that_is_not_in_the_ledger_is_refused_before_writing),
        TEST(a_batch_with_one_fault_is_refused_whole),
        TEST(a_draft_names_earlier_ones_of_its_batch_by_position),
        TEST(inputs_beyond_32_go_into_a_list),
        TEST(time_never_falls_though_the_clock_does),
        TEST(a_reader_keeps_its_size_while_the_ledger_grows),
        TEST(a_reader_may_not_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
