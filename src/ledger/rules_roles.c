/* What the inputs of an entry must be, type by type (ledger.md 4): the table's third column, and
 * the paragraphs on selection, runs and sides. */
#include <stdlib.h>

#include "base/time.h"
#include "ledger/rules_state.h"

static const struct seen *seen_at(const struct judge *judge, uint32_t n)
{
    return &judge->rules->seen[n];
}

static const struct detail *detail_at(const struct judge *judge, uint32_t n)
{
    return &judge->rules->details[seen_at(judge, n)->part];
}

static int64_t time_field(const struct value *object, const char *name)
{
    int64_t at_us = 0;
    return time_parse_canonical(value_text_of(object, name), &at_us) ? at_us : INT64_MIN;
}

/* ---- versions ---- */

static bool version_check(struct judge *judge)
{
    const struct rules *rules = judge->rules;
    const struct version *before = NULL;
    struct slice name = value_text_of(judge->entry.body, "name");
    uint64_t number = 0, expected = 1;
    size_t at;
    judge->name = sha256_of(name);
    if (digest_list_find(&rules->version_names, &judge->name, &at)) {
        before = &rules->versions[at];
        expected = before->number + 1;
    }
    if (!entry_integer(value_member(judge->entry.body, "version"), &number) || number != expected)
        return fault_set(judge, "version-gap", "version %llu of %.*s follows version %llu",
                         (unsigned long long)number, SLICE_ARG(name),
                         (unsigned long long)(expected - 1));
    if (!before)
        return true;
    if (rules->seen[before->n].type != judge->entry.kind)
        return fault_set(judge, "version-gap", "%.*s was a %s and is now a %s", SLICE_ARG(name),
                         entry_type_name((enum entry_type)rules->seen[before->n].type),
                         entry_type_name(judge->entry.kind));
    if (!inputs_hold(&judge->inputs, before->n) && !judge->inputs.is_partial)
        return fault_set(
            judge, "version-gap", "version %llu of %.*s does not name the one before, %s",
            (unsigned long long)number, SLICE_ARG(name), label_of(rules, before->n).text);
    return true;
}

/* ---- segments and populations ---- */

static bool withdraw_check(struct judge *judge)
{
    uint32_t segment;
    if (!one_input(judge, ENTRY_SEGMENT, &segment))
        return false;
    /* A `more` is never empty, so with one there are others beside the segment. */
    if (judge->inputs.count != 1 || judge->inputs.is_partial)
        return fault_set(judge, "input-role",
                         "a withdrawal names exactly one segment and nothing else");
    if (seen_at(judge, segment)->is_spent)
        return fault_set(judge, "segment-withdrawn", "%s was withdrawn before",
                         label_of(judge->rules, segment).text);
    return true;
}

static bool population_check(struct judge *judge)
{
    uint32_t segment;
    if (!some_input(judge, ENTRY_SEGMENT))
        return fault_set(judge, "input-role", "a population names no segment");
    for (size_t at = 0; inputs_next(judge, ENTRY_SEGMENT, &at, &segment);) {
        if (seen_at(judge, segment)->is_spent)
            return fault_set(judge, "segment-withdrawn",
                             "population #%llu uses %s, which was withdrawn",
                             (unsigned long long)judge->n, label_of(judge->rules, segment).text);
    }
    return true;
}

/* ---- seeds ---- */

static bool seed_commit_check(struct judge *judge)
{
    uint32_t test;
    if (!one_resource(judge, RESOURCE_TEST, &test))
        return false;
    if (judge->inputs.counts[ENTRY_RESOURCE] < 2 && !judge->inputs.is_partial)
        return fault_set(judge, "input-role", "a seed is committed without a sampling plan");
    return true;
}

static bool seed_opens(const struct judge *judge, uint32_t commit)
{
    struct digest salt, seed;
    if (!digest_from_hex(value_text_of(judge->entry.body, "salt"), &salt) ||
        !digest_from_hex(value_text_of(judge->entry.body, "seed"), &seed))
        return false;
    struct digest c = commitment(salt.bytes, slice_bytes(seed.bytes, sizeof seed.bytes));
    return digest_equal(&c, &detail_at(judge, commit)->c);
}

static bool seed_reveal_check(struct judge *judge)
{
    uint32_t commit, population;
    if (!one_input(judge, ENTRY_SEED_COMMIT, &commit) ||
        !one_input(judge, ENTRY_POPULATION, &population))
        return false;
    if (commit == INPUT_UNKNOWN)
        return true;
    if (!seed_opens(judge, commit))
        return fault_set(judge, "commitment-mismatch",
                         "the seed revealed is not the one that %s committed to",
                         label_of(judge->rules, commit).text);
    if (seen_at(judge, commit)->is_spent)
        return fault_set(judge, "seed-reused", "the seed of %s was revealed before",
                         label_of(judge->rules, commit).text);
    if (population != INPUT_UNKNOWN && commit > population)
        return fault_set(judge, "seed-order", "%s comes after %s, which it must select from",
                         label_of(judge->rules, commit).text,
                         label_of(judge->rules, population).text);
    return true;
}

/* ---- runs ---- */

static int compare_indices(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* A run reads at least the segments that its population was frozen from. */
static bool run_segments_check(struct judge *judge, uint32_t population)
{
    const struct rules *rules = judge->rules;
    const struct detail *detail = detail_at(judge, population);
    size_t count = 0;
    uint32_t n;
    uint32_t *own =
        arena_array(rules->arena, judge->inputs.counts[ENTRY_SEGMENT] + 1, sizeof *own, judge->err);
    if (!own)
        return false;
    for (size_t at = 0; inputs_next(judge, ENTRY_SEGMENT, &at, &n);)
        own[count++] = n;
    qsort(own, count, sizeof *own, compare_indices);
    for (size_t i = 0; i < detail->inputs_count; i++) {
        const uint32_t *wanted = &rules->inputs[detail->inputs_at + i];
        if (seen_at(judge, *wanted)->type == ENTRY_SEGMENT && !judge->inputs.is_partial &&
            !bsearch(wanted, own, count, sizeof *own, compare_indices))
            return fault_set(judge, "input-role", "test.run #%llu does not name %s of its %s",
                             (unsigned long long)judge->n, label_of(rules, *wanted).text,
                             label_of(rules, population).text);
    }
    return true;
}

static bool run_position_check(struct judge *judge)
{
    uint64_t position = 0;
    uint32_t segment;
    if (!entry_integer(value_member(judge->entry.body, "position"), &position) ||
        position > judge->n)
        return fault_set(judge, "bad-position", "test.run #%llu says it read at position %llu",
                         (unsigned long long)judge->n, (unsigned long long)position);
    for (size_t at = 0; inputs_next(judge, ENTRY_SEGMENT, &at, &segment);) {
        if (segment >= position)
            return fault_set(judge, "bad-position",
                             "test.run #%llu read at position %llu, before %s",
                             (unsigned long long)judge->n, (unsigned long long)position,
                             label_of(judge->rules, segment).text);
    }
    return true;
}

static bool run_period_check(struct judge *judge, uint32_t population)
{
    const struct value *period = value_member(judge->entry.body, "period");
    const struct detail *detail = detail_at(judge, population);
    if (time_field(period, "from") < detail->from_us || time_field(period, "to") > detail->to_us)
        return fault_set(judge, "bad-period", "test.run #%llu covers more than its %s",
                         (unsigned long long)judge->n, label_of(judge->rules, population).text);
    return true;
}

static bool detail_holds(const struct judge *judge, const struct detail *detail, uint32_t n)
{
    for (size_t i = 0; i < detail->inputs_count; i++) {
        if (judge->rules->inputs[detail->inputs_at + i] == n)
            return true;
    }
    return detail->is_partial;
}

static const struct digest *name_of(const struct judge *judge, uint32_t resource)
{
    return &judge->rules->version_names.items[seen_at(judge, resource)->part];
}

/* Whether a commitment was made for the test of which `test` is a version. */
static bool commit_is_for(const struct judge *judge, uint32_t commit, uint32_t test)
{
    const struct detail *detail = detail_at(judge, commit);
    for (size_t i = 0; i < detail->inputs_count; i++) {
        uint32_t n = judge->rules->inputs[detail->inputs_at + i];
        if (seen_at(judge, n)->type == ENTRY_RESOURCE &&
            digest_equal(name_of(judge, n), name_of(judge, test)))
            return true;
    }
    return detail->is_partial;
}

static bool run_sample_check(struct judge *judge, uint32_t population, uint32_t test)
{
    const struct rules *rules = judge->rules;
    uint32_t reveal;
    if (!one_input(judge, ENTRY_SEED_REVEAL, &reveal))
        return false;
    if (reveal == INPUT_UNKNOWN)
        return true;
    const struct detail *detail = detail_at(judge, reveal);
    if (population != INPUT_UNKNOWN && !detail_holds(judge, detail, population))
        return fault_set(judge, "population-swapped", "%s was made for another population than %s",
                         label_of(rules, reveal).text, label_of(rules, population).text);
    for (size_t i = 0; i < detail->inputs_count && test != INPUT_UNKNOWN; i++) {
        uint32_t n = rules->inputs[detail->inputs_at + i];
        if (seen_at(judge, n)->type == ENTRY_SEED_COMMIT && !commit_is_for(judge, n, test))
            return fault_set(judge, "seed-other-test", "%s was made for another test than %s",
                             label_of(rules, n).text, label_of(rules, test).text);
    }
    return true;
}

static bool run_check(struct judge *judge)
{
    uint32_t population, test;
    if (!one_input(judge, ENTRY_POPULATION, &population) ||
        !one_resource(judge, RESOURCE_TEST, &test))
        return false;
    if (population != INPUT_UNKNOWN && !run_segments_check(judge, population))
        return false;
    if (!run_position_check(judge))
        return false;
    if (population != INPUT_UNKNOWN && !run_period_check(judge, population))
        return false;
    return !slice_is(value_text_of(judge->entry.body, "extent"), "sample") ||
           run_sample_check(judge, population, test);
}

/* ---- evaluation, conclusion, opinion: each rests on the step below ---- */

/* An auditor's step rests only on auditor's steps, all of one engagement. */
static bool engagement_check(struct judge *judge, enum entry_type under)
{
    uint32_t n;
    judge->engagement = ENGAGEMENT_UNKNOWN;
    for (size_t at = 0; inputs_next(judge, under, &at, &n);) {
        if (seen_at(judge, n)->side != SIDE_AUDITOR)
            return fault_set(judge, "wrong-side", "the auditor's %s #%llu rests on management's %s",
                             entry_type_name(judge->entry.kind), (unsigned long long)judge->n,
                             label_of(judge->rules, n).text);
    }
    for (size_t at = 0; inputs_next(judge, under, &at, &n);) {
        uint32_t engagement = seen_at(judge, n)->engagement;
        if (engagement == ENGAGEMENT_NONE)
            return fault_set(judge, "wrong-engagement", "%s belongs to no engagement",
                             label_of(judge->rules, n).text);
        if (engagement == ENGAGEMENT_UNKNOWN)
            continue;
        if (judge->engagement != ENGAGEMENT_UNKNOWN && judge->engagement != engagement)
            return fault_set(judge, "wrong-engagement",
                             "the auditor's %s #%llu rests on two engagements",
                             entry_type_name(judge->entry.kind), (unsigned long long)judge->n);
        judge->engagement = engagement;
    }
    return true;
}

static bool step_check(struct judge *judge, enum entry_type under)
{
    if (!some_input(judge, under))
        return fault_set(judge, "input-role", "%s #%llu names no %s",
                         entry_type_name(judge->entry.kind), (unsigned long long)judge->n,
                         entry_type_name(under));
    return judge->entry.by != SIDE_AUDITOR || engagement_check(judge, under);
}

static bool evaluation_check(struct judge *judge) { return step_check(judge, ENTRY_RUN); }

static bool conclusion_check(struct judge *judge)
{
    return version_check(judge) && step_check(judge, ENTRY_EVALUATION);
}

static bool opinion_check(struct judge *judge)
{
    uint32_t assertion;
    if (!version_check(judge))
        return false;
    if (judge->entry.by != SIDE_AUDITOR)
        return fault_set(judge, "wrong-side", "an opinion that is not the auditor's");
    if (!some_input(judge, ENTRY_CONCLUSION))
        return fault_set(judge, "input-role", "the opinion names no conclusion");
    return one_resource(judge, RESOURCE_ASSERTION, &assertion) &&
           step_check(judge, ENTRY_CONCLUSION);
}

static bool copy_check(struct judge *judge)
{
    uint32_t report;
    return one_input(judge, ENTRY_REPORT, &report);
}

/* Types without a line here may name anything that is before them. */
static bool (*const role_checks[ENTRY_TYPES_COUNT])(struct judge *judge) = {
    [ENTRY_RESOURCE] = version_check,
    [ENTRY_WITHDRAW] = withdraw_check,
    [ENTRY_POPULATION] = population_check,
    [ENTRY_SEED_COMMIT] = seed_commit_check,
    [ENTRY_SEED_REVEAL] = seed_reveal_check,
    [ENTRY_RUN] = run_check,
    [ENTRY_EVALUATION] = evaluation_check,
    [ENTRY_CONCLUSION] = conclusion_check,
    [ENTRY_OPINION] = opinion_check,
    [ENTRY_REPORT] = report_check,
    [ENTRY_COPY] = copy_check,
    [ENTRY_PACKET] = packet_check,
    [ENTRY_ERASURE] = erasure_check,
};

bool roles_check(struct judge *judge)
{
    return !role_checks[judge->entry.kind] || role_checks[judge->entry.kind](judge);
}
