/* A table on disk: slots by the first bytes of the token, which is random, then the values one
 * after the other. Both are files that have no name any more, mapped: what is not used lately is
 * not in memory, and nothing is left behind by a crash. */
#include "evidence/personal_values.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "store/subjects.h"

enum { SQL_BYTES_MAX = 64 << 20, BUFFER_BYTES = 1 << 20, TOKEN_CHARS = 64 };

struct slot {
    char token[TOKEN_CHARS]; /* as it stands in the rows: what is compared for each cell */
    uint64_t at;
    uint32_t len;
    uint32_t state; /* zero: empty */
};
enum { SLOT_OPEN = 1, SLOT_CLOSED = 2 };

struct mapped {
    int fd;
    void *at; /* NULL: not mapped */
    size_t bytes;
};

struct personal_values {
    struct mapped slots, text;
    size_t slots_count; /* a power of two */
    struct strbuf buffer;
    uint64_t written; /* bytes of text before the buffer */
    uint64_t closed;
};

/* ---- files without a name ---- */

static int nameless_file(const char *folder, struct error *err)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/personal-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0) {
        error_errno(err, "create a temporary file", path);
        return -1;
    }
    if (unlink(path) == 0)
        return fd;
    error_errno(err, "unlink", path);
    (void)close(fd);
    return -1;
}

static bool map(struct mapped *file, size_t bytes, int access, struct error *err)
{
    file->bytes = bytes;
    if (bytes == 0)
        return true;
    void *at = mmap(NULL, bytes, access, MAP_SHARED, file->fd, 0);
    if (at == MAP_FAILED)
        return error_errno(err, "map", "a temporary file");
    file->at = at;
    return true;
}

static void unmap(struct mapped *file)
{
    if (file->at)
        (void)munmap(file->at, file->bytes);
    if (file->fd >= 0)
        (void)close(file->fd); /* it has no name, so nobody reads it again */
    *file = (struct mapped){ .fd = -1 };
}

static void values_free(void *context)
{
    struct personal_values *values = context;
    if (!values)
        return;
    unmap(&values->slots);
    unmap(&values->text);
    strbuf_free(&values->buffer);
    free(values);
}

static struct personal_values *values_new(const char *folder, uint64_t tokens, struct error *err)
{
    struct personal_values *values = calloc(1, sizeof *values);
    if (!values) {
        error_no_memory(err, sizeof *values);
        return NULL;
    }
    values->slots.fd = values->text.fd = -1;
    values->buffer = strbuf_new(BUFFER_BYTES + (1 << 20));
    values->slots_count = 16;
    while (values->slots_count < 2 * tokens + 2)
        values->slots_count *= 2;
    size_t bytes = values->slots_count * sizeof(struct slot);
    values->slots.fd = nameless_file(folder, err);
    values->text.fd = values->slots.fd < 0 ? -1 : nameless_file(folder, err);
    if (values->text.fd < 0)
        goto fail;
    /* Space is taken now: a full disk is an error here, and a signal once it is mapped. */
    int failed = posix_fallocate(values->slots.fd, 0, (off_t)bytes);
    if (failed) {
        error_set(err, ERROR_IO, folder, "no room for the table of personal values: %s",
                  strerror(failed));
        goto fail;
    }
    if (!map(&values->slots, bytes, PROT_READ | PROT_WRITE, err))
        goto fail;
    return values;
fail:
    values_free(values);
    return NULL;
}

/* ---- the table ---- */

/* Sixteen digits of a token, mixed: it is random, but its digits fill only half of each byte. */
static size_t hash_of(const char token[TOKEN_CHARS])
{
    uint64_t parts[2];
    memcpy(parts, token, sizeof parts);
    return (size_t)((parts[0] * UINT64_C(0x9e3779b97f4a7c15) ^ parts[1]) *
                        UINT64_C(0xbf58476d1ce4e5b9) >>
                    20);
}

static struct slot *slot_of(const struct personal_values *values, const char token[TOKEN_CHARS])
{
    struct slot *slots = values->slots.at;
    size_t mask = values->slots_count - 1;
    for (size_t at = hash_of(token) & mask;; at = (at + 1) & mask) {
        struct slot *slot = &slots[at];
        if (slot->state == 0 || memcmp(slot->token, token, TOKEN_CHARS) == 0)
            return slot;
    }
}

static bool value_find(void *context, struct slice text, struct slice *value)
{
    const struct personal_values *values = context;
    if (text.len != TOKEN_CHARS)
        return false;
    const struct slot *slot = slot_of(values, text.at);
    if (slot->state != SLOT_OPEN)
        return false;
    *value = (struct slice){ (const char *)values->text.at + slot->at, slot->len };
    if (slot->len == 0)
        value->at = "";
    return true;
}

static bool value_is_closed(void *context, struct slice text)
{
    const struct personal_values *values = context;
    return text.len == TOKEN_CHARS && slot_of(values, text.at)->state == SLOT_CLOSED;
}

static bool text_flush(struct personal_values *values, struct error *err)
{
    if (!strbuf_ok(&values->buffer, err) ||
        !fd_write_all(values->text.fd, strbuf_slice(&values->buffer), "a temporary file", err))
        return false;
    values->written += values->buffer.len;
    strbuf_clear(&values->buffer);
    return true;
}

static bool does_not_open(struct slice column, struct slice token, struct error *err)
{
    error_set(err, ERROR_CORRUPT, NULL, "the sealed value of %.*s %.12s... does not open",
              SLICE_ARG(column), token.at);
    return error_hint(err, "the key is another, or the bytes are: restore from a backup");
}

/* The value behind one row of a `personal` file. */
static bool value_keep(struct personal_values *values, struct slot *slot, struct slice column,
                       struct slice token, struct slice sealed, const uint8_t key[SEALED_KEY_BYTES],
                       struct error *err)
{
    bool ok = false;
    size_t count = 0, room = sealed.len / 4 * 3 + 3;
    uint8_t *bytes = malloc(2 * room);
    if (!bytes)
        return error_no_memory(err, 2 * room);
    uint8_t *value = bytes + room;
    if (!base64_parse(sealed, bytes, room, &count) ||
        !sealed_open(slice_bytes(bytes, count), key, column, value)) {
        does_not_open(column, token, err);
        goto done;
    }
    slot->at = values->written + values->buffer.len;
    slot->len = (uint32_t)(count - SEALED_NONCE_BYTES - SEALED_TAG_BYTES);
    slot->state = SLOT_OPEN;
    strbuf_add(&values->buffer, slice_bytes(value, slot->len));
    ok = values->buffer.len < BUFFER_BYTES ? strbuf_ok(&values->buffer, err)
                                           : text_flush(values, err);
done:
    memset(bytes, 0, 2 * room);
    free(bytes);
    return ok;
}

/* ---- reading ---- */

static struct engine_result *rows_query(struct engine *engine, const char *what,
                                        const char *const *paths, size_t count, const char *tail,
                                        struct error *err)
{
    struct engine_result *result = NULL;
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    strbuf_printf(&sql, "select %s from read_parquet([", what);
    for (size_t i = 0; i < count; i++) {
        strbuf_add_text(&sql, i ? ", " : "");
        engine_add_literal(&sql, slice_of(paths[i]));
    }
    strbuf_printf(&sql, "], hive_partitioning = false)%s", tail);
    if (strbuf_ok(&sql, err))
        result = engine_query(engine, strbuf_slice(&sql), NULL, 0, err);
    strbuf_free(&sql);
    return result;
}

static bool count_read(struct engine *engine, const char *const *paths, size_t count,
                       uint64_t *tokens, struct error *err)
{
    size_t rows = 0;
    struct engine_result *result = rows_query(engine, "count(*)", paths, count, "", err);
    bool ok = result && engine_result_next(result, &rows, err) && rows == 1;
    *tokens = ok ? (uint64_t)engine_int64(result, 0, 0) : 0;
    engine_result_free(result);
    return ok;
}

static bool row_read(struct personal_values *values, const struct engine_result *result, size_t row,
                     const struct personal_keys *keys, struct error *err)
{
    struct digest token;
    uint8_t key[SEALED_KEY_BYTES];
    bool is_found = false;
    if (engine_is_null(result, 0, row) || engine_is_null(result, 1, row) ||
        engine_is_null(result, 2, row) || !digest_from_hex(engine_text(result, 1, row), &token))
        return error_set(err, ERROR_CORRUPT, NULL, "a file of sealed values has another form");
    struct slot *slot = slot_of(values, engine_text(result, 1, row).at);
    if (slot->state != 0) /* the same value in another column or file */
        return true;
    memcpy(slot->token, engine_text(result, 1, row).at, TOKEN_CHARS);
    if (!keys->find(keys->context, &token, key, &is_found, err))
        return false;
    if (!is_found) {
        slot->state = SLOT_CLOSED;
        values->closed++;
        return true;
    }
    bool ok = value_keep(values, slot, engine_text(result, 0, row), engine_text(result, 1, row),
                         engine_text(result, 2, row), key, err);
    memset(key, 0, sizeof key);
    return ok;
}

static bool rows_read(struct personal_values *values, struct engine_result *result,
                      const struct personal_keys *keys, struct error *err)
{
    size_t rows;
    do {
        if (!engine_result_next(result, &rows, err))
            return false;
        for (size_t i = 0; i < rows; i++)
            if (!row_read(values, result, i, keys, err))
                return false;
    } while (rows > 0);
    return text_flush(values, err) && map(&values->text, (size_t)values->written, PROT_READ, err);
}

bool personal_values_open(struct engine *engine, const char *const *paths, size_t count,
                          const struct personal_keys *keys, uint64_t *closed, struct error *err)
{
    uint64_t tokens;
    *closed = 0;
    engine_set_lookup(engine, NULL);
    if (count == 0)
        return true;
    if (!count_read(engine, paths, count, &tokens, err))
        return false;
    struct personal_values *values = values_new(engine_temp_folder(engine), tokens, err);
    struct engine_result *result =
        values ? rows_query(engine, "\"column\", token, sealed", paths, count, "", err) : NULL;
    bool ok = result && rows_read(values, result, keys, err);
    engine_result_free(result);
    if (!ok) {
        values_free(values);
        return false;
    }
    *closed = values->closed;
    engine_set_lookup(engine,
                      &(struct engine_lookup){ value_find, value_is_closed, values_free, values });
    return true;
}

/* Calls `take` for each row of a query of column and token, with its key if there is one. */
typedef bool token_take(void *context, struct slice column, const struct digest *token,
                        const uint8_t *key, struct error *err);

static bool tokens_visit(struct engine_result *result, const struct personal_keys *keys,
                         token_take *take, void *context, struct error *err)
{
    size_t rows = 0;
    bool ok = result != NULL;
    do {
        ok = ok && engine_result_next(result, &rows, err);
        for (size_t i = 0; ok && i < rows; i++) {
            struct digest token;
            uint8_t key[SEALED_KEY_BYTES];
            bool is_found = false;
            ok = (digest_from_hex(engine_text(result, 1, i), &token) ||
                  error_set(err, ERROR_CORRUPT, NULL, "a token has another form")) &&
                 keys->find(keys->context, &token, key, &is_found, err) &&
                 take(context, engine_text(result, 0, i), &token, is_found ? key : NULL, err);
            memset(key, 0, sizeof key);
        }
    } while (ok && rows > 0);
    engine_result_free(result);
    return ok;
}

static bool key_add(void *context, struct slice column, const struct digest *token,
                    const uint8_t *key, struct error *err)
{
    struct strbuf *out = context;
    (void)column, (void)err;
    if (!key)
        return true;
    strbuf_add(out, slice_bytes(token->bytes, sizeof token->bytes));
    strbuf_add(out, slice_bytes(key, SEALED_KEY_BYTES));
    return strbuf_ok(out, err);
}

bool personal_values_keys(struct engine *engine, const char *const *paths, size_t count,
                          const struct personal_keys *keys, struct strbuf *out, struct error *err)
{
    return tokens_visit(
        rows_query(engine, "distinct '' as \"column\", token", paths, count, " order by 2", err),
        keys, key_add, out, err);
}

struct closed_take {
    personal_take *take;
    void *context;
};

static bool closed_visit(void *context, struct slice column, const struct digest *token,
                         const uint8_t *key, struct error *err)
{
    struct closed_take *closed = context;
    return key || closed->take(closed->context, column, token, err);
}

bool personal_values_closed(struct engine *engine, const char *const *paths, size_t count,
                            const struct personal_keys *keys, personal_take *take, void *context,
                            struct error *err)
{
    struct closed_take closed = { take, context };
    return count == 0 || tokens_visit(rows_query(engine, "distinct \"column\", token", paths, count,
                                                 " order by 1, 2", err),
                                      keys, closed_visit, &closed, err);
}

static bool store_find(void *context, const struct digest *token, uint8_t key[SEALED_KEY_BYTES],
                       bool *is_found, struct error *err)
{
    return subject_key(context, token, key, is_found, err);
}

struct personal_keys personal_keys_of(struct store *store)
{
    return (struct personal_keys){ store_find, store };
}
