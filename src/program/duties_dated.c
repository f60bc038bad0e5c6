/* Dates that kinds declare (x-due): due on that day, done by what is written later. */
#include <stdlib.h>
#include <string.h>

#include "program/duties_private.h"

struct dated {
    const char *field, *done; /* review_by, approved_on */
    bool is_once;             /* done once and for all: a version that says so has no due day */
    struct slice own;         /* the resource: vendor/acme */
    struct slice subject;     /* with #FIELD if its kind has several */
};

/* What a version says: *has_day if it names a due day; done: when it was last done, INT32_MIN if it
 * does not say. */
static bool dated_read(struct reading *reading, const struct resource_version *version,
                       const struct dated *dated, bool *has_day, int32_t *day, int32_t *done,
                       struct duty *duty)
{
    *has_day = false;
    *done = INT32_MIN;
    if (version->is_removed)
        return true;
    const struct value *tree = duty_tree(reading, version);
    struct slice due = value_text_of(tree, dated->field), was = value_text_of(tree, dated->done);
    if (!tree || (was.len && !date_parse(was, done, reading->err)) ||
        (due.len && !date_parse(due, day, reading->err)))
        return false;
    *has_day = due.len > 0 && !(dated->is_once && was.len > 0);
    if (slice_equal(version->name, dated->own)) {
        duty->title = value_text_of(tree, "title");
        duty->owner = value_text_of(tree, "owner");
    }
    return true;
}

/* The duty of one version, looked at by those after it. A version written once the day was over
 * cannot move it any more; one written before replaces it. */
static bool dated_list(struct reading *reading, const struct resource_version *versions,
                       size_t count, const struct dated *dated)
{
    const struct duration none = { 0 };
    bool has_day = false, has_next;
    struct duty open = { .subject = dated->subject };
    int32_t next_day = 0, done = INT32_MIN, next_done;
    for (size_t i = 0; i < count; i++) {
        struct duty next = { .subject = dated->subject,
                             .title = open.title,
                             .owner = open.owner,
                             .named_leaf = versions[i].leaf };
        int64_t now_us = duty_written_us(&versions[i]);
        if (!dated_read(reading, &versions[i], dated, &has_next, &next_day, &next_done, &next))
            return false;
        bool is_done = next_done > done && has_day;
        if (is_done) {
            const char *evidence = duty_evidence(reading, &versions[i]);
            open.is_done = true;
            open.done = (struct duty_deed){ .when = { .at_us = now_us },
                                            .by = versions[i].actor,
                                            .evidence = slice_of(evidence),
                                            .recorded_at = versions[i].at,
                                            .leaf = versions[i].leaf,
                                            .has_leaf = true };
            if (!evidence)
                return false;
        }
        bool is_over = has_day && now_us > open.due_us;
        if ((is_done || (is_over && !(has_next && next_day == open.day))) &&
            !duty_add(reading, &open))
            return false;
        if (next_done > done)
            done = next_done;
        if (is_over && !is_done && has_next && next_day == open.day)
            continue; /* the same day, still open */
        has_day = has_next;
        open = next;
        open.day = next_day;
        open.due_us = open.allowed_us = has_next ? calendar_end(next_day, NULL, &none) : 0;
        /* One that was over when it was first written down was due all the same. */
        open.from_us = has_next && now_us > open.due_us ? zone_day_start(next_day, NULL) : now_us;
    }
    return !has_day || open.from_us >= reading->options->until_us || duty_add(reading, &open);
}

/* ---- done by documents of another kind ---- */

static int by_entry(const void *a, const void *b)
{
    const struct resource_version *left = a, *right = b;
    return (left->n > right->n) - (left->n < right->n);
}

static bool deeds_read(struct reading *reading, const char *kind)
{
    if (reading->deeds_kind && strcmp(reading->deeds_kind, kind) == 0)
        return true;
    reading->deeds_kind = kind;
    return resource_versions(reading->store, reading->arena, slice_of(kind), reading->options->size,
                             &reading->deeds, reading->err);
}

/* The resource's versions together with the documents whose field `of` names it, in the order in
 * which they were written. A version that leaves the day as it was says nothing new, nor does the
 * removal of such a document. */
static bool chain_build(struct reading *reading, const struct resource_version *versions,
                        size_t count, const char *field, struct slice of,
                        struct resource_list *chain)
{
    struct slice day_before = { 0 };
    chain->count = 0;
    chain->items = arena_array(reading->arena, count + reading->deeds.count, sizeof *chain->items,
                               reading->err);
    for (size_t i = 0; chain->items && i < count; i++) {
        const struct value *tree = versions[i].is_removed ? NULL : duty_tree(reading, &versions[i]);
        if (!tree && !versions[i].is_removed)
            return false;
        struct slice day = value_text_of(tree, field);
        if (i == 0 || versions[i].is_removed || !slice_equal(day, day_before))
            chain->items[chain->count++] = versions[i];
        day_before = day;
    }
    for (size_t i = 0; chain->items && i < reading->deeds.count; i++) {
        const struct resource_version *deed = &reading->deeds.items[i];
        const struct value *tree = deed->is_removed ? NULL : duty_tree(reading, deed);
        if (!tree && !deed->is_removed)
            return false;
        if (tree && slice_equal(value_text(value_path(tree, of.at)), versions[0].name))
            chain->items[chain->count++] = *deed;
    }
    if (chain->items)
        qsort(chain->items, chain->count, sizeof *chain->items, by_entry);
    return chain->items != NULL;
}

/* ---- the fields of a kind that say when it is due again ---- */

static bool field_list(struct reading *reading, const struct value *rule, const struct dated *dated,
                       const struct resource_version *versions, size_t count)
{
    struct slice by = value_text_of(rule, "by");
    struct resource_list chain;
    if (by.len == 0)
        return dated_list(reading, versions, count, dated);
    return deeds_read(reading, by.at) &&
           chain_build(reading, versions, count, dated->field, value_text_of(rule, "of"), &chain) &&
           dated_list(reading, chain.items, chain.count, dated);
}

bool duties_dated(struct reading *reading, const struct kind *kind,
                  const struct resource_version *versions, size_t count)
{
    const char *field;
    bool is_first = true;
    for (size_t i = 0; (field = schema_property(kind->schema, i)); i++) {
        const struct value *rule =
            value_path(schema_node(schema_field(kind->schema, slice_of(field))), "x-due");
        struct dated dated = { .field = field,
                               .is_once = value_is_true(value_member(rule, "once")),
                               .own = versions[0].name,
                               .subject = versions[0].name };
        if (!rule)
            continue;
        dated.done = arena_string(reading->arena, value_text_of(rule, "done"), reading->err);
        if (!is_first)
            dated.subject = slice_of(arena_printf(reading->arena, reading->err, "%.*s#%s",
                                                  SLICE_ARG(versions[0].name), field));
        if (!dated.done || !dated.subject.at || !field_list(reading, rule, &dated, versions, count))
            return false;
        is_first = false;
    }
    return true;
}
