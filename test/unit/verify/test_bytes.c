/* Damage wherever it may fall: each byte of a small bundle, some of a large one, each length. */
#include "verify/bundle_world.h"
#include "verify/zip.h"

/* A bundle as small as they come: nine entries, a report and its forms. */
static struct bundle_world *small(void **state)
{
    const uint64_t inputs[] = { 2, 5, 8 };
    struct bundle_world *b = bundle_world_new(*state, 9);
    uint64_t report = world_readiness(b, "{'schema':'attest-report/0'}", inputs, 3);
    static const char *const media[] = { "application/pdf", "text/html" };
    for (size_t i = 0; i < ARRAY_LEN(media); i++) {
        struct entry_words blob = {
            .type = "blob",
            .side = "management",
            .actor = "person/manager",
            .inputs = { report },
            .inputs_count = 1,
            .body = world_text(b, "{'media':'%s','payload':%s}", media[i],
                               world_payload(b, slice_of(media[i]))),
        };
        world_entry(b, &blob);
    }
    world_sign(b);
    world_bundle(b);
    return b;
}

static bool holds(const struct test_file *file)
{
    struct error err = { 0 };
    struct verifier *verifier = verify_file(file->path, NULL, &err);
    if (!verifier)
        fail_msg("not a result but an error: %s", err.message);
    bool is_ok = verification_holds(verifier_verification(verifier));
    verifier_free(verifier);
    return is_ok;
}

/* What a ZIP says of its members that nobody relies on: in each directory record the version of the
 * tool (2 bytes at 4), internal and external attributes (6 bytes at 36). */
static bool is_decoration(struct slice zip, size_t at)
{
    for (size_t record = 0; record + 46 <= zip.len; record++) {
        if (memcmp(zip.at + record, "PK\x01\x02", 4) != 0)
            continue;
        if ((at >= record + 4 && at < record + 6) || (at >= record + 36 && at < record + 42))
            return true;
    }
    return false;
}

static void every_byte_of_a_small_bundle_counts(void **state)
{
    struct bundle_world *b = small(state);
    struct zip_make zip;
    struct test_file file;
    size_t decorations = 0;
    world_zip(b, &zip);
    struct slice bytes = strbuf_slice(&zip.out);
    file_open(&file, bytes);
    assert_true(holds(&file));
    for (size_t at = 0; at < bytes.len; at++) {
        file_change(&file, at, (char)(bytes.at[at] ^ 1 << at % 8));
        bool is_ok = holds(&file);
        bool may_hold = is_decoration(bytes, at);
        decorations += may_hold;
        if (is_ok && !may_hold)
            fail_msg("byte %zu of %zu does not count", at, bytes.len);
        file_change(&file, at, bytes.at[at]);
    }
    assert_int_equal(decorations, 8 * b->members_count);
    file_close(&file);
    zip_make_free(&zip);
}

static void every_bit_of_the_description_and_the_checkpoint_counts(void **state)
{
    static const char *const names[] = { BUNDLE_NAME, BUNDLE_CHECKPOINT };
    struct bundle_world *b = small(state);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct member *member = world_member(b, names[i]);
        struct slice good = member->bytes;
        for (size_t bit = 0; bit < 8 * good.len; bit++) {
            world_member_flip(b, names[i], bit);
            struct verifier *verifier = world_verify(b, NULL);
            if (verification_holds(verifier_verification(verifier)))
                fail_msg("bit %zu of %s does not count", bit, names[i]);
            verifier_free(verifier);
            member->bytes = good;
        }
    }
    expect_ok(b, NULL);
}

/* Packed bytes may be altered to other ones that unpack to the same; then nothing was altered. */
static void a_packed_bundle_holds_only_with_the_same_members(void **state)
{
    struct bundle_world *b = small(state);
    struct zip_make zip;
    struct test_file file;
    b->is_deflated = true;
    world_zip(b, &zip);
    struct slice bytes = strbuf_slice(&zip.out);
    file_open(&file, bytes);
    assert_true(holds(&file));
    for (size_t at = 0; at < bytes.len; at += 3) {
        file_change(&file, at, (char)(bytes.at[at] ^ 1 << at % 8));
        if (holds(&file)) {
            struct error err = { 0 };
            struct zip *read = zip_open(file.path, &err);
            assert_non_null(read);
            assert_int_equal(zip_members_count(read), b->members_count);
            for (size_t i = 0; i < b->members_count; i++) {
                struct strbuf content = strbuf_new(1 << 20);
                const struct zip_member *member = zip_find(read, b->members[i].name);
                assert_non_null(member);
                assert_true(zip_read(read, member, &content, &err));
                assert_true(slice_equal(strbuf_slice(&content), b->members[i].bytes));
                strbuf_free(&content);
            }
            zip_close(read);
        }
        file_change(&file, at, bytes.at[at]);
    }
    file_close(&file);
    zip_make_free(&zip);
}

static void a_bundle_cut_short_never_holds(void **state)
{
    struct bundle_world *b = small(state);
    struct zip_make zip;
    world_zip(b, &zip);
    struct slice bytes = strbuf_slice(&zip.out);
    for (size_t len = 0; len < bytes.len; len += len < 100 || bytes.len - len < 100 ? 1 : 37) {
        struct test_file file;
        file_open(&file, slice_head(bytes, len));
        if (holds(&file))
            fail_msg("holds with %zu of %zu bytes", len, bytes.len);
        file_close(&file);
    }
    zip_make_free(&zip);
}

/* The vectors' report with all its evidence: each member at some of its bits. */
static void each_member_of_a_bundle_with_evidence_counts(void **state)
{
    struct bundle_world *b = bundle_world_new(*state, 38);
    b->report = 33;
    world_sign(b);
    world_bundle(b);
    for (size_t i = 0; i < b->members_count; i++) {
        struct slice good = b->members[i].bytes;
        const char *name = world_text(b, "%.*s", SLICE_ARG(b->members[i].name));
        for (unsigned k = 0; k < 5 && good.len > 0; k++) {
            size_t bit = (k * 7919 + i * 104729) % (8 * good.len);
            world_member_flip(b, name, k == 4 ? 8 * good.len - 1 : bit);
            struct verifier *verifier = world_verify(b, NULL);
            if (verification_holds(verifier_verification(verifier)))
                fail_msg("bit %zu of %s does not count", bit, name);
            verifier_free(verifier);
            b->members[i].bytes = good;
        }
    }
    expect_ok(b, NULL);
}

static uint32_t drawn(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

/* Digits stay digits, so that many changes pass for entries. */
static void change_one(char *byte, uint32_t random)
{
    bool is_digit = *byte >= '0' && *byte <= '9';
    *byte = (char)(is_digit ? '0' + (int)(random % 10) : *byte ^ 1 << random % 7);
}

/* A house that writes nonsense and signs it: whatever it is, there is an answer. */
static void entries_changed_at_random_and_signed_again_have_an_answer(void **state)
{
    uint32_t random = 20261124;
    for (unsigned round = 0; round < 300; round++) {
        struct bundle_world *b = bundle_world_new(*state, 38);
        b->report = 33;
        for (unsigned change = 0; change < 1 + round % 3; change++) {
            struct slice *entry = &b->ledger.entries.items[drawn(&random) % 38];
            char *changed = arena_string(b->w->arena, *entry, &b->w->err);
            assert_non_null(changed);
            change_one(&changed[drawn(&random) % entry->len], drawn(&random));
            entry->at = changed;
        }
        world_sign_as(b, "the ledger's key");
        world_bundle(b);
        struct verifier *verifier = world_verify(b, NULL);
        struct strbuf text = strbuf_new(1 << 20);
        verification_text(verifier_verification(verifier), &text);
        verification_json(verifier_verification(verifier), &text);
        assert_false(text.failed);
        strbuf_free(&text);
        verifier_free(verifier);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_byte_of_a_small_bundle_counts),
        WORLD_TEST(every_bit_of_the_description_and_the_checkpoint_counts),
        WORLD_TEST(a_packed_bundle_holds_only_with_the_same_members),
        WORLD_TEST(a_bundle_cut_short_never_holds),
        WORLD_TEST(each_member_of_a_bundle_with_evidence_counts),
        WORLD_TEST(entries_changed_at_random_and_signed_again_have_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
