/* Opening for writing: what a crash left is repaired, what is damaged is refused with its name. */
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/time.h"
#include "ledger/ledger_world.h"

/* 70 x 1,000 + 1 would be slow; 600 entries have two full tiles, a partial one and a level 1. */
enum { SIZE = 600 };

static void temporary_files_and_files_beyond_the_head_are_deleted(void **state)
{
    struct world *w = *state;
    static const char tile[32] = { 1 };
    world_filled(w, SIZE);
    world_write(w, "tmp/0123456789abcdef.tmp", "half", 4);
    assert_true(folder_make(world_path(w, "tmp/spill/deep"), &w->err));
    world_write(w, "tmp/spill/deep/file", "half", 4);
    world_write(w, "public/tile/0/002.p/89", tile, sizeof(tile));
    world_write(w, "public/tile/0/007", tile, sizeof(tile));
    assert_true(folder_make(world_path(w, "public/tile/entries/x001/234.p"), &w->err));
    world_write(w, "public/tile/entries/x001/234.p/5", tile, sizeof(tile));
    /* What became superfluous, but was not deleted any more. */
    assert_true(folder_make(world_path(w, "public/tile/0/001.p"), &w->err));
    world_write(w, "public/tile/0/001.p/7", tile, sizeof(tile));

    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    assert_int_equal(ledger_size(ledger), SIZE);
    assert_false(world_has(w, "tmp/0123456789abcdef.tmp"));
    assert_false(world_has(w, "tmp/spill"));
    assert_false(world_has(w, "public/tile/0/002.p/89"));
    assert_false(world_has(w, "public/tile/0/007"));
    assert_false(world_has(w, "public/tile/entries/x001"));
    assert_false(world_has(w, "public/tile/0/001.p"));
    assert_true(world_has(w, "public/tile/0/002.p/88"));
    world_append(w, ledger, 1);
    ledger_close(ledger);
}

static void the_head_is_published_again(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    struct slice old = world_read(w, "public/checkpoint");
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    world_append(w, ledger, 5);
    ledger_close(ledger);
    /* As after a crash between the head and its publication. */
    world_write(w, "public/checkpoint", old.at, old.len);
    struct ledger *reader = world_open(w, LEDGER_READ);
    assert_int_equal(ledger_size(reader), 5);
    ledger_close(reader);

    ledger_close(world_open(w, LEDGER_WRITE));
    reader = world_open(w, LEDGER_READ);
    assert_int_equal(ledger_size(reader), 10);
    ledger_close(reader);

    world_remove(w, "public/checkpoint");
    ledger_close(world_open(w, LEDGER_WRITE));
    assert_true(world_has(w, "public/checkpoint"));
}

static void a_lost_tile_is_rebuilt_from_the_entries(void **state)
{
    struct world *w = *state;
    static const char *const tiles[] = { "public/tile/0/000", "public/tile/0/002.p/88",
                                         "public/tile/1/000.p/2" };
    world_filled(w, SIZE);
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
        struct slice before = world_read(w, tiles[i]);
        world_remove(w, tiles[i]);
        ledger_close(world_open(w, LEDGER_WRITE));
        assert_true(slice_equal(before, world_read(w, tiles[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++)
        world_remove(w, tiles[i]);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    world_append(w, ledger, 300);
    ledger_close(ledger);
    ledger_close(world_open(w, LEDGER_WRITE));
}

static void a_lost_tile_is_not_rebuilt_from_entries_that_were_changed(void **state)
{
    struct world *w = *state;
    world_filled(w, SIZE);
    world_remove(w, "public/tile/0/002.p/88");
    world_flip(w, "public/tile/entries/002.p/88", 60);
    world_refused(w, ERROR_CORRUPT, "tile/entries", "the signed root", "backup");
    assert_false(world_has(w, "public/tile/0/002.p/88"));
}

static void a_damaged_tile_is_refused_by_name_and_can_be_moved_away(void **state)
{
    struct world *w = *state;
    world_filled(w, SIZE);
    world_flip(w, "public/tile/0/001", 5 * 32 + 3);
    world_refused(w, ERROR_CORRUPT, "public/tile/0/001", "hash 5: expected ", "move it away");
    world_remove(w, "public/tile/0/001");
    ledger_close(world_open(w, LEDGER_WRITE));

    world_flip(w, "public/tile/1/000.p/2", 40);
    world_refused(w, ERROR_CORRUPT, "public/tile/1/000.p/2", "hash 1: expected ", "move it away");
    world_remove(w, "public/tile/1/000.p/2");
    world_write(w, "public/tile/1/000.p/2", "short", 5);
    world_refused(w, ERROR_CORRUPT, "public/tile/1/000.p/2",
                  "expected 2 hashes (64 bytes), found 5 bytes", "move the file away");
}

static void a_damaged_entry_is_refused_by_number(void **state)
{
    struct world *w = *state;
    world_filled(w, SIZE);
    world_flip(w, "public/tile/entries/001", 60);
    world_refused(w, ERROR_CORRUPT, "public/tile/entries/001", "entry 256: expected the leaf hash",
                  "backup");
}

static void entries_and_tiles_changed_together_do_not_give_the_signed_root(void **state)
{
    struct world *w = *state;
    struct slice entry, bundle;
    world_filled(w, 3);
    /* Another actor in the last entry, and its leaf hash beside. */
    bundle = world_read(w, "public/tile/entries/000.p/3");
    char *changed = arena_string(w->arena, bundle, &w->err);
    size_t actor = bundle.len - 5;
    while (memcmp(changed + actor, "maria", 5) != 0)
        actor--;
    changed[actor] = 'x';
    struct slice rest = { changed, bundle.len };
    for (int i = 0; i < 3; i++) {
        size_t len = ((size_t)(unsigned char)rest.at[0] << 8) | (unsigned char)rest.at[1];
        entry = (struct slice){ rest.at + 2, len };
        rest = slice_from(rest, 2 + len);
    }
    struct digest leaf = leaf_hash(entry);
    char *tile = arena_string(w->arena, world_read(w, "public/tile/0/000.p/3"), &w->err);
    memcpy(tile + 64, leaf.bytes, sizeof(leaf.bytes));
    world_write(w, "public/tile/entries/000.p/3", changed, bundle.len);
    world_write(w, "public/tile/0/000.p/3", tile, 96);

    world_refused(w, ERROR_CORRUPT, "tile/entries", "expected entries that give the signed root",
                  "backup");
    assert_null(ledger_open(w->folder, LEDGER_READ, &w->err));
    assert_int_equal(w->err.code, ERROR_CORRUPT);
}

static void a_lost_or_cut_bundle_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, SIZE);
    struct slice bundle = world_read(w, "public/tile/entries/002.p/88");
    world_write(w, "public/tile/entries/002.p/88", bundle.at, bundle.len - 3);
    world_refused(w, ERROR_CORRUPT, "public/tile/entries/002.p/88",
                  "expected 88 entries, found 87 whole ones", "backup");
    world_remove(w, "public/tile/entries/002.p/88");
    world_refused(w, ERROR_CORRUPT, "public/tile/entries/002.p/88",
                  "expected 88 entries, found no file", "backup");
    world_write(w, "public/tile/entries/002.p/88", bundle.at, bundle.len);
    world_remove(w, "public/tile/entries/000");
    world_refused(w, ERROR_CORRUPT, "public/tile/entries/000", "found no file", "backup");
}

static void a_lost_head_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    struct slice head = world_read(w, "head");
    world_remove(w, "head");
    world_refused(w, ERROR_CORRUPT, "head", "a checkpoint is published", "copy");
    world_remove(w, "public/checkpoint");
    world_refused(w, ERROR_CORRUPT, "head", "there are tiles", "restore");
    assert_true(world_has(w, "public/tile/0/000.p/5"));
    world_write(w, "head", head.at, head.len);
    ledger_close(world_open(w, LEDGER_WRITE));
}

static void a_bad_signature_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    struct slice head = world_read(w, "head");
    /* Another size than was signed. */
    char *changed = arena_string(w->arena, head, &w->err);
    *strchr(strchr(changed, '\n'), '5') = '4';
    world_write(w, "head", changed, head.len);
    world_refused(w, ERROR_CORRUPT, "head", "expected a checkpoint signed by example.com/ledger+",
                  "restore");
}

static void another_key_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    struct slice key = world_read(w, "key"), verifier = world_read(w, "verifier");
    char folder[sizeof(w->folder)];
    memcpy(folder, w->folder, sizeof(folder));
    assert_true(strlen(folder) + sizeof("/other") <= sizeof(folder));
    memcpy(w->folder + strlen(folder), "/other", sizeof("/other"));
    world_create(w);
    struct slice other_key = world_read(w, "key"), other_verifier = world_read(w, "verifier");
    memcpy(w->folder, folder, sizeof(folder));

    world_write(w, "key", other_key.at, other_key.len);
    world_refused(w, ERROR_CORRUPT, "key", "expected the key example.com/ledger+", "fork");
    world_write(w, "verifier", other_verifier.at, other_verifier.len);
    world_refused(w, ERROR_CORRUPT, "head", "expected a checkpoint signed by", "put the old one");
    world_write(w, "key", key.at, key.len);
    world_write(w, "verifier", verifier.at, verifier.len);
    ledger_close(world_open(w, LEDGER_WRITE));
}

static void a_lost_key_is_refused_and_where_no_ledger_is_it_says_so(void **state)
{
    struct world *w = *state;
    world_refused(w, ERROR_NOT_FOUND, w->folder, "there is no ledger", NULL);
    world_filled(w, 5);
    world_remove(w, "key");
    world_refused(w, ERROR_CORRUPT, "key", "expected the ledger's private key, found no file",
                  "backup");
    struct ledger *reader = world_open(w, LEDGER_READ); /* needs no secret */
    assert_int_equal(ledger_size(reader), 5);
    ledger_close(reader);
    world_remove(w, "verifier");
    world_refused(w, ERROR_CORRUPT, "verifier", "expected the ledger's verifier key", "backup");
}

static void a_published_checkpoint_ahead_of_the_head_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    struct slice head = world_read(w, "head");
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    world_append(w, ledger, 5);
    ledger_close(ledger);
    struct slice newer = world_read(w, "head");
    world_write(w, "head", head.at, head.len);
    world_refused(w, ERROR_CORRUPT, "public/checkpoint",
                  "expected at most the 5 entries of the head, found a checkpoint of 10",
                  "rolled back");
    world_write(w, "head", newer.at, newer.len);
    ledger_close(world_open(w, LEDGER_WRITE));
}

static void another_root_at_the_size_of_the_published_checkpoint_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    struct strbuf text = strbuf_new(4096), note = strbuf_new(4096);
    struct checkpoint fork = { .origin = ledger_origin(ledger),
                               .size = 4,
                               .root = sha256_of(SLICE("another history")) };
    checkpoint_text(&fork, &text);
    note_sign(ledger_key(ledger), strbuf_slice(&text), &note);
    ledger_close(ledger);
    world_write(w, "public/checkpoint", note.at, note.len);
    world_refused(w, ERROR_CORRUPT, "public/checkpoint", "at size 4, found", "two histories");
    strbuf_free(&text);
    strbuf_free(&note);
}

static void a_clock_far_behind_the_last_entry_is_refused(void **state)
{
    struct world *w = *state;
    world_filled(w, 5);
    world_clock_us -= 302 * US_PER_SECOND;
    world_refused(w, ERROR_IO, "", "more than five minutes before the last entry", "clock");
    world_clock_us += 10 * US_PER_SECOND;
    ledger_close(world_open(w, LEDGER_WRITE));
}

static void an_unknown_spec_is_refused(void **state)
{
    struct world *w = *state;
    struct tile_edge_of_one {
        char bundle[512];
    } one;
    world_create(w);
    struct ledger *ledger = world_open(w, LEDGER_WRITE);
    /* Entry 0 of a later version, rightly signed. */
    static const char entry[] =
        "{\"actor\":\"program/attest\",\"at\":\"2026-11-24T12:00:00.000000Z\",\"body\":{\"origin\":"
        "\"example.com/ledger\",\"prev\":null,\"spec\":\"attest-ledger/2\"},\"inputs\":[],\"n\":0,"
        "\"side\":\"system\",\"type\":\"ledger.start\",\"v\":2}";
    struct slice bytes = { entry, sizeof(entry) - 1 };
    struct digest leaf = leaf_hash(bytes);
    struct checkpoint checkpoint = { .origin = ledger_origin(ledger), .size = 1, .root = leaf };
    struct strbuf text = strbuf_new(4096), note = strbuf_new(4096);
    checkpoint_text(&checkpoint, &text);
    note_sign(ledger_key(ledger), strbuf_slice(&text), &note);
    ledger_close(ledger);
    one.bundle[0] = (char)(bytes.len >> 8);
    one.bundle[1] = (char)(bytes.len & 0xff);
    memcpy(one.bundle + 2, bytes.at, bytes.len);
    assert_true(folder_make(world_path(w, "public/tile/entries/000.p"), &w->err));
    assert_true(folder_make(world_path(w, "public/tile/0/000.p"), &w->err));
    world_write(w, "public/tile/entries/000.p/1", one.bundle, bytes.len + 2);
    world_write(w, "public/tile/0/000.p/1", leaf.bytes, sizeof(leaf.bytes));
    world_write(w, "head", note.at, note.len);
    strbuf_free(&text);
    strbuf_free(&note);

    world_refused(w, ERROR_CORRUPT, "", "found \"attest-ledger/2\"", "version of attest");
}

static void a_refusal_changes_no_file(void **state)
{
    struct world *w = *state;
    world_filled(w, SIZE);
    world_write(w, "tmp/left.tmp", "half", 4);
    world_remove(w, "public/tile/0/000");
    world_flip(w, "public/tile/0/001", 0);
    world_refused(w, ERROR_CORRUPT, "public/tile/0/001", NULL, NULL);
    assert_true(world_has(w, "tmp/left.tmp"));
    assert_false(world_has(w, "public/tile/0/000"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(temporary_files_and_files_beyond_the_head_are_deleted),
        TEST(the_head_is_published_again),
        TEST(a_lost_tile_is_rebuilt_from_the_entries),
        TEST(a_lost_tile_is_not_rebuilt_from_entries_that_were_changed),
        TEST(a_damaged_tile_is_refused_by_name_and_can_be_moved_away),
        TEST(a_damaged_entry_is_refused_by_number),
        TEST(entries_and_tiles_changed_together_do_not_give_the_signed_root),
        TEST(a_lost_or_cut_bundle_is_refused),
        TEST(a_lost_head_is_refused),
        TEST(a_bad_signature_is_refused),
        TEST(another_key_is_refused),
        TEST(a_lost_key_is_refused_and_where_no_ledger_is_it_says_so),
        TEST(a_published_checkpoint_ahead_of_the_head_is_refused),
        TEST(another_root_at_the_size_of_the_published_checkpoint_is_refused),
        TEST(a_clock_far_behind_the_last_entry_is_refused),
        TEST(an_unknown_spec_is_refused),
        TEST(a_refusal_changes_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
