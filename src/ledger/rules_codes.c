/* What verification says of each rule. A check is what a verifier reports; several codes belong to
 * one. To add a rule: its code here, with the check it belongs to. */
#include <string.h>

#include "ledger/rules.h"

const struct rule_check rule_checks[] = {
    { "ledger.form", "every entry is canonical JSON with exactly the fields of its type", false },
    { "ledger.sequence",
      "entries are numbered, each is there once, their times never fall, one start begins them",
      false },
    { "versions", "each version of a document names the version before it", false },
    { "order.input-before-step", "whatever an entry rests on was in the ledger before it", false },
    { "order.test-after-evidence",
      "each test run rests on a frozen population and on every segment it read, all before it",
      false },
    { "order.conclusion-after-test",
      "each evaluation rests on earlier test runs, each conclusion on earlier evaluations", false },
    { "order.opinion-after-conclusion",
      "each opinion rests on earlier conclusions and on management's assertion", false },
    { "order.report-after-opinion",
      "each auditor's report rests on one earlier opinion, each copy on one report", false },
    { "order.seed-before-population",
      "each seed was committed to before the population that it selects from was frozen", false },
    { "population.segments", "no population was frozen from a segment that was withdrawn before",
      false },
    { "sides", "an auditor's steps rest only on that auditor's own steps, all of one engagement",
      false },
    { "signature.person", "opinions and auditors' reports are signed, and every signature verifies",
      false },
    { "ledger.named-checkpoints",
      "each checkpoint that a report or packet names is a root that this ledger had", false },
    { "erasure.targets", "each erasure names only what may be erased, in the entries it rests on",
      false },
    { "payload.present", "every payload that should be here is here, or an erasure names it",
      true },
    { "payload.digest", "every payload is byte for byte what was committed to", true },
    { "population.items", "each population's list of items is sorted, without repeats, as counted",
      true },
    { "test.matrix", "each run's matrix counts its own items and deviations rightly", true },
    { "test.population", "each run tested the population and the test version that it names",
      true },
    { "selection", "each sample is the one that its seed selects, and a seed serves once", true },
    { "packets", "what another house sent is signed, consistent with before, and proved", true },
    { "foreign-facts", "every fact of another house that is named was proved by a packet before",
      true },
    { "erasure.completed", "what erasures name is gone", true },
};
const size_t rule_checks_count = ARRAY_LEN(rule_checks);

const struct rule_code rule_codes[] = {
    { "too-large", "ledger.form", "an entry has more than 4095 bytes" },
    { "bad-json", "ledger.form", "an entry is not JSON, or names a field twice" },
    { "not-canonical", "ledger.form",
      "an entry's bytes are not the canonical form of what it says" },
    { "bad-field", "ledger.form", "a field is missing, too many, or not of its form" },
    { "unknown-type", "ledger.form", "an entry is of a type that this format does not have" },
    { "duplicate-leaf", "ledger.sequence", "an entry is there twice" },
    { "wrong-index", "ledger.sequence", "an entry stands at another place than it says" },
    { "bad-start", "ledger.sequence", "the ledger does not begin with its one start" },
    { "time-backwards", "ledger.sequence", "an entry is dated before the one it follows" },
    { "input-later", "order.input-before-step", "an entry rests on one that comes after it" },
    { "input-missing", "order.input-before-step", "an entry rests on one that is not there" },
    { "input-role", "order.input-before-step",
      "an entry does not rest on what its type must rest on" },
    { "bad-more", "order.input-before-step",
      "the list of an entry's further inputs is not of its form" },
    { "version-gap", "versions", "a version is skipped, or does not name the one before" },
    { "segment-withdrawn", "population.segments", "a segment is used after it was withdrawn" },
    { "seed-reused", "selection", "one seed was revealed twice" },
    { "seed-order", "order.seed-before-population",
      "a seed was committed to after the population was frozen" },
    { "seed-other-test", "selection", "a sample was selected with the seed of another test" },
    { "selection-differs", "selection", "a sample is not the one that its seed selects" },
    { "bad-position", "order.test-after-evidence",
      "a run read at a place before its evidence, or after itself" },
    { "bad-period", "test.population", "a run covers more time than its population" },
    { "population-swapped", "test.population", "a run tested other items than it says" },
    { "test-swapped", "test.population", "a run's results are of another test version" },
    { "bad-matrix", "test.matrix", "a run's results are not of their form, or wrongly counted" },
    { "population-items", "population.items",
      "a population's list is not sorted, repeats an item, or is wrongly counted" },
    { "wrong-side", "sides", "a step is of, or rests on, the wrong side" },
    { "wrong-engagement", "sides", "an auditor's step rests on another engagement, or on none" },
    { "bad-signature", "signature.person", "a signature is missing or does not verify" },
    { "checkpoint-mismatch", "ledger.named-checkpoints",
      "a checkpoint is named that this ledger did not have, or that does not cover its report" },
    { "erasure-target", "erasure.targets", "an erasure names what it may not erase" },
    { "erasure-unfinished", "erasure.completed", "what an erasure names is still held" },
    { "payload-missing", "payload.present", "a payload is gone and no erasure names it" },
    { "commitment-mismatch", "payload.digest", "a payload is not what was committed to" },
    { "packet-checkpoint", "packets",
      "a packet does not hold the signed checkpoint that its entry names" },
    { "packet-fork", "packets", "another house showed a history that contradicts its earlier one" },
    { "packet-proof", "packets", "an entry in a packet is not proved to be in its checkpoint" },
    { "foreign-unproved", "foreign-facts",
      "a fact of another house is named that no earlier packet proves" },
};
const size_t rule_codes_count = ARRAY_LEN(rule_codes);

const struct rule_code *rule_code_find(const char *code)
{
    for (size_t i = 0; i < rule_codes_count; i++) {
        if (strcmp(rule_codes[i].code, code) == 0)
            return &rule_codes[i];
    }
    return NULL;
}

static const struct rule_check *check_find(const char *id)
{
    for (size_t i = 0; i < rule_checks_count; i++) {
        if (strcmp(rule_checks[i].id, id) == 0)
            return &rule_checks[i];
    }
    return NULL;
}

/* The order of events has one check for each step, which is what people ask about. */
static const char *order_check(enum entry_type type)
{
    static const char *const checks[ENTRY_TYPES_COUNT] = {
        [ENTRY_RUN] = "order.test-after-evidence",
        [ENTRY_EVALUATION] = "order.conclusion-after-test",
        [ENTRY_CONCLUSION] = "order.conclusion-after-test",
        [ENTRY_OPINION] = "order.opinion-after-conclusion",
        [ENTRY_REPORT] = "order.report-after-opinion",
        [ENTRY_COPY] = "order.report-after-opinion",
    };
    return checks[type] ? checks[type] : "order.input-before-step";
}

const struct rule_check *fault_check(const struct fault *fault)
{
    const struct rule_code *code = fault->code ? rule_code_find(fault->code) : NULL;
    if (!code)
        return NULL;
    if (strcmp(code->check, "order.input-before-step") == 0 && fault->type) {
        for (size_t i = 0; i < ENTRY_TYPES_COUNT; i++) {
            if (strcmp(entry_type_name((enum entry_type)i), fault->type) == 0)
                return check_find(order_check((enum entry_type)i));
        }
    }
    return check_find(code->check);
}
