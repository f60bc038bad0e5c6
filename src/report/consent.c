#include "report/consent.h"

#include "base/json.h"

bool evidence_consented(struct store *store, struct arena *arena, struct slice engagement,
                        bool is_readiness, struct error *err)
{
    struct resource_list list;
    bool by_management = false, by_auditor = is_readiness;
    if (!resource_list(store, arena, SLICE("Consent"), store_size(store), &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const struct value *document =
            json_parse(arena, list.items[i].document, "consent", NULL, err);
        if (!document)
            return false;
        if (!slice_equal(value_text_of(document, "engagement"), engagement) ||
            !slice_is(value_text_of(document, "to"), "evidence"))
            continue;
        by_management = by_management || slice_is(list.items[i].side, "management");
        by_auditor = by_auditor || slice_is(list.items[i].side, "auditor");
    }
    if (by_management && by_auditor)
        return true;
    error_set(err, ERROR_FINDING, NULL, "%s not consented to handing over the evidence of %.*s",
              by_management ? "the auditor has"
              : by_auditor  ? "management has"
                            : "management and the auditor have",
              SLICE_ARG(engagement));
    return error_hint(err, "each side applies a Consent (attest explain Consent)");
}
