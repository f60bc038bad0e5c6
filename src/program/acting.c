#include "program/acting.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"

/* ---- keys ---- */

static bool is_key_valid(const struct acting_key *key, int64_t now_us)
{
    struct error ignored = { 0 };
    struct time_options options = { .zone = NULL, .fraction = TIME_FRACTION_TRUNCATE };
    enum time_note note;
    int64_t from_us = INT64_MIN, to_us = INT64_MAX;
    /* A key whose time cannot be read is not valid: what is doubtful opens nothing. */
    return (!key->from.len || time_parse(key->from, &options, &from_us, &note, &ignored)) &&
           (!key->to.len || time_parse(key->to, &options, &to_us, &note, &ignored)) &&
           from_us <= now_us && now_us < to_us;
}

static bool keys_read(struct arena *arena, int64_t now_us, struct acting *acting, struct error *err)
{
    const struct value *keys = value_member(acting->document, "keys");
    acting->keys = arena_array(arena, value_count(keys) + 1, sizeof *acting->keys, err);
    for (size_t i = 0; acting->keys && i < value_count(keys); i++) {
        const struct value *written = value_item(keys, i);
        struct acting_key *key = &acting->keys[acting->keys_count];
        key->from = value_text_of(written, "valid_from");
        key->to = value_text_of(written, "valid_to");
        key->is_valid = is_key_valid(key, now_us);
        acting->keys_count +=
            ssh_public_ed25519(arena, value_text_of(written, "key"), key->public_key);
    }
    return acting->keys != NULL;
}

/* " from A until B". */
static void validity_add(const struct acting_key *key, struct strbuf *out)
{
    if (key->from.len)
        strbuf_printf(out, " from %.*s", SLICE_ARG(key->from));
    if (key->to.len)
        strbuf_printf(out, " until %.*s", SLICE_ARG(key->to));
}

/* Nobody else may: plan_rules.c, may_change_keys(). */
static bool hint_new_key(const struct acting *acting, struct error *err)
{
    return error_hint(err,
                      "an administrator of the %s side (attest get person) applies %.*s with a key "
                      "that is valid now",
                      acting->actor.side, SLICE_ARG(acting->person));
}

/* Signs an entry: the store's hook. */
static struct value *sign_entry(void *context, struct arena *arena, struct slice message,
                                struct error *err)
{
    return signature_make(arena, context, message, err);
}

bool acting_sign(struct acting *acting, struct person_signer *key, const char *where,
                 struct error *err)
{
    const struct acting_key *own = NULL;
    struct strbuf text = strbuf_new(1024);
    for (size_t i = 0; i < acting->keys_count && !(own && own->is_valid); i++)
        if (memcmp(acting->keys[i].public_key, key->public_key, sizeof key->public_key) == 0)
            own = &acting->keys[i];
    if (own && own->is_valid) {
        acting->actor.sign = sign_entry;
        acting->actor.sign_context = key;
        return true;
    }
    ssh_fingerprint_add(&text, key->public_key);
    if (own) {
        strbuf_printf(&text, ", a key of %.*s, is valid", SLICE_ARG(acting->person));
        validity_add(own, &text);
        strbuf_add_text(&text, ", not now");
    } else
        strbuf_printf(&text, " is not a key of %.*s", SLICE_ARG(acting->person));
    error_set(err, ERROR_REFUSED, where, "%.*s", SLICE_ARG(strbuf_slice(&text)));
    strbuf_free(&text);
    return own ? hint_new_key(acting, err)
               : error_hint(err, "the person's keys are listed in its field keys");
}

bool acting_can_sign(const struct acting *acting, struct error *err)
{
    struct strbuf text = strbuf_new(4096);
    bool can = !acting->actor.needs_key;
    for (size_t i = 0; i < acting->keys_count; i++) {
        can |= acting->keys[i].is_valid;
        strbuf_add_text(&text, i ? ", " : ": ");
        ssh_fingerprint_add(&text, acting->keys[i].public_key);
        validity_add(&acting->keys[i], &text);
    }
    if (!can)
        error_set(err, ERROR_REFUSED, NULL,
                  "%.*s had a key, so acting as that person needs one, and none is valid now%.*s",
                  SLICE_ARG(acting->person), SLICE_ARG(strbuf_slice(&text)));
    strbuf_free(&text);
    return can || hint_new_key(acting, err);
}

/* ---- the person ---- */

bool person_past_read(struct store *store, struct arena *arena, struct slice person, uint64_t size,
                      struct person_past *past, struct error *err)
{
    struct resource_list versions;
    *past = (struct person_past){ 0 };
    if (!resource_history(store, arena, person, size, &versions, err))
        return false;
    for (size_t i = 0; i < versions.count; i++) {
        if (versions.items[i].is_removed)
            continue;
        past->last = json_parse(arena, versions.items[i].document, "a Person in the store",
                                &json_limits_default, err);
        if (!past->last)
            return false;
        past->had_key |= value_count(value_member(past->last, "keys")) > 0;
    }
    return true;
}

static bool acting_of(struct store *store, struct arena *arena, const struct kind *kind,
                      struct slice person, int64_t now_us, struct acting *acting, struct error *err)
{
    struct person_past past;
    *acting = (struct acting){ .person = person };
    if (!person_past_read(store, arena, person, store_size(store), &past, err))
        return false;
    acting->document = past.last;
    acting->actor.name = person;
    acting->actor.is_private = kind->is_private;
    acting->actor.side =
        slice_is(value_text_of(acting->document, "side"), "auditor") ? "auditor" : "management";
    acting->actor.needs_key = past.had_key;
    return keys_read(arena, now_us, acting, err);
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
            return acting_of(store, arena, kind, people.items[0].name, now_us, acting, err);
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
            return acting_of(store, arena, kind, people.items[i].name, now_us, acting, err);
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
