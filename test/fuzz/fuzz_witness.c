/* test/fuzz/fuzz_witness.c
 * Requests to a witness: an accepted body is written back byte for byte, and only a checkpoint of
 * the key that was asked for is ever cosigned. */
#include "fuzz.h"
#include "ledger/witness.h"

/* For tests only: the key that signed the seed inputs. */
static const char log_key[] =
    "ledger.example/attest/vectors+80bb43ca+AUWF4r9Uh/pn2hjnGP5MtATvaxl1tHIkUQzAR9OCWeyT";

static void check_judged(struct slice body)
{
    struct checkpoint checkpoint;
    struct verifier_key key;
    struct digest root = empty_root();
    if (!verifier_key_parse(slice_of(log_key), &key))
        abort();
    if (witness_judge(body, &key, 0, &root, &checkpoint) == WITNESS_COSIGNED)
        assert(slice_equal(checkpoint.origin, key.name));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    struct witness_request request;
    struct slice body = slice_bytes(bytes, size);
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (witness_request_parse(body, &request, &err)) {
        assert(request.proof.count <= PROOF_HASHES_MAX);
        witness_request_format(request.old, &request.proof, request.note, &again);
        assert(slice_equal(strbuf_slice(&again), body));
    } else {
        fuzz_assert_refused(&err);
    }
    check_judged(body);
    strbuf_free(&again);
    return 0;
}
