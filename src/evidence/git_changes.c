/* How many paths differ between two trees. Equal subtrees are recognised by their hash and not
 * opened, so a commit costs what it touches, not what the repository holds. A renamed file is two
 * paths, a changed mode or submodule one; as `git log --no-renames --name-only` lists them. */
#include "evidence/git_records.h"

enum { DEPTH_MAX = 512 };

static bool count_all(git_repository *repository, const git_tree *tree, unsigned depth,
                      size_t *count, struct error *err);

/* The files of an entry that only one side has. */
static bool count_entry(git_repository *repository, const git_tree_entry *entry, unsigned depth,
                        size_t *count, struct error *err)
{
    git_tree *tree = NULL;
    if (git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
        *count += 1;
        return true;
    }
    if (git_tree_lookup(&tree, repository, git_tree_entry_id(entry)) != 0)
        return git_fail(err, "a folder of a commit cannot be read");
    bool ok = count_all(repository, tree, depth + 1, count, err);
    git_tree_free(tree);
    return ok;
}

static bool count_all(git_repository *repository, const git_tree *tree, unsigned depth,
                      size_t *count, struct error *err)
{
    if (depth > DEPTH_MAX)
        return error_set(err, ERROR_INVALID, NULL, "folders nested deeper than %d", DEPTH_MAX);
    for (size_t i = 0; i < git_tree_entrycount(tree); i++)
        if (!count_entry(repository, git_tree_entry_byindex(tree, i), depth, count, err))
            return false;
    return true;
}

static bool count_between(git_repository *repository, const git_tree *before, const git_tree *after,
                          unsigned depth, size_t *count, struct error *err);

/* An entry of one name and kind on both sides. */
static bool count_both(git_repository *repository, const git_tree_entry *before,
                       const git_tree_entry *after, unsigned depth, size_t *count,
                       struct error *err)
{
    bool ok = false;
    git_tree *old = NULL, *new = NULL;
    bool is_tree = git_tree_entry_type(after) == GIT_OBJECT_TREE;
    if (git_oid_equal(git_tree_entry_id(before), git_tree_entry_id(after)) &&
        (is_tree || git_tree_entry_filemode_raw(before) == git_tree_entry_filemode_raw(after)))
        return true;
    if (!is_tree) {
        *count += 1;
        return true;
    }
    if (git_tree_lookup(&old, repository, git_tree_entry_id(before)) != 0 ||
        git_tree_lookup(&new, repository, git_tree_entry_id(after)) != 0)
        git_fail(err, "a folder of a commit cannot be read");
    else
        ok = count_between(repository, old, new, depth + 1, count, err);
    git_tree_free(old);
    git_tree_free(new);
    return ok;
}

/* Both are sorted alike (a folder as if its name ended with a slash), so one walk finds all pairs.
 */
static bool count_between(git_repository *repository, const git_tree *before, const git_tree *after,
                          unsigned depth, size_t *count, struct error *err)
{
    size_t i = 0, j = 0, old_count = git_tree_entrycount(before),
           new_count = git_tree_entrycount(after);
    if (depth > DEPTH_MAX)
        return error_set(err, ERROR_INVALID, NULL, "folders nested deeper than %d", DEPTH_MAX);
    while (i < old_count || j < new_count) {
        const git_tree_entry *old = i < old_count ? git_tree_entry_byindex(before, i) : NULL;
        const git_tree_entry *new = j < new_count ? git_tree_entry_byindex(after, j) : NULL;
        int order = !old ? 1 : !new ? -1 : git_tree_entry_cmp(old, new);
        bool ok = order == 0 ? count_both(repository, old, new, depth, count, err)
                             : count_entry(repository, order < 0 ? old : new, depth, count, err);
        if (!ok)
            return false;
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}

bool git_count_changes(git_repository *repository, const git_commit *commit, size_t *count,
                       struct error *err)
{
    bool ok = false;
    git_commit *parent = NULL;
    git_tree *before = NULL, *after = NULL;
    *count = 0;
    if (git_commit_tree(&after, commit) != 0 ||
        (git_commit_parentcount(commit) > 0 &&
         (git_commit_parent(&parent, commit, 0) != 0 || git_commit_tree(&before, parent) != 0)))
        git_fail(err, "cannot compare a commit with its parent");
    else if (before)
        ok = count_between(repository, before, after, 0, count, err);
    else
        ok = count_all(repository, after, 0, count, err);
    git_tree_free(before);
    git_tree_free(after);
    git_commit_free(parent);
    return ok;
}
