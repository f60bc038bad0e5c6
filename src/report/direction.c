#include "report/direction.h"

/* Spelt as bytes: in a literal they could turn the source itself around. */
const char isolate[4] = { '\xe2', '\x81', '\xa8', '\0' };
const char isolate_end[4] = { '\xe2', '\x81', '\xa9', '\0' };

/* Blocks of right-to-left scripts, presentation forms included. */
static bool is_right_to_left(uint32_t c)
{
    return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
           (c >= 0xfe70 && c <= 0xfefe) || (c >= 0x10800 && c <= 0x10fff) ||
           (c >= 0x1e800 && c <= 0x1efff);
}

bool text_has_right_to_left(struct slice text)
{
    for (size_t at = 0; at < text.len;)
        if (is_right_to_left(utf8_next(text, &at)))
            return true;
    return false;
}

bool text_isolates_are_balanced(struct slice text)
{
    size_t depth = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (c == 0x2068)
            depth++;
        else if (c == 0x2069 && depth-- == 0)
            return false;
    }
    return depth == 0;
}
