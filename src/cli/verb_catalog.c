/* attest catalog [NAME[/ID]]: what travels inside the program, and the catalogues of a data
 * directory, if one is named. */
#include <stdio.h>

#include "base/file.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/verb.h"
#include "program/coverage.h"

static const struct option options[] = {
    { "--search", "WORDS", "entries that hold every word" },
    OPTIONS_SELECTION,
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest catalog",
    "attest catalog tsc-2017",
    "attest catalog tsc-2017/CC6.1",
    "attest catalog tsp-2009 --principle availability --sheet-category e",
    "attest catalog scheme-sheet",
    "attest catalog --search 'access review'",
    NULL,
};
static const struct column_spec contents_columns[] = {
    { "name", "name" },
    { "entries", "entries" },
    { "title", "title" },
    { NULL, NULL },
};
static int show_sheet(struct session *session)
{
    struct strbuf text = strbuf_new(4 << 20);
    bool ok;
    if (session->format == FORMAT_TABLE) {
        ok = scheme_sheet_write(session->catalogue, &text, &session->err) &&
             output_text(session, strbuf_slice(&text));
    } else {
        const struct value *sheet = scheme_sheet(session->catalogue, session->arena, &session->err);
        ok = sheet && output_document(session, sheet);
    }
    strbuf_free(&text);
    return ok ? 0 : session_fail(session);
}

static bool is_covered(const struct value *covered, struct slice id)
{
    const struct value *criteria = value_member(covered, "criteria");
    for (size_t i = 0; i < value_count(criteria); i++)
        if (slice_equal(value_text_of(criteria->items[i], "id"), id))
            return true;
    return false;
}

/* A criterion has a layer or a party only by way of the controls that serve it. */
static bool select_criteria(struct session *session, const struct selector *selector,
                            struct slice edition, struct value *list)
{
    const struct value *covered = NULL;
    size_t kept = 0;
    if (selector_is_about_controls(selector) &&
        (!session_store(session, STORE_READ) ||
         !(covered = coverage(session->store, session->catalogue, session->arena, edition, selector,
                              session->size, &session->err))))
        return false;
    for (size_t i = 0; selector && i < list->count; i++) {
        struct slice id = value_text_of(list->items[i], "id");
        const struct criterion *criterion = catalogue_criterion(session->catalogue, id);
        if (covered ? is_covered(covered, id)
                    : criterion && selector_takes_criterion(selector, criterion))
            list->items[kept++] = list->items[i];
    }
    if (selector)
        list->count = kept;
    return true;
}

/* What entries are called differs: criteria have an id and a title, kinds a name and a summary. */
static bool show_list(struct session *session, const struct value *list, bool is_contents)
{
    const struct value *first = value_item(list, 0);
    const struct column_spec entries_columns[] = {
        { value_member(first, "id") ? "id" : "name", "name" },
        { value_member(first, "title") ? "title" : "summary", "title" },
        { NULL, NULL },
    };
    return output_list(session, list, list, is_contents ? contents_columns : entries_columns);
}

/* Reading in what is built in needs no directory: one that is only in the environment and not there
 * (yet) is no fault. */
static bool open_catalogue(struct session *session)
{
    uint64_t size;
    bool has_folder = argument_is_given(session->arguments, "-C") ||
                      argument_is_given(session->arguments, "--as-of") ||
                      (session->folder && file_exists(session->folder));
    return has_folder ? session_store(session, STORE_READ) && session_size(session, &size)
                      : session_catalogue(session);
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct slice words = argument_slice(arguments, "--search");
    struct slice path = slice_of(arguments->words_count ? arguments->words[0] : NULL);
    struct value *tree;
    bool ok;
    if (arguments->words_count > 1) {
        error_set(&session->err, ERROR_USAGE, NULL, "name one thing: attest catalog NAME[/ID]");
        return session_fail(session);
    }
    struct selector *selector;
    if (!open_catalogue(session) || !session_selector(session, session->size, &selector))
        return session_fail(session);
    if (selector && (words.len > 0 || !catalogue_edition(session->catalogue, path))) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "--layer and the like narrow a list of criteria");
        error_hint(&session->err, "attest catalog tsc-2017 --principle availability");
        return session_fail(session);
    }
    if (slice_is(path, "scheme-sheet"))
        return show_sheet(session);
    tree = words.len  ? catalogue_search(session->catalogue, session->arena, words, &session->err)
           : path.len ? catalogue_show(session->catalogue, session->arena, path, &session->err)
                      : catalogue_contents(session->catalogue, session->arena, &session->err);
    if (!tree || !select_criteria(session, selector, path, tree))
        return session_fail(session);
    ok = tree->type == VALUE_ARRAY ? show_list(session, tree, !words.len && !path.len)
                                   : output_document(session, tree);
    return ok ? 0 : session_fail(session);
}

const struct verb verb_catalog = {
    .name = "catalog",
    .usage = "[NAME[/ID]] [--search WORDS] " USAGE_SELECTION,
    .summary = "criteria, crosswalks, starter controls, population types, your own catalogues",
    .details =
        "A criterion is always named with its catalogue: three editions use the same numbers\n"
        "with other meanings. With a data directory, its own catalogues (attest explain\n"
        "Catalogue) are listed and shown like the built-in ones.",
    .examples = examples,
    .options = options,
    .run = run,
};
