/* Due days as a calendar that other programs read (RFC 5545). */
#ifndef ATTEST_PROGRAM_ICALENDAR_H
#define ATTEST_PROGRAM_ICALENDAR_H
#include "base/strbuf.h"
#include "program/duties.h"

struct icalendar_options {
    struct slice origin; /* of the ledger: makes UIDs unique */
    int64_t stamp_us;    /* of the last ledger entry: the same position gives the same bytes */
};
/* One all-day event for each duty, on its due day. The UID is made of subject and day, so that a
 * calendar that takes the file again finds its events. */
void icalendar_write(const struct duties *duties, const struct icalendar_options *options,
                     struct strbuf *out);

#endif
