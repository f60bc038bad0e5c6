/* attest scope: controls and criteria by layer, principle and category of 2014, and the parties. */
#include "audit/engagement.h"
#include "audit/scope.h"
#include "cli/output.h"
#include "cli/verb.h"

static const struct column_spec matrix_columns[] = {
    { "by", "by" },
    { "name", "name" },
    { "layers.Facilities.cell", "Facilities" },
    { "layers.IaaS.cell", "IaaS" },
    { "layers.PaaS.cell", "PaaS" },
    { "layers.SaaS.cell", "SaaS" },
    { "layers.Organization.cell", "Organization" },
    { "controls", "controls" },
    { "criteria", "criteria" },
    { "of", "of" },
    { "gaps", "gaps" },
    { NULL, NULL },
};
static const struct column_spec row_columns[] = {
    { "by", "by" },
    { "name", "name" },
    { "layer", "layer" },
    { "in_scope", "in scope" },
    { "controls", "controls" },
    { "criteria", "criteria" },
    { "of", "of" },
    { "tests", "tests" },
    { "gap", "gap" },
    { NULL, NULL },
};

/* The one named, or the only one there is; NULL without *err: the programme has none. */
static const struct value *find_engagement(struct session *session, uint64_t size,
                                           struct slice *name)
{
    struct resource_list list;
    struct engagement engagement;
    *name = slice_of(session->arguments->words_count ? session->arguments->words[0] : NULL);
    if (name->len == 0) {
        if (!resource_list(session->store, session->arena, SLICE("Engagement"), size, &list,
                           &session->err) ||
            list.count == 0)
            return NULL;
        if (list.count > 1) {
            error_set(&session->err, ERROR_USAGE, NULL, "there are %zu engagements: name one",
                      list.count);
            error_hint(&session->err, "attest scope %.*s", SLICE_ARG(list.items[0].name));
            return NULL;
        }
        *name = list.items[0].name;
    }
    if (!session_has(session, "engagement", *name, size) ||
        !engagement_read(session->store, session->arena, *name, size, &engagement, &session->err))
        return NULL;
    *name = engagement.name;
    engagement_free(&engagement); /* the document lies in the arena */
    return engagement.document;
}

static void tell_parties(struct session *session, const struct value *tree)
{
    const struct value *parties = value_member(tree, "parties");
    for (size_t i = 0; i < value_count(parties); i++) {
        const struct value *party = parties->items[i], *layers = value_member(party, "layers");
        struct slice method = value_text_of(party, "method");
        struct strbuf runs = strbuf_new(200);
        for (size_t j = 0; j < value_count(layers); j++) {
            strbuf_add_text(&runs, j ? ", " : "; runs ");
            strbuf_add(&runs, value_text(layers->items[j]));
        }
        session_tell(session, "%.*s: %.*s%s%.*s, %.*s controls, %.*s criteria%.*s",
                     SLICE_ARG(value_text_of(party, "party")),
                     SLICE_ARG(value_text_of(party, "name")), method.len ? ", " : "",
                     SLICE_ARG(method), SLICE_ARG(value_member(party, "controls")->text),
                     SLICE_ARG(value_member(party, "criteria")->text),
                     SLICE_ARG(strbuf_slice(&runs)));
        strbuf_free(&runs);
    }
}

static int run(struct session *session, const struct arguments *arguments)
{
    uint64_t size;
    struct slice name;
    if (arguments->words_count > 1) {
        error_set(&session->err, ERROR_USAGE, NULL,
                  "name one engagement: attest scope engagement/ID");
        return session_fail(session);
    }
    if (!session_store(session, STORE_READ) || !session_size(session, &size))
        return session_fail(session);
    const struct value *engagement = find_engagement(session, size, &name);
    if (session->err.code != ERROR_NONE)
        return session_fail(session);
    const struct value *tree = scope_matrix(session->store, session->catalogue, session->arena,
                                            name, engagement, size, &session->err);
    bool is_flat = session->format == FORMAT_CSV || session->format == FORMAT_XLSX;
    if (!tree || !output_list(session, tree, value_member(tree, is_flat ? "rows" : "matrix"),
                              is_flat ? row_columns : matrix_columns))
        return session_fail(session);
    if (session->format == FORMAT_TABLE) {
        tell_parties(session, tree);
        if (!slice_is(value_member(tree, "without_layer")->text, "0"))
            session_tell(session, "%.*s controls name no layer and stand in the sums alone",
                         SLICE_ARG(value_member(tree, "without_layer")->text));
        if (slice_is(value_text_of(tree, "layers_from"), "nowhere"))
            session_tell(session, "no layers are set: all five are shown (System.layers)");
        session_tell(session, "a cell: controls / criteria that they serve; -: not in scope");
    }
    return 0;
}

static const char *const examples[] = {
    "attest scope engagement/soc2-2026",
    "attest scope -o json",
    "attest scope engagement/soc2-2026 -o csv",
    NULL,
};
const struct verb verb_scope = {
    .name = "scope",
    .usage = "[engagement/ID] [--as-of WHEN]",
    .summary =
        "controls and criteria by layer, principle and 2014 category, with gaps; the parties",
    .details =
        "Without a name the only engagement there is, or the programme as it is. The common\n"
        "criteria stand under security and belong to every principle. The categories of 2014, a\n"
        "to g as ENISA's sheet lists them, count the criteria of 2014 that a control names or "
        "that\n"
        "map to one it names. A layer that a carve-out runs is left to it. csv and xlsx have a "
        "row\n"
        "for each layer. Readiness reports print this; a service auditor's report only in\n"
        "section 5, if the engagement says scope_in_section_5.",
    .examples = examples,
    .run = run,
};
