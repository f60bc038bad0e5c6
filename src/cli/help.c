#include "cli/help.h"

#include <string.h>

#include "cli/output.h"

static const char head[] =
    "attest: a SOC 2 programme and examination that prove the order of events\n"
    "\n"
    "usage: attest VERB [ARGUMENTS]\n\n";

static int print_all(FILE *out)
{
    fputs(head, out);
    for (const struct verb *const *at = verbs; *at; at++)
        fprintf(out, "  %-14s %s\n", (*at)->name, (*at)->summary);
    fputs("\nattest VERB --help shows options and examples.\n"
          "First steps: attest init DIR; attest apply -f FILES; attest import source/ID FILE;\n"
          "attest test run; attest issue; attest bundle; attest verify.\n",
          out);
    return 0;
}

static bool is_among(const struct option *options, const char *name)
{
    for (; options && options->name; options++)
        if (strcmp(options->name, name) == 0)
            return true;
    return false;
}

/* Without those that a verb has itself. */
static void print_options(const struct option *options, const struct option *own, FILE *out)
{
    for (; options && options->name; options++) {
        char left[64];
        if (is_among(own, options->name))
            continue;
        snprintf(left, sizeof left, "%s %s", options->name, options->value ? options->value : "");
        fprintf(out, "  %-22s %s\n", left, options->help);
    }
}

void help_verb(const struct verb *verb, FILE *out)
{
    fprintf(out, "attest %s: %s\n\nusage: attest %s %s\n", verb->name, verb->summary, verb->name,
            verb->usage);
    if (verb->details)
        fprintf(out, "\n%s\n", verb->details);
    fputs("\noptions:\n", out);
    print_options(verb->options, NULL, out);
    print_options(common_options, verb->options, out);
    fputs("\nexamples:\n", out);
    for (const char *const *example = verb->examples; *example; example++)
        fprintf(out, "  %s\n", *example);
}

/* The verbs of two words that begin with this one: "test" has run, check, items. */
static size_t print_family(const char *word, FILE *out)
{
    size_t len = strlen(word), count = 0;
    for (const struct verb *const *at = verbs; *at; at++) {
        if (len == 0 || strncmp((*at)->name, word, len) != 0 || (*at)->name[len] != ' ')
            continue;
        if (count++ == 0)
            fprintf(out, "error: attest %s needs another word\n", word);
        fprintf(out, "hint: attest %s: %s\n", (*at)->name, (*at)->summary);
    }
    return count;
}

int help_unknown(const char *word, FILE *out)
{
    const char *names[64];
    size_t count = 0;
    if (print_family(word, out) > 0)
        return 2;
    for (const struct verb *const *at = verbs; *at && count < ARRAY_LEN(names); at++)
        names[count++] = (*at)->name;
    const char *near = slice_nearest(slice_of(word), names, count);
    if (word[0]) {
        struct strbuf shown = strbuf_new(4096);
        output_add_visible(&shown, slice_of(word));
        fprintf(out, "error: there is no verb \"%.*s\"\n", SLICE_ARG(strbuf_slice(&shown)));
        strbuf_free(&shown);
    } else
        fprintf(out, "error: no verb\n");
    fprintf(out, near ? "hint: did you mean attest %s?\n" : "hint: attest --help lists the verbs\n",
            near ? near : "");
    return 2;
}

int help_command(int argc, char **argv)
{
    int words;
    if (argc == 0)
        return print_all(stdout);
    const struct verb *verb = verb_find(argc, argv, &words);
    if (!verb)
        return help_unknown(argv[0], stderr);
    help_verb(verb, stdout);
    return 0;
}

bool help_option_takes_value(const char *word)
{
    for (const struct option *option = common_options; option->name; option++)
        if (strcmp(option->name, word) == 0)
            return option->value != NULL;
    return false;
}

/* ---- man page ---- */

static void man_text(const char *text)
{
    bool is_line_start = true;
    for (; *text; text++) {
        /* There a dot or an apostrophe would begin a request. */
        if (is_line_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        is_line_start = *text == '\n';
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else
            putchar(*text);
    }
}

static void man_options(const struct option *options)
{
    for (; options && options->name; options++) {
        fputs(".TP\n.B ", stdout);
        man_text(options->name);
        if (options->value)
            printf(" \\fI%s\\fR", options->value);
        putchar('\n');
        man_text(options->help);
        putchar('\n');
    }
}

static void man_verb(const struct verb *verb)
{
    fputs(".SS ", stdout);
    man_text(verb->name);
    putchar(' ');
    man_text(verb->usage);
    putchar('\n');
    man_text(verb->summary);
    fputs(".\n", stdout);
    if (verb->details) {
        fputs(".PP\n", stdout);
        man_text(verb->details);
        putchar('\n');
    }
    man_options(verb->options);
    fputs(".PP\nExamples:\n.nf\n", stdout);
    for (const char *const *example = verb->examples; *example; example++) {
        fputs("    ", stdout);
        man_text(*example);
        putchar('\n');
    }
    fputs(".fi\n", stdout);
}

static int run_man(struct session *session, const struct arguments *arguments)
{
    (void)session;
    (void)arguments;
    printf(".TH ATTEST 1 \"\" \"attest %s\"\n.SH NAME\nattest \\- run and prove a SOC 2 programme "
           "and examination\n.SH SYNOPSIS\n.B attest\n.I VERB\n[ARGUMENTS]\n.SH OPTIONS\n",
           ATTEST_VERSION);
    man_options(common_options);
    fputs(".SH VERBS\n", stdout);
    for (const struct verb *const *at = verbs; *at; at++)
        man_verb(*at);
    fputs(".SH ENVIRONMENT\n.TP\n.B ATTEST_DIR\nthe data directory, as \\-C\n.TP\n.B ATTEST_AS\n"
          "who acts, as \\-\\-as\n.TP\n.B ATTEST_SIGN_KEY\nthe key file, as \\-\\-sign\\-key\n.TP\n"
          ".B SSH_AUTH_SOCK\nthe ssh\\-agent that is asked for a key of the acting person, if the "
          "person has one and no key file is named; it signs also with a key that has a "
          "passphrase\n",
          stdout);
    fputs(
        ".SH EXIT STATUS\n0 fine; 1 deviations, findings, a refused gate, a verification that does "
        "not hold; 2 wrong use or bad input; 3 failure of the machine; 130 interrupted.\n",
        stdout);
    return 0;
}

static const char *const man_examples[] = { "attest man > attest.1", NULL };
const struct verb verb_man = {
    .name = "man",
    .usage = "",
    .summary = "print the manual page",
    .examples = man_examples,
    .run = run_man,
    .takes_no_words = true,
    .gives_no_data = true,
};
