/* What a power cut could take is never signed: at the moment at which a head is renamed into place,
 * every file written so far is synced, and so is every folder that got a new name. And when a
 * commit is acknowledged, the head is as durable.
 *
 * The functions that write are replaced in this program, so that those of SQLite are watched as
 * well. They keep a list of what is not on the disk yet. */
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "store/store_world.h"

enum { DIRTY_MAX = 1024, NAME_MAX_HERE = 200 };

static struct {
    bool is_watching;
    size_t count;
    ino_t dirty[DIRTY_MAX]; /* files and folders with changes that are not synced */
    char names[DIRTY_MAX][NAME_MAX_HERE];
    char unneeded[2][NAME_MAX_HERE]; /* files on which nothing rests */
    unsigned heads, renames;
    char violation[1024];
} watch;

static void mark(ino_t file, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(watch.unneeded); i++) {
        struct stat st;
        if (stat(watch.unneeded[i], &st) == 0 && st.st_ino == file)
            return;
    }
    for (size_t i = 0; i < watch.count; i++) {
        if (watch.dirty[i] == file)
            return;
    }
    if (watch.count == DIRTY_MAX) {
        (void)snprintf(watch.violation, sizeof(watch.violation), "too many files to watch");
        return;
    }
    watch.dirty[watch.count] = file;
    (void)snprintf(watch.names[watch.count], sizeof(watch.names[0]), "%s", name);
    watch.count++;
}

static void clear(ino_t file)
{
    for (size_t i = 0; i < watch.count; i++) {
        if (watch.dirty[i] != file)
            continue;
        watch.count--;
        watch.dirty[i] = watch.dirty[watch.count];
        memcpy(watch.names[i], watch.names[watch.count], sizeof(watch.names[0]));
        return;
    }
}

static bool is_dirty(ino_t file)
{
    for (size_t i = 0; i < watch.count; i++) {
        if (watch.dirty[i] == file)
            return true;
    }
    return false;
}

static void violated(const char *what, const char *path)
{
    if (!watch.violation[0])
        (void)snprintf(watch.violation, sizeof(watch.violation),
                       "%s: %s (%zu not synced, one is %s)", what, path, watch.count,
                       watch.count > 0 ? watch.names[0] : "none");
}

static void wrote(int fd)
{
    struct stat st;
    char name[32];
    if (!watch.is_watching || fd <= STDERR_FILENO || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    (void)snprintf(name, sizeof(name), "descriptor %d", fd);
    mark(st.st_ino, name);
}

static void synced(int fd)
{
    struct stat st;
    if (watch.is_watching && fstat(fd, &st) == 0)
        clear(st.st_ino);
}

/* A new or lost name in the folder of a path. */
static void changed_folder_of(const char *path)
{
    struct stat st;
    char copy[512];
    (void)snprintf(copy, sizeof(copy), "%s", path);
    const char *folder = dirname(copy);
    if (stat(folder, &st) == 0)
        mark(st.st_ino, folder);
}

static void renames(const char *from, const char *to)
{
    struct stat st;
    if (!watch.is_watching || stat(from, &st) != 0)
        return;
    watch.renames++;
    if (is_dirty(st.st_ino))
        violated("renamed before it was synced", to);
    if (strstr(to, "/ledger/head")) {
        watch.heads++;
        if (watch.count > 0)
            violated("signed before all was synced", to);
    }
    if (strstr(to, "/public/checkpoint") && watch.count > 0)
        violated("shown before the head was durable", to);
    changed_folder_of(from);
    if (!strstr(to, "/public/checkpoint")) /* opening publishes it again */
        changed_folder_of(to);
}

/* The next definition of a function after ours. */
#define REAL(name, type)                                                                           \
    *(type *)&(void *) { dlsym(RTLD_NEXT, name) }

ssize_t write(int fd, const void *bytes, size_t count)
{
    typedef ssize_t (*function)(int, const void *, size_t);
    wrote(fd);
    return (REAL("write", function))(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    typedef ssize_t (*function)(int, const void *, size_t, off_t);
    wrote(fd);
    return (REAL("pwrite64", function))(fd, bytes, count, offset);
}

int ftruncate(int fd, off_t size)
{
    typedef int (*function)(int, off_t);
    wrote(fd);
    return (REAL("ftruncate64", function))(fd, size);
}

int fsync(int fd)
{
    synced(fd);
    return 0; /* no power is cut here */
}

int fdatasync(int fd)
{
    synced(fd);
    return 0;
}

int rename(const char *from, const char *to)
{
    typedef int (*function)(const char *, const char *);
    renames(from, to);
    return (REAL("rename", function))(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    typedef int (*function)(const char *, mode_t);
    int result = (REAL("mkdir", function))(path, mode);
    if (watch.is_watching && result == 0)
        changed_folder_of(path);
    return result;
}

/* ---------------------------------------------------------------- tests */

static void watch_begin(struct world *w)
{
    memset(&watch, 0, sizeof(watch));
    /* Who writes, and SQLite's index of its log, which it makes anew from the log. */
    (void)snprintf(watch.unneeded[0], NAME_MAX_HERE, "%s/ledger/lock", w->folder);
    (void)snprintf(watch.unneeded[1], NAME_MAX_HERE, "%s/store.db-shm", w->folder);
    watch.is_watching = true;
}

static void watch_end(void)
{
    watch.is_watching = false;
    watch.count = 0;
    if (watch.violation[0])
        fail_msg("%s", watch.violation);
}

/* Only temporary names may be left: opening deletes them. */
static void assert_durable(struct world *w)
{
    struct stat tmp;
    assert_int_equal(stat(world_path(w, "ledger/tmp"), &tmp), 0);
    for (size_t i = 0; i < watch.count; i++) {
        if (watch.dirty[i] != tmp.st_ino)
            fail_msg("acknowledged before it was synced: %s", watch.names[i]);
    }
}

static void commit(struct world *w, size_t count, size_t text_bytes)
{
    char *text = arena_alloc(w->arena, text_bytes + 1, &w->err);
    memset(text, 'x', text_bytes);
    struct transaction *tx = world_transaction(w);
    for (size_t i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "C-%llu", (unsigned long long)store_size(w->store) + i);
        world_put_in(w, tx, id, 1, text);
    }
    world_commit(w, tx);
    assert_durable(w);
}

static void everything_is_synced_before_it_is_signed_and_signed_before_it_is_shown(void **state)
{
    struct world *w = *state;
    watch_begin(w);
    commit(w, 1, 20);        /* rows */
    commit(w, 2, 70 * 1024); /* payload files */
    commit(w, 252, 20);      /* a full tile and its parent */
    commit(w, 700, 20);      /* several */
    commit(w, 1, 70 * 1024);
    watch_end();
    assert_int_equal(watch.heads, 5);
    assert_true(watch.renames > 25); /* fewer would mean that nothing was replaced */
}

static void opening_makes_durable_what_it_found_before_it_builds_on_it(void **state)
{
    struct world *w = *state;
    commit(w, 300, 20);
    store_close(w->store);
    w->store = NULL;
    watch_begin(w);
    world_reopen(w);
    assert_int_equal(watch.heads, 1); /* written again: what was read may be in a cache only */
    assert_durable(w);
    commit(w, 1, 20);
    watch_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            everything_is_synced_before_it_is_signed_and_signed_before_it_is_shown, world_begin,
            world_end),
        cmocka_unit_test_setup_teardown(opening_makes_durable_what_it_found_before_it_builds_on_it,
                                        world_begin, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
