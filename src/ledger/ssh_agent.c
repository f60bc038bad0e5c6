/* A message of the agent's protocol is uint32 length, a byte of type, and SSH strings. A client
 * asks and waits for the one answer, so there is never more than one on its way. */
#include "ledger/ssh_agent.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ssh_wire.h"

enum {
    FAILURE = 5,
    REQUEST_IDENTITIES = 11,
    IDENTITIES_ANSWER = 12,
    SIGN_REQUEST = 13,
    SIGN_RESPONSE = 14,

    ANSWER_BYTES_MAX = 256 * 1024, /* as OpenSSH's own client has it */
    REQUEST_BYTES_MAX = 4096,
    IDENTITIES_MAX = 2048, /* as there */
    /* An agent may ask a person first (ssh-add -c), who has to walk to the screen. */
    ANSWER_MS_MAX = 60 * 1000,
};

struct ssh_agent {
    struct arena *arena;
    const char *path; /* for messages */
    int fd;
    uint8_t public_key[32]; /* of ssh_agent_signer() */
};

/* ---- answers ---- */

static bool not_understood(struct error *err, const char *what)
{
    return error_set(err, ERROR_INVALID, NULL, "the ssh-agent's answer is not understood: %s",
                     what);
}

static bool type_next(struct slice *answer, unsigned *type)
{
    if (answer->len == 0)
        return false;
    *type = (unsigned char)answer->at[0];
    *answer = slice_from(*answer, 1);
    return true;
}

bool ssh_agent_identities_read(struct slice answer, const uint8_t public_key[32], bool *is_held,
                               struct error *err)
{
    uint8_t wanted[SSH_ED25519_BLOB_BYTES];
    unsigned type;
    uint32_t count;
    *is_held = false;
    ssh_ed25519_blob(public_key, wanted);
    if (!type_next(&answer, &type) || type != IDENTITIES_ANSWER || !ssh_u32_next(&answer, &count))
        return not_understood(err, "it is no list of keys");
    if (count > IDENTITIES_MAX)
        return not_understood(err, "it lists more than 2048 keys");
    for (uint32_t i = 0; i < count; i++) {
        struct slice blob, comment;
        if (!ssh_string_next(&answer, &blob) || !ssh_string_next(&answer, &comment))
            return not_understood(err, "its list of keys is cut short");
        *is_held |= slice_equal(blob, slice_bytes(wanted, sizeof wanted));
    }
    return answer.len == 0 || not_understood(err, "something follows its list of keys");
}

bool ssh_agent_signature_read(struct slice answer, uint8_t signature[64], struct error *err)
{
    unsigned type;
    struct slice whole, format, bytes;
    if (!type_next(&answer, &type))
        return not_understood(err, "it is empty");
    if (type == FAILURE) {
        error_set(err, ERROR_REFUSED, NULL, "the ssh-agent refuses to sign");
        return error_hint(err, "it may be locked (ssh-add -X), or have asked and been told no");
    }
    if (type != SIGN_RESPONSE || !ssh_string_next(&answer, &whole) || answer.len != 0 ||
        !ssh_string_next(&whole, &format) || !ssh_string_next(&whole, &bytes) || whole.len != 0)
        return not_understood(err, "it is no signature");
    if (!slice_is(format, "ssh-ed25519") || bytes.len != 64)
        return not_understood(err, "it is no Ed25519 signature");
    memcpy(signature, bytes.at, 64);
    return true;
}

/* ---- the socket ---- */

static bool broken(struct ssh_agent *agent, struct error *err, const char *why)
{
    return error_set(err, ERROR_REFUSED, agent->path, "the ssh-agent does not answer: %s", why);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the socket can be read or written. */
static bool wait_for(struct ssh_agent *agent, short event, int64_t until_ms, struct error *err)
{
    struct pollfd wait = { .fd = agent->fd, .events = event };
    int64_t left_ms = until_ms - now_ms();
    int ready = left_ms > 0 ? poll(&wait, 1, (int)left_ms) : 0;
    if (ready > 0)
        return true;
    if (ready == 0)
        return broken(agent, err, "it was waited for a minute");
    if (errno == EINTR) /* by the person who waits */
        return error_set(err, ERROR_INTERRUPTED, NULL, "interrupted while waiting for ssh-agent");
    return broken(agent, err, strerror(errno));
}

static bool send_all(struct ssh_agent *agent, struct slice bytes, int64_t until_ms,
                     struct error *err)
{
    while (bytes.len > 0) {
        if (!wait_for(agent, POLLOUT, until_ms, err))
            return false;
        ssize_t count = send(agent->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return broken(agent, err, strerror(errno));
        bytes = slice_from(bytes, count > 0 ? (size_t)count : 0);
    }
    return true;
}

static bool receive_all(struct ssh_agent *agent, char *into, size_t count, int64_t until_ms,
                        struct error *err)
{
    size_t done = 0;
    while (done < count) {
        if (!wait_for(agent, POLLIN, until_ms, err))
            return false;
        ssize_t part = recv(agent->fd, into + done, count - done, 0);
        if (part == 0)
            return broken(agent, err, "it closed the connection");
        if (part < 0 && errno != EAGAIN && errno != EINTR)
            return broken(agent, err, strerror(errno));
        done += part > 0 ? (size_t)part : 0;
    }
    return true;
}

/* One question, one answer; the answer borrows from `arena`. */
static bool ask(struct ssh_agent *agent, struct arena *arena, struct slice question,
                struct slice *answer, struct error *err)
{
    struct strbuf message = strbuf_new(REQUEST_BYTES_MAX);
    char length[4];
    uint32_t count;
    char *bytes = NULL;
    int64_t until_ms = now_ms() + ANSWER_MS_MAX;
    bool ok = false;
    ssh_string_add(&message, question);
    if (!strbuf_ok(&message, err) || !send_all(agent, strbuf_slice(&message), until_ms, err) ||
        !receive_all(agent, length, sizeof length, until_ms, err))
        goto done;
    struct slice head = { length, sizeof length };
    if (!ssh_u32_next(&head, &count) || count == 0 || count > ANSWER_BYTES_MAX) {
        not_understood(err, "its length is not between 1 and 262144 bytes");
        goto done;
    }
    bytes = arena_alloc(arena, count, err);
    if (!bytes || !receive_all(agent, bytes, count, until_ms, err))
        goto done;
    *answer = (struct slice){ bytes, count };
    ok = true;
done:
    strbuf_free(&message);
    return ok;
}

struct ssh_agent *ssh_agent_open(struct arena *arena, const char *path, struct error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct ssh_agent *agent = arena_alloc(arena, sizeof *agent, err);
    if (!agent)
        return NULL;
    *agent = (struct ssh_agent){ .arena = arena, .path = path, .fd = -1 };
    if (strlen(path) >= sizeof address.sun_path) {
        broken(agent, err, "the path of its socket is too long");
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    agent->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (agent->fd < 0) {
        error_errno(err, "make a socket for", path);
        return NULL;
    }
    if (connect(agent->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        broken(agent, err, strerror(errno));
        ssh_agent_close(agent);
        return NULL;
    }
    return agent;
}

void ssh_agent_close(struct ssh_agent *agent)
{
    if (agent && agent->fd >= 0) {
        (void)close(agent->fd); /* nothing was buffered */
        agent->fd = -1;
    }
}

/* ---- questions ---- */

bool ssh_agent_holds(struct ssh_agent *agent, const uint8_t public_key[32], bool *is_held,
                     struct error *err)
{
    static const char question[] = { REQUEST_IDENTITIES };
    struct slice answer;
    return ask(agent, agent->arena, (struct slice){ question, sizeof question }, &answer, err) &&
           ssh_agent_identities_read(answer, public_key, is_held, err);
}

static bool sign(void *context, struct slice bytes, uint8_t signature[64], struct error *err)
{
    struct ssh_agent *agent = context;
    uint8_t blob[SSH_ED25519_BLOB_BYTES];
    struct strbuf question = strbuf_new(REQUEST_BYTES_MAX);
    struct slice answer;
    ssh_ed25519_blob(agent->public_key, blob);
    strbuf_add_char(&question, SIGN_REQUEST);
    ssh_string_add(&question, slice_bytes(blob, sizeof blob));
    ssh_string_add(&question, bytes);
    ssh_u32_add(&question, 0); /* flags: none are of Ed25519 */
    bool ok = strbuf_ok(&question, err) &&
              ask(agent, agent->arena, strbuf_slice(&question), &answer, err) &&
              ssh_agent_signature_read(answer, signature, err);
    strbuf_free(&question);
    if (ok && !ed25519_verifies(agent->public_key, bytes, slice_bytes(signature, 64)))
        ok = error_set(err, ERROR_REFUSED, agent->path,
                       "the ssh-agent's signature does not verify with the key it was asked for");
    return ok;
}

struct person_signer ssh_agent_signer(struct ssh_agent *agent, const uint8_t public_key[32])
{
    struct person_signer key = { .sign = sign, .context = agent };
    memcpy(agent->public_key, public_key, sizeof agent->public_key);
    memcpy(key.public_key, public_key, sizeof key.public_key);
    return key;
}
