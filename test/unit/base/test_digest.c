/* SHA-256, hex and base64 against published vectors. */
#include "base_test.h"

#include "base/digest.h"

/* FIPS 180-2, appendix B, and the empty text and 896 bits of NIST's examples. */
static const struct {
    const char *text, *hex;
} published[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
      "lmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void published_texts_have_their_digest(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        char hex[65];
        struct digest digest = sha256_of(slice_of(published[i].text)), back;
        digest_hex(&digest, hex);
        assert_string_equal(hex, published[i].hex);
        assert_true(digest_from_hex(slice_of(hex), &back));
        assert_true(digest_equal(&digest, &back));
    }
    struct digest none = sha256_of((struct slice){ 0 });
    assert_int_equal(none.bytes[0], 0xE3);
}

static void a_million_letters_have_their_digest_in_any_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 3, 55, 56, 63, 64, 65, 127, 128, 1000, 1000000 };
    char *letters = malloc(1000000);
    assert_non_null(letters);
    memset(letters, 'a', 1000000);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct sha256 hash;
        struct digest digest;
        char hex[65];
        sha256_start(&hash);
        sha256_add(&hash, (struct slice){ 0 });
        for (size_t at = 0; at < 1000000; at += pieces[i]) {
            size_t len = 1000000 - at < pieces[i] ? 1000000 - at : pieces[i];
            sha256_add(&hash, slice_bytes(letters + at, len));
        }
        sha256_finish(&hash, &digest);
        digest_hex(&digest, hex);
        assert_string_equal(hex,
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(letters);
}

static void digests_are_ordered_by_their_bytes(void **state)
{
    (void)state;
    struct digest low = { { 0 } }, high = { { 0 } };
    high.bytes[31] = 1;
    low.bytes[30] = 0;
    assert_true(digest_compare(&low, &high) < 0);
    assert_true(digest_compare(&high, &low) > 0);
    low.bytes[0] = 0x80;
    high.bytes[0] = 0x7F;
    assert_true(digest_compare(&low, &high) > 0);
    assert_false(digest_equal(&low, &high));
    assert_int_equal(digest_compare(&low, &low), 0);
}

static void hex_is_lower_case_and_of_the_right_length(void **state)
{
    struct world *w = *state;
    static const char *const refused[] = { "",     "0",    "00",   "000",  "00000", "000000",
                                           "00FF", "0x00", "00 0", "00g0", " 000",  "000 " };
    uint8_t bytes[3] = { 9, 9, 9 };
    struct digest digest;
    assert_true(hex_parse(SLICE("00ff"), bytes, 2));
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[1], 255);
    assert_int_equal(bytes[2], 9);
    assert_true(hex_parse(SLICE(""), bytes, 0));
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(hex_parse(slice_of(refused[i]), bytes, 2));
    assert_false(digest_from_hex(SLICE("e3b0"), &digest));
    struct strbuf out = strbuf_new(100);
    hex_add(&out, "\x00\x7F\xFF", 3);
    hex_add(&out, NULL, 0);
    assert_true(strbuf_ok(&out, &w->err));
    expect_slice(strbuf_slice(&out), "007fff");
    strbuf_free(&out);
}

/* RFC 4648, section 10. */
static const struct {
    const char *bytes, *text;
} rfc4648[] = { { "", "" },
                { "f", "Zg==" },
                { "fo", "Zm8=" },
                { "foo", "Zm9v" },
                { "foob", "Zm9vYg==" },
                { "fooba", "Zm9vYmE=" },
                { "foobar", "Zm9vYmFy" } };

static void base64_is_that_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rfc4648); i++) {
        struct strbuf out = strbuf_new(100);
        uint8_t bytes[16];
        size_t count = 99;
        base64_add(&out, rfc4648[i].bytes, strlen(rfc4648[i].bytes));
        expect_slice(strbuf_slice(&out), rfc4648[i].text);
        assert_true(base64_parse(slice_of(rfc4648[i].text), bytes, sizeof bytes, &count));
        assert_int_equal(count, strlen(rfc4648[i].bytes));
        assert_memory_equal(bytes, rfc4648[i].bytes, count);
        strbuf_free(&out);
    }
}

static void every_byte_goes_through_base64_and_back(void **state)
{
    (void)state;
    uint8_t bytes[256], back[256];
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (uint8_t)(i * 167 + 13);
    for (size_t len = 0; len <= 256; len++) {
        struct strbuf out = strbuf_new(1000);
        size_t count;
        base64_add(&out, bytes, len);
        assert_true(base64_parse(strbuf_slice(&out), back, len, &count));
        assert_int_equal(count, len);
        assert_memory_equal(bytes, back, len);
        if (len > 0) /* no room for the last byte */
            assert_false(base64_parse(strbuf_slice(&out), back, len - 1, &count));
        strbuf_free(&out);
    }
}

/* One value has one spelling: bits left over are zero, padding is there, nothing else is. */
static void other_spellings_of_base64_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "Zg",       "Zg=",        "Zg===",   "Zh==",    "Zm9=",   "Zm8",      "=",     "====",
        "Z===",     "Zg==Zg==",   "Zm9v\n",  " Zm9v",   "Zm 9v",  "Zm9v====", "Zm-v",  "Zm_v",
        "Zm9v\r\n", "Z\xC3\xA9v", "\xFFm9v", "Zm9\x80", "Zg==\n", "Zg= =",    "Zg==X", "A",
    };
    uint8_t bytes[64];
    size_t count;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (base64_parse(slice_of(refused[i]), bytes, sizeof bytes, &count))
            fail_msg("taken: %s", refused[i]);
    assert_false(base64_parse(SLICE("Zm\0v"), bytes, sizeof bytes, &count));
}

static void random_bytes_differ(void **state)
{
    (void)state;
    uint8_t a[32] = { 0 }, b[32] = { 0 }, zero[32] = { 0 };
    random_fill(a, sizeof a);
    random_fill(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a, zero, sizeof a);
    random_fill(a, 0);
}

/* RFC 9562 A.4; the second and third by Python's uuid.uuid5(uuid.NAMESPACE_DNS, ...). */
static void names_have_their_uuid(void **state)
{
    static const uint8_t dns[16] = { 0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                     0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
    char uuid[37];
    (void)state;
    uuid_of_name(dns, SLICE("www.example.com"), uuid);
    assert_string_equal(uuid, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    uuid_of_name(dns, (struct slice){ 0 }, uuid);
    assert_string_equal(uuid, "4ebd0208-8328-5d69-8c44-ec50939c0967");
    uuid_of_name(dns, SLICE("\xc3\xa9"), uuid);
    assert_string_equal(uuid, "ebfe0af8-3997-5ade-b634-ba92cf69f557");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_texts_have_their_digest),
        cmocka_unit_test(a_million_letters_have_their_digest_in_any_pieces),
        cmocka_unit_test(digests_are_ordered_by_their_bytes),
        WORLD_TEST(hex_is_lower_case_and_of_the_right_length),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(every_byte_goes_through_base64_and_back),
        cmocka_unit_test(other_spellings_of_base64_are_refused),
        cmocka_unit_test(names_have_their_uuid),
        cmocka_unit_test(random_bytes_differ),
    };
    return cmocka_run_group_tests_name("digests", tests, NULL, NULL);
}
