#include "cli/arguments.h"

#include <stdlib.h>
#include <string.h>

const struct option common_options[] = {
    { "-C", "DIR", "the data directory (or ATTEST_DIR)" },
    { "--as", "person/ID", "who acts (or ATTEST_AS); by default the only person there is" },
    { "-o", "FORMAT", "how data is printed: table, json, yaml, csv, or xlsx with --out" },
    { "--out", "FILE", "where -o xlsx writes the workbook" },
    { "--as-of", "WHEN", "look back: an instant, a date (its end) or #N (ledger size)" },
    { "--sign-key", "FILE",
      "the acting person's private SSH key (Ed25519); by default ssh-agent is asked" },
    { "--yes", NULL, "do not ask" },
    { "--help", NULL, "this help" },
    { NULL, NULL, NULL },
};

static const struct option *find_in(const struct option *options, const char *name, size_t len)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == len && strncmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static bool unknown(const char *word, const struct option *options, struct error *err)
{
    const char *names[64];
    size_t count = 0;
    for (const struct option *at = options; at && at->name; at++)
        if (count < ARRAY_LEN(names))
            names[count++] = at->name;
    for (const struct option *at = common_options; at->name; at++)
        if (count < ARRAY_LEN(names))
            names[count++] = at->name;
    const char *near = slice_nearest(slice_of(word), names, count);
    error_set(err, ERROR_USAGE, NULL, "there is no option %s", word);
    if (near)
        error_hint(err, "did you mean %s?", near);
    return false;
}

static void add_option(struct arguments *arguments, const struct option *option, const char *value)
{
    arguments->options[arguments->options_count++] = (struct given_option){ option, value };
}

/* One word that begins with '-'; *at moves past the words it takes. */
static bool read_option(int argc, char **argv, int *at, const struct option *options,
                        struct arguments *arguments, struct error *err)
{
    const char *word = argv[*at];
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    size_t len = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_in(options, word, len);
    if (!option)
        option = find_in(common_options, word, len);
    if (!option)
        return unknown(word, options, err);
    if (!option->value) {
        if (equals)
            return error_set(err, ERROR_USAGE, option->name, "this option takes no value");
        add_option(arguments, option, NULL);
        return true;
    }
    if (equals) {
        add_option(arguments, option, equals + 1);
        return true;
    }
    if (*at + 1 >= argc)
        return error_set(err, ERROR_USAGE, option->name, "a value is missing: %s", option->value);
    add_option(arguments, option, argv[++*at]);
    /* -f PATH...: a shell's wildcard gives several. */
    bool takes_many = strstr(option->value, "...") != NULL;
    while (takes_many && *at + 1 < argc && argv[*at + 1][0] != '-')
        add_option(arguments, option, argv[++*at]);
    return true;
}

bool arguments_read(int argc, char **argv, const struct option *options,
                    struct arguments *arguments, struct error *err)
{
    size_t most = (size_t)argc + 1;
    *arguments = (struct arguments){ .options = calloc(most, sizeof *arguments->options),
                                     .words = calloc(most, sizeof *arguments->words) };
    if (!arguments->options || !arguments->words)
        return error_no_memory(err, most * sizeof *arguments->options);
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (++i < argc)
                arguments->words[arguments->words_count++] = argv[i];
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!read_option(argc, argv, &i, options, arguments, err))
                return false;
        } else {
            arguments->words[arguments->words_count++] = argv[i];
        }
    }
    return true;
}

void arguments_free(struct arguments *arguments)
{
    free(arguments->options);
    free(arguments->words);
    *arguments = (struct arguments){ 0 };
}

const char *argument_value(const struct arguments *arguments, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < arguments->options_count; i++)
        if (strcmp(arguments->options[i].option->name, name) == 0)
            value = arguments->options[i].value;
    return value;
}

bool argument_is_given(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->options_count; i++)
        if (strcmp(arguments->options[i].option->name, name) == 0)
            return true;
    return false;
}

struct slice argument_slice(const struct arguments *arguments, const char *name)
{
    return slice_of(argument_value(arguments, name));
}

size_t argument_values(const struct arguments *arguments, const char *name, const char **values,
                       size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < arguments->options_count && count < most; i++)
        if (strcmp(arguments->options[i].option->name, name) == 0)
            values[count++] = arguments->options[i].value;
    return count;
}
