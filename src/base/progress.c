#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum {
    FIRST_DRAWN_US = 100000, /* shorter work shows nothing */
    REDRAWN_US = 100000,
    BAR_CELLS = 20,
    COLUMNS_DEFAULT = 80,
    LINE_BYTES_MAX = 1024,
};

/* Progress measures how long work takes: this clock does not jump when somebody sets the time. */
static int64_t monotonic_us(void)
{
    struct timespec now = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

bool progress_tell(struct progress *progress, const char *what, uint64_t rows, uint64_t bytes,
                   uint64_t bytes_total)
{
    return !progress || progress->tell(progress, what, rows, bytes, bytes_total);
}

/* 3184402 as 3,184,402. */
static void add_grouped(struct strbuf *out, uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            strbuf_add_char(out, ',');
        strbuf_add_char(out, digits[i]);
    }
}

/* Two digits of 1.2 and 34, in the unit that suits `scale`, so that "1.2 of 2.9 GB" needs one. */
static const char *unit_of(uint64_t scale, uint64_t *unit)
{
    static const char *const names[] = { "B", "kB", "MB", "GB", "TB" };
    size_t i = 0;
    *unit = 1;
    while (i + 1 < ARRAY_LEN(names) && scale / *unit >= 1000) {
        *unit *= 1000;
        i++;
    }
    return names[i];
}

static void add_scaled(struct strbuf *out, uint64_t number, uint64_t unit)
{
    if (unit == 1)
        strbuf_add_u64(out, number);
    else if (number / unit >= 100)
        strbuf_add_u64(out, number / unit);
    else
        strbuf_printf(out, "%llu.%llu", (unsigned long long)(number / unit),
                      (unsigned long long)(number % unit * 10 / unit));
}

static void add_rate(struct strbuf *out, uint64_t rows, int64_t elapsed_us)
{
    uint64_t rate = (uint64_t)((double)rows * 1e6 / (double)elapsed_us);
    if (rate >= 10000)
        strbuf_printf(out, "  %lluk rows/s", (unsigned long long)(rate / 1000));
    else
        strbuf_printf(out, "  %llu rows/s", (unsigned long long)rate);
}

static void add_left(struct strbuf *out, uint64_t bytes, uint64_t total, int64_t elapsed_us)
{
    double left = (double)elapsed_us * (double)(total - bytes) / (double)bytes / 1e6;
    if (left < 100)
        strbuf_printf(out, "  %.0f s left", left);
    else if (left < 6000)
        strbuf_printf(out, "  %.0f min left", left / 60);
    else
        strbuf_printf(out, "  %.0f h left", left / 3600);
}

void progress_describe(struct strbuf *out, const char *what, uint64_t rows, uint64_t bytes,
                       uint64_t bytes_total, int64_t elapsed_us)
{
    uint64_t unit;
    strbuf_add_text(out, what);
    if (bytes_total > 0) {
        uint64_t done = bytes < bytes_total ? bytes : bytes_total;
        size_t cells = (size_t)((double)done / (double)bytes_total * BAR_CELLS);
        strbuf_add_text(out, "  [");
        for (size_t i = 0; i < BAR_CELLS; i++)
            strbuf_add_char(out, i < cells ? '=' : i == cells ? '>' : ' ');
        strbuf_add_char(out, ']');
    }
    if (rows > 0) {
        strbuf_add_text(out, "  ");
        add_grouped(out, rows);
        strbuf_add_text(out, " rows");
    }
    if (bytes > 0 || bytes_total > 0) {
        const char *name = unit_of(bytes_total > 0 ? bytes_total : bytes, &unit);
        strbuf_add_text(out, "  ");
        add_scaled(out, bytes, unit);
        if (bytes_total > 0) {
            strbuf_add_text(out, " of ");
            add_scaled(out, bytes_total, unit);
        }
        strbuf_printf(out, " %s", name);
    }
    if (rows > 0 && elapsed_us > 0)
        add_rate(out, rows, elapsed_us);
    if (bytes > 0 && bytes < bytes_total && elapsed_us > 0)
        add_left(out, bytes, bytes_total, elapsed_us);
}

/* ---------------------------------------------------------------- the terminal */

static size_t terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col;
}

static void draw(struct progress_terminal *progress, struct slice text)
{
    struct error ignored; /* work does not fail because its progress cannot be drawn */
    progress->is_drawn = fd_write_all(STDERR_FILENO, text, "standard error", &ignored);
}

static bool terminal_tell(struct progress *base, const char *what, uint64_t rows, uint64_t bytes,
                          uint64_t bytes_total)
{
    struct progress_terminal *progress = (struct progress_terminal *)base;
    if (progress->stop && *progress->stop)
        return false;
    if (!progress->is_terminal)
        return true;
    int64_t now = monotonic_us();
    if (now - progress->started_us < FIRST_DRAWN_US ||
        (progress->is_drawn && now - progress->drawn_us < REDRAWN_US))
        return true;
    progress->drawn_us = now;

    struct strbuf text = strbuf_new(LINE_BYTES_MAX), line = strbuf_new(LINE_BYTES_MAX);
    progress_describe(&text, what, rows, bytes, bytes_total, now - progress->started_us);
    struct slice shown = strbuf_slice(&text);
    size_t bad, at = 0, columns = terminal_columns();
    strbuf_add_char(&line, '\r');
    if (utf8_is_valid(shown, &bad)) {
        /* One column less than there are: some terminals go to the next line at the last. */
        for (size_t column = 1; column < columns && at < shown.len; column++) {
            size_t from = at;
            uint32_t code_point = utf8_next(shown, &at);
            bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
            strbuf_add(&line,
                       is_control ? SLICE("?") : slice_head(slice_from(shown, from), at - from));
        }
    }
    strbuf_add_text(&line, "\033[K");
    if (!line.failed)
        draw(progress, strbuf_slice(&line));
    strbuf_free(&text);
    strbuf_free(&line);
    return true;
}

void progress_terminal_start(struct progress_terminal *progress, const volatile int *stop)
{
    const char *term = getenv("TERM");
    *progress = (struct progress_terminal){
        .base = { .tell = terminal_tell },
        .started_us = monotonic_us(),
        .is_terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
        .stop = stop,
    };
}

void progress_terminal_clear(struct progress_terminal *progress)
{
    if (progress->is_drawn)
        draw(progress, SLICE("\r\033[K"));
    progress->is_drawn = false;
}
