/* The rules of a preset: for a field of a kind, where its text comes from and what it becomes on
 * the way. A rule is a path, or an object whose members are steps, taken in this order:
 *
 *   from: PATH | [PATH...]   the leaves there; of several paths the first that has any
 *   text: "a {PATH} b"       one text made of several; left out if no path has anything
 *   value: TEXT              the same for every record
 *   split: TEXT              parts of a text; "json": it is a JSON list of texts
 *   prefix: TEXT             only those that begin so, without it
 *   before: TEXT             what stands before it
 *   values: {theirs: ours}   what their words mean; '*' for all others
 *   as: id | date            an id made of a text; a day
 *   catalog: NAME            criteria of that catalogue
 *   ref: PREFIX              the name of a resource: person/ID
 *   pick: first | last       one of several
 *   list: PATH, when, fields each object there becomes an object
 *
 * What a step cannot use is listed with its reason. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "base/time_pattern.h"
#include "convert/convert_private.h"

enum { REASON_BYTES = 900, TEXT_BYTES_MAX = 16 << 20, WORDS_MAX = 100000 };

/* Texts on their way into a field, each with the leaf that it came from (NULL: a constant). */
struct word {
    struct slice text;
    const struct value *node;
};
struct words {
    struct word *items;
    size_t count, capacity;
};
struct rule {
    struct converting *converting;
    const struct scope *scope;
    const struct value *node; /* as written; a path alone is `from` */
    struct slice path;        /* of the first leaf, for the list of what is left out */
    struct words words;
};

static bool word_add(struct rule *rule, struct slice text, const struct value *node)
{
    struct words *words = &rule->words;
    struct converting *converting = rule->converting;
    if (words->count == WORDS_MAX)
        return error_set(converting->err, ERROR_INVALID, converting->file,
                         "more than %d values for one field", WORDS_MAX);
    if (!arena_room(converting->arena, &words->items, words->count, &words->capacity,
                    sizeof *words->items, converting->err))
        return false;
    words->items[words->count++] = (struct word){ text, node };
    return true;
}

static bool left_word(struct converting *converting, struct slice path, const struct word *word,
                      const char *reason)
{
    struct value *shown = value_new_text(converting->arena, word->text, converting->err);
    if (!shown)
        return false;
    shown->line = word->node ? word->node->line : 0;
    return left_add(converting, path, shown, reason);
}

/* ---- where texts come from ---- */

static bool collect(struct rule *rule, struct slice path)
{
    struct leaves leaves = { 0 };
    if (rule->path.len == 0)
        rule->path = path;
    if (!leaves_find(rule->converting, rule->scope, path, &leaves))
        return false;
    if (leaves.count > 0)
        rule->path = path;
    for (size_t i = 0; i < leaves.count; i++)
        if (!leaf_use(rule->converting, leaves.items[i]) ||
            !word_add(rule, leaf_text(leaves.items[i]), leaves.items[i]))
            return false;
    return true;
}

/* {PATH} in a template stands for its leaves, joined by commas. */
static bool template_fill(struct rule *rule, struct slice template)
{
    struct strbuf text = strbuf_new(TEXT_BYTES_MAX);
    struct slice copy, head, path, rest = template;
    const struct value *first = NULL;
    bool ok = true;
    while (ok && slice_split(rest, '{', &head, &rest)) {
        struct leaves leaves = { 0 };
        strbuf_add(&text, head);
        if (!slice_split(rest, '}', &path, &rest)) {
            ok = error_set(rule->converting->err, ERROR_INVALID, NULL,
                           "\"%.*s\": a { without its }", SLICE_ARG(template));
            break;
        }
        if (rule->path.len == 0)
            rule->path = path;
        ok = leaves_find(rule->converting, rule->scope, path, &leaves);
        for (size_t i = 0; ok && i < leaves.count; i++) {
            first = first ? first : leaves.items[i];
            strbuf_add_text(&text, i > 0 ? ", " : "");
            strbuf_add(&text, leaf_text(leaves.items[i]));
            ok = leaf_use(rule->converting, leaves.items[i]);
        }
    }
    strbuf_add(&text, rest);
    ok = ok && strbuf_ok(&text, rule->converting->err) &&
         arena_copy(rule->converting->arena, slice_trim(strbuf_slice(&text)), &copy,
                    rule->converting->err) &&
         (!first || word_add(rule, copy, first));
    strbuf_free(&text);
    return ok;
}

static bool start(struct rule *rule)
{
    const struct value *from = value_member(rule->node, "from");
    struct slice text = value_text_of(rule->node, "text");
    const struct value *constant = value_member(rule->node, "value");
    if (rule->node->type == VALUE_STRING)
        return collect(rule, rule->node->text);
    if (constant)
        return word_add(rule, leaf_text(constant), NULL);
    if (text.len > 0)
        return template_fill(rule, text);
    if (from && from->type == VALUE_STRING)
        return collect(rule, from->text);
    for (size_t i = 0; from && i < from->count && rule->words.count == 0; i++)
        if (!collect(rule, value_text(from->items[i])))
            return false;
    return true;
}

/* ---- steps ---- */

static bool split_json(struct rule *rule, const struct word *word)
{
    struct error fault = { 0 };
    struct value *list =
        json_parse(rule->converting->arena, word->text, "", &json_limits_default, &fault);
    if (!list || list->type != VALUE_ARRAY)
        return left_word(rule->converting, rule->path, word,
                         "a list in JSON was expected, such as [\"a\", \"b\"]");
    for (size_t i = 0; i < list->count; i++)
        if (leaf_text(list->items[i]).len > 0 &&
            !word_add(rule, leaf_text(list->items[i]), word->node))
            return false;
    return true;
}

static bool split_text(struct rule *rule, const struct word *word, struct slice by)
{
    struct slice rest = word->text;
    for (size_t at = 0; rest.len > 0;) {
        at = 0;
        while (at < rest.len && !slice_starts_with(slice_from(rest, at), by))
            at++;
        struct slice part = slice_trim(slice_head(rest, at));
        if (part.len > 0 && !word_add(rule, part, word->node))
            return false;
        rest = slice_from(rest, at < rest.len ? at + by.len : at);
    }
    return true;
}

static bool step_split(struct rule *rule, const struct value *by)
{
    struct words before = rule->words;
    rule->words = (struct words){ 0 };
    for (size_t i = 0; i < before.count; i++)
        if (!(slice_is(value_text(by), "json")
                  ? split_json(rule, &before.items[i])
                  : split_text(rule, &before.items[i], value_text(by))))
            return false;
    return true;
}

/* Each of the steps below changes one word; *keeps false leaves it out. */
typedef bool step_fn(struct rule *rule, const struct value *step, struct word *word, bool *keeps);

static bool step_prefix(struct rule *rule, const struct value *step, struct word *word, bool *keeps)
{
    char reason[REASON_BYTES];
    struct slice prefix = value_text(step);
    *keeps = slice_starts_with(word->text, prefix);
    if (*keeps) {
        word->text = slice_from(word->text, prefix.len);
        return true;
    }
    (void)snprintf(reason, sizeof reason, "only what begins with \"%.*s\" is taken",
                   SLICE_ARG(prefix));
    return left_word(rule->converting, rule->path, word, reason);
}

static bool step_before(struct rule *rule, const struct value *step, struct word *word, bool *keeps)
{
    (void)rule;
    struct slice mark = value_text(step);
    size_t at = 0;
    while (at < word->text.len && !slice_starts_with(slice_from(word->text, at), mark))
        at++;
    word->text = slice_head(word->text, at);
    *keeps = at > 0;
    return true;
}

static bool step_values(struct rule *rule, const struct value *step, struct word *word, bool *keeps)
{
    const struct value *meaning = NULL, *others = NULL;
    for (size_t i = 0; i < value_count(step) && !meaning; i++) {
        if (slice_equal(step->members[i].name, word->text))
            meaning = step->members[i].value;
        else if (slice_is(step->members[i].name, "*"))
            others = step->members[i].value;
    }
    meaning = meaning ? meaning : others;
    *keeps = meaning != NULL;
    if (!meaning)
        return left_word(rule->converting, rule->path, word,
                         "the preset does not say what this word means here");
    word->text = leaf_text(meaning);
    *keeps = word->text.len > 0;
    return true;
}

/* Letters, digits, dots and underscores stay, all else becomes one hyphen; small letters. */
static bool id_of(struct arena *arena, struct slice text, struct slice *id, struct error *err)
{
    char made[ID_BYTES_MAX];
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < sizeof made; i++) {
        char byte = text.at[i];
        bool is_upper = byte >= 'A' && byte <= 'Z';
        if (is_upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
            byte == '.' || byte == '_')
            made[len++] = is_upper ? (char)(byte + ('a' - 'A')) : byte;
        else if (len > 0 && made[len - 1] != '-')
            made[len++] = '-';
    }
    while (len > 0 && (made[len - 1] == '-' || made[len - 1] == '.'))
        len--;
    return arena_copy(arena, slice_bytes(made, len), id, err);
}

/* A day, by the preset's format, as ISO 8601, or of a time in ISO 8601 as it is written there. */
static bool day_of(struct converting *converting, struct slice format, struct slice text,
                   struct slice *day, struct error *fault)
{
    char iso[TIME_ISO_BYTES];
    int32_t days;
    int64_t instant_us;
    enum time_note note;
    struct zone *utc = zone_new(SLICE("UTC"), fault);
    const struct time_options options = { .zone = utc, .fraction = TIME_FRACTION_TRUNCATE };
    *day = (struct slice){ 0 };
    bool ok = utc != NULL;
    if (ok && format.len > 0) {
        ok = time_pattern_rewrite(text, format, iso, fault);
        text = ok ? slice_of(iso) : text;
    }
    ok =
        ok && text.len >= 10 &&
        (date_parse(text, &days, fault) || (time_parse(text, &options, &instant_us, &note, fault) &&
                                            date_parse(slice_head(text, 10), &days, fault)));
    zone_free(utc);
    return ok && arena_copy(converting->arena, slice_head(text, 10), day, converting->err);
}

static bool step_as(struct rule *rule, const struct value *step, struct word *word, bool *keeps)
{
    struct error fault = { 0 };
    struct converting *converting = rule->converting;
    struct slice format = value_text_of(rule->node, "date_format");
    *keeps = true;
    if (slice_is(value_text(step), "id"))
        return id_of(converting->arena, word->text, &word->text, converting->err);
    struct word before = *word;
    if (day_of(converting, format.len ? format : converting->date_format, word->text, &word->text,
               &fault))
        return true;
    *keeps = false;
    return converting->err->code == ERROR_NONE &&
           left_word(converting, rule->path, &before, "a day was expected");
}

static bool step_catalog(struct rule *rule, const struct value *step, struct word *word,
                         bool *keeps)
{
    char reason[REASON_BYTES];
    struct error fault = { 0 };
    struct converting *converting = rule->converting;
    const char *name = arena_printf(converting->arena, converting->err, "%.*s/%.*s",
                                    SLICE_ARG(value_text(step)), SLICE_ARG(word->text));
    if (!name)
        return false;
    *keeps = catalogue_criterion(converting->request->catalogue, slice_of(name)) != NULL;
    if (*keeps) {
        word->text = slice_of(name);
        return true;
    }
    (void)catalogue_criterion_unknown(converting->request->catalogue, slice_of(name), NULL, &fault);
    (void)snprintf(reason, sizeof reason, "%s%s%s", fault.message, fault.hint[0] ? "; " : "",
                   fault.hint);
    return left_word(converting, rule->path, word, reason);
}

static bool step_ref(struct rule *rule, const struct value *step, struct word *word, bool *keeps)
{
    struct slice id;
    struct converting *converting = rule->converting;
    if (!id_of(converting->arena, word->text, &id, converting->err))
        return false;
    word->text = slice_of(arena_printf(converting->arena, converting->err, "%.*s/%.*s",
                                       SLICE_ARG(value_text(step)), SLICE_ARG(id)));
    *keeps = id.len > 0;
    return word->text.at != NULL;
}

static const struct {
    const char *name;
    step_fn *take;
} steps[] = {
    { "prefix", step_prefix }, { "before", step_before },   { "values", step_values },
    { "as", step_as },         { "catalog", step_catalog }, { "ref", step_ref },
};

static bool steps_take(struct rule *rule)
{
    const struct value *split = value_member(rule->node, "split");
    struct slice pick = value_text_of(rule->node, "pick");
    if (split && !step_split(rule, split))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        size_t kept = 0;
        const struct value *step = value_member(rule->node, steps[i].name);
        for (size_t j = 0; step && j < rule->words.count; j++) {
            struct word word = rule->words.items[j];
            bool keeps;
            if (!steps[i].take(rule, step, &word, &keeps))
                return false;
            if (keeps)
                rule->words.items[kept++] = word;
        }
        if (step)
            rule->words.count = kept;
    }
    if (rule->words.count > 1 && pick.len > 0) {
        size_t index = slice_is(pick, "last") ? rule->words.count - 1 : 0;
        for (size_t i = 0; i < rule->words.count; i++)
            if (i != index && !left_word(rule->converting, rule->path, &rule->words.items[i],
                                         "only one of these is taken"))
                return false;
        rule->words.items[0] = rule->words.items[index];
        rule->words.count = 1;
    }
    return true;
}

/* ---- into the document ---- */

static bool list_put(struct rule *rule, struct value *document, struct slice field,
                     const struct value *schema)
{
    struct converting *converting = rule->converting;
    struct leaves objects = { 0 };
    struct value *list = value_new(converting->arena, VALUE_ARRAY, converting->err);
    const struct value *properties = value_path(schema, "items.properties");
    if (!list ||
        !objects_find(converting, rule->scope, value_text_of(rule->node, "list"), &objects))
        return false;
    for (size_t i = 0; i < objects.count; i++) {
        struct scope inside = { rule->scope->record, objects.items[i] };
        bool holds;
        if (!when_holds(converting, &inside, value_member(rule->node, "when"), &holds))
            return false;
        if (!holds)
            continue;
        struct value *item = value_add_object(converting->arena, list, converting->err);
        if (!item ||
            !fields_fill(converting, &inside, value_member(rule->node, "fields"), properties, item))
            return false;
    }
    return list->count == 0 ||
           value_put_slice(converting->arena, document, field, list, converting->err);
}

static bool words_put(struct rule *rule, struct value *document, struct slice field,
                      const struct value *schema)
{
    struct converting *converting = rule->converting;
    bool is_list = slice_is(value_text_of(schema, "type"), "array");
    struct strbuf joined = strbuf_new(TEXT_BYTES_MAX);
    struct slice text = { 0 };
    bool ok = true;
    if (rule->words.count == 0)
        return true;
    if (is_list || rule->words.count == 1) {
        for (size_t i = 0; ok && i < rule->words.count; i++)
            ok = text_put(converting, document, field, schema, rule->words.items[i].text,
                          rule->path, rule->words.items[i].node);
        return ok;
    }
    for (size_t i = 0; i < rule->words.count; i++) {
        strbuf_add_text(&joined, i > 0 ? ", " : "");
        strbuf_add(&joined, rule->words.items[i].text);
    }
    ok = strbuf_ok(&joined, converting->err) &&
         arena_copy(converting->arena, strbuf_slice(&joined), &text, converting->err) &&
         text_put(converting, document, field, schema, text, rule->path, rule->words.items[0].node);
    strbuf_free(&joined);
    return ok;
}

static const struct value *schema_of(const struct value *schemas, struct slice field)
{
    for (size_t i = 0; i < value_count(schemas); i++)
        if (slice_equal(schemas->members[i].name, field))
            return schemas->members[i].value;
    return NULL;
}

bool fields_fill(struct converting *converting, const struct scope *scope,
                 const struct value *rules, const struct value *schemas, struct value *document)
{
    for (size_t i = 0; i < value_count(rules); i++) {
        const struct value_member *member = &rules->members[i];
        const struct value *schema = schema_of(schemas, member->name);
        struct rule rule = { .converting = converting, .scope = scope, .node = member->value };
        bool ok = value_member(member->value, "list")
                      ? list_put(&rule, document, member->name, schema)
                      : start(&rule) && steps_take(&rule) &&
                            words_put(&rule, document, member->name, schema);
        if (!ok)
            return false;
    }
    return true;
}

bool when_holds(struct converting *converting, const struct scope *scope, const struct value *when,
                bool *holds)
{
    struct leaves leaves = { 0 };
    const struct value *is = value_member(when, "is");
    *holds = when == NULL;
    if (!when)
        return true;
    if (!leaves_find(converting, scope, value_text_of(when, "from"), &leaves))
        return false;
    for (size_t i = 0; i < leaves.count && !*holds; i++) {
        *holds = is == NULL;
        for (size_t j = 0; j < value_count(is) && !*holds; j++)
            *holds = slice_equal(leaf_text(is->items[j]), leaf_text(leaves.items[i]));
        if (*holds && !leaf_use(converting, leaves.items[i]))
            return false;
    }
    return true;
}
