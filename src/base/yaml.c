/* YAML files: the run of libfyaml's parser over a text.
 *
 * The grammar is libfyaml's. A fault of grammar ends its parser; a new one is started at the next
 * line that begins with ---, which no scalar may contain (YAML 1.2, 9.1.2). What the events mean is
 * decided in yaml_build.c. */
#include "base/yaml.h"

#include <assert.h>
#include <string.h>

#include "base/yaml_build.h"
#include "base/yaml_text.h"

const struct yaml_limits yaml_limits_default = {
    .bytes_max = 16 << 20,
    .depth_max = 64,
    .nodes_max = 1000000,
    .alias_nodes_max = 100000,
};

/* Tells the grammar's fault as libfyaml found it. Returns the line of reader->text from which on
 * the next document may begin: the fault's own only if it stands at its start, where it may be a
 * --- that came too soon. */
static uint32_t tell_grammar(struct yaml_reader *reader, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *found = fy_diag_errors_iterate(diag, &at);
    while (found && found->type != FYET_ERROR)
        found = fy_diag_errors_iterate(diag, &at);
    struct yaml_complaint complaint = {
        .message = found && found->msg ? found->msg : "this is not YAML",
        /* Without a place it is where reading had come to. */
        .line = found && found->line > 0 ? (uint32_t)found->line : reader->line - reader->line_base,
        .column = found && found->column > 0 ? (uint32_t)found->column : 1,
    };
    yaml_explain(reader->text, &complaint);
    (void)yaml_fault(reader, reader->line_base + complaint.line, complaint.column, complaint.hint,
                     "%s", complaint.message);
    return complaint.column == 1 ? complaint.line : complaint.line + 1;
}

static void no_output(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag, (void)user, (void)text, (void)len;
}

/* The text, handed out piece by piece as libfyaml asks for it. It keeps the tokens of everything
 * that may yet turn out to be a key, and a hostile [[[[ never ends: 15 MB of it would cost 3 GB. So
 * what may lie between two events is bounded, at some 50 MB. */
enum { INDICATORS_MAX = 100000 };
struct feed {
    const struct yaml_reader *reader;
    struct slice rest;
    size_t indicators;             /* handed out since the last event */
    uint32_t cut_line, cut_column; /* where the last event was when they became too many, or 0 */
};

static ssize_t feed_more(void *user, void *out, size_t room)
{
    struct feed *feed = user;
    size_t len = feed->rest.len < room ? feed->rest.len : room;
    struct slice piece = slice_head(feed->rest, len);
    feed->indicators += yaml_indicators(piece);
    if (feed->cut_line == 0 && feed->indicators > INDICATORS_MAX) {
        feed->cut_line = feed->reader->line;
        feed->cut_column = feed->reader->column;
    }
    if (feed->cut_line > 0)
        return 0;
    if (len > 0)
        memcpy(out, piece.at, len);
    feed->rest = slice_from(feed->rest, len);
    return (ssize_t)len;
}

static struct fy_parser *parser_new(struct fy_diag *diag, struct feed *feed)
{
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE |
                 FYPCF_DISABLE_ACCELERATORS,
        .diag = diag,
    };
    struct fy_parser *parser = fy_parser_create(&config);
    if (parser && fy_parser_set_input_callback(parser, feed, feed_more) != 0) {
        fy_parser_destroy(parser);
        return NULL;
    }
    return parser;
}

/* Reads reader->text up to its end or to where nothing more can be had from it; then *resume_line
 * is the line from which on the next document may begin, otherwise 0. */
static bool read_part(struct yaml_reader *reader, uint32_t *resume_line)
{
    bool ok = false;
    struct feed feed = { .reader = reader, .rest = reader->text };
    struct fy_event *event;
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL; /* nothing goes to standard error */
    diag_config.output_fn = no_output;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    struct fy_parser *parser = NULL;
    *resume_line = 0;
    if (diag) {
        fy_diag_set_collect_errors(diag, true);
        parser = parser_new(diag, &feed);
    }
    if (!parser) {
        error_no_memory(reader->err, reader->text.len);
        goto done;
    }
    reader->is_skipped = false;
    while (!reader->is_skipped && (event = fy_parser_parse(parser)) != NULL) {
        bool taken = feed.cut_line > 0 || yaml_take(reader, event);
        fy_parser_event_free(parser, event);
        if (!taken)
            goto done;
        if (feed.cut_line > 0)
            break;
        feed.indicators = 0;
    }
    if (feed.cut_line > 0) {
        reader->is_stopped = true;
        (void)yaml_fault(reader, feed.cut_line, feed.cut_column,
                         "write long lists in block style, one item a line",
                         "from here on more than %d brackets, commas and other indicators hang "
                         "together",
                         INDICATORS_MAX);
    } else if (reader->is_skipped) {
        *resume_line = reader->line - reader->line_base + 1;
    } else if (fy_parser_get_stream_error(parser)) {
        *resume_line = tell_grammar(reader, diag);
    }
    ok = true;
done:
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
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
    if (!reader.frames || !yaml_plain_lines(arena, text, &reader.text, err) ||
        !read_stream(&reader))
        return false;
    return findings->errors_count == errors_before;
}
