/* The same result for programs and for people. */
#include <string.h>

#include "base/json.h"
#include "verify/verification.h"

void verification_json(const struct verification *verification, struct strbuf *out)
{
    strbuf_add_text(out, verification_holds(verification) ? "{\"ok\":true,\"checks\":["
                                                          : "{\"ok\":false,\"checks\":[");
    for (size_t i = 0; i < verification_count(verification); i++) {
        const struct check *check = verification_at(verification, i);
        strbuf_add_text(out, i > 0 ? ",\n{\"id\":" : "\n{\"id\":");
        json_add_string(out, slice_of(check->id));
        strbuf_add_text(out, ",\"state\":");
        json_add_string(out, slice_of(check_state_name(check->state)));
        strbuf_add_text(out, ",\"detail\":");
        json_add_string(out, slice_of(check->detail));
        strbuf_add_char(out, '}');
    }
    strbuf_add_text(out, "\n]}\n");
}

static void line_add(struct strbuf *out, const char *before, const char *text)
{
    strbuf_add_text(out, before);
    strbuf_add_text(out, text);
    strbuf_add_char(out, '\n');
}

static void checks_add(const struct verification *verification, enum check_state state,
                       const char *before, struct strbuf *out)
{
    for (size_t i = 0; i < verification_count(verification); i++) {
        const struct check *check = verification_at(verification, i);
        if (check->state == state)
            strbuf_printf(out, "%s%s: %s\n", before, check->id, check->detail);
    }
}

static size_t count_of(const struct verification *verification, enum check_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < verification_count(verification); i++)
        count += verification_at(verification, i)->state == state;
    return count;
}

/* The one reason why no check but those that failed was made, as of a file that is no bundle; NULL
 * if there is more to tell. */
static const char *only_reason(const struct verification *verification)
{
    const char *reason = NULL;
    for (size_t i = 0; i < verification_count(verification); i++) {
        const struct check *check = verification_at(verification, i);
        if (check->state == CHECK_HOLDS ||
            (check->state == CHECK_NOT_MADE && reason && strcmp(reason, check->detail) != 0))
            return NULL;
        if (check->state == CHECK_NOT_MADE)
            reason = check->detail;
    }
    return reason;
}

void verification_text(const struct verification *verification, struct strbuf *out)
{
    const char *reason = only_reason(verification);
    const char *said = verification_said(verification, 0);
    bool holds = verification_holds(verification);
    if (holds)
        line_add(out, "OK  ", said ? said : "what is here holds together");
    else
        checks_add(verification, CHECK_FAILS, "FAILED at ", out);
    for (size_t i = holds ? 1 : 0; (said = verification_said(verification, i)) != NULL; i++)
        line_add(out, "    ", said);
    strbuf_printf(out, "    %zu checks hold, %zu fail, %zu were not made\n",
                  count_of(verification, CHECK_HOLDS), count_of(verification, CHECK_FAILS),
                  count_of(verification, CHECK_NOT_MADE));
    if (reason)
        line_add(out, "    not made: all others: ", reason);
    else
        checks_add(verification, CHECK_NOT_MADE, "    not made: ", out);
}
