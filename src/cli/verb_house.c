/* attest key, status, log: the house. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/verb.h"
#include "ledger/signature.h"

/* ---- key ---- */

/* A line by itself for people and scripts; {"key": ...} where a form is asked for. */
static bool show_key(struct session *session, struct slice key)
{
    if (session->format == FORMAT_TABLE)
        return printf("%.*s\n", SLICE_ARG(key)) > 0;
    struct value *object = value_new(session->arena, VALUE_OBJECT, &session->err);
    return object && value_put_text(session->arena, object, "key", key, &session->err) &&
           output_document(session, object);
}

static int run_key(struct session *session, const struct arguments *arguments)
{
    struct strbuf text = strbuf_new(4096);
    struct slice line;
    int status = 0;
    bool makes = arguments->words_count == 2 && strcmp(arguments->words[0], "new") == 0;
    if (makes) {
        if (!person_key_create(session->arena, arguments->words[1], SLICE("attest"), &line,
                               &session->err))
            return session_fail(session);
        if (!show_key(session, slice_trim(line)))
            return session_fail(session);
        session_tell(session, "next: add it to the person: keys: [{key: \"%.*s\"}]",
                     SLICE_ARG(slice_trim(line)));
        return 0;
    }
    if (arguments->words_count > 0) {
        error_set(&session->err, ERROR_USAGE, NULL, "write attest key, or attest key new FILE");
        return session_fail(session);
    }
    if (!session_store(session, STORE_READ))
        return session_fail(session);
    verifier_key_format(ledger_verifier(store_ledger(session->store)), &text);
    if (!strbuf_ok(&text, &session->err) || !show_key(session, strbuf_slice(&text)))
        status = session_fail(session);
    strbuf_free(&text);
    return status;
}

static const char *const key_examples[] = { "attest key", "attest key new partner_key", NULL };
const struct verb verb_key = {
    .name = "key",
    .usage = "[new FILE]",
    .summary = "the ledger's verifier key; make a person's signing key",
    .details =
        "A person's key is an OpenSSH Ed25519 key without passphrase: ssh-keygen -t ed25519 makes\n"
        "one too. FILE is the private half; FILE.pub goes into the Person's field keys.",
    .examples = key_examples,
    .run = run_key,
};

/* ---- status ---- */

static bool put_count(struct session *session, struct value *object, const char *name,
                      struct slice type, uint64_t size)
{
    struct stored_entries list;
    return entry_list(session->store, session->arena, type, (struct slice){ 0 }, size, &list,
                      &session->err) &&
           value_put_i64(session->arena, object, name, (int64_t)list.count, &session->err);
}

static int run_status(struct session *session, const struct arguments *arguments)
{
    static const struct {
        const char *name, *type;
    } counted[] = { { "segments", "segment" },       { "populations", "population" },
                    { "test_runs", "test.run" },     { "evaluations", "evaluation" },
                    { "conclusions", "conclusion" }, { "opinions", "opinion" },
                    { "reports", "report" } };
    struct resource_list resources;
    uint64_t size;
    (void)arguments;
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    struct value *status = value_new(session->arena, VALUE_OBJECT, &session->err);
    bool ok =
        status &&
        value_put_text(session->arena, status, "origin",
                       ledger_origin(store_ledger(session->store)), &session->err) &&
        value_put_i64(session->arena, status, "ledger_size", (int64_t)size, &session->err) &&
        resource_list(session->store, session->arena, (struct slice){ 0 }, size, &resources,
                      &session->err) &&
        value_put_i64(session->arena, status, "resources", (int64_t)resources.count, &session->err);
    for (size_t i = 0; ok && i < ARRAY_LEN(counted); i++)
        ok = put_count(session, status, counted[i].name, slice_of(counted[i].type), size);
    return ok && output_document(session, status) ? 0 : session_fail(session);
}

static const char *const status_examples[] = { "attest status",
                                               "attest status --as-of 2026-03-31 -o json", NULL };
const struct verb verb_status = {
    .name = "status",
    .usage = "[--as-of WHEN]",
    .summary = "what the data directory holds",
    .examples = status_examples,
    .run = run_status,
    .takes_no_words = true,
};

/* ---- log ---- */

static int run_log(struct session *session, const struct arguments *arguments)
{
    static const struct column_spec columns[] = { { "n", "ledger" },  { "at", "at" },
                                                  { "type", "type" }, { "name", "name" },
                                                  { "actor", "by" },  { "side", "side" },
                                                  { NULL, NULL } };
    uint64_t size;
    (void)arguments;
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    struct value *list = value_new(session->arena, VALUE_ARRAY, &session->err);
    for (uint64_t n = 0; list && n < size; n++) {
        struct stored_entry entry;
        char hex[65];
        struct value *item = value_add_object(session->arena, list, &session->err);
        if (!item || !entry_get(session->store, session->arena, n, &entry, &session->err))
            return session_fail(session);
        digest_hex(&entry.leaf, hex);
        if (!value_put_i64(session->arena, item, "n", (int64_t)n, &session->err) ||
            !value_put_text(session->arena, item, "at", entry.at, &session->err) ||
            !value_put_text(session->arena, item, "type", entry.type, &session->err) ||
            !value_put_text(session->arena, item, "name", entry.key, &session->err) ||
            !value_put_text(session->arena, item, "actor", entry.actor, &session->err) ||
            !value_put_text(session->arena, item, "side", entry.side, &session->err) ||
            !value_put_text(session->arena, item, "leaf", slice_of(hex), &session->err))
            return session_fail(session);
    }
    return list && output_list(session, list, list, columns) ? 0 : session_fail(session);
}

static const char *const log_examples[] = { "attest log", "attest log --as-of '#100' -o json",
                                            NULL };
const struct verb verb_log = {
    .name = "log",
    .usage = "[--as-of WHEN]",
    .summary = "the ledger, entry by entry",
    .examples = log_examples,
    .run = run_log,
    .takes_no_words = true,
};
