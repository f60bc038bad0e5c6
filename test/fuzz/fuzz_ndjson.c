/* test/fuzz/fuzz_ndjson.c
 * NDJSON as evidence, once with a row a line and once with a row for each element of a list. */
#include "fuzz.h"
#include "reader_check.h"

static const char lines[] =
    "{\"kind\":\"Source\",\"id\":\"lines\",\"population\":\"things\",\"reader\":\"ndjson\","
    "\"fields\":{\"id\":\"id\",\"at\":\"at\",\"number\":\"a.number\",\"amount\":\"a.amount\","
    "\"done\":\"done\",\"day\":\"day\",\"tags\":\"tags\",\"took\":\"took\"}}";
static const char elements[] =
    "{\"kind\":\"Source\",\"id\":\"elements\",\"population\":\"things\",\"reader\":\"ndjson\","
    "\"each\":\"a.list\",\"fields\":{\"id\":\"a.list.id\",\"at\":\"at\",\"number\":\"a.list.n\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    reader_check(lines, slice_bytes(bytes, size));
    reader_check(elements, slice_bytes(bytes, size));
    return 0;
}
