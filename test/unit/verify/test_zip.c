#include "verify/zip.h"
#include "verify/zip_make.h"

/* Opens what was made; the file stays open for the test. */
static struct zip *open_made(struct world *w, struct zip_make *made, struct test_file *file)
{
    file_open(file, strbuf_slice(&made->out));
    return zip_open(file->path, &w->err);
}

static void make_three(struct zip_make *made)
{
    zip_make_add(made, SLICE("b"), SLICE("the second member"));
    zip_make_add(made, SLICE("a"), SLICE("the first one"));
    zip_make_add(made, SLICE("empty"), SLICE(""));
    zip_make_end(made);
}

static void expect_three(struct world *w, const struct zip *zip)
{
    static const char *const contents[][2] = { { "a", "the first one" },
                                               { "b", "the second member" },
                                               { "empty", "" } };
    assert_int_equal(zip_members_count(zip), 3);
    for (size_t i = 0; i < 3; i++) {
        struct strbuf content = strbuf_new(100);
        expect_slice(zip_member_at(zip, i)->name, contents[i][0]);
        assert_ptr_equal(zip_find(zip, slice_of(contents[i][0])), zip_member_at(zip, i));
        assert_true(zip_read(zip, zip_member_at(zip, i), &content, &w->err));
        expect_slice(strbuf_slice(&content), contents[i][1]);
        strbuf_free(&content);
    }
    assert_null(zip_find(zip, SLICE("c")));
}

static void members_are_found_by_name_whatever_their_place(void **state)
{
    struct world *w = *state;
    for (int form = 0; form < 4; form++) {
        struct zip_make made;
        struct test_file file;
        zip_make_start(&made);
        made.is_deflated = form & 1;
        made.is_zip64 = form & 2;
        make_three(&made);
        struct zip *zip = open_made(w, &made, &file);
        if (!zip)
            fail_msg("form %d: %s", form, w->err.message);
        expect_three(w, zip);
        zip_close(zip);
        file_close(&file);
        zip_make_free(&made);
    }
}

static void an_empty_zip_is_one(void **state)
{
    struct world *w = *state;
    struct zip_make made;
    struct test_file file;
    zip_make_start(&made);
    zip_make_end(&made);
    struct zip *zip = open_made(w, &made, &file);
    assert_non_null(zip);
    assert_int_equal(zip_members_count(zip), 0);
    assert_null(zip_find(zip, SLICE("a")));
    zip_close(zip);
    file_close(&file);
    zip_make_free(&made);
}

/* ---- refused ---- */

/* made: altered by the caller. Must be refused as a finding, with those words. */
static void expect_refused(struct world *w, struct zip_make *made, const char *words)
{
    struct test_file file;
    memset(&w->err, 0, sizeof w->err);
    struct zip *zip = open_made(w, made, &file);
    if (zip)
        fail_msg("accepted; expected: %s", words);
    assert_int_equal(w->err.code, ERROR_FINDING);
    if (!strstr(w->err.message, words))
        fail_msg("\"%s\" does not say \"%s\"", w->err.message, words);
    file_close(&file);
    zip_make_free(made);
}

static struct zip_make three(void)
{
    struct zip_make made;
    zip_make_start(&made);
    make_three(&made);
    return made;
}

static void junk_before_between_or_behind_is_refused(void **state)
{
    struct world *w = *state;
    struct zip_make made = three(), shifted;
    strbuf_add_char(&made.out, '\n');
    expect_refused(w, &made, "does not end as a ZIP file does");

    made = three();
    zip_make_start(&shifted);
    strbuf_add_text(&shifted.out, "#!");
    strbuf_add(&shifted.out, strbuf_slice(&made.out));
    zip_make_free(&made);
    expect_refused(w, &shifted, "directory is not where it should be");

    zip_make_start(&made);
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    strbuf_add_text(&made.out, "hidden");
    zip_make_add(&made, SLICE("b"), SLICE("2"));
    zip_make_end(&made);
    expect_refused(w, &made, "bytes between its members");

    zip_make_start(&made);
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    strbuf_add_text(&made.out, "hidden");
    zip_make_end(&made);
    expect_refused(w, &made, "between its members and its directory");

    zip_make_start(&made);
    strbuf_add_text(&made.out, "hidden");
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    zip_make_end(&made);
    expect_refused(w, &made, "bytes between its members");
}

static void a_comment_is_refused(void **state)
{
    struct zip_make made = three();
    made.out.at[made.out.len - 2] = 5;
    strbuf_add_text(&made.out, "hello");
    expect_refused(*state, &made, "does not end as a ZIP file does");
}

static void two_members_of_one_name_are_refused(void **state)
{
    struct zip_make made;
    zip_make_start(&made);
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    zip_make_add(&made, SLICE("a"), SLICE("2"));
    zip_make_end(&made);
    expect_refused(*state, &made, "two members are called a");
}

static void a_member_that_the_directory_does_not_name_is_refused(void **state)
{
    struct zip_make made;
    zip_make_start(&made);
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    strbuf_clear(&made.directory);
    made.count = 0;
    zip_make_add(&made, SLICE("b"), SLICE("2"));
    zip_make_end(&made);
    expect_refused(*state, &made, "bytes between its members");
}

static void two_records_of_one_member_are_refused(void **state)
{
    struct zip_make made;
    zip_make_start(&made);
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    struct slice record = strbuf_slice(&made.directory);
    struct strbuf copy = strbuf_new(1000);
    strbuf_add(&copy, record);
    strbuf_add(&made.directory, strbuf_slice(&copy));
    strbuf_free(&copy);
    made.count = 2;
    zip_make_end(&made);
    expect_refused(*state, &made, "two overlap");
}

/* Offsets into a made ZIP whose first member is "a" with one stored byte. */
enum { HEADER_FLAGS = 6, HEADER_METHOD = 8, HEADER_CRC = 14, HEADER_NAME = 30, FIRST_BYTES = 32 };
enum { RECORD_FLAGS = 8, RECORD_METHOD = 10, RECORD_SIZE = 24, RECORD_COMMENT = 32 };

static struct zip_make one(void)
{
    struct zip_make made;
    zip_make_start(&made);
    zip_make_add(&made, SLICE("a"), SLICE("1"));
    zip_make_end(&made);
    return made;
}

static void headers_that_differ_are_refused(void **state)
{
    struct world *w = *state;
    static const size_t places[] = { 4,  HEADER_FLAGS, HEADER_METHOD, 10, 12, HEADER_CRC,
                                     18, 22,           HEADER_NAME };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct zip_make made = one();
        made.out.at[places[i]] = (char)(made.out.at[places[i]] ^ 2);
        expect_refused(w, &made, "described in two ways");
    }
}

static void encryption_and_unknown_packing_are_refused(void **state)
{
    struct world *w = *state;
    static const struct {
        size_t at;
        char value;
    } changes[] = {
        { HEADER_FLAGS, 1 }, { HEADER_FLAGS, 8 }, { HEADER_METHOD, 12 }, { HEADER_METHOD, 93 }
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct zip_make made = one();
        made.out.at[changes[i].at] = changes[i].value;
        made.out.at[FIRST_BYTES + changes[i].at + 2] = changes[i].value;
        expect_refused(w, &made, "encrypted, or packed in a way not read here");
    }
}

static void what_would_unpack_to_far_too_much_is_refused(void **state)
{
    struct zip_make made;
    struct strbuf zeros = strbuf_new(8 << 20);
    for (size_t i = 0; i < 4 << 20; i++)
        strbuf_add_char(&zeros, '\0');
    zip_make_start(&made);
    made.is_deflated = true;
    zip_make_add(&made, SLICE("bomb"), strbuf_slice(&zeros));
    zip_make_end(&made);
    strbuf_free(&zeros);
    expect_refused(*state, &made, "would unpack to 4194304 bytes");
}

static void other_files_are_refused(void **state)
{
    struct world *w = *state;
    struct zip_make made;
    zip_make_start(&made);
    expect_refused(w, &made, "too few for a ZIP file");
    zip_make_start(&made);
    strbuf_add_text(&made.out, "This is a text of more than twenty-two bytes.");
    expect_refused(w, &made, "does not end as a ZIP file does");
}

static void a_file_that_is_not_there_is_another_thing_than_a_false_one(void **state)
{
    struct world *w = *state;
    assert_null(zip_open("test/no such file.zip", &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    assert_null(zip_open("test", &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
}

/* ---- damage inside ---- */

static void damaged_content_is_seen_when_it_is_read(void **state)
{
    struct world *w = *state;
    for (int deflated = 0; deflated < 2; deflated++) {
        struct zip_make made;
        struct test_file file;
        struct strbuf content = strbuf_new(1000);
        zip_make_start(&made);
        made.is_deflated = deflated;
        zip_make_add(&made, SLICE("a"), SLICE("some words, some words, some other words"));
        zip_make_end(&made);
        made.out.at[FIRST_BYTES] = (char)(made.out.at[FIRST_BYTES] ^ 1);
        struct zip *zip = open_made(w, &made, &file);
        assert_non_null(zip);
        assert_false(zip_read(zip, zip_member_at(zip, 0), &content, &w->err));
        assert_int_equal(w->err.code, ERROR_FINDING);
        assert_non_null(strstr(w->err.message, "a is damaged"));
        zip_close(zip);
        file_close(&file);
        strbuf_free(&content);
        zip_make_free(&made);
    }
}

static void more_than_was_asked_for_is_a_finding(void **state)
{
    struct world *w = *state;
    struct zip_make made = three();
    struct test_file file;
    struct strbuf content = strbuf_new(5);
    struct zip *zip = open_made(w, &made, &file);
    assert_non_null(zip);
    assert_false(zip_read(zip, zip_find(zip, SLICE("b")), &content, &w->err));
    assert_int_equal(w->err.code, ERROR_FINDING);
    zip_close(zip);
    file_close(&file);
    strbuf_free(&content);
    zip_make_free(&made);
}

static bool take_none(void *context, struct slice chunk, struct error *err)
{
    (void)context;
    (void)chunk;
    return error_set(err, ERROR_IO, NULL, "no more, please");
}

static void whoever_takes_the_bytes_can_stop(void **state)
{
    struct world *w = *state;
    struct zip_make made = three();
    struct test_file file;
    struct zip *zip = open_made(w, &made, &file);
    assert_false(zip_stream(zip, zip_find(zip, SLICE("b")), 0, take_none, NULL, &w->err));
    assert_int_equal(w->err.code, ERROR_IO);
    zip_close(zip);
    file_close(&file);
    zip_make_free(&made);
}

static bool take_text(void *context, struct slice chunk, struct error *err)
{
    (void)err;
    strbuf_add(context, chunk);
    return true;
}

static void large_members_come_in_pieces_and_can_be_taken_from_the_middle(void **state)
{
    struct world *w = *state;
    for (int deflated = 0; deflated < 2; deflated++) {
        struct zip_make made;
        struct test_file file;
        struct strbuf text = strbuf_new(4 << 20), taken = strbuf_new(4 << 20);
        for (int i = 0; i < 60000; i++)
            strbuf_printf(&text, "line %d\n", i * 7919 % 60000);
        zip_make_start(&made);
        made.is_deflated = deflated;
        zip_make_add(&made, SLICE("a"), strbuf_slice(&text));
        zip_make_end(&made);
        struct zip *zip = open_made(w, &made, &file);
        assert_non_null(zip);
        for (size_t skip = 0; skip < text.len; skip += 123457) {
            strbuf_clear(&taken);
            assert_true(zip_stream(zip, zip_member_at(zip, 0), skip, take_text, &taken, &w->err));
            assert_true(slice_equal(strbuf_slice(&taken), slice_from(strbuf_slice(&text), skip)));
        }
        zip_close(zip);
        file_close(&file);
        strbuf_free(&text);
        strbuf_free(&taken);
        zip_make_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(members_are_found_by_name_whatever_their_place),
        WORLD_TEST(an_empty_zip_is_one),
        WORLD_TEST(junk_before_between_or_behind_is_refused),
        WORLD_TEST(a_comment_is_refused),
        WORLD_TEST(two_members_of_one_name_are_refused),
        WORLD_TEST(a_member_that_the_directory_does_not_name_is_refused),
        WORLD_TEST(two_records_of_one_member_are_refused),
        WORLD_TEST(headers_that_differ_are_refused),
        WORLD_TEST(encryption_and_unknown_packing_are_refused),
        WORLD_TEST(what_would_unpack_to_far_too_much_is_refused),
        WORLD_TEST(other_files_are_refused),
        WORLD_TEST(a_file_that_is_not_there_is_another_thing_than_a_false_one),
        WORLD_TEST(damaged_content_is_seen_when_it_is_read),
        WORLD_TEST(more_than_was_asked_for_is_a_finding),
        WORLD_TEST(whoever_takes_the_bytes_can_stop),
        WORLD_TEST(large_members_come_in_pieces_and_can_be_taken_from_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
