/* attest verify: a bundle offline, or a data directory. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "report/derived_check.h"
#include "report/raw_check.h"
#include "report/reperform.h"
#include "report/verify_store.h"
#include "verify/bundle.h"
#include "verify/verify.h"

enum { SIGNERS_BYTES_MAX = 16 << 20, PEERS_MAX = 64 };

static const struct option options[] = {
    { "--key", "VKEY", "the ledger's key as you know it from elsewhere" },
    { "--signers", "FILE", "people's keys: OpenSSH allowed_signers, names as person/ID" },
    { "--since", "FILE",
      "an earlier bundle or checkpoint of this ledger: nothing was rolled back" },
    { "--peer", "VKEY", "key of another house whose packets were received; may be repeated" },
    { "--reperform", NULL,
      "read raw files and run every test again; compare rows, matrices, printed reasons" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = {
    "attest verify evidence.zip --reperform",
    "attest verify report.zip --key 'attest.local/1a2b3c4d+0f1e2d3c+AbCd...' -o json",
    "attest verify mycompany",
    NULL,
};

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The checks as rows; what is true of all is the exit status. */
static bool list_checks(struct session *session, const struct verification *verification)
{
    static const struct column_spec columns[] = {
        { "id", "check" }, { "state", "state" }, { "detail", "detail" }, { NULL, NULL }
    };
    struct value *list = value_new(session->arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; list && i < verification_count(verification); i++) {
        const struct check *check = verification_at(verification, i);
        struct value *item = value_add_object(session->arena, list, &session->err);
        if (!item ||
            !value_put_text(session->arena, item, "id", slice_of(check->id), &session->err) ||
            !value_put_text(session->arena, item, "state", slice_of(check_state_name(check->state)),
                            &session->err) ||
            !value_put_text(session->arena, item, "detail", slice_of(check->detail), &session->err))
            return false;
    }
    return list && output_list(session, list, list, columns);
}

static bool print(struct session *session, const struct verification *verification)
{
    if (session->format == FORMAT_CSV || session->format == FORMAT_XLSX)
        return list_checks(session, verification);
    struct strbuf out = strbuf_new(64 << 20);
    if (session->format == FORMAT_JSON)
        verification_json(verification, &out);
    else
        verification_text(verification, &out);
    bool ok = strbuf_ok(&out, &session->err) && output_text(session, strbuf_slice(&out));
    strbuf_free(&out);
    return ok;
}

/* Damaged or not a bundle: that is the answer, not a failure of the machine. */
static int could_not(struct session *session)
{
    int status = session_fail(session);
    return status == 2 && session->err.code != ERROR_USAGE ? 3 : status;
}

static bool read_peers(struct session *session, struct verifier_key *peers,
                       struct verify_options *wanted)
{
    const char *values[PEERS_MAX];
    size_t count = argument_values(session->arguments, "--peer", values, PEERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!verifier_key_parse(slice_of(values[i]), &peers[i]))
            return error_set(&session->err, ERROR_USAGE, "--peer", "\"%s\" is no verifier key",
                             values[i]);
    wanted->peers = peers;
    wanted->peers_count = count;
    return true;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct verify_options wanted = { .key = argument_slice(arguments, "--key") };
    const char *signers = argument_value(arguments, "--signers");
    const char *since = argument_value(arguments, "--since");
    struct verifier_key peers[PEERS_MAX];
    struct verifier *verifier = NULL;
    int status;
    if (arguments->words_count > 1 || (arguments->words_count == 0 && !session->folder)) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name one bundle or data directory: attest verify FILE.zip");
        return session_fail(session);
    }
    const char *path = arguments->words_count ? arguments->words[0] : session->folder;
    if (!read_peers(session, peers, &wanted) ||
        (since && !bundle_checkpoint(session->arena, since, &wanted.known, &session->err)))
        return session_fail(session);
    if (signers &&
        !file_read(session->arena, signers, SIGNERS_BYTES_MAX, &wanted.signers, &session->err))
        return session_fail(session);
    verifier = is_folder(path) ? verify_folder(path, &wanted, &session->err)
                               : verify_file(path, &wanted, &session->err);
    if (!verifier)
        return could_not(session);
    struct verification *verification = verifier_verification(verifier);
    const char *tmp = getenv("TMPDIR");
    bool wants_again = argument_is_given(arguments, "--reperform");
    if (verification_holds(verification) &&
        (!session_catalogue(session) ||
         !derived_check(verifier, session->catalogue, tmp ? tmp : "/tmp", &session->err))) {
        status = could_not(session);
        goto done;
    }
    if (wants_again && verification_holds(verification) &&
        (!session_catalogue(session) || !reperform(verifier, session->catalogue, tmp ? tmp : "/tmp",
                                                   &session->progress.base, &session->err))) {
        status = could_not(session);
        goto done;
    }
    if (wants_again && verification_holds(verification) &&
        !raw_check(verifier, tmp ? tmp : "/tmp", &session->err)) {
        status = could_not(session);
        goto done;
    }
    progress_terminal_clear(&session->progress);
    status =
        print(session, verification) ? !verification_holds(verification) : session_fail(session);
done:
    verifier_free(verifier);
    return status;
}

const struct verb verb_verify = {
    .name = "verify",
    .usage = "FILE.zip|DIR [--key VKEY] [--signers FILE] [--since FILE] [--reperform]",
    .summary = "check a bundle offline, or a data directory",
    .details =
        "Exit status 0: it holds; 1: it does not hold; 3: it could not be checked. Checks that\n"
        "this bundle or this call cannot make are named.",
    .examples = examples,
    .options = options,
    .run = run,
};
