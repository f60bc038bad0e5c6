/* The text forms of values in canonical rows and keys (contract, Values): each NULL or a JSON
 * string, a list an array; integers and decimals in plain digits at their scale, timestamps as
 * YYYY-MM-DDThh:mm:ss.ffffffZ. One place, because digests depend on every byte. */
#ifndef ATTEST_ENGINE_CANONICAL_H
#define ATTEST_ENGINE_CANONICAL_H
#include "base/strbuf.h"
#include "engine/engine.h"

/* Each adds one JSON value. Text is valid UTF-8. */
void canonical_add_null(struct strbuf *out);
void canonical_add_text(struct strbuf *out, struct slice text);
void canonical_add_integer(struct strbuf *out, int64_t value);
void canonical_add_decimal(struct strbuf *out, engine_int128 scaled, unsigned scale);
void canonical_add_boolean(struct strbuf *out, bool value);
/* An item with at == NULL is null. */
void canonical_add_list(struct strbuf *out, const struct slice *items, size_t count);
/* Dates and times of years 1 to 9999: false, and nothing added, for others. */
MUST_USE bool canonical_add_date(struct strbuf *out, int32_t days);
MUST_USE bool canonical_add_timestamp(struct strbuf *out, int64_t instant_us);

/* The same as a cell's text without quotes: 12.50, -3. out holds 42 bytes; returns the length. */
size_t decimal_format(engine_int128 scaled, unsigned scale, char out[42]);

#endif
