#include "engine/engine_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

int world_set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/attest-engine-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    w->arena = arena_new(1 << 24, &w->err);
    struct engine_options options = { .memory_bytes_max = 256 << 20, .threads = 2 };
    w->engine = engine_open(&options, &w->err);
    assert_non_null(w->engine);
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int world_tear_down(void **state)
{
    struct world *w = *state;
    engine_close(w->engine);
    arena_free(w->arena);
    int status = nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
    return status;
}

char *world_path(struct world *w, const char *name)
{
    return arena_printf(w->arena, &w->err, "%s/%s", w->folder, name);
}

void world_runs(struct world *w, const char *sql)
{
    if (!engine_run(w->engine, slice_of(sql), &w->err))
        fail_msg("%s: %s", sql, w->err.message);
}

const char *world_rows(struct world *w, const char *sql)
{
    struct strbuf out = strbuf_new(1 << 20);
    size_t rows;
    struct engine_result *result = engine_query(w->engine, slice_of(sql), NULL, 0, &w->err);
    if (!result)
        fail_msg("%s: %s", sql, w->err.message);
    for (;;) {
        assert_true(engine_result_next(result, &rows, &w->err));
        if (rows == 0)
            break;
        for (size_t row = 0; row < rows; row++) {
            for (size_t i = 0; i < engine_result_columns(result); i++) {
                if (i > 0)
                    strbuf_add_char(&out, ' ');
                assert_true(engine_add_canonical(result, i, row, &out));
            }
            strbuf_add_char(&out, '\n');
        }
    }
    engine_result_free(result);
    char *text = arena_string(w->arena, strbuf_slice(&out), &w->err);
    strbuf_free(&out);
    return text;
}
