#include "cli/signing.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/ssh_agent.h"

/* Signs an entry with the acting person's key: store's hook. */
static struct value *sign_entry(void *context, struct arena *arena, struct slice message,
                                struct error *err)
{
    return signature_make(arena, context, message, err);
}

static bool sign_with(struct session *session, struct person_signer key)
{
    session->signer = key;
    session->acting.actor.sign = sign_entry;
    session->acting.actor.sign_context = &session->signer;
    return true;
}

/* ---- a file ---- */

/* Whether the person's `keys` hold this public key. */
static bool is_own_key(struct session *session, const uint8_t public_key[32])
{
    const struct value *keys = value_member(session->acting.document, "keys");
    for (size_t i = 0; i < value_count(keys); i++) {
        uint8_t own[32];
        struct slice line = value_text_of(value_item(keys, i), "key");
        if (ssh_public_ed25519(session->arena, line, own) &&
            memcmp(own, public_key, sizeof own) == 0)
            return true;
    }
    return false;
}

/* As ssh does: a key that others can read is not a person's own any more. */
static bool is_private_file(const char *path, struct error *err)
{
    struct stat status;
    if (stat(path, &status) != 0 || (status.st_mode & 077) == 0)
        return true; /* one that is not there is told where it is read */
    error_set(err, ERROR_REFUSED, path, "other people of this machine can read this key");
    return error_hint(err, "chmod 600 %s", path);
}

static bool file_key(struct session *session, const char *path)
{
    if (!is_private_file(path, &session->err))
        return false;
    session->key = arena_alloc(session->arena, sizeof *session->key, &session->err);
    if (!session->key || !person_key_read(session->arena, path, session->key, &session->err))
        return false;
    if (!is_own_key(session, session->key->public_key)) {
        error_set(&session->err, ERROR_REFUSED, path, "this is not a key of %.*s",
                  SLICE_ARG(session->acting.person));
        return error_hint(&session->err, "the person's keys are listed in its field keys");
    }
    return sign_with(session, person_key_signer(session->key));
}

/* ---- an agent ---- */

/* The first of the person's keys that is valid now and that the agent holds. */
static bool agent_key(struct session *session)
{
    const struct value *keys = value_member(session->acting.document, "keys");
    for (size_t i = 0; i < value_count(keys); i++) {
        uint8_t own[32];
        bool is_held = false;
        struct slice line = value_text_of(value_item(keys, i), "key");
        if (!acting_key_is_valid(&session->acting, i) ||
            !ssh_public_ed25519(session->arena, line, own))
            continue;
        if (!ssh_agent_holds(session->agent, own, &is_held, &session->err))
            return false;
        if (is_held)
            return sign_with(session, ssh_agent_signer(session->agent, own));
    }
    error_set(&session->err, ERROR_REFUSED, NULL,
              "%.*s has a key, so acting as that person needs it, and the ssh-agent has none of "
              "that person's",
              SLICE_ARG(session->acting.person));
    return error_hint(&session->err, "ssh-add FILE, or --sign-key FILE (or ATTEST_SIGN_KEY)");
}

bool session_sign(struct session *session)
{
    const char *file = argument_value(session->arguments, "--sign-key");
    const char *socket_path = getenv("SSH_AUTH_SOCK");
    if (!file)
        file = getenv("ATTEST_SIGN_KEY");
    if (file)
        return file_key(session, file);
    if (!session->acting.needs_key)
        return true;
    if (!socket_path || !*socket_path) {
        error_set(&session->err, ERROR_REFUSED, NULL,
                  "%.*s has a key, so acting as that person needs it",
                  SLICE_ARG(session->acting.person));
        return error_hint(&session->err, "--sign-key FILE (or ATTEST_SIGN_KEY), or an ssh-agent "
                                         "that holds the key: ssh-add FILE");
    }
    session->agent = ssh_agent_open(session->arena, socket_path, &session->err);
    if (!session->agent)
        return error_hint(&session->err, "SSH_AUTH_SOCK names it; or --sign-key FILE");
    return agent_key(session);
}

void session_sign_end(struct session *session)
{
    if (session->key)
        sodium_memzero(session->key, sizeof *session->key);
    ssh_agent_close(session->agent);
}
