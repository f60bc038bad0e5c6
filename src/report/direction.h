/* src/report/direction.h
 * Writing direction: names in Arabic or Hebrew inside English sentences. */
#ifndef ATTEST_REPORT_DIRECTION_H
#define ATTEST_REPORT_DIRECTION_H
#include "base/slice.h"

/* Some character runs from right to left. */
bool text_has_right_to_left(struct slice text);

/* "First strong isolate" and its end (UAX #9): what stands between keeps its order to itself and
 * does not turn the sentence around it. UTF-8. */
extern const char isolate[4], isolate_end[4];

/* Every isolate of that kind is closed again, and none is closed that was not opened. */
bool text_isolates_are_balanced(struct slice text);

#endif
