/* A git repository as evidence: its commits or tags become JSON lines (git_records.h), which are
 * then kept, hashed, mapped and checked as any other file's.
 *
 * Only objects and refs of the repository that was named are read: no search in parent folders, no
 * configuration of the machine, no hooks, no network. Whose files they are does not matter: nothing
 * of them is run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/git_records.h"
#include "evidence/reader.h"

enum {
    LINE_BYTES_MAX = 64 * 1024 * 1024,
    MAILMAP_BYTES_MAX = 16 * 1024 * 1024,
    CACHE_BYTES = 64 * 1024 * 1024
};

/* libgit2's settings are the process's; they are the same whenever this is called. */
static bool library_set(struct error *err)
{
    static const int levels[] = { GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL,
                                  GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_PROGRAMDATA };
    if (git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) != 0 ||
        git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)CACHE_BYTES) != 0)
        return git_fail(err, "cannot set up libgit2");
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "") != 0)
            return git_fail(err, "cannot set up libgit2");
    return true;
}

static git_repository *repository_open(const char *path, struct error *err)
{
    git_repository *repository = NULL;
    if (git_repository_open_ext(&repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) != 0) {
        git_fail(err, "not a git repository");
        err->code = ERROR_INVALID;
        return NULL;
    }
    if (git_repository_is_shallow(repository)) {
        error_set(err, ERROR_INVALID, NULL, "a shallow clone: its history is cut off");
        error_hint(err, "fetch the rest: git fetch --unshallow");
        git_repository_free(repository);
        return NULL;
    }
    return repository;
}

/* The repository's name: its folder's, without .git. */
static struct slice repository_name(const char *path)
{
    struct slice name = slice_of(path);
    for (;;) {
        while (name.len > 1 && name.at[name.len - 1] == '/')
            name.len--;
        if (slice_ends_with(name, SLICE("/.git")))
            name.len -= 5;
        else
            break;
    }
    if (name.len > 4 && slice_ends_with(name, SLICE(".git")))
        name.len -= 4;
    for (size_t at = name.len; at > 0; at--)
        if (name.at[at - 1] == '/')
            return slice_from(name, at);
    return name;
}

/* The .mailmap of HEAD, if it has one. */
static bool mailmap_read(git_repository *repository, git_mailmap **mailmap, struct error *err)
{
    git_object *blob = NULL;
    bool ok = true;
    if (git_revparse_single(&blob, repository, "HEAD:.mailmap") != 0)
        return true;
    if (git_object_type(blob) == GIT_OBJECT_BLOB) {
        const git_blob *file = (const git_blob *)blob;
        git_object_size_t size = git_blob_rawsize(file);
        if (size > MAILMAP_BYTES_MAX)
            ok = error_set(err, ERROR_INVALID, NULL, ".mailmap is larger than 16 MiB");
        else if (git_mailmap_from_buffer(mailmap, git_blob_rawcontent(file), (size_t)size) != 0)
            ok = git_fail(err, "cannot read .mailmap");
    }
    git_object_free(blob);
    return ok;
}

/* ---- tags ---- */

static int compare_names(const void *a, const void *b)
{
    const struct git_tag_name *left = a, *right = b;
    int order = git_oid_cmp(&left->commit, &right->commit);
    return order ? order : strcmp(left->name, right->name);
}

static bool tag_names_read(git_repository *repository, const git_strarray *names,
                           struct git_tag_names *tags, struct error *err)
{
    tags->items = calloc(names->count ? names->count : 1, sizeof *tags->items);
    if (!tags->items)
        return error_no_memory(err, names->count * sizeof *tags->items);
    for (size_t i = 0; i < names->count; i++) {
        char ref[1024];
        git_object *commit = NULL;
        int len = snprintf(ref, sizeof ref, "refs/tags/%s^{commit}", names->strings[i]);
        if (len < 0 || (size_t)len >= sizeof ref ||
            git_revparse_single(&commit, repository, ref) != 0)
            continue; /* not of a commit */
        tags->items[tags->count++] =
            (struct git_tag_name){ *git_object_id(commit), names->strings[i] };
        git_object_free(commit);
    }
    if (tags->count > 0)
        qsort(tags->items, tags->count, sizeof *tags->items, compare_names);
    return true;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool tags_give(const struct git_walk *walk, git_strarray *names, struct input_blocks *blocks,
                      struct error *err)
{
    bool ok = true;
    struct strbuf line = strbuf_new(LINE_BYTES_MAX);
    if (names->count > 0)
        qsort(names->strings, names->count, sizeof *names->strings, compare_strings);
    for (size_t i = 0; ok && i < names->count; i++) {
        char ref[1024];
        int len = snprintf(ref, sizeof ref, "refs/tags/%s", names->strings[i]);
        strbuf_clear(&line);
        if (len < 0 || (size_t)len >= sizeof ref)
            ok = error_set(err, ERROR_INVALID, NULL, "a tag with a name of more than 1000 bytes");
        else
            ok =
                git_tag_line(walk, ref, &line, err) && input_give(blocks, strbuf_slice(&line), err);
    }
    strbuf_free(&line);
    return ok;
}

/* ---- commits ---- */

/* A branch, a tag, a full ref; with * all that match. */
static bool push_ref(git_repository *repository, git_revwalk *walker, struct slice ref,
                     struct error *err)
{
    char name[1024], rule[1100];
    size_t star;
    git_object *commit = NULL;
    if (ref.len >= sizeof name || slice_find(ref, '\0', &star))
        return error_set(err, ERROR_INVALID, NULL, "a ref longer than 1000 bytes");
    memcpy(name, ref.at, ref.len);
    name[ref.len] = '\0';
    if (slice_find(ref, '*', &star))
        return git_revwalk_push_glob(walker, name) == 0 || git_fail(err, name);
    (void)snprintf(rule, sizeof rule, "%s^{commit}", name);
    bool ok = git_revparse_single(&commit, repository, rule) == 0 &&
              git_revwalk_push(walker, git_object_id(commit)) == 0;
    git_object_free(commit);
    if (ok)
        return true;
    error_set(err, ERROR_INVALID, NULL, "the repository has no ref \"%s\"", name);
    return error_hint(err, "its branches: git branch --all");
}

/* HEAD names a branch that has no commit: fine if there is none at all, else the wrong branch. */
static bool head_is_unborn(git_repository *repository, bool *is_unborn, struct error *err)
{
    git_reference_iterator *refs = NULL;
    const char *name;
    *is_unborn = git_repository_head_unborn(repository) == 1;
    if (!*is_unborn)
        return true;
    if (git_reference_iterator_new(&refs, repository) != 0)
        return git_fail(err, "cannot list refs");
    bool has_any = git_reference_next_name(&name, refs) == 0;
    if (has_any) {
        error_set(err, ERROR_INVALID, NULL, "HEAD names a branch without commits; %s has some",
                  name);
        error_hint(err, "say in the source which to read: refs: [%s]", name);
    }
    git_reference_iterator_free(refs);
    return !has_any;
}

static bool refs_push(const struct reading *reading, git_repository *repository,
                      git_revwalk *walker, struct error *err)
{
    const struct source *source = reading->source;
    /* Parents after children, and otherwise by time: one order for one history. */
    if (git_revwalk_sorting(walker, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME) != 0)
        return git_fail(err, "cannot order commits");
    if (source->refs_count == 0) {
        bool is_unborn;
        return head_is_unborn(repository, &is_unborn, err) &&
               (is_unborn || push_ref(repository, walker, SLICE("HEAD"), err));
    }
    for (size_t i = 0; i < source->refs_count; i++)
        if (!push_ref(repository, walker, source->refs[i], err))
            return false;
    return true;
}

static bool commits_give(const struct git_walk *walk, git_revwalk *walker,
                         struct input_blocks *blocks, struct error *err)
{
    bool ok = true;
    git_oid id;
    struct strbuf line = strbuf_new(LINE_BYTES_MAX);
    while (ok) {
        git_commit *commit = NULL;
        int result = git_revwalk_next(&id, walker);
        if (result == GIT_ITEROVER)
            break;
        strbuf_clear(&line);
        if (result != 0 || git_commit_lookup(&commit, walk->repository, &id) != 0)
            ok = git_fail(err, "a commit cannot be read");
        else
            ok = git_commit_line(walk, commit, &line, err) &&
                 input_give(blocks, strbuf_slice(&line), err);
        git_commit_free(commit);
    }
    strbuf_free(&line);
    return ok;
}

static bool records_give(const struct reading *reading, struct git_walk *walk,
                         struct input_blocks *blocks, struct error *err)
{
    bool ok = false;
    git_strarray names = { 0 };
    struct git_tag_names tags = { 0 };
    git_revwalk *walker = NULL;
    if (git_tag_list(&names, walk->repository) != 0) {
        git_fail(err, "cannot list tags");
        goto done;
    }
    if (reading->source->reads_tags) {
        ok = tags_give(walk, &names, blocks, err);
        goto done;
    }
    if (!tag_names_read(walk->repository, &names, &tags, err))
        goto done;
    walk->tags = &tags;
    if (git_revwalk_new(&walker, walk->repository) != 0) {
        git_fail(err, "cannot walk the history");
        goto done;
    }
    ok = refs_push(reading, walk->repository, walker, err) &&
         commits_give(walk, walker, blocks, err);
done:
    walk->tags = NULL;
    git_revwalk_free(walker);
    free(tags.items);
    git_strarray_dispose(&names);
    return ok;
}

bool git_make(void *context, struct input_blocks *blocks, struct error *err)
{
    const struct reading *reading = context;
    struct git_walk walk = { .name = repository_name(reading->path) };
    bool ok = false;
    if (git_libgit2_init() < 0)
        return git_fail(err, "cannot start libgit2");
    if (!library_set(err))
        goto done;
    walk.repository = repository_open(reading->path, err);
    if (!walk.repository ||
        (reading->source->applies_mailmap && !mailmap_read(walk.repository, &walk.mailmap, err)))
        goto done;
    ok = records_give(reading, &walk, blocks, err);
done:
    git_mailmap_free(walk.mailmap);
    git_repository_free(walk.repository);
    (void)git_libgit2_shutdown();
    return ok;
}
