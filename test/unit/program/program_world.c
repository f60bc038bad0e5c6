#include "program/program_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void remove_tree(const char *folder) { (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

void assert_done(struct world *w, bool ok)
{
    if (!ok && w->findings.count > 0)
        fail_msg("%s: %s (%s)", w->findings.items[0].error.where,
                 w->findings.items[0].error.message, w->findings.items[0].error.hint);
    if (!ok)
        fail_msg("%s: %s (%s)", w->err.where, w->err.message, w->err.hint);
}

int world_bare(void **state)
{
    const char *tmp = getenv("TMPDIR");
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "%.30s/attest-program-XXXXXX",
                   tmp ? tmp : P_tmpdir);
    assert_non_null(mkdtemp(w->folder));
    w->arena = arena_new((size_t)1 << 30, &w->err);
    assert_done(w, w->arena != NULL);
    w->catalogue = catalogue_open(&w->err);
    assert_done(w, w->catalogue != NULL);
    *state = w;
    return 0;
}

int world_begin(void **state)
{
    char folder[sizeof((struct world *)NULL)->folder + 8];
    if (world_bare(state) != 0)
        return 1;
    struct world *w = *state;
    (void)snprintf(folder, sizeof folder, "%s/data", w->folder);
    assert_done(w, store_create(folder, SLICE("example.com/test"), &w->err));
    w->store = store_open(folder, STORE_WRITE, &w->err);
    assert_done(w, w->store != NULL);
    assert_done(w, first_person_write(w->store, w->catalogue, SLICE("person/own"), SLICE("Owner"),
                                      &w->err));
    world_act_as(w, "");
    return 0;
}

int world_end(void **state)
{
    struct world *w = *state;
    store_close(w->store);
    remove_tree(w->folder);
    findings_free(&w->findings);
    catalogue_free(w->catalogue);
    arena_free(w->arena);
    free(w);
    return 0;
}

void world_act_as(struct world *w, const char *person)
{
    assert_done(
        w, acting_find(w->store, w->catalogue, w->arena, slice_of(person), 0, &w->acting, &w->err));
}

void world_clear(struct world *w)
{
    findings_free(&w->findings);
    w->documents = (struct documents){ 0 };
    w->plan = (struct plan){ 0 };
    w->err = (struct error){ 0 };
}

bool world_read(struct world *w, const char *text)
{
    bool ok = documents_add(w->arena, w->catalogue, slice_of(text), "test.yaml", &w->documents,
                            &w->findings, &w->err);
    assert_int_equal(w->err.code, ERROR_NONE);
    return ok;
}

bool world_plan(struct world *w, bool prune)
{
    struct plan_options options = { .prune = prune };
    bool ok = plan_make(w->store, w->catalogue, w->arena, &w->documents, &w->acting, &options,
                        &w->plan, &w->findings, &w->err);
    assert_int_equal(w->err.code, ERROR_NONE);
    return ok;
}

void world_apply(struct world *w, const char *text)
{
    struct plan_applied applied;
    world_clear(w);
    assert_done(w, world_read(w, text));
    assert_done(w, world_plan(w, false));
    assert_done(w, plan_apply(w->store, &w->plan, &w->acting, &applied, &w->err));
}

void world_refused(struct world *w, const char *text)
{
    world_clear(w);
    bool is_read = world_read(w, text);
    assert_false(world_plan(w, false) && is_read);
    assert_true(w->findings.errors_count > 0);
}

void assert_finding(struct world *w, const char *where, const char *message, const char *hint)
{
    for (size_t i = 0; i < w->findings.count; i++) {
        const struct error *error = &w->findings.items[i].error;
        if ((!where || strcmp(error->where, where) == 0) && strstr(error->message, message) &&
            (!hint || strstr(error->hint, hint)))
            return;
    }
    for (size_t i = 0; i < w->findings.count; i++)
        print_error("there is: %s: %s (%s)\n", w->findings.items[i].error.where,
                    w->findings.items[i].error.message, w->findings.items[i].error.hint);
    fail_msg("no finding %s: %s (%s)", where ? where : "anywhere", message, hint ? hint : "");
}

void assert_findings_count(struct world *w, size_t errors, size_t warnings)
{
    for (size_t i = 0;
         (w->findings.errors_count != errors || w->findings.warnings_count != warnings) &&
         i < w->findings.count;
         i++)
        print_error("there is: %s: %s\n", w->findings.items[i].error.where,
                    w->findings.items[i].error.message);
    assert_int_equal(w->findings.errors_count, errors);
    assert_int_equal(w->findings.warnings_count, warnings);
}

void assert_plan(struct world *w, const char *expected, bool with_unchanged)
{
    char text[4096] = "";
    size_t len = 0;
    for (size_t i = 0; i < w->plan.count; i++) {
        const struct plan_item *item = &w->plan.items[i];
        if (item->action == PLAN_UNCHANGED && !with_unchanged)
            continue;
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%c%.*s", len ? " " : "",
                                "+~-="[item->action], SLICE_ARG(item->name));
    }
    assert_string_equal(text, expected);
}

struct slice world_document(struct world *w, const char *name)
{
    struct resource_version version;
    assert_done(w, resource_get(w->store, w->arena, slice_of(name), store_size(w->store), &version,
                                &w->err));
    return version.document;
}

uint64_t world_version(struct world *w, const char *name)
{
    struct resource_version version;
    assert_done(w, resource_get(w->store, w->arena, slice_of(name), store_size(w->store), &version,
                                &w->err));
    return version.version;
}
