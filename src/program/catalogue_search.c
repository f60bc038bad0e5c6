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

static bool row_joins(const struct value *crosswalk, const struct value *row, struct slice from,
                      struct slice to)
{
    struct slice from_catalog, from_id, to_catalog, to_id;
    const struct value *targets = value_member(row, "to");
    if (!slice_split(from, '/', &from_catalog, &from_id) ||
        !slice_split(to, '/', &to_catalog, &to_id) ||
        !slice_equal(value_text_of(crosswalk, "from"), from_catalog) ||
        !slice_equal(value_text_of(crosswalk, "to"), to_catalog) ||
        !slice_equal(value_text_of(row, "from"), from_id))
        return false;
    for (size_t i = 0; i < value_count(targets); i++)
        if (slice_equal(value_text(value_item(targets, i)), to_id))
            return true;
    return false;
}

bool catalogue_criteria_map(const struct catalogue *catalogue, struct slice a, struct slice b)
{
    const struct value *crosswalks = value_member(catalogue->crosswalks, "crosswalks");
    for (size_t i = 0; i < value_count(crosswalks); i++) {
        const struct value *crosswalk = value_item(crosswalks, i);
        const struct value *rows = value_member(crosswalk, "rows");
        for (size_t j = 0; j < value_count(rows); j++)
            if (row_joins(crosswalk, value_item(rows, j), a, b) ||
                row_joins(crosswalk, value_item(rows, j), b, a))
                return true;
    }
    return false;
}
