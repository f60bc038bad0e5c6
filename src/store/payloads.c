/* Payloads: bytes under a random salt, named by c = SHA-256(salt || bytes).
 *
 * Salts always lie in the database. Bytes up to 64 KiB lie beside them; larger ones in the file
 * payload/ab/<hex c>, which is durable before its row is. A file without a row is what an
 * interrupted commit left; opening for writing deletes it. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/entry.h"
#include "store/store_private.h"

enum { CHUNK_BYTES = 64 * 1024 };
/* What a source may hold in memory at a time: documents, not populations. */
#define SOURCE_BYTES_MAX ((size_t)1024 * 1024 * 1024)

void payload_path(char out[STORE_PATH_MAX], const struct store *store, const struct digest *c)
{
    char hex[65];
    digest_hex(c, hex);
    int written = snprintf(out, STORE_PATH_MAX, "%s/%.2s/%s", store->payload_folder, hex, hex);
    assert(written > 0 && written < STORE_PATH_MAX);
    (void)written;
}

/* What the database holds of a payload. */
struct found {
    uint8_t salt[32];
    uint64_t size;
    bool is_file;
    struct slice bytes; /* in the arena, if not in a file */
};

/* arena may be NULL if the bytes are not wanted. */
static bool payload_find(struct store *store, struct arena *arena, const struct digest *c,
                         struct found *found, bool *is_found, struct error *err)
{
    struct query query;
    bool ok = false;
    *found = (struct found){ 0 };
    *is_found = false;
    if (!query_begin(store, "select salt, size, bytes is null, bytes from payload where c = ?",
                     &query, err))
        goto done;
    query_blob(&query, 1, c->bytes, sizeof(c->bytes));
    if (!query_next(&query, is_found, err))
        goto done;
    ok = true;
    if (!*is_found)
        goto done;
    found->size = column_number(&query, 1);
    found->is_file = column_number(&query, 2) != 0;
    ok = column_fixed(&query, 0, found->salt, sizeof(found->salt), err) &&
         (found->is_file || !arena || column_copy(&query, 3, arena, &found->bytes, err));
done:
    query_end(&query);
    return ok;
}

static bool not_held(struct error *err, const struct digest *c)
{
    char hex[65];
    digest_hex(c, hex);
    return error_set(err, ERROR_NOT_FOUND, NULL, "no payload %s is held here", hex);
}

static bool not_equal(struct store *store, struct error *err, const struct digest *c,
                      const char *where)
{
    char hex[65];
    digest_hex(c, hex);
    error_set(err, ERROR_CORRUPT, where ? where : store->database,
              "expected the payload with commitment %s, found other bytes", hex);
    return error_hint(err, "restore it from a backup; the ledger's entry tells only that it was "
                           "changed");
}

static bool file_bytes(struct arena *arena, const char *path, uint64_t size, struct slice *bytes,
                       struct error *err)
{
    if (size >= SIZE_MAX)
        return error_no_memory(err, SIZE_MAX);
    if (file_read(arena, path, (size_t)size + 1, bytes, err))
        return true;
    if (err->code == ERROR_NOT_FOUND || err->code == ERROR_INVALID) {
        err->code = ERROR_CORRUPT;
        (void)error_hint(err, "restore the payload file from a backup");
    }
    return false;
}

bool payload_get(struct store *store, struct arena *arena, const struct digest *c, uint8_t salt[32],
                 struct slice *bytes, struct error *err)
{
    struct found found;
    bool is_found = false;
    char path[STORE_PATH_MAX];
    if (!payload_find(store, arena, c, &found, &is_found, err))
        return false;
    if (!is_found)
        return not_held(err, c);
    if (found.is_file) {
        payload_path(path, store, c);
        if (!file_bytes(arena, path, found.size, &found.bytes, err))
            return false;
    }
    struct digest is = commitment(found.salt, found.bytes);
    if (!digest_equal(&is, c))
        return not_equal(store, err, c, found.is_file ? path : NULL);
    memcpy(salt, found.salt, sizeof(found.salt));
    *bytes = found.bytes;
    return true;
}

bool payload_file(struct store *store, struct arena *arena, const struct digest *c,
                  uint8_t salt[32], char **path, struct error *err)
{
    struct found found;
    bool is_found = false;
    char text[STORE_PATH_MAX];
    if (!payload_find(store, NULL, c, &found, &is_found, err))
        return false;
    if (!is_found || !found.is_file)
        return not_held(err, c);
    memcpy(salt, found.salt, sizeof(found.salt));
    payload_path(text, store, c);
    *path = arena_string(arena, slice_of(text), err);
    return *path != NULL;
}

struct value *payload_value(struct arena *arena, const struct payload *payload, struct error *err)
{
    char hex[65];
    struct value *value = value_new(arena, VALUE_OBJECT, err);
    digest_hex(&payload->c, hex);
    if (!value || !value_put_i64(arena, value, "bytes", (int64_t)payload->bytes, err) ||
        !value_put_text(arena, value, "c", slice_of(hex), err))
        return NULL;
    return value;
}

/* ---------------------------------------------------------------- streaming */

/* Gives a file's bytes in chunks. */
static bool file_stream(const char *path, payload_take_fn *take, void *context, struct error *err)
{
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *chunk = malloc(CHUNK_BYTES);
    if (fd < 0) {
        error_errno(err, "open", path);
        goto done;
    }
    if (!chunk) {
        error_no_memory(err, CHUNK_BYTES);
        goto done;
    }
    for (;;) {
        ssize_t got = read(fd, chunk, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_errno(err, "read", path);
            goto done;
        }
        if (got == 0)
            break;
        if (!take(context, (struct slice){ chunk, (size_t)got }, err))
            goto done;
    }
    ok = true;
done:
    free(chunk);
    if (fd >= 0)
        (void)close(fd); /* only read */
    return ok;
}

struct hashing {
    struct sha256 hash;
    uint64_t bytes;
};

static bool hash_chunk(void *context, struct slice chunk, struct error *err)
{
    struct hashing *hashing = context;
    (void)err;
    sha256_add(&hashing->hash, chunk);
    hashing->bytes += chunk.len;
    return true;
}

bool payload_file_matches(const char *path, const uint8_t salt[32], const struct digest *c,
                          uint64_t bytes, bool *is_equal, struct error *err)
{
    struct hashing hashing = { .bytes = 0 };
    struct digest digest;
    sha256_start(&hashing.hash);
    sha256_add(&hashing.hash, slice_bytes(salt, 32));
    *is_equal = false;
    if (!file_exists(path))
        return true;
    if (!file_stream(path, hash_chunk, &hashing, err))
        return false;
    sha256_finish(&hashing.hash, &digest);
    *is_equal = hashing.bytes == bytes && digest_equal(&digest, c);
    return true;
}

/* ---------------------------------------------------------------- the source of rules.h */

/* The salt and name of c/<hex>, which is a commitment as well. */
static bool name_find(struct store *store, struct arena *arena, const struct digest *c,
                      struct found *found, bool *is_found, struct error *err)
{
    struct query query;
    bool ok = false;
    *is_found = false;
    if (!query_begin(store, "select salt, name from name_salt where c = ?", &query, err))
        goto done;
    query_blob(&query, 1, c->bytes, sizeof(c->bytes));
    if (!query_next(&query, is_found, err))
        goto done;
    ok = !*is_found || (column_fixed(&query, 0, found->salt, sizeof(found->salt), err) &&
                        column_copy(&query, 1, arena, &found->bytes, err));
    found->size = found->bytes.len;
done:
    query_end(&query);
    return ok;
}

static bool source_find(struct store_source *own, const struct digest *c, struct found *found,
                        bool *is_found, struct error *err)
{
    arena_reset(own->arena);
    return payload_find(own->store, own->arena, c, found, is_found, err) &&
           (*is_found || name_find(own->store, own->arena, c, found, is_found, err));
}

/* The source lies in a store of ours, which is not const. */
static struct store_source *own_source(const struct payload_source *source)
{
    return (struct store_source *)(uintptr_t)source;
}

static enum payload_state source_state(const struct payload_source *source, const struct digest *c)
{
    struct store_source *own = own_source(source);
    struct found found;
    struct error err;
    bool is_found = false;
    char path[STORE_PATH_MAX];
    if (!source_find(own, c, &found, &is_found, &err) || !is_found)
        return PAYLOAD_MISSING;
    payload_path(path, own->store, c);
    return !found.is_file || file_exists(path) ? PAYLOAD_HELD : PAYLOAD_MISSING;
}

/* A payload that is there, and its path, which counts if it is a file. */
static bool source_held(struct store_source *own, const struct digest *c, struct found *found,
                        char path[STORE_PATH_MAX], struct error *err)
{
    bool is_found = false;
    if (!source_find(own, c, found, &is_found, err))
        return false;
    payload_path(path, own->store, c);
    return is_found || not_held(err, c);
}

static bool source_open(const struct payload_source *source, const struct digest *c,
                        struct slice *salt, struct slice *bytes, struct error *err)
{
    struct store_source *own = own_source(source);
    struct found found;
    char path[STORE_PATH_MAX];
    if (!source_held(own, c, &found, path, err))
        return false;
    if (found.is_file && !file_bytes(own->arena, path, found.size, &found.bytes, err))
        return false;
    *bytes = found.bytes;
    return arena_copy(own->arena, slice_bytes(found.salt, sizeof(found.salt)), salt, err);
}

static bool source_hash(const struct payload_source *source, const struct digest *c, uint64_t bytes,
                        bool *is_equal, struct error *err)
{
    struct store_source *own = own_source(source);
    struct found found;
    char path[STORE_PATH_MAX];
    if (!source_held(own, c, &found, path, err))
        return false;
    if (found.is_file) {
        return payload_file_matches(path, found.salt, c, bytes, is_equal, err);
    }
    struct digest is = commitment(found.salt, found.bytes);
    *is_equal = found.bytes.len == bytes && digest_equal(&is, c);
    return true;
}

static bool source_stream(const struct payload_source *source, const struct digest *c,
                          payload_take_fn *take, void *context, struct error *err)
{
    struct store_source *own = own_source(source);
    struct found found;
    char path[STORE_PATH_MAX];
    if (!source_held(own, c, &found, path, err))
        return false;
    if (!found.is_file)
        return take(context, found.bytes, err);
    return file_stream(path, take, context, err);
}

bool store_source_start(struct store *store, struct error *err)
{
    store->source.source =
        (struct payload_source){ source_state, source_open, source_hash, source_stream };
    store->source.store = store;
    store->source.arena = arena_new(SOURCE_BYTES_MAX, err);
    return store->source.arena != NULL;
}

const struct payload_source *store_payloads(struct store *store) { return &store->source.source; }

/* ---------------------------------------------------------------- what an interrupted commit left
 */

static bool row_of_file(struct store *store, struct slice name, bool *is_named, struct error *err)
{
    struct query query;
    struct digest c;
    *is_named = false;
    if (!digest_from_hex(name, &c))
        return true; /* not a name that we give */
    bool ok =
        query_begin(store, "select 1 from payload where c = ? and bytes is null", &query, err);
    if (ok) {
        query_blob(&query, 1, c.bytes, sizeof(c.bytes));
        ok = query_next(&query, is_named, err);
    }
    query_end(&query);
    return ok;
}

static bool drop_orphans_in(struct store *store, struct arena *arena, const char *folder,
                            struct error *err)
{
    struct folder_names names;
    bool is_changed = false;
    if (!folder_list(arena, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        bool is_named = false;
        if (!row_of_file(store, names.items[i], &is_named, err))
            return false;
        if (is_named)
            continue;
        char *path = arena_printf(arena, err, "%s/%.*s", folder, SLICE_ARG(names.items[i]));
        if (!path)
            return false;
        if (unlink(path) != 0)
            return error_errno(err, "delete", path);
        is_changed = true;
    }
    return !is_changed || folder_sync(folder, err);
}

bool payload_drop_orphans(struct store *store, struct error *err)
{
    bool ok = false;
    struct folder_names names;
    struct arena *arena = arena_new(SOURCE_BYTES_MAX, err);
    if (!arena)
        return false;
    if (!file_exists(store->payload_folder)) {
        ok = true;
        goto done;
    }
    if (!folder_list(arena, store->payload_folder, &names, err))
        goto done;
    for (size_t i = 0; i < names.count; i++) {
        uint8_t byte;
        char *folder = NULL;
        if (names.items[i].len != 2 || !hex_parse(names.items[i], &byte, 1))
            continue; /* not a folder that we make */
        folder =
            arena_printf(arena, err, "%s/%.*s", store->payload_folder, SLICE_ARG(names.items[i]));
        if (!folder || !drop_orphans_in(store, arena, folder, err))
            goto done;
    }
    ok = true;
done:
    arena_free(arena);
    return ok;
}
