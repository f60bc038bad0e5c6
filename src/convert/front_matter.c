/* Markdown with front matter, as static sites and the comply layout have it: YAML up to a line ---.
 * comply writes no such line before it, others do. */
#include <string.h>

#include "base/yaml.h"
#include "convert/records.h"

/* A line that is --- and nothing else but blanks. */
static bool is_mark(struct slice line)
{
    return slice_is(slice_trim(line), "---") && line.len > 0 && line.at[0] == '-';
}

bool front_matter_read(struct arena *arena, struct slice text, const char *where,
                       struct value **matter, struct slice *body, struct findings *findings,
                       struct error *err)
{
    struct yaml_documents documents = { 0 };
    struct slice rest = text, line, head = { text.at, 0 };
    bool is_first = true, is_found = false;
    if (slice_starts_with(text, SLICE("\xEF\xBB\xBF")))
        rest = slice_from(text, 3);
    while (!is_found && slice_line(&rest, &line)) {
        is_found = is_mark(line) && !is_first;
        if (!is_found)
            head.len = (size_t)(line.at - text.at) + line.len;
        is_first = false;
    }
    if (!is_found) {
        error_set(err, ERROR_INVALID, where, "there is no front matter: a line --- ends it");
        return error_hint(err, "the file begins with lines such as name: Access policy");
    }
    *body = rest;
    if (!yaml_parse(arena, head, where, &yaml_limits_default, &documents, findings, err))
        return err->code == ERROR_NONE
                   ? error_set(err, ERROR_INVALID, where, "the front matter is not read")
                   : false;
    if (documents.count != 1 || documents.items[0]->type != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, where,
                         "the front matter is expected to be fields with values");
    *matter = documents.items[0];
    return true;
}
