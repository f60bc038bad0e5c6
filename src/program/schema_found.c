#include <stdio.h>
#include <string.h>

#include "program/schema_internal.h"

static void path_grew(struct check *check, int written)
{
    size_t room = CHECK_PATH_BYTES - check->path_len;
    check->path_len += written < 0 ? 0 : (size_t)written < room ? (size_t)written : room - 1;
}

void check_path_add_name(struct check *check, struct slice name)
{
    path_grew(check, snprintf(check->path + check->path_len, CHECK_PATH_BYTES - check->path_len,
                              "%s%.*s", check->path_len ? "." : "",
                              name.len > 100 ? 100 : (int)name.len, name.at ? name.at : ""));
}

void check_path_add_index(struct check *check, size_t index)
{
    path_grew(check, snprintf(check->path + check->path_len, CHECK_PATH_BYTES - check->path_len,
                              "[%zu]", index));
}

void check_path_cut(struct check *check, size_t len)
{
    check->path[len] = '\0';
    check->path_len = len;
}

/* "frequency" of "attributes[0].frequency" for `attest explain`, which knows no indexes. */
static void path_of_help(const struct check *check, char *out, size_t size)
{
    size_t len = 0;
    bool is_index = false;
    for (const char *at = check->path; *at && len + 1 < size; at++) {
        if (*at == '[')
            is_index = true;
        if (!is_index)
            out[len++] = *at;
        if (*at == ']')
            is_index = false;
    }
    out[len] = '\0';
}

static const char *between(const char *hint)
{
    size_t len = strlen(hint);
    return len == 0 ? "" : hint[len - 1] == '?' ? " " : "; ";
}

void check_found(struct check *check, uint32_t line, uint32_t column, const char *hint,
                 const char *message)
{
    struct error error = { 0 };
    char where[192], help[CHECK_PATH_BYTES];
    const struct schema_subject *subject = check->subject;
    const char *label = subject->label ? subject->label : "";
    (void)snprintf(where, sizeof where, "%.150s:%u:%u", subject->file, line, column);
    error_set(&error, ERROR_INVALID, where, "%s%s%s%s%s", label, *label ? ": " : "", check->path,
              check->path_len ? ": " : "", message);
    path_of_help(check, help, sizeof help);
    if (subject->help)
        error_hint(&error, "%s%ssee attest explain %s%s%s", hint, between(hint), subject->help,
                   *help ? "." : "", help);
    else if (*hint)
        error_hint(&error, "%s", hint);
    findings_add_error(check->findings, &error);
}

void check_shown(const struct value *value, char out[CHECK_SHOWN_BYTES])
{
    if (value->type == VALUE_STRING)
        (void)snprintf(out, CHECK_SHOWN_BYTES, "\"%.*s%s\"",
                       value->text.len > 60 ? 60 : (int)value->text.len,
                       value->text.at ? value->text.at : "", value->text.len > 60 ? "..." : "");
    else if (value->type == VALUE_NUMBER)
        (void)snprintf(out, CHECK_SHOWN_BYTES, "%.*s",
                       value->text.len > 60 ? 60 : (int)value->text.len, value->text.at);
    else if (value->type == VALUE_BOOL)
        (void)snprintf(out, CHECK_SHOWN_BYTES, "%s", value->boolean ? "true" : "false");
    else
        (void)snprintf(out, CHECK_SHOWN_BYTES, "%s", schema_type_word(schema_type_of(value)));
}
