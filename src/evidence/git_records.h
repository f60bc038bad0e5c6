/* Commits and tags of a repository as JSON lines: read from its objects, never through its work
 * tree, its hooks or the network.
 *
 * A commit:
 *   {"id","repository","parents":[…],"merge","author","author_name","authored_at","committer",
 *    "committer_name","committed_at","subject","files_changed","signed","tags":[…],
 *    "trailers":[{"id","seq","key","kind","value","name","email"},…],
 *    "author_recorded":{"name","email"},"committer_recorded":{…}}
 * author and committer are addresses, unified by the repository's .mailmap unless the source says
 * not to; the recorded ones are as the commit has them. Times carry their own offsets.
 * files_changed is the number of paths that differ from the parent (none told for merges). A
 * trailer's kind is its key in lower case without "-by": reviewed, signed-off. A tag:
 *   {"id","repository","commit","annotated","signed","tagger","tagger_name","released_at",
 *    "time_source","subject"}
 * time_source is tagger, or committer for a tag that is only a name of its commit. */
#ifndef ATTEST_EVIDENCE_GIT_RECORDS_H
#define ATTEST_EVIDENCE_GIT_RECORDS_H
#include <git2.h>

#include "base/strbuf.h"

/* What is fixed while a repository is read. */
struct git_walk {
    git_repository *repository;
    git_mailmap *mailmap; /* NULL: names as recorded */
    struct slice name;    /* of the repository */
    const struct git_tag_names *tags;
};

/* One line, LF included, added to out. ERROR_CORRUPT (an object that is missing or broken). */
MUST_USE bool git_commit_line(const struct git_walk *walk, git_commit *commit, struct strbuf *out,
                              struct error *err);
MUST_USE bool git_tag_line(const struct git_walk *walk, const char *ref, struct strbuf *out,
                           struct error *err);

/* Which tags point to which commit. */
struct git_tag_name {
    git_oid commit;
    const char *name; /* v1.0 */
};
struct git_tag_names {
    struct git_tag_name *items; /* sorted by commit, then name */
    size_t count;
};

/* Paths that differ from the first parent, or from nothing (git_changes.c). */
MUST_USE bool git_count_changes(git_repository *repository, const git_commit *commit, size_t *count,
                                struct error *err);

/* ERROR_CORRUPT with libgit2's words. Always false. */
bool git_fail(struct error *err, const char *what);

#endif
