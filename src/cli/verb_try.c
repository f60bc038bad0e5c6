/* attest test try: what a test would say with other values of its parameters. */
#include <stdlib.h>

#include "audit/try.h"
#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"

enum { SET_MAX = 64, SECONDS_MAX = 3600 };

static const struct option options[] = {
    { "--set", "NAME=VALUE", "a parameter's value for this time; may be repeated" },
    { "--period", "FROM..TO", "days, both included, in the engagement's time zone (UTC if none)" },
    { "--engagement", "ID", "an engagement; gives the period" },
    { NULL, NULL, NULL },
};
static const struct column_spec columns[] = {
    { "item", "item" },
    { "attribute", "attribute" },
    { "in_force", "in force" },
    { "tried", "tried" },
    { NULL, NULL },
};

/* For tables and CSV a key is one text: "chg-1", or ["a","b"] for keys of several parts. */
static struct value *moved_shown(struct session *session, const struct value *moved)
{
    struct error *err = &session->err;
    struct value *list = value_new(session->arena, VALUE_ARRAY, err);
    for (size_t i = 0; list && i < value_count(moved); i++) {
        struct value *item = value_copy(session->arena, value_item(moved, i), err);
        const struct value *key = value_member(item, "key");
        struct slice text = value_text(value_item(key, 0));
        if (!item ||
            (value_count(key) != 1 && !json_canonical_copy(session->arena, key, &text, err)) ||
            !value_put_text(session->arena, item, "item", text, err) ||
            !value_add(session->arena, list, item, err))
            return NULL;
    }
    return list;
}

static void tell(struct session *session, const struct value *result)
{
    const struct value *attributes = value_member(result, "attributes");
    session_tell(session, "%.*s v%.*s, nothing is written: %.*s items in force, %.*s tried",
                 SLICE_ARG(value_text_of(result, "test")),
                 SLICE_ARG(value_member(result, "version")->text),
                 SLICE_ARG(value_path(result, "items.in_force")->text),
                 SLICE_ARG(value_path(result, "items.tried")->text));
    for (size_t i = 0; i < value_count(attributes); i++) {
        const struct value *one = value_item(attributes, i);
        session_tell(session, "%.*s fails %.*s, would fail %.*s; undecided %.*s, would be %.*s",
                     SLICE_ARG(value_text_of(one, "id")),
                     SLICE_ARG(value_path(one, "in_force.fails")->text),
                     SLICE_ARG(value_path(one, "tried.fails")->text),
                     SLICE_ARG(value_path(one, "in_force.undecided")->text),
                     SLICE_ARG(value_path(one, "tried.undecided")->text));
    }
    if (value_count(value_member(result, "moved")) == 0)
        session_tell(session, "no item moves");
}

static int run(struct session *session, const struct arguments *arguments)
{
    const char *set[SET_MAX], *tmp = getenv("TMPDIR");
    if (arguments->words_count != 1) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name one test: attest test try test/X --set NAME=VALUE --period FROM..TO");
        return session_fail(session);
    }
    struct try_options wanted = { .test = slice_of(arguments->words[0]),
                                  .period = argument_slice(arguments, "--period"),
                                  .engagement = argument_slice(arguments, "--engagement"),
                                  .set = set,
                                  .temp_folder = tmp ? tmp : "/tmp",
                                  .seconds_max = SECONDS_MAX,
                                  .stop = &session_interrupted };
    wanted.set_count = argument_values(arguments, "--set", set, SET_MAX);
    if (!session_store(session, STORE_READ) ||
        !session_has(session, "test", wanted.test, store_size(session->store)))
        return session_fail(session);
    const struct value *result =
        test_try(session->store, session->catalogue, session->arena, &wanted, &session->err);
    if (!result)
        return session_fail(session);
    if (session->format == FORMAT_TABLE)
        tell(session, result);
    const struct value *moved = moved_shown(session, value_member(result, "moved"));
    if (!moved || (session->format == FORMAT_TABLE && value_count(moved) == 0))
        return moved ? 0 : session_fail(session);
    return output_list(session, result, moved, columns) ? 0 : session_fail(session);
}

static const char *const examples[] = {
    "attest test try test/LA-04.T1 --set hours=48 --period 2026-01-01..2026-12-31",
    "attest test try test/LA-04.T1 --set hours=48 --set strict=false --engagement soc2-2026 -o csv",
    NULL,
};
const struct verb verb_test_try = {
    .name = "test try",
    .usage = "test/ID [--set NAME=VALUE]... --period FROM..TO",
    .summary = "what a test would say with other values of its parameters",
    .details =
        "Runs the test with the values in force and with those that are set, and shows the items\n"
        "that move. Nothing is written. An item that only one of both looks at is \"absent\" from\n"
        "the other.",
    .examples = examples,
    .options = options,
    .run = run,
};
