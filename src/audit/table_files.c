#include "audit/table_files.h"

enum { SQL_BYTES_MAX = 64 << 20 };

/* Which columns of a file hold tokens. */
enum sealed { SEALED_NONE, SEALED_PERSONAL, SEALED_ANY_TEXT };

static void add_value(struct strbuf *sql, const struct record_column *column, enum sealed sealed)
{
    bool is_sealed = (sealed == SEALED_PERSONAL && column->is_personal) ||
                     (sealed == SEALED_ANY_TEXT && column->type == ENGINE_TEXT);
    strbuf_add_text(sql, is_sealed ? "personal_value(" : "");
    engine_add_identifier(sql, column->name);
    strbuf_add_text(sql, is_sealed ? ")" : "");
}

/* The columns as the type has them now; those a file does not have are NULL. `schema` NULL: all. */
static void add_select(struct strbuf *sql, const struct record_type *type,
                       const struct engine_schema *schema, enum sealed sealed)
{
    strbuf_add_text(sql, "select ");
    for (size_t i = 0; i < type->columns_count; i++) {
        const struct record_column *column = &type->columns[i];
        bool is_there = schema == NULL;
        for (size_t j = 0; schema && j < schema->count; j++)
            is_there = is_there || slice_is(column->name, schema->columns[j].name);
        if (i > 0)
            strbuf_add_text(sql, ", ");
        strbuf_add_text(sql, "cast(");
        if (is_there)
            add_value(sql, column, sealed);
        else
            strbuf_add_text(sql, "null");
        strbuf_add_text(sql, " as ");
        record_column_add_sql_type(sql, column);
        strbuf_add_text(sql, ") as ");
        engine_add_identifier(sql, column->name);
    }
    strbuf_add_text(sql, " from ");
}

static bool has_version(const struct segment *segment, uint64_t version)
{
    int64_t made_with;
    return value_to_i64(value_member(segment->object, "type_version"), &made_with) &&
           (uint64_t)made_with == version;
}

/* `unpacked` is where it lies if not in the store. */
static bool segment_path(const char *unpacked, const struct payload *payload, struct store *store,
                         struct arena *arena, const char **path, struct error *err)
{
    uint8_t salt[32];
    char *stored;
    *path = unpacked;
    if (*path)
        return true;
    if (!payload_file(store, arena, &payload->c, salt, &stored, err))
        return false;
    *path = stored;
    return true;
}

/* The view being written: files that are read alike are read together. */
struct raw {
    const struct record_type *type;
    struct strbuf sql;
    struct strbuf together[2]; /* made with this version of the type: in clear, sealed */
    size_t parts;
};

static void add_part(struct raw *raw)
{
    strbuf_add_text(&raw->sql, raw->parts++ ? " union all " : "");
}

/* Of another version any text column may have been personal; what is no token stays as it is. */
static bool add_older(struct raw *raw, const struct segment *segment, const char *path,
                      struct arena *arena, struct engine *engine, struct error *err)
{
    struct engine_schema schema;
    if (!engine_read_parquet_schema(engine, arena, path, &schema, err))
        return false;
    add_part(raw);
    add_select(&raw->sql, raw->type, &schema, segment->is_sealed ? SEALED_ANY_TEXT : SEALED_NONE);
    strbuf_add_text(&raw->sql, "read_parquet(");
    engine_add_literal(&raw->sql, slice_of(path));
    strbuf_add_text(&raw->sql, ", hive_partitioning = false)");
    return true;
}

static void add_together(struct raw *raw)
{
    static const enum sealed sealed[] = { SEALED_NONE, SEALED_PERSONAL };
    for (size_t i = 0; i < ARRAY_LEN(raw->together); i++) {
        if (raw->together[i].len == 0)
            continue;
        add_part(raw);
        add_select(&raw->sql, raw->type, NULL, sealed[i]);
        strbuf_add(&raw->sql, strbuf_slice(&raw->together[i]));
        strbuf_add_text(&raw->sql, "], hive_partitioning = false)");
    }
    if (raw->parts == 0) {
        struct engine_schema none = { 0 };
        add_select(&raw->sql, raw->type, &none, SEALED_NONE);
        strbuf_add_text(&raw->sql, "range(0)");
    }
}

bool table_files_view(const struct table *table, struct store *store, struct arena *arena,
                      struct engine *engine, struct error *err)
{
    struct raw raw = { .type = &table->type,
                       .sql = strbuf_new(SQL_BYTES_MAX),
                       .together = { strbuf_new(SQL_BYTES_MAX), strbuf_new(SQL_BYTES_MAX) } };
    bool ok = false;
    strbuf_printf(&raw.sql, "create view \"_raw_%s\" as ", table->type.id.at);
    for (size_t i = 0; i < table->segments.count; i++) {
        const struct segment *segment = &table->segments.items[i];
        const char *path;
        if (!segment_path(segment->path, &segment->payload, store, arena, &path, err) ||
            !engine_allow_file(engine, path, err))
            goto done;
        if (!has_version(segment, table->version)) {
            if (!add_older(&raw, segment, path, arena, engine, err))
                goto done;
            continue;
        }
        struct strbuf *together = &raw.together[segment->is_sealed];
        strbuf_add_text(together, together->len ? ", " : "read_parquet([");
        engine_add_literal(together, slice_of(path));
    }
    add_together(&raw);
    ok = strbuf_ok(&raw.together[0], err) && strbuf_ok(&raw.together[1], err) &&
         strbuf_ok(&raw.sql, err) && engine_run(engine, strbuf_slice(&raw.sql), err);
done:
    strbuf_free(&raw.sql);
    strbuf_free(&raw.together[0]);
    strbuf_free(&raw.together[1]);
    return ok;
}

bool table_files_personal(struct tables *tables, struct store *store, struct arena *arena,
                          struct engine *engine, struct error *err)
{
    size_t most = 0, count = 0;
    struct personal_keys keys = tables->keys ? *tables->keys : personal_keys_of(store);
    for (size_t i = 0; i < tables->types; i++)
        most += tables->items[i].is_used ? tables->items[i].segments.count : 0;
    const char **paths = arena_array(arena, most + 1, sizeof *paths, err);
    if (!paths)
        return false;
    for (size_t i = 0; i < tables->types; i++) {
        const struct table *table = &tables->items[i];
        for (size_t j = 0; table->is_used && j < table->segments.count; j++) {
            const struct segment *segment = &table->segments.items[j];
            if (segment->is_sealed && !segment_path(segment->personal_path, &segment->personal,
                                                    store, arena, &paths[count++], err))
                return false;
        }
    }
    return personal_values_open(engine, paths, count, &keys, &tables->closed, err);
}
