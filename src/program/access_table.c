/* Reading catalog/access.yaml. */
#include <string.h>

#include "program/access.h"
#include "program/catalogue_internal.h"

unsigned party_of_word(struct slice word)
{
    static const struct {
        const char *word;
        unsigned side;
    } sides[] = { { "management", PARTY_MANAGEMENT },
                  { "auditor", PARTY_AUDITOR },
                  { "system", PARTY_SYSTEM } };
    for (size_t i = 0; i < ARRAY_LEN(sides); i++)
        if (slice_is(word, sides[i].word))
            return sides[i].side;
    return 0;
}

static const struct {
    const char *word;
    enum access_when when;
} whens[] = { { "first", WHEN_FIRST }, { "built-in", WHEN_BUILT_IN }, { "unkeyed", WHEN_UNKEYED } };

static bool when_read(const struct value *node, enum access_when *when)
{
    *when = WHEN_ALWAYS;
    if (!node)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(whens); i++)
        if (slice_is(value_text(node), whens[i].word)) {
            *when = whens[i].when;
            return true;
        }
    return false;
}

/* A field or a role that is misspelt would open or close nothing: check_catalog.py finds those. */
static bool grant_read(const struct value *node, struct access_grant *grant)
{
    static const char *const known[] = { "side", "of", "who", "when", "roles", "fields" };
    const struct value *of = value_member(node, "of"), *who = value_member(node, "who");
    for (size_t i = 0; i < value_count(node); i++) {
        bool is_known = false;
        for (size_t j = 0; j < ARRAY_LEN(known); j++)
            is_known |= slice_is(node->members[i].name, known[j]);
        if (!is_known)
            return false;
    }
    *grant = (struct access_grant){ .side = party_of_word(value_text_of(node, "side")),
                                    .of = party_of_word(value_text(of)),
                                    .is_self = slice_is(value_text(who), "self"),
                                    .roles = value_member(node, "roles"),
                                    .fields = value_member(node, "fields") };
    return grant->side && (!of || grant->of) && (!who || grant->is_self) &&
           when_read(value_member(node, "when"), &grant->when);
}

static const char *rule_words(struct arena *arena, const struct value *table, struct slice number,
                              struct error *err)
{
    const struct value *rules = value_member(table, "rules");
    for (size_t i = 0; i < value_count(rules); i++)
        if (slice_equal(rules->members[i].name, number))
            return arena_string(arena, rules->members[i].value->text, err);
    return NULL;
}

bool access_read(struct arena *arena, const struct value *table, struct slice kind,
                 struct access *access, struct error *err)
{
    static const char path[] = "catalog/access.yaml";
    const struct value *kinds = value_member(table, "kinds"), *node = NULL;
    *access = (struct access){ 0 };
    for (size_t i = 0; i < value_count(kinds); i++)
        if (slice_equal(kinds->members[i].name, kind))
            node = kinds->members[i].value;
    if (!node) {
        error_set(err, ERROR_CORRUPT, path, "says nothing of the kind %.*s", SLICE_ARG(kind));
        return error_hint(err,
                          "who may write it and who may read it belongs there (docs/access.md)");
    }
    const struct value *rule = value_member(node, "rule"), *write = value_member(node, "write");
    int64_t number = 0;
    access->write = arena_array(arena, value_count(write) + 1, sizeof *access->write, err);
    if (!access->write)
        return false;
    bool is_right = value_to_i64(rule, &number) && value_count(write) > 0 &&
                    slice_is(value_text_of(node, "read"), "all");
    for (size_t i = 0; is_right && i < write->count; i++) {
        is_right = grant_read(write->items[i], &access->write[i]);
        access->writers |= access->write[i].side;
    }
    access->write_count = value_count(write);
    access->rule = (unsigned)number;
    access->rule_words = is_right ? rule_words(arena, table, rule->text, err) : NULL;
    access->own = value_member(node, "own");
    access->is_signed = value_is_true(value_member(node, "signed"));
    return access->rule_words || error_set(err, ERROR_CORRUPT, path,
                                           "%.*s is not as docs/access.md says", SLICE_ARG(kind));
}
