/* cmake/embed.c
 * embed LIST OUTPUT: writes the C table of src/base/embedded.h.
 *
 * LIST has one file a line: the path it is known by, a tab, where it lies now. Bytes are written
 * as string literals, which compilers read many times faster than lists of numbers. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *path;
    char *file;
};

static int by_path(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    return strcmp(left->path, right->path);
}

/* Takes the line apart in place; the entry keeps a copy. */
static bool entry_parse(char *line, struct entry *entry)
{
    line[strcspn(line, "\n")] = '\0';
    char *tab = strchr(line, '\t');
    if (!tab)
        return false;
    *tab = '\0';
    entry->path = strdup(line);
    entry->file = strdup(tab + 1);
    return entry->path && entry->file;
}

static bool entries_read(const char *list, struct entry **entries, size_t *count)
{
    bool ok = false;
    char *line = NULL;
    size_t line_size = 0;
    FILE *in = fopen(list, "r");
    if (!in)
        return false;
    while (getline(&line, &line_size, in) > 0) {
        struct entry *more = realloc(*entries, (*count + 1) * sizeof(**entries));
        if (!more)
            goto done;
        *entries = more;
        if (!entry_parse(line, &more[*count]))
            goto done;
        (*count)++;
    }
    ok = !ferror(in);
done:
    free(line);
    (void)fclose(in);
    return ok;
}

/* One literal a line. Octal escapes always take three digits, so that no following byte can be
 * read as part of one; "?" is escaped because of trigraphs. */
static bool bytes_write(FILE *out, const char *file, size_t *size)
{
    FILE *in = fopen(file, "rb");
    if (!in)
        return false;
    *size = 0;
    for (int c = getc(in); c != EOF; c = getc(in)) {
        if (*size % 64 == 0)
            (void)fputs(*size ? "\"\n    \"" : "\n    \"", out);
        if (c >= ' ' && c < 127 && c != '"' && c != '\\' && c != '?')
            (void)putc(c, out);
        else
            (void)fprintf(out, "\\%03o", (unsigned)c);
        (*size)++;
    }
    (void)fputs(*size ? "\"" : "\"\"", out);
    bool ok = !ferror(in);
    (void)fclose(in);
    return ok && !ferror(out);
}

static bool table_write(FILE *out, struct entry *entries, size_t count)
{
    size_t *sizes = calloc(count + 1, sizeof(*sizes));
    if (!sizes)
        return false;
    (void)fputs("/* Written by cmake/embed.c. */\n#include \"base/embedded.h\"\n\n", out);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "static const unsigned char file_%zu[] =", i);
        if (!bytes_write(out, entries[i].file, &sizes[i])) {
            perror(entries[i].file);
            free(sizes);
            return false;
        }
        (void)fputs(";\n", out);
    }
    (void)fputs("\nconst struct embedded_file embedded_files[] = {\n", out);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(out, "    { \"%s\", file_%zu, %zu },\n", entries[i].path, i, sizes[i]);
    (void)fprintf(out, "    { 0, 0, 0 },\n};\nconst size_t embedded_files_count = %zu;\n", count);
    free(sizes);
    return !ferror(out);
}

int main(int argc, char **argv)
{
    int status = 1;
    struct entry *entries = NULL;
    size_t count = 0;
    FILE *out = NULL;
    if (argc != 3) {
        (void)fputs("usage: embed LIST OUTPUT\n", stderr);
        return 2;
    }
    if (!entries_read(argv[1], &entries, &count)) {
        perror(argv[1]);
        goto done;
    }
    if (count > 0)
        qsort(entries, count, sizeof(*entries), by_path);
    out = fopen(argv[2], "w");
    if (!out || !table_write(out, entries, count)) {
        perror(argv[2]);
        goto done;
    }
    status = 0;
done:
    if (out && fclose(out) != 0)
        status = 1;
    if (status != 0)
        (void)remove(argv[2]);
    for (size_t i = 0; i < count; i++) {
        free(entries[i].path);
        free(entries[i].file);
    }
    free(entries);
    return status;
}
