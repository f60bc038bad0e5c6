#include "base/log.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/strbuf.h"
#include "base/time.h"

enum { LINE_BYTES_MAX = 64 * 1024, TEXT_BYTES_MAX = 1024 };

static const char *const level_names[] = { "debug", "info", "warning", "error" };
static const char hidden[] = "[hidden]";

void log_start(struct log *log, int fd, enum log_level least)
{
    *log = (struct log){
        .fd = fd,
        .least = least,
        .is_json = !isatty(fd),
        .now_us = clock_now_us,
    };
}

bool log_level_parse(struct slice text, enum log_level *level)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (slice_is(text, level_names[i])) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* The last guard, not the first: callers do not log secrets. */
static bool is_secret(const char *name)
{
    static const char *const words[] = { "password", "passphrase", "secret",
                                         "token",    "cookie",     "authorization",
                                         "salt",     "seed",       "credential" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(name, words[i]))
            return true;
    return slice_ends_with(slice_of(name), SLICE("_key"));
}

/* Valid UTF-8 of at most TEXT_BYTES_MAX bytes or a few more: bad bytes become U+FFFD. */
static void add_sound(struct strbuf *out, struct slice text)
{
    bool is_cut = text.len > TEXT_BYTES_MAX;
    if (is_cut) {
        text.len = TEXT_BYTES_MAX;
        while (text.len > TEXT_BYTES_MAX - 4 && ((unsigned char)text.at[text.len] & 0xC0) == 0x80)
            text.len--;
    }
    size_t bad;
    while (!utf8_is_valid(text, &bad)) {
        strbuf_add(out, slice_head(text, bad));
        strbuf_add_text(out, "\xEF\xBF\xBD");
        text = slice_from(text, bad + 1);
    }
    strbuf_add(out, text);
    if (is_cut)
        strbuf_add_text(out, "...");
}

/* For a terminal: bare if it is one plain word, otherwise quoted, with control characters (also
 * those of C1, which terminals obey) and the characters that turn the direction of text as escapes.
 */
static void add_word(struct strbuf *out, struct slice text)
{
    bool is_bare = text.len > 0;
    for (size_t i = 0; i < text.len && is_bare; i++)
        is_bare = text.at[i] > ' ' && text.at[i] < 0x7F && text.at[i] != '"' && text.at[i] != '=';
    if (is_bare) {
        strbuf_add(out, text);
        return;
    }
    strbuf_add_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t code = utf8_next(text, &at);
        bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
        if (code < 0x20 || (code >= 0x7F && code < 0xA0) || turns)
            strbuf_printf(out, "\\u%04x", (unsigned)code);
        else if (code == '"' || code == '\\')
            strbuf_printf(out, "\\%c", (char)code);
        else
            strbuf_add(out, slice_head(slice_from(text, from), at - from));
    }
    strbuf_add_char(out, '"');
}

static void add_field(struct strbuf *line, const struct log *log, const struct log_field *field)
{
    strbuf_add_text(line, log->is_json ? "," : " ");
    if (log->is_json)
        json_add_string(line, slice_of(field->name));
    else
        strbuf_add_text(line, field->name);
    strbuf_add_text(line, log->is_json ? ":" : "=");
    if (field->is_number && !is_secret(field->name)) {
        strbuf_printf(line, "%lld", (long long)field->number);
        return;
    }
    struct strbuf sound = strbuf_new(4 * TEXT_BYTES_MAX);
    add_sound(&sound, is_secret(field->name) ? slice_of(hidden) : field->text);
    if (log->is_json)
        json_add_string(line, strbuf_slice(&sound));
    else
        add_word(line, strbuf_slice(&sound));
    line->failed |= sound.failed;
    strbuf_free(&sound);
}

static void add_head(struct strbuf *line, const struct log *log, enum log_level level,
                     const char *event)
{
    char at[28] = "";
    int64_t now_us = log->now_us();
    if (instant_is_valid(now_us))
        time_format(now_us, at);
    if (log->is_json) {
        strbuf_printf(line, "{\"at\":\"%s\",\"level\":\"%s\",\"event\":", at, level_names[level]);
        json_add_string(line, slice_of(event));
    } else {
        /* The day is the reader's own; the hour is UTC, as everywhere in attest. */
        strbuf_printf(line, "%.8s %-7s %s ", at[0] ? at + 11 : "", level_names[level], event);
    }
}

void log_event(struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count)
{
    struct error ignored; /* counted in `lost` */
    if (!log || level < log->least)
        return;
    struct strbuf line = strbuf_new(LINE_BYTES_MAX);
    add_head(&line, log, level, event);
    for (size_t i = 0; i < count; i++)
        add_field(&line, log, &fields[i]);
    if (log->lost > 0) {
        struct log_field lost = LOG_NUMBER("lost", (int64_t)log->lost);
        add_field(&line, log, &lost);
    }
    strbuf_add_text(&line, log->is_json ? "}\n" : "\n");
    if (!line.failed && fd_write_all(log->fd, strbuf_slice(&line), "the log", &ignored))
        log->lost = 0;
    else
        log->lost++;
    strbuf_free(&line);
}

void log_error(struct log *log, const char *event, const struct error *err)
{
    struct log_field fields[3];
    size_t count = 0;
    if (err->where[0])
        fields[count++] = LOG_TEXT("where", slice_of(err->where));
    fields[count++] = LOG_TEXT("message", slice_of(err->message));
    if (err->hint[0])
        fields[count++] = LOG_TEXT("hint", slice_of(err->hint));
    log_event(log, LOG_LEVEL_ERROR, event, fields, count);
}
