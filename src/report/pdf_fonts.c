/* The fonts of a document: Inter for text, DejaVu Sans Mono for digests, and of the Noto families
 * those that the document's characters need.
 *
 * Pango and fontconfig would choose by the reader's machine: its language, its aliases, whatever
 * else is installed. Here the system's configuration only says where fonts are; which ones are
 * used, and in which order, is decided below, from the characters alone, so that the same document
 * gives the same bytes on machines with the same fonts. */
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdlib.h>
#include <string.h>

#include "report/document_walk.h"
#include "report/pdf.h"

enum { FAMILIES_MAX = 48, CODE_POINTS = 0x110000 };

/* One family that can take part. */
struct family {
    char name[64];
    FcCharSet *characters; /* of its regular face; owned */
    int rank;              /* lower is better */
};

struct pdf_fonts {
    FcConfig *config;
    FcFontSet *installed;
    PangoFontMap *map;
    struct strbuf text, mono, display; /* lists of families */
    struct family *families;
    size_t families_count;
    const char *chosen[FAMILIES_MAX];
    size_t chosen_count;
};

/* What the document needs, by code point. */
struct needed {
    uint8_t *bits; /* CODE_POINTS / 8 */
    uint32_t missing;
    const char *field;
    const FcCharSet *mono; /* what the font for digests and expressions has; may be NULL */
};

static bool needs(const struct needed *needed, uint32_t c)
{
    return needed->bits[c / 8] >> (c % 8) & 1;
}

/* What has no ink of its own and is left to the shaper: joiners, direction marks, selectors. */
static bool is_invisible(uint32_t c)
{
    return c == 0xad || c == 0x34f || c == 0x61c || (c >= 0x200b && c <= 0x200f) || c == 0x2060 ||
           (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static void need_text(struct needed *needed, struct slice text, unsigned style)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        bool is_mono = (style & RUN_MONO) && needed->mono && FcCharSetHasChar(needed->mono, c);
        if (!is_invisible(c) && !is_mono)
            needed->bits[c / 8] |= (uint8_t)(1u << (c % 8));
    }
}

static void need_run(struct document_walk *walk, struct run *run)
{
    need_text(walk->context, run->text, run->style);
}

static void need_column(struct document_walk *walk, struct column *column)
{
    need_text(walk->context, slice_of(column->title), 0);
}

/* Families */

static const char *pattern_text(const FcPattern *pattern, const char *object)
{
    FcChar8 *text = NULL;
    return FcPatternGetString(pattern, object, 0, &text) == FcResultMatch ? (const char *)text : "";
}

static int pattern_number(const FcPattern *pattern, const char *object, int otherwise)
{
    int number = 0;
    return FcPatternGetInteger(pattern, object, 0, &number) == FcResultMatch ? number : otherwise;
}

/* Faces that can be used: upright or italic, regular to bold, of normal width, outlines of one
 * design. Variable fonts and bitmaps would come out differently with every version of the tools. */
static bool is_usable(const FcPattern *pattern)
{
    FcBool is_variable = FcFalse, is_scalable = FcTrue, is_colour = FcFalse;
    int weight = pattern_number(pattern, FC_WEIGHT, FC_WEIGHT_REGULAR);
    (void)FcPatternGetBool(pattern, FC_VARIABLE, 0, &is_variable);
    (void)FcPatternGetBool(pattern, FC_SCALABLE, 0, &is_scalable);
    (void)FcPatternGetBool(pattern, FC_COLOR, 0, &is_colour);
    return !is_variable && is_scalable && !is_colour &&
           pattern_number(pattern, FC_WIDTH, FC_WIDTH_NORMAL) == FC_WIDTH_NORMAL &&
           (weight == FC_WEIGHT_REGULAR || weight == FC_WEIGHT_DEMIBOLD ||
            weight == FC_WEIGHT_BOLD);
}

static bool has_text(const char *text, const char *part) { return strstr(text, part) != NULL; }

/* Which family stands in first; -1: never. Text families before display cuts and calligraphic ones.
 */
static int family_rank(const char *name)
{
    if (!strcmp(name, "Inter"))
        return 0;
    if (!strcmp(name, "Noto Sans"))
        return 1;
    if (strncmp(name, "Noto ", 5) != 0 || has_text(name, "Emoji"))
        return -1;
    bool is_odd = has_text(name, " UI") || has_text(name, "Display") ||
                  has_text(name, "Unjoined") || has_text(name, "Rashi") ||
                  has_text(name, "Looped") || has_text(name, "Mono");
    if (!strncmp(name, "Noto Sans ", 10))
        return is_odd ? 4 : 2;
    return is_odd ? 5 : 3;
}

static int compare_families(const void *a, const void *b)
{
    const struct family *left = a;
    const struct family *right = b;
    return left->rank != right->rank ? left->rank - right->rank : strcmp(left->name, right->name);
}

static bool families_list(struct pdf_fonts *fonts, struct error *err)
{
    FcFontSet *set = fonts->installed;
    size_t total = set->nfont > 0 ? (size_t)set->nfont : 0;
    fonts->families = calloc(total + 1, sizeof(*fonts->families));
    if (!fonts->families)
        return error_no_memory(err, total * sizeof(*fonts->families));
    for (size_t i = 0; i < total; i++) {
        const char *name = pattern_text(set->fonts[i], FC_FAMILY);
        FcCharSet *characters = NULL;
        int rank = family_rank(name);
        if (rank < 0 || !is_usable(set->fonts[i]) ||
            strlen(name) >= sizeof(fonts->families->name) ||
            pattern_number(set->fonts[i], FC_WEIGHT, FC_WEIGHT_REGULAR) != FC_WEIGHT_REGULAR ||
            pattern_number(set->fonts[i], FC_SLANT, FC_SLANT_ROMAN) != FC_SLANT_ROMAN ||
            FcPatternGetCharSet(set->fonts[i], FC_CHARSET, 0, &characters) != FcResultMatch)
            continue;
        struct family *family = &fonts->families[fonts->families_count++];
        memcpy(family->name, name, strlen(name) + 1);
        family->rank = rank;
        family->characters = FcCharSetCopy(characters);
    }
    qsort(fonts->families, fonts->families_count, sizeof(*fonts->families), compare_families);
    return true;
}

/* Choosing: the family with the most of what is still missing comes next; of equal ones the better
 * rank, then the name. Greedy, so that a script is not scattered over families that happen to share
 * a comma with it. */

static size_t covered_by(const struct needed *needed, const struct family *family)
{
    size_t count = 0;
    for (uint32_t c = 0; c < CODE_POINTS; c++)
        if (needed->bits[c / 8] == 0)
            c |= 7;
        else if (needs(needed, c) && FcCharSetHasChar(family->characters, c))
            count++;
    return count;
}

static void take_away(struct needed *needed, const struct family *family)
{
    for (uint32_t c = 0; c < CODE_POINTS; c++)
        if (needed->bits[c / 8] == 0)
            c |= 7;
        else if (needs(needed, c) && FcCharSetHasChar(family->characters, c))
            needed->bits[c / 8] &= (uint8_t) ~(1u << (c % 8));
}

static void choose(struct pdf_fonts *fonts, struct needed *needed)
{
    while (fonts->chosen_count < FAMILIES_MAX) {
        const struct family *best = NULL;
        size_t most = 0;
        for (size_t i = 0; i < fonts->families_count; i++) {
            const struct family *family = &fonts->families[i];
            bool must = fonts->chosen_count == 0 && family->rank == 0;
            size_t count = must ? SIZE_MAX : covered_by(needed, family);
            /* A worse rank only for what no better one has. */
            if (count > 0 && (!best || (family->rank == best->rank && count > most))) {
                best = family;
                most = count;
            }
        }
        if (!best)
            return;
        take_away(needed, best);
        fonts->chosen[fonts->chosen_count++] = best->name;
    }
}

/* The first text that holds a character nobody has. */
static void blame_text(struct needed *needed, struct slice text, unsigned style, const char *field)
{
    for (size_t at = 0; at < text.len && !needed->field;) {
        uint32_t c = utf8_next(text, &at);
        bool is_mono = (style & RUN_MONO) && needed->mono && FcCharSetHasChar(needed->mono, c);
        if (!is_invisible(c) && !is_mono && needs(needed, c)) {
            needed->missing = c;
            needed->field = field ? field : "a fixed label";
        }
    }
}

static void blame_run(struct document_walk *walk, struct run *run)
{
    blame_text(walk->context, run->text, run->style, run->field);
}

static void blame_column(struct document_walk *walk, struct column *column)
{
    blame_text(walk->context, slice_of(column->title), 0, column->field);
}

/* The regular face of a family that is named; NULL if it is not installed. */
static const FcCharSet *characters_of(const struct pdf_fonts *fonts, const char *name)
{
    for (int i = 0; i < fonts->installed->nfont; i++) {
        const FcPattern *pattern = fonts->installed->fonts[i];
        FcCharSet *characters = NULL;
        if (!strcmp(pattern_text(pattern, FC_FAMILY), name) && is_usable(pattern) &&
            pattern_number(pattern, FC_WEIGHT, FC_WEIGHT_REGULAR) == FC_WEIGHT_REGULAR &&
            pattern_number(pattern, FC_SLANT, FC_SLANT_ROMAN) == FC_SLANT_ROMAN &&
            FcPatternGetCharSet(pattern, FC_CHARSET, 0, &characters) == FcResultMatch)
            return characters;
    }
    return NULL;
}

static bool choose_families(struct pdf_fonts *fonts, struct document *document, struct error *err)
{
    struct needed needed = { .bits = calloc(CODE_POINTS / 8, 1),
                             .mono = characters_of(fonts, "DejaVu Sans Mono") };
    if (!needed.bits)
        return error_no_memory(err, CODE_POINTS / 8);
    struct document_walk walk = { .on_run = need_run,
                                  .on_column = need_column,
                                  .context = &needed };
    document_walk(&walk, document);
    choose(fonts, &needed);
    walk.on_run = blame_run;
    walk.on_column = blame_column;
    document_walk(&walk, document);
    free(needed.bits);
    if (fonts->chosen_count == 0 || strcmp(fonts->chosen[0], "Inter") != 0) {
        error_set(err, ERROR_NOT_FOUND, NULL, "the font Inter is not installed");
        return error_hint(err, "install it and the Noto fonts: fonts-inter, fonts-noto-core");
    }
    if (!needed.field)
        return true;
    char utf8[4];
    size_t len = utf8_encode(needed.missing, utf8);
    error_set(err, ERROR_INVALID, needed.field, "no installed font has the character %.*s (U+%04X)",
              (int)len, utf8, (unsigned)needed.missing);
    return error_hint(err, "install the Noto font for its script (for Chinese, Japanese, Korean: "
                           "fonts-noto-cjk)");
}

/* Loading */

static bool is_chosen(const struct pdf_fonts *fonts, const FcPattern *pattern)
{
    const char *name = pattern_text(pattern, FC_FAMILY);
    if (!strcmp(name, "Inter Display") || !strcmp(name, "DejaVu Sans Mono"))
        return true;
    for (size_t i = 0; i < fonts->chosen_count; i++)
        if (!strcmp(name, fonts->chosen[i]))
            return true;
    return false;
}

static int compare_files(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static bool load_files(struct pdf_fonts *fonts, struct error *err)
{
    bool ok = true;
    FcFontSet *set = fonts->installed;
    size_t count = 0;
    const char **files = calloc(set->nfont > 0 ? (size_t)set->nfont : 1, sizeof(*files));
    if (!files)
        return error_no_memory(err, sizeof(*files));
    for (int i = 0; i < set->nfont; i++)
        if (is_chosen(fonts, set->fonts[i]) && is_usable(set->fonts[i]))
            files[count++] = pattern_text(set->fonts[i], FC_FILE);
    qsort(files, count, sizeof(*files), compare_files);
    fonts->config = FcConfigCreate();
    for (size_t i = 0; i < count && ok; i++)
        if (i == 0 || strcmp(files[i], files[i - 1]) != 0)
            ok = fonts->config && FcConfigAppFontAddFile(fonts->config, (const FcChar8 *)files[i]);
    if (!ok)
        error_set(err, ERROR_IO, NULL, "fonts that are installed cannot be read");
    free(files);
    return ok;
}

static bool list_installed(struct pdf_fonts *fonts, struct error *err)
{
    FcPattern *all = FcPatternCreate();
    FcObjectSet *objects =
        FcObjectSetBuild(FC_FAMILY, FC_FILE, FC_CHARSET, FC_WEIGHT, FC_SLANT, FC_WIDTH, FC_VARIABLE,
                         FC_SCALABLE, FC_COLOR, (char *)NULL);
    if (all && objects)
        fonts->installed = FcFontList(NULL, all, objects);
    if (objects)
        FcObjectSetDestroy(objects);
    if (all)
        FcPatternDestroy(all);
    return fonts->installed || error_no_memory(err, sizeof(FcFontSet));
}

static bool name_families(struct pdf_fonts *fonts, struct error *err)
{
    strbuf_add_text(&fonts->display, "Inter Display,");
    strbuf_add_text(&fonts->mono, "DejaVu Sans Mono,");
    for (size_t i = 0; i < fonts->chosen_count; i++) {
        if (i > 0)
            strbuf_add_char(&fonts->text, ',');
        strbuf_add_text(&fonts->text, fonts->chosen[i]);
    }
    strbuf_add(&fonts->display, strbuf_slice(&fonts->text));
    strbuf_add(&fonts->mono, strbuf_slice(&fonts->text));
    return strbuf_ok(&fonts->text, err) && strbuf_ok(&fonts->display, err) &&
           strbuf_ok(&fonts->mono, err);
}

struct pdf_fonts *pdf_fonts_new(struct document *document, struct error *err)
{
    struct pdf_fonts *fonts = calloc(1, sizeof(*fonts));
    if (!fonts) {
        error_no_memory(err, sizeof(*fonts));
        return NULL;
    }
    fonts->text = strbuf_new(8192);
    fonts->mono = strbuf_new(8192);
    fonts->display = strbuf_new(8192);
    if (!list_installed(fonts, err) || !families_list(fonts, err) ||
        !choose_families(fonts, document, err) || !load_files(fonts, err) ||
        !name_families(fonts, err)) {
        pdf_fonts_free(fonts);
        return NULL;
    }
    fonts->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), fonts->config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts->map), 72); /* points */
    return fonts;
}

void pdf_fonts_free(struct pdf_fonts *fonts)
{
    if (!fonts)
        return;
    if (fonts->map)
        g_object_unref(fonts->map);
    for (size_t i = 0; i < fonts->families_count; i++)
        FcCharSetDestroy(fonts->families[i].characters);
    free(fonts->families);
    if (fonts->installed)
        FcFontSetDestroy(fonts->installed);
    if (fonts->config)
        FcConfigDestroy(fonts->config);
    strbuf_free(&fonts->text);
    strbuf_free(&fonts->mono);
    strbuf_free(&fonts->display);
    free(fonts);
}

PangoContext *pdf_fonts_context(const struct pdf_fonts *fonts)
{
    PangoContext *context = pango_font_map_create_context(fonts->map);
    /* Widths of the outlines themselves, not of some screen's pixels. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string("en"));
    return context;
}

const char *pdf_fonts_families(const struct pdf_fonts *fonts, bool is_mono, bool is_display)
{
    return is_mono ? fonts->mono.at : is_display ? fonts->display.at : fonts->text.at;
}
