/* The order of the steps, and what they share. */
#include "verify/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "verify/verify_private.h"

/* One report with all it says; one entry. */
#define ARENA_BYTES_MAX ((size_t)1 << 31)

/* ---- what steps share ---- */

struct verify_label verify_label_of(const struct entry *entry)
{
    struct verify_label label;
    snprintf(label.text, sizeof label.text, "%s #%llu", entry_type_name(entry->kind),
             (unsigned long long)entry->n);
    return label;
}

bool verify_set(struct verifier *v, const char *id, enum check_state state, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return check_set(v->verification, id, NULL, state, v->err, "%s", text);
}

/* Whether an error says something about what is verified, not about this machine. */
static bool is_finding(const struct error *err)
{
    return err->code == ERROR_FINDING || err->code == ERROR_CORRUPT || err->code == ERROR_INVALID ||
           err->code == ERROR_NOT_FOUND;
}

bool verify_fails(struct verifier *v, const char *id)
{
    struct error said = *v->err;
    if (!is_finding(&said))
        return false;
    memset(v->err, 0, sizeof *v->err);
    return verify_set(v, id, CHECK_FAILS, "%s", said.message);
}

bool verify_forgives(struct verifier *v)
{
    if (!is_finding(v->err))
        return false;
    memset(v->err, 0, sizeof *v->err);
    return true;
}

bool verify_bad(struct verifier *v, uint64_t n)
{
    for (size_t i = 0; i < v->bad_count; i++) {
        if (v->bad[i] == n)
            return true;
    }
    uint64_t *grown = realloc(v->bad, (v->bad_count + 1) * sizeof *grown);
    if (!grown)
        return error_no_memory(v->err, (v->bad_count + 1) * sizeof *grown);
    v->bad = grown;
    v->bad[v->bad_count++] = n;
    return true;
}

bool verify_links(struct verifier *v, struct arena *arena, uint64_t n, struct links *links)
{
    return links_read(arena, v->source->entries, &v->payloads.base, n, links, v->err);
}

bool verify_document(struct verifier *v, struct arena *arena, const struct value *payload,
                     struct slice *bytes)
{
    const struct payload_source *payloads = &v->payloads.base;
    struct slice salt;
    struct digest c;
    uint64_t length;
    bool is_equal;
    *bytes = (struct slice){ 0 };
    if (!payload_ref(payload, &c, &length) || payloads->state(payloads, &c) != PAYLOAD_HELD)
        return true;
    if (!payloads->hash(payloads, &c, length, &is_equal, v->err))
        return false;
    return !is_equal || (payloads->open(payloads, &c, &salt, bytes, v->err) &&
                         arena_copy(arena, *bytes, bytes, v->err));
}

bool verify_json(struct verifier *v, struct arena *arena, const struct value *payload,
                 const struct value **document)
{
    struct slice bytes;
    *document = NULL;
    if (!verify_document(v, arena, payload, &bytes))
        return false;
    if (!bytes.at)
        return true;
    *document = json_parse(arena, bytes, NULL, &json_limits_default, v->err);
    return *document != NULL;
}

bool verify_name(struct verifier *v, struct arena *arena, struct slice shown, struct slice *plain)
{
    const struct payload_source *payloads = &v->payloads.base;
    struct digest c;
    struct slice salt;
    *plain = shown;
    if (!entry_name_commitment(shown, &c))
        return true;
    *plain = (struct slice){ 0 };
    if (payloads->state(payloads, &c) != PAYLOAD_HELD)
        return true;
    return payloads->open(payloads, &c, &salt, plain, v->err) &&
           arena_copy(arena, *plain, plain, v->err);
}

/* ---- beginning and end ---- */

static bool options_check(const struct verify_options *options, struct error *err)
{
    struct verifier_key key;
    struct slice text = slice_trim(options->key);
    if (text.len == 0 || (verifier_key_parse(text, &key) && key.type == KEY_LOG))
        return true;
    error_set(err, ERROR_USAGE, "--key", "this is no verifier key of a ledger");
    return error_hint(err, "it looks like example.com/ledger+0123abcd+AT5s...");
}

static struct verifier *verifier_new(const struct verify_options *options, struct error *err)
{
    static const struct verify_options none;
    struct verifier *v = calloc(1, sizeof *v);
    if (!v) {
        error_no_memory(err, sizeof *v);
        return NULL;
    }
    v->err = err;
    v->options = options ? options : &none;
    v->verification = options_check(v->options, err) ? verification_new(err) : NULL;
    v->arena = v->verification ? arena_new(ARENA_BYTES_MAX, err) : NULL;
    v->kept = v->arena ? arena_new(ARENA_BYTES_MAX, err) : NULL;
    if (v->kept)
        return v;
    verifier_free(v);
    return NULL;
}

void verifier_free(struct verifier *v)
{
    if (!v)
        return;
    rules_free(v->rules);
    contents_free(v->contents);
    free(v->payloads.results);
    free(v->leaves);
    free(v->reports);
    free(v->bad);
    arena_free(v->arena);
    arena_free(v->kept);
    verification_free(v->verification);
    if (v->source && v->source->release)
        v->source->release(v->source);
    bundle_close(v->bundle);
    free(v);
}

/* Nobody else's word is asked for yet, so this cannot be made. */
static bool say_witness(struct verifier *v)
{
    return verify_set(v, CHECK_WITNESS, CHECK_NOT_MADE,
                      v->options->anchor ? "no witness configured"
                                         : "no witness configured: rollback not excluded");
}

static bool steps(struct verifier *v)
{
    bool go_on;
    if (v->source->check && !v->source->check(v->source, v->verification, v->err))
        return false;
    if (!say_witness(v) || !verify_checkpoint(v, &go_on))
        return false;
    if (!go_on)
        return checks_not_reached(v->verification, v->err, "there is no signed checkpoint");
    if (!verify_entries(v, &go_on))
        return false;
    if (go_on &&
        (!verify_payloads(v) || !verify_segments(v) || !verify_reports(v) || !verify_signers(v)))
        return false;
    return verify_summary(v) && checks_not_reached(v->verification, v->err,
                                                   go_on ? "there is no report here"
                                                         : "the ledger's entries do not hold");
}

/* Errors that say something about what is verified become a check that fails: no damage may pass
 * for a machine that could not look. */
static struct verifier *make_checks(struct verifier *v)
{
    checked_payloads_start(&v->payloads, v->source);
    bool ok = v->bundle ? verify_set(v, CHECK_FORM, CHECK_HOLDS, "one whole ZIP file")
                        : verify_set(v, CHECK_FORM, CHECK_NOT_MADE, "this is no bundle");
    if (ok && !steps(v))
        ok = verify_fails(v, CHECK_FORM) &&
             checks_not_reached(v->verification, v->err, "verification stopped before");
    if (ok) {
        v->err = NULL; /* the caller's objects may go out of scope */
        v->options = NULL;
        return v;
    }
    verifier_free(v);
    return NULL;
}

struct verifier *verify_run(const struct verify_source *source,
                            const struct verify_options *options, struct error *err)
{
    struct verifier *v = verifier_new(options, err);
    if (!v) {
        if (source->release)
            source->release(source);
        return NULL;
    }
    v->source = source;
    return make_checks(v);
}

struct verifier *verify_file(const char *path, const struct verify_options *options,
                             struct error *err)
{
    struct verifier *v = verifier_new(options, err);
    if (!v)
        return NULL;
    v->bundle = bundle_open(path, err);
    if (v->bundle) {
        v->source = bundle_source(v->bundle);
        return make_checks(v);
    }
    if (err->code == ERROR_FINDING && verify_fails(v, CHECK_FORM) &&
        checks_not_reached(v->verification, err, "the bundle could not be read")) {
        v->err = NULL;
        v->options = NULL;
        return v;
    }
    verifier_free(v);
    return NULL;
}

struct verifier *verify_failed(const char *id, const char *meaning, const struct error *said,
                               struct error *err)
{
    struct verifier *v = verifier_new(NULL, err);
    if (v &&
        check_set(v->verification, id, meaning, CHECK_FAILS, err, "%s%s%s", said->where,
                  said->where[0] ? ": " : "", said->message) &&
        checks_not_reached(v->verification, err, "what is to be verified cannot be opened")) {
        v->err = NULL;
        v->options = NULL;
        return v;
    }
    verifier_free(v);
    return NULL;
}

struct verification *verifier_verification(struct verifier *v) { return v->verification; }

const struct entry_source *verifier_entries(const struct verifier *v) { return v->source->entries; }

void verifier_reports(const struct verifier *v, const uint64_t **entries, size_t *count)
{
    *entries = v->reports;
    *count = v->reports_count;
}

const struct payload_source *verifier_payloads(const struct verifier *v)
{
    return &v->payloads.base;
}
