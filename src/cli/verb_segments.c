/* attest segments: what imports have left. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "evidence/segments.h"

static const struct column_spec table_columns[] = {
    { "shown.segment", "segment" },
    { "source", "source" },
    { "type", "type" },
    { "shown.covers", "covers" },
    { "rows", "rows" },
    { "kept", "kept" },
    { "set_aside", "set aside" },
    { "shown.at", "imported" },
    { "imported_by", "by" },
    { "file", "file" },
    { "withdrawn.reason", "withdrawn" },
    { NULL, NULL },
};
static const struct column_spec csv_columns[] = {
    { "segment", "segment" },
    { "source", "source" },
    { "type", "type" },
    { "file", "file" },
    { "covers.from", "covers_from" },
    { "covers.to", "covers_to" },
    { "rows", "rows" },
    { "kept", "kept" },
    { "set_aside", "set_aside" },
    { "undated", "undated" },
    { "row_digest", "row_digest" },
    { "raw_digest", "raw_digest" },
    { "imported_at", "imported_at" },
    { "imported_by", "imported_by" },
    { "withdrawn.at", "withdrawn_at" },
    { "withdrawn.by", "withdrawn_by" },
    { "withdrawn.reason", "withdrawn_reason" },
    { NULL, NULL },
};

enum { DAY_CHARACTERS = 10 };

/* Whole days as people write them, FROM..TO; else the instants. */
static bool put_covers(struct session *session, struct value *shown, const struct value *covers)
{
    char last[28];
    int64_t to_us;
    struct slice from = value_text_of(covers, "from"), to = value_text_of(covers, "to");
    struct slice midnight = SLICE("T00:00:00.000000Z");
    if (from.len == 0)
        return true;
    if (slice_ends_with(from, midnight) && slice_ends_with(to, midnight) &&
        time_parse_canonical(to, &to_us)) {
        time_format(to_us - US_PER_DAY, last);
        from = slice_head(from, DAY_CHARACTERS);
        to = slice_head(slice_of(last), DAY_CHARACTERS);
    }
    const char *text =
        arena_printf(session->arena, &session->err, "%.*s..%.*s", SLICE_ARG(from), SLICE_ARG(to));
    return text && value_put_text(session->arena, shown, "covers", slice_of(text), &session->err);
}

/* A table has room for the head of a leaf, which is what other verbs take too. */
static bool put_shown(struct session *session, struct value *item)
{
    struct value *shown = value_put_object(session->arena, item, "shown", &session->err);
    struct slice at = value_text_of(item, "imported_at");
    struct slice leaf = value_text_of(item, "segment");
    const char *text = arena_printf(session->arena, &session->err, "%.*sZ",
                                    at.len > 19 ? 19 : (int)at.len, at.at ? at.at : "");
    return shown && text &&
           value_put_text(session->arena, shown, "at", slice_of(text), &session->err) &&
           value_put_text(session->arena, shown, "segment",
                          slice_head(leaf, leaf.len < 12 ? leaf.len : 12), &session->err) &&
           put_covers(session, shown, value_member(item, "covers"));
}

static int run(struct session *session, const struct arguments *arguments)
{
    uint64_t size;
    struct slice wanted = slice_of(arguments->words_count ? arguments->words[0] : NULL);
    if (arguments->words_count > 1) {
        error_set(&session->err, ERROR_USAGE, NULL, "name one source, type or segment");
        return session_fail(session);
    }
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    struct value *list = segments_told(session->store, session->arena, wanted, size, &session->err);
    if (!list)
        return session_fail(session);
    /* One segment, named by its leaf, is shown whole. */
    bool is_one = value_count(list) == 1 &&
                  slice_starts_with(value_text_of(list->items[0], "segment"), wanted) &&
                  wanted.len > 0;
    bool is_flat = session->format == FORMAT_CSV || session->format == FORMAT_XLSX;
    if (is_one && !is_flat)
        return output_document(session, list->items[0]) ? 0 : session_fail(session);
    for (size_t i = 0; session->format == FORMAT_TABLE && i < list->count; i++)
        if (!put_shown(session, list->items[i]))
            return session_fail(session);
    return output_list(session, list, list, is_flat ? csv_columns : table_columns)
               ? 0
               : session_fail(session);
}

static const char *const examples[] = { "attest segments", "attest segments source/deploy-log",
                                        "attest segments changes -o csv",
                                        "attest segments 4be1c07a9d52 -o json", NULL };
const struct verb verb_segments = {
    .name = "segments",
    .usage = "[source/ID|TYPE|SEGMENT] [--as-of WHEN]",
    .summary = "what was imported: segments, or one with its record",
    .details = "Withdrawn segments are listed with the reason. A SEGMENT is the leaf of its entry, "
               "or its\nfirst eight digits or more.",
    .examples = examples,
    .run = run,
};
