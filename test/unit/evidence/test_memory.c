/* Memory that runs out at any point of an import stops it with an error, on whichever thread it
 * happens, and no thread waits for another that has given up. The linker puts these in the place of
 * malloc and its like, in our own objects. */
#include "evidence/evidence_world.h"

#include <stdatomic.h>
#include <string.h>

/* The names are the linker's (--wrap). NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static atomic_bool is_counting, fails_on;
static atomic_long calls_left; /* the call that finds 0 fails; with fails_on all after it as well */

static bool runs_out(void)
{
    if (!atomic_load(&is_counting))
        return false;
    long left = atomic_fetch_sub(&calls_left, 1);
    return left == 0 || (left < 0 && atomic_load(&fails_on));
}

void *__wrap_malloc(size_t size) { return runs_out() ? NULL : __real_malloc(size); }

void *__wrap_calloc(size_t count, size_t size)
{
    return runs_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size) { return runs_out() ? NULL : __real_realloc(at, size); }

/* Reads the file with ever more memory until it is enough. */
static void reads_or_says_why(struct world *w, const char *path, bool goes_on)
{
    long calls = 0;
    for (bool is_read = false; !is_read; calls++) {
        assert_true(calls < 20000);
        atomic_store(&calls_left, calls);
        atomic_store(&fails_on, !goes_on);
        atomic_store(&is_counting, true);
        is_read = world_read(w, path);
        atomic_store(&is_counting, false);
        if (!is_read && w->err.code != ERROR_NO_MEMORY)
            fail_msg("call %ld: code %d: %s", calls, w->err.code, w->err.message);
        w->rejects.failed = w->packed.failed = false;
    }
    assert_true(calls > 10);
    assert_digest_of_rows(w);
}

static void set_up(struct world *w, const char *source)
{
    world_type(w, "kind: PopulationType\nid: p\nkey: [id]\ntime: at\ncolumns:\n"
                  "  id: {type: text}\n  at: {type: timestamp}\n  who: {type: text}\n"
                  "  tags: {type: 'list<text>'}\n");
    world_source(w, source);
    w->keeps = true;
}

static void both_ways(struct world *w, const char *path)
{
    reads_or_says_why(w, path, false);
    reads_or_says_why(w, path, true);
}

static void ndjson_without_memory_is_an_error(void **state)
{
    struct world *w = *state;
    set_up(w, "kind: Source\nid: s\npopulation: p\nreader: ndjson\neach: rows\non_bad: set-aside\n"
              "timezone: Europe/Berlin\n"
              "fields: {id: rows.id, at: at, who: rows.user.name, tags: rows.tags}\n");
    both_ways(w,
              world_file(w, "x.ndjson",
                         SLICE("{\"at\":\"2023-01-01T00:00:00\",\"rows\":[{\"id\":\"1\",\"user\":"
                               "{\"name\":\"a\\u00e9\",\"more\":1},\"tags\":[\"x\",null]}]}\n"
                               "{\"rows\":[{\"id\":2}]}\nbad\n{\"other\":{}}\n")));
    assert_int_equal(w->content.counts.kept, 1);
    assert_int_equal(w->content.counts.set_aside, 2);
}

static void csv_without_memory_is_an_error(void **state)
{
    struct world *w = *state;
    set_up(w, "kind: Source\nid: s\npopulation: p\nreader: csv\non_bad: set-aside\n");
    both_ways(w, world_file(w, "x.csv",
                            SLICE("id,who,other,tags\n1,\"a \"\"b\"\"\",x,\"[\"\"t\"\"]\"\n"
                                  "2,3\n4,\"\",,\n")));
    assert_int_equal(w->content.counts.kept, 2);
}

static void parquet_without_memory_is_an_error(void **state)
{
    struct world *w = *state;
    set_up(w, "kind: Source\nid: s\npopulation: p\nreader: parquet\n");
    assert_true(engine_query_int64(w->engine, SLICE("select 1"), &(int64_t){ 0 }, &w->err));
    struct strbuf sql = strbuf_new(4096);
    strbuf_printf(&sql,
                  "copy (select 'a' as id, ['x'] as tags, 1 as more) to '%s' (format parquet)",
                  world_path(w, "x.parquet"));
    assert_true(engine_run(w->engine, strbuf_slice(&sql), &w->err));
    strbuf_free(&sql);
    both_ways(w, world_path(w, "x.parquet"));
    assert_int_equal(w->content.counts.kept, 1);
}

static void git_without_memory_is_an_error(void **state)
{
    struct world *w = *state;
    set_up(w, "kind: Source\nid: s\npopulation: p\nreader: git\n"
              "fields: {id: id, at: committed_at, who: author_name, tags: tags}\n");
    world_shell(w, "git init -q -b main r; cd r; echo 1 >a; git add .\n"
                   "printf 'Ann <a@x.test> <b@x.test>\\n' >.mailmap; git add .\n"
                   "git -c user.name=B -c user.email=b@x.test commit -q -m 'One' "
                   "-m 'Reviewed-by: C <c@x.test>'\n"
                   "git tag t");
    both_ways(w, world_path(w, "r"));
    assert_int_equal(w->content.counts.kept, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(ndjson_without_memory_is_an_error),
        WORLD_TEST(csv_without_memory_is_an_error),
        WORLD_TEST(parquet_without_memory_is_an_error),
        WORLD_TEST(git_without_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
