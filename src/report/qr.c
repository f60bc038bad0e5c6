#include "report/qr.h"

#include <errno.h>
#include <qrencode.h>

bool qr_encode(struct arena *arena, struct slice text, struct qr *qr, struct error *err)
{
    if (text.len == 0 || text.len > 2000)
        return error_set(err, ERROR_INVALID, NULL, "%zu bytes do not fit into a QR code", text.len);
    /* Level M survives a crease or a coffee ring; the text is bytes, not letters. */
    QRcode *code =
        QRcode_encodeData((int)text.len, (const unsigned char *)text.at, 0, QR_ECLEVEL_M);
    if (!code && errno == ENOMEM)
        return error_no_memory(err, text.len);
    if (!code)
        return error_set(err, ERROR_INVALID, NULL, "%zu bytes do not fit into a QR code", text.len);
    size_t width = (size_t)code->width;
    uint8_t *dark = arena_array(arena, width, width, err);
    if (dark) {
        for (size_t i = 0; i < width * width; i++)
            dark[i] = code->data[i] & 1; /* the other bits say why a module is dark */
        *qr = (struct qr){ .width = (unsigned)width, .dark = dark };
    }
    QRcode_free(code);
    return dark != NULL;
}
