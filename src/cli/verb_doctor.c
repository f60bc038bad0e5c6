/* attest doctor: what is to be done next. */
#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "report/doctor.h"

enum { SHOWN = 10 };

static const struct column_spec columns[] = {
    { "area", "area" },
    { "what", "what" },
    { "do", "do" },
    { NULL, NULL },
};
static const struct column_spec csv_columns[] = {
    { "area", "area" }, { "rule", "rule" },     { "count", "count" },       { "what", "what" },
    { "do", "do" },     { "coming", "coming" }, { "subjects", "subjects" }, { NULL, NULL },
};

/* Nobody needs to be named to read; who is named must be there. */
static bool who(struct session *session, struct slice *person)
{
    const char *wanted = argument_value(session->arguments, "--as");
    struct error fault = { 0 };
    if (!wanted)
        wanted = getenv("ATTEST_AS");
    if (acting_find(session->store, session->catalogue, session->arena, slice_of(wanted),
                    clock_now_us(), &session->acting, &fault)) {
        *person = session->acting.person;
        return true;
    }
    if (fault.code == ERROR_USAGE)
        return true;
    session->err = fault;
    return false;
}

/* The folder that --files names, or the starter set's. */
static bool find_files(struct session *session, const char **folder)
{
    *folder = argument_value(session->arguments, "--files");
    const char *usual =
        arena_printf(session->arena, &session->err, "%s/programme", session->folder);
    if (!*folder && usual && access(usual, R_OK) == 0)
        *folder = usual;
    return usual != NULL;
}

static int run(struct session *session, const struct arguments *arguments)
{
    struct doctor_options options = { .now_us = clock_now_us(),
                                      .wants_each = argument_is_given(arguments, "--all") };
    size_t pressing;
    if (!session_store(session, STORE_READ) || !session_size(session, &options.size) ||
        !who(session, &options.person) || !find_files(session, &options.programme))
        return session_fail(session);
    options.ledger = arena_printf(session->arena, &session->err, "%s/ledger", session->folder);
    struct value *rows = options.ledger
                             ? doctor_read(session->store, session->catalogue, session->arena,
                                           &options, &pressing, &session->err)
                             : NULL;
    if (!rows)
        return session_fail(session);
    size_t all = value_count(rows);
    if (!options.wants_each && all > SHOWN)
        rows->count = SHOWN;
    bool is_flat = session->format == FORMAT_CSV || session->format == FORMAT_XLSX;
    if (!output_list(session, rows, rows, is_flat ? csv_columns : columns))
        return session_fail(session);
    if (all > rows->count)
        session_tell(session, "and %zu more kinds of things: --all lists each", all - rows->count);
    session_tell(session, "%zu to do%s", pressing,
                 pressing == 0        ? ""
                 : options.wants_each ? ""
                                      : "; begin at the top, then ask again (--all lists each)");
    return pressing > 0 ? 1 : 0;
}

static const struct option options[] = {
    { "--all", NULL, "each thing by itself, and all of them" },
    { "--files", "FOLDER",
      "where the documents lie, to name file and line; default DIR/programme" },
    { NULL, NULL, NULL },
};
static const char *const examples[] = { "attest doctor", "attest doctor --all -o csv > todo.csv",
                                        "attest doctor --files programme -o json", NULL };
const struct verb verb_doctor = {
    .name = "doctor",
    .usage = "[--all] [--files FOLDER] [--as-of WHEN]",
    .summary = "the next ten things to do, most urgent first",
    .details =
        "Looks at the house (keys, anchor), the programme (roles, criteria, controls, policies),\n"
        "the evidence (sources, records), what is due, the tests and the reports, and says for\n"
        "each what to do: a command, or the document to edit. Nothing is written. Examples are\n"
        "tried of the tests that are not as a starter set has them; records that contradict each\n"
        "other are looked for in types of up to two million rows; for the rest there are\n"
        "attest test check, attest population TYPE --repeats and attest verify DIR.\n"
        "Exit status 1 if something is to be done now; what is only due soon leaves it 0.",
    .examples = examples,
    .options = options,
    .run = run,
    .takes_no_words = true,
};
