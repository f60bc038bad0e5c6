/* attest attach, file, perform: what people did, and the files that show it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "program/calendar.h"
#include "program/files.h"
#include "program/plan.h"
#include "program/resources.h"

enum { FILES_MAX = 1024 };

static const struct column_spec file_columns[] = {
    { "name", "name" }, { "media", "type" },  { "bytes", "bytes" },
    { "file", "file" }, { "at", "attached" }, { NULL, NULL },
};

static bool show_files(struct session *session, const struct attached_files *files)
{
    struct value *list = value_new(session->arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; list && i < files->count; i++)
        if (!value_add(session->arena, list,
                       file_value(session->arena, &files->items[i], &session->err), &session->err))
            return false;
    return list && output_list(session, list, list, file_columns);
}

/* A document as apply would write it: all checks, one transaction. */
static bool write_document(struct session *session, const struct value *document, const char *from)
{
    struct documents documents = { 0 };
    struct plan plan;
    struct plan_applied applied;
    struct slice text;
    const struct plan_options options = { .prune = false };
    if (!json_canonical_copy(session->arena, document, &text, &session->err) ||
        !documents_add(session->arena, session->catalogue, text, from, &documents,
                       &session->findings, &session->err) ||
        !plan_make(session->store, session->catalogue, session->arena, &documents, &session->acting,
                   &options, &plan, &session->findings, &session->err))
        return false;
    session_findings(session); /* warnings */
    if (!plan_apply(session->store, &plan, &session->acting, &applied, &session->err))
        return false;
    for (size_t i = 0; i < plan.count; i++)
        session_tell(session, "%.*s version %llu", SLICE_ARG(plan.items[i].name),
                     (unsigned long long)plan.items[i].version);
    return true;
}

/* Adds names to the document's list `files`, each once. */
static bool files_put(struct session *session, struct value *document,
                      const struct attached_files *files)
{
    struct arena *arena = session->arena;
    const struct value *there = value_member(document, "files");
    struct value *list = there ? value_copy(arena, there, &session->err)
                               : value_new(arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; list && i < files->count; i++) {
        bool is_there = false;
        for (size_t j = 0; j < list->count; j++)
            is_there = is_there || slice_equal(value_text(list->items[j]), files->items[i].name);
        if (!is_there &&
            !value_add(arena, list, value_new_text(arena, files->items[i].name, &session->err),
                       &session->err))
            return false;
    }
    return list && (list->count == 0 || value_put(arena, document, "files", list, &session->err));
}

/* ---- attach ---- */

static const struct option attach_options[] = {
    { "--to", "KIND/ID", "a new version of this resource names the files" },
    { NULL, NULL, NULL },
};

/* The resource to which files go, before anything is written. */
static bool attach_target(struct session *session, struct slice to, struct value **document)
{
    const struct kind *kind;
    struct slice id, name;
    struct resource_version version;
    if (!resource_typed(session->catalogue, session->arena, to, &kind, &id, &name, &session->err))
        return false;
    if (!schema_field(kind->schema, SLICE("files")) || id.len == 0) {
        error_set(&session->err, ERROR_USAGE, "--to", "a %.*s names no files",
                  SLICE_ARG(kind->name));
        return error_hint(&session->err, "attest perform control/ID --file FILE records what was "
                                         "done, with its files");
    }
    if (!session_has(session, kind->prefix.at, name, store_size(session->store)) ||
        !resource_get(session->store, session->arena, name, store_size(session->store), &version,
                      &session->err))
        return false;
    *document = resource_document(session->catalogue, session->arena, &version, &session->err);
    return *document != NULL;
}

static int run_attach(struct session *session, const struct arguments *arguments)
{
    struct attached_files files;
    struct value *document = NULL;
    struct slice to = argument_slice(arguments, "--to");
    if (arguments->words_count == 0) {
        error_set(&session->err, ERROR_USAGE, NULL, "name files: attest attach FILE...");
        return session_fail(session);
    }
    if (!session_store(session, STORE_WRITE) || !session_acting(session) ||
        (to.len && !attach_target(session, to, &document)) ||
        !files_attach(session->store, &session->acting.actor, session->arena, arguments->words,
                      arguments->words_count, &files, &session->err))
        return session_fail(session);
    for (size_t i = 0; i < files.count; i++)
        if (!files.items[i].is_new)
            session_tell(session, "%s: already there", arguments->words[i]);
    if (document && (!files_put(session, document, &files) ||
                     !write_document(session, document, "attest attach.json")))
        return session_fail(session);
    return show_files(session, &files) ? 0 : session_fail(session);
}

static const char *const attach_examples[] = {
    "attest attach minutes.pdf",
    "attest attach screenshot.png --to performance/GOV-02-2026-03-31",
    NULL,
};
const struct verb verb_attach = {
    .name = "attach",
    .usage = "FILE... [--to KIND/ID]",
    .summary = "put files into the ledger, as evidence of what people did",
    .details =
        "A file is named by the SHA-256 of its bytes, which are kept once and never change. A\n"
        "resource names it in its field files; --to writes a new version of it that does.",
    .examples = attach_examples,
    .options = attach_options,
    .run = run_attach,
};

/* ---- file ---- */

static const struct option file_options[] = {
    { "--out", "FILE", "write its bytes there, checked" },
    { NULL, NULL, NULL },
};

static int run_file(struct session *session, const struct arguments *arguments)
{
    struct attached_file file;
    struct attached_files files;
    uint64_t size;
    /* With -o xlsx it is where the list goes. */
    const char *out = session->format == FORMAT_XLSX ? NULL : argument_value(arguments, "--out");
    if (arguments->words_count > 1 || (out && arguments->words_count == 0)) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name one file: attest file sha256:HEX [--out FILE]");
        return session_fail(session);
    }
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    if (arguments->words_count == 0)
        return files_list(session->store, session->arena, size, &files, &session->err) &&
                       show_files(session, &files)
                   ? 0
                   : session_fail(session);
    if (!file_find(session->store, session->arena, slice_of(arguments->words[0]), size, &file,
                   &session->err))
        return session_fail(session);
    if (!out) {
        const struct value *value = file_value(session->arena, &file, &session->err);
        return value && output_document(session, value) ? 0 : session_fail(session);
    }
    if (!session_may_write(session, out) ||
        !file_fetch(session->store, session->arena, &file, out, &session->err))
        return session_fail(session);
    session_tell(session, "%s: %llu bytes, as attached", out, (unsigned long long)file.bytes);
    return 0;
}

static const char *const file_examples[] = {
    "attest file",
    "attest file sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 "
    "--out minutes.pdf",
    NULL,
};
const struct verb verb_file = {
    .name = "file",
    .usage = "[sha256:HEX [--out FILE]]",
    .summary = "list attached files, or get one back, checked",
    .examples = file_examples,
    .options = file_options,
    .run = run_file,
};

/* ---- perform ---- */

static const struct option perform_options[] = {
    { "--what", "TEXT", "what was done and what came of it" },
    { "--at", "WHEN", "when: an instant, or a day (its end, in the control's zone); default: now" },
    { "--due", "DATE", "the due day it was done for, if the order of time does not tell" },
    { "--file", "FILE", "a file that shows it; may be given again" },
    { NULL, NULL, NULL },
};

/* When it was done: an instant, or a day of the control's zone that is over or still goes on. */
static bool performed_at(struct session *session, const struct value *control, int64_t *at_us)
{
    struct slice text = argument_slice(session->arguments, "--at");
    const struct time_options options = { 0 };
    const struct duration none = { 0 };
    enum time_note note;
    int64_t now_us = clock_now_us();
    int32_t day;
    *at_us = now_us;
    if (text.len == 0)
        return true;
    if (text.len == strlen("2026-03-31")) {
        struct slice name = value_text(value_path(control, "due.timezone"));
        struct zone *zone = name.len ? zone_new(name, &session->err) : NULL;
        if ((name.len && !zone) || !date_parse(text, &day, &session->err)) {
            zone_free(zone);
            return false;
        }
        *at_us = calendar_end(day, zone, &none);
        if (zone_day(now_us, zone) == day)
            *at_us = now_us;
        zone_free(zone);
    } else if (!time_parse(text, &options, at_us, &note, &session->err)) {
        return false;
    }
    if (*at_us <= now_us)
        return true;
    error_set(&session->err, ERROR_INVALID, "--at", "this has not happened yet");
    return error_hint(&session->err, "a performance is written once it is done");
}

/* CONTROL-DAY, or with a number behind where there is one already. */
static const char *free_id(struct session *session, struct slice control, const char *day)
{
    for (int i = 1; i < 1000; i++) {
        struct resource_list versions;
        const char *id =
            i == 1 ? arena_printf(session->arena, &session->err, "%.*s-%s", SLICE_ARG(control), day)
                   : arena_printf(session->arena, &session->err, "%.*s-%s-%d", SLICE_ARG(control),
                                  day, i);
        const char *name =
            id ? arena_printf(session->arena, &session->err, "performance/%s", id) : NULL;
        if (!name || !resource_history(session->store, session->arena, slice_of(name),
                                       store_size(session->store), &versions, &session->err))
            return NULL;
        if (versions.count == 0)
            return id;
    }
    error_set(&session->err, ERROR_INVALID, NULL, "a thousand performances on one day");
    (void)error_hint(&session->err, "write them as documents with ids of your own");
    return NULL;
}

static struct value *performance(struct session *session, const struct value *control,
                                 struct slice name)
{
    const struct arguments *arguments = session->arguments;
    struct arena *arena = session->arena;
    struct slice due = argument_slice(arguments, "--due");
    char at[28];
    int64_t at_us;
    if (!performed_at(session, control, &at_us))
        return NULL;
    time_format(at_us, at);
    const char *day = arena_printf(arena, &session->err, "%.10s", at);
    const char *id = day ? free_id(session, slice_from(name, strlen("control/")), day) : NULL;
    struct value *document = value_new(arena, VALUE_OBJECT, &session->err);
    if (!id || !document ||
        !value_put_text(arena, document, "kind", SLICE("Performance"), &session->err) ||
        !value_put_text(arena, document, "id", slice_of(id), &session->err) ||
        !value_put_text(arena, document, "control", name, &session->err) ||
        !value_put_text(arena, document, "performed_at", slice_of(at), &session->err) ||
        !value_put_text(arena, document, "performed_by", session->acting.person, &session->err) ||
        !value_put_text(arena, document, "what", argument_slice(arguments, "--what"),
                        &session->err) ||
        (due.len && !value_put_text(arena, document, "due_at", due, &session->err)))
        return NULL;
    return document;
}

static int run_perform(struct session *session, const struct arguments *arguments)
{
    const char *paths[FILES_MAX];
    struct attached_files files;
    const struct kind *kind;
    struct slice id, name;
    size_t count = argument_values(arguments, "--file", paths, FILES_MAX);
    if (arguments->words_count != 1 || argument_slice(arguments, "--what").len == 0) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name a control and say what was done: attest perform control/ID --what TEXT");
        return session_fail(session);
    }
    if (!session_store(session, STORE_WRITE) || !session_acting(session) ||
        !resource_typed(session->catalogue, session->arena, slice_of(arguments->words[0]), &kind,
                        &id, &name, &session->err))
        return session_fail(session);
    if (!slice_is(kind->name, "Control") || id.len == 0) {
        error_set(&session->err, ERROR_USAGE, NULL, "name a control: control/ID");
        return session_fail(session);
    }
    if (!session_has(session, "control", name, store_size(session->store)))
        return session_fail(session);
    const struct value *control = resources_get(session->store, session->catalogue, session->arena,
                                                name, store_size(session->store), &session->err);
    struct value *document =
        control ? performance(session, value_member(control, "document"), name) : NULL;
    /* Before the files go into the ledger, for good. */
    if (!document ||
        !files_attach(session->store, &session->acting.actor, session->arena, paths, count, &files,
                      &session->err) ||
        !files_put(session, document, &files) ||
        !write_document(session, document, "attest perform.json"))
        return session_fail(session);
    return output_document(session, document) ? 0 : session_fail(session);
}

static const char *const perform_examples[] = {
    "attest perform control/GOV-02 --what 'Roles and reporting lines reviewed: no change' "
    "--file minutes.pdf",
    "attest perform control/LA-03 --what 'Access of all systems reviewed' --at 2026-04-10 "
    "--due 2026-03-31",
    NULL,
};
const struct verb verb_perform = {
    .name = "perform",
    .usage = "control/ID --what TEXT [--at WHEN] [--due DATE] [--file FILE]...",
    .summary = "record that a control was carried out, with the files that show it",
    .details =
        "Writes a Performance in the acting person's name, signed if the person has a key. A\n"
        "correction is a new version: attest get performance/ID, then attest apply.",
    .examples = perform_examples,
    .options = perform_options,
    .run = run_perform,
};
