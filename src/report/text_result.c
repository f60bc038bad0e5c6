/* The result of a test, as section 4 prints it: domain rules C.5 and D.8. */
#include "report/text.h"
#include "report/writer.h"

/* What the run marked, and what became of it. Silence about a difference would hide it. */
static void say_bridge(struct writer *w, const struct value *test)
{
    const struct value *concluded = value_member(test, "concluded");
    int64_t marked = 0, deviations = 0, not_deviations = 0, set_aside = 0;
    (void)value_to_i64(value_member(test, "tested_deviations"), &marked);
    (void)value_to_i64(value_member(concluded, "deviations"), &deviations);
    (void)value_to_i64(value_member(concluded, "not_deviations"), &not_deviations);
    (void)value_to_i64(value_member(concluded, "void"), &set_aside);
    say(w, "When tested, ");
    say_items(w, marked);
    say(w, " failed or could not be decided; ");
    if (value_count(concluded) == 0) {
        say(w, "nobody has evaluated them.");
        return;
    }
    say(w, "evaluated: ");
    say_count(w, deviations);
    say(w, deviations == 1 ? " deviation, " : " deviations, ");
    say_count(w, not_deviations);
    say(w, not_deviations == 1 ? " not a deviation, " : " not deviations, ");
    say_count(w, set_aside);
    say(w, " void.");
}

static void say_of_n(struct writer *w, int64_t found, int64_t n, bool is_sample)
{
    say_count(w, found);
    say(w, " of ");
    say_items(w, n);
    if (is_sample)
        say(w, " in the sample");
    say(w, ".");
}

/* Nobody should take for looked at one by one what was classified together. */
static void say_together(struct writer *w, struct value *list, const struct value *test)
{
    const struct value *others = value_member(test, "others");
    struct slice class = value_text_of(others, "class"), kind = value_text_of(others, "kind");
    int64_t count = 0;
    if (!value_to_i64(value_member(others, "count"), &count))
        return;
    say_count(w, count);
    say(w, count == 1 ? " item is" : " items are");
    say(w, " not named one by one in the evaluation; one classification holds for all of them: ");
    say(w, slice_is(class, "not-a-deviation") ? "not a deviation"
           : slice_is(class, "void")          ? "void"
                                              : "deviation");
    say(w, slice_is(kind, "missing-evidence") ? " (missing evidence)" : "");
    if (kind.len > 0 && !slice_is(kind, "missing-evidence")) {
        say(w, " (");
        say_slice(w, kind);
        say(w, ")");
    }
    say(w, ".");
    end_text(w, list);
    if (value_text_of(others, "reason").len > 0) {
        say(w, "Reason given for all of them: ");
        say_name(w, value_text_of(others, "reason"));
        end_text(w, list);
    }
}

static void say_more(struct writer *w, struct value *list, const struct value *test)
{
    int64_t more = 0;
    struct slice run = value_text_of(test, "run");
    if (!value_to_i64(value_member(test, "exceptions_more"), &more))
        return;
    say_count(w, (int64_t)value_count(value_member(test, "exceptions")));
    say(w, " exceptions are listed item by item; ");
    say_count(w, more);
    say(w, " more are in the matrix of run ");
    say_slice(w, slice_head(run, run.len < 12 ? run.len : 12));
    say(w, ".");
    end_text(w, list);
}

static void add_own_words(struct writer *w, struct value *list, const struct value *test,
                          const char *name, const char *before)
{
    struct slice words = value_text_of(test, name);
    if (words.len == 0)
        return;
    say(w, before);
    say_name(w, words);
    end_text(w, list);
}

static void result_texts(struct writer *w, struct value *list, const struct value *test)
{
    struct slice result = value_text_of(test, "result");
    const struct value *concluded = value_member(test, "concluded");
    int64_t items = 0, size = 0, marked = 0, found = 0, set_aside = 0;
    (void)value_to_i64(value_path(test, "population.items"), &items);
    (void)value_to_i64(value_member(test, "tested_deviations"), &marked);
    (void)value_to_i64(value_member(concluded, "void"), &set_aside);
    bool is_sample = value_to_i64(value_path(test, "sample.size"), &size);
    int64_t n = (is_sample ? size : items) - set_aside;
    found = value_count(concluded) > 0 ? 0 : marked;
    (void)value_to_i64(value_member(concluded, "deviations"), &found);

    if (slice_is(result, "did-not-operate")) {
        say(w, "Not tested: the control did not operate in the period.");
        end_text(w, list);
        say(w, "No item of ");
        say_slice(w, value_text(value_path(test, "population.type")));
        say(w, " falls into ");
        say_period(w, value_member(test, "period"));
        say(w, "; the population was frozen and holds nothing.");
        end_text(w, list);
    } else if (slice_is(result, "no-exceptions")) {
        say(w, "No exceptions noted. ");
        say_count(w, n);
        say(w, " of ");
        say_items(w, items - (is_sample ? 0 : set_aside));
        say(w, " tested.");
        end_text(w, list);
    } else {
        say(w, "Exception noted: ");
        say_of_n(w, found, n, is_sample);
        end_text(w, list);
    }
    if (marked > 0) {
        say_bridge(w, test);
        end_text(w, list);
    }
    say_together(w, list, test);
    say_more(w, list, test);
    add_own_words(w, list, test, "cause", "Cause: ");
    add_own_words(w, list, test, "effect", "Effect: ");
    add_own_words(w, list, test, "other_controls", "Other controls: ");
}

bool report_text_result(struct arena *arena, struct value *test, struct error *err)
{
    struct writer w = writer_new(arena, test, err);
    struct value *list = add_list(&w, test, "result_text");
    result_texts(&w, list, test);
    return writer_end(&w);
}
