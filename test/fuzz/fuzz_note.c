/* test/fuzz/fuzz_note.c
 * Signed notes, checkpoints and verifier keys: an accepted checkpoint or key is written back byte
 * for byte, and an opened note has a signature of a key that was asked for. */
#include "fuzz.h"
#include "ledger/note.h"

/* For tests only: the key that signed the seed inputs. */
static const char seed_hex[] = "8d62ccfed2cb3878bb0c08e85acb126f1489a4345a996eb82df7035cc95652ab";

static void check_checkpoint(struct slice text)
{
    struct error err = { 0 };
    struct checkpoint checkpoint;
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (checkpoint_parse(text, &checkpoint, &err)) {
        checkpoint_text(&checkpoint, &again);
        /* Lines beyond the third are for extensions, and not ours to write. */
        assert(slice_starts_with(text, strbuf_slice(&again)));
    } else {
        fuzz_assert_refused(&err);
    }
    strbuf_free(&again);
}

static void check_key(struct slice text)
{
    struct verifier_key key;
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (verifier_key_parse(text, &key)) {
        assert(key_name_is_valid(key.name));
        verifier_key_format(&key, &again);
        assert(slice_equal(strbuf_slice(&again), text));
    }
    strbuf_free(&again);
}

static void check_note(struct slice bytes)
{
    struct error err = { 0 };
    uint8_t seed[32];
    struct signing_key signer;
    struct note note;
    struct checkpoint checkpoint;
    if (!hex_parse(slice_of(seed_hex), seed, sizeof(seed)))
        abort();
    signing_key_start(&signer, slice_of("ledger.example/attest/vectors"), seed);
    const struct verifier_key keys[] = { signing_key_verifier(&signer, KEY_LOG),
                                         signing_key_verifier(&signer, KEY_COSIGNATURE) };
    if (note_open(bytes, keys, ARRAY_LEN(keys), &note, &err)) {
        assert(note.count > 0 && note.count <= NOTE_SIGNATURES_MAX);
        assert(slice_starts_with(bytes, note.text) && slice_ends_with(note.text, SLICE("\n")));
    } else {
        fuzz_assert_refused(&err);
    }
    err = (struct error){ 0 };
    if (checkpoint_open(bytes, keys, ARRAY_LEN(keys), &checkpoint, &note, &err))
        assert(slice_equal(checkpoint.origin, keys[0].name));
    else
        fuzz_assert_refused(&err);
}

/* The signed text must open, and must not once a byte is another. */
static void check_signing(struct slice text)
{
    static const uint8_t seed[32] = { 7 };
    struct error err = { 0 };
    struct checkpoint checkpoint;
    struct signing_key signer;
    struct note note;
    struct strbuf bytes = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (!checkpoint_parse(text, &checkpoint, &err) || !key_name_is_valid(checkpoint.origin))
        return;
    signing_key_start(&signer, checkpoint.origin, seed);
    const struct verifier_key key = signing_key_verifier(&signer, KEY_LOG);
    note_sign(&signer, text, &bytes);
    if (bytes.len > NOTE_BYTES_MAX)
        goto done;
    if (!checkpoint_open(strbuf_slice(&bytes), &key, 1, &checkpoint, &note, &err))
        abort();
    bytes.at[checkpoint.origin.len + 1] ^= 1; /* in the size */
    assert(!checkpoint_open(strbuf_slice(&bytes), &key, 1, &checkpoint, &note, &err));
done:
    strbuf_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    check_checkpoint(text);
    check_key(text);
    check_note(text);
    check_signing(text);
    return 0;
}
