/* src/report/qr.h
 * A QR symbol as a square of modules. */
#ifndef ATTEST_REPORT_QR_H
#define ATTEST_REPORT_QR_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct qr {
    unsigned width;      /* modules a side */
    const uint8_t *dark; /* width * width, row by row: 1 is dark */
};

/* Owner:  the arena.
 * Errors: ERROR_INVALID (text too long for a symbol, or empty), ERROR_NO_MEMORY. */
MUST_USE bool qr_encode(struct arena *arena, struct slice text, struct qr *qr, struct error *err);

#endif
