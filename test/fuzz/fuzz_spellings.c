/* test/fuzz/fuzz_spellings.c
 * Hex, base64, integers and UTF-8: one spelling a value, so an accepted text is written back byte
 * for byte. */
#include <string.h>

#include "base/digest.h"
#include "fuzz.h"

enum { DECODED_BYTES_MAX = 4096 };

static void check_base64(struct slice text)
{
    uint8_t decoded[DECODED_BYTES_MAX];
    size_t count = 0;
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (base64_parse(text, decoded, sizeof(decoded), &count)) {
        assert(count <= sizeof(decoded));
        base64_add(&again, decoded, count);
        assert(slice_equal(strbuf_slice(&again), text));
    }
    strbuf_free(&again);
}

static void check_hex(struct slice text)
{
    uint8_t decoded[DECODED_BYTES_MAX];
    struct digest digest;
    char spelled[65];
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    size_t count = text.len / 2;
    if (count <= sizeof(decoded) && hex_parse(text, decoded, count)) {
        hex_add(&again, decoded, count);
        assert(slice_equal(strbuf_slice(&again), text));
    }
    if (digest_from_hex(text, &digest)) {
        digest_hex(&digest, spelled);
        assert(slice_is(text, spelled));
    }
    strbuf_free(&again);
}

static void check_integer(struct slice text)
{
    uint64_t value = 0;
    struct strbuf again = strbuf_new(FUZZ_TEXT_BYTES_MAX);
    if (slice_to_u64(text, &value)) {
        strbuf_add_u64(&again, value);
        assert(slice_equal(strbuf_slice(&again), text));
    }
    strbuf_free(&again);
}

static void check_utf8(struct slice text)
{
    size_t bad = 0;
    if (!utf8_is_valid(text, &bad)) {
        assert(bad < text.len);
        /* What comes before the fault is whole. */
        assert(utf8_is_valid(slice_head(text, bad), &bad));
        return;
    }
    for (size_t at = 0; at < text.len;) {
        char encoded[4];
        size_t start = at;
        size_t length = utf8_encode(utf8_next(text, &at), encoded);
        assert(at - start == length && memcmp(text.at + start, encoded, length) == 0);
    }
}

/* The same digest however the bytes arrive. */
static void check_sha256(struct slice text)
{
    struct sha256 hash;
    struct digest whole = sha256_of(text);
    struct digest parts;
    size_t cut = text.len > 0 ? (unsigned char)text.at[0] % text.len : 0;
    sha256_start(&hash);
    sha256_add(&hash, slice_head(text, cut));
    sha256_add(&hash, slice_from(text, cut));
    sha256_finish(&hash, &parts);
    assert(digest_equal(&whole, &parts));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = slice_bytes(bytes, size);
    check_base64(text);
    check_hex(text);
    check_integer(text);
    check_utf8(text);
    check_sha256(text);
    return 0;
}
