#include "ledger/ledger_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"

int64_t world_clock_us;

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

int world_begin(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    char root[] = "/tmp/attest-ledger-XXXXXX";
    assert_non_null(w);
    assert_non_null(mkdtemp(root));
    (void)snprintf(w->folder, sizeof(w->folder), "%s/ledger", root);
    w->arena = arena_new((size_t)1 << 30, &w->err);
    assert_non_null(w->arena);
    /* 2026-11-24T12:00:00Z */
    world_clock_us = INT64_C(1795521600) * US_PER_SECOND;
    *state = w;
    return 0;
}

int world_end(void **state)
{
    struct world *w = *state;
    *strrchr(w->folder, '/') = '\0';
    remove_tree(w->folder);
    arena_free(w->arena);
    free(w);
    return 0;
}

const char *world_path(const struct world *w, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", w->folder, name);
    return path;
}

void world_create(struct world *w)
{
    bool ok = ledger_create(w->folder, SLICE("example.com/ledger"), &w->err);
    assert_string_equal(w->err.message, "");
    assert_true(ok);
}

static struct ledger *try_open(struct world *w, enum ledger_mode mode)
{
    struct ledger_options options = { .mode = mode, .clock_us = world_clock };
    return ledger_open_with(w->folder, &options, &w->err);
}

struct ledger *world_open(struct world *w, enum ledger_mode mode)
{
    struct ledger *ledger = try_open(w, mode);
    assert_string_equal(w->err.message, "");
    assert_non_null(ledger);
    return ledger;
}

static struct value *start_body(struct world *w)
{
    struct value *body = value_new(w->arena, VALUE_OBJECT, &w->err);
    assert_true(value_put_text(w->arena, body, "origin", SLICE("example.com/ledger"), &w->err));
    assert_true(
        value_put(w->arena, body, "prev", value_new(w->arena, VALUE_NULL, &w->err), &w->err));
    assert_true(value_put_text(w->arena, body, "spec", SLICE("attest-ledger/1"), &w->err));
    return body;
}

static struct value *control_body(struct world *w, uint64_t number)
{
    char name[40], hex[65];
    struct digest c = sha256_of(slice_bytes(&number, sizeof(number)));
    struct value *body = value_new(w->arena, VALUE_OBJECT, &w->err);
    (void)snprintf(name, sizeof(name), "control/C-%llu", (unsigned long long)number);
    digest_hex(&c, hex);
    assert_true(value_put_text(w->arena, body, "kind", SLICE("Control"), &w->err));
    assert_true(value_put_text(w->arena, body, "name", slice_of(name), &w->err));
    assert_true(value_put_text(w->arena, body, "op", SLICE("put"), &w->err));
    struct value *payload = value_put_object(w->arena, body, "payload", &w->err);
    assert_non_null(payload);
    assert_true(value_put_i64(w->arena, payload, "bytes", 2, &w->err));
    assert_true(value_put_text(w->arena, payload, "c", slice_of(hex), &w->err));
    assert_true(value_put_i64(w->arena, body, "version", 1, &w->err));
    return body;
}

bool world_try_append(struct world *w, struct ledger *ledger, size_t count)
{
    uint64_t controls_count = w->controls_count;
    struct ledger_draft *drafts = arena_array(w->arena, count, sizeof(*drafts), &w->err);
    struct ledger_appended *made = arena_array(w->arena, count, sizeof(*made), &w->err);
    assert_non_null(drafts);
    assert_non_null(made);
    for (size_t i = 0; i < count; i++) {
        bool is_start = ledger_size(ledger) + i == 0;
        drafts[i] = (struct ledger_draft){
            .type = is_start ? "ledger.start" : "resource",
            .side = is_start ? "system" : "management",
            .actor = is_start ? SLICE("program/attest") : SLICE("person/maria"),
            .body = is_start ? start_body(w) : control_body(w, ++w->controls_count)
        };
    }
    struct ledger_batch batch = { .drafts = drafts, .count = count };
    if (ledger_commit(ledger, w->arena, &batch, made, &w->err))
        return true;
    w->controls_count = controls_count;
    return false;
}

void world_append(struct world *w, struct ledger *ledger, size_t count)
{
    bool ok = world_try_append(w, ledger, count);
    assert_string_equal(w->err.message, "");
    assert_true(ok);
}

void world_filled(struct world *w, size_t count)
{
    world_create(w);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    world_append(w, ledger, count);
    ledger_close(ledger);
}

void world_refused(struct world *w, enum error_code code, const char *where, const char *message,
                   const char *hint)
{
    struct ledger *ledger = try_open(w, LEDGER_WRITE);
    assert_null(ledger);
    assert_int_equal(w->err.code, code);
    if (where && !strstr(w->err.where, where))
        fail_msg("where: \"%s\" in \"%s\"", where, w->err.where);
    if (message && !strstr(w->err.message, message))
        fail_msg("message: \"%s\" in \"%s\"", message, w->err.message);
    if (hint && !strstr(w->err.hint, hint))
        fail_msg("hint: \"%s\" in \"%s\"", hint, w->err.hint);
    w->err = (struct error){ 0 };
}

void world_write(const struct world *w, const char *name, const void *bytes, size_t count)
{
    FILE *file = fopen(world_path(w, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

struct slice world_read(struct world *w, const char *name)
{
    struct slice bytes = { 0 };
    assert_true(file_read(w->arena, world_path(w, name), (size_t)64 << 20, &bytes, &w->err));
    return bytes;
}

void world_flip(struct world *w, const char *name, size_t at)
{
    struct slice bytes = world_read(w, name);
    char *copy = arena_string(w->arena, bytes, &w->err);
    assert_non_null(copy);
    assert_true(at < bytes.len);
    copy[at] = (char)(copy[at] ^ 1);
    world_write(w, name, copy, bytes.len);
}

void world_remove(const struct world *w, const char *name)
{
    assert_int_equal(remove(world_path(w, name)), 0);
}

bool world_has(const struct world *w, const char *name)
{
    return access(world_path(w, name), F_OK) == 0;
}
