/* attest completion bash|zsh|fish, from the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/verb.h"

static int first_word(const char *name) { return (int)strcspn(name, " "); }

/* "run" of "test run"; NULL for verbs of one word. */
static const char *second_word(const char *name)
{
    const char *space = strchr(name, ' ');
    return space ? space + 1 : NULL;
}

/* Whether an earlier verb begins with the same word. */
static bool is_told(const struct verb *const *at)
{
    for (const struct verb *const *before = verbs; before < at; before++)
        if (first_word((*before)->name) == first_word((*at)->name) &&
            strncmp((*before)->name, (*at)->name, (size_t)first_word((*at)->name)) == 0)
            return true;
    return false;
}

/* Each verb's first word once. */
static void list_first_words(void)
{
    for (const struct verb *const *at = verbs; *at; at++)
        if (!is_told(at))
            printf(" %.*s", first_word((*at)->name), (*at)->name);
}

static void list_second_words(const struct verb *family)
{
    int len = first_word(family->name);
    for (const struct verb *const *at = verbs; *at; at++)
        if (second_word((*at)->name) && first_word((*at)->name) == len &&
            strncmp((*at)->name, family->name, (size_t)len) == 0)
            printf(" %s", second_word((*at)->name));
}

static void list_options(const struct option *options)
{
    for (; options && options->name; options++)
        printf(" %s", options->name);
}

/* ---- bash, and zsh by its means ---- */

static void bash_words(void)
{
    fputs("_attest() {\n"
          "  local cur=${COMP_WORDS[COMP_CWORD]} line= i\n"
          "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "    case ${COMP_WORDS[i]} in\n      ",
          stdout);
    for (const struct option *option = common_options; option->name; option++)
        if (option->value)
            printf("%s%s", option == common_options ? "" : "|", option->name);
    fputs(") ((i++)) ;;\n"
          "      -*) ;;\n"
          "      *) line=\"$line${line:+ }${COMP_WORDS[i]}\" ;;\n"
          "    esac\n"
          "  done\n",
          stdout);
}

static void completion_bash(void)
{
    bash_words();
    fputs("  case $line in\n    \"\") COMPREPLY=($(compgen -W \"", stdout);
    list_first_words();
    fputs(" help\" -- \"$cur\")) ;;\n", stdout);
    for (const struct verb *const *at = verbs; *at; at++) {
        if (second_word((*at)->name) && !is_told(at)) {
            printf("    %.*s) COMPREPLY=($(compgen -W \"", first_word((*at)->name), (*at)->name);
            list_second_words(*at);
            fputs("\" -- \"$cur\")) ;;\n", stdout);
        }
        printf("    \"%s\"|\"%s \"*) COMPREPLY=($(compgen -f -W \"", (*at)->name, (*at)->name);
        list_options((*at)->options);
        list_options(common_options);
        fputs("\" -- \"$cur\")) ;;\n", stdout);
    }
    fputs("  esac\n}\ncomplete -F _attest attest\n", stdout);
}

static void completion_zsh(void)
{
    fputs("#compdef attest\nautoload -U +X bashcompinit && bashcompinit\n", stdout);
    completion_bash();
}

/* ---- fish ---- */

/* In single quotes. */
static void fish_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

static void fish_option(const struct option *option)
{
    const char *name = option->name + strspn(option->name, "-");
    printf(" -%c %s%s -d ", option->name[1] == '-' ? 'l' : 's', name, option->value ? " -r" : "");
    fish_quoted(option->help);
    putchar('\n');
}

static void completion_fish(void)
{
    for (const struct option *option = common_options; option->name; option++) {
        fputs("complete -c attest", stdout);
        fish_option(option);
    }
    for (const struct verb *const *at = verbs; *at; at++) {
        const char *second = second_word((*at)->name);
        char is_seen[96];
        if (!second)
            (void)snprintf(is_seen, sizeof is_seen, "__fish_seen_subcommand_from %s", (*at)->name);
        else
            (void)snprintf(is_seen, sizeof is_seen,
                           "__fish_seen_subcommand_from %.*s; and __fish_seen_subcommand_from %s",
                           first_word((*at)->name), (*at)->name, second);
        if (!is_told(at))
            printf("complete -c attest -n __fish_use_subcommand -a %.*s -d ",
                   first_word((*at)->name), (*at)->name);
        if (!is_told(at) && second)
            puts("''");
        if (second)
            printf("complete -c attest -n '__fish_seen_subcommand_from %.*s' -a %s -d ",
                   first_word((*at)->name), (*at)->name, second);
        fish_quoted((*at)->summary);
        putchar('\n');
        for (const struct option *option = (*at)->options; option && option->name; option++) {
            printf("complete -c attest -n '%s'", is_seen);
            fish_option(option);
        }
    }
}

/* ---- the verb ---- */

static int run_completion(struct session *session, const struct arguments *arguments)
{
    static const struct {
        const char *name;
        void (*write)(void);
    } shells[] = { { "bash", completion_bash },
                   { "zsh", completion_zsh },
                   { "fish", completion_fish } };
    for (size_t i = 0; arguments->words_count == 1 && i < ARRAY_LEN(shells); i++) {
        if (strcmp(arguments->words[0], shells[i].name) == 0) {
            shells[i].write();
            return 0;
        }
    }
    error_set(&session->err, ERROR_USAGE, NULL, "name one shell: bash, zsh or fish");
    return session_fail(session);
}

static const char *const completion_examples[] = { "attest completion bash > attest.bash", NULL };
const struct verb verb_completion = {
    .name = "completion",
    .usage = "bash|zsh|fish",
    .summary = "print a completion script for a shell",
    .examples = completion_examples,
    .run = run_completion,
    .gives_no_data = true,
};
