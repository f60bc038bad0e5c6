#include "program/icalendar.h"

#include <stdio.h>

enum { LINE_OCTETS = 75, CONTENT_BYTES_MAX = 1 << 20 };

/* A content line, folded: no line longer than 75 octets without its CRLF, cut between characters.
 * Source: RFC 5545 3.1. */
static void add_line(struct strbuf *out, struct slice line)
{
    size_t at = 0, used = 0;
    while (at < line.len) {
        size_t start = at;
        (void)utf8_next(line, &at);
        if (used + (at - start) > LINE_OCTETS) {
            strbuf_add_text(out, "\r\n ");
            used = 1;
        }
        strbuf_add(out, (struct slice){ line.at + start, at - start });
        used += at - start;
    }
    strbuf_add_text(out, "\r\n");
}

static void add_text_line(struct strbuf *out, const char *text) { add_line(out, slice_of(text)); }

/* A value of type TEXT. Source: RFC 5545 3.3.11; other control characters may not stand at all. */
static void add_escaped(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte == '\\' || byte == ';' || byte == ',')
            strbuf_add_char(out, '\\');
        if (byte == '\n')
            strbuf_add_text(out, "\\n");
        else if ((byte >= 0x20 && byte != 0x7F) || byte == '\t')
            strbuf_add_char(out, (char)byte);
    }
}

/* NAME:parts, each escaped; ended by a part without text. */
static void add_property(struct strbuf *out, const char *name, const struct slice *parts)
{
    struct strbuf line = strbuf_new(CONTENT_BYTES_MAX);
    strbuf_add_text(&line, name);
    strbuf_add_char(&line, ':');
    for (; parts->at; parts++)
        add_escaped(&line, *parts);
    out->failed = out->failed || line.failed;
    add_line(out, strbuf_slice(&line));
    strbuf_free(&line);
}

/* 20260331 of 2026-03-31 */
static void basic_date(int32_t day, char out[9])
{
    char text[11];
    date_format(day, text);
    for (size_t i = 0, j = 0; text[i]; i++)
        if (text[i] != '-')
            out[j++] = text[i];
    out[8] = '\0';
}

static void add_event(const struct duty *duty, const struct icalendar_options *options,
                      const char *stamp, struct strbuf *out)
{
    char day[9], next[9], iso[11], line[64], allowed[28];
    struct slice head = duty->subject, id = { 0 };
    basic_date(duty->day, day);
    basic_date(duty->day + 1, next);
    date_format(duty->day, iso);
    time_format(duty->allowed_us, allowed);
    (void)slice_split(duty->subject, '/', &head, &id);
    add_text_line(out, "BEGIN:VEVENT");
    add_property(
        out, "UID",
        (const struct slice[]){
            duty->subject, SLICE("/"), slice_of(iso), SLICE("@"), options->origin, { 0 } });
    snprintf(line, sizeof line, "DTSTAMP:%s", stamp);
    add_text_line(out, line);
    snprintf(line, sizeof line, "DTSTART;VALUE=DATE:%s", day);
    add_text_line(out, line);
    snprintf(line, sizeof line, "DTEND;VALUE=DATE:%s", next);
    add_text_line(out, line);
    add_property(out, "SUMMARY",
                 (const struct slice[]){ id,
                                         duty->title.len ? SLICE(": ") : SLICE(""),
                                         duty->title.at ? duty->title : SLICE(""),
                                         { 0 } });
    add_property(out, "DESCRIPTION",
                 (const struct slice[]){ duty->subject,
                                         SLICE(" is due.\nIn time until "),
                                         slice_of(allowed),
                                         duty->owner.len ? SLICE("\nOwner: ") : SLICE(""),
                                         duty->owner.at ? duty->owner : SLICE(""),
                                         SLICE("\nState: "),
                                         slice_of(duty_state_name(duty->state)),
                                         { 0 } });
    add_property(out, "CATEGORIES",
                 (const struct slice[]){ slice_of(duty_state_name(duty->state)), { 0 } });
    add_text_line(out, "TRANSP:TRANSPARENT");
    add_text_line(out, "END:VEVENT");
}

void icalendar_write(const struct duties *duties, const struct icalendar_options *options,
                     struct strbuf *out)
{
    struct civil civil;
    char stamp[32], day[9];
    civil_from_instant(options->stamp_us, 0, &civil);
    basic_date(days_from_civil(civil.year, civil.month, civil.day), day);
    snprintf(stamp, sizeof stamp, "%sT%02d%02d%02dZ", day, civil.hour, civil.minute, civil.second);
    add_text_line(out, "BEGIN:VCALENDAR");
    add_text_line(out, "VERSION:2.0");
    add_text_line(out, "PRODID:-//attest//what is due//EN");
    for (size_t i = 0; i < duties->count; i++)
        add_event(&duties->items[i], options, stamp, out);
    add_text_line(out, "END:VCALENDAR");
}
