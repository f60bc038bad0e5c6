#include "generate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static void stop(const char *what, const char *path)
{
    fprintf(stderr, "cannot %s %s: %s\n", what, path, strerror(errno));
    exit(3);
}

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file)
        stop("create", path);
    return file;
}

static void finish(FILE *file, const char *name)
{
    if (ferror(file) || fclose(file) != 0)
        stop("write", name);
}

/* ---- rows ---- */

void out_open(struct out *out, const char *folder, const char *name, const char *csv_header)
{
    char file[128];
    snprintf(file, sizeof file, "%s.%s", name, csv_header ? "csv" : "ndjson");
    *out = (struct out){ .file = create(folder, file), .is_csv = csv_header, .name = name };
    if (csv_header)
        fprintf(out->file, "%s\r\n", csv_header);
}

void out_close(struct out *out) { finish(out->file, out->name); }

void row_begin(struct out *out)
{
    out->is_first = true;
    if (!out->is_csv)
        fputc('{', out->file);
}

void row_end(struct out *out)
{
    fputs(out->is_csv ? "\r\n" : "}\n", out->file);
    out->rows++;
}

/* CSV columns come in the header's order, so their names need not be written. */
static void field(struct out *out, const char *name)
{
    if (!out->is_first)
        fputc(',', out->file);
    out->is_first = false;
    if (!out->is_csv)
        fprintf(out->file, "\"%s\":", name);
}

static void quoted(struct out *out, const char *value)
{
    fputc('"', out->file);
    for (; *value; value++) {
        if (*value == '"')
            fputs(out->is_csv ? "\"\"" : "\\\"", out->file);
        else if (*value == '\\' && !out->is_csv)
            fputs("\\\\", out->file);
        else
            fputc(*value, out->file);
    }
    fputc('"', out->file);
}

void text(struct out *out, const char *name, const char *format, ...)
{
    char value[512];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    field(out, name);
    quoted(out, value);
}

void number(struct out *out, const char *name, int64_t value)
{
    field(out, name);
    fprintf(out->file, "%lld", (long long)value);
}

void cents(struct out *out, const char *name, int64_t value)
{
    field(out, name);
    fprintf(out->file, "%lld.%02d", (long long)(value / 100), (int)(value % 100));
}

void truth_value(struct out *out, const char *name, bool value)
{
    field(out, name);
    fputs(value ? "true" : "false", out->file);
}

void instant_text(int64_t seconds, char out[32])
{
    struct tm parts;
    time_t when = (time_t)seconds;
    gmtime_r(&when, &parts);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void instant(struct out *out, const char *name, int64_t seconds)
{
    char value[32];
    if (seconds == 0) {
        null(out, name);
        return;
    }
    instant_text(seconds, value);
    field(out, name);
    if (out->is_csv)
        fputs(value, out->file);
    else
        quoted(out, value);
}

void null(struct out *out, const char *name)
{
    field(out, name);
    if (!out->is_csv)
        fputs("null", out->file);
}

void list(struct out *out, const char *name, const char *const *items, size_t count)
{
    field(out, name);
    fputc('[', out->file);
    for (size_t i = 0; i < count; i++) {
        if (i)
            fputc(',', out->file);
        quoted(out, items[i]);
    }
    fputc(']', out->file);
}

/* ---- numbers ---- */

uint64_t pick(const char *table, uint64_t row, unsigned purpose, uint64_t below)
{
    /* FNV-1a over the table's name, then splitmix64. */
    uint64_t x = UINT64_C(1469598103934665603);
    for (; *table; table++)
        x = (x ^ (unsigned char)*table) * UINT64_C(1099511628211);
    x += row * UINT64_C(0x9E3779B97F4A7C15) + purpose * UINT64_C(0xD1342543DE82EF95);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return (x ^ x >> 31) % below;
}

int64_t moment(const char *table, uint64_t row, uint64_t rows)
{
    int64_t day = (int64_t)(row * 365 / rows);
    return PERIOD_START + day * DAY + 7 * HOUR + (int64_t)pick(table, row, 1, 10 * HOUR);
}

const char *person(uint64_t number)
{
    static const char *const names[] = {
        "Ayşe Demir",      "Björn Ek",       "Carla Méndez",  "Đorđe Petrović", "Elif Kaya",
        "Fatima Al-Sayed", "Grace O'Neill",  "Håkon Lie",     "Ines Conceição", "Jan Kowalczyk",
        "Kenji Mori",      "Łukasz Wójcik",  "Maren Voß",     "Nuria Ferrer",   "Oluwaseun Ade",
        "Päivi Salo",      "Quang Trần",     "Ruth Benari",   "Soo-jin Han",    "Tomáš Dvořák",
        "Uma Iyer",        "Vera Kuznecova", "Wanjiru Kamau", "Zoë Martens",
    };
    return names[number % 24];
}

const char *person_id(uint64_t number)
{
    static const char *const ids[] = {
        "a-demir",  "b-ek",     "c-mendez",    "d-petrovic",  "e-kaya",  "f-alsayed",
        "g-oneill", "h-lie",    "i-conceicao", "j-kowalczyk", "k-mori",  "l-wojcik",
        "m-voss",   "n-ferrer", "o-ade",       "p-salo",      "q-tran",  "r-benari",
        "s-han",    "t-dvorak", "u-iyer",      "v-kuznecova", "w-kamau", "z-martens",
    };
    return ids[number % 24];
}

/* ---- truth ---- */

enum { TESTS_MAX = 64 };
static struct {
    char test[24];
    uint64_t items, deviations;
    char *lines; /* "[\"key\"]": ["A"] members, joined */
    size_t len;
} truths[TESTS_MAX];
static FILE *truth_file;

static size_t truth_of(const char *test)
{
    size_t i = 0;
    while (i < TESTS_MAX && truths[i].test[0] && strcmp(truths[i].test, test) != 0)
        i++;
    if (i == TESTS_MAX) {
        fprintf(stderr, "more than %d tests\n", TESTS_MAX);
        exit(3);
    }
    snprintf(truths[i].test, sizeof truths[i].test, "%s", test);
    return i;
}

void truth_open(const char *folder) { truth_file = create(folder, "truth.json"); }

void truth_item(const char *test) { truths[truth_of(test)].items++; }

void truth_none(const char *test) { (void)truth_of(test); }

void truth_deviation(const char *test, const char *attributes, const char *key_format, ...)
{
    char key[256], line[512];
    va_list args;
    size_t i = truth_of(test);
    va_start(args, key_format);
    vsnprintf(key, sizeof key, key_format, args);
    va_end(args);
    int len = snprintf(line, sizeof line, "%s\n      {\"key\": \"%s\", \"attributes\": \"%s\"}",
                       truths[i].deviations ? "," : "", key, attributes);
    truths[i].lines = realloc(truths[i].lines, truths[i].len + (size_t)len + 1);
    if (!truths[i].lines)
        stop("keep", "truth");
    memcpy(truths[i].lines + truths[i].len, line, (size_t)len + 1);
    truths[i].len += (size_t)len;
    truths[i].deviations++;
}

void truth_close(void)
{
    fputs("{\"tests\": {", truth_file);
    for (size_t i = 0; i < TESTS_MAX && truths[i].test[0]; i++) {
        fprintf(truth_file, "%s\n  \"%s\": {\"items\": %llu, \"deviations\": [%s]}", i ? "," : "",
                truths[i].test, (unsigned long long)truths[i].items,
                truths[i].lines ? truths[i].lines : "");
        free(truths[i].lines);
    }
    fputs("\n}}\n", truth_file);
    finish(truth_file, "truth.json");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    if (mkdir(argv[1], 0755) != 0 && errno != EEXIST)
        stop("make", argv[1]);
    truth_open(argv[1]);
    make_people(argv[1]);
    make_programme(argv[1]);
    make_engineering(argv[1]);
    make_operation(argv[1]);
    make_privacy(argv[1]);
    truth_close();
    return 0;
}
