/* Reading resources: get, history, diff, export, explain. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/verb.h"
#include "program/files.h"
#include "program/resources.h"

static int use(struct session *session, const char *message)
{
    error_set(&session->err, ERROR_USAGE, NULL, "%s", message);
    return session_fail(session);
}

/* ---- get ---- */

static const struct column_spec list_columns[] = {
    { "name", "name" },  { "version", "version" }, { "title", "title" },
    { "at", "written" }, { NULL, NULL },
};

/* The files that a document names: in the tree for programs, beside the document for people. */
static bool show_named_files(struct session *session, const struct kind *kind, struct value *one,
                             uint64_t size)
{
    struct attached_files files;
    if (!files_named(session->store, session->arena, kind, value_member(one, "document"), size,
                     &files, &session->err))
        return false;
    struct value *list =
        files.count ? value_put_array(session->arena, one, "files", &session->err) : NULL;
    for (size_t i = 0; i < files.count; i++) {
        const struct attached_file *file = &files.items[i];
        if (session->format == FORMAT_TABLE)
            session_tell(session, "%.*s  %.*s  %llu bytes  %.*s", SLICE_ARG(file->name),
                         SLICE_ARG(file->media), (unsigned long long)file->bytes,
                         SLICE_ARG(file->file));
        if (!list || !value_add(session->arena, list,
                                file_value(session->arena, file, &session->err), &session->err))
            return false;
    }
    return true;
}

static int run_get(struct session *session, const struct arguments *arguments)
{
    const struct kind *kind = NULL;
    struct slice id = { 0 }, name = { 0 };
    uint64_t size;
    if (arguments->words_count > 1)
        return use(session, "name one kind or resource: attest get KIND[/ID]");
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    if (arguments->words_count == 1 &&
        !resource_typed(session->catalogue, session->arena, slice_of(arguments->words[0]), &kind,
                        &id, &name, &session->err))
        return session_fail(session);
    struct selector *selector;
    if (!session_selector(session, size, &selector))
        return session_fail(session);
    if (id.len == 0) {
        struct value *list = resources_list(session->store, session->catalogue, session->arena,
                                            kind, size, &session->err);
        return list && session_select(session, selector, list, "name") &&
                       output_list(session, list, list, list_columns)
                   ? 0
                   : session_fail(session);
    }
    if (selector)
        return use(session, "one resource was named: --layer and the like narrow a list");
    struct value *one = resources_get(session->store, session->catalogue, session->arena, name,
                                      size, &session->err);
    if (!one)
        return session_fail(session);
    /* A table of one thing is its document, as people write it. */
    if (session->format == FORMAT_TABLE)
        session_tell(session, "%.*s version %.*s, written %.*s by %.*s",
                     SLICE_ARG(value_text_of(one, "name")),
                     SLICE_ARG(value_member(one, "version")->text),
                     SLICE_ARG(value_text_of(one, "at")), SLICE_ARG(value_text_of(one, "actor")));
    if (!show_named_files(session, kind, one, size))
        return session_fail(session);
    return output_document(session,
                           session->format == FORMAT_JSON ? one : value_member(one, "document"))
               ? 0
               : session_fail(session);
}

static const struct option get_options[] = { OPTIONS_SELECTION, { NULL, NULL, NULL } };
static const char *const get_examples[] = {
    "attest get Control",
    "attest get Control --layer Facilities --principle security",
    "attest get control/CM-02 --as-of 2026-03-31",
    "attest get test/CM-02.T1 -o json",
    "attest get control/CM-02 -o csv",
    "attest get Risk -o xlsx --out risks.xlsx",
    NULL,
};
const struct verb verb_get = {
    .name = "get",
    .usage = "[KIND[/ID]] " USAGE_SELECTION " [--as-of WHEN]",
    .summary = "list resources, or show one",
    .details = "A list may be narrowed to what concerns a layer, a principle, a category of 2014 "
               "or a party.\n" DETAILS_SELECTION,
    .examples = get_examples,
    .options = get_options,
    .run = run_get,
};

/* ---- history ---- */

static const struct column_spec history_columns[] = {
    { "version", "version" }, { "op", "op" },    { "at", "written" }, { "actor", "by" },
    { "side", "side" },       { "n", "ledger" }, { NULL, NULL },
};

static int run_history(struct session *session, const struct arguments *arguments)
{
    const struct kind *kind;
    struct slice id, name;
    uint64_t size;
    if (arguments->words_count != 1)
        return use(session, "name one resource: attest history KIND/ID");
    if (!session_store(session, STORE_READ) || !session_size(session, &size) ||
        !resource_typed(session->catalogue, session->arena, slice_of(arguments->words[0]), &kind,
                        &id, &name, &session->err))
        return session_fail(session);
    if (id.len == 0)
        return use(session, "name one resource: attest history KIND/ID");
    const struct value *list = resources_history(session->store, session->catalogue, session->arena,
                                                 name, size, &session->err);
    return list && output_list(session, list, list, history_columns) ? 0 : session_fail(session);
}

static const char *const history_examples[] = { "attest history control/CM-02",
                                                "attest history control/CM-02 -o json", NULL };
const struct verb verb_history = {
    .name = "history",
    .usage = "KIND/ID",
    .summary = "every version of a resource, with what changed",
    .examples = history_examples,
    .run = run_history,
};

/* ---- diff ---- */

static const struct option diff_options[] = {
    { "--from", "WHEN", "the earlier position; by default the beginning" },
    { "--exit-code", NULL, "exit status 1 if something differs" },
    { NULL, NULL, NULL },
};
static const struct column_spec diff_columns[] = {
    { "name", "name" },     { "action", "action" }, { "version_from", "from" },
    { "version_to", "to" }, { NULL, NULL },
};

static int run_diff(struct session *session, const struct arguments *arguments)
{
    struct slice from = argument_slice(arguments, "--from");
    uint64_t from_size = 0, size;
    if (!session_store(session, STORE_READ) || !session_size(session, &size) ||
        (from.len && !store_as_of(session->store, from, &from_size, &session->err)))
        return session_fail(session);
    const struct value *list = resources_compare(session->store, session->catalogue, session->arena,
                                                 from_size, size, &session->err);
    if (!list || !output_list(session, list, list, diff_columns))
        return session_fail(session);
    return argument_is_given(arguments, "--exit-code") && value_count(list) > 0;
}

static const char *const diff_examples[] = { "attest diff --from 2026-03-31",
                                             "attest diff --from '#100' --as-of '#200' -o json",
                                             NULL };
const struct verb verb_diff = {
    .name = "diff",
    .usage = "[--from WHEN] [--as-of WHEN] [--exit-code]",
    .summary = "what changed between two positions of the ledger",
    .details = "To compare files with the store: attest apply -f FILES --dry-run.",
    .examples = diff_examples,
    .options = diff_options,
    .run = run_diff,
    .takes_no_words = true,
};

/* ---- export ---- */

static int run_export(struct session *session, const struct arguments *arguments)
{
    uint64_t size;
    size_t count = 0;
    if (arguments->words_count != 1)
        return use(session, "name one folder: attest export DIR");
    if (!session_store(session, STORE_READ) || !session_size(session, &size) ||
        !resources_export(session->store, session->catalogue, arguments->words[0], size, &count,
                          &session->findings, &session->err))
        return session_fail(session);
    session_findings(session);
    session_tell(session, "%zu files in %s", count, arguments->words[0]);
    return 0;
}

static const char *const export_examples[] = { "attest export programme/",
                                               "attest export then/ --as-of 2026-01-01", NULL };
const struct verb verb_export = {
    .name = "export",
    .usage = "DIR [--as-of WHEN]",
    .summary = "write every resource as YAML, byte-stable",
    .examples = export_examples,
    .run = run_export,
    .gives_no_data = true,
};

/* ---- explain ---- */

static const struct option explain_options[] = {
    { "--schema", NULL, "the JSON Schema of the kind, for editors" },
    { NULL, NULL, NULL },
};

static int run_explain(struct session *session, const struct arguments *arguments)
{
    struct strbuf text = strbuf_new(16 << 20);
    const struct kind *kind = NULL;
    const struct value *tree = NULL;
    bool ok = false;
    bool wants_schema = argument_is_given(arguments, "--schema");
    if (arguments->words_count > 1)
        return use(session, "name one kind: attest explain KIND[.FIELD]");
    struct slice word = slice_of(arguments->words_count ? arguments->words[0] : NULL);
    if (!session_catalogue(session))
        return session_fail(session);
    if (wants_schema) {
        if (word.len && !(kind = kind_typed(session->catalogue, word, &session->err)))
            return session_fail(session);
        tree = kind_schema(session->catalogue, kind, session->arena, &session->err);
        session->format = FORMAT_JSON;
        ok = tree && output_document(session, tree);
    } else if (word.len == 0) {
        tree = catalogue_show(session->catalogue, session->arena, SLICE("kinds"), &session->err);
        static const struct column_spec columns[] = { { "name", "kind" },
                                                      { "summary", "meaning" },
                                                      { NULL, NULL } };
        ok = tree && output_list(session, tree, tree, columns);
    } else if (session->format == FORMAT_TABLE) {
        ok = kind_explain(session->catalogue, word, &text, &session->err) &&
             output_text(session, strbuf_slice(&text));
    } else {
        tree = kind_explained(session->catalogue, session->arena, word, &session->err);
        ok = tree && output_document(session, tree);
    }
    strbuf_free(&text);
    return ok ? 0 : session_fail(session);
}

static const char *const explain_examples[] = { "attest explain Control",
                                                "attest explain Control.frequency",
                                                "attest explain --schema > attest.schema.json",
                                                NULL };
const struct verb verb_explain = {
    .name = "explain",
    .usage = "[KIND[.FIELD]] [--schema]",
    .summary = "what a kind or field means",
    .examples = explain_examples,
    .options = explain_options,
    .run = run_explain,
};
