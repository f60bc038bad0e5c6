/* Files: read whole, written durably, listed in order; and what is left when a call of the system
 * fails. */
#include "file_box.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- reading */

static void a_file_is_read_whole_and_ends_with_a_nul(void **state)
{
    struct box *box = *state;
    put(box->target, SLICE("a\0b\n"));
    struct slice content = get(box, box->target);
    assert_int_equal(content.len, 4);
    assert_memory_equal(content.at, "a\0b\n", 5);
    put(box->target, SLICE(""));
    content = get(box, box->target);
    assert_int_equal(content.len, 0);
    assert_int_equal(content.at[0], 0);
}

static void a_file_larger_than_the_limit_is_refused(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    struct slice content;
    put(box->target, SLICE("12345"));
    assert_true(file_read(box->world.arena, box->target, 5, &content, err));
    assert_false(file_read(box->world.arena, box->target, 4, &content, err));
    assert_int_equal(err->code, ERROR_INVALID);
    assert_non_null(strstr(err->message, "4"));
    assert_string_equal(err->where, box->target);
}

/* Files of /proc say that they have no bytes. */
static void a_file_that_is_longer_than_it_says_is_read_to_its_end(void **state)
{
    struct box *box = *state;
    struct slice content = get(box, "/proc/self/maps");
    assert_true(content.len > 4096);
    assert_false(file_read(box->world.arena, "/proc/self/maps", 4096, &content, &box->world.err));
    assert_int_equal(box->world.err.code, ERROR_INVALID);
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    struct slice content;
    assert_false(file_read(box->world.arena, path_in(box, "none"), 10, &content, err));
    assert_int_equal(err->code, ERROR_NOT_FOUND);
    assert_false(file_read(box->world.arena, box->tmp, 10, &content, err));
    assert_int_equal(err->code, ERROR_INVALID);
    assert_int_equal(mkfifo(path_in(box, "pipe"), 0600), 0);
    assert_false(file_read(box->world.arena, path_in(box, "pipe"), 10, &content, err));
    assert_int_equal(err->code, ERROR_INVALID);
    assert_false(file_read(box->world.arena, "/dev/zero", 10, &content, err));
    assert_int_equal(err->code, ERROR_INVALID);
}

static void names_come_in_the_order_of_their_bytes(void **state)
{
    struct box *box = *state;
    static const char *const names[] = { "b", "a", "B", "\xC3\xA4", ".hidden", "a1", "a-" };
    static const char *const sorted[] = { ".hidden", "B", "a", "a-", "a1", "b", "tmp", "\xC3\xA4" };
    struct folder_names found;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        put(path_in(box, names[i]), SLICE("x"));
    assert_true(folder_list(box->world.arena, box->path, &found, &box->world.err));
    assert_int_equal(found.count, ARRAY_LEN(sorted));
    for (size_t i = 0; i < found.count; i++)
        expect_slice(found.items[i], sorted[i]);
    assert_true(folder_list(box->world.arena, box->tmp, &found, &box->world.err));
    assert_int_equal(found.count, 0);
    assert_false(folder_list(box->world.arena, path_in(box, "none"), &found, &box->world.err));
    assert_int_equal(box->world.err.code, ERROR_NOT_FOUND);
    assert_false(folder_list(box->world.arena, path_in(box, "a"), &found, &box->world.err));
    assert_int_equal(box->world.err.code, ERROR_IO);
}

static void a_folder_with_many_names_is_listed_whole(void **state)
{
    struct box *box = *state;
    struct folder_names found;
    for (int i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "tmp/%03d", i);
        put(path_in(box, name), SLICE(""));
    }
    assert_true(folder_list(box->world.arena, box->tmp, &found, &box->world.err));
    assert_int_equal(found.count, 300);
    expect_slice(found.items[0], "000");
    expect_slice(found.items[299], "299");
}

/* ---------------------------------------------------------------- folders */

static void a_folder_is_made_with_its_parents_for_its_owner_alone(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    const char *deep = path_in(box, "one/two//three/");
    mode_t before = umask(0);
    assert_true(folder_make(deep, err));
    umask(before);
    assert_true(file_exists(path_in(box, "one/two/three")));
    assert_int_equal(mode_of(path_in(box, "one")), 0700);
    assert_int_equal(mode_of(deep), 0700);
    assert_int_equal(faults.fsyncs, 3); /* the parent of each new one */
    assert_true(folder_make(deep, err));
    assert_int_equal(faults.fsyncs, 3);
    assert_true(folder_make("/", err));
    assert_true(folder_make(".", err));
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    put(box->target, SLICE("x"));
    assert_false(folder_make(box->target, err));
    assert_int_equal(err->code, ERROR_IO);
    assert_false(folder_make(path_in(box, "target/below"), err));
    assert_int_equal(err->code, ERROR_IO);
    assert_false(folder_make("", err));
    char path[5000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_false(folder_make(path, err));
    faults.fails = CALL_FSYNC;
    faults.number = EIO;
    assert_false(folder_make(path_in(box, "new"), err));
    assert_int_equal(err->code, ERROR_IO);
}

/* ---------------------------------------------------------------- writing */

static void a_file_is_written_with_its_mode_and_both_folders_are_synced(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    assert_true(file_write_durable(box->tmp, box->target, SLICE("secret"), 0600, err));
    expect_slice(get(box, box->target), "secret");
    assert_int_equal(mode_of(box->target), 0600);
    assert_int_equal(faults.fsyncs, 3); /* file, folder, tmp */
    assert_int_equal(faults.renames, 1);
    assert_int_equal(names_in(box, box->tmp), 0);
}

static void a_file_is_replaced_whole(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    put(box->target, SLICE("a longer text that was there before"));
    assert_true(file_write_unsynced_folder(box->tmp, box->target, SLICE("new"), 0644, err));
    expect_slice(get(box, box->target), "new");
    assert_int_equal(faults.fsyncs, 1);
    assert_true(file_write_durable(box->tmp, box->target, SLICE(""), 0644, err));
    assert_int_equal(get(box, box->target).len, 0);
    /* The folder of the target itself may serve for the new file. */
    faults.fsyncs = 0;
    assert_true(file_write_durable(box->path, box->target, SLICE("x"), 0644, err));
    assert_int_equal(faults.fsyncs, 2);
}

static void short_and_interrupted_writes_are_gone_on_with(void **state)
{
    struct box *box = *state;
    faults.write_most = 3;
    faults.interruptions = 5;
    assert_true(file_write_durable(box->tmp, box->target, SLICE("0123456789abcdef"), 0600,
                                   &box->world.err));
    expect_slice(get(box, box->target), "0123456789abcdef");
}

/* Whatever fails: the old file, whole, or (after the rename) the new one, whole; and nothing in
 * tmp. */
static void a_failure_leaves_the_old_file(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    static const struct {
        enum call call;
        int after, number;
        const char *left;
        int fsyncs;
    } cases[] = {
        { CALL_WRITE, 0, ENOSPC, "old", 0 },   { CALL_WRITE, 1, EIO, "old", 0 },
        { CALL_WRITE, 3, EDQUOT, "old", 0 },   { CALL_FSYNC, 0, EIO, "old", 1 },
        { CALL_CLOSE, 0, EIO, "old", 1 },      { CALL_RENAME, 0, EXDEV, "old", 1 },
        { CALL_FSYNC, 1, EIO, "new file", 2 }, { CALL_FSYNC, 2, EIO, "new file", 3 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        memset(&faults, 0, sizeof faults);
        put(box->target, SLICE("old"));
        faults.write_most = 2;
        faults.fails = cases[i].call;
        faults.after = cases[i].after;
        faults.number = cases[i].number;
        assert_false(file_write_durable(box->tmp, box->target, SLICE("new file"), 0600, err));
        /* A failed fsync is not tried again: the second might lie. */
        assert_int_equal(faults.fsyncs, cases[i].fsyncs);
        faults.fails = CALL_NONE;
        assert_int_equal(err->code, ERROR_IO);
        assert_non_null(strstr(err->message, strerror(cases[i].number)));
        expect_slice(get(box, box->target), cases[i].left);
        assert_int_equal(names_in(box, box->tmp), 0);
    }
}

static void a_target_or_tmp_folder_that_is_not_there_is_told(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    assert_false(file_write_durable(path_in(box, "none"), box->target, SLICE("x"), 0600, err));
    assert_int_equal(err->code, ERROR_NOT_FOUND);
    assert_false(file_write_durable(box->tmp, path_in(box, "none/x"), SLICE("x"), 0600, err));
    assert_int_equal(err->code, ERROR_NOT_FOUND);
    assert_int_equal(names_in(box, box->tmp), 0);
    assert_false(file_write_durable(box->path, box->tmp, SLICE("x"), 0600, err)); /* a folder */
    assert_int_equal(err->code, ERROR_IO);
    assert_false(folder_sync(path_in(box, "none"), err));
    assert_int_equal(err->code, ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOX_TEST(a_file_is_read_whole_and_ends_with_a_nul),
        BOX_TEST(a_file_larger_than_the_limit_is_refused),
        BOX_TEST(a_file_that_is_longer_than_it_says_is_read_to_its_end),
        BOX_TEST(what_is_no_regular_file_is_refused_without_waiting),
        BOX_TEST(names_come_in_the_order_of_their_bytes),
        BOX_TEST(a_folder_with_many_names_is_listed_whole),
        BOX_TEST(a_folder_is_made_with_its_parents_for_its_owner_alone),
        BOX_TEST(a_folder_that_cannot_be_made_is_told),
        BOX_TEST(a_file_is_written_with_its_mode_and_both_folders_are_synced),
        BOX_TEST(a_file_is_replaced_whole),
        BOX_TEST(short_and_interrupted_writes_are_gone_on_with),
        BOX_TEST(a_failure_leaves_the_old_file),
        BOX_TEST(a_target_or_tmp_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
