#include "ledger/ledger_vectors.h"
#include "ledger/note.h"
#include "ledger/witness.h"

/* checkpoint.json and the two keys in it. */
struct notes {
    const struct value *file;
    struct verifier_key keys[2]; /* the log's, the witness's */
    struct signing_key log, witness;
};

static void signing_key_read(struct world *w, const struct value *file, const char *which,
                             struct signing_key *key, struct verifier_key *verifier)
{
    const struct value *vector = value_member(file, which);
    struct slice seed = bytes_of(w, vector, "seed_hex");
    assert_int_equal(seed.len, 32);
    signing_key_start(key, value_text_of(vector, "name"), (const uint8_t *)seed.at);
    assert_true(verifier_key_parse(value_text_of(vector, "vkey"), verifier));
    assert_true(slice_equal(bytes_of(w, vector, "public_hex"),
                            slice_bytes(verifier->public_key, sizeof verifier->public_key)));
    assert_true(slice_equal(bytes_of(w, vector, "key_id_hex"),
                            slice_bytes(verifier->id, sizeof verifier->id)));
}

static void notes_read(struct world *w, struct notes *notes)
{
    notes->file = world_vectors(w, VECTORS "checkpoint.json");
    signing_key_read(w, notes->file, "log_key", &notes->log, &notes->keys[0]);
    signing_key_read(w, notes->file, "witness_key", &notes->witness, &notes->keys[1]);
}

static bool opens(const struct notes *notes, struct slice bytes, struct checkpoint *checkpoint,
                  struct note *note)
{
    struct error err = { 0 };
    bool is_open = checkpoint_open(bytes, notes->keys, 2, checkpoint, note, &err) &&
                   slice_equal(checkpoint->origin, notes->log.name);
    /* Whoever refuses says why. */
    assert_true(is_open || err.code == ERROR_INVALID ||
                !slice_equal(checkpoint->origin, notes->log.name));
    return is_open;
}

static void keys_are_written_as_they_are_read(void **state)
{
    struct notes notes;
    notes_read(*state, &notes);
    static const enum key_type types[] = { KEY_LOG, KEY_COSIGNATURE };
    const struct signing_key *signers[] = { &notes.log, &notes.witness };
    static const char *const names[] = { "log_key", "witness_key" };
    for (size_t i = 0; i < 2; i++) {
        struct strbuf text = strbuf_new(1024);
        struct verifier_key key = signing_key_verifier(signers[i], types[i]);
        verifier_key_format(&key, &text);
        assert_true(slice_equal(strbuf_slice(&text),
                                value_text_of(value_member(notes.file, names[i]), "vkey")));
        strbuf_free(&text);
    }
}

static void malformed_keys_are_refused(void **state)
{
    struct notes notes;
    struct verifier_key key;
    notes_read(*state, &notes);
    const struct value *cases = value_member(notes.file, "vkey_reject");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        if (verifier_key_parse(value_text_of(c, "vkey"), &key))
            fail_msg("accepted: %.*s", SLICE_ARG(value_text_of(c, "why")));
    }
}

static void checkpoints_are_signed_and_opened(void **state)
{
    struct notes notes;
    notes_read(*state, &notes);
    const struct value *cases = value_member(notes.file, "checkpoints");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        struct slice text = value_text_of(c, "text");
        struct checkpoint checkpoint;
        struct note note;
        struct strbuf made = strbuf_new(4096), signed_note = strbuf_new(4096);
        assert_true(opens(&notes, value_text_of(c, "note"), &checkpoint, &note));
        assert_int_equal(checkpoint.size, number_of(c, "size"));
        assert_int_equal(note.count, 1);
        checkpoint_text(&checkpoint, &made);
        assert_true(slice_equal(strbuf_slice(&made), text));
        note_sign(&notes.log, text, &signed_note);
        assert_true(slice_equal(strbuf_slice(&signed_note), value_text_of(c, "note")));
        strbuf_free(&made);
        strbuf_free(&signed_note);
    }
}

static void cosignatures_are_made_and_opened(void **state)
{
    struct notes notes;
    notes_read(*state, &notes);
    const struct value *cases = value_member(notes.file, "cosignatures");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        struct checkpoint checkpoint;
        struct note note;
        struct strbuf line = strbuf_new(4096);
        assert_true(opens(&notes, value_text_of(c, "note"), &checkpoint, &note));
        assert_int_equal(note.count, 2);
        assert_ptr_equal(note.signatures[1].key, &notes.keys[1]);
        assert_int_equal(note.signatures[1].time_s, number_of(c, "time"));
        note_cosign(&notes.witness, note.text, number_of(c, "time"), &line);
        assert_true(slice_equal(strbuf_slice(&line), value_text_of(c, "line")));
        strbuf_free(&line);
    }
}

static void good_notes_are_accepted(void **state)
{
    struct notes notes;
    struct checkpoint checkpoint;
    struct note note;
    notes_read(*state, &notes);
    const struct value *cases = value_member(notes.file, "accept");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        if (!opens(&notes, value_text_of(c, "note"), &checkpoint, &note))
            fail_msg("refused: %.*s", SLICE_ARG(value_text_of(c, "why")));
    }
}

static void a_cosignature_under_the_wrong_type_is_an_unknown_key(void **state)
{
    struct notes notes;
    struct checkpoint checkpoint;
    struct note note;
    notes_read(*state, &notes);
    struct slice bytes = value_text_of(value_member(notes.file, "cosignature_ignored"), "note");
    assert_true(opens(&notes, bytes, &checkpoint, &note));
    assert_int_equal(note.count, 1);
    assert_int_equal(note.signatures[0].key->type, KEY_LOG);
}

static void expect_all_refused(struct world *w, const struct notes *notes, const char *list)
{
    const struct value *cases = value_member(notes->file, list);
    struct checkpoint checkpoint;
    struct note note;
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        struct slice bytes =
            value_member(c, "note_hex") ? bytes_of(w, c, "note_hex") : value_text_of(c, "note");
        if (opens(notes, bytes, &checkpoint, &note))
            fail_msg("accepted: %.*s", SLICE_ARG(value_text_of(c, "why")));
    }
}

static void malformed_notes_are_refused(void **state)
{
    struct notes notes;
    notes_read(*state, &notes);
    expect_all_refused(*state, &notes, "reject");
}

static void wrong_cosignatures_spoil_the_whole_note(void **state)
{
    struct notes notes;
    notes_read(*state, &notes);
    expect_all_refused(*state, &notes, "cosignature_reject");
}

static void a_note_of_over_64_KiB_is_refused(void **state)
{
    struct world *w = *state;
    struct notes notes;
    struct note note;
    notes_read(w, &notes);
    struct strbuf big = strbuf_new(1 << 20), signed_note = strbuf_new(1 << 20);
    while (big.len < NOTE_BYTES_MAX)
        strbuf_add_text(&big, "line\n");
    note_sign(&notes.log, strbuf_slice(&big), &signed_note);
    assert_false(note_open(strbuf_slice(&signed_note), notes.keys, 2, &note, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
    strbuf_free(&big);
    strbuf_free(&signed_note);
}

/* ---- offline proof ---- */

static void the_proof_file_is_read_checked_and_written(void **state)
{
    struct world *w = *state;
    struct notes notes;
    struct checkpoint checkpoint;
    struct note note;
    struct proof proof;
    struct slice bytes;
    uint64_t index;
    notes_read(w, &notes);
    struct slice text = value_text_of(value_member(notes.file, "tlog_proof"), "text");
    assert_true(tlog_proof_parse(text, &index, &proof, &bytes, &w->err));
    assert_int_equal(index, 17);
    assert_true(opens(&notes, bytes, &checkpoint, &note));
    assert_int_equal(note.count, 2);
    struct digest leaf = vector_leaf(index);
    assert_true(inclusion_holds(index, checkpoint.size, &leaf, proof.hashes, proof.count,
                                &checkpoint.root));
    struct strbuf again = strbuf_new(1 << 16);
    tlog_proof_format(index, proof.hashes, proof.count, bytes, &again);
    assert_true(slice_equal(strbuf_slice(&again), text));
    strbuf_free(&again);
}

static void proof_files_of_another_form_are_refused(void **state)
{
    struct world *w = *state;
    static const char *const files[] = {
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n",
    };
    struct proof proof;
    struct slice bytes;
    uint64_t index;
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        assert_false(tlog_proof_parse(slice_of(files[i]), &index, &proof, &bytes, &w->err));
    struct strbuf many = strbuf_new(1 << 16);
    struct digest hashes[64] = { { { 0 } } };
    tlog_proof_format(0, hashes, 64, SLICE("note\n"), &many);
    assert_false(tlog_proof_parse(strbuf_slice(&many), &index, &proof, &bytes, &w->err));
    strbuf_free(&many);
}

/* ---- witness ---- */

static void a_witness_answers_as_the_protocol_says(void **state)
{
    struct world *w = *state;
    struct notes notes;
    notes_read(w, &notes);
    const struct value *roots =
        value_member(world_vectors(w, VECTORS "merkle-roots.json"), "roots_hex");
    const struct value *cases = value_path(notes.file, "add_checkpoint.cases");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        uint64_t size = number_of(c, "witness_size");
        struct digest root = digest_text(value_text(value_item(roots, size)));
        struct checkpoint checkpoint;
        unsigned status =
            witness_judge(value_text_of(c, "body"), &notes.keys[0], size, &root, &checkpoint);
        if (status != number_of(c, "status"))
            fail_msg("%u: %.*s", status, SLICE_ARG(value_text_of(c, "why")));
    }
}

static void a_request_is_written_as_it_is_read(void **state)
{
    struct world *w = *state;
    struct notes notes;
    notes_read(w, &notes);
    const struct value *cases = value_path(notes.file, "add_checkpoint.cases");
    for (size_t i = 0; i < value_count(cases); i++) {
        struct slice body = value_text_of(value_item(cases, i), "body");
        struct witness_request request;
        struct strbuf again = strbuf_new(1 << 16);
        assert_true(witness_request_parse(body, &request, &w->err));
        witness_request_format(request.old, &request.proof, request.note, &again);
        assert_true(slice_equal(strbuf_slice(&again), body));
        strbuf_free(&again);
    }
}

static void requests_of_another_form_are_bad_requests(void **state)
{
    struct notes notes;
    notes_read(*state, &notes);
    static const char *const bodies[] = {
        "",          "old\n\n",         "old 01\n\nx\n\ny\n", "old 0\n", "old 0\nAAAA\n\nx",
        "new 0\n\n", "old 0\n\nno note"
    };
    struct digest root = empty_root();
    struct checkpoint checkpoint;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_int_equal(witness_judge(slice_of(bodies[i]), &notes.keys[0], 0, &root, &checkpoint),
                         WITNESS_BAD_REQUEST);
}

static void the_monitor_path_is_the_hash_of_the_origin(void **state)
{
    struct notes notes;
    struct strbuf path = strbuf_new(256);
    notes_read(*state, &notes);
    witness_monitor_path(notes.log.name, &path);
    assert_true(slice_equal(strbuf_slice(&path), value_text_of(notes.file, "monitor_path")));
    strbuf_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(keys_are_written_as_they_are_read),
        WORLD_TEST(malformed_keys_are_refused),
        WORLD_TEST(checkpoints_are_signed_and_opened),
        WORLD_TEST(cosignatures_are_made_and_opened),
        WORLD_TEST(good_notes_are_accepted),
        WORLD_TEST(a_cosignature_under_the_wrong_type_is_an_unknown_key),
        WORLD_TEST(malformed_notes_are_refused),
        WORLD_TEST(wrong_cosignatures_spoil_the_whole_note),
        WORLD_TEST(a_note_of_over_64_KiB_is_refused),
        WORLD_TEST(the_proof_file_is_read_checked_and_written),
        WORLD_TEST(proof_files_of_another_form_are_refused),
        WORLD_TEST(a_witness_answers_as_the_protocol_says),
        WORLD_TEST(a_request_is_written_as_it_is_read),
        WORLD_TEST(requests_of_another_form_are_bad_requests),
        WORLD_TEST(the_monitor_path_is_the_hash_of_the_origin),
    };
    return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
