/* A repository as evidence, compared with what git itself says of it. */
#include "evidence/evidence_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A history with a merge, trailers, a mailmap, tags of both kinds, and an old encoding. */
static const char history[] =
    "export GIT_AUTHOR_NAME=Ann "
    "GIT_AUTHOR_EMAIL=ann@old.example GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.test\n"
    "at() { export GIT_AUTHOR_DATE=\"$1\" GIT_COMMITTER_DATE=\"$2\"; }\n"
    "git init -q -b main house; cd house\n"
    "at '2023-01-01T10:00:00+0100' '2023-01-02T10:00:00+0545'; echo 1 >a; echo 1 >b; git add .\n"
    "git commit -q -m 'First: both files'\n"
    "at '2023-02-01T10:00:00-0330' '2023-02-01T10:00:00Z'\n"
    "printf 'Ann New <ann@example.test> <ann@old.example>\\n' >.mailmap; git add .\n"
    "git commit -q -m 'Mailmap' -m 'Why: she moved.' -m 'Reviewed-by: Ann <ann@old.example>\n"
    "Acked-by: nobody\nTested-by: Cy <cy@example.test>\nChange-Id: I123'\n"
    "git tag light; git tag -a -m 'Release one' v1.0\n"
    "git checkout -q -b side HEAD~1; echo 2 >c; git add .; at '2023-03-01T00:00:00Z' "
    "'2023-03-01T00:00:00Z'\n"
    "git -c i18n.commitEncoding=ISO-8859-1 commit -q -m \"$(printf 'Gr\\374\\337e')\"\n"
    "git checkout -q main; at '2023-04-01T00:00:00Z' '2023-04-01T00:00:00Z'\n"
    "git merge -q --no-ff -m 'Merge side' side\n";

static const char *make_repository(struct world *w)
{
    world_shell(w, history);
    return world_path(w, "house");
}

#define TYPE_COMMITS                                                                               \
    "kind: PopulationType\nid: commits\nkey: [id]\ntime: committed_at\ncolumns:\n"                 \
    "  id: {type: text}\n  parents: {type: 'list<text>'}\n  merge: {type: boolean}\n"              \
    "  author: {type: text}\n  author_name: {type: text}\n  authored_at: {type: timestamp}\n"      \
    "  committer: {type: text}\n  committed_at: {type: timestamp}\n  subject: {type: text}\n"      \
    "  files_changed: {type: integer}\n  signed: {type: boolean}\n  tags: {type: 'list<text>'}\n"  \
    "  repository: {type: text}\n"

static void read_commits(struct world *w, const char *path, const char *more)
{
    char yaml[256];
    world_type(w, TYPE_COMMITS);
    (void)snprintf(yaml, sizeof yaml, "kind: Source\nid: s\npopulation: commits\nreader: git\n%s",
                   more);
    world_source(w, yaml);
    if (!world_read(w, path))
        fail_msg("%s: %s", w->err.where, w->err.message);
    assert_digest_of_rows(w);
}

static void commits_are_what_git_log_says(void **state)
{
    struct world *w = *state;
    read_commits(w, make_repository(w), "");
    assert_int_equal(w->content.counts.kept, 4);
    const char *rows = world_rows(w);

    char ids[4][41];
    const char *log = world_shell(w, "cd house; git log --topo-order --date-order --format=%H");
    for (int i = 0; i < 4; i++) {
        memcpy(ids[i], log + (size_t)i * 41, 40);
        ids[i][40] = '\0';
    }
    struct strbuf expected = strbuf_new(1 << 16);
    strbuf_printf(&expected,
                  "[\"%s\",[\"%s\",\"%s\"],\"true\",\"ann@example.test\",\"Ann New\","
                  "\"2023-04-01T00:00:00.000000Z\",\"bob@example.test\","
                  "\"2023-04-01T00:00:00.000000Z\",\"Merge side\",null,\"false\",[],\"house\"]\n",
                  ids[0], ids[2], ids[1]);
    strbuf_printf(&expected,
                  "[\"%s\",[\"%s\"],\"false\",\"ann@example.test\",\"Ann New\","
                  "\"2023-03-01T00:00:00.000000Z\",\"bob@example.test\","
                  "\"2023-03-01T00:00:00.000000Z\",\"Grüße\",\"1\",\"false\",[],\"house\"]\n",
                  ids[1], ids[3]);
    strbuf_printf(&expected,
                  "[\"%s\",[\"%s\"],\"false\",\"ann@example.test\",\"Ann New\","
                  "\"2023-02-01T13:30:00.000000Z\",\"bob@example.test\","
                  "\"2023-02-01T10:00:00.000000Z\",\"Mailmap\",\"1\",\"false\","
                  "[\"light\",\"v1.0\"],\"house\"]\n",
                  ids[2], ids[3]);
    strbuf_printf(&expected,
                  "[\"%s\",[],\"false\",\"ann@example.test\",\"Ann New\","
                  "\"2023-01-01T09:00:00.000000Z\",\"bob@example.test\","
                  "\"2023-01-02T04:15:00.000000Z\",\"First: both files\",\"2\",\"false\",[],"
                  "\"house\"]\n",
                  ids[3]);
    assert_string_equal(rows, expected.at);
    strbuf_free(&expected);
}

static void refs_say_which_commits(void **state)
{
    struct world *w = *state;
    const char *path = make_repository(w);
    read_commits(w, path, "refs: [side]\n");
    assert_int_equal(w->content.counts.kept, 2);
    read_commits(w, path, "refs: ['refs/heads/*']\n");
    assert_int_equal(w->content.counts.kept, 4);
    read_commits(w, path, "refs: [v1.0]\nmailmap: false\n");
    assert_int_equal(w->content.counts.kept, 2);
    assert_non_null(strstr(world_rows(w), "\"ann@old.example\",\"Ann\""));
    world_source(w, "kind: Source\nid: s\npopulation: commits\nreader: git\nrefs: [none]\n");
    assert_false(world_read(w, path));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "no ref \"none\""));
}

static void trailers_are_rows_of_their_own(void **state)
{
    struct world *w = *state;
    const char *path = make_repository(w);
    world_type(w, "kind: PopulationType\nid: approvals\nkey: [change_id, id]\ntime: at\ncolumns:\n"
                  "  id: {type: text}\n  change_id: {type: text}\n  kind: {type: text}\n"
                  "  actor: {type: text}\n  name: {type: text}\n  value: {type: text}\n"
                  "  n: {type: integer}\n  at: {type: timestamp}\n");
    world_source(w, "kind: Source\nid: s\npopulation: approvals\nreader: git\neach: trailers\n"
                    "fields: {id: trailers.id, change_id: id, kind: trailers.kind, "
                    "actor: trailers.email, name: trailers.name, value: trailers.value, "
                    "n: trailers.seq, at: committed_at}\n");
    if (!world_read(w, path))
        fail_msg("%s: %s", w->err.where, w->err.message);
    char id[41];
    memcpy(id, world_shell(w, "cd house; git rev-parse v1.0^{commit}"), 40);
    id[40] = '\0';
    struct strbuf expected = strbuf_new(1 << 16);
    static const char *const rest[] = {
        "\"reviewed\",\"ann@example.test\",\"Ann New\",\"Ann <ann@old.example>\",\"1\"",
        "\"acked\",null,null,\"nobody\",\"2\"",
        "\"tested\",\"cy@example.test\",\"Cy\",\"Cy <cy@example.test>\",\"3\"",
        "\"change-id\",null,null,\"I123\",\"4\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(rest); i++)
        strbuf_printf(&expected, "[\"%zu\",\"%s\",%s,\"2023-02-01T10:00:00.000000Z\"]\n", i + 1, id,
                      rest[i]);
    assert_string_equal(world_rows(w), expected.at);
    strbuf_free(&expected);
}

static void tags_are_releases(void **state)
{
    struct world *w = *state;
    const char *path = make_repository(w);
    world_type(w, "kind: PopulationType\nid: releases\nkey: [repository, id]\ntime: released_at\n"
                  "columns:\n  id: {type: text}\n  repository: {type: text}\n"
                  "  annotated: {type: boolean}\n  tagger: {type: text}\n"
                  "  time_source: {type: text}\n  released_at: {type: timestamp}\n");
    world_source(w, "kind: Source\nid: s\npopulation: releases\nreader: git\nrecords: tags\n");
    if (!world_read(w, path))
        fail_msg("%s: %s", w->err.where, w->err.message);
    assert_string_equal(world_rows(w),
                        "[\"light\",\"house\",\"false\",null,\"committer\","
                        "\"2023-02-01T10:00:00.000000Z\"]\n"
                        "[\"v1.0\",\"house\",\"true\",\"bob@example.test\",\"tagger\","
                        "\"2023-02-01T10:00:00.000000Z\"]\n");
}

static void the_same_history_gives_the_same_bytes(void **state)
{
    struct world *w = *state;
    const char *path = make_repository(w);
    read_commits(w, path, "");
    struct digest first = w->content.raw.sha256;
    read_commits(w, world_path(w, "house/.git"), "");
    assert_true(digest_equal(&first, &w->content.raw.sha256));
    /* Packed, in a bare clone of another place. */
    world_shell(w, "mkdir other; git clone -q --bare house other/house.git\n"
                   "git -C other/house.git gc -q");
    read_commits(w, world_path(w, "other/house.git"), "");
    assert_true(digest_equal(&first, &w->content.raw.sha256));
}

static void what_is_no_whole_repository_is_refused(void **state)
{
    struct world *w = *state;
    const char *path = make_repository(w);
    world_type(w, TYPE_COMMITS);
    world_source(w, "kind: Source\nid: s\npopulation: commits\nreader: git\n");
    /* A folder inside a work tree is not the repository: none is searched for above it. */
    world_shell(w, "mkdir house/inner; git clone -q --depth 1 \"file://$PWD/house\" shallow 2>&1");
    assert_false(world_read(w, world_path(w, "house/inner")));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "not a git repository"));
    assert_false(world_read(w, world_path(w, "shallow")));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "shallow"));
    /* An object that is gone is told. (A commit that is gone as well, but libgit2 1.5 then leaks.)
     */
    world_shell(w, "cd house; id=$(git rev-parse side^{tree})\n"
                   "rm -f .git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-)");
    assert_false(world_read(w, path));
    assert_int_equal(w->err.code, ERROR_CORRUPT);
}

static void a_repository_without_commits_has_no_row(void **state)
{
    struct world *w = *state;
    world_shell(w, "git init -q empty");
    read_commits(w, world_path(w, "empty"), "");
    assert_int_equal(w->content.counts.kept, 0);
    assert_warning(w, 0, "empty", "holds no row");
    /* But not if the commits are elsewhere. */
    const char *path = make_repository(w);
    world_shell(w, "cd house; git symbolic-ref HEAD refs/heads/other");
    assert_false(world_read(w, path));
    assert_int_equal(w->err.code, ERROR_INVALID);
    assert_non_null(strstr(w->err.message, "HEAD names a branch without commits"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(commits_are_what_git_log_says),
        WORLD_TEST(refs_say_which_commits),
        WORLD_TEST(trailers_are_rows_of_their_own),
        WORLD_TEST(tags_are_releases),
        WORLD_TEST(the_same_history_gives_the_same_bytes),
        WORLD_TEST(what_is_no_whole_repository_is_refused),
        WORLD_TEST(a_repository_without_commits_has_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
