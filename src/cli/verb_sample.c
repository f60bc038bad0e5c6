/* attest sample size, limit, select. None needs a data directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sampling.h"
#include "base/json.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "ledger/selection.h"

static bool share_of(struct session *session, const char *name, const char *otherwise,
                     struct share *share)
{
    const char *value = argument_value(session->arguments, name);
    if (!value)
        value = otherwise;
    if (!value)
        return error_set(&session->err, ERROR_USAGE, name, "a value in per cent is needed");
    return share_parse(slice_of(value), name, share, &session->err);
}

static bool number_of(struct session *session, const char *name, bool is_needed, uint64_t *number)
{
    const char *value = argument_value(session->arguments, name);
    *number = 0;
    if (!value && !is_needed)
        return true;
    return (value && slice_to_u64(slice_of(value), number)) ||
           error_set(&session->err, ERROR_USAGE, name, "a whole number is needed");
}

/* ---- size ---- */

static const struct option size_options[] = {
    { "--risk", "R", "risk of overreliance in per cent (5 is 95 % confidence)" },
    { "--tolerable", "T", "tolerable deviation rate in per cent" },
    { "--expected", "E", "expected deviation rate in per cent; by default 0" },
    { "--population", "N", "items in the population, for the exact finite methods" },
    { "--method", "M", "binomial (default), hypergeometric or discovery" },
    { NULL, NULL, NULL },
};

static int run_size(struct session *session, const struct arguments *arguments)
{
    struct sample_size_query query = { .method = SAMPLING_BINOMIAL };
    struct sample_size size;
    const char *method = argument_value(arguments, "--method");
    if (!share_of(session, "--risk", NULL, &query.risk) ||
        !share_of(session, "--tolerable", NULL, &query.tolerable) ||
        !share_of(session, "--expected", "0", &query.expected) ||
        !number_of(session, "--population", false, &query.population) ||
        (method && !sampling_method_parse(slice_of(method), &query.method, &session->err)) ||
        !sample_size(&query, &size, &session->err))
        return session_fail(session);
    struct value *result = value_new(session->arena, VALUE_OBJECT, &session->err);
    if (!result ||
        !value_put_i64(session->arena, result, "size", (int64_t)size.size, &session->err) ||
        !value_put_i64(session->arena, result, "allowed", (int64_t)size.allowed, &session->err) ||
        !value_put_text(session->arena, result, "method", slice_of(method ? method : "binomial"),
                        &session->err) ||
        !output_document(session, result))
        return session_fail(session);
    return 0;
}

static const char *const size_examples[] = {
    "attest sample size --risk 5 --tolerable 7 --expected 2",
    "attest sample size --risk 10 --tolerable 5 --population 250 --method hypergeometric -o json",
    NULL,
};
const struct verb verb_sample_size = {
    .name = "sample size",
    .usage = "--risk R --tolerable T [--expected E] [--population N] [--method M]",
    .summary = "the least sample size, exactly computed",
    .examples = size_examples,
    .options = size_options,
    .run = run_size,
    .takes_no_words = true,
};

/* ---- limit ---- */

static const struct option limit_options[] = {
    { "--risk", "R", "risk of overreliance in per cent" },
    { "--size", "N", "items in the sample" },
    { "--deviations", "K", "deviations found" },
    { "--population", "N", "items in the population: exact, also as a number of items" },
    { NULL, NULL, NULL },
};

static int run_limit(struct session *session, const struct arguments *arguments)
{
    struct sample_limit_query query = { 0 };
    struct sample_limit limit;
    (void)arguments;
    if (!share_of(session, "--risk", NULL, &query.risk) ||
        !number_of(session, "--size", true, &query.size) ||
        !number_of(session, "--deviations", true, &query.deviations) ||
        !number_of(session, "--population", false, &query.population) ||
        !sample_limit(&query, &limit, &session->err))
        return session_fail(session);
    const char *text =
        arena_printf(session->arena, &session->err, "%llu.%llu",
                     (unsigned long long)limit.tenths / 10, (unsigned long long)limit.tenths % 10);
    struct value *result = value_new(session->arena, VALUE_OBJECT, &session->err);
    if (!text || !result || !output_put_decimal(session, result, "limit", slice_of(text)) ||
        (query.population &&
         !value_put_i64(session->arena, result, "items", (int64_t)limit.items, &session->err)) ||
        !output_document(session, result))
        return session_fail(session);
    return 0;
}

static const char *const limit_examples[] = {
    "attest sample limit --risk 10 --size 25 --deviations 0",
    "attest sample limit --risk 5 --size 60 --deviations 1 --population 400 -o json",
    NULL,
};
const struct verb verb_sample_limit = {
    .name = "sample limit",
    .usage = "--risk R --size N --deviations K [--population N]",
    .summary = "the achieved upper deviation limit",
    .examples = limit_examples,
    .options = limit_options,
    .run = run_limit,
    .takes_no_words = true,
};

/* ---- select ---- */

static const struct option select_options[] = {
    { "--seed", "HEX", "32 bytes, 64 hexadecimal digits" },
    { "--population-leaf", "HEX", "leaf hash of the population's entry" },
    { "--size", "N", "how many to select" },
    { NULL, NULL, NULL },
};

struct ranked {
    struct digest rank;
    struct slice key;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    int order = digest_compare(&left->rank, &right->rank);
    return order ? order : slice_compare(left->key, right->key);
}

/* A key is a canonical JSON array of texts; anything else would rank by chance. */
static bool key_is_canonical(struct session *session, struct slice line, size_t number)
{
    char where[32];
    struct slice canonical;
    snprintf(where, sizeof where, "-:%zu", number);
    struct arena *scratch = arena_new(16 << 20, &session->err);
    const struct value *key =
        scratch ? json_parse(scratch, line, where, NULL, &session->err) : NULL;
    bool ok = key && json_canonical_copy(scratch, key, &canonical, &session->err);
    if (ok && (key->type != VALUE_ARRAY || !slice_equal(canonical, line)))
        ok = error_set(&session->err, ERROR_INVALID, where,
                       "not a canonical JSON array of a key's parts");
    arena_free(scratch);
    return ok;
}

static bool read_keys(struct session *session, struct ranked **keys, size_t *count)
{
    char *line = NULL;
    size_t room = 0, capacity = 0;
    ssize_t len;
    bool ok = true;
    *count = 0;
    while (ok && (len = getline(&line, &room, stdin)) >= 0) {
        struct slice text = { line, (size_t)len };
        if (text.len && text.at[text.len - 1] == '\n')
            text.len--;
        if (text.len == 0)
            continue;
        if (*count == capacity) {
            size_t wanted = capacity ? capacity * 2 : 1024;
            struct ranked *grown = realloc(*keys, wanted * sizeof *grown);
            if (!grown) {
                ok = error_no_memory(&session->err, wanted * sizeof *grown);
                break;
            }
            *keys = grown;
            capacity = wanted;
        }
        ok = key_is_canonical(session, text, *count + 1) &&
             arena_copy(session->arena, text, &(*keys)[*count].key, &session->err);
        *count += ok;
    }
    if (ok && ferror(stdin))
        ok = error_errno(&session->err, "read", "standard input");
    free(line);
    return ok;
}

/* A key a line, as it came; a column of them where a list is asked for. */
static bool show_selected(struct session *session, const struct ranked *keys, size_t count)
{
    static const struct column_spec columns[] = { { "key", "key" }, { NULL, NULL } };
    bool is_list = session->format == FORMAT_CSV || session->format == FORMAT_XLSX;
    struct value *list = value_new(session->arena, VALUE_ARRAY, &session->err);
    for (size_t i = 0; list && i < count; i++) {
        if (!is_list) {
            printf("%.*s\n", SLICE_ARG(keys[i].key));
            continue;
        }
        struct value *item = value_add_object(session->arena, list, &session->err);
        if (!item || !value_put_text(session->arena, item, "key", keys[i].key, &session->err))
            return false;
    }
    return list && (!is_list || output_list(session, list, list, columns));
}

static int run_select(struct session *session, const struct arguments *arguments)
{
    struct digest seed, leaf;
    struct ranked *keys = NULL;
    size_t count = 0;
    uint64_t size;
    int status = 0;
    if (!digest_from_hex(argument_slice(arguments, "--seed"), &seed)) {
        error_set(&session->err, ERROR_USAGE, "--seed", "64 hexadecimal digits are needed");
        return session_fail(session);
    }
    if (!digest_from_hex(argument_slice(arguments, "--population-leaf"), &leaf)) {
        error_set(&session->err, ERROR_USAGE, "--population-leaf",
                  "64 hexadecimal digits are needed");
        return session_fail(session);
    }
    if (!number_of(session, "--size", true, &size))
        return session_fail(session);
    if (!read_keys(session, &keys, &count)) {
        status = session_fail(session);
        goto done;
    }
    struct slice seed_bytes = slice_bytes(seed.bytes, sizeof seed.bytes);
    for (size_t i = 0; i < count; i++)
        keys[i].rank = selection_rank(seed_bytes, &leaf, keys[i].key);
    if (count)
        qsort(keys, count, sizeof *keys, compare_ranked);
    if (!show_selected(session, keys, count < size ? count : (size_t)size))
        status = session_fail(session);
done:
    free(keys);
    return status;
}

static const char *const select_examples[] = {
    "attest sample select --seed HEX --population-leaf HEX --size 25 < items",
    NULL,
};
const struct verb verb_sample_select = {
    .name = "sample select",
    .usage = "--seed HEX --population-leaf HEX --size N",
    .summary = "redo a selection: the first N keys by rank",
    .details = "Keys come on standard input as canonical JSON arrays, one a line.",
    .examples = select_examples,
    .options = select_options,
    .run = run_select,
    .takes_no_words = true,
};
