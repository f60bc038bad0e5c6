/* A checkpoint's text is three lines: origin, size, base64 of the root. */
#include "ledger/note.h"

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, ERROR_INVALID, NULL, "checkpoint: %s", what);
}

void checkpoint_text(const struct checkpoint *checkpoint, struct strbuf *out)
{
    strbuf_add(out, checkpoint->origin);
    strbuf_add_char(out, '\n');
    strbuf_add_u64(out, checkpoint->size);
    strbuf_add_char(out, '\n');
    base64_add(out, checkpoint->root.bytes, sizeof checkpoint->root.bytes);
    strbuf_add_char(out, '\n');
}

static bool hash_parse(struct slice text, struct digest *hash)
{
    size_t count;
    return base64_parse(text, hash->bytes, sizeof hash->bytes, &count) &&
           count == sizeof hash->bytes;
}

bool checkpoint_parse(struct slice text, struct checkpoint *checkpoint, struct error *err)
{
    struct slice size, root;
    if (!slice_split(text, '\n', &checkpoint->origin, &text) ||
        !slice_split(text, '\n', &size, &text) || !slice_split(text, '\n', &root, &text))
        return refuse(err, "not three lines");
    if (text.len > 0)
        return refuse(err, "more than three lines");
    if (checkpoint->origin.len == 0)
        return refuse(err, "no origin");
    if (!slice_to_u64(size, &checkpoint->size) || checkpoint->size >= TREE_SIZE_MAX)
        return refuse(err, "the size is not a decimal number below 2^63");
    if (!hash_parse(root, &checkpoint->root))
        return refuse(err, "the root is not 32 bytes in base64");
    struct digest empty = empty_root();
    if (checkpoint->size == 0 && !digest_equal(&checkpoint->root, &empty))
        return refuse(err, "size 0 with another root than the empty tree's");
    return true;
}

bool checkpoint_open(struct slice note_bytes, const struct verifier_key *keys, size_t keys_count,
                     struct checkpoint *checkpoint, struct note *note, struct error *err)
{
    if (!note_open(note_bytes, keys, keys_count, note, err) ||
        !checkpoint_parse(note->text, checkpoint, err))
        return false;
    for (size_t i = 0; i < note->count; i++) {
        const struct verifier_key *key = note->signatures[i].key;
        if (key->type == KEY_LOG && slice_equal(key->name, checkpoint->origin))
            return true;
    }
    return error_set(err, ERROR_INVALID, NULL,
                     "checkpoint: not signed by the log key of its origin %.*s",
                     SLICE_ARG(checkpoint->origin));
}

/* ---- offline proof ---- */

#define PROOF_HEAD "c2sp.org/tlog-proof@v1"

void proof_lines_add(const struct digest *hashes, size_t count, struct strbuf *out)
{
    for (size_t i = 0; i < count; i++) {
        base64_add(out, hashes[i].bytes, sizeof hashes[i].bytes);
        strbuf_add_char(out, '\n');
    }
    strbuf_add_char(out, '\n');
}

void tlog_proof_format(uint64_t index, const struct digest *hashes, size_t count,
                       struct slice note_bytes, struct strbuf *out)
{
    strbuf_add_text(out, PROOF_HEAD "\nindex ");
    strbuf_add_u64(out, index);
    strbuf_add_char(out, '\n');
    proof_lines_add(hashes, count, out);
    strbuf_add(out, note_bytes);
}

bool proof_lines_parse(struct slice *text, struct proof *proof)
{
    struct slice line;
    proof->count = 0;
    while (slice_split(*text, '\n', &line, text)) {
        if (line.len == 0)
            return true;
        if (proof->count == PROOF_HASHES_MAX || !hash_parse(line, &proof->hashes[proof->count]))
            return false;
        proof->count++;
    }
    return false;
}

bool tlog_proof_parse(struct slice bytes, uint64_t *index, struct proof *proof,
                      struct slice *note_bytes, struct error *err)
{
    struct slice head, number;
    if (!slice_split(bytes, '\n', &head, &bytes) || !slice_is(head, PROOF_HEAD) ||
        !slice_split(bytes, '\n', &number, &bytes) || !slice_starts_with(number, SLICE("index ")) ||
        !slice_to_u64(slice_from(number, 6), index))
        return error_set(err, ERROR_INVALID, NULL,
                         "proof file: it does not begin with \"" PROOF_HEAD "\" and an index");
    if (!proof_lines_parse(&bytes, proof))
        return error_set(err, ERROR_INVALID, NULL,
                         "proof file: not at most 63 hashes in base64, then an empty line");
    *note_bytes = bytes;
    return true;
}

void report_qr_format(const struct digest *model, const struct checkpoint *checkpoint,
                      struct strbuf *out)
{
    char hex[65];
    digest_hex(model, hex);
    strbuf_printf(out, "sha256:%s\n", hex);
    checkpoint_text(checkpoint, out);
}
