/* Who signed: the rules have checked that each signature verifies under the key it names; whose key
 * that is, only the reader can say (--signers). */
#include "verify/verify_private.h"

struct signers {
    uint64_t established, unknown, wrong;
};

/* One signed entry. What its key says in words: "opinion #31 by person/partner". */
static bool signer_check(struct verifier *v, const struct entry *entry, struct signers *signers)
{
    struct slice plain;
    if (!verify_name(v, v->arena, entry->actor, &plain))
        return false;
    if (plain.len == 0) { /* erased: nobody can be compared */
        signers->unknown++;
        return true;
    }
    switch (signer_established(entry->whole, plain, v->options->signers)) {
    case SIGNER_ESTABLISHED:
        signers->established++;
        return verification_say(v->verification, v->err, "%s signed by %.*s",
                                verify_label_of(entry).text, SLICE_ARG(plain));
    case SIGNER_NOT_ESTABLISHED:
        signers->unknown++;
        return true;
    case SIGNER_WRONG:
        break;
    }
    signers->wrong++;
    return verify_bad(v, entry->n) && verify_set(v, CHECK_SIGNERS, CHECK_FAILS,
                                                 "%s says %.*s, but its key is pinned to another",
                                                 verify_label_of(entry).text, SLICE_ARG(plain));
}

bool verify_signers(struct verifier *v)
{
    struct signers signers = { 0 };
    if (!v->contents)
        return true;
    for (uint64_t n = 0; n < v->checkpoint.size; n++) {
        struct links links;
        if (!contents_rests_on(v->contents, n))
            continue;
        arena_reset(v->arena);
        if (!verify_links(v, v->arena, n, &links))
            return false;
        if (links.entry.sig && !signer_check(v, &links.entry, &signers))
            return false;
    }
    if (signers.wrong > 0)
        return true;
    uint64_t all = signers.established + signers.unknown;
    if (all == 0)
        return verify_set(v, CHECK_SIGNERS, CHECK_NOT_MADE, "nobody signed");
    if (signers.unknown > 0)
        return verify_set(v, CHECK_SIGNERS, CHECK_NOT_MADE,
                          "signer not established for %llu of %llu signatures%s",
                          (unsigned long long)signers.unknown, (unsigned long long)all,
                          v->options->signers.at ? "" : " (--signers)");
    return verify_set(v, CHECK_SIGNERS, CHECK_HOLDS, "%llu signatures, each by the person it names",
                      (unsigned long long)all);
}
