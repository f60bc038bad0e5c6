#include "cli/session.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/output.h"
#include "cli/signing.h"
#include "program/catalogue_own.h"
#include "program/plan.h"
#include "program/resources.h"

enum { COMMAND_BYTES_MAX = 1 << 30 };

volatile int session_interrupted;

static const char *const format_names[] = { "table", "json", "yaml", "csv", "xlsx", "ics", "svg" };

const char *session_format_name(enum format format) { return format_names[format]; }

static bool read_format(struct session *session)
{
    const char *value = argument_value(session->arguments, "-o");
    session->format = FORMAT_TABLE;
    if (!value)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(format_names); i++) {
        if (strcmp(value, format_names[i]) == 0) {
            session->format = (enum format)i;
            return true;
        }
    }
    return error_set(&session->err, ERROR_USAGE, "-o",
                     "\"%s\" is no format: table, json, yaml, csv, xlsx", value);
}

bool session_start(struct session *session, const struct arguments *arguments)
{
    *session = (struct session){ .arguments = arguments };
    session->folder = argument_value(arguments, "-C");
    if (!session->folder)
        session->folder = getenv("ATTEST_DIR");
    progress_terminal_start(&session->progress, &session_interrupted);
    session->arena = arena_new(COMMAND_BYTES_MAX, &session->err);
    return session->arena && read_format(session);
}

void session_end(struct session *session)
{
    progress_terminal_clear(&session->progress);
    session_sign_end(session);
    store_close(session->store);
    catalogue_free(session->built_in);
    findings_free(&session->findings);
    arena_free(session->arena);
}

bool session_catalogue(struct session *session)
{
    if (!session->built_in)
        session->catalogue = session->built_in = catalogue_open(&session->err);
    return session->built_in != NULL;
}

/* With the user's own catalogues as they are at that ledger size. */
static bool own_catalogues(struct session *session, uint64_t size)
{
    const struct catalogue *whole =
        catalogue_of_store(session->built_in, session->store, session->arena, size, &session->err);
    if (whole)
        session->catalogue = whole;
    return whole != NULL;
}

bool session_store(struct session *session, enum store_mode mode)
{
    if (session->store)
        return true;
    if (!session->folder) {
        error_set(&session->err, ERROR_USAGE, NULL, "no data directory is named");
        return error_hint(&session->err, "-C DIR or ATTEST_DIR; attest init DIR makes one");
    }
    if (mode == STORE_WRITE && argument_is_given(session->arguments, "--as-of"))
        return error_set(&session->err, ERROR_USAGE, "--as-of",
                         "looks back, but this command writes");
    session->store = store_open(session->folder, mode, &session->err);
    return session->store != NULL && session_catalogue(session) &&
           own_catalogues(session, store_size(session->store));
}

bool session_acting(struct session *session)
{
    const char *wanted = argument_value(session->arguments, "--as");
    if (!wanted)
        wanted = getenv("ATTEST_AS");
    return acting_find(session->store, session->catalogue, session->arena, slice_of(wanted),
                       clock_now_us(), &session->acting, &session->err) &&
           session_sign(session);
}

bool session_first_person(struct session *session)
{
    const char *as = argument_value(session->arguments, "--as");
    struct slice id = { 0 }, name = argument_slice(session->arguments, "--name");
    if (!as)
        as = getenv("ATTEST_AS");
    if (as) {
        id = slice_of(as);
    } else {
        const struct passwd *user = getpwuid(geteuid());
        struct slice login = slice_of(user && user->pw_name ? user->pw_name : "administrator");
        if (!person_id_of_user(session->arena, login, &id, &session->err))
            return false;
    }
    if (name.len == 0) {
        name = id;
        if (slice_starts_with(name, SLICE("person/")))
            name = slice_from(name, sizeof "person/" - 1);
    }
    return first_person_write(session->store, session->catalogue, id, name, &session->err);
}

bool session_size(struct session *session, uint64_t *size)
{
    const char *when = argument_value(session->arguments, "--as-of");
    session->size = *size = store_size(session->store);
    if (!when)
        return true;
    if (!store_as_of(session->store, slice_of(when), size, &session->err) ||
        !own_catalogues(session, *size))
        return false;
    session->size = *size;
    session_tell(session, "as of %s: ledger size %llu", when, (unsigned long long)*size);
    return true;
}

bool session_stamp(struct session *session, uint64_t size, int64_t *stamp_us)
{
    struct stored_entry last;
    if (size == 0)
        return error_set(&session->err, ERROR_NOT_FOUND, NULL, "the ledger is empty");
    if (!entry_get(session->store, session->arena, size - 1, &last, &session->err))
        return false;
    return time_parse_canonical(last.at, stamp_us) ||
           error_set(&session->err, ERROR_CORRUPT, NULL, "ledger %llu has no time",
                     (unsigned long long)(size - 1));
}

bool session_may_write(struct session *session, const char *path)
{
    char *copy = strdup(path), *house = NULL, *parent = NULL;
    bool is_inside = false;
    if (!copy)
        return error_set(&session->err, ERROR_IO, NULL, "out of memory");
    /* The file as it is if it is there (links followed), else the folder it would be made in. */
    char *target = realpath(path, NULL);
    if (!target) {
        char *slash = strrchr(copy, '/');
        if (slash)
            slash[slash == copy ? 1 : 0] = '\0';
        parent = realpath(slash ? copy : ".", NULL);
    }
    house = session->folder ? realpath(session->folder, NULL) : NULL;
    const char *real = target ? target : parent;
    size_t len = house ? strlen(house) : 0;
    is_inside = real && house && strncmp(real, house, len) == 0 && (real[len] == '/' || !real[len]);
    if (is_inside) {
        error_set(&session->err, ERROR_USAGE, path, "this is inside the data directory");
        (void)error_hint(&session->err, "name a file outside of %s", session->folder);
    }
    free(copy);
    free(target);
    free(parent);
    free(house);
    return !is_inside;
}

bool session_has(struct session *session, const char *prefix, struct slice name, uint64_t size)
{
    size_t slash;
    const char *whole =
        slice_find(name, '/', &slash)
            ? arena_string(session->arena, name, &session->err)
            : arena_printf(session->arena, &session->err, "%s/%.*s", prefix, SLICE_ARG(name));
    return whole && resources_get(session->store, session->catalogue, session->arena,
                                  slice_of(whole), size, &session->err);
}

int session_findings(struct session *session)
{
    int status = 0;
    bool is_news = session->findings_told < session->findings.count;
    progress_terminal_clear(&session->progress);
    for (size_t i = 0; i < session->findings.count; i++) {
        const struct finding *finding = &session->findings.items[i];
        if (i >= session->findings_told)
            output_error(session->format, &finding->error, finding->is_warning);
        int means = finding->is_warning ? 0 : error_exit_status(finding->error.code);
        if (means > status)
            status = means;
    }
    session->findings_told = session->findings.count;
    if (is_news && session->findings.errors_count > 1 && session->format != FORMAT_JSON)
        fprintf(stderr, "%zu errors\n", session->findings.errors_count);
    return status;
}

int session_fail(struct session *session)
{
    int status = session_findings(session);
    if (session->err.code != ERROR_NONE) {
        int means = error_exit_status(session->err.code);
        output_error(session->format, &session->err, false);
        if (means > status)
            status = means;
    }
    return status ? status : 3;
}

bool session_confirm(struct session *session, const char *question)
{
    char answer[16];
    if (argument_is_given(session->arguments, "--yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        error_set(&session->err, ERROR_USAGE, NULL, "this needs a yes and there is no terminal");
        return error_hint(&session->err, "--yes");
    }
    fprintf(stderr, "%s [y/N] ", question);
    if (!fgets(answer, sizeof answer, stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
        return error_set(&session->err, ERROR_FINDING, NULL, "nothing was written");
    return true;
}

void session_tell(struct session *session, const char *format, ...)
{
    va_list args;
    progress_terminal_clear(&session->progress);
    (void)fflush(stdout); /* in the order told, where both streams go to one place */
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}
