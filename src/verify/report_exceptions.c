/* The items of a run one by one: each that deviates must be classified by every evaluation of the
 * run and printed as it was classified, and nothing else may be printed. Counts alone would let one
 * deviation go and another stand twice. Of very many the first are listed and the others counted:
 * which are the first is nobody's choice, so that is compared, too.
 *
 * The matrix may be large and is read once, as a stream; what is printed and classified is a part
 * of documents, which are bounded, and is found by key. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "verify/report_check.h"

/* An item that section 4 prints as an exception, or appendix B as reclassified. */
struct printed {
    struct slice key; /* canonical JSON */
    const struct value *item;
    bool is_exception;
    bool has_deviated; /* in the matrix of this run */
};

/* The exceptions of section 4, or the reclassified items of appendix B. */
struct listing {
    uint64_t listed, more;  /* as printed */
    uint64_t absent;        /* items that belong to it and are not listed */
    uint64_t others_listed; /* items that the evaluation does not name */
    struct slice last_key;  /* the last one listed in the order of comes_before() */
    bool last_is_named;
};

struct exam {
    struct report_check *report;
    const struct value *test; /* NULL: this run is not printed */
    struct slice of;          /* the test's id, for sentences */
    uint64_t run;
    struct evaluated *evaluated; /* NULL: nobody evaluated it */
    struct printed *printed;     /* sorted by key */
    size_t printed_count;
    bool prints_reclassified;   /* there is an appendix B with this run */
    struct listing listings[2]; /* by is_exception */
    uint64_t deviations, not_deviations, voids;
    uint64_t others; /* of all three, those that the evaluation does not name */
};

bool exception_differs(struct report_check *report, const char *format, ...)
{
    char text[512];
    va_list args;
    if (++report->exceptions.differences > DIFFERENCES_TOLD_MAX)
        return true; /* counted; the first ones tell what is wrong */
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return verify_bad(report->v, report->n) &&
           verify_set(report->v, CHECK_EXCEPTIONS, CHECK_FAILS, "%s", text);
}

/* ---- what is printed ---- */

static int by_key(const void *a, const void *b)
{
    const struct printed *x = a, *y = b;
    return slice_compare(x->key, y->key);
}

static struct printed *printed_find(const struct exam *exam, struct slice key)
{
    struct printed wanted = { .key = key };
    if (exam->printed_count == 0)
        return NULL;
    return bsearch(&wanted, exam->printed, exam->printed_count, sizeof wanted, by_key);
}

/* What appendix B prints of a run; NULL: it is left out. */
static const struct value *appendix_of(const struct value *model, struct slice run)
{
    const struct value *tests = value_path(model, "appendices.tests");
    for (size_t i = 0; i < value_count(tests); i++) {
        if (slice_equal(value_text_of(value_item(tests, i), "run"), run))
            return value_item(tests, i);
    }
    return NULL;
}

/* The evaluation that counts: the last one whose document is here. */
static const struct evaluation *evaluation_of(const struct exam *exam)
{
    for (size_t i = 0; exam->evaluated && i < exam->evaluated->by_count; i++) {
        if (exam->evaluated->by[i]->is_held)
            return exam->evaluated->by[i];
    }
    return NULL;
}

static bool is_named(const struct exam *exam, struct slice key)
{
    const struct evaluation *evaluation = evaluation_of(exam);
    const struct judged *judged = evaluation ? judged_find(evaluation, key) : NULL;
    return judged && judged != evaluation->others;
}

/* Named items first, then the others, both by key. */
static bool comes_before(bool named, struct slice key, const struct listing *listing)
{
    if (named != listing->last_is_named)
        return named;
    return slice_compare(key, listing->last_key) < 0;
}

static void listing_take(struct exam *exam, const struct printed *printed)
{
    struct listing *listing = &exam->listings[printed->is_exception];
    bool named = is_named(exam, printed->key);
    if (listing->listed++ == 0 || !comes_before(named, printed->key, listing)) {
        listing->last_key = printed->key;
        listing->last_is_named = named;
    }
    listing->others_listed += !named;
}

/* An item that belongs into a listing and is not there. */
static bool listing_lacks(struct exam *exam, bool is_exception, struct slice key, const char *what)
{
    struct listing *listing = &exam->listings[is_exception];
    listing->absent++;
    if (listing->more == 0)
        return exception_differs(exam->report, "item %.*s of %.*s, %s, is not printed",
                                 SLICE_ARG(key), SLICE_ARG(exam->of), what);
    return !comes_before(is_named(exam, key), key, listing) ||
           exception_differs(exam->report,
                             "item %.*s of %.*s, %s, is not printed, though it comes before others "
                             "that are",
                             SLICE_ARG(key), SLICE_ARG(exam->of), what);
}

/* is_known: all items that belong there were seen, or counted. */
static bool listing_compare(struct exam *exam, bool is_exception, bool is_known)
{
    const struct listing *listing = &exam->listings[is_exception];
    const char *what = is_exception ? "exceptions" : "reclassified items";
    if (listing->more > 0 && listing->listed != REPORT_ITEMS_LISTED_MAX &&
        !exception_differs(exam->report,
                           "%.*s lists %llu %s and leaves out %llu: the first %d are listed",
                           SLICE_ARG(exam->of), (unsigned long long)listing->listed, what,
                           (unsigned long long)listing->more, REPORT_ITEMS_LISTED_MAX))
        return false;
    return !is_known || listing->more == 0 || listing->more == listing->absent ||
           exception_differs(exam->report,
                             "%.*s says that %llu %s more are not listed, there are %llu",
                             SLICE_ARG(exam->of), (unsigned long long)listing->more, what,
                             (unsigned long long)listing->absent);
}

static uint64_t more_of(const struct value *object, const char *name)
{
    uint64_t more = 0;
    return entry_integer(value_member(object, name), &more) ? more : 0;
}

static bool printed_add(struct exam *exam, const struct value *items, bool is_exception)
{
    struct report_check *report = exam->report;
    for (size_t i = 0; i < value_count(items); i++) {
        struct printed *printed = &exam->printed[exam->printed_count];
        const struct value *key = value_member(value_item(items, i), "key");
        *printed = (struct printed){ .item = value_item(items, i), .is_exception = is_exception };
        if (!key) {
            if (!exception_differs(report, "%.*s prints an item without its key",
                                   SLICE_ARG(exam->of)))
                return false;
            continue;
        }
        if (!json_canonical_copy(report->step, key, &printed->key, report->v->err))
            return false;
        exam->printed_count++;
    }
    return true;
}

static bool printed_once(struct exam *exam)
{
    for (size_t i = 1; i < exam->printed_count; i++) {
        if (slice_equal(exam->printed[i - 1].key, exam->printed[i].key) &&
            !exception_differs(exam->report, "item %.*s of %.*s is printed twice",
                               SLICE_ARG(exam->printed[i].key), SLICE_ARG(exam->of)))
            return false;
    }
    return true;
}

struct exam *exam_start(struct report_check *report, const struct value *test, uint64_t n,
                        struct slice of)
{
    const struct value *appendix = appendix_of(report->model, value_text_of(test, "run"));
    const struct value *exceptions = value_member(test, "exceptions");
    const struct value *reclassified = test ? value_member(appendix, "reclassified") : NULL;
    size_t most = value_count(exceptions) + value_count(reclassified) + 1;
    struct exam *exam = arena_alloc(report->step, sizeof *exam, report->v->err);
    struct printed *printed =
        exam ? arena_array(report->step, most, sizeof *printed, report->v->err) : NULL;
    if (!printed)
        return NULL;
    *exam = (struct exam){ .report = report,
                           .test = test,
                           .of = of,
                           .run = n,
                           .evaluated = evaluated_find(report, n),
                           .printed = printed,
                           .prints_reclassified = reclassified != NULL };
    if (exam->evaluated && test)
        exam->evaluated->is_printed = true;
    if (!printed_add(exam, exceptions, true) || !printed_add(exam, reclassified, false))
        return NULL;
    qsort(printed, exam->printed_count, sizeof *printed, by_key);
    for (size_t i = 0; i < exam->printed_count; i++)
        listing_take(exam, &printed[i]);
    exam->listings[true].more = more_of(test, "exceptions_more");
    exam->listings[false].more = reclassified ? more_of(appendix, "reclassified_more") : 0;
    report->exceptions.runs++;
    report->exceptions.printed += value_count(exceptions);
    report->exceptions.reclassified += value_count(reclassified);
    report->exceptions.more += exam->listings[true].more + exam->listings[false].more;
    return printed_once(exam) ? exam : NULL;
}

/* ---- an item as classified ---- */

static void class_count(struct exam *exam, struct slice class, uint64_t count)
{
    if (slice_is(class, "deviation"))
        exam->deviations += count;
    else if (slice_is(class, "not-a-deviation"))
        exam->not_deviations += count;
    else if (slice_is(class, "void"))
        exam->voids += count;
}

/* A classified item must be printed; how it is printed is compared from the other side. */
static bool judged_printed(struct exam *exam, const struct evaluation *evaluation, struct slice key,
                           const struct judged *judged)
{
    char what[96];
    bool is_deviation = slice_is(judged->class, "deviation");
    class_count(exam, judged->class, 1);
    exam->others += judged == evaluation->others;
    if (!exam->test || (!is_deviation && !exam->prints_reclassified) || printed_find(exam, key))
        return true;
    snprintf(what, sizeof what, "%.*s by evaluation #%llu", SLICE_ARG(judged->class),
             (unsigned long long)evaluation->n);
    return listing_lacks(exam, is_deviation, key, what);
}

/* An item that deviated, in every evaluation of its run. */
static bool item_classified(struct exam *exam, struct slice key)
{
    const struct evaluation *first = evaluation_of(exam);
    const struct judged *as_first = first ? judged_find(first, key) : NULL;
    for (size_t i = 0; exam->evaluated && i < exam->evaluated->by_count; i++) {
        struct evaluation *evaluation = exam->evaluated->by[i];
        struct judged *judged = judged_find(evaluation, key);
        bool ok = true;
        if (judged)
            judged->has_deviated = true;
        if (judged && judged == evaluation->others && !exam->evaluated->is_read)
            evaluation->others_seen++;
        if (!evaluation->is_held)
            continue;
        if (!judged)
            ok = exception_differs(
                exam->report,
                "item %.*s of %.*s deviates in run #%llu, evaluation #%llu leaves it "
                "out",
                SLICE_ARG(key), SLICE_ARG(exam->of), (unsigned long long)exam->run,
                (unsigned long long)evaluation->n);
        else if (as_first && !slice_equal(judged->class, as_first->class))
            ok = exception_differs(exam->report,
                                   "item %.*s of %.*s is %.*s by evaluation #%llu, %.*s by #%llu",
                                   SLICE_ARG(key), SLICE_ARG(exam->of), SLICE_ARG(as_first->class),
                                   (unsigned long long)first->n, SLICE_ARG(judged->class),
                                   (unsigned long long)evaluation->n);
        if (!ok)
            return false;
    }
    return !as_first || judged_printed(exam, first, key, as_first);
}

/* ---- an item as printed ---- */

static bool attributes_equal(const struct value *printed, const struct value *header,
                             uint64_t deviating)
{
    const struct value *ids = value_member(header, "attributes");
    size_t next = 0;
    for (size_t i = 0; i < value_count(ids); i++) {
        if (!(deviating >> i & 1))
            continue;
        if (!slice_equal(value_text(value_item(printed, next)), value_text(value_item(ids, i))))
            return false;
        next++;
    }
    return next == value_count(printed);
}

bool exam_row(void *context, const struct matrix_counts *counts, struct slice key,
              uint64_t deviating, struct error *err)
{
    struct exam *exam = context;
    struct printed *printed = printed_find(exam, key);
    (void)err; /* is the verifier's own */
    if (!item_classified(exam, key))
        return false;
    if (!printed) /* of an evaluated run, item_classified() has said so */
        return !exam->test || exam->evaluated || listing_lacks(exam, true, key, "not evaluated");
    printed->has_deviated = true;
    return attributes_equal(value_member(printed->item, "attributes"), counts->header, deviating) ||
           exception_differs(exam->report,
                             "item %.*s of %.*s is printed with other attributes than those that "
                             "deviate in run #%llu",
                             SLICE_ARG(key), SLICE_ARG(exam->of), (unsigned long long)exam->run);
}

/* The class and its reason against the evaluation: of an exception the class is its kind. */
static bool printed_compare(struct exam *exam, const struct printed *printed)
{
    const struct evaluation *evaluation = evaluation_of(exam);
    const struct judged *judged = evaluation ? judged_find(evaluation, printed->key) : NULL;
    struct slice class = value_text_of(printed->item, "class");
    struct slice reason = value_text_of(printed->item, "reason");
    if (!evaluation)
        return exam->evaluated || (class.len == 0 && reason.len == 0) ||
               exception_differs(exam->report,
                                 "item %.*s of %.*s is printed as \"%.*s\", which "
                                 "nobody concluded",
                                 SLICE_ARG(printed->key), SLICE_ARG(exam->of), SLICE_ARG(class));
    if (!judged)
        return exception_differs(
            exam->report, "item %.*s of %.*s is printed, evaluation #%llu does not name it",
            SLICE_ARG(printed->key), SLICE_ARG(exam->of), (unsigned long long)evaluation->n);
    struct slice expected = printed->is_exception ? judged->kind : judged->class;
    if (printed->is_exception != slice_is(judged->class, "deviation") ||
        !slice_equal(class, expected))
        return exception_differs(exam->report,
                                 "item %.*s of %.*s is printed as %s (\"%.*s\"), evaluation #%llu "
                                 "says %.*s (\"%.*s\")",
                                 SLICE_ARG(printed->key), SLICE_ARG(exam->of),
                                 printed->is_exception ? "an exception" : "none", SLICE_ARG(class),
                                 (unsigned long long)evaluation->n, SLICE_ARG(judged->class),
                                 SLICE_ARG(expected));
    return slice_equal(reason, judged->reason) ||
           exception_differs(exam->report,
                             "item %.*s of %.*s is printed with another reason than evaluation "
                             "#%llu gives",
                             SLICE_ARG(printed->key), SLICE_ARG(exam->of),
                             (unsigned long long)evaluation->n);
}

/* ---- the end ---- */

static bool concluded_compare(struct exam *exam)
{
    struct report_check *report = exam->report;
    const struct value *concluded = value_member(exam->test, "concluded");
    if (!concluded || concluded->type == VALUE_NULL)
        return !exam->evaluated ||
               report_differs(report, "%.*s prints no conclusion on a run that was evaluated",
                              SLICE_ARG(exam->of));
    return report_number(report, value_member(concluded, "deviations"), exam->deviations,
                         "concluded deviations", exam->of) &&
           report_number(report, value_member(concluded, "not_deviations"), exam->not_deviations,
                         "items concluded to be no deviations", exam->of) &&
           report_number(report, value_member(concluded, "void"), exam->voids, "void items",
                         exam->of);
}

/* Without results, an evaluation of this run alone still says what it must print. */
static bool judged_all(struct exam *exam, bool *is_known)
{
    const struct evaluation *evaluation = evaluation_of(exam);
    *is_known = evaluation && evaluation->runs_count == 1;
    for (size_t i = 0; *is_known && i < evaluation->count; i++) {
        const struct judged *judged = &evaluation->judged[i];
        if (!judged_printed(exam, evaluation, judged->key, judged))
            return false;
    }
    if (!*is_known || !evaluation->others)
        return true;
    bool is_deviation = slice_is(evaluation->others->class, "deviation");
    struct listing *listing = &exam->listings[is_deviation];
    class_count(exam, evaluation->others->class, evaluation->others_count);
    exam->others = evaluation->others_count;
    if (!exam->test || (!is_deviation && !exam->prints_reclassified))
        return true;
    listing->absent += evaluation->others_count - listing->others_listed;
    return listing->more > 0 || listing->others_listed == evaluation->others_count ||
           exception_differs(exam->report,
                             "%.*s lists %llu items that evaluation #%llu does not name, which are "
                             "%llu",
                             SLICE_ARG(exam->of), (unsigned long long)listing->others_listed,
                             (unsigned long long)evaluation->n,
                             (unsigned long long)evaluation->others_count);
}

/* What is printed of all items together that the evaluation does not name. */
static bool others_printed(struct exam *exam)
{
    const struct evaluation *evaluation = evaluation_of(exam);
    const struct value *others = value_member(exam->test, "others");
    const struct judged *said = evaluation ? evaluation->others : NULL;
    bool is_printed = value_count(others) > 0;
    if (is_printed == (exam->others > 0) &&
        (!is_printed || (said && more_of(others, "count") == exam->others &&
                         slice_equal(value_text_of(others, "class"), said->class) &&
                         slice_equal(value_text_of(others, "kind"), said->kind) &&
                         slice_equal(value_text_of(others, "reason"), said->reason))))
        return true;
    return exception_differs(
        exam->report,
        "%.*s prints something else of the %llu items classified together than "
        "their evaluation",
        SLICE_ARG(exam->of), (unsigned long long)exam->others);
}

bool exam_end(struct exam *exam, bool has_matrix)
{
    struct report_check *report = exam->report;
    bool is_known = evaluation_of(exam) != NULL;
    if (!has_matrix) {
        report->exceptions.unread_runs++;
        if (!judged_all(exam, &is_known))
            return false;
    }
    if (has_matrix && exam->evaluated && !exam->evaluated->is_read) {
        exam->evaluated->is_read = true;
        for (size_t i = 0; i < exam->evaluated->by_count; i++)
            exam->evaluated->by[i]->runs_read++;
    }
    for (size_t i = 0; i < exam->printed_count; i++) {
        const struct printed *printed = &exam->printed[i];
        if (!printed_compare(exam, printed))
            return false;
        if (has_matrix && !printed->has_deviated &&
            !exception_differs(report,
                               "item %.*s of %.*s is printed, though it does not deviate in run "
                               "#%llu",
                               SLICE_ARG(printed->key), SLICE_ARG(exam->of),
                               (unsigned long long)exam->run))
            return false;
    }
    if (!exam->test)
        return true;
    bool is_seen = is_known || (has_matrix && !exam->evaluated);
    if (!listing_compare(exam, true, is_seen) ||
        (exam->prints_reclassified && !listing_compare(exam, false, is_seen)) ||
        (is_seen && !others_printed(exam)))
        return false;
    const struct value *concluded = value_member(exam->test, "concluded");
    if (!exam->evaluated && concluded && concluded->type != VALUE_NULL)
        return report_differs(report,
                              "%.*s prints what was concluded of a run that nobody evaluated",
                              SLICE_ARG(exam->of));
    if (exam->evaluated && !is_known) {
        report->absent++;
        return true;
    }
    return concluded_compare(exam);
}
