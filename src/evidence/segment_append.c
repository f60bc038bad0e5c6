#include "evidence/segment_append.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "program/acting.h"
#include "program/population_types.h"

enum { HASH_BLOCK_BYTES = 1 << 20 };

struct appending {
    const struct engine *engine;
    struct transaction *tx;
    const struct segment_record *record;
    struct arena *arena; /* the transaction's */
};

void digest_text(const struct digest *digest, char out[72])
{
    memcpy(out, "sha256:", 7);
    digest_hex(digest, out + 7);
}

/* A Parquet file becomes a payload: hashed under its salt, durable, taken over. */
static bool parquet_hash(struct appending *append, int fd, const char *path, const uint8_t salt[32],
                         struct payload *payload, struct error *err)
{
    struct sha256 hash;
    ssize_t got;
    char *block = arena_alloc(append->arena, HASH_BLOCK_BYTES, err);
    if (!block)
        return false;
    sha256_start(&hash);
    sha256_add(&hash, slice_bytes(salt, 32));
    payload->bytes = 0;
    while ((got = read(fd, block, HASH_BLOCK_BYTES)) > 0) {
        sha256_add(&hash, (struct slice){ block, (size_t)got });
        payload->bytes += (uint64_t)got;
    }
    if (got < 0)
        return error_errno(err, "read", path);
    if (fsync(fd) != 0)
        return error_errno(err, "make durable", path);
    sha256_finish(&hash, &payload->c);
    return true;
}

static bool parquet_take(struct appending *append, char *path, struct payload *payload,
                         struct error *err)
{
    uint8_t salt[32];
    random_fill(salt, sizeof salt);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "open", path);
    bool ok = parquet_hash(append, fd, path, salt, payload, err);
    (void)close(fd); /* only read from; fsync has said what there was to say */
    if (!ok || !payload_take_file(append->tx, path, salt, payload, err))
        return false;
    path[0] = '\0'; /* the store's now */
    return true;
}

static bool put_parquet(struct appending *append, struct value *body, const char *name, char *path,
                        struct error *err)
{
    struct payload payload;
    if (!path || !path[0])
        return value_put(append->arena, body, name, value_new(append->arena, VALUE_NULL, err), err);
    return parquet_take(append, path, &payload, err) &&
           value_put(append->arena, body, name, payload_value(append->arena, &payload, err), err);
}

/* {"bytes","c"}, or null if there is no writer. */
static bool put_payload(struct appending *append, struct value *body, const char *name,
                        struct payload_writer *writer, struct error *err)
{
    struct payload payload;
    if (!writer)
        return value_put(append->arena, body, name, value_new(append->arena, VALUE_NULL, err), err);
    return payload_writer_finish(writer, append->tx, &payload, NULL, err) &&
           value_put(append->arena, body, name, payload_value(append->arena, &payload, err), err);
}

static bool put_time(struct arena *arena, struct value *object, const char *name, bool has,
                     int64_t instant_us, struct error *err)
{
    char text[28];
    if (!has)
        return value_put(arena, object, name, value_new(arena, VALUE_NULL, err), err);
    time_format(instant_us, text);
    return value_put_text(arena, object, name, slice_of(text), err);
}

static bool put_covers(struct appending *append, struct value *body, struct error *err)
{
    struct arena *arena = append->arena;
    if (!append->record->covers)
        return value_put(arena, body, "covers", value_new(arena, VALUE_NULL, err), err);
    struct value *covers = value_put_object(arena, body, "covers", err);
    return covers && put_time(arena, covers, "from", true, append->record->covers->start_us, err) &&
           put_time(arena, covers, "to", true, append->record->covers->end_us, err);
}

/* The entry's body, as ledger.md 4 has it. */
static struct value *body_make(struct appending *append, struct error *err)
{
    struct arena *arena = append->arena;
    const struct row_counts *counts = &append->record->content->counts;
    struct value *body = value_new(arena, VALUE_OBJECT, err);
    if (!body || !put_parquet(append, body, "payload", append->record->parquet_path, err) ||
        !put_parquet(append, body, "personal", append->record->personal_path, err) ||
        !put_covers(append, body, err) ||
        !put_time(arena, body, "from", counts->has_span, counts->first_us, err) ||
        !put_time(arena, body, "to", counts->has_span, counts->last_us + 1, err) ||
        !value_put_text(arena, body, "of", append->record->type->id, err) ||
        !put_payload(append, body, "raw", append->record->raw, err) ||
        !put_payload(append, body, "rejects", append->record->rejects, err) ||
        !value_put_i64(arena, body, "rows", (int64_t)counts->kept, err) ||
        !value_put_text(arena, body, "source", append->record->source, err))
        return NULL;
    return body;
}

/* The file's name without the folders of the machine it lay on. */
static struct slice file_name(const char *path)
{
    struct slice name = slice_of(path);
    while (name.len > 1 && name.at[name.len - 1] == '/')
        name.len--;
    for (size_t at = name.len; at > 0; at--)
        if (name.at[at - 1] == '/' && at < name.len)
            return slice_from(name, at);
    return name;
}

/* What the ledger does not say in clear (segments.h). */
static struct value *object_make(struct appending *append, uint64_t type_version, struct error *err)
{
    struct arena *arena = append->arena;
    const struct segment_content *content = append->record->content;
    const struct row_counts *counts = &content->counts;
    char raw_digest[72], row_digest[72];
    struct value *object = value_new(arena, VALUE_OBJECT, err), *unknown;
    digest_text(&content->raw.sha256, raw_digest);
    digest_text(&counts->row_digest, row_digest);
    if (!object ||
        !value_put_text(arena, object, "engine", slice_of(engine_version(append->engine)), err) ||
        !value_put_text(arena, object, "file", file_name(append->record->file), err) ||
        !value_put_text(arena, object, "imported_by", append->record->imported_by, err) ||
        !value_put_i64(arena, object, "kept", (int64_t)counts->kept, err) ||
        !value_put_i64(arena, object, "raw_bytes", (int64_t)content->raw.bytes, err) ||
        !value_put_text(arena, object, "raw_digest", slice_of(raw_digest), err) ||
        !value_put_text(arena, object, "reader", append->record->reader, err) ||
        !value_put_text(arena, object, "row_digest", slice_of(row_digest), err) ||
        !value_put_i64(arena, object, "rows", (int64_t)counts->rows, err) ||
        !value_put_i64(arena, object, "set_aside", (int64_t)counts->set_aside, err) ||
        !value_put_text(arena, object, "source", append->record->source, err) ||
        !value_put_i64(arena, object, "source_version", (int64_t)append->record->source_version,
                       err) ||
        !value_put_text(arena, object, "type", append->record->type->id, err) ||
        !value_put_i64(arena, object, "type_version", (int64_t)type_version, err) ||
        !value_put_i64(arena, object, "undated", (int64_t)counts->undated, err) ||
        !(unknown = value_put_array(arena, object, "unknown_fields", err)))
        return NULL;
    for (size_t i = 0; i < content->unknown_count; i++)
        if (!value_add(arena, unknown, value_new_text(arena, content->unknown[i], err), err))
            return NULL;
    return object;
}

bool segment_append(struct store *store, const struct catalogue *catalogue,
                    const struct engine *engine, struct transaction *tx,
                    const struct segment_record *record, size_t *position, struct error *err)
{
    struct actor actor = actor_program();
    struct population_type type;
    struct arena *arena = transaction_arena(tx);
    struct appending append = { engine, tx, record, arena };
    struct digest *inputs = arena_array(arena, record->inputs_count + 1, sizeof *inputs, err);
    struct entry_draft draft = { .type = "segment",
                                 .key = record->type->id,
                                 .inputs = inputs,
                                 .inputs_count = record->inputs_count };
    if (!inputs || !population_type_ensure(store, catalogue, tx, record->type->id, &type, err))
        return false;
    if (record->inputs_count)
        memcpy(inputs, record->inputs, record->inputs_count * sizeof *inputs);
    if (type.is_in_batch) {
        draft.inputs_of_batch = &type.batch_position;
        draft.inputs_of_batch_count = 1;
    } else {
        inputs[draft.inputs_count++] = type.leaf;
    }
    draft.body = body_make(&append, err);
    draft.object = draft.body ? object_make(&append, type.version, err) : NULL;
    *position = transaction_count(tx);
    return draft.object && transaction_entry(tx, &actor, &draft, err);
}
