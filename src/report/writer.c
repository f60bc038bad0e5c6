#include "report/writer.h"

#include "report/direction.h"

#include <stdio.h>

struct writer writer_new(struct arena *arena, const struct value *model, struct error *err)
{
    return (struct writer){
        .arena = arena, .model = model, .err = err, .text = strbuf_new((size_t)1 << 24)
    };
}

bool writer_end(struct writer *w)
{
    bool ok = !w->failed && strbuf_ok(&w->text, w->err);
    strbuf_free(&w->text);
    return ok;
}

void say(struct writer *w, const char *words) { strbuf_add_text(&w->text, words); }

void say_slice(struct writer *w, struct slice words) { strbuf_add(&w->text, words); }

void say_name(struct writer *w, struct slice name)
{
    bool is_isolated = text_has_right_to_left(name) && text_isolates_are_balanced(name);
    if (is_isolated)
        say(w, isolate);
    say_slice(w, name);
    if (is_isolated)
        say(w, isolate_end);
}

void say_count(struct writer *w, int64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%lld", (long long)number);
    for (int i = 0; i < length; i++) {
        int left = length - i - 1;
        strbuf_add_char(&w->text, digits[i]);
        if (left > 0 && left % 3 == 0 && digits[i] != '-')
            strbuf_add_char(&w->text, ',');
    }
}

void say_items(struct writer *w, int64_t number)
{
    say_count(w, number);
    say(w, number == 1 ? " item" : " items");
}

void say_fact(struct writer *w, const char *path)
{
    struct slice text = value_text(value_path(w->model, path));
    if (text.len == 0 && !w->failed) {
        error_set(w->err, ERROR_INVALID, path, "this is missing, and a sentence needs it");
        w->failed = true;
    }
    say_name(w, text);
}

void say_date(struct writer *w, struct slice date)
{
    static const char *const months[] = { "January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December" };
    uint64_t month = 0;
    if (date.len != 10 || date.at[4] != '-' || date.at[7] != '-' ||
        !slice_to_u64(
            slice_head(slice_from(date, date.at[5] == '0' ? 6 : 5), date.at[5] == '0' ? 1 : 2),
            &month) ||
        month < 1 || month > 12) {
        say_slice(w, date);
        return;
    }
    say_slice(w, slice_from(date, date.at[8] == '0' ? 9 : 8));
    say(w, " ");
    say(w, months[month - 1]);
    say(w, " ");
    say_slice(w, slice_head(date, 4));
}

void say_period(struct writer *w, const struct value *period)
{
    say_date(w, value_text_of(period, "from"));
    say(w, " to ");
    say_date(w, value_text_of(period, "to"));
}

void say_when(struct writer *w)
{
    const struct value *period = value_member(w->model, "period");
    if (value_count(period) > 0) {
        say(w, "throughout the period from ");
        say_period(w, period);
    } else {
        say(w, "as of ");
        say_date(w, value_text_of(w->model, "as_of"));
    }
}

void say_categories(struct writer *w)
{
    const struct value *categories = value_member(w->model, "categories");
    size_t count = value_count(categories);
    for (size_t i = 0; i < count; i++) {
        struct slice id = value_text(value_item(categories, i));
        if (i > 0)
            say(w, i + 1 == count ? " and " : ", ");
        say_slice(w, slice_is(id, "processing-integrity") ? SLICE("processing integrity") : id);
    }
}

void say_list(struct writer *w, const struct value *texts, bool are_criteria)
{
    size_t count = value_count(texts);
    for (size_t i = 0; i < count; i++) {
        struct slice text = value_text(value_item(texts, i));
        struct slice catalog, local;
        if (i > 0)
            say(w, i + 1 == count ? " and " : ", ");
        if (are_criteria && slice_split(text, '/', &catalog, &local))
            text = local;
        say_name(w, text);
    }
}

struct value *take_text(struct writer *w)
{
    struct value *text = NULL;
    if (!w->failed && strbuf_ok(&w->text, w->err))
        text = value_new_text(w->arena, strbuf_slice(&w->text), w->err);
    if (!text)
        w->failed = true;
    strbuf_clear(&w->text);
    return text;
}

void end_text(struct writer *w, struct value *list)
{
    struct value *text = take_text(w);
    if (!text || !list || !value_add(w->arena, list, text, w->err))
        w->failed = true;
}

struct value *begin_paragraph(struct writer *w, struct value *list, const char *id,
                              const char *heading)
{
    if (w->failed || !list)
        return NULL;
    struct value *paragraph = value_add_object(w->arena, list, w->err);
    if (!paragraph || !value_put_text(w->arena, paragraph, "id", slice_of(id), w->err) ||
        !value_put(w->arena, paragraph, "heading",
                   heading ? value_new_text(w->arena, slice_of(heading), w->err)
                           : value_new(w->arena, VALUE_NULL, w->err),
                   w->err)) {
        w->failed = true;
        return NULL;
    }
    return add_list(w, paragraph, "text");
}

struct value *add_list(struct writer *w, struct value *object, const char *name)
{
    struct value *list =
        w->failed || !object ? NULL : value_put_array(w->arena, object, name, w->err);
    if (!list)
        w->failed = true;
    return list;
}

void add_value(struct writer *w, struct value *object, const char *name, struct value *value)
{
    if (w->failed || !object || !value_put(w->arena, object, name, value, w->err))
        w->failed = true;
}

bool model_is(const struct value *model, const char *kind)
{
    return slice_is(value_text_of(model, "kind"), kind);
}
