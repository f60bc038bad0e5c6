#include "store/store_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"

int64_t world_clock_us;
const struct actor maria = { .name = { "person/maria", 12 },
                             .is_private = true,
                             .side = "management" };

int64_t world_clock(void)
{
    world_clock_us += US_PER_SECOND;
    return world_clock_us;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void remove_tree(const char *folder) { (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

void copy_tree(const char *from, const char *to)
{
    struct error err = { 0 };
    struct folder_names names;
    struct arena *arena = arena_new((size_t)1 << 26, &err);
    assert_non_null(arena);
    assert_true(folder_list(arena, from, &names, &err));
    assert_int_equal(mkdir(to, 0700), 0);
    for (size_t i = 0; i < names.count; i++) {
        struct stat st;
        struct slice bytes;
        char *source = arena_printf(arena, &err, "%s/%.*s", from, SLICE_ARG(names.items[i]));
        char *target = arena_printf(arena, &err, "%s/%.*s", to, SLICE_ARG(names.items[i]));
        assert_int_equal(stat(source, &st), 0);
        if (S_ISDIR(st.st_mode)) {
            copy_tree(source, target);
            continue;
        }
        assert_true(file_read(arena, source, (size_t)1 << 26, &bytes, &err));
        FILE *file = fopen(target, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
        assert_int_equal(fclose(file), 0);
    }
    arena_free(arena);
}

void assert_done(struct world *w, bool ok)
{
    if (!ok)
        fail_msg("%s: %s (%s)", w->err.where, w->err.message, w->err.hint);
}

void assert_error(struct world *w, bool ok, enum error_code code, const char *message)
{
    assert_false(ok);
    assert_int_equal(w->err.code, code);
    if (!strstr(w->err.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, w->err.message);
    w->err = (struct error){ 0 };
}

int world_empty(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    char root[] = "/tmp/attest-store-XXXXXX";
    assert_non_null(w);
    assert_non_null(mkdtemp(root));
    (void)snprintf(w->folder, sizeof(w->folder), "%s/data", root);
    w->arena = arena_new((size_t)1 << 30, &w->err);
    assert_non_null(w->arena);
    /* 2026-11-24T12:00:00Z */
    world_clock_us = INT64_C(1795521600) * US_PER_SECOND;
    *state = w;
    return 0;
}

static struct store *open_as(struct world *w, enum store_mode mode)
{
    struct store_options options = { .mode = mode, .clock_us = world_clock };
    struct store *store = store_open_with(w->folder, &options, &w->err);
    assert_done(w, store != NULL);
    return store;
}

int world_begin(void **state)
{
    if (world_empty(state) != 0)
        return 1;
    struct world *w = *state;
    struct store_options options = { .clock_us = world_clock };
    assert_done(w, store_create_with(w->folder, SLICE("example.com/store"), &options, &w->err));
    w->store = open_as(w, STORE_WRITE);
    return 0;
}

int world_end(void **state)
{
    struct world *w = *state;
    store_close(w->store);
    *strrchr(w->folder, '/') = '\0';
    remove_tree(w->folder);
    arena_free(w->arena);
    free(w);
    return 0;
}

void world_reopen(struct world *w)
{
    store_close(w->store);
    w->store = NULL;
    w->store = open_as(w, STORE_WRITE);
}

struct store *world_reader(struct world *w) { return open_as(w, STORE_READ); }

struct transaction *world_transaction(struct world *w)
{
    struct transaction *tx = transaction_begin(w->store, &w->err);
    assert_done(w, tx != NULL);
    return tx;
}

void world_commit(struct world *w, struct transaction *tx)
{
    const struct ledger_appended *appended;
    size_t count;
    assert_done(w, transaction_commit(tx, &appended, &count, &w->err));
    transaction_free(tx);
}

struct value *world_document(struct world *w, const char *id, const char *text)
{
    struct value *document = value_new(w->arena, VALUE_OBJECT, &w->err);
    assert_done(w, document && value_put_text(w->arena, document, "id", slice_of(id), &w->err) &&
                       value_put_text(w->arena, document, "text", slice_of(text), &w->err));
    return document;
}

static struct slice control_name(struct world *w, const char *id)
{
    char *name = arena_printf(w->arena, &w->err, "control/%s", id);
    assert_done(w, name != NULL);
    return slice_of(name);
}

static uint64_t next_version(struct world *w, struct slice name)
{
    struct resource_version last;
    if (resource_get(w->store, w->arena, name, store_size(w->store), &last, &w->err))
        return last.version + 1;
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    w->err = (struct error){ 0 };
    return 1;
}

void world_put_in(struct world *w, struct transaction *tx, const char *id, uint64_t version,
                  const char *text)
{
    struct resource_draft draft = { .name = control_name(w, id),
                                    .kind = SLICE("Control"),
                                    .entry_type = "resource",
                                    .version = version,
                                    .document = text ? world_document(w, id, text) : NULL };
    if (version == 0)
        draft.version = next_version(w, draft.name);
    assert_done(w, transaction_resource(tx, &maria, &draft, &w->err));
}

void world_put(struct world *w, const char *id, const char *text)
{
    struct transaction *tx = world_transaction(w);
    world_put_in(w, tx, id, 0, text);
    world_commit(w, tx);
}

void world_remove_control(struct world *w, const char *id) { world_put(w, id, NULL); }

void assert_findings(struct world *w, size_t count, const char *message)
{
    struct findings findings = { 0 };
    assert_done(w, store_check(w->store, &findings, &w->err));
    for (size_t i = 0; i < findings.count && count == 0; i++)
        print_error("%s: %s\n", findings.items[i].error.where, findings.items[i].error.message);
    assert_int_equal(findings.errors_count, count);
    if (message && !strstr(findings.items[0].error.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, findings.items[0].error.message);
    findings_free(&findings);
}

const char *world_path(const struct world *w, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", w->folder, name);
    return path;
}
