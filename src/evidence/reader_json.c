/* A JSON document as records: an array of them, read element by element in memory that does not
 * grow with the file, or one object, which is one record. What a record is made of is judged by
 * json_records.h; here elements are only told apart. */
#include <string.h>

#include "evidence/json_records.h"

struct document {
    struct reading *reading;
    struct json_records *records;
    struct window window;
    uint64_t line; /* of the window's start */
};

static bool fail(struct document *document, struct error *err)
{
    (void)row_sink_fail(document->reading->sink, document->line, (struct slice){ 0 }, err);
    return false;
}

static bool fail_with(struct document *document, const char *why, struct error *err)
{
    error_set(err, ERROR_INVALID, NULL, "%s", why);
    return fail(document, err);
}

/* The byte at an offset from the window's start; '\0' at the end of the file, and *is_end. A NUL
 * in the file is no JSON and ends as one. */
static bool byte_at(struct document *document, size_t at, char *byte, bool *is_end,
                    struct error *err)
{
    struct window *window = &document->window;
    while (at >= window->end - window->start && !window->is_ended)
        if (!window_fill(window, err))
            return fail(document, err);
    *is_end = at >= window->end - window->start;
    *byte = *is_end ? '\0' : window->bytes[window->start + at];
    return true;
}

static void use_up(struct document *document, size_t bytes)
{
    const char *at = document->window.bytes + document->window.start;
    for (size_t i = 0; i < bytes; i++)
        document->line += at[i] == '\n';
    document->window.start += bytes;
}

/* Past white space, to the next byte; '\0' at the end. */
static bool next_byte(struct document *document, char *byte, bool *is_end, struct error *err)
{
    for (;;) {
        if (!byte_at(document, 0, byte, is_end, err))
            return false;
        if (*is_end || !memchr(" \t\r\n", *byte, 4))
            return true;
        use_up(document, 1);
    }
}

/* How many bytes the element at the window's start has: up to the comma or bracket behind it. */
static bool element_length(struct document *document, size_t *length, struct error *err)
{
    size_t depth = 0;
    bool is_text = false;
    for (*length = 0;; ++*length) {
        char byte;
        bool is_end;
        if (!byte_at(document, *length, &byte, &is_end, err))
            return false;
        if (is_end)
            return fail_with(document, "the file ends within this element of the list", err);
        if (is_text) {
            if (byte == '\\')
                ++*length;
            is_text = byte != '"';
        } else if (byte == '"') {
            is_text = true;
        } else if (byte == '{' || byte == '[') {
            depth++;
        } else if (depth == 0 && (byte == ',' || byte == ']' || byte == '}')) {
            return true;
        } else if (byte == '}' || byte == ']') {
            depth--;
        }
    }
}

/* One element and what follows it. */
static bool take_element(struct document *document, bool *is_last, struct error *err)
{
    size_t length;
    char byte;
    bool is_end;
    if (!next_byte(document, &byte, &is_end, err) || !element_length(document, &length, err))
        return false;
    struct slice element =
        slice_trim(slice_bytes(document->window.bytes + document->window.start, length));
    if (element.len == 0)
        return fail_with(document, "a value was expected between the commas of the list", err);
    if (!json_records_add(document->records, document->line, element, err))
        return false;
    use_up(document, length);
    if (!byte_at(document, 0, &byte, &is_end, err))
        return false;
    if (byte != ',' && byte != ']')
        return fail_with(document, "a comma or the end of the list was expected", err);
    *is_last = byte == ']';
    use_up(document, 1);
    return true;
}

static bool take_list(struct document *document, struct error *err)
{
    char byte;
    bool is_end;
    use_up(document, 1); /* [ */
    if (!next_byte(document, &byte, &is_end, err))
        return false;
    if (byte == ']' && !is_end) {
        use_up(document, 1);
    } else {
        for (bool is_last = false; !is_last;)
            if (!take_element(document, &is_last, err))
                return false;
    }
    if (!next_byte(document, &byte, &is_end, err))
        return false;
    return is_end || fail_with(document, "something follows the list", err);
}

/* The whole file is one record. */
static bool take_object(struct document *document, struct error *err)
{
    struct window *window = &document->window;
    while (!window->is_ended)
        if (!window_fill(window, err))
            return fail(document, err);
    return json_records_add(document->records, document->line,
                            slice_bytes(window->bytes + window->start, window->end - window->start),
                            err);
}

static bool read_document(struct document *document, struct error *err)
{
    char byte;
    bool is_end;
    if (!window_fill(&document->window, err))
        return fail(document, err);
    reader_skip_bom(document->reading, &document->window, true);
    if (!next_byte(document, &byte, &is_end, err))
        return false;
    if (byte == '[')
        return take_list(document, err);
    if (byte == '{')
        return take_object(document, err);
    if (is_end)
        return fail_with(document, "the file is empty; a JSON document was expected", err);
    return fail_with(document, "a JSON document that is a list or an object was expected", err);
}

bool json_read(struct reading *reading, struct error *err)
{
    struct document document = { .reading = reading,
                                 .records = json_records_new(reading, err),
                                 .line = 1 };
    window_start(&document.window, reading->input, reading->record_bytes_max);
    bool ok = document.records && read_document(&document, err);
    if (ok) {
        json_records_tell(document.records);
        reader_warn_unseen(reading);
    }
    window_free(&document.window);
    json_records_free(document.records);
    return ok;
}
