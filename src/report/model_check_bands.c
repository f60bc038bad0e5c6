/* Section 4 as a whole: every control in its place once, every criterion concluded. */
#include <stdlib.h>

#include "report/checker.h"

/* One row that sets out a control: which version, where. */
struct placed {
    struct slice id;
    int64_t version;
    bool is_first;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;
    int order = slice_compare(left->id, right->id);
    if (order == 0)
        order = (left->version > right->version) - (left->version < right->version);
    /* Those that set the control out come before those that point there. */
    return order ? order : (int)right->is_first - (int)left->is_first;
}

static size_t rows_of(const struct value *bands, struct placed *placed)
{
    size_t count = 0;
    for (size_t i = 0; i < value_count(bands); i++) {
        const struct value *rows = value_member(value_item(bands, i), "rows");
        for (size_t r = 0; r < value_count(rows); r++, count++) {
            const struct value *row = value_item(rows, r);
            if (placed)
                placed[count] = (struct placed){
                    .id = value_text(value_path(row, "control.id")),
                    .version = number_of(row, "control.version"),
                    .is_first = value_is_true(value_member(row, "first_here")),
                };
        }
    }
    return count;
}

static void check_places(struct checker *c, const struct value *bands)
{
    size_t count = rows_of(bands, NULL);
    struct placed *placed = arena_array(c->arena, count + 1, sizeof(*placed), c->err);
    if (!placed) {
        c->failed = true;
        return;
    }
    (void)rows_of(bands, placed);
    qsort(placed, count, sizeof(*placed), compare_placed);
    for (size_t i = 0; i < count; i++) {
        bool is_same = i > 0 && slice_equal(placed[i].id, placed[i - 1].id) &&
                       placed[i].version == placed[i - 1].version;
        if (is_same && placed[i].is_first)
            fault(c, "bands", "control %.*s version %lld is set out twice", SLICE_ARG(placed[i].id),
                  (long long)placed[i].version);
        if (!is_same && !placed[i].is_first)
            fault(c, "bands", "control %.*s version %lld is set out nowhere",
                  SLICE_ARG(placed[i].id), (long long)placed[i].version);
    }
}

static void check_row(struct checker *c, const struct value *row)
{
    const struct value *tests = value_member(row, "tests");
    bool is_first = value_is_true(value_member(row, "first_here"));
    size_t asked = 0;
    if ((c->is_type_1 || !is_first) && value_count(tests) > 0)
        fault(c, "tests",
              c->is_type_1 ? "a type 1 report has no tests"
                           : "the tests stand where it is set out");
    if (c->is_type_2 && is_first && value_count(tests) == 0) {
        if (c->is_draft)
            warn(c, "tests", "the control is not tested yet");
        else
            fault(c, "tests", "the control is not tested");
    }
    for (size_t i = 0; i < value_count(tests); i++) {
        size_t mark = check_enter_item(c, "tests", i);
        asked += slice_is(value_text_of(value_item(tests, i), "nature"), "inquiry");
        check_test(c, value_item(tests, i));
        check_leave(c, mark);
    }
    if (asked > 0 && asked == value_count(tests))
        warn(c, "tests", "inquiry alone is never enough");
}

static bool is_part_unmodified(const struct checker *c, const char *name)
{
    const struct value *parts = value_path(c->model, "section1.opinion.parts");
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_item(parts, i);
        if (slice_is(value_text_of(part, "part"), name))
            return slice_is(value_text_of(part, "variant"), "unmodified");
    }
    return false;
}

static void check_conclusion(struct checker *c, const struct value *band)
{
    const struct value *conclusion = value_member(band, "conclusion");
    struct slice id = value_text(value_path(band, "criterion.id"));
    bool has_effect =
        value_count(value_path(c->model, "section1.opinion.effect_on_commitments")) > 0;
    if (value_count(conclusion) == 0) {
        if (!c->is_readiness && !c->is_draft)
            fault(c, "conclusion", "nobody has concluded on %.*s", SLICE_ARG(id));
        return;
    }
    bool is_suitable = slice_is(value_text_of(conclusion, "design"), "suitable");
    struct slice operating = value_text_of(conclusion, "operating");
    if (c->is_readiness)
        fault(c, "conclusion", "a readiness report concludes on nothing");
    if (c->is_type_1 != slice_is(operating, "not-examined"))
        fault(c, "conclusion.operating", "operation is examined in type 2 and only there");
    /* Since 2018 the opinion turns on the commitments, not on each criterion: so no fault. */
    if (!is_suitable && is_part_unmodified(c, "design") && !has_effect)
        warn(c, "conclusion",
             "%.*s is not met by design, the opinion on design is unmodified: "
             "record the effect on the principal commitments",
             SLICE_ARG(id));
    if (slice_is(operating, "not-effective") && is_part_unmodified(c, "operating") && !has_effect)
        warn(c, "conclusion",
             "%.*s is not met, the opinion on operation is unmodified: record the "
             "effect on the principal commitments",
             SLICE_ARG(id));
    check_words(c, conclusion, "text");
}

static void check_band(struct checker *c, const struct value *bands, size_t index)
{
    const struct value *band = value_item(bands, index);
    const struct value *rows = value_member(band, "rows");
    struct slice id = value_text(value_path(band, "criterion.id"));
    struct slice catalog = value_text(value_path(c->model, "catalog.id"));
    struct slice named, local;
    if (!slice_split(id, '/', &named, &local) || !slice_equal(named, catalog))
        fault(c, "criterion.id", "%.*s is not of the catalogue %.*s", SLICE_ARG(id),
              SLICE_ARG(catalog));
    for (size_t i = 0; i < index; i++)
        if (slice_equal(value_text(value_path(value_item(bands, i), "criterion.id")), id))
            fault(c, "criterion.id", "%.*s has two tables", SLICE_ARG(id));
    if (value_count(rows) == 0 && !c->is_readiness && !c->is_draft)
        fault(c, "rows", "no control serves %.*s", SLICE_ARG(id));
    for (size_t i = 0; i < value_count(rows); i++) {
        size_t mark = check_enter_item(c, "rows", i);
        check_row(c, value_item(rows, i));
        check_leave(c, mark);
    }
    check_conclusion(c, band);
}

void check_section4(struct checker *c)
{
    const struct value *bands = value_path(c->model, "section4.bands");
    size_t outer = check_enter(c, "section4");
    check_places(c, bands);
    for (size_t i = 0; i < value_count(bands); i++) {
        size_t mark = check_enter_item(c, "bands", i);
        check_band(c, bands, i);
        check_leave(c, mark);
    }
    check_leave(c, outer);
}
