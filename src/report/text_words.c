/* Words that take back half of what a sentence says. */
#include <string.h>
#include <strings.h>

#include "report/text.h"

/* To add one: a line here; whole words, lower case. Inflected forms each have a line. */
static const char *const reduced[] = {
    "appear",
    "appears",
    "appeared",
    "seem",
    "seems",
    "seemed",
    "generally",
    "mostly",
    "largely",
    "basically",
    "essentially",
    "by and large",
    "more or less",
    "in general",
    "for the most part",
    "substantially all",
    "virtually all",
    "almost all",
    "nearly all",
    "as far as we could tell",
    "to the best of our knowledge",
    "no significant exceptions",
    "no material exceptions",
    "no relevant exceptions",
    "minor exception",
    "minor exceptions",
    "isolated exception",
    "immaterial exception",
    "no exceptions of note",
};

static bool is_word_byte(char byte)
{
    unsigned char c = (unsigned char)byte;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

bool report_text_is_reduced(struct slice text, struct slice *found)
{
    for (size_t at = 0; at < text.len; at++) {
        if (at > 0 && is_word_byte(text.at[at - 1]))
            continue;
        for (size_t i = 0; i < ARRAY_LEN(reduced); i++) {
            size_t len = strlen(reduced[i]);
            if (text.len - at < len || strncasecmp(text.at + at, reduced[i], len) != 0 ||
                (at + len < text.len && is_word_byte(text.at[at + len])))
                continue;
            *found = slice_head(slice_from(text, at), len);
            return true;
        }
    }
    return false;
}
