/* The path of the field in hand, for what is said of it: "section4", ".bands", "[2]". */
#ifndef ATTEST_REPORT_FIELD_PATH_H
#define ATTEST_REPORT_FIELD_PATH_H
#include "base/strbuf.h"

/* Each returns what field_path_leave() takes. */
size_t field_path_enter(struct strbuf *path, const char *name);
size_t field_path_enter_item(struct strbuf *path, const char *name, size_t index);
void field_path_leave(struct strbuf *path, size_t mark);

#endif
