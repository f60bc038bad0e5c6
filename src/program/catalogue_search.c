/* Searching the catalogue. It holds some hundred entries, so that looking at each is soon done. */
#include <stdio.h>
#include <string.h>

#include "program/catalogue_internal.h"

enum { WORDS_MAX = 16 };

struct searching {
    struct arena *arena;
    struct slice words[WORDS_MAX];
    size_t words_count;
    struct value *in_titles, *in_texts;
    struct error *err;
};
struct entry {
    struct slice name, title, text;
    const char *kind; /* criterion, control, population type, kind */
};

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

static bool holds_word(struct slice text, struct slice word)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        size_t j = 0;
        while (j < word.len && lower(text.at[i + j]) == lower(word.at[j]))
            j++;
        if (j == word.len)
            return true;
    }
    return false;
}

static bool entry_look(struct searching *searching, const struct entry *entry)
{
    bool is_in_title = true, is_in_any = true;
    for (size_t i = 0; i < searching->words_count; i++) {
        struct slice word = searching->words[i];
        bool here = holds_word(entry->name, word) || holds_word(entry->title, word);
        is_in_title &= here;
        is_in_any &= here || holds_word(entry->text, word);
    }
    if (!is_in_any)
        return true;
    struct value *object = value_add_object(
        searching->arena, is_in_title ? searching->in_titles : searching->in_texts, searching->err);
    return object &&
           value_put_text(searching->arena, object, "name", entry->name, searching->err) &&
           value_put_text(searching->arena, object, "title", entry->title, searching->err) &&
           value_put_text(searching->arena, object, "text", entry->text, searching->err) &&
           value_put_text(searching->arena, object, "kind", slice_of(entry->kind), searching->err);
}

static bool criteria_look(struct searching *searching, const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->editions_count; i++) {
        for (size_t j = 0; j < catalogue->editions[i].count; j++) {
            const struct criterion *criterion = &catalogue->editions[i].criteria[j];
            struct entry entry = { criterion->name, criterion->title, criterion->text,
                                   "criterion" };
            if (!entry_look(searching, &entry))
                return false;
        }
    }
    return true;
}

static bool starters_look(struct searching *searching, const struct catalogue *catalogue)
{
    char name[200];
    struct starter_documents starters;
    if (!starter_documents_read(catalogue, searching->arena, &starters, searching->err))
        return false;
    for (size_t i = 0; i < starters.count; i++) {
        const struct value *document = starters.items[i].document;
        struct slice statement = value_text_of(document, "statement");
        (void)snprintf(name, sizeof name, "starter/%.*s", SLICE_ARG(value_text_of(document, "id")));
        struct entry entry = { slice_of(name), value_text_of(document, "title"),
                               statement.len ? statement : value_text_of(document, "description"),
                               "starter" };
        if (!entry_look(searching, &entry))
            return false;
    }
    return true;
}

static bool types_look(struct searching *searching, const struct catalogue *catalogue)
{
    char name[200];
    for (size_t i = 0; i < catalogue->types_count; i++) {
        const struct value *document = catalogue->types[i].document;
        (void)snprintf(name, sizeof name, "populations/%s", catalogue->types[i].id);
        struct entry entry = { slice_of(name), value_text_of(document, "title"),
                               value_text_of(document, "description"), "population type" };
        if (!entry_look(searching, &entry))
            return false;
    }
    return true;
}

static bool kinds_look(struct searching *searching, const struct catalogue *catalogue)
{
    char name[200];
    for (size_t i = 0; i < catalogue->kinds_count; i++) {
        const struct kind *kind = catalogue->kinds[i];
        (void)snprintf(name, sizeof name, "kinds/%s", kind->name.at);
        struct entry entry = { slice_of(name), kind->title, kind->summary, "kind" };
        if (!entry_look(searching, &entry))
            return false;
    }
    return true;
}

struct value *catalogue_search(const struct catalogue *catalogue, struct arena *arena,
                               struct slice words, struct error *err)
{
    struct searching searching = { .arena = arena,
                                   .in_titles = value_new(arena, VALUE_ARRAY, err),
                                   .in_texts = value_new(arena, VALUE_ARRAY, err),
                                   .err = err };
    struct slice word, rest = slice_trim(words);
    if (!searching.in_titles || !searching.in_texts)
        return NULL;
    while (rest.len > 0 && searching.words_count < WORDS_MAX) {
        if (!slice_split(rest, ' ', &word, &rest)) {
            word = rest;
            rest = (struct slice){ 0 };
        }
        if (word.len > 0)
            searching.words[searching.words_count++] = word;
    }
    if (!criteria_look(&searching, catalogue) || !starters_look(&searching, catalogue) ||
        !types_look(&searching, catalogue) || !kinds_look(&searching, catalogue))
        return NULL;
    for (size_t i = 0; i < searching.in_texts->count; i++)
        if (!value_add(arena, searching.in_titles, searching.in_texts->items[i], err))
            return NULL;
    return searching.in_titles;
}

/* ---- between editions ---- */

/* One call for each that maps to `name`, as often as it does; false stops. */
typedef bool mapped_fn(void *context, struct slice catalog, struct slice id);

static bool text_in(const struct value *list, struct slice text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(list->items[i]), text))
            return true;
    return false;
}

static bool row_each(const struct value *crosswalk, const struct value *row, struct slice catalog,
                     struct slice id, mapped_fn *each, void *context)
{
    struct slice from = value_text_of(crosswalk, "from"), to = value_text_of(crosswalk, "to");
    const struct value *targets = value_member(row, "to");
    /* An entry that only the sheet names: nothing answers it (S4.4). */
    if (slice_is(value_text_of(row, "relation"), "placeholder"))
        return true;
    if (slice_equal(from, catalog) && slice_equal(value_text_of(row, "from"), id))
        for (size_t i = 0; i < value_count(targets); i++)
            if (!each(context, to, value_text(targets->items[i])))
                return false;
    return !slice_equal(to, catalog) || !text_in(targets, id) ||
           each(context, from, value_text_of(row, "from"));
}

static bool mapped_each(const struct catalogue *catalogue, struct slice name, mapped_fn *each,
                        void *context)
{
    const struct value *crosswalks = value_member(catalogue->crosswalks, "crosswalks");
    struct slice catalog, id;
    if (!slice_split(name, '/', &catalog, &id))
        return true;
    for (size_t i = 0; i < value_count(crosswalks); i++) {
        const struct value *crosswalk = crosswalks->items[i];
        const struct value *rows = value_member(crosswalk, "rows");
        for (size_t j = 0; j < value_count(rows); j++)
            if (!row_each(crosswalk, rows->items[j], catalog, id, each, context))
                return false;
    }
    return true;
}

static bool is_not(void *context, struct slice catalog, struct slice id)
{
    struct slice wanted = *(const struct slice *)context, wanted_catalog, wanted_id;
    return !slice_split(wanted, '/', &wanted_catalog, &wanted_id) ||
           !slice_equal(wanted_catalog, catalog) || !slice_equal(wanted_id, id);
}

bool catalogue_criteria_map(const struct catalogue *catalogue, struct slice a, struct slice b)
{
    return !mapped_each(catalogue, a, is_not, &b);
}

struct mapped_list {
    const struct catalogue *catalogue;
    struct arena *arena;
    const struct criterion **items;
    size_t count, capacity;
    struct error *err;
};

static bool mapped_add(void *context, struct slice catalog, struct slice id)
{
    struct mapped_list *list = context;
    const struct criterion *criterion =
        catalogue_criterion_in(catalogue_edition(list->catalogue, catalog), id);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == criterion)
            return true;
    if (!criterion)
        return true;
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity;
        const struct criterion **items =
            arena_array(list->arena, capacity, sizeof(*items), list->err);
        if (!items)
            return false;
        memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = criterion;
    return true;
}

const struct criterion **catalogue_mapped(const struct catalogue *catalogue, struct arena *arena,
                                          struct slice name, size_t *count, struct error *err)
{
    struct mapped_list list = {
        .catalogue = catalogue, .arena = arena, .capacity = 16, .err = err
    };
    list.items = arena_array(arena, list.capacity, sizeof(*list.items), err);
    if (!list.items || !mapped_each(catalogue, name, mapped_add, &list))
        return NULL;
    *count = list.count;
    return list.items;
}
