#include "audit/judgement.h"

#include <stdarg.h>
#include <stdio.h>

#include "audit/candidates.h"
#include "base/json.h"
#include "base/time.h"

struct check {
    struct store *store;
    struct arena *arena;
    const struct plan *plan;
    const struct acting *acting;
    const struct plan_item *item;
    struct findings *findings;
    struct error *err;
};

static void set_place(const struct plan_item *item, char *where, size_t room)
{
    if (item->file)
        snprintf(where, room, "%.100s:%u:%u: %.60s", item->file, item->line, item->column,
                 item->name.at);
    else
        snprintf(where, room, "%.160s", item->name.at);
}

__attribute__((format(printf, 3, 0))) static void tell(struct check *check, bool is_warning,
                                                       const char *format, va_list args)
{
    char where[192], message[480];
    struct error finding = { 0 };
    set_place(check->item, where, sizeof where);
    vsnprintf(message, sizeof message, format, args);
    error_set(&finding, ERROR_INVALID, where, "%s", message);
    if (is_warning)
        findings_add_warning(check->findings, &finding);
    else
        findings_add_error(check->findings, &finding);
}

PRINTF_LIKE(2, 3) static void refuse(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(check, false, format, args);
    va_end(args);
}

PRINTF_LIKE(2, 3) static void warn(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(check, true, format, args);
    va_end(args);
}

/* The document as it will be: of this plan, else of the store. NULL if there is none (references
 * have been checked before) or with *err. */
static const struct value *find_document(struct check *check, struct slice name)
{
    struct resource_version version;
    struct error missing = { 0 };
    for (size_t i = 0; i < check->plan->count; i++)
        if (slice_equal(check->plan->items[i].name, name) && check->plan->items[i].document)
            return check->plan->items[i].document;
    if (!resource_get(check->store, check->arena, name, store_size(check->store), &version,
                      &missing) ||
        version.is_removed)
        return NULL;
    return json_parse(check->arena, version.document, "resource", NULL, check->err);
}

static struct slice text_of(const struct check *check, const char *field)
{
    return value_text_of(check->item->document, field);
}

/* ---- evaluations ---- */

/* The runs that an evaluation pins, as leaf hashes, each with its record checked. */
static bool check_runs(struct check *check, struct slice *runs, size_t *count)
{
    for (size_t i = 0; i < check->item->pins_count; i++) {
        const struct plan_pin *pin = &check->item->pins[i];
        struct stored_entry entry;
        char hex[65];
        if (!slice_starts_with(pin->name, SLICE("run/")))
            continue;
        digest_hex(&pin->leaf, hex);
        if (!arena_copy(check->arena, slice_of(hex), &runs[*count], check->err) ||
            !entry_find(check->store, check->arena, runs[*count], store_size(check->store), &entry,
                        check->err))
            return false;
        const struct value *run = json_parse(check->arena, entry.object, "run", NULL, check->err);
        if (!run)
            return false;
        ++*count;
        if (!slice_equal(value_text_of(run, "engagement"), text_of(check, "engagement")))
            refuse(check, "runs: a run was not made in %.*s: attest test run --engagement",
                   SLICE_ARG(text_of(check, "engagement")));
    }
    return true;
}

/* place: "items [\"key\"]" or "others". */
static void check_class(struct check *check, const char *place, struct slice key,
                        const struct value *item)
{
    struct slice class = value_text_of(item, "class");
    if (slice_is(class, "deviation") && value_text_of(item, "kind").len == 0)
        refuse(check, "%s%.*s: a deviation needs its kind", place, SLICE_ARG(key));
    if (slice_is(class, "not-a-deviation") && value_count(value_member(item, "evidence")) == 0)
        refuse(check, "%s%.*s: not a deviation needs the evidence that shows it", place,
               SLICE_ARG(key));
    if (!slice_is(class, "deviation") && value_text_of(item, "reason").len == 0)
        refuse(check, "%s%.*s: %.*s needs a reason", place, SLICE_ARG(key), SLICE_ARG(class));
}

/* What stands for all that are not named says how many those are: a run with more of them than its
 * author looked at is then told, not classified unseen. */
static void check_others(struct check *check, const struct value *others,
                         const struct candidates_difference *difference)
{
    int64_t count = 0;
    check_class(check, "others", (struct slice){ 0 }, others);
    if (!value_to_i64(value_member(others, "count"), &count) ||
        (uint64_t)count != difference->unnamed)
        refuse(check, "others.count: %lld, but %llu of %llu candidates are not named in items",
               (long long)count, (unsigned long long)difference->unnamed,
               (unsigned long long)difference->candidates);
}

static bool check_evaluation(struct check *check)
{
    struct classification classification;
    struct candidates_difference difference;
    size_t count = 0;
    struct slice *runs =
        arena_array(check->arena, check->item->pins_count + 1, sizeof *runs, check->err);
    if (!runs || !check_runs(check, runs, &count) ||
        !classification_read(check->arena, check->item->document, &classification, check->err) ||
        !candidates_compare(check->store, check->arena, runs, count, &classification, &difference,
                            check->err))
        return false;
    for (size_t i = 0; i < classification.count; i++)
        check_class(check, "items ", classification.named[i].key, classification.named[i].item);
    if (classification.others)
        check_others(check, classification.others, &difference);
    else if (difference.unnamed > 0)
        refuse(check,
               "items: %llu of %llu candidates are not classified, the first is %.*s; `others` "
               "classifies all that are not named",
               (unsigned long long)difference.unnamed, (unsigned long long)difference.candidates,
               SLICE_ARG(difference.first_unnamed));
    if (difference.foreign > 0)
        refuse(check, "items: %zu are no candidates of these runs, the first is %.*s",
               difference.foreign, SLICE_ARG(difference.first_foreign));
    return true;
}

/* ---- conclusions ---- */

/* Items that the runs of an evaluation saw, and deviations that it concluded. */
static bool evaluation_figures(struct check *check, struct slice name, int64_t *items,
                               int64_t *deviations)
{
    const struct value *document = find_document(check, name);
    const struct value *runs = value_member(document, "runs");
    const struct value *list = value_member(document, "items");
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_is(value_text_of(value_item(list, i), "class"), "deviation"))
            ++*deviations;
    const struct value *others = value_member(document, "others");
    int64_t others_count = 0;
    if (slice_is(value_text_of(others, "class"), "deviation") &&
        value_to_i64(value_member(others, "count"), &others_count))
        *deviations += others_count;
    for (size_t i = 0; i < value_count(runs); i++) {
        struct stored_entry entry;
        int64_t count = 0;
        struct slice run = value_text(value_item(runs, i));
        if (slice_starts_with(run, SLICE("run/")))
            run = slice_from(run, 4);
        if (!entry_find(check->store, check->arena, run, store_size(check->store), &entry,
                        check->err))
            return false;
        const struct value *object =
            json_parse(check->arena, entry.object, "run", NULL, check->err);
        if (!object || !value_to_i64(value_path(object, "population.items"), &count))
            return false;
        *items += count;
    }
    return check->err->code == ERROR_NONE;
}

static bool check_control_conclusion(struct check *check)
{
    const struct value *evaluations = value_member(check->item->document, "evaluations");
    struct slice result = text_of(check, "result");
    int64_t items = 0, deviations = 0;
    bool has_basis = text_of(check, "basis").len > 0;
    for (size_t i = 0; i < value_count(evaluations); i++) {
        struct slice name = value_text(value_item(evaluations, i));
        const struct value *evaluation = find_document(check, name);
        const struct value *test = find_document(check, value_text_of(evaluation, "test"));
        if (test && !slice_equal(value_text_of(test, "control"), text_of(check, "control")))
            refuse(check, "evaluations: %.*s is of a test of %.*s", SLICE_ARG(name),
                   SLICE_ARG(value_text_of(test, "control")));
        if (!evaluation_figures(check, name, &items, &deviations))
            return false;
    }
    if (slice_is(result, "did-not-operate") && items > 0)
        refuse(check, "result: did-not-operate, but the runs saw %lld items", (long long)items);
    if (!slice_is(result, "did-not-operate") && items == 0)
        refuse(check, "result: %.*s, but the control did not operate: the runs saw no item",
               SLICE_ARG(result));
    if (slice_is(result, "effective") && deviations > 0 && !has_basis)
        refuse(check, "basis: effective with %lld deviations needs a basis", (long long)deviations);
    return true;
}

static bool is_type_1(struct check *check)
{
    const struct value *engagement = find_document(check, text_of(check, "engagement"));
    return slice_is(value_text_of(engagement, "type"), "type-1");
}

static bool check_criterion_conclusion(struct check *check)
{
    const struct value *controls = value_member(check->item->document, "controls");
    struct slice operating = text_of(check, "operating");
    bool has_basis = text_of(check, "basis").len > 0;
    for (size_t i = 0; i < value_count(controls); i++) {
        struct slice name = value_text(value_item(controls, i));
        const struct value *conclusion = find_document(check, name);
        if (slice_is(operating, "effective") && !has_basis &&
            slice_is(value_text_of(conclusion, "result"), "not-effective"))
            refuse(check, "basis: effective although %.*s is not-effective needs a basis",
                   SLICE_ARG(name));
    }
    if (is_type_1(check) && !slice_is(operating, "not-examined"))
        refuse(check, "operating: a type 1 engagement does not examine operation: not-examined");
    if (!is_type_1(check) && slice_is(operating, "not-examined"))
        refuse(check, "operating: a type 2 engagement examines operation");
    return check->err->code == ERROR_NONE;
}

/* ---- opinions ---- */

static bool is_named(const struct value *list, struct slice criterion)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (slice_equal(value_text(value_item(list, i)), criterion))
            return true;
    return false;
}

/* Part by part: a modification has a basis; a known failure is named or explained. */
static void check_parts(struct check *check)
{
    static const char *const names[] = { "description", "design", "operating" };
    const struct value *parts = value_member(check->item->document, "parts");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct value *part = value_member(parts, names[i]);
        struct slice variant = value_text_of(part, "variant");
        if (variant.len && !slice_is(variant, "unmodified") &&
            value_text_of(part, "basis").len == 0)
            refuse(check, "parts.%s.basis: %.*s needs a basis", names[i], SLICE_ARG(variant));
        if (slice_is(variant, "unmodified") && value_text_of(part, "basis").len > 0)
            refuse(check, "parts.%s.basis: an unmodified part has no basis", names[i]);
    }
    bool has_operating = value_member(parts, "operating") != NULL;
    if (is_type_1(check) && has_operating)
        refuse(check, "parts.operating: a type 1 report gives no opinion on operation");
    if (!is_type_1(check) && !has_operating)
        refuse(check, "parts.operating: a type 2 report needs this part");
}

/* Conclusions against parts (C.3), and the assertion against known qualifications. */
static void check_against(struct check *check, const char *part_name, const char *field,
                          const char *bad)
{
    const struct value *document = check->item->document;
    const struct value *conclusions = value_member(document, "conclusions");
    const struct value *part = value_member(value_member(document, "parts"), part_name);
    bool has_effect = text_of(check, "effect_on_commitments").len > 0;
    for (size_t i = 0; part && i < value_count(conclusions); i++) {
        struct slice name = value_text(value_item(conclusions, i));
        const struct value *conclusion = find_document(check, name);
        struct slice criterion = value_text_of(conclusion, "criterion");
        if (!slice_is(value_text_of(conclusion, field), bad) || criterion.len == 0)
            continue;
        if (slice_is(value_text_of(part, "variant"), "unmodified")) {
            warn(check, "parts.%s is unmodified although %.*s is concluded %s", part_name,
                 SLICE_ARG(criterion), bad);
            if (!has_effect)
                refuse(check,
                       "effect_on_commitments: say what %.*s not met means for the "
                       "principal service commitments",
                       SLICE_ARG(criterion));
        } else if (!is_named(value_member(part, "criteria"), criterion)) {
            refuse(check, "parts.%s.criteria: %.*s is concluded %s and not named", part_name,
                   SLICE_ARG(criterion), bad);
        }
    }
}

static void check_assertion(struct check *check)
{
    const struct value *document = check->item->document;
    const struct value *assertion = find_document(check, text_of(check, "assertion"));
    const struct value *limits = value_member(assertion, "qualifications");
    const struct value *criteria = value_path(document, "parts.operating.criteria");
    for (size_t i = 0; assertion && i < value_count(criteria); i++) {
        struct slice criterion = value_text(value_item(criteria, i));
        bool is_told = false;
        for (size_t j = 0; j < value_count(limits); j++)
            is_told = is_told ||
                      slice_equal(value_text_of(value_item(limits, j), "criterion"), criterion);
        if (is_told)
            continue;
        warn(check, "management's assertion claims %.*s, the opinion qualifies it",
             SLICE_ARG(criterion));
        if (text_of(check, "explanatory").len == 0)
            refuse(check, "explanatory: a paragraph on the assertion that is not amended");
    }
}

static void check_signer(struct check *check)
{
    struct slice signer = text_of(check, "signed_by");
    const struct value *engagement = find_document(check, text_of(check, "engagement"));
    const struct value *person = find_document(check, signer);
    if (!slice_equal(signer, check->acting->person))
        refuse(check, "signed_by: %.*s signs, but %.*s acts", SLICE_ARG(signer),
               SLICE_ARG(check->acting->person));
    if (!slice_equal(value_text_of(engagement, "partner"), signer))
        refuse(check, "signed_by: only the engagement's partner signs");
    if (value_text(value_path(person, "licence.number")).len == 0)
        refuse(check, "signed_by: %.*s has no licence on record", SLICE_ARG(signer));
    if (!check->acting->actor.sign)
        refuse(check, "an opinion is signed: --sign-key FILE");
}

static void check_report_date(struct check *check)
{
    struct slice text = text_of(check, "report_date");
    const struct value *engagement = find_document(check, text_of(check, "engagement"));
    struct slice end = value_text(value_path(engagement, "period.to"));
    int32_t date, last;
    if (end.len == 0)
        end = value_text_of(engagement, "as_of");
    if (!date_parse(text, &date, check->err) || (end.len && !date_parse(end, &last, check->err)))
        return;
    /* Always in the past (domain rule B). */
    if (end.len && date <= last)
        refuse(check, "report_date: %.*s is not after the end, %.*s", SLICE_ARG(text),
               SLICE_ARG(end));
    if ((int64_t)date > clock_now_us() / US_PER_DAY + 1)
        refuse(check, "report_date: %.*s lies in the future", SLICE_ARG(text));
}

static bool check_opinion(struct check *check)
{
    check_parts(check);
    check_against(check, "design", "design", "not-suitable");
    check_against(check, "operating", "operating", "not-effective");
    check_assertion(check);
    check_signer(check);
    check_report_date(check);
    return check->err->code == ERROR_NONE;
}

/* ---- the table ---- */

static const struct {
    const char *kind;
    bool (*run)(struct check *check);
} checks[] = {
    { "Evaluation", check_evaluation },
    { "ControlConclusion", check_control_conclusion },
    { "CriterionConclusion", check_criterion_conclusion },
    { "Opinion", check_opinion },
};

bool judgement_check(struct store *store, struct arena *arena, const struct plan *plan,
                     const struct acting *acting, struct findings *findings, struct error *err)
{
    struct check check = { .store = store,
                           .arena = arena,
                           .plan = plan,
                           .acting = acting,
                           .findings = findings,
                           .err = err };
    size_t before = findings->errors_count;
    for (size_t i = 0; i < plan->count; i++) {
        check.item = &plan->items[i];
        if (check.item->action != PLAN_CREATE && check.item->action != PLAN_CHANGE)
            continue;
        for (size_t j = 0; j < ARRAY_LEN(checks); j++)
            if (slice_is(check.item->kind->name, checks[j].kind) && !checks[j].run(&check))
                return false;
    }
    return findings->errors_count == before;
}
