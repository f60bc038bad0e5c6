/* Bytes on their way to a reader: unpacked, hashed, kept, and never a part taken for the whole. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

static struct slice gzip(struct world *w, struct slice bytes)
{
    z_stream stream = { 0 };
    size_t room = bytes.len + bytes.len / 100 + 1024;
    char *out = arena_alloc(w->arena, room, &w->err);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    char *in = arena_string(w->arena, bytes, &w->err);
    stream.next_in = (Bytef *)in;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct slice packed = { out, room - stream.avail_out };
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return packed;
}

static struct slice zstd(struct world *w, struct slice bytes)
{
    size_t room = ZSTD_compressBound(bytes.len);
    char *out = arena_alloc(w->arena, room, &w->err);
    size_t len = ZSTD_compress(out, room, bytes.at, bytes.len, 3);
    assert_false(ZSTD_isError(len));
    return (struct slice){ out, len };
}

static struct slice join(struct world *w, struct slice a, struct slice b)
{
    char *out = arena_alloc(w->arena, a.len + b.len, &w->err);
    memcpy(out, a.at, a.len);
    memcpy(out + a.len, b.at, b.len);
    return (struct slice){ out, a.len + b.len };
}

/* 20,000 rows, about 2 MB: more than a block. */
static struct slice rows(struct world *w, int first)
{
    struct strbuf text = strbuf_new(64 << 20);
    for (int i = first; i < first + 20000; i++)
        strbuf_printf(&text,
                      "{\"id\":\"c-%d\",\"actor\":\"p-%d\",\"at\":\"2023-01-01T00:00:00Z\","
                      "\"note\":\"%08x\"}\n",
                      i, i % 7, (unsigned)i * 2654435761u);
    struct slice copy;
    assert_true(arena_copy(w->arena, strbuf_slice(&text), &copy, &w->err));
    strbuf_free(&text);
    return copy;
}

static void set_up(struct world *w)
{
    world_type(w, TYPE_CHANGES);
    world_source(w, "kind: Source\nid: s\npopulation: changes\nreader: ndjson\n");
}

static void assert_read(struct world *w, struct slice packed, struct slice bytes, size_t count)
{
    struct digest digest = sha256_of(bytes);
    if (!world_read(w, world_file(w, "x", packed)))
        fail_msg("%s: %s", w->err.where, w->err.message);
    assert_int_equal(w->content.counts.kept, count);
    assert_int_equal(w->content.raw.bytes, bytes.len);
    assert_true(digest_equal(&digest, &w->content.raw.sha256));
}

static void packed_files_are_read_as_what_is_in_them(void **state)
{
    struct world *w = *state;
    set_up(w);
    struct slice a = rows(w, 0), b = rows(w, 20000), both = join(w, a, b);
    assert_read(w, a, a, 20000);
    struct digest plain = w->content.counts.row_digest;
    assert_read(w, gzip(w, a), a, 20000);
    assert_true(digest_equal(&plain, &w->content.counts.row_digest));
    assert_read(w, zstd(w, a), a, 20000);
    assert_true(digest_equal(&plain, &w->content.counts.row_digest));
    /* Members one after the other, as log rotation appends them. */
    assert_read(w, join(w, gzip(w, a), gzip(w, b)), both, 40000);
    assert_read(w, join(w, zstd(w, a), zstd(w, b)), both, 40000);
}

static void packed_files_of_nothing_are_empty(void **state)
{
    struct world *w = *state;
    set_up(w);
    struct slice nothing = SLICE("");
    assert_read(w, nothing, nothing, 0);
    assert_read(w, gzip(w, nothing), nothing, 0);
    assert_read(w, zstd(w, nothing), nothing, 0);
}

static void refuse(struct world *w, struct slice packed, const char *message)
{
    if (world_read(w, world_file(w, "x", packed)))
        fail_msg("was read, and should say: %s", message);
    assert_int_equal(w->err.code, ERROR_INVALID);
    if (!strstr(w->err.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, w->err.message);
}

static void damaged_or_cut_files_are_never_shorter_files(void **state)
{
    struct world *w = *state;
    set_up(w);
    struct slice bytes = rows(w, 0), packed[] = { gzip(w, bytes), zstd(w, bytes) };
    for (size_t i = 0; i < ARRAY_LEN(packed); i++) {
        const char *form = i == 0 ? "damaged gzip" : "damaged zstd";
        for (size_t cut = 5; cut < packed[i].len; cut = cut * 2 + 1)
            refuse(w, slice_head(packed[i], cut), form);
        refuse(w, slice_head(packed[i], packed[i].len - 1), form);
        refuse(w, join(w, packed[i], SLICE("and more")), form);
    }
    /* A flipped bit in the middle: the check sum, or what it does to the text. */
    char *flipped = arena_string(w->arena, packed[0], &w->err);
    memcpy(flipped, packed[0].at, packed[0].len);
    flipped[packed[0].len / 2] ^= 1;
    assert_false(world_read(w, world_file(w, "x", (struct slice){ flipped, packed[0].len })));
}

static void what_is_kept_unpacks_to_the_same_bytes(void **state)
{
    struct world *w = *state;
    set_up(w);
    struct slice bytes = rows(w, 0);
    w->keeps = true;
    assert_read(w, gzip(w, bytes), bytes, 20000);
    char *unpacked = malloc(bytes.len + 1);
    assert_non_null(unpacked);
    size_t len = ZSTD_decompress(unpacked, bytes.len + 1, w->packed.at, w->packed.len);
    assert_int_equal(len, bytes.len);
    assert_memory_equal(unpacked, bytes.at, len);
    free(unpacked);
    assert_true(w->packed.len < bytes.len / 3);
}

static void a_folder_or_a_missing_file_is_told(void **state)
{
    struct world *w = *state;
    set_up(w);
    assert_false(world_read(w, w->folder));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "is a folder"));
    assert_false(world_read(w, world_path(w, "none")));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
}

static bool stop_at_once(struct progress *progress, const char *what, uint64_t count,
                         uint64_t bytes, uint64_t bytes_total)
{
    (void)progress;
    (void)what;
    (void)bytes;
    assert_true(count <= 2048 && bytes_total > 0);
    return false;
}

static void a_user_can_stop_it(void **state)
{
    struct world *w = *state;
    set_up(w);
    struct progress progress = { stop_at_once };
    struct segment_request request = {
        .engine = w->engine,
        .source = &w->source,
        .type = &w->type,
        .path = world_file(w, "x", rows(w, 0)),
        .parquet_path = world_path(w, "segment"),
        .tmp_folder = w->folder,
        .findings = &w->findings,
        .progress = &progress,
    };
    assert_false(segment_write(&request, w->arena, &w->content, &w->err));
    assert_int_equal(w->err.code, ERROR_INTERRUPTED);
}

static void a_segment_that_cannot_be_written_stops_the_reading(void **state)
{
    struct world *w = *state;
    set_up(w);
    struct segment_request request = {
        .engine = w->engine,
        .source = &w->source,
        .type = &w->type,
        .path = world_file(w, "x", rows(w, 0)),
        .parquet_path = world_path(w, "no/such/folder/segment"),
        .tmp_folder = w->folder,
        .findings = &w->findings,
    };
    assert_false(segment_write(&request, w->arena, &w->content, &w->err));
    assert_int_equal(w->err.code, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(packed_files_are_read_as_what_is_in_them),
        WORLD_TEST(packed_files_of_nothing_are_empty),
        WORLD_TEST(damaged_or_cut_files_are_never_shorter_files),
        WORLD_TEST(what_is_kept_unpacks_to_the_same_bytes),
        WORLD_TEST(a_folder_or_a_missing_file_is_told),
        WORLD_TEST(a_user_can_stop_it),
        WORLD_TEST(a_segment_that_cannot_be_written_stops_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
