#include "cli/signing.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ledger/ssh_agent.h"

static bool sign_with(struct session *session, struct person_signer key, const char *where)
{
    session->signer = key;
    return acting_sign(&session->acting, &session->signer, where, &session->err);
}

/* ---- a file ---- */

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
    return sign_with(session, person_key_signer(session->key), path);
}

/* ---- an agent ---- */

/* The first of the person's keys that is valid now and that the agent holds. */
static bool agent_key(struct session *session)
{
    const struct acting_key *held = NULL;
    for (size_t i = 0; i < session->acting.keys_count && !(held && held->is_valid); i++) {
        const struct acting_key *key = &session->acting.keys[i];
        bool is_held = false;
        if (!ssh_agent_holds(session->agent, key->public_key, &is_held, &session->err))
            return false;
        if (is_held)
            held = key;
    }
    if (held)
        return sign_with(session, ssh_agent_signer(session->agent, held->public_key), NULL);
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
    if (!session->acting.actor.needs_key)
        return true;
    if (!acting_can_sign(&session->acting, &session->err))
        return false;
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
