#include "report/segment_rows.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

enum { SQL_BYTES_MAX = 1 << 20 };

struct unpacking {
    int fd;
    const char *path;
};

static bool take_chunk(void *context, struct slice chunk, struct error *err)
{
    struct unpacking *unpacking = context;
    return fd_write_all(unpacking->fd, chunk, unpacking->path, err);
}

bool payload_unpack(const struct payload_source *payloads, const struct digest *commitment,
                    const char *path, struct error *err)
{
    struct slice salt, bytes;
    struct unpacking out = { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), path };
    if (out.fd < 0)
        return error_errno(err, "create", path);
    bool ok = payloads->stream ? payloads->stream(payloads, commitment, take_chunk, &out, err)
                               : payloads->open(payloads, commitment, &salt, &bytes, err) &&
                                     take_chunk(&out, bytes, err);
    if (close(out.fd) != 0 && ok)
        ok = error_errno(err, "close", path);
    return ok;
}

static void add_rows(struct strbuf *sql, const struct record_type *type, const char *path)
{
    strbuf_add_text(sql, "(select canonical_row(");
    for (size_t i = 0; i < type->columns_count; i++) {
        strbuf_add_text(sql, i ? ", " : "");
        engine_add_identifier(sql, type->columns[i].name);
    }
    strbuf_add_text(sql, ") from read_parquet(");
    engine_add_literal(sql, slice_of(path));
    strbuf_add_text(sql, ", hive_partitioning = false))");
}

bool rows_differ(struct engine *engine, const struct record_type *type, const char *one,
                 const char *other, int64_t *count, struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_add_text(&sql, "select (select count(*) from (");
    add_rows(&sql, type, one);
    strbuf_add_text(&sql, " except all ");
    add_rows(&sql, type, other);
    strbuf_add_text(&sql, ")) + (select count(*) from (");
    add_rows(&sql, type, other);
    strbuf_add_text(&sql, " except all ");
    add_rows(&sql, type, one);
    strbuf_add_text(&sql, "))");
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), count, err);
    strbuf_free(&sql);
    return ok;
}
