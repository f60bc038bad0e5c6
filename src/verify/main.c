/* attest-verify: checks a bundle offline. Needs the bundle and nothing else: no data directory, no
 * database, no network. Exit status: 0 it holds, 1 it does not, 2 wrong use, 3 it could not be
 * checked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "verify/bundle.h"

enum { SIGNERS_BYTES_MAX = 16 << 20, PEERS_MAX = 16 };

struct call {
    const char *file;
    const char *signers_path, *since_path;
    struct verifier_key peers[PEERS_MAX];
    struct verify_options options;
    bool is_json, wants_help, wants_version;
};

static const char usage[] =
    "usage: attest-verify FILE.zip [--key VKEY] [--signers FILE] [--since FILE] [--peer VKEY]...\n"
    "                     [-o json]\n"
    "\n"
    "Checks a bundle of a report: that its ledger is the one that was signed, that every byte in "
    "it\n"
    "is what was committed to, and that the evidence was there before the tests, the tests before\n"
    "the conclusions, and these before the opinion and the report.\n"
    "\n"
    "  --key VKEY      the ledger's verifier key, as you know it from elsewhere\n"
    "  --signers FILE  who signs with which key: OpenSSH allowed_signers, names as person/ID\n"
    "  --since FILE    an earlier bundle or checkpoint of the same ledger, to see that this one\n"
    "                  continues it\n"
    "  --peer VKEY     key of another house whose packets the ledger received; may be repeated\n"
    "  -o json         {\"ok\": ..., \"checks\": [{\"id\", \"state\", \"detail\"}]}\n"
    "\n"
    "Exit status: 0 holds, 1 does not hold, 2 wrong use, 3 could not be checked.\n";

/* To add an option with a value: here, in option_take() and in the usage. */
static const char *const valued[] = { "--key", "--signers", "--since", "--peer", "-o" };

/* ---- the call ---- */

static bool wrong_use(const char *what, const char *word)
{
    fprintf(stderr, "attest-verify: %s%s\n", what, word);
    fputs("see attest-verify --help\n", stderr);
    return false;
}

static bool peer_take(struct call *call, const char *value)
{
    if (call->options.peers_count == PEERS_MAX)
        return wrong_use("too many peers: ", value);
    if (!verifier_key_parse(slice_of(value), &call->peers[call->options.peers_count]))
        return wrong_use("this is no verifier key: ", value);
    call->options.peers_count++;
    call->options.peers = call->peers;
    return true;
}

static bool option_take(struct call *call, const char *option, const char *value)
{
    if (strcmp(option, "--key") == 0)
        call->options.key = slice_of(value);
    else if (strcmp(option, "--signers") == 0)
        call->signers_path = value;
    else if (strcmp(option, "--since") == 0)
        call->since_path = value;
    else if (strcmp(option, "--peer") == 0)
        return peer_take(call, value);
    else if (strcmp(option, "-o") == 0 && strcmp(value, "json") == 0)
        call->is_json = true;
    else if (strcmp(option, "-o") == 0 && strcmp(value, "table") == 0)
        call->is_json = false;
    else
        return wrong_use("-o is json or table, not ", value);
    return true;
}

static bool call_read(struct call *call, int count, char **words)
{
    for (int i = 1; i < count; i++) {
        const char *word = words[i];
        bool has_value = false;
        for (size_t v = 0; v < ARRAY_LEN(valued); v++)
            has_value = has_value || strcmp(word, valued[v]) == 0;
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            call->wants_help = true;
        } else if (strcmp(word, "--version") == 0) {
            call->wants_version = true;
        } else if (has_value && i + 1 == count) {
            return wrong_use("a value is missing after ", word);
        } else if (has_value) {
            if (!option_take(call, word, words[++i]))
                return false;
        } else if (word[0] == '-' && word[1] != '\0') {
            return wrong_use("no such option: ", word);
        } else if (call->file) {
            return wrong_use("one file at a time, not also ", word);
        } else {
            call->file = word;
        }
    }
    return call->wants_help || call->wants_version || call->file || wrong_use("which file?", "");
}

/* ---- the answer ---- */

static bool print(struct slice text)
{
    struct error err = { 0 };
    if (fd_write_all(STDOUT_FILENO, text, "standard output", &err))
        return true;
    fprintf(stderr, "attest-verify: %s\n", err.message);
    return false;
}

/* Not being able to look is never the reader's wrong use, whichever error it is. */
static int could_not(const struct error *err)
{
    fprintf(stderr, "attest-verify: %s%s%s\n", err->where, err->where[0] ? ": " : "", err->message);
    if (err->hint[0])
        fprintf(stderr, "hint: %s\n", err->hint);
    return err->code == ERROR_USAGE ? 2 : 3;
}

static int answer(const struct call *call, struct verifier *verifier)
{
    struct strbuf out = strbuf_new(1 << 22);
    const struct verification *verification = verifier_verification(verifier);
    struct error err = { 0 };
    int status = verification_holds(verification) ? 0 : 1;
    if (call->is_json)
        verification_json(verification, &out);
    else
        verification_text(verification, &out);
    if (!strbuf_ok(&out, &err))
        status = could_not(&err);
    else if (!print(strbuf_slice(&out)))
        status = 3;
    strbuf_free(&out);
    return status;
}

static bool files_read(struct call *call, struct arena *arena, struct error *err)
{
    if (call->signers_path &&
        !file_read(arena, call->signers_path, SIGNERS_BYTES_MAX, &call->options.signers, err))
        return false;
    return !call->since_path ||
           bundle_checkpoint(arena, call->since_path, &call->options.known, err);
}

static int verify(struct call *call)
{
    struct error err = { 0 };
    struct verifier *verifier = NULL;
    struct arena *arena = arena_new(4 * (size_t)SIGNERS_BYTES_MAX, &err);
    if (arena && files_read(call, arena, &err))
        verifier = verify_file(call->file, &call->options, &err);
    int status = verifier ? answer(call, verifier) : could_not(&err);
    verifier_free(verifier);
    arena_free(arena);
    return status;
}

int main(int count, char **words)
{
    struct call call = { 0 };
    if (!call_read(&call, count, words))
        return 2;
    if (call.wants_help)
        return print(slice_of(usage)) ? 0 : 3;
    if (call.wants_version)
        return print(SLICE("attest-verify " ATTEST_VERSION "\n")) ? 0 : 3;
    return verify(&call);
}
