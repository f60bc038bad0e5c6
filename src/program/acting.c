#include "program/acting.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"

/* ---- the person ---- */

static bool is_key_valid(const struct value *key, int64_t now_us)
{
    struct error ignored = { 0 };
    struct time_options options = { .zone = NULL, .fraction = TIME_FRACTION_TRUNCATE };
    enum time_note note;
    int64_t from_us = INT64_MIN, to_us = INT64_MAX;
    const struct value *from = value_member(key, "valid_from"), *to = value_member(key, "valid_to");
    /* A time that cannot be read bars nothing: the key counts, and a signature is asked for. */
    if (from && !time_parse(value_text(from), &options, &from_us, &note, &ignored))
        from_us = INT64_MIN;
    if (to && !time_parse(value_text(to), &options, &to_us, &note, &ignored))
        to_us = INT64_MAX;
    return from_us <= now_us && now_us < to_us;
}

bool acting_key_is_valid(const struct acting *acting, size_t at)
{
    return is_key_valid(value_item(value_member(acting->document, "keys"), at), acting->now_us);
}

static bool acting_of(struct arena *arena, const struct kind *kind,
                      const struct resource_version *version, int64_t now_us, struct acting *acting,
                      struct error *err)
{
    *acting = (struct acting){ .person = version->name, .now_us = now_us };
    acting->document =
        json_parse(arena, version->document, "a Person in the store", &json_limits_default, err);
    if (!acting->document)
        return false;
    const struct value *keys = value_member(acting->document, "keys");
    for (size_t i = 0; i < value_count(keys); i++)
        acting->needs_key |= acting_key_is_valid(acting, i);
    acting->actor.name = version->name;
    acting->actor.is_private = kind->is_private;
    acting->actor.side =
        slice_is(value_text_of(acting->document, "side"), "auditor") ? "auditor" : "management";
    return true;
}

/* "person/a, person/b", for the message that asks to name one. */
static bool several(const struct resource_list *people, struct error *err)
{
    struct strbuf names = strbuf_new(4096);
    for (size_t i = 0; i < people->count && i < 8; i++) {
        strbuf_add_text(&names, i ? ", " : "");
        strbuf_add(&names, people->items[i].name);
    }
    strbuf_add_text(&names, people->count > 8 ? ", ..." : "");
    error_set(err, ERROR_USAGE, NULL, "who acts? There are %zu people: %.*s", people->count,
              SLICE_ARG(strbuf_slice(&names)));
    strbuf_free(&names);
    return error_hint(err, "name one with --as or ATTEST_AS");
}

static bool unknown(struct arena *arena, const struct resource_list *people, struct slice name,
                    struct error *err)
{
    const char **names = arena_array(arena, people->count + 1, sizeof *names, err);
    if (!names)
        return false;
    for (size_t i = 0; i < people->count; i++) {
        names[i] = arena_string(arena, people->items[i].name, err);
        if (!names[i])
            return false;
    }
    const char *near = slice_nearest(name, names, people->count);
    error_set(err, ERROR_NOT_FOUND, NULL, "there is no %.*s to act", SLICE_ARG(name));
    return near ? error_hint(err, "did you mean \"%s\"?", near)
                : error_hint(err, "attest get person lists the people");
}

bool acting_find(struct store *store, const struct catalogue *catalogue, struct arena *arena,
                 struct slice wanted, int64_t now_us, struct acting *acting, struct error *err)
{
    const struct kind *kind = kind_find(catalogue, SLICE("Person"));
    struct resource_list people;
    if (!kind)
        return error_set(err, ERROR_CORRUPT, NULL, "the catalogue has no kind Person");
    if (!resource_list(store, arena, kind->name, store_size(store), &people, err))
        return false;
    if (wanted.len == 0) {
        if (people.count == 1)
            return acting_of(arena, kind, &people.items[0], now_us, acting, err);
        if (people.count > 1)
            return several(&people, err);
        return error_set(err, ERROR_NOT_FOUND, NULL, "there is no person in this directory");
    }
    struct slice name = wanted;
    if (!slice_starts_with(wanted, SLICE("person/")))
        name = slice_of(arena_printf(arena, err, "person/%.*s", SLICE_ARG(wanted)));
    if (!name.at)
        return false;
    for (size_t i = 0; i < people.count; i++)
        if (slice_equal(people.items[i].name, name))
            return acting_of(arena, kind, &people.items[i], now_us, acting, err);
    return unknown(arena, &people, name, err);
}

struct actor actor_program(void)
{
    return (struct actor){ .name = SLICE("program/attest"), .side = "system" };
}

/* ---- the first person ---- */

bool person_id_of_user(struct arena *arena, struct slice user, struct slice *id, struct error *err)
{
    char *text = arena_string(
        arena, slice_head(user, user.len < ID_BYTES_MAX ? user.len : ID_BYTES_MAX), err);
    if (!text)
        return false;
    for (char *at = text; *at; at++)
        if (id_fault(slice_bytes(at, 1)) && *at != '.')
            *at = '-';
    if (id_fault(slice_of(text)))
        text = arena_string(arena, SLICE("administrator"), err);
    *id = slice_of(text);
    return text != NULL;
}

static struct value *first_person(struct arena *arena, struct slice id, struct slice name,
                                  struct error *err)
{
    struct value *person = value_new(arena, VALUE_OBJECT, err);
    if (!person || !value_put_text(arena, person, "kind", SLICE("Person"), err) ||
        !value_put_text(arena, person, "id", id, err) ||
        !value_put_text(arena, person, "name", name.len ? name : id, err))
        return NULL;
    struct value *roles = value_put_array(arena, person, "roles", err);
    if (!roles || !value_add(arena, roles, value_new_text(arena, SLICE("administrator"), err), err))
        return NULL;
    return person;
}

/* The transaction of first_person_write(), once all is checked. */
static bool person_commit(struct store *store, const struct kind *kind, struct slice id,
                          struct slice name, struct error *err)
{
    bool ok = false;
    struct actor program = actor_program();
    const struct ledger_appended *appended;
    size_t count;
    struct transaction *tx = transaction_begin(store, err);
    if (!tx)
        return false;
    struct arena *arena = transaction_arena(tx);
    struct resource_draft draft = {
        .kind = kind->name,
        .entry_type = kind->entry_type,
        .is_private = kind->is_private,
        .version = 1,
        .name = slice_of(arena_printf(arena, err, "person/%.*s", SLICE_ARG(id))),
        .document = first_person(arena, id, name, err),
    };
    if (draft.name.at && draft.document)
        ok = transaction_resource(tx, &program, &draft, err) &&
             transaction_commit(tx, &appended, &count, err);
    transaction_free(tx);
    return ok;
}

bool first_person_write(struct store *store, const struct catalogue *catalogue, struct slice person,
                        struct slice name, struct error *err)
{
    const struct kind *kind = kind_find(catalogue, SLICE("Person"));
    struct slice id = slice_starts_with(person, SLICE("person/"))
                          ? slice_from(person, strlen("person/"))
                          : person;
    const char *fault = id_fault(id);
    struct resource_list people = { 0 };
    if (!kind)
        return error_set(err, ERROR_CORRUPT, NULL, "the catalogue has no kind Person");
    if (fault)
        return error_set(err, ERROR_INVALID, NULL, "the person's id \"%.*s\" %s", SLICE_ARG(id),
                         fault);
    struct arena *arena = arena_new(64 << 20, err);
    bool ok = arena && resource_list(store, arena, kind->name, store_size(store), &people, err);
    if (ok && people.count > 0)
        ok = error_set(err, ERROR_INVALID, NULL, "there are people here already");
    arena_free(arena);
    return ok && person_commit(store, kind, id, name, err);
}
