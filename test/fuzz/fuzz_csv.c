/* test/fuzz/fuzz_csv.c
 * CSV as evidence. */
#include "fuzz.h"
#include "reader_check.h"

static const char source[] =
    "{\"kind\":\"Source\",\"id\":\"table\",\"population\":\"things\",\"reader\":\"csv\","
    "\"fields\":{\"id\":\"id\",\"at\":\"at\",\"number\":\"number\",\"amount\":\"amount\","
    "\"done\":\"done\",\"day\":\"day\",\"took\":\"took\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    reader_check(source, slice_bytes(bytes, size));
    return 0;
}
