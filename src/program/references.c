#include "program/references.h"

#include <stdio.h>
#include <string.h>

#include "program/files.h"
#include "program/schema_internal.h"

enum { PATH_BYTES = 256 };

struct walk {
    reference_fn *each;
    void *context;
    char path[PATH_BYTES];
    size_t path_len;
};

static bool walk_value(struct walk *walk, const struct schema *schema, struct value *value);

static void path_grew(struct walk *walk, int written)
{
    size_t room = PATH_BYTES - walk->path_len;
    walk->path_len += written < 0 ? 0 : (size_t)written < room ? (size_t)written : room - 1;
}

static bool walk_item(struct walk *walk, const struct schema *schema, struct value *item,
                      size_t index)
{
    size_t before = walk->path_len;
    path_grew(walk, snprintf(walk->path + before, PATH_BYTES - before, "[%zu]", index));
    bool goes_on = walk_value(walk, schema, item);
    walk->path[walk->path_len = before] = '\0';
    return goes_on;
}

static bool walk_member(struct walk *walk, const struct schema *schema,
                        const struct value_member *member)
{
    const struct schema *declared = schema->additional;
    size_t before = walk->path_len;
    for (size_t i = 0; i < schema->members_len; i++)
        if (slice_equal(schema->members[i].name, member->name))
            declared = schema->members[i].schema;
    if (!declared)
        return true;
    path_grew(walk, snprintf(walk->path + before, PATH_BYTES - before, "%s%.*s", before ? "." : "",
                             member->name.len > 100 ? 100 : (int)member->name.len,
                             member->name.at ? member->name.at : ""));
    bool goes_on = walk_value(walk, declared, member->value);
    walk->path[walk->path_len = before] = '\0';
    return goes_on;
}

static bool walk_value(struct walk *walk, const struct schema *schema, struct value *value)
{
    const struct value *refs = value_member(schema->node, "x-ref");
    if (refs && value->type == VALUE_STRING) {
        struct reference reference = {
            .at = value,
            .field = walk->path,
            .text = value->text,
            .refs = refs,
            .inverse = value_text_of(schema->node, "x-inverse"),
            .is_bare = value_is_true(value_member(schema->node, "x-bare")),
            .is_pinned = value_is_true(value_member(schema->node, "x-pin")),
        };
        return walk->each(walk->context, &reference);
    }
    for (size_t i = 0; value->type == VALUE_ARRAY && schema->items && i < value->count; i++)
        if (!walk_item(walk, schema->items, value->items[i], i))
            return false;
    for (size_t i = 0; value->type == VALUE_OBJECT && i < value->count; i++)
        if (!walk_member(walk, schema, &value->members[i]))
            return false;
    return true;
}

bool references_each(const struct schema *schema, struct value *tree, reference_fn *each,
                     void *context)
{
    struct walk walk = { .each = each, .context = context };
    return walk_value(&walk, schema, tree);
}

/* ---- what a reference names ---- */

static void expected_add(char expected[160], const char *format, struct slice name)
{
    size_t len = strlen(expected);
    (void)snprintf(expected + len, 160 - len, "%s", len ? " or " : "");
    len = strlen(expected);
    (void)snprintf(expected + len, 160 - len, "%.*s%s", SLICE_ARG(name), format);
}

static bool is_run_form(struct slice text)
{
    return slice_starts_with(text, SLICE("run/")) || slice_starts_with(text, SLICE("test/"));
}

/* A resource of this prefix with an id that can be one. */
static bool has_prefix(struct slice text, struct slice prefix)
{
    return text.len > prefix.len && slice_starts_with(text, prefix) && text.at[prefix.len] == '/' &&
           !id_fault(slice_from(text, prefix.len + 1));
}

bool reference_target(const struct reference *reference, struct arena *arena,
                      enum reference_target *target, struct slice *name, char expected[160],
                      struct error *err)
{
    *target = TARGET_FAULTY;
    *name = reference->text;
    expected[0] = '\0';
    for (size_t i = 0; i < value_count(reference->refs); i++) {
        struct slice ref = value_text(reference->refs->items[i]);
        if (slice_is(ref, "criterion")) {
            *target = TARGET_CRITERION;
            return true;
        }
        if (slice_is(ref, "catalog")) {
            *target = TARGET_EDITION;
            return true;
        }
        if (slice_is(ref, "run")) {
            expected_add(expected, "/HEX or test/ID", ref);
            if (is_run_form(reference->text))
                *target = TARGET_RUN;
        } else if (slice_is(ref, "file")) {
            expected_add(expected, ": a name as attest file lists it, sha256:HEX", ref);
            if (file_name_is_valid(reference->text))
                *target = TARGET_FILE;
        } else if (reference->is_bare) {
            expected_add(expected, "'s id alone", ref);
            if (id_fault(reference->text))
                continue;
            *target = TARGET_RESOURCE;
            *name = slice_of(
                arena_printf(arena, err, "%.*s/%.*s", SLICE_ARG(ref), SLICE_ARG(reference->text)));
            return name->at != NULL;
        } else {
            expected_add(expected, "/ID", ref);
            if (has_prefix(reference->text, ref))
                *target = TARGET_RESOURCE;
        }
    }
    return true;
}
