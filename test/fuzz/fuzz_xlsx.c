/* A workbook as evidence; and the bytes as the XML of a sheet, of texts and of formats. */
#include "evidence/xlsx_private.h"
#include "fuzz.h"
#include "reader_check.h"

static const char source[] =
    "{\"kind\":\"Source\",\"id\":\"book\",\"population\":\"things\",\"reader\":\"xlsx\","
    "\"fields\":{\"id\":\"Number\",\"day\":\"Since\",\"done\":\"done\"}}";

static bool take_row(void *context, uint64_t row, const struct xlsx_cell *cells, size_t count,
                     struct error *err)
{
    (void)context, (void)err;
    assert(row > 0 && count > 0 && count <= XLSX_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++)
        assert(cells[i].kind <= XLSX_FAULT && (cells[i].text.len == 0 || cells[i].text.at));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice xml = slice_bytes(bytes, size);
    struct error err = { 0 };
    struct arena *arena = fuzz_arena();
    struct xlsx_styles styles = { .arena = arena };
    struct xlsx_texts texts = { .arena = arena };
    (void)xlsx_format_of(xml);
    bool ok = xlsx_styles_read(&styles, xml, &err);
    err = (struct error){ 0 };
    ok = xlsx_texts_read(&texts, xml, &err) && ok;
    err = (struct error){ 0 };
    if (!xlsx_sheet_read(xml, &styles, &texts, take_row, NULL, &err) || !ok)
        assert(err.code == ERROR_NONE || err.code == ERROR_INVALID);
    arena_free(arena);
    reader_check(source, xml);
    return 0;
}
