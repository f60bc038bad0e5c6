#include "verify/verification.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/rules.h"
#include "verify/verify_private.h"

enum { DETAIL_BYTES_MAX = 2000, STATEMENTS_MAX = 64 };

struct verification {
    struct check *items;
    size_t count, capacity;
    char *statements[STATEMENTS_MAX];
    size_t statements_count;
};

/* The checks that are made outside the rules of the ledger, in the order in which they are told.
 * To add one: a line here. Those of rule_checks come behind `ledger.consistency`. */
static const struct {
    const char *id, *meaning;
} own_checks[] = {
    { CHECK_FORM, "the file is one whole bundle and nothing else" },
    { CHECK_SIGNATURE, "the checkpoint is signed by the ledger's key" },
    { CHECK_KEY, "the ledger's key is the one you named" },
    { CHECK_ROOT, "the entries are those that the checkpoint was signed for" },
    { CHECK_CONSISTENCY, "the report's own checkpoint is an earlier state of the same ledger" },
    { CHECK_KNOWN, "the ledger continues the one that you saw before" },
    { NULL, NULL }, /* the rules of the ledger */
    { CHECK_COMPLETE, "no population and no run leaves out a segment that was there" },
    { CHECK_MEMBERS, "nothing is here that the ledger and the level do not ask for" },
    { CHECK_SIGNERS, "those who signed are the people you named" },
    { CHECK_MODEL, "the report says what the ledger holds" },
    { CHECK_EXCEPTIONS, "each item that deviated was classified, and is printed as classified" },
    { CHECK_DOCUMENTS, "PDF, HTML and JSON are those that were issued" },
    { CHECK_SPECIMEN, "the report is no specimen" },
    { CHECK_WITNESS, "others saw this state of the ledger" },
};

const char *check_state_name(enum check_state state)
{
    switch (state) {
    case CHECK_HOLDS:
        return "holds";
    case CHECK_FAILS:
        return "fails";
    case CHECK_NOT_MADE:
        break;
    }
    return "not-made";
}

static struct check *find(const struct verification *verification, const char *id)
{
    for (size_t i = 0; i < verification->count; i++) {
        if (strcmp(verification->items[i].id, id) == 0)
            return &verification->items[i];
    }
    return NULL;
}

static char *copy(const char *text, struct error *err)
{
    char *made = strdup(text);
    if (!made)
        error_no_memory(err, strlen(text) + 1);
    return made;
}

static struct check *add(struct verification *verification, const char *id, const char *meaning,
                         struct error *err)
{
    if (verification->count == verification->capacity) {
        size_t capacity = verification->capacity ? verification->capacity * 2 : 32;
        void *grown = realloc(verification->items, capacity * sizeof *verification->items);
        if (!grown) {
            error_no_memory(err, capacity * sizeof *verification->items);
            return NULL;
        }
        verification->items = grown;
        verification->capacity = capacity;
    }
    struct check *check = &verification->items[verification->count];
    *check = (struct check){ .id = id, .meaning = meaning ? meaning : "" };
    check->detail = copy("", err);
    if (!check->detail)
        return NULL;
    verification->count++;
    return check;
}

static bool add_rules(struct verification *verification, struct error *err)
{
    for (size_t i = 0; i < rule_checks_count; i++) {
        if (!find(verification, rule_checks[i].id) &&
            !add(verification, rule_checks[i].id, rule_checks[i].meaning, err))
            return false;
    }
    return true;
}

struct verification *verification_new(struct error *err)
{
    struct verification *verification = calloc(1, sizeof *verification);
    if (!verification) {
        error_no_memory(err, sizeof *verification);
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(own_checks); i++) {
        bool ok = own_checks[i].id
                      ? find(verification, own_checks[i].id) ||
                            add(verification, own_checks[i].id, own_checks[i].meaning, err)
                      : add_rules(verification, err);
        if (!ok) {
            verification_free(verification);
            return NULL;
        }
    }
    return verification;
}

void verification_free(struct verification *verification)
{
    if (!verification)
        return;
    for (size_t i = 0; i < verification->count; i++)
        free(verification->items[i].detail);
    for (size_t i = 0; i < verification->statements_count; i++)
        free(verification->statements[i]);
    free(verification->items);
    free(verification);
}

/* Foreign values come from whoever made the bundle: a terminal must not obey them, and JSON must be
 * able to say them. */
static bool is_shown(uint32_t c)
{
    bool turns_text = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
                      (c >= 0x2066 && c <= 0x2069);
    return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !turns_text;
}

static void show(struct strbuf *out, struct slice text)
{
    size_t bad;
    while (text.len > 0) {
        size_t valid = utf8_is_valid(text, &bad) ? text.len : bad;
        for (size_t at = 0; at < valid;) {
            size_t from = at;
            uint32_t c = utf8_next(slice_head(text, valid), &at);
            if (is_shown(c))
                strbuf_add(out, slice_head(slice_from(text, from), at - from));
            else
                strbuf_printf(out, "<U+%04X>", (unsigned)c);
        }
        text = slice_from(text, valid);
        if (text.len > 0) {
            strbuf_printf(out, "\\x%02x", (unsigned)(unsigned char)text.at[0]);
            text = slice_from(text, 1);
        }
    }
}

static char *words(const char *format, va_list args, const char *before, struct error *err)
    __attribute__((format(printf, 1, 0)));
static char *words(const char *format, va_list args, const char *before, struct error *err)
{
    struct strbuf text = strbuf_new(16 * DETAIL_BYTES_MAX);
    struct strbuf shown = strbuf_new(32 * DETAIL_BYTES_MAX);
    char *made = NULL;
    strbuf_vprintf(&text, format, args);
    if (before[0] != '\0') {
        strbuf_add_text(&shown, before);
        strbuf_add_text(&shown, "; ");
    }
    show(&shown, strbuf_slice(&text));
    if (text.failed || shown.failed) {
        error_no_memory(err, text.capacity);
    } else {
        if (shown.len > DETAIL_BYTES_MAX) {
            size_t cut = DETAIL_BYTES_MAX;
            while (cut > 0 && ((unsigned char)shown.at[cut] & 0xc0) == 0x80)
                cut--;
            shown.at[cut] = '\0';
        }
        made = copy(shown.at ? shown.at : "", err);
    }
    strbuf_free(&text);
    strbuf_free(&shown);
    return made;
}

bool check_set(struct verification *verification, const char *id, const char *meaning,
               enum check_state state, struct error *err, const char *format, ...)
{
    struct check *check = find(verification, id);
    if (!check && !(check = add(verification, id, meaning, err)))
        return false;
    bool has_failed = check->state == CHECK_FAILS;
    if (has_failed && state != CHECK_FAILS)
        return true;
    va_list args;
    va_start(args, format);
    char *detail = words(format, args, has_failed ? check->detail : "", err);
    va_end(args);
    if (!detail)
        return false;
    free(check->detail);
    check->detail = detail;
    check->state = state;
    return true;
}

bool checks_not_reached(struct verification *verification, struct error *err, const char *format,
                        ...)
{
    for (size_t i = 0; i < verification->count; i++) {
        struct check *check = &verification->items[i];
        if (check->state != CHECK_NOT_MADE || check->detail[0] != '\0')
            continue;
        va_list args;
        va_start(args, format);
        char *detail = words(format, args, "", err);
        va_end(args);
        if (!detail)
            return false;
        free(check->detail);
        check->detail = detail;
    }
    return true;
}

bool verification_say(struct verification *verification, struct error *err, const char *format, ...)
{
    if (verification->statements_count == STATEMENTS_MAX)
        return true;
    va_list args;
    va_start(args, format);
    char *said = words(format, args, "", err);
    va_end(args);
    if (!said)
        return false;
    verification->statements[verification->statements_count++] = said;
    return true;
}

const char *verification_said(const struct verification *verification, size_t index)
{
    return index < verification->statements_count ? verification->statements[index] : NULL;
}

size_t verification_count(const struct verification *verification) { return verification->count; }

const struct check *verification_at(const struct verification *verification, size_t index)
{
    return &verification->items[index];
}

const struct check *verification_find(const struct verification *verification, const char *id)
{
    return find(verification, id);
}

bool verification_holds(const struct verification *verification)
{
    for (size_t i = 0; i < verification->count; i++) {
        if (verification->items[i].state == CHECK_FAILS)
            return false;
    }
    return true;
}
