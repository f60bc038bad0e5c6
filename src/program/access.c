#include "program/access.h"

#include <string.h>

#include "program/acting.h"
#include "program/kinds.h"

/* ---- who acts ---- */

/* The acting person as the store has it, and what else a decision needs. */
struct deciding {
    struct store *store;
    const struct catalogue *catalogue;
    uint64_t size;
    const struct access_write *write;
    const struct access *access;
    struct arena *arena; /* of the decision */
    unsigned side;
    const struct value *person; /* NULL: the program itself */
    struct error *err;
};

static unsigned side_of_person(const struct value *person)
{
    struct slice word = value_text_of(person, "side");
    return word.len ? party_of_word(word) : PARTY_MANAGEMENT;
}

static const char *side_word(unsigned side)
{
    return side == PARTY_AUDITOR ? "auditor" : side == PARTY_SYSTEM ? "system" : "management";
}

static bool has_word(const struct value *list, struct slice word)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(list->items[i]), word))
            return true;
    return false;
}

/* One of the roles wanted. */
static bool has_role(const struct value *person, const struct value *wanted)
{
    const struct value *roles = value_member(person, "roles");
    for (size_t i = 0; i < value_count(roles); i++)
        if (has_word(wanted, value_text(roles->items[i])))
            return true;
    return false;
}

static bool actor_find(struct deciding *deciding)
{
    struct person_past past;
    struct slice name = deciding->write->actor->name;
    if (slice_equal(name, actor_program().name)) {
        deciding->side = PARTY_SYSTEM;
        return true;
    }
    if (!person_past_read(deciding->store, deciding->arena, name, deciding->size, &past,
                          deciding->err))
        return false;
    if (!past.last)
        return error_set(deciding->err, ERROR_REFUSED, NULL, "there is no %.*s to act",
                         SLICE_ARG(name));
    deciding->person = past.last;
    deciding->side = side_of_person(past.last);
    if (strcmp(side_word(deciding->side), deciding->write->actor->side) != 0)
        return error_set(deciding->err, ERROR_REFUSED, NULL, "%.*s stands on the %s side",
                         SLICE_ARG(name), side_word(deciding->side));
    return true;
}

/* ---- what must be so besides ---- */

static bool person_is_first(struct deciding *deciding, bool *holds)
{
    struct resource_list people;
    if (!resource_list(deciding->store, deciding->arena, SLICE("Person"), deciding->size, &people,
                       deciding->err))
        return false;
    *holds = people.count == 0;
    return true;
}

static bool is_built_in(const struct deciding *deciding)
{
    const struct value *after = deciding->write->after;
    const struct value *own =
        after ? catalogue_population_type(deciding->catalogue, value_text_of(after, "id")) : NULL;
    return own && value_equal(own, after);
}

/* Whether somebody who may write people of the auditor's side has or had a key: from then on that
 * side looks after itself. */
static bool keeper_has_key(struct deciding *deciding, bool *has_key)
{
    struct resource_list people;
    const struct access *access = kind_find(deciding->catalogue, SLICE("Person"))->access;
    *has_key = false;
    if (!resource_list(deciding->store, deciding->arena, SLICE("Person"), deciding->size, &people,
                       deciding->err))
        return false;
    for (size_t i = 0; i < people.count && !*has_key; i++) {
        struct person_past past;
        if (!person_past_read(deciding->store, deciding->arena, people.items[i].name,
                              deciding->size, &past, deciding->err))
            return false;
        for (size_t j = 0;
             past.had_key && side_of_person(past.last) == PARTY_AUDITOR && j < access->write_count;
             j++) {
            const struct access_grant *grant = &access->write[j];
            *has_key |= grant->side == PARTY_AUDITOR && grant->of == PARTY_AUDITOR &&
                        !grant->is_self && (!grant->roles || has_role(past.last, grant->roles));
        }
    }
    return true;
}

static bool is_unkeyed(struct deciding *deciding, bool *holds)
{
    struct person_past past;
    bool has_key = false;
    if (!person_past_read(deciding->store, deciding->arena, deciding->write->name, deciding->size,
                          &past, deciding->err))
        return false;
    *holds = !past.had_key;
    if (!keeper_has_key(deciding, &has_key))
        return false;
    *holds &= !has_key;
    return true;
}

static bool condition_holds(struct deciding *deciding, enum access_when when, bool *holds)
{
    switch (when) {
    case WHEN_FIRST:
        return person_is_first(deciding, holds);
    case WHEN_BUILT_IN:
        *holds = is_built_in(deciding);
        return true;
    case WHEN_UNKEYED:
        return is_unkeyed(deciding, holds);
    case WHEN_ALWAYS:
        break;
    }
    return *holds = true;
}

/* ---- grants ---- */

static bool is_of_side(const struct access_write *write, unsigned of)
{
    return !of || ((!write->before || side_of_person(write->before) == of) &&
                   (!write->after || side_of_person(write->after) == of));
}

static bool grant_fits(struct deciding *deciding, const struct access_grant *grant, bool *fits)
{
    const struct access_write *write = deciding->write;
    *fits = grant->side == deciding->side && is_of_side(write, grant->of) &&
            (!grant->is_self || slice_equal(write->name, write->actor->name)) &&
            (!grant->roles || has_role(deciding->person, grant->roles));
    return !*fits || condition_holds(deciding, grant->when, fits);
}

static bool covers(const struct access_grant *grant, struct slice field)
{
    return !grant->fields || field.len == 0 || has_word(grant->fields, field);
}

/* "auditor (partner, administrator)" */
static void grant_words(const struct access_grant *grant, struct strbuf *out)
{
    strbuf_add_text(out, side_word(grant->side));
    for (size_t i = 0; i < value_count(grant->roles); i++)
        strbuf_printf(out, "%s%.*s", i ? ", " : " (",
                      SLICE_ARG(value_text(grant->roles->items[i])));
    strbuf_add_text(out, value_count(grant->roles) ? ")" : "");
    if (grant->is_self)
        strbuf_add_text(out, ", one's own");
    if (grant->when == WHEN_FIRST)
        strbuf_add_text(out, ", as long as nobody is there");
    if (grant->when == WHEN_BUILT_IN)
        strbuf_add_text(out, ", as the catalogue has it");
    if (grant->when == WHEN_UNKEYED)
        strbuf_add_text(out, ", until the auditor's side has a key");
}

void access_grant_write(const struct access_grant *grant, struct strbuf *out)
{
    grant_words(grant, out);
    if (grant->of)
        strbuf_printf(out, ", of the %s side", side_word(grant->of));
    for (size_t i = 0; i < value_count(grant->fields); i++)
        strbuf_printf(out, "%s%.*s", i ? ", " : ": ",
                      SLICE_ARG(value_text(grant->fields->items[i])));
}

/* ---- refusals ---- */

/* Names who may write it, of those whose grant is for this very document. */
static bool refused(struct deciding *deciding, struct slice field)
{
    const struct access *access = deciding->access;
    struct strbuf text = strbuf_new(4096);
    size_t count = 0;
    strbuf_printf(&text, "rule %u (%s): ", access->rule, access->rule_words);
    if (field.len > 0)
        strbuf_printf(&text, "%.*s ", SLICE_ARG(field));
    strbuf_add_text(&text, "is written by ");
    for (size_t i = 0; i < access->write_count; i++) {
        const struct access_grant *grant = &access->write[i];
        if (grant->side == PARTY_SYSTEM || !covers(grant, field) ||
            !is_of_side(deciding->write, grant->of))
            continue;
        strbuf_add_text(&text, count++ ? " or " : "");
        grant_words(grant, &text);
    }
    strbuf_printf(&text, "%s; %.*s stands on the %s side", count ? "" : "nobody",
                  SLICE_ARG(deciding->write->actor->name), side_word(deciding->side));
    error_set(deciding->err, ERROR_REFUSED, NULL, "%.*s", SLICE_ARG(strbuf_slice(&text)));
    strbuf_free(&text);
    return error_hint(deciding->err, "let one of those apply it (--as)");
}

/* ---- deciding ---- */

static const struct value *field_of(const struct value *document, struct slice field)
{
    for (size_t i = 0; i < value_count(document); i++)
        if (slice_equal(document->members[i].name, field))
            return document->members[i].value;
    return NULL;
}

static bool is_name(struct slice field) { return slice_is(field, "kind") || slice_is(field, "id"); }

static bool field_check(struct deciding *deciding, const bool *fits, struct slice field)
{
    const struct access *access = deciding->access;
    for (size_t i = 0; i < access->write_count; i++)
        if (fits[i] && covers(&access->write[i], field))
            return true;
    return refused(deciding, field);
}

/* A field that names who signed, reviewed or approved is written by nobody else. */
static bool own_check(struct deciding *deciding, struct slice field, const struct value *value)
{
    const struct access *access = deciding->access;
    struct slice person = value_text(value), actor = deciding->write->actor->name;
    if (!value || !has_word(access->own, field) || slice_equal(person, actor))
        return true;
    error_set(deciding->err, ERROR_REFUSED, NULL,
              "rule %u (%s): %.*s is written by the person it names, %.*s, not by %.*s",
              access->rule, access->rule_words, SLICE_ARG(field), SLICE_ARG(person),
              SLICE_ARG(actor));
    return error_hint(deciding->err, "--as %.*s", SLICE_ARG(person));
}

/* Each field of one document that the other has not, or has otherwise. */
static bool changes_check(struct deciding *deciding, const bool *fits, const struct value *one,
                          const struct value *other, bool is_after)
{
    for (size_t i = 0; i < value_count(one); i++) {
        struct slice field = one->members[i].name;
        const struct value *value = one->members[i].value;
        if (is_name(field) || value_equal(value, field_of(other, field)))
            continue;
        if (!field_check(deciding, fits, field) || (is_after && !own_check(deciding, field, value)))
            return false;
    }
    return true;
}

static bool decide(struct deciding *deciding)
{
    const struct access *access = deciding->access;
    const struct access_write *write = deciding->write;
    bool fits[64], fits_any = false;
    if (access->write_count > ARRAY_LEN(fits))
        return error_set(deciding->err, ERROR_CORRUPT, "catalog/access.yaml", "too many grants");
    for (size_t i = 0; i < access->write_count; i++) {
        if (!grant_fits(deciding, &access->write[i], &fits[i]))
            return false;
        fits_any |= fits[i];
    }
    if (!fits_any)
        return refused(deciding, (struct slice){ 0 });
    if (access->is_signed && !write->actor->sign) {
        error_set(deciding->err, ERROR_REFUSED, NULL,
                  "rule %u (%s): must be signed by who writes it", access->rule,
                  access->rule_words);
        return error_hint(deciding->err, "--sign-key FILE");
    }
    return changes_check(deciding, fits, write->after, write->before, true) &&
           changes_check(deciding, fits, write->before, write->after, false);
}

bool access_may_write(struct store *store, const struct catalogue *catalogue, uint64_t size,
                      const struct access_write *write, struct error *err)
{
    enum { DECISION_BYTES_MAX = 64 << 20 };
    struct deciding deciding = { .store = store,
                                 .catalogue = catalogue,
                                 .size = size,
                                 .write = write,
                                 .access = write->kind->access,
                                 .err = err };
    deciding.arena = arena_new(DECISION_BYTES_MAX, err);
    bool ok = deciding.arena && actor_find(&deciding) && decide(&deciding);
    arena_free(deciding.arena);
    return ok;
}
