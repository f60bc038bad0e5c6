#include "report/coverage_picture.h"

#include <stdlib.h>

#include "report/html.h"

/* Pixels. */
enum { CELL = 18, MARGIN = 16, ROW_NAMES = 96, HEADING = 64, LEGEND = 22 };
enum { LETTER_WIDTH = 7, WIDTH_MIN = 480 };

/* From best to worst; lightness goes with it, so that a print without colours reads the same. */
static const struct state {
    const char *name, *letter, *fill, *ink, *meaning;
} states[] = {
    { "evidence", "E", "#0b3c5d", "#ffffff", "control with test and evidence" },
    { "ledger", "L", "#2a6a97", "#ffffff", "control with test of what the ledger itself holds" },
    { "stale", "S", "#67a6d0", "#000000", "control with test, evidence is stale" },
    { "no-evidence", "T", "#b4d9ee", "#000000", "control with test, evidence is missing" },
    { "no-test", "C", "#fbe3a6", "#000000", "control without test" },
    { "no-control", "!", "#ffffff", "#a00000", "no control" },
};

struct picture {
    struct arena *arena;
    struct html svg; /* XML as well, as long as every element is opened and closed */
    const struct value *rows;
    struct slice *controls;                                   /* across, sorted */
    size_t controls_count, cells[ARRAY_LEN(states)], through; /* cells through a mapping */
    size_t top; /* of the matrix: what is above it is as high as the longest name is long */
    struct error *err;
};

static size_t state_of(const struct value *row)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(states) && !slice_is(value_text_of(row, "state"), states[i].name))
        i++;
    return i;
}

static int by_name(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Without catalogue or kind. */
static struct slice short_name(struct slice name)
{
    struct slice kind, id;
    return slice_split(name, '/', &kind, &id) ? id : name;
}

static bool controls_find(struct picture *picture)
{
    size_t rows = value_count(picture->rows), count = 0, kept = 0, longest = 0;
    struct slice *names = arena_array(picture->arena, rows + 1, sizeof *names, picture->err);
    if (!names)
        return false;
    for (size_t i = 0; i < rows; i++) {
        struct slice name = value_text_of(picture->rows->items[i], "control");
        if (name.len > 0)
            names[count++] = name;
    }
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !slice_equal(names[kept - 1], names[i]))
            names[kept++] = names[i];
    for (size_t i = 0; i < kept; i++)
        longest = short_name(names[i]).len > longest ? short_name(names[i]).len : longest;
    picture->top = HEADING + longest * LETTER_WIDTH + 12;
    picture->controls = names;
    picture->controls_count = kept;
    return true;
}

static size_t column_of(const struct picture *picture, struct slice control)
{
    const struct slice *found =
        bsearch(&control, picture->controls, picture->controls_count, sizeof control, by_name);
    return found ? (size_t)(found - picture->controls) : 0;
}

/* ---- elements ---- */

static void element(struct picture *picture, const char *name, struct slice text)
{
    html_open(&picture->svg, name);
    html_text(&picture->svg, text);
    html_close(&picture->svg);
}

static void text_at(struct picture *picture, size_t x, size_t y, const char *class,
                    struct slice text)
{
    html_open(&picture->svg, "text");
    html_attribute_text(&picture->svg, "class", class);
    html_attribute_u64(&picture->svg, "x", x);
    html_attribute_u64(&picture->svg, "y", y);
    html_text(&picture->svg, text);
    html_close(&picture->svg);
}

/* A square with its letter. */
static void square(struct picture *picture, size_t x, size_t y, const struct state *state,
                   struct slice title)
{
    html_newline(&picture->svg);
    html_open(&picture->svg, "g");
    element(picture, "title", title);
    html_open(&picture->svg, "rect");
    html_attribute_u64(&picture->svg, "x", x);
    html_attribute_u64(&picture->svg, "y", y);
    html_attribute_u64(&picture->svg, "width", CELL);
    html_attribute_u64(&picture->svg, "height", CELL);
    html_attribute_text(&picture->svg, "fill", state->fill);
    html_attribute_text(&picture->svg, "stroke", "#5a6872");
    html_close(&picture->svg);
    html_open(&picture->svg, "text");
    html_attribute_text(&picture->svg, "class", "letter");
    html_attribute_u64(&picture->svg, "x", x + CELL / 2);
    html_attribute_u64(&picture->svg, "y", y + 13);
    html_attribute_text(&picture->svg, "fill", state->ink);
    html_literal(&picture->svg, state->letter);
    html_close(&picture->svg);
    html_close(&picture->svg);
}

/* Above the letter of a cell that is covered through a mapping only. */
static void dash(struct picture *picture, size_t x, size_t y)
{
    picture->through++;
    html_open(&picture->svg, "rect");
    html_attribute_text(&picture->svg, "class", "through");
    html_attribute_u64(&picture->svg, "x", x);
    html_attribute_u64(&picture->svg, "y", y);
    html_attribute_u64(&picture->svg, "width", CELL);
    html_attribute_u64(&picture->svg, "height", 4);
    html_attribute_text(&picture->svg, "fill", "#c8452d");
    html_close(&picture->svg);
}

/* ---- the matrix ---- */

static bool column_names(struct picture *picture)
{
    for (size_t i = 0; i < picture->controls_count; i++) {
        size_t x = MARGIN + ROW_NAMES + i * CELL + 13, y = picture->top - 6;
        const char *turn =
            arena_printf(picture->arena, picture->err, "translate(%zu %zu) rotate(-90)", x, y);
        if (!turn)
            return false;
        html_open(&picture->svg, "text");
        html_attribute_text(&picture->svg, "transform", turn);
        html_text(&picture->svg, short_name(picture->controls[i]));
        html_close(&picture->svg);
    }
    return true;
}

/* The rows of one criterion and one control, from *at on: one cell. */
static bool cell(struct picture *picture, size_t *at, size_t y)
{
    const struct value *first = picture->rows->items[*at];
    struct slice criterion = value_text_of(first, "criterion");
    struct slice control = value_text_of(first, "control");
    const char *tests = "";
    size_t state = 0;
    for (; *at < value_count(picture->rows); ++*at) {
        const struct value *row = picture->rows->items[*at];
        if (!slice_equal(value_text_of(row, "criterion"), criterion) ||
            !slice_equal(value_text_of(row, "control"), control))
            break;
        if (state_of(row) > state)
            state = state_of(row);
        tests = arena_printf(picture->arena, picture->err, "%s%s%.*s", tests, *tests ? ", " : "",
                             SLICE_ARG(short_name(value_text_of(row, "test"))));
        if (!tests)
            return false;
    }
    struct slice through = value_text_of(first, "through");
    const char *title =
        arena_printf(picture->arena, picture->err, "%.*s, %.*s: %s%s%s%s%s%.*s",
                     SLICE_ARG(short_name(criterion)),
                     SLICE_ARG(control.len ? short_name(control) : SLICE("no control")),
                     control.len ? states[state].meaning : "gap", *tests ? " (" : "", tests,
                     *tests ? ")" : "", through.len ? ", through " : "", SLICE_ARG(through));
    if (!title)
        return false;
    picture->cells[state]++;
    size_t x = control.len ? MARGIN + ROW_NAMES + column_of(picture, control) * CELL
                           : MARGIN + ROW_NAMES - CELL - 6;
    square(picture, x, y, &states[state], slice_of(title));
    if (through.len > 0)
        dash(picture, x, y);
    return true;
}

static void line(struct picture *picture, size_t x, size_t y, size_t width)
{
    html_open(&picture->svg, "rect");
    html_attribute_u64(&picture->svg, "x", x);
    html_attribute_u64(&picture->svg, "y", y);
    html_attribute_u64(&picture->svg, "width", width);
    html_attribute_u64(&picture->svg, "height", CELL);
    html_attribute_text(&picture->svg, "fill", "#f3f5f6");
    html_attribute_text(&picture->svg, "stroke", "none");
    html_close(&picture->svg);
}

static bool criteria(struct picture *picture)
{
    size_t y = picture->top, at = 0, number = 0;
    while (at < value_count(picture->rows)) {
        struct slice name = value_text_of(picture->rows->items[at], "criterion");
        html_newline(&picture->svg);
        if (number++ % 2 == 0)
            line(picture, MARGIN, y, ROW_NAMES + picture->controls_count * CELL);
        text_at(picture, MARGIN, y + 13, "name", short_name(name));
        while (at < value_count(picture->rows) &&
               slice_equal(value_text_of(picture->rows->items[at], "criterion"), name))
            if (!cell(picture, &at, y))
                return false;
        y += CELL;
    }
    return true;
}

static bool legend(struct picture *picture, size_t y)
{
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        const char *text = arena_printf(picture->arena, picture->err, "%s: %zu", states[i].meaning,
                                        picture->cells[i]);
        if (!text)
            return false;
        square(picture, MARGIN, y + i * LEGEND, &states[i], slice_of(text));
        text_at(picture, MARGIN + CELL + 8, y + i * LEGEND + 13, "name", slice_of(text));
    }
    const char *text =
        arena_printf(picture->arena, picture->err,
                     "below a bar: through a mapping from another catalogue, not directly: %zu",
                     picture->through);
    if (!text || picture->through == 0)
        return text != NULL;
    dash(picture, MARGIN, y + ARRAY_LEN(states) * LEGEND);
    text_at(picture, MARGIN + CELL + 8, y + ARRAY_LEN(states) * LEGEND + 13, "name",
            slice_of(text));
    return true;
}

static bool begin(struct picture *picture, const struct value *whole, size_t width, size_t height)
{
    struct slice catalog = value_text_of(whole, "catalog");
    size_t count = value_count(value_member(whole, "criteria"));
    const char *title = arena_printf(picture->arena, picture->err,
                                     "Coverage of %.*s: criteria by controls", SLICE_ARG(catalog));
    const char *sums = arena_printf(
        picture->arena, picture->err,
        "%zu criteria: %.*s mapped to a control, %.*s tested, %.*s with gaps; %zu controls", count,
        SLICE_ARG(value_member(whole, "mapped")->text),
        SLICE_ARG(value_member(whole, "tested")->text),
        SLICE_ARG(value_member(whole, "gaps")->text), picture->controls_count);
    const char *view = arena_printf(picture->arena, picture->err, "0 0 %zu %zu", width, height);
    if (!title || !sums || !view)
        return false;
    html_open(&picture->svg, "svg");
    html_attribute_text(&picture->svg, "xmlns", "http://www.w3.org/2000/svg");
    html_attribute_u64(&picture->svg, "width", width);
    html_attribute_u64(&picture->svg, "height", height);
    html_attribute_text(&picture->svg, "viewBox", view);
    html_attribute_text(&picture->svg, "role", "img");
    html_attribute_text(&picture->svg, "aria-labelledby", "title summary");
    html_newline(&picture->svg);
    html_open(&picture->svg, "title");
    html_attribute_text(&picture->svg, "id", "title");
    html_literal(&picture->svg, title);
    html_close(&picture->svg);
    html_open(&picture->svg, "desc");
    html_attribute_text(&picture->svg, "id", "summary");
    html_literal(&picture->svg, sums);
    html_close(&picture->svg);
    html_open(&picture->svg, "style");
    html_literal(&picture->svg, "text{font-family:Inter,sans-serif;font-size:11px}"
                                ".letter{font-weight:bold;text-anchor:middle}"
                                ".heading{font-size:16px;font-weight:bold}");
    html_close(&picture->svg);
    html_open(&picture->svg, "rect");
    html_attribute_text(&picture->svg, "width", "100%");
    html_attribute_text(&picture->svg, "height", "100%");
    html_attribute_text(&picture->svg, "fill", "#ffffff");
    html_close(&picture->svg);
    text_at(picture, MARGIN, 28, "heading", slice_of(title));
    text_at(picture, MARGIN, 48, "name", slice_of(sums));
    return true;
}

bool coverage_picture(struct arena *arena, const struct value *whole, struct strbuf *out,
                      struct error *err)
{
    struct picture picture = {
        .arena = arena, .svg = html_new(out), .rows = value_member(whole, "rows"), .err = err
    };
    if (!controls_find(&picture))
        return false;
    size_t down = picture.top + value_count(value_member(whole, "criteria")) * CELL;
    size_t width = 2 * MARGIN + ROW_NAMES + picture.controls_count * CELL;
    if (width < WIDTH_MIN)
        width = WIDTH_MIN;
    if (!begin(&picture, whole, width, down + MARGIN + (ARRAY_LEN(states) + 1) * LEGEND + MARGIN) ||
        !column_names(&picture) || !criteria(&picture) || !legend(&picture, down + MARGIN))
        return false;
    html_newline(&picture.svg);
    html_close(&picture.svg);
    html_newline(&picture.svg);
    return strbuf_ok(out, err);
}
