/* A plan for people and for programs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "program/plan.h"

enum { COLUMN_NAME = 30, SHOWN_MAX = 48, FIELDS_SHOWN = 6 };

static const char *const actions[PLAN_ACTIONS_COUNT] = { "create", "change", "remove",
                                                         "unchanged" };
static const char *const signs[PLAN_ACTIONS_COUNT] = { "+", "~", "-", " " };

/* A text without its quotes, anything else as JSON; cut at a character. */
static void value_write(struct slice json, struct strbuf *out)
{
    struct slice shown = json;
    if (json.len == 0) {
        strbuf_add_text(out, "(none)");
        return;
    }
    if (json.len >= 2 && json.at[0] == '"')
        shown = slice_bytes(json.at + 1, json.len - 2);
    size_t len = shown.len < SHOWN_MAX ? shown.len : SHOWN_MAX;
    while (len < shown.len && len > 0 && ((unsigned char)shown.at[len] & 0xC0) == 0x80)
        len--;
    strbuf_add(out, slice_head(shown, len));
    strbuf_add_text(out, len < shown.len ? "..." : "");
}

static void fields_write(const struct plan_item *item, struct strbuf *out)
{
    size_t shown = item->fields_count < FIELDS_SHOWN ? item->fields_count : FIELDS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        strbuf_add_text(out, i ? "\n      " : "");
        strbuf_add(out, item->fields[i].path);
        strbuf_add_text(out, ": ");
        value_write(item->fields[i].before, out);
        strbuf_add_text(out, " -> ");
        value_write(item->fields[i].after, out);
    }
    if (shown < item->fields_count)
        strbuf_printf(out, "\n      and %zu more", item->fields_count - shown);
}

/* What moved on beneath a judgement. */
static void pins_write(const struct plan_item *item, struct strbuf *out)
{
    for (size_t i = 0; i < item->pins_count; i++) {
        const struct plan_pin *pin = &item->pins[i];
        if (pin->version_was > 0 && pin->version_was != pin->version)
            strbuf_printf(out, "\n      rests on %.*s v%" PRIu64 "->v%" PRIu64,
                          SLICE_ARG(pin->name), pin->version_was, pin->version);
    }
}

static void what_write(const struct plan_item *item, struct strbuf *out)
{
    struct slice title = value_text_of(item->document, "title");
    if (title.len == 0)
        title = value_text_of(item->document, "name");
    if (item->action != PLAN_CREATE || item->is_from_catalogue || title.len > 0)
        strbuf_add_text(out, "  ");
    if (item->action == PLAN_REMOVE)
        strbuf_add_text(out, "in no file (--prune)");
    else if (item->is_from_catalogue)
        strbuf_add_text(out, "from the catalogue");
    else if (item->action == PLAN_CREATE)
        strbuf_add(out, title);
    else
        fields_write(item, out);
}

static void item_write(const struct plan_item *item, struct strbuf *out)
{
    char versions[64] = "";
    if (item->action == PLAN_CHANGE)
        (void)snprintf(versions, sizeof versions, "  v%" PRIu64 "->v%" PRIu64, item->version - 1,
                       item->version);
    size_t width = item->name.len + strlen(versions);
    strbuf_printf(out, "%s %.*s%s", signs[item->action], SLICE_ARG(item->name), versions);
    for (size_t i = width; i < COLUMN_NAME; i++)
        strbuf_add_char(out, ' ');
    if (item->file)
        strbuf_printf(out, "  %s:%" PRIu32, item->file, item->line);
    what_write(item, out);
    pins_write(item, out);
    strbuf_add_char(out, '\n');
}

void plan_write(const struct plan *plan, struct strbuf *out)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].action != PLAN_UNCHANGED)
            item_write(&plan->items[i], out);
    strbuf_printf(out, "%zu add, %zu change, %zu remove, %zu unchanged\n",
                  plan->counts[PLAN_CREATE], plan->counts[PLAN_CHANGE], plan->counts[PLAN_REMOVE],
                  plan->counts[PLAN_UNCHANGED]);
}

/* ---- as a tree ---- */

static bool fields_value(const struct plan_item *item, struct arena *arena, struct value *object,
                         struct error *err)
{
    struct value *fields = value_put_array(arena, object, "fields", err);
    for (size_t i = 0; fields && i < item->fields_count; i++) {
        struct value *field = value_add_object(arena, fields, err);
        const struct plan_field *from = &item->fields[i];
        struct slice before = from->before.len ? from->before : SLICE("null");
        struct slice after = from->after.len ? from->after : SLICE("null");
        if (!field || !value_put_text(arena, field, "field", from->path, err) ||
            !value_put(arena, field, "before",
                       json_parse(arena, before, "plan", &json_limits_default, err), err) ||
            !value_put(arena, field, "after",
                       json_parse(arena, after, "plan", &json_limits_default, err), err))
            return false;
    }
    return fields != NULL;
}

static bool pins_value(const struct plan_item *item, struct arena *arena, struct value *object,
                       struct error *err)
{
    struct value *pins = value_put_array(arena, object, "pins", err);
    for (size_t i = 0; pins && i < item->pins_count; i++) {
        struct value *pin = value_add_object(arena, pins, err);
        const struct plan_pin *from = &item->pins[i];
        if (!pin || !value_put_text(arena, pin, "name", from->name, err) ||
            (from->version && !value_put_i64(arena, pin, "version", (int64_t)from->version, err)) ||
            (from->version_was &&
             !value_put_i64(arena, pin, "version_was", (int64_t)from->version_was, err)))
            return false;
    }
    return pins != NULL;
}

static bool item_value(const struct plan_item *item, struct arena *arena, struct value *items,
                       struct error *err)
{
    struct value *object = value_add_object(arena, items, err);
    return object &&
           value_put_text(arena, object, "action", slice_of(actions[item->action]), err) &&
           value_put_text(arena, object, "name", item->name, err) &&
           value_put_i64(arena, object, "version", (int64_t)item->version, err) &&
           (!item->file || (value_put_text(arena, object, "file", slice_of(item->file), err) &&
                            value_put_i64(arena, object, "line", item->line, err))) &&
           fields_value(item, arena, object, err) && pins_value(item, arena, object, err);
}

struct value *plan_value(const struct plan *plan, struct arena *arena, struct error *err)
{
    struct value *tree = value_new(arena, VALUE_OBJECT, err);
    struct value *items = tree ? value_put_array(arena, tree, "items", err) : NULL;
    for (size_t i = 0; items && i < plan->count; i++)
        if (!item_value(&plan->items[i], arena, items, err))
            return NULL;
    for (size_t i = 0; items && i < PLAN_ACTIONS_COUNT; i++)
        if (!value_put_i64(arena, tree, actions[i], (int64_t)plan->counts[i], err))
            return NULL;
    return items ? tree : NULL;
}
