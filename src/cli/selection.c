#include "cli/selection.h"

#include <string.h>

static bool word_of(struct session *session, const char *option, const char *const *words,
                    size_t count, struct slice *word)
{
    *word = argument_slice(session->arguments, option);
    for (size_t i = 0; i < count; i++)
        if (word->len == 0 || slice_is(*word, words[i]))
            return true;
    const char *near = slice_nearest(*word, words, count);
    error_set(&session->err, ERROR_USAGE, option, "\"%.*s\" is none", SLICE_ARG(*word));
    return near
               ? error_hint(&session->err, "did you mean %s?", near)
               : error_hint(&session->err, "from %s to %s: see --help", words[0], words[count - 1]);
}

static bool party_of(struct session *session, uint64_t size, struct slice *party)
{
    static const char *const words[] = { "own", "user", "subservice" };
    struct slice asked = argument_slice(session->arguments, "--party");
    if (slice_starts_with(asked, SLICE("vendor/"))) {
        *party = asked;
        return session_store(session, STORE_READ) && session_has(session, "vendor", asked, size);
    }
    return word_of(session, "--party", words, ARRAY_LEN(words), party);
}

bool session_selector(struct session *session, uint64_t size, struct selector **selector)
{
    static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g" };
    struct selection selection = { 0 };
    *selector = NULL;
    if (!word_of(session, "--layer", layer_names, LAYERS_COUNT, &selection.layer) ||
        !word_of(session, "--principle", principle_names, PRINCIPLES_COUNT, &selection.principle) ||
        !word_of(session, "--sheet-category", letters, LETTERS_COUNT, &selection.letter) ||
        !party_of(session, size, &selection.party))
        return false;
    if (selection.layer.len + selection.principle.len + selection.letter.len +
            selection.party.len ==
        0)
        return true;
    *selector = selector_new(session->store, session->catalogue, session->arena, size, &selection,
                             &session->err);
    return *selector != NULL;
}

bool session_select(struct session *session, const struct selector *selector, struct value *list,
                    const char *member)
{
    size_t kept = 0;
    for (size_t i = 0; selector && i < list->count; i++) {
        bool takes;
        if (!selector_takes_name(selector, value_text_of(list->items[i], member), &takes,
                                 &session->err))
            return false;
        if (takes)
            list->items[kept++] = list->items[i];
    }
    if (selector)
        list->count = kept;
    return true;
}
