/* YAML files: the run of libyaml's parser over a text.
 *
 * The grammar is libyaml's. A fault of grammar ends its parser; a new one is started at the next
 * line that begins with ---, which no scalar may contain (YAML 1.2, 9.1.2). What the events mean is
 * decided in yaml_build.c. */
#include "base/yaml.h"

#include "base/yaml_build.h"
#include <assert.h>

const struct yaml_limits yaml_limits_default = {
    .bytes_max = 16 << 20,
    .depth_max = 64,
    .nodes_max = 1000000,
    .alias_nodes_max = 100000,
};

/* Tells the grammar's fault as libyaml found it. Returns the line of reader->text from which on the
 * next document may begin: the fault's own only if it stands at its start, where it may be a ---
 * that came too soon. */
static uint32_t tell_grammar(struct yaml_reader *reader, const yaml_parser_t *parser)
{
    /* What follows a document without --- is a fault of that document: "text" and more. */
    if (reader->may_go_on)
        reader->documents->count--;
    reader->may_go_on = false;
    uint32_t line = (uint32_t)parser->problem_mark.line + 1;
    uint32_t column = (uint32_t)parser->problem_mark.column + 1;
    struct yaml_complaint complaint = {
        .message = parser->problem ? parser->problem : "this is not YAML",
        .line = line,
        .column = column,
    };
    yaml_explain(reader->text, parser->context, (uint32_t)parser->context_mark.line + 1,
                 (uint32_t)parser->context_mark.column + 1, &complaint);
    (void)yaml_fault(reader, reader->line_base + complaint.line, complaint.column, complaint.hint,
                     "%s", complaint.message);
    return column == 1 ? line : line + 1;
}

/* Reads reader->text up to its end or to where nothing more can be had from it; then *resume_line
 * is the line from which on the next document may begin, otherwise 0. */
static bool read_part(struct yaml_reader *reader, uint32_t *resume_line)
{
    yaml_parser_t parser;
    bool ok = true, at_end = false;
    *resume_line = 0;
    if (!yaml_parser_initialize(&parser))
        return error_no_memory(reader->err, sizeof parser);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)reader->text.at, reader->text.len);
    reader->is_skipped = false;
    while (ok && !at_end && !reader->is_skipped) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            if (parser.error == YAML_MEMORY_ERROR)
                ok = error_no_memory(reader->err, reader->text.len);
            else
                *resume_line = tell_grammar(reader, &parser);
            break;
        }
        at_end = event.type == YAML_STREAM_END_EVENT;
        ok = yaml_take(reader, &event);
        yaml_event_delete(&event);
    }
    /* The end of a container stands where the next document begins. */
    if (reader->is_skipped)
        *resume_line = reader->line - reader->line_base + (reader->line == reader->document_line);
    yaml_parser_delete(&parser);
    return ok;
}

static bool read_stream(struct yaml_reader *reader)
{
    while (reader->text.len > 0) {
        size_t next;
        uint32_t resume_line;
        if (!read_part(reader, &resume_line))
            return false;
        if (resume_line == 0 || reader->is_stopped ||
            !yaml_next_document(reader->text, resume_line, &next))
            break;
        reader->line_base += yaml_lines(slice_head(reader->text, next));
        reader->text = slice_from(reader->text, next);
        reader->cursor = (struct yaml_cursor){ 0 };
    }
    return true;
}

bool yaml_parse(struct arena *arena, struct slice text, const char *where,
                const struct yaml_limits *limits, struct yaml_documents *documents,
                struct findings *findings, struct error *err)
{
    size_t errors_before = findings->errors_count;
    struct yaml_complaint complaint;
    struct yaml_reader reader = {
        .arena = arena,
        .where = where,
        .limits = limits,
        .documents = documents,
        .findings = findings,
        .err = err,
        .line = 1,
        .column = 1,
    };
    assert(limits->depth_max <= YAML_DEPTH_MAX);
    *documents = (struct yaml_documents){ 0 };
    if (text.len > limits->bytes_max) {
        (void)yaml_fault(&reader, 1, 1, NULL, "the file is larger than %zu bytes",
                         limits->bytes_max);
        return false;
    }
    if (!yaml_sound(text, &complaint)) {
        (void)yaml_fault(&reader, complaint.line, complaint.column, complaint.hint, "%s",
                         complaint.message);
        return false;
    }
    reader.frames = arena_array(arena, limits->depth_max + 1, sizeof *reader.frames, err);
    return reader.frames && yaml_plain_lines(arena, text, &reader.text, err) &&
           read_stream(&reader) && findings->errors_count == errors_before;
}
