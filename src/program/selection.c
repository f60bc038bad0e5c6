#include "program/selection.h"

#include "base/json.h"

const char *const layer_names[LAYERS_COUNT] = { "Facilities", "IaaS", "PaaS", "SaaS",
                                                "Organization" };
const char *const principle_names[PRINCIPLES_COUNT] = { "security", "availability",
                                                        "processing-integrity", "confidentiality",
                                                        "privacy" };

/* A party has a part in a control or a criterion. */
struct part {
    struct slice side, vendor, name; /* side: user or subservice; vendor may be empty */
};
struct selector {
    struct store *store;
    const struct catalogue *catalogue;
    struct arena *arena;
    uint64_t size;
    struct selection selection;
    struct part *parts;
    size_t parts_count, parts_capacity;
    const struct criterion **lettered; /* those of the letter asked for, of all catalogues */
    size_t lettered_count;
};

/* ---- letters ---- */

/* The letter of the criterion's own group; 0: none. */
static char own_letter(const struct catalogue *catalogue, const struct criterion *criterion)
{
    const struct edition *edition = catalogue_edition(catalogue, criterion->edition);
    const struct value *groups = value_member(edition ? edition->document : NULL, "groups");
    for (size_t i = 0; i < value_count(groups); i++) {
        struct slice letter = value_text_of(groups->items[i], "sheet_letter");
        if (letter.len == 1 && slice_equal(value_text_of(groups->items[i], "id"), criterion->group))
            return letter.at[0];
    }
    return 0;
}

static void letter_put(char letter, bool out[LETTERS_COUNT])
{
    if (letter >= 'a' && letter < 'a' + LETTERS_COUNT)
        out[letter - 'a'] = true;
}

bool criterion_letters(const struct catalogue *catalogue, struct arena *arena,
                       const struct criterion *criterion, bool out[LETTERS_COUNT],
                       struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < LETTERS_COUNT; i++)
        out[i] = false;
    letter_put(own_letter(catalogue, criterion), out);
    const struct criterion **mapped =
        catalogue_mapped(catalogue, arena, criterion->name, &count, err);
    for (size_t i = 0; mapped && i < count; i++)
        letter_put(own_letter(catalogue, mapped[i]), out);
    return mapped != NULL;
}

struct slice letter_title(const struct catalogue *catalogue, unsigned index)
{
    const struct edition *edition = catalogue_edition(catalogue, SLICE("tsp-2014"));
    const struct value *groups = value_member(edition ? edition->document : NULL, "groups");
    for (size_t i = 0; i < value_count(groups); i++) {
        struct slice letter = value_text_of(groups->items[i], "sheet_letter");
        if (letter.len == 1 && letter.at[0] == (char)('a' + (char)index))
            return value_text_of(groups->items[i], "title");
    }
    return (struct slice){ 0 };
}

/* ---- parties ---- */

static bool part_add(struct selector *selector, struct slice side, struct slice vendor,
                     struct slice name, struct error *err)
{
    if (!arena_room(selector->arena, &selector->parts, selector->parts_count,
                    &selector->parts_capacity, sizeof *selector->parts, err))
        return false;
    selector->parts[selector->parts_count++] = (struct part){ side, vendor, name };
    return true;
}

/* Each text of a list, or the one text. */
static bool parts_add(struct selector *selector, struct slice side, struct slice vendor,
                      const struct value *names, struct error *err)
{
    if (value_text(names).len > 0)
        return part_add(selector, side, vendor, value_text(names), err);
    for (size_t i = 0; i < value_count(names); i++)
        if (!part_add(selector, side, vendor, value_text(names->items[i]), err))
            return false;
    return true;
}

static bool complementary_read(struct selector *selector, const struct value *document,
                               struct error *err)
{
    struct slice side = value_text_of(document, "side"), vendor = value_text_of(document, "vendor");
    return parts_add(selector, side, vendor, value_member(document, "criteria"), err) &&
           parts_add(selector, side, vendor, value_member(document, "controls"), err);
}

static bool engagement_parts(struct selector *selector, const struct value *document,
                             struct error *err)
{
    static const struct slice nobody = { 0 };
    const struct value *cuecs = value_member(document, "cuecs");
    const struct value *others = value_member(document, "subservice");
    for (size_t i = 0; i < value_count(cuecs); i++)
        if (!parts_add(selector, SLICE("user"), nobody, value_member(cuecs->items[i], "criteria"),
                       err))
            return false;
    for (size_t i = 0; i < value_count(others); i++) {
        struct slice vendor = value_text_of(others->items[i], "vendor");
        const struct value *csocs = value_member(others->items[i], "csocs");
        if (!parts_add(selector, SLICE("subservice"), vendor,
                       value_member(others->items[i], "criteria"), err))
            return false;
        for (size_t j = 0; j < value_count(csocs); j++)
            if (!parts_add(selector, SLICE("subservice"), vendor,
                           value_member(csocs->items[j], "criteria"), err) ||
                !parts_add(selector, SLICE("subservice"), vendor,
                           value_member(csocs->items[j], "monitored_by"), err))
                return false;
    }
    return true;
}

/* The duties that a vendor's report lays on us, and our controls that meet them. */
static bool review_parts(struct selector *selector, const struct value *document, struct error *err)
{
    return parts_add(selector, SLICE("subservice"), value_text_of(document, "vendor"),
                     value_member(document, "duties_controls"), err);
}

static bool parts_read(struct selector *selector, struct error *err)
{
    static const struct {
        const char *kind;
        bool (*read)(struct selector *selector, const struct value *document, struct error *err);
    } kinds[] = { { "ComplementaryControl", complementary_read },
                  { "Engagement", engagement_parts },
                  { "VendorReview", review_parts } };
    for (size_t i = 0; selector->store && i < ARRAY_LEN(kinds); i++) {
        struct resource_list list;
        if (!resource_list(selector->store, selector->arena, slice_of(kinds[i].kind),
                           selector->size, &list, err))
            return false;
        for (size_t j = 0; j < list.count; j++) {
            const struct value *document = json_parse(selector->arena, list.items[j].document,
                                                      list.items[j].name.at, NULL, err);
            if (!document || !kinds[i].read(selector, document, err))
                return false;
        }
    }
    return true;
}

static bool is_part_of(const struct part *part, struct slice party)
{
    return slice_equal(part->side, party) ||
           (part->vendor.len > 0 && slice_equal(part->vendor, party));
}

bool selector_has_part(const struct selector *selector, struct slice name)
{
    bool is_own = slice_is(selector->selection.party, "own");
    for (size_t i = 0; i < selector->parts_count; i++) {
        const struct part *part = &selector->parts[i];
        if (slice_equal(part->name, name) &&
            (is_own || is_part_of(part, selector->selection.party)))
            return !is_own;
    }
    return is_own;
}

/* What is the party's own: its duty, the vendor itself, what was found in reviewing it. */
static bool is_theirs(const struct selector *selector, struct slice name,
                      const struct value *document)
{
    struct slice party = selector->selection.party;
    return slice_equal(value_text_of(document, "side"), party) || slice_equal(name, party) ||
           slice_equal(value_text_of(document, "vendor"), party) ||
           (slice_is(party, "subservice") && value_text_of(document, "method").len > 0);
}

/* ---- the rule ---- */

static bool lettered_read(struct selector *selector, struct error *err)
{
    struct slice letter = selector->selection.letter;
    size_t editions_count, most = 0;
    const struct edition *editions = catalogue_editions(selector->catalogue, &editions_count);
    for (size_t i = 0; i < editions_count; i++)
        most += editions[i].count;
    if (letter.len != 1 || letter.at[0] < 'a' || letter.at[0] >= 'a' + LETTERS_COUNT)
        return true;
    selector->lettered = arena_array(selector->arena, most + 1, sizeof(*selector->lettered), err);
    if (!selector->lettered)
        return false;
    for (size_t i = 0; i < editions_count; i++) {
        for (size_t j = 0; j < editions[i].count; j++) {
            bool letters[LETTERS_COUNT];
            if (!criterion_letters(selector->catalogue, selector->arena, &editions[i].criteria[j],
                                   letters, err))
                return false;
            if (letters[letter.at[0] - 'a'])
                selector->lettered[selector->lettered_count++] = &editions[i].criteria[j];
        }
    }
    return true;
}

struct selector *selector_new(struct store *store, const struct catalogue *catalogue,
                              struct arena *arena, uint64_t size, const struct selection *selection,
                              struct error *err)
{
    struct selector *selector = arena_alloc(arena, sizeof *selector, err);
    if (!selector)
        return NULL;
    *selector = (struct selector){ .store = store,
                                   .catalogue = catalogue,
                                   .arena = arena,
                                   .size = size,
                                   .selection = *selection };
    return parts_read(selector, err) && lettered_read(selector, err) ? selector : NULL;
}

bool selector_is_about_controls(const struct selector *selector)
{
    return selector && (selector->selection.layer.len > 0 || selector->selection.party.len > 0);
}

struct slice criterion_principle(const struct criterion *criterion)
{
    return slice_is(criterion->category, "common") ? SLICE("security") : criterion->category;
}

static bool has_letter(const struct selector *selector, const struct criterion *criterion)
{
    for (size_t i = 0; i < selector->lettered_count; i++)
        if (selector->lettered[i] == criterion)
            return true;
    return false;
}

bool selector_takes_criterion(const struct selector *selector, const struct criterion *criterion)
{
    const struct selection *selection = selector ? &selector->selection : NULL;
    return !selection || ((selection->principle.len == 0 ||
                           slice_equal(criterion_principle(criterion), selection->principle)) &&
                          (selection->letter.len == 0 || has_letter(selector, criterion)));
}

static bool has_text(const struct value *document, const char *list, const char *one,
                     struct slice text)
{
    const struct value *items = value_member(document, list);
    for (size_t i = 0; i < value_count(items); i++)
        if (slice_equal(value_text(items->items[i]), text))
            return true;
    return one && slice_equal(value_text_of(document, one), text);
}

/* One of the criteria that it names is of the principle and the letter; a document that says its
 * categories itself is of those. */
static bool bears_on(const struct selector *selector, const struct value *document)
{
    const struct selection *selection = &selector->selection;
    const struct value *criteria = value_member(document, "criteria");
    if (selection->principle.len == 0 && selection->letter.len == 0)
        return true;
    if (selection->letter.len == 0 &&
        (has_text(document, "categories", NULL, selection->principle) ||
         has_text(document, "principles", NULL, selection->principle)))
        return true;
    for (size_t i = 0; i < value_count(criteria); i++) {
        const struct criterion *criterion =
            catalogue_criterion(selector->catalogue, value_text(criteria->items[i]));
        if (criterion && selector_takes_criterion(selector, criterion))
            return true;
    }
    return false;
}

/* Each of the three by the document itself or by the control that it names. */
static bool takes_one_of(const struct selector *selector, struct slice name,
                         const struct value *document, struct slice control_name,
                         const struct value *control)
{
    const struct selection *selection = &selector->selection;
    bool says_criteria = value_member(document, "criteria") != NULL;
    if (selection->layer.len > 0 && !has_text(document, "layers", "layer", selection->layer) &&
        !has_text(control, "layers", "layer", selection->layer))
        return false;
    if (!bears_on(selector, document) &&
        (says_criteria || !control || !bears_on(selector, control)))
        return false;
    return selection->party.len == 0 || is_theirs(selector, name, document) ||
           selector_has_part(selector, control ? control_name : name);
}

static bool document_of(const struct selector *selector, struct slice name,
                        const struct value **document, struct error *err)
{
    struct resource_version version;
    struct error missing = { 0 };
    *document = NULL;
    if (!resource_get(selector->store, selector->arena, name, selector->size, &version, &missing)) {
        if (missing.code == ERROR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    if (!version.is_removed)
        *document = json_parse(selector->arena, version.document, name.at, NULL, err);
    return version.is_removed || *document;
}

bool selector_takes(const struct selector *selector, struct slice name,
                    const struct value *document, bool *takes, struct error *err)
{
    const struct value *control = NULL;
    *takes = true;
    if (!selector)
        return true;
    struct slice control_name = value_text_of(document, "control");
    if (control_name.len > 0 && !document_of(selector, control_name, &control, err))
        return false;
    *takes = takes_one_of(selector, name, document, control_name, control);
    return true;
}

bool selector_takes_name(const struct selector *selector, struct slice name, bool *takes,
                         struct error *err)
{
    const struct value *document = NULL;
    *takes = true;
    if (!selector)
        return true;
    if (!document_of(selector, name, &document, err))
        return false;
    *takes = false;
    return !document || selector_takes(selector, name, document, takes, err);
}
