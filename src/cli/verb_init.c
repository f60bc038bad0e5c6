/* attest init DIR: store, ledger, ledger key, the first person. */
#include <stdio.h>

#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "program/plan.h"

static const struct option options[] = {
    { "--origin", "NAME",
      "the ledger's name, a URL without scheme; by default attest.local/ and "
      "eight random hex digits" },
    { "--name", "TEXT", "the first person's name" },
    { "--starter", "SET", "begin with a starter set of controls: saas" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest init mycompany",
    "ATTEST_AS=person/dana attest init mycompany --name 'Dana Example' --starter saas",
    NULL,
};

static const char *default_origin(struct session *session)
{
    uint32_t number;
    random_fill(&number, sizeof number);
    return arena_printf(session->arena, &session->err, "attest.local/%08x", number);
}

static bool apply_starter(struct session *session, struct slice set, const char *folder,
                          struct documents *documents)
{
    struct plan plan;
    struct plan_options nothing = { 0 };
    struct plan_applied applied;
    if (!session_acting(session) ||
        !plan_make(session->store, session->catalogue, session->arena, documents, &session->acting,
                   &nothing, &plan, &session->findings, &session->err) ||
        !plan_apply(session->store, &plan, &session->acting, &applied, &session->err) ||
        !catalogue_starter_write(session->catalogue, set, folder, &session->err))
        return false;
    session_tell(session, "starter set %.*s: %zu resources, applied; the files to edit are in %s",
                 SLICE_ARG(set), applied.written, folder);
    return true;
}

static bool show(struct session *session, const char *origin, struct strbuf *vkey)
{
    verifier_key_format(ledger_verifier(store_ledger(session->store)), vkey);
    if (!strbuf_ok(vkey, &session->err))
        return false;
    if (session->format == FORMAT_TABLE) {
        printf("created %s: store, ledger\norigin %s\nledger key %s\n", session->folder, origin,
               vkey->at);
        return true;
    }
    struct value *made = value_new(session->arena, VALUE_OBJECT, &session->err);
    return made &&
           value_put_text(session->arena, made, "folder", slice_of(session->folder),
                          &session->err) &&
           value_put_text(session->arena, made, "origin", slice_of(origin), &session->err) &&
           value_put_text(session->arena, made, "key", strbuf_slice(vkey), &session->err) &&
           output_document(session, made);
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct documents documents = { 0 };
    struct slice starter = argument_slice(arguments, "--starter");
    const char *origin = argument_value(arguments, "--origin"), *files;
    struct strbuf vkey = strbuf_new(1024);
    int status = 0;
    if (arguments->words_count != 1) {
        error_set(&session->err, ERROR_USAGE, NULL, "name one folder: attest init DIR");
        return session_fail(session);
    }
    session->folder = arguments->words[0];
    if (!origin)
        origin = default_origin(session);
    files = starter.len > 0
                ? arena_printf(session->arena, &session->err, "%s/programme", session->folder)
                : "FILES";
    /* A set that is not there is told before anything is made. */
    if (!origin || !files || !session_catalogue(session) ||
        (starter.len > 0 && !documents_starter(session->arena, session->catalogue, starter,
                                               &documents, &session->findings, &session->err)) ||
        !store_create(session->folder, slice_of(origin), &session->err) ||
        !session_store(session, STORE_WRITE) || !session_first_person(session) ||
        (starter.len > 0 && !apply_starter(session, starter, files, &documents)) ||
        !show(session, origin, &vkey)) {
        status = session_fail(session);
        goto done;
    }
    if (starter.len > 0)
        session_tell(session, "next: attest -C %s doctor", session->folder);
    else
        session_tell(session, "next: attest -C %s apply -f FILES --dry-run", session->folder);
done:
    strbuf_free(&vkey);
    return status;
}

const struct verb verb_init = {
    .name = "init",
    .usage = "DIR [--origin NAME] [--name TEXT] [--starter SET]",
    .summary = "make a data directory",
    .details =
        "Makes DIR with a store, a ledger and the ledger's key, and writes the first person,\n"
        "an administrator. The key printed is what others pin to verify what you send them.\n"
        "A starter set is applied, and its files are written to DIR/programme: edit them there\n"
        "and apply them again.",
    .examples = examples,
    .options = options,
    .run = run,
};
