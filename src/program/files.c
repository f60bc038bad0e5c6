#include "program/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "ledger/entry.h"
#include "program/references.h"
#include "store/payload_writer.h"

enum { CHUNK_BYTES = 64 << 10, NAME_BYTES = 7 + 64 };

/* ---- what sort of file ---- */

static bool ends_in(struct slice name, const char *ending)
{
    size_t len = strlen(ending);
    for (size_t i = 0; i < len; i++) {
        char byte = len <= name.len ? name.at[name.len - len + i] : '\0';
        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte + ('a' - 'A'));
        if (byte != ending[i])
            return false;
    }
    return true;
}

/* By the ending alone: a claim for people, on which nothing rests. */
static struct slice media_of(struct slice name)
{
    static const struct {
        const char *ending, *media;
    } known[] = {
        { ".pdf", "application/pdf" },
        { ".png", "image/png" },
        { ".jpg", "image/jpeg" },
        { ".jpeg", "image/jpeg" },
        { ".csv", "text/csv" },
        { ".txt", "text/plain" },
        { ".log", "text/plain" },
        { ".md", "text/markdown" },
        { ".html", "text/html" },
        { ".json", "application/json" },
        { ".yaml", "application/yaml" },
        { ".yml", "application/yaml" },
        { ".eml", "message/rfc822" },
        { ".zip", "application/zip" },
        { ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
        { ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (ends_in(name, known[i].ending))
            return slice_of(known[i].media);
    return SLICE("application/octet-stream");
}

static struct slice last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slice_of(slash ? slash + 1 : path);
}

/* ---- finding ---- */

bool file_name_is_valid(struct slice name)
{
    struct digest digest;
    return name.len == NAME_BYTES && slice_starts_with(name, SLICE("sha256:")) &&
           digest_from_hex(slice_from(name, 7), &digest);
}

static bool file_read_entry(struct arena *arena, const struct stored_entry *entry,
                            struct attached_file *file, struct error *err)
{
    int64_t bytes;
    const struct value *object = json_parse(arena, entry->object, "blob", NULL, err);
    if (!object)
        return false;
    if (!value_to_i64(value_member(object, "bytes"), &bytes) || bytes < 0)
        return error_set(err, ERROR_CORRUPT, NULL, "ledger %llu: the row of this file is damaged",
                         (unsigned long long)entry->n);
    *file = (struct attached_file){ .name = entry->key,
                                    .file = value_text_of(object, "file"),
                                    .media = value_text_of(object, "media"),
                                    .bytes = (uint64_t)bytes,
                                    .n = entry->n,
                                    .leaf = entry->leaf,
                                    .at = entry->at,
                                    .actor = entry->actor };
    return true;
}

/* *is_found without a file: none there. */
static bool look_up(struct store *store, struct arena *arena, struct slice name, uint64_t size,
                    struct attached_file *file, bool *is_found, struct error *err)
{
    struct stored_entries list;
    if (!entry_list(store, arena, SLICE("blob"), name, size, &list, err))
        return false;
    *is_found = list.count > 0;
    return !*is_found || file_read_entry(arena, &list.items[0], file, err);
}

bool file_find(struct store *store, struct arena *arena, struct slice name, uint64_t size,
               struct attached_file *file, struct error *err)
{
    bool is_found;
    if (!file_name_is_valid(name)) {
        error_set(err, ERROR_INVALID, NULL, "\"%.*s\" is no file's name", SLICE_ARG(name));
        return error_hint(err, "write sha256: and 64 hex digits, as attest file lists them");
    }
    if (!look_up(store, arena, name, size, file, &is_found, err))
        return false;
    if (is_found)
        return true;
    error_set(err, ERROR_NOT_FOUND, NULL, "no file %.*s is in the ledger", SLICE_ARG(name));
    return error_hint(err, "attest attach FILE puts it there");
}

bool files_list(struct store *store, struct arena *arena, uint64_t size,
                struct attached_files *files, struct error *err)
{
    struct stored_entries list;
    *files = (struct attached_files){ 0 };
    if (!entry_list(store, arena, SLICE("blob"), (struct slice){ 0 }, size, &list, err))
        return false;
    files->items = arena_array(arena, list.count + 1, sizeof *files->items, err);
    for (size_t i = 0; files->items && i < list.count; i++)
        /* A report's forms are blobs too, without a name: they are not attached. */
        if (file_name_is_valid(list.items[i].key) &&
            !file_read_entry(arena, &list.items[i], &files->items[files->count++], err))
            return false;
    return files->items != NULL;
}

struct naming {
    struct store *store;
    struct arena *arena;
    uint64_t size;
    struct attached_files *files;
    size_t capacity;
    struct error *err;
    bool ok;
};

static bool file_named(void *context, const struct reference *reference)
{
    struct naming *naming = context;
    struct attached_file file;
    bool is_found;
    if (!file_name_is_valid(reference->text))
        return true;
    naming->ok = look_up(naming->store, naming->arena, reference->text, naming->size, &file,
                         &is_found, naming->err);
    if (!naming->ok || !is_found)
        return naming->ok;
    struct attached_files *files = naming->files;
    naming->ok = arena_room(naming->arena, &files->items, files->count, &naming->capacity,
                            sizeof *files->items, naming->err);
    if (!naming->ok)
        return false;
    files->items[files->count++] = file;
    return true;
}

bool files_named(struct store *store, struct arena *arena, const struct kind *kind,
                 const struct value *document, uint64_t size, struct attached_files *files,
                 struct error *err)
{
    *files = (struct attached_files){ 0 };
    struct naming naming = {
        .store = store, .arena = arena, .size = size, .files = files, .err = err, .ok = true
    };
    struct value *tree = value_copy(arena, document, err);
    if (tree)
        (void)references_each(kind->schema, tree, file_named, &naming);
    return tree && naming.ok;
}

/* ---- attaching ---- */

/* The bytes go into a payload and are hashed on the way; nothing is kept of a file that is known.
 */
static bool file_take(struct payload_writer *writer, const char *path, uint64_t *bytes,
                      struct sha256 *hash, struct error *err)
{
    char *chunk = NULL;
    ssize_t got = -1;
    struct stat status;
    bool ok = false;
    struct arena *arena = arena_new((size_t)2 * CHUNK_BYTES, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (!arena || !(chunk = arena_alloc(arena, CHUNK_BYTES, err)))
        goto done;
    if (fd < 0 && errno == ENOENT) {
        error_set(err, ERROR_NOT_FOUND, path, "there is no such file");
        goto done;
    }
    if (fd < 0 || fstat(fd, &status) != 0) {
        error_errno(err, "open", path);
        goto done;
    }
    if (!S_ISREG(status.st_mode)) {
        error_set(err, ERROR_INVALID, path, "this is not a file; name the files themselves");
        goto done;
    }
    *bytes = 0;
    sha256_start(hash);
    while ((got = read(fd, chunk, CHUNK_BYTES)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_errno(err, "read", path);
            goto done;
        }
        sha256_add(hash, slice_bytes(chunk, (size_t)got));
        *bytes += (uint64_t)got;
        if (!payload_writer_add(writer, slice_bytes(chunk, (size_t)got), err))
            goto done;
    }
    ok = *bytes > 0 || error_set(err, ERROR_INVALID, path, "this file is empty");
done:
    if (fd >= 0)
        close(fd); /* only read */
    arena_free(arena);
    return ok;
}

static bool blob_add(struct transaction *tx, const struct actor *actor,
                     const struct attached_file *file, const struct payload *payload,
                     struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    struct value *object = value_new(arena, VALUE_OBJECT, err);
    if (!body || !object || !value_put_text(arena, body, "media", file->media, err) ||
        !value_put(arena, body, "payload", payload_value(arena, payload, err), err) ||
        !value_put_i64(arena, object, "bytes", (int64_t)file->bytes, err) ||
        !value_put_text(arena, object, "digest", file->name, err) ||
        !value_put_text(arena, object, "file", file->file, err) ||
        !value_put_text(arena, object, "media", file->media, err))
        return false;
    struct entry_draft draft = {
        .type = "blob", .key = file->name, .body = body, .object = object
    };
    return transaction_entry(tx, actor, &draft, err);
}

/* Whether these bytes are in the ledger, or came before in the same call. */
static bool is_known(struct store *store, struct arena *arena, struct slice name,
                     const struct attached_files *files, bool *is_there, struct error *err)
{
    struct attached_file file;
    for (size_t i = 0; i < files->count; i++)
        if (slice_equal(files->items[i].name, name))
            return *is_there = true;
    return look_up(store, arena, name, store_size(store), &file, is_there, err);
}

static bool attach_one(struct store *store, struct transaction *tx, const struct actor *actor,
                       struct arena *arena, const char *path, struct attached_files *files,
                       struct error *err)
{
    struct attached_file *file = &files->items[files->count];
    struct payload payload;
    struct sha256 hash;
    struct digest digest;
    char hex[65];
    size_t bad;
    bool is_there, ok = false;
    struct payload_writer *writer = payload_writer_new(store, err);
    *file = (struct attached_file){ .file = last_part(path), .media = media_of(last_part(path)) };
    if (!writer || !file_take(writer, path, &file->bytes, &hash, err))
        goto done;
    sha256_finish(&hash, &digest);
    digest_hex(&digest, hex);
    file->name = slice_of(arena_printf(arena, err, "sha256:%s", hex));
    if (!file->name.at || !is_known(store, arena, file->name, files, &is_there, err))
        goto done;
    if (!is_there && !utf8_is_valid(file->file, &bad)) {
        error_set(err, ERROR_INVALID, path, "this name is not UTF-8");
        goto done;
    }
    file->is_new = !is_there;
    ok = is_there || (payload_writer_finish(writer, tx, &payload, NULL, err) &&
                      blob_add(tx, actor, file, &payload, err));
    files->count += ok;
done:
    payload_writer_free(writer);
    return ok;
}

bool files_attach(struct store *store, const struct actor *actor, struct arena *arena,
                  const char *const *paths, size_t count, struct attached_files *files,
                  struct error *err)
{
    const struct ledger_appended *appended;
    size_t appended_count;
    bool ok = false;
    struct transaction *tx = transaction_begin(store, err);
    *files = (struct attached_files){ arena_array(arena, count + 1, sizeof *files->items, err), 0 };
    if (!tx || !files->items)
        goto done;
    for (size_t i = 0; i < count; i++)
        if (!attach_one(store, tx, actor, arena, paths[i], files, err))
            goto done;
    if (transaction_count(tx) > 0 && !transaction_commit(tx, &appended, &appended_count, err))
        goto done;
    for (size_t i = 0; i < count; i++) {
        bool is_new = files->items[i].is_new;
        if (!file_find(store, arena, files->items[i].name, store_size(store), &files->items[i],
                       err))
            goto done;
        files->items[i].is_new = is_new;
    }
    ok = true;
done:
    transaction_free(tx);
    return ok;
}

/* ---- getting it back ---- */

struct fetching {
    int fd;
    const char *path;
    struct sha256 salted, plain;
};

static bool chunk_write(void *context, struct slice chunk, struct error *err)
{
    struct fetching *fetching = context;
    sha256_add(&fetching->salted, chunk);
    sha256_add(&fetching->plain, chunk);
    return fd_write_all(fetching->fd, chunk, fetching->path, err);
}

/* Salt and bytes give the commitment of the ledger, the bytes alone the name. */
static bool is_right(struct fetching *fetching, const struct digest *c,
                     const struct attached_file *file, struct error *err)
{
    struct digest salted, plain;
    char hex[65];
    sha256_finish(&fetching->salted, &salted);
    sha256_finish(&fetching->plain, &plain);
    digest_hex(&plain, hex);
    if (digest_equal(&salted, c) && slice_is(slice_from(file->name, 7), hex))
        return true;
    error_set(err, ERROR_CORRUPT, NULL, "the bytes kept for %.*s are other ones",
              SLICE_ARG(file->name));
    return error_hint(err, "restore the payload from a backup; attest verify DIR names all that is "
                           "damaged");
}

static bool payload_of(struct store *store, struct arena *arena, const struct attached_file *file,
                       struct digest *c, struct error *err)
{
    struct stored_entry entry;
    uint64_t bytes;
    if (!entry_get(store, arena, file->n, &entry, err))
        return false;
    const struct value *whole = json_parse(arena, entry.bytes, "ledger entry", NULL, err);
    return whole && (payload_ref(value_path(whole, "body.payload"), c, &bytes) ||
                     error_set(err, ERROR_CORRUPT, NULL, "ledger %llu names no payload",
                               (unsigned long long)file->n));
}

bool file_fetch(struct store *store, struct arena *arena, const struct attached_file *file,
                const char *path, struct error *err)
{
    const struct payload_source *payloads = store_payloads(store);
    struct fetching fetching = { .fd = -1 };
    struct digest c;
    char *ignored;
    uint8_t salt[32];
    bool ok = false;
    char *temporary =
        arena_printf(arena, err, "%s.attest-%llu", path, (unsigned long long)getpid());
    if (!temporary || !payload_of(store, arena, file, &c, err) ||
        !payload_file(store, arena, &c, salt, &ignored, err))
        return false;
    fetching.path = temporary;
    fetching.fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fetching.fd < 0)
        return error_errno(err, "create", temporary);
    sha256_start(&fetching.plain);
    sha256_start(&fetching.salted);
    sha256_add(&fetching.salted, slice_bytes(salt, sizeof salt));
    if (!payloads->stream(payloads, &c, chunk_write, &fetching, err) ||
        !is_right(&fetching, &c, file, err))
        goto done;
    if (fsync(fetching.fd) != 0) {
        error_errno(err, "make durable", temporary);
        goto done;
    }
    int closed = close(fetching.fd);
    fetching.fd = -1;
    if (closed != 0 || rename(temporary, path) != 0) {
        error_errno(err, closed != 0 ? "close" : "rename to", closed != 0 ? temporary : path);
        goto done;
    }
    ok = true;
done:
    if (fetching.fd >= 0)
        close(fetching.fd); /* it failed before, and that is told */
    if (!ok)
        unlink(temporary);
    return ok;
}

struct value *file_value(struct arena *arena, const struct attached_file *file, struct error *err)
{
    struct value *object = value_new(arena, VALUE_OBJECT, err);
    if (!object || !value_put_text(arena, object, "name", file->name, err) ||
        !value_put_text(arena, object, "file", file->file, err) ||
        !value_put_text(arena, object, "media", file->media, err) ||
        !value_put_i64(arena, object, "bytes", (int64_t)file->bytes, err) ||
        !value_put_i64(arena, object, "n", (int64_t)file->n, err) ||
        !value_put_text(arena, object, "at", file->at, err) ||
        !value_put_text(arena, object, "actor", file->actor, err))
        return NULL;
    return object;
}
