/* Private to the ledger: a growing list of digests that can be searched, and cut back to what it
 * was.
 *
 * A chained hash index over an array. New ones go to the head of their chain, so that the newest of
 * equal ones is found first and cutting only ever takes heads away. Digests are spread evenly
 * already: their first bytes are the hash. */
#ifndef ATTEST_LEDGER_DIGEST_LIST_H
#define ATTEST_LEDGER_DIGEST_LIST_H
#include "base/digest.h"

struct digest_list {
    struct digest *items;
    size_t count, capacity;
    uint32_t *heads;      /* per bucket: position + 1 of the newest, 0 for none */
    uint32_t *nexts;      /* per item: position + 1 of the one before it in its bucket */
    size_t buckets_count; /* 0 or a power of two */
};

void digest_list_free(struct digest_list *list); /* zeroed afterwards */
/* Room for `more` further digests, so that adding them cannot fail. Below 2^32 - 1 in all. */
MUST_USE bool digest_list_reserve(struct digest_list *list, size_t more, struct error *err);
void digest_list_add(struct digest_list *list, const struct digest *digest); /* room is reserved */
MUST_USE bool digest_list_find(const struct digest_list *list, const struct digest *digest,
                               size_t *at);
void digest_list_cut(struct digest_list *list, size_t count); /* keeps the first `count` */

/* Room for `more` (at least one) further items of `size` bytes in a plain growing array: the array,
 * perhaps moved. NULL with ERROR_NO_MEMORY: the old one stays as it was. */
MUST_USE void *array_grow(void *items, size_t *capacity, size_t count, size_t more, size_t size,
                          struct error *err);

#endif
