/* JSON documents as evidence: a list of records, and one object with lists within lists. */
#include "fuzz.h"
#include "reader_check.h"

static const char list[] =
    "{\"kind\":\"Source\",\"id\":\"list\",\"population\":\"things\",\"reader\":\"json\","
    "\"values\":{\"done\":{\"PASS\":\"true\",\"*\":\"false\"}},\"date_format\":\"epoch-seconds\","
    "\"fields\":{\"id\":\"id\",\"at\":\"at\",\"number\":\"$row\",\"done\":\"done\","
    "\"day\":\"day\",\"tags\":\"tags\"}}";
static const char nested[] =
    "{\"kind\":\"Source\",\"id\":\"nested\",\"population\":\"things\",\"reader\":\"json\","
    "\"each\":\"a.b.c\",\"date_format\":\"D MMMM YYYY\",\"fields\":{\"id\":\"a.b.id\","
    "\"day\":\"a.day\",\"number\":\"a.b.c.$index\",\"took\":\"a.b.c.took\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    reader_check(list, slice_bytes(bytes, size));
    reader_check(nested, slice_bytes(bytes, size));
    return 0;
}
