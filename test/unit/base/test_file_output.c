/* What a user names as output: replaced whole, or written in place. */
#include "file_box.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---------------------------------------------------------------- output */

static void output_replaces_a_file_and_keeps_its_mode(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    mode_t before = umask(022);
    assert_true(file_write_output(box->target, SLICE("one"), err));
    umask(before);
    assert_int_equal(mode_of(box->target), 0644);
    assert_int_equal(chmod(box->target, 0640), 0);
    assert_true(file_write_output(box->target, SLICE("two"), err));
    assert_int_equal(mode_of(box->target), 0640);
    expect_slice(get(box, box->target), "two");
    assert_int_equal(names_in(box, box->path), 2); /* target, tmp: nothing of ours is left */
}

static void output_follows_a_link_and_leaves_it_one(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    struct stat status;
    const char *link = path_in(box, "link");
    put(path_in(box, "tmp/real"), SLICE("old"));
    assert_int_equal(symlink("tmp/real", link), 0);
    assert_true(file_write_output(link, SLICE("new"), err));
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    expect_slice(get(box, path_in(box, "tmp/real")), "new");
}

static void output_to_a_device_is_written_in_place(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    struct stat status;
    assert_true(file_write_output("/dev/null", SLICE("x"), err));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_false(file_write_output("/dev/full", SLICE("x"), err));
    assert_int_equal(err->code, ERROR_IO);
    assert_non_null(strstr(err->message, "No space left"));
    assert_false(file_write_output(box->path, SLICE("x"), err));
    assert_int_equal(err->code, ERROR_INVALID);
}

static void output_that_fails_leaves_the_old_file(void **state)
{
    struct box *box = *state;
    struct error *err = &box->world.err;
    put(box->target, SLICE("old"));
    faults.fails = CALL_WRITE;
    faults.number = ENOSPC;
    assert_false(file_write_output(box->target, SLICE("new"), err));
    faults.fails = CALL_NONE;
    expect_slice(get(box, box->target), "old");
    assert_int_equal(names_in(box, box->path), 2);
}

static void a_dash_is_standard_output(void **state)
{
    struct box *box = *state;
    assert_int_equal(fflush(stdout), 0);
    int kept = dup(STDOUT_FILENO), fd = open(box->target, O_WRONLY | O_CREAT, 0600);
    assert_true(kept >= 0 && fd >= 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    bool ok = file_write_output("-", SLICE("out"), &box->world.err);
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    close(kept);
    close(fd);
    assert_true(ok);
    expect_slice(get(box, box->target), "out");
}

/* A pipe that another program made non-blocking, and that is full. */
static void a_descriptor_that_would_block_is_waited_for(void **state)
{
    struct box *box = *state;
    int ends[2];
    size_t len = 300000, got = 0;
    char *bytes = arena_alloc(box->world.arena, len, &box->world.err);
    memset(bytes, 'x', len);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    pid_t reader = fork();
    assert_true(reader >= 0);
    if (reader == 0) { /* reads slowly, and tells by its status whether all came */
        char piece[5000];
        ssize_t one;
        __real_close(ends[1]);
        while ((one = read(ends[0], piece, sizeof piece)) > 0) {
            got += (size_t)one;
            usleep(100);
        }
        _exit(got == len ? 0 : 1);
    }
    close(ends[0]);
    assert_true(fd_write_all(ends[1], slice_bytes(bytes, len), "pipe", &box->world.err));
    close(ends[1]);
    int status = 1;
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOX_TEST(output_replaces_a_file_and_keeps_its_mode),
        BOX_TEST(output_follows_a_link_and_leaves_it_one),
        BOX_TEST(output_to_a_device_is_written_in_place),
        BOX_TEST(output_that_fails_leaves_the_old_file),
        BOX_TEST(a_dash_is_standard_output),
        BOX_TEST(a_descriptor_that_would_block_is_waited_for),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
