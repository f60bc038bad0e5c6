/* attest: one entry for every verb. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/output.h"
#include "cli/verb.h"

static void on_interrupt(int number)
{
    (void)number;
    session_interrupted = 1;
}

/* Ctrl-C asks work to stop at the next safe point; a second one ends the program at once. */
static void catch_interrupts(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool has_form(const struct verb *verb, const char *name)
{
    struct slice forms = slice_of(verb->forms), form;
    while (forms.len > 0) {
        if (!slice_split(forms, ',', &form, &forms))
            form = forms, forms = (struct slice){ 0 };
        if (slice_is(slice_trim(form), name))
            return true;
    }
    return false;
}

/* Whether --out is the common one, which is for forms that go into a file. */
static bool out_is_for_forms(const struct verb *verb)
{
    for (const struct option *option = verb->options; option && option->name; option++)
        if (strcmp(option->name, "--out") == 0)
            return has_form(verb, "svg");
    return true;
}

static bool format_is_right(const struct verb *verb, struct session *session)
{
    const char *name = session_format_name(session->format);
    const char *path = argument_value(session->arguments, "--out");
    bool is_file = session->format == FORMAT_XLSX || session->format == FORMAT_SVG;
    if (session->format > FORMAT_XLSX && !has_form(verb, name))
        return error_set(&session->err, ERROR_USAGE, "-o",
                         "attest %s gives no %s: table, json, yaml, csv, xlsx%s%s", verb->name,
                         name, verb->forms ? ", " : "", verb->forms ? verb->forms : "");
    if (is_file && verb->gives_no_data)
        return error_set(&session->err, ERROR_USAGE, "-o", "attest %s prints no data", verb->name);
    if (is_file && !path) {
        error_set(&session->err, ERROR_USAGE, "-o", "%s is written into a file", name);
        return error_hint(&session->err, "-o %s --out FILE", name);
    }
    if (path && !is_file && out_is_for_forms(verb))
        return error_set(&session->err, ERROR_USAGE, "--out", "%s goes to standard output", name);
    return !is_file || strcmp(path, "-") == 0 || session_may_write(session, path);
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    struct arguments arguments;
    struct session session;
    struct error err = { 0 };
    int status;
    if (!arguments_read(argc, argv, verb->options, &arguments, &err)) {
        output_error(FORMAT_TABLE, &err, false);
        fprintf(stderr, "usage: attest %s %s\n", verb->name, verb->usage);
        arguments_free(&arguments);
        return error_exit_status(err.code);
    }
    if (argument_is_given(&arguments, "--help")) {
        help_verb(verb, stdout);
        arguments_free(&arguments);
        return 0;
    }
    if (verb->takes_no_words && arguments.words_count > 0) {
        error_set(&err, ERROR_USAGE, NULL, "what does \"%s\" ask for?", arguments.words[0]);
        output_error(FORMAT_TABLE, &err, false);
        fprintf(stderr, "usage: attest %s %s\n", verb->name, verb->usage);
        arguments_free(&arguments);
        return error_exit_status(err.code);
    }
    if (!session_start(&session, &arguments) || !format_is_right(verb, &session))
        status = session_fail(&session);
    else
        status = verb->run(&session, &arguments);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (status != 3) /* else the verb has said so */
            fprintf(stderr, "error: standard output could not be written\n");
        status = status ? status : 3;
    }
    session_end(&session);
    arguments_free(&arguments);
    return status;
}

int main(int argc, char **argv)
{
    int words = 0;
    catch_interrupts();
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return help_command(argc > 2 ? argc - 2 : 0, argv + 2);
    if (strcmp(argv[1], "--version") == 0) {
        printf("attest %s\n", ATTEST_VERSION);
        return 0;
    }
    /* Common options may stand before the verb: attest -C DIR get Control. */
    int at = 1;
    while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0')
        at += help_option_takes_value(argv[at]) ? 2 : 1;
    if (at >= argc)
        return help_unknown("", stderr);
    const struct verb *verb = verb_find(argc - at, argv + at, &words);
    if (!verb)
        return help_unknown(argv[at], stderr);
    /* The options before the verb move behind it. */
    char *rest[ARGUMENTS_MAX];
    int count = 0;
    if (argc > ARGUMENTS_MAX) {
        fprintf(stderr, "error: more than %d words on the command line\n", ARGUMENTS_MAX);
        return 2;
    }
    for (int i = 1; i < at; i++)
        rest[count++] = argv[i];
    for (int i = at + words; i < argc; i++)
        rest[count++] = argv[i];
    return run_verb(verb, count, rest);
}
