#include "evidence/derived.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/sealing.h"
#include "evidence/segment_append.h"
#include "evidence/segments.h"
#include "program/population_types.h"

enum { PATH_BYTES = 4096 };

/* A new name in a folder. */
static void path_make(const char *folder, const char *what, char path[PATH_BYTES])
{
    uint64_t number;
    random_fill(&number, sizeof number);
    (void)snprintf(path, PATH_BYTES, "%s/%s-%016llx", folder, what, (unsigned long long)number);
}

static bool lines_write(const char *path, struct slice lines, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, "create", path);
    bool ok = fd_write_all(fd, lines, path, err);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, "close", path);
    return ok;
}

bool derived_parquet_write(struct engine *engine, struct arena *arena,
                           const struct derived_rows *rows, const char *folder,
                           const char *parquet_path, struct transaction *seals,
                           const char *personal_path, struct segment_content *content,
                           struct error *err)
{
    char path[PATH_BYTES];
    /* That a table is empty, or a row undated, is for the population to tell. */
    struct findings findings = { 0 };
    const struct source source = { .id = rows->type->id,
                                   .population = rows->type->id,
                                   .reader = SLICE("ndjson"),
                                   .stops_at_unknown = true };
    struct segment_request request = { .engine = engine,
                                       .source = &source,
                                       .type = rows->type,
                                       .path = path,
                                       .parquet_path = parquet_path,
                                       .seals = seals,
                                       .personal_path = personal_path,
                                       .tmp_folder = folder,
                                       .findings = &findings };
    path_make(folder, rows->type->id.at, path);
    bool ok = lines_write(path, rows->lines, err) && segment_write(&request, arena, content, err);
    if (!ok && err->code == ERROR_INVALID && err->where[0]) {
        /* The file is gone when this is read: what it was made for says more. */
        struct slice head, rest = slice_of(err->where);
        char where[sizeof err->where];
        while (slice_split(rest, '/', &head, &rest))
            ;
        (void)snprintf(where, sizeof where, "%.*s", SLICE_ARG(rest));
        (void)snprintf(err->where, sizeof err->where, "%s", where);
    }
    (void)unlink(path); /* the store's tmp folder is emptied when it is opened next */
    findings_free(&findings);
    return ok;
}

/* Whether the segment that counts says the same. */
static bool is_said(struct store *store, struct arena *arena, const struct derived_rows *rows,
                    const struct population_type *type, bool *is, struct error *err)
{
    struct segment_list list;
    struct digest digest = sha256_of(rows->lines);
    int64_t version = 0;
    char text[72];
    *is = false;
    if (!segments_that_count(store, arena, rows->type, store_size(store), &list, err))
        return false;
    digest_text(&digest, text);
    if (list.count == 0)
        return true;
    const struct value *object = list.items[list.count - 1].object;
    *is = slice_is(value_text_of(object, "raw_digest"), text) &&
          value_to_i64(value_member(object, "type_version"), &version) &&
          (uint64_t)version == type->version;
    return true;
}

bool derived_segment_write(struct store *store, const struct catalogue *catalogue,
                           struct engine *engine, struct transaction *tx,
                           const struct derived_rows *rows, bool *is_written, struct error *err)
{
    char parquet_path[PATH_BYTES] = "", personal_path[PATH_BYTES] = "";
    struct arena *arena = transaction_arena(tx);
    struct population_type type;
    struct segment_content content;
    size_t position;
    bool is = false, ok = false;
    *is_written = false;
    if (!population_type_get(store, catalogue, arena, rows->type->id, store_size(store), &type,
                             err) ||
        !is_said(store, arena, rows, &type, &is, err))
        return false;
    if (is)
        return true;
    path_make(store_tmp(store), "segment", parquet_path);
    if (record_type_has_personal(rows->type))
        path_make(store_tmp(store), "sealed", personal_path);
    if (!derived_parquet_write(engine, arena, rows, store_tmp(store), parquet_path, tx,
                               personal_path, &content, err))
        goto done;
    struct segment_record record = { .type = rows->type,
                                     .source = SLICE("program/attest"),
                                     .inputs = rows->inputs,
                                     .inputs_count = rows->inputs_count,
                                     .file = rows->type->id.at,
                                     .imported_by = SLICE("program/attest"),
                                     .reader = SLICE("derived"),
                                     .content = &content,
                                     .parquet_path = parquet_path,
                                     .personal_path = personal_path };
    ok = segment_append(store, catalogue, engine, tx, &record, &position, err);
    *is_written = ok;
done:
    if (parquet_path[0])
        (void)unlink(parquet_path);
    if (personal_path[0])
        (void)unlink(personal_path);
    return ok;
}
