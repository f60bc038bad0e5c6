/* JSON objects as records: what the source's paths name becomes rows of the sink. For the readers
 * of JSON lines and JSON documents. */
#ifndef ATTEST_EVIDENCE_JSON_RECORDS_H
#define ATTEST_EVIDENCE_JSON_RECORDS_H
#include "evidence/reader.h"

struct json_records; /* layout: json_records.c */
MUST_USE struct json_records *json_records_new(struct reading *reading, struct error *err);
void json_records_free(struct json_records *records); /* NULL is fine */
/* One record, which begins at a line: its row, or one for each element of `each`. A fault in it is
 * set aside or stops, as the source says (row_sink_refuse). */
MUST_USE bool json_records_add(struct json_records *records, uint64_t line, struct slice record,
                               struct error *err);
/* Tells of records whose list was empty, after the last one. */
void json_records_tell(const struct json_records *records);

#endif
