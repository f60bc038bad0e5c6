#include "report/field_path.h"

size_t field_path_enter(struct strbuf *path, const char *name)
{
    size_t mark = path->len;
    if (mark > 0)
        strbuf_add_char(path, '.');
    strbuf_add_text(path, name);
    return mark;
}

size_t field_path_enter_item(struct strbuf *path, const char *name, size_t index)
{
    size_t mark = field_path_enter(path, name);
    strbuf_printf(path, "[%zu]", index);
    return mark;
}

void field_path_leave(struct strbuf *path, size_t mark)
{
    if (mark < path->len) {
        path->len = mark;
        path->at[mark] = '\0';
    }
}
