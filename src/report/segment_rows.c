#include "report/segment_rows.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/personal_values.h"
#include "verify/verify.h"

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

static bool verifier_find(void *context, const struct digest *token, uint8_t key[SEALED_KEY_BYTES],
                          bool *is_found, struct error *err)
{
    return verifier_subject_key(context, token, key, is_found, err);
}

struct personal_keys verifier_keys(struct verifier *verifier)
{
    return (struct personal_keys){ verifier_find, verifier };
}

bool sealed_rows_open(struct verifier *verifier, struct engine *engine,
                      const struct digest *personal, const char *path, struct sealed_rows *sealed,
                      struct error *err)
{
    struct personal_keys keys = verifier_keys(verifier);
    *sealed = (struct sealed_rows){ .is_sealed = personal != NULL };
    return !personal || (payload_unpack(verifier_payloads(verifier), personal, path, err) &&
                         personal_values_open(engine, &path, 1, &keys, &sealed->closed, err));
}

static void add_file(struct strbuf *sql, const char *path)
{
    strbuf_add_text(sql, "read_parquet(");
    engine_add_literal(sql, slice_of(path));
    strbuf_add_text(sql, ", hive_partitioning = false)");
}

struct comparing_rows {
    const struct record_type *type;
    const char *ours, *theirs;
    const struct sealed_rows *sealed;
};

static void add_call(struct strbuf *sql, const char *function, struct slice column)
{
    strbuf_add_text(sql, function);
    strbuf_add_char(sql, '(');
    engine_add_identifier(sql, column);
    strbuf_add_char(sql, ')');
}

/* A cell of theirs. A value that cannot be read is told apart by its token being what it gives. */
static void add_their_cell(struct strbuf *sql, const struct comparing_rows *c, struct slice column,
                           bool is_sealed)
{
    if (!is_sealed) {
        engine_add_identifier(sql, column);
        return;
    }
    if (c->sealed->closed == 0) {
        add_call(sql, "personal_value", column);
        return;
    }
    strbuf_add_text(sql, "case when ");
    add_call(sql, "personal_value", column);
    strbuf_add_text(sql, " = ");
    engine_add_identifier(sql, column);
    strbuf_add_text(sql, " then '(closed)' else ");
    add_call(sql, "personal_value", column);
    strbuf_add_text(sql, " end");
}

/* A cell of ours, compared with theirs of which some cannot be read. */
static void add_our_cell(struct strbuf *sql, const struct comparing_rows *c, struct slice column,
                         bool is_sealed)
{
    if (!is_sealed || c->sealed->closed == 0) {
        engine_add_identifier(sql, column);
        return;
    }
    strbuf_add_text(sql, "case when ");
    engine_add_identifier(sql, column);
    strbuf_add_text(sql, " is null or ");
    engine_add_identifier(sql, column);
    strbuf_add_text(sql, " in (select ");
    add_call(sql, "personal_value", column);
    strbuf_add_text(sql, " from ");
    add_file(sql, c->theirs);
    strbuf_add_text(sql, " where ");
    engine_add_identifier(sql, column);
    strbuf_add_text(sql, " is not null) then ");
    engine_add_identifier(sql, column);
    strbuf_add_text(sql, " else '(closed)' end");
}

static void add_rows(struct strbuf *sql, const struct comparing_rows *c, bool is_ours)
{
    strbuf_add_text(sql, "(select canonical_row(");
    for (size_t i = 0; i < c->type->columns_count; i++) {
        struct slice column = c->type->columns[i].name;
        bool is_sealed = c->sealed->is_sealed && c->type->columns[i].is_personal;
        strbuf_add_text(sql, i ? ", " : "");
        if (is_ours)
            add_our_cell(sql, c, column, is_sealed);
        else
            add_their_cell(sql, c, column, is_sealed);
    }
    strbuf_add_text(sql, ") from ");
    add_file(sql, is_ours ? c->ours : c->theirs);
    strbuf_add_char(sql, ')');
}

bool rows_differ(struct engine *engine, const struct record_type *type, const char *ours,
                 const char *theirs, const struct sealed_rows *sealed, int64_t *count,
                 struct error *err)
{
    const struct comparing_rows c = { type, ours, theirs, sealed };
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    for (int is_ours = 0; is_ours < 2; is_ours++) {
        strbuf_add_text(&sql, is_ours ? " + " : "select ");
        strbuf_add_text(&sql, "(select count(*) from (");
        add_rows(&sql, &c, is_ours);
        strbuf_add_text(&sql, " except all ");
        add_rows(&sql, &c, !is_ours);
        strbuf_add_text(&sql, "))");
    }
    bool ok = strbuf_ok(&sql, err) && engine_query_int64(engine, strbuf_slice(&sql), count, err);
    strbuf_free(&sql);
    return ok;
}
