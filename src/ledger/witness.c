#include "ledger/witness.h"

void witness_request_format(uint64_t old, const struct proof *proof, struct slice note,
                            struct strbuf *out)
{
    strbuf_add_text(out, "old ");
    strbuf_add_u64(out, old);
    strbuf_add_char(out, '\n');
    proof_lines_add(proof->hashes, proof->count, out);
    strbuf_add(out, note);
}

bool witness_request_parse(struct slice body, struct witness_request *request, struct error *err)
{
    struct slice line;
    if (!slice_split(body, '\n', &line, &body) || !slice_starts_with(line, SLICE("old ")) ||
        !slice_to_u64(slice_from(line, 4), &request->old) || request->old >= TREE_SIZE_MAX)
        return error_set(err, ERROR_INVALID, NULL, "add-checkpoint: no line \"old <size>\"");
    if (!proof_lines_parse(&body, &request->proof))
        return error_set(err, ERROR_INVALID, NULL,
                         "add-checkpoint: not at most 63 hashes in base64, then an empty line");
    request->note = body;
    return true;
}

enum witness_status witness_judge(struct slice body, const struct verifier_key *key, uint64_t size,
                                  const struct digest *root, struct checkpoint *checkpoint)
{
    struct witness_request request;
    struct note note;
    struct slice text, lines;
    struct error err = { 0 };
    if (!witness_request_parse(body, &request, &err) ||
        !note_split(request.note, &text, &lines, &err) || !checkpoint_parse(text, checkpoint, &err))
        return WITNESS_BAD_REQUEST;
    if (!slice_equal(checkpoint->origin, key->name))
        return WITNESS_UNKNOWN_ORIGIN;
    if (!checkpoint_open(request.note, key, 1, checkpoint, &note, &err))
        return WITNESS_BAD_SIGNATURE;
    if (request.old > checkpoint->size)
        return WITNESS_BAD_REQUEST;
    if (request.old != size)
        return WITNESS_CONFLICT;
    return consistency_holds(size, checkpoint->size, request.proof.hashes, request.proof.count,
                             root, &checkpoint->root)
               ? WITNESS_COSIGNED
               : WITNESS_BAD_PROOF;
}

void witness_monitor_path(struct slice origin, struct strbuf *out)
{
    struct digest digest = sha256_of(origin);
    hex_add(out, digest.bytes, sizeof digest.bytes);
    strbuf_add_text(out, "/checkpoint");
}
