/* What one command works with: data directory, catalogue, who acts, how to print. Opened on demand.
 */
#ifndef ATTEST_CLI_SESSION_H
#define ATTEST_CLI_SESSION_H
#include "base/progress.h"
#include "cli/arguments.h"
#include "ledger/signature.h"
#include "program/acting.h"

/* The first five are every verb's; a verb names the others that it gives (verb.h). */
enum format {
    FORMAT_TABLE,
    FORMAT_JSON,
    FORMAT_YAML,
    FORMAT_CSV,
    FORMAT_XLSX,
    FORMAT_ICS,
    FORMAT_SVG,
};
const char *session_format_name(enum format format); /* "table" ... */

struct session {
    struct arena *arena; /* of the command */
    const struct arguments *arguments;
    enum format format;
    const char *folder;                /* data directory, or NULL */
    struct catalogue *built_in;        /* what travels inside the program */
    const struct catalogue *catalogue; /* with the catalogues of the store, once that is open */
    struct store *store;
    uint64_t size; /* what session_size() has found */
    struct acting acting;
    struct person_signer signer; /* the acting person's, if actor.sign is set */
    struct person_key *key;      /* read from a file, or NULL */
    struct ssh_agent *agent;     /* that holds it, or NULL */
    struct findings findings;
    size_t findings_told; /* how many were printed already */
    struct error err;
    struct progress_terminal progress;
    bool out_failed; /* standard output could not be written */
};

/* Format, folder, arena. */
MUST_USE bool session_start(struct session *session, const struct arguments *arguments);
void session_end(struct session *session);

/* Each opens what is not open yet; false with session->err. For writing, --as-of is refused. */
MUST_USE bool session_catalogue(struct session *session);
MUST_USE bool session_store(struct session *session, enum store_mode mode);
/* Who acts, with key if one is needed. The store must be open. */
MUST_USE bool session_acting(struct session *session);
/* Writes the first person, an administrator, into a new data directory: --as or ATTEST_AS, else the
 * operating system's user; --name is the name. The store must be open for writing. */
MUST_USE bool session_first_person(struct session *session);
/* Whether what --out names lies outside of the data directory, which only the store writes. */
MUST_USE bool session_may_write(struct session *session, const char *path);
/* Ledger size of --as-of, or now. */
MUST_USE bool session_size(struct session *session, uint64_t *size);
/* When the last entry of a ledger of that size was written. The store must be open. */
MUST_USE bool session_stamp(struct session *session, uint64_t size, int64_t *stamp_us);

/* Whether a resource is there at that ledger size; if not, false with what is near. The store must
 * be open. A name without kind is one of `prefix` ("engagement"). */
MUST_USE bool session_has(struct session *session, const char *prefix, struct slice name,
                          uint64_t size);

/* Prints what was found and what went wrong to standard error; returns the exit status. */
int session_fail(struct session *session);
/* Prints the findings that were not printed yet; the status that all mean: 0 without errors, else
 * that of the gravest. */
int session_findings(struct session *session);

/* Asks on a terminal; true with --yes. Without a terminal and --yes: false with ERROR_USAGE. */
MUST_USE bool session_confirm(struct session *session, const char *question);
/* A remark on standard error. */
PRINTF_LIKE(2, 3) void session_tell(struct session *session, const char *format, ...);

/* Set by SIGINT. */
extern volatile int session_interrupted;

#endif
