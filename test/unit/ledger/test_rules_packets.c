/* Packets of another house, and documents that name what they prove. */
#include "ledger/rules_builder.h"

#define PEER "example.com/theirs"

/* ---- packets ---- */

/* Another house with two entries. */
struct peer {
    struct signing_key key;
    struct verifier_key verifier;
    struct digest leaves[2], root;
};

static void peer_begin(struct peer *peer, struct builder *b)
{
    static const uint8_t seed[32] = { 9 };
    signing_key_start(&peer->key, SLICE(PEER), seed);
    peer->verifier = signing_key_verifier(&peer->key, KEY_LOG);
    peer->leaves[0] = leaf_hash(SLICE("one"));
    peer->leaves[1] = leaf_hash(SLICE("two"));
    peer->root = node_hash(&peer->leaves[0], &peer->leaves[1]);
    b->ledger.sources.peers = &peer->verifier;
    b->ledger.sources.peers_count = 1;
    rules_free(b->rules); /* again, with the peer known */
    b->rules = rules_new(&b->ledger.sources, &b->world->err);
    assert_non_null(b->rules);
    assert_true(rules_add(b->rules, b->ledger.entries.items[0], &b->fault, &b->world->err));
}

/* The first line of a packet of size 2, its note as JSON has it. */
static const char *head_line(struct builder *b, const struct peer *peer, const char *old)
{
    struct checkpoint checkpoint = { SLICE(PEER), 2, peer->root };
    struct strbuf text = strbuf_new(4096), note = strbuf_new(4096), line = strbuf_new(8192);
    checkpoint_text(&checkpoint, &text);
    note_sign(&peer->key, strbuf_slice(&text), &note);
    strbuf_add_text(&line, "{\"checkpoint\":");
    json_add_string(&line, strbuf_slice(&note));
    strbuf_printf(&line, ",\"old\":%s,\"proof\":[]}\n", old);
    const char *made = arena_string(b->world->arena, strbuf_slice(&line), &b->world->err);
    assert_non_null(made);
    strbuf_free(&text);
    strbuf_free(&note);
    strbuf_free(&line);
    return made;
}

static int add_packet(struct builder *b, const struct peer *peer, const char *payload)
{
    struct draft draft = { "packet", "management", NULL, { -1 }, NULL, false };
    draft.body =
        arena_printf(b->world->arena, &b->world->err,
                     "{'dir':'received','origin':'" PEER "','payload':%s,'root':'%s','size':2}",
                     payload_text(b, payload), digest_shown(b, &peer->root));
    return builder_add(b, &draft);
}

/* A packet: the good first line or another, and further lines with ' for ". */
static void expect_packet(struct world *w, const char *head, const char *format, const char *code)
{
    struct builder b;
    struct peer peer;
    builder_begin(&b, w);
    peer_begin(&peer, &b);
    const char *lines = filled(&b, format, digest_shown(&b, &peer.leaves[1]));
    const char *payload =
        arena_printf(w->arena, &w->err, "%s%s",
                     head ? json_text(&b, head) : head_line(&b, &peer, "0"), json_text(&b, lines));
    add_packet(&b, &peer, payload);
    builder_payloads(&b, code, NULL);
    builder_end(&b);
}

static void a_packet_holds_a_signed_head_and_entries_with_proofs(void **state)
{
    struct world *w = *state;
    expect_packet(w, NULL, "", NULL);
    expect_packet(w, NULL, "{'entry':'one','n':0,'proof':['%s']}\n", NULL);
    static const char *const unproved[] = {
        "{'entry':'two','n':0,'proof':['%s']}\n",
        "{'entry':'one','n':1,'proof':['%s']}\n",
        "{'entry':'one','n':2,'proof':['%s']}\n",
        "{'entry':'one','n':-1,'proof':['%s']}\n",
        "{'entry':'one','n':0,'proof':[]}\n",
        "{'entry':'one','n':0,'proof':'%s'}\n",
        "{'entry':'one','n':0,'proof':['%s',1]}\n",
        "{'entry':'one','n':0,'proof':['%s'],'z':1}\n",
        "{'entry':'one','n':0,'hash':['%s']}\n",
        "{'entry':1,'n':0,'proof':['%s']}\n",
        "{'n':0,'proof':['%s']}\n",
        "['%s']\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(unproved); i++)
        expect_packet(w, NULL, unproved[i],
                      i == 8 ? "packet-checkpoint" : "packet-proof"); /* 8 is not canonical */
    static const char *const malformed[] = {
        "{'entry':'one','n':0,'proof':['%s']}",
        "{'entry':'one', 'n':0,'proof':['%s']}\n",
        "{'entry':'one','n':0,'proof':['%s']\n",
        "\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
        expect_packet(w, NULL, malformed[i], "packet-checkpoint");
}

static void a_packet_without_a_right_first_line_is_refused(void **state)
{
    struct world *w = *state;
    static const char *const heads[] = {
        "",
        "{}\n",
        "[]\n",
        "{'checkpoint':1,'old':0,'proof':[]}\n",
        "{'checkpoint':'','old':0,'proof':[]}\n",
        "{'checkpoint':'example.com/theirs\\n2\\nAAAA\\n','old':0,'proof':[]}\n",
        "{'checkpoint':'x','old':0}\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        expect_packet(w, heads[i], "", "packet-checkpoint");
}

static void a_packet_continues_from_what_was_received_before(void **state)
{
    static const char *const olds[] = { "1", "3", "-1", "\"0\"", "null" };
    for (size_t i = 0; i < ARRAY_LEN(olds); i++) {
        struct builder b;
        struct peer peer;
        builder_begin(&b, *state);
        peer_begin(&peer, &b);
        add_packet(&b, &peer, head_line(&b, &peer, olds[i]));
        builder_payloads(&b, "packet-fork", NULL);
        builder_end(&b);
    }
}

/* ---- facts of another house ---- */

/* A document after a packet that proves entry "one"; %s is the leaf given. */
static void expect_document(struct world *w, const char *type, const char *document,
                            const struct digest *leaf, const char *code)
{
    struct builder b;
    struct peer peer;
    char leaf_hex[65] = "";
    builder_begin(&b, w);
    peer_begin(&peer, &b);
    add_packet(&b, &peer,
               arena_printf(w->arena, &w->err, "%s{\"entry\":\"one\",\"n\":0,\"proof\":[\"%s\"]}\n",
                            head_line(&b, &peer, "0"), digest_shown(&b, &peer.leaves[1])));
    if (leaf)
        digest_hex(leaf, leaf_hex);
    const char *text = filled(&b, document, leaf_hex);
    struct draft draft = { type, "management", NULL, { -1 }, NULL, false };
    const char *payload = payload_text(&b, json_text(&b, text));
    if (strcmp(type, "blob") == 0)
        draft.body =
            arena_printf(w->arena, &w->err, "{'media':'application/json','payload':%s}", payload);
    else
        draft.body = arena_printf(w->arena, &w->err,
                                  "{'kind':'Response','name':'response/a','op':'put',"
                                  "'payload':%s,'version':1}",
                                  payload);
    builder_add(&b, &draft);
    builder_payloads(&b, code, NULL);
    builder_end(&b);
}

static void facts_that_are_named_must_be_proved_wherever_they_stand(void **state)
{
    struct world *w = *state;
    struct digest one = leaf_hash(SLICE("one")), two = leaf_hash(SLICE("two"));
    const char *fault = "foreign-unproved";
    static const char *const places[] = {
        "{'leaf':'%s','origin':'" PEER "'}",
        "{'origin':'" PEER "','leaf':'%s'}",
        "{'a':[1,{'b':{'leaf':'%s','origin':'" PEER "'}}]}",
        "[{'x':1},{'leaf':'%s','origin':'" PEER "'},null]",
        "{'\\u006ceaf':'%s','origin':'" PEER "'}",
        "{'leaf':'%s','origin':'\\u0065xample.com/theirs'}",
        "{'x':1}\n{'leaf':'%s','origin':'" PEER "'}\n",
        " {'leaf' : '%s', 'origin' : '" PEER "'} ",
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        expect_document(w, "resource", places[i], &one, NULL);
        expect_document(w, "resource", places[i], &two, fault);
    }
    expect_document(w, "resource", "{'leaf':'%s','origin':'example.com/other'}", &one, fault);
    expect_document(w, "resource", "{'leaf':1,'origin':'" PEER "'}", NULL, fault);
    expect_document(w, "resource", "{'leaf':{'x':1},'origin':[]}", NULL, fault);
}

static void what_only_looks_like_a_fact_is_none(void **state)
{
    struct world *w = *state;
    struct digest two = leaf_hash(SLICE("two"));
    static const char *const documents[] = {
        "{'leaf':'%s','note':'','origin':'" PEER "'}",
        "{'leaf':'%s'}",
        "{'leaf':'%s','other':'" PEER "'}",
        "['leaf','%s','origin','" PEER "']",
        "plain text with {'leaf':'%s','origin':'" PEER "'}",
        "{'x':1}\n{'leaf':'%s','origin':'" PEER "'}\nnot JSON",
        "",
    };
    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        expect_document(w, "resource", documents[i], &two, NULL);
    /* A file in evidence is not our statement. */
    expect_document(w, "blob", "{'leaf':'%s','origin':'" PEER "'}", &two, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_packet_holds_a_signed_head_and_entries_with_proofs),
        WORLD_TEST(a_packet_without_a_right_first_line_is_refused),
        WORLD_TEST(a_packet_continues_from_what_was_received_before),
        WORLD_TEST(facts_that_are_named_must_be_proved_wherever_they_stand),
        WORLD_TEST(what_only_looks_like_a_fact_is_none),
    };
    return cmocka_run_group_tests_name("rules on packets", tests, NULL, NULL);
}
