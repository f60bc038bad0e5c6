#include "evidence/evidence_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

enum { ARENA_BYTES = 256 << 20, TEXT_BYTES = 256 << 20 };

int world_begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct engine_options options = { .memory_bytes_max = 512u << 20, .threads = 2 };
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/attest-evidence-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    w->arena = arena_new(ARENA_BYTES, &w->err);
    w->engine = engine_open(&options, &w->err);
    assert_true(w->arena && w->engine);
    w->rejects = w->packed = strbuf_new(TEXT_BYTES);
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

int world_end(void **state)
{
    struct world *w = *state;
    engine_close(w->engine);
    (void)nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    findings_free(&w->findings);
    strbuf_free(&w->rejects);
    strbuf_free(&w->packed);
    arena_free(w->arena);
    free(w);
    return 0;
}

static const struct value *document(struct world *w, const char *yaml)
{
    struct yaml_documents documents;
    struct slice text;
    assert_true(arena_copy(w->arena, slice_of(yaml), &text, &w->err));
    if (!yaml_parse(w->arena, text, "test.yaml", &yaml_limits_default, &documents, &w->findings,
                    &w->err))
        fail_msg("%s: %s", w->findings.items[0].error.where, w->findings.items[0].error.message);
    assert_int_equal(documents.count, 1);
    return documents.items[0];
}

void world_type(struct world *w, const char *yaml)
{
    if (!record_type_read(w->arena, document(w, yaml), &w->type, &w->err))
        fail_msg("%s: %s", w->err.where, w->err.message);
}

void world_source(struct world *w, const char *yaml)
{
    if (!source_read(w->arena, document(w, yaml), &w->source, &w->err))
        fail_msg("%s: %s", w->err.where, w->err.message);
}

const char *world_path(struct world *w, const char *name)
{
    char *path = arena_printf(w->arena, &w->err, "%s/%s", w->folder, name);
    assert_non_null(path);
    return path;
}

const char *world_file(struct world *w, const char *name, struct slice bytes)
{
    const char *path = world_path(w, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (bytes.len)
        assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *world_shell(struct world *w, const char *script)
{
    char room[4096];
    struct strbuf command = strbuf_new(1 << 20), out = strbuf_new(1 << 20);
    strbuf_printf(&command, "set -e; cd '%s'; export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1\n%s",
                  w->folder, script);
    FILE *pipe = popen(command.at, "r"); /* our own script. NOLINT(cert-env33-c) */
    assert_non_null(pipe);
    for (size_t len; (len = fread(room, 1, sizeof room, pipe)) > 0;)
        strbuf_add(&out, (struct slice){ room, len });
    assert_int_equal(pclose(pipe), 0);
    char *text = arena_string(w->arena, strbuf_slice(&out), &w->err);
    assert_non_null(text);
    strbuf_free(&command);
    strbuf_free(&out);
    return text;
}

static bool keep(void *context, struct slice packed, struct error *err)
{
    struct world *w = context;
    strbuf_add(&w->packed, packed);
    return strbuf_ok(&w->packed, err);
}

static bool reject(void *context, struct slice line, struct error *err)
{
    struct world *w = context;
    strbuf_add(&w->rejects, line);
    return strbuf_ok(&w->rejects, err);
}

bool world_read(struct world *w, const char *path)
{
    findings_free(&w->findings);
    strbuf_clear(&w->rejects);
    strbuf_clear(&w->packed);
    w->err = (struct error){ 0 };
    struct segment_request request = {
        .engine = w->engine,
        .source = &w->source,
        .type = &w->type,
        .path = path,
        .parquet_path = world_path(w, "segment"),
        .tmp_folder = w->folder,
        .record_bytes_max = w->record_bytes_max,
        .reject = reject,
        .reject_context = w,
        .findings = &w->findings,
    };
    if (w->keeps)
        request.keep = (struct input_options){ .keep = keep, .keep_context = w };
    return segment_write(&request, w->arena, &w->content, &w->err);
}

void world_reads(struct world *w, const char *name, const char *bytes)
{
    if (!world_read(w, world_file(w, name, slice_of(bytes))))
        fail_msg("%s: %s (%s)", w->err.where, w->err.message, w->err.hint);
    assert_digest_of_rows(w);
}

static const char *without_folder(const struct world *w, const char *where)
{
    size_t len = strlen(w->folder);
    return strncmp(where, w->folder, len) == 0 ? where + len + 1 : where;
}

void world_refuses(struct world *w, const char *name, const char *bytes, const char *where,
                   const char *message)
{
    if (world_read(w, world_file(w, name, slice_of(bytes))))
        fail_msg("was read: %s", bytes);
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_string_equal(without_folder(w, w->err.where), where);
    if (!strstr(w->err.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, w->err.message);
}

const char *world_rows(struct world *w)
{
    struct strbuf out = strbuf_new(TEXT_BYTES), sql = strbuf_new(1 << 16);
    size_t rows;
    strbuf_add(&sql, SLICE("select canonical_row("));
    for (size_t i = 0; i < w->type.columns_count; i++) {
        if (i > 0)
            strbuf_add(&sql, SLICE(", "));
        engine_add_identifier(&sql, w->type.columns[i].name);
    }
    strbuf_add(&sql, SLICE(") from read_parquet("));
    engine_add_literal(&sql, slice_of(world_path(w, "segment")));
    strbuf_add(&sql, SLICE(", file_row_number = true) order by file_row_number"));
    struct engine_result *result = engine_query(w->engine, strbuf_slice(&sql), NULL, 0, &w->err);
    if (!result)
        fail_msg("%s", w->err.message);
    do {
        assert_true(engine_result_next(result, &rows, &w->err));
        for (size_t row = 0; row < rows; row++) {
            strbuf_add(&out, engine_text(result, 0, row));
            strbuf_add_char(&out, '\n');
        }
    } while (rows > 0);
    engine_result_free(result);
    char *text = arena_string(w->arena, strbuf_slice(&out), &w->err);
    strbuf_free(&out);
    strbuf_free(&sql);
    assert_non_null(text);
    return text;
}

void assert_digest_of_rows(struct world *w)
{
    struct digest expected = sha256_of(slice_of(world_rows(w)));
    assert_true(digest_equal(&expected, &w->content.counts.row_digest));
}

void assert_warning(struct world *w, size_t index, const char *where, const char *message)
{
    assert_true(index < w->findings.count);
    const struct finding *finding = &w->findings.items[index];
    assert_true(finding->is_warning);
    assert_string_equal(without_folder(w, finding->error.where), where);
    if (!strstr(finding->error.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, finding->error.message);
}
