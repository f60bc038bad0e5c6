#include "evidence/git_records.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"

bool git_fail(struct error *err, const char *what)
{
    const git_error *reason = git_error_last();
    return error_set(err, ERROR_CORRUPT, NULL, "%s: %s", what,
                     reason && reason->message ? reason->message : "no reason given");
}

/* ---- text ---- */

/* Bytes that are not UTF-8 become U+FFFD: old commits have any encoding, and say so or not. */
static void add_repaired(struct strbuf *out, struct slice text)
{
    struct strbuf repaired = strbuf_new(text.len * 3 + 1);
    size_t bad;
    while (text.len > 0 && !utf8_is_valid(text, &bad)) {
        strbuf_add(&repaired, slice_head(text, bad));
        strbuf_add(&repaired, SLICE("\xEF\xBF\xBD"));
        text = slice_from(text, bad + 1);
    }
    strbuf_add(&repaired, text);
    json_add_string(out, strbuf_slice(&repaired));
    out->failed = out->failed || repaired.failed;
    strbuf_free(&repaired);
}

static void add_text(struct strbuf *out, struct slice text)
{
    size_t bad;
    if (utf8_is_valid(text, &bad))
        json_add_string(out, text);
    else
        add_repaired(out, text);
}

/* A commit that names its encoding is read in it. NULL: not needed, or not possible. */
static char *to_utf8(const char *text, const char *encoding)
{
    size_t bad;
    struct slice whole = slice_of(text);
    if (!encoding || utf8_is_valid(whole, &bad))
        return NULL;
    iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        return NULL;
    size_t room = whole.len * 4 + 1, in_left = whole.len, out_left = room - 1;
    char *in = strdup(text), *out = malloc(room);
    char *in_at = in, *out_at = out;
    bool ok = in && out && iconv(converter, &in_at, &in_left, &out_at, &out_left) != (size_t)-1;
    (void)iconv_close(converter);
    free(in);
    if (!ok) {
        free(out);
        return NULL;
    }
    *out_at = '\0';
    return out;
}

/* ,"name": */
static void add_name(struct strbuf *out, const char *name)
{
    if (out->len > 0 && out->at[out->len - 1] != '{')
        strbuf_add_char(out, ',');
    strbuf_add_char(out, '"');
    strbuf_add_text(out, name);
    strbuf_add(out, SLICE("\":"));
}

static void add_member(struct strbuf *out, const char *name, struct slice text)
{
    add_name(out, name);
    add_text(out, text);
}

static void add_truth(struct strbuf *out, const char *name, bool value)
{
    add_name(out, name);
    strbuf_add_text(out, value ? "true" : "false");
}

static void add_id(struct strbuf *out, const git_oid *id)
{
    char hex[GIT_OID_HEXSZ + 1];
    git_oid_tostr(hex, sizeof hex, id);
    json_add_string(out, slice_of(hex));
}

/* ---- people and times ---- */

/* With the offset that was recorded; null for what no calendar has. */
static void add_time(struct strbuf *out, const char *name, const git_time *time)
{
    struct civil civil;
    int offset = time->offset;
    add_name(out, name);
    /* Offsets beyond a day's half are clocks gone wrong; the instant is right all the same. */
    if (offset <= -16 * 60 || offset >= 16 * 60)
        offset = 0;
    int64_t local = time->time + offset * 60;
    if (time->time < INSTANT_MIN_US / US_PER_SECOND ||
        time->time > INSTANT_MAX_US / US_PER_SECOND || !instant_is_valid(local * US_PER_SECOND)) {
        strbuf_add(out, SLICE("null"));
        return;
    }
    civil_from_instant(local * US_PER_SECOND, 0, &civil);
    strbuf_printf(out, "\"%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d\"", civil.year, civil.month,
                  civil.day, civil.hour, civil.minute, civil.second, offset < 0 ? '-' : '+',
                  abs(offset) / 60, abs(offset) % 60);
}

/* "author", "author_name", and as recorded. */
static bool add_person(const struct git_walk *walk, const git_signature *person,
                       const char *names[3], struct strbuf *out, struct error *err)
{
    const char *name = person->name, *email = person->email;
    if (walk->mailmap && git_mailmap_resolve(&name, &email, walk->mailmap, name, email) != 0)
        return git_fail(err, "cannot apply .mailmap");
    add_member(out, names[0], slice_of(email));
    add_member(out, names[1], slice_of(name));
    if (!names[2])
        return true;
    add_name(out, names[2]);
    strbuf_add_char(out, '{');
    add_member(out, "name", slice_of(person->name));
    add_member(out, "email", slice_of(person->email));
    strbuf_add_char(out, '}');
    return true;
}

/* ---- trailers ---- */

/* "Name <address>", or only one of them; false if the value is no person. */
static bool split_person(struct slice value, struct slice *name, struct slice *email)
{
    struct slice rest;
    if (!slice_split(value, '<', name, &rest) || !slice_split(rest, '>', email, &rest))
        return false;
    *name = slice_trim(*name);
    *email = slice_trim(*email);
    return true;
}

/* reviewed for Reviewed-by. */
static void add_kind(struct strbuf *out, struct slice key)
{
    char kind[64];
    size_t len = key.len < sizeof kind ? key.len : sizeof kind;
    for (size_t i = 0; i < len; i++)
        kind[i] = (char)(key.at[i] >= 'A' && key.at[i] <= 'Z' ? key.at[i] | 0x20 : key.at[i]);
    struct slice text = { kind, len };
    if (slice_ends_with(text, SLICE("-by")))
        text.len -= 3;
    add_member(out, "kind", text);
}

static bool add_trailer(const struct git_walk *walk, const git_message_trailer *trailer, size_t seq,
                        struct strbuf *out, struct error *err)
{
    char number[24];
    struct slice name, email, value = slice_trim(slice_of(trailer->value));
    strbuf_add_char(out, '{');
    (void)snprintf(number, sizeof number, "%zu", seq);
    add_member(out, "id", slice_of(number)); /* as text, for keys */
    add_name(out, "seq");
    strbuf_add_text(out, number);
    add_member(out, "key", slice_of(trailer->key));
    add_kind(out, slice_of(trailer->key));
    add_member(out, "value", value);
    if (!split_person(value, &name, &email)) {
        strbuf_add(out, SLICE(",\"name\":null,\"email\":null}"));
        return true;
    }
    char *plain_name = strndup(name.at, name.len), *plain_email = strndup(email.at, email.len);
    const char *shown_name = plain_name, *shown_email = plain_email;
    bool ok = plain_name && plain_email;
    if (!ok)
        error_no_memory(err, name.len + email.len);
    if (ok && walk->mailmap &&
        git_mailmap_resolve(&shown_name, &shown_email, walk->mailmap, plain_name, plain_email) != 0)
        ok = git_fail(err, "cannot apply .mailmap");
    if (ok) {
        add_member(out, "name", slice_of(shown_name));
        add_member(out, "email", slice_of(shown_email));
        strbuf_add_char(out, '}');
    }
    free(plain_name);
    free(plain_email);
    return ok;
}

static bool add_trailers(const struct git_walk *walk, const char *message, struct strbuf *out,
                         struct error *err)
{
    git_message_trailer_array trailers = { 0 };
    bool ok = true;
    if (git_message_trailers(&trailers, message) != 0)
        return git_fail(err, "cannot read the trailers of a message");
    add_name(out, "trailers");
    strbuf_add_char(out, '[');
    for (size_t i = 0; ok && i < trailers.count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        ok = add_trailer(walk, &trailers.trailers[i], i + 1, out, err);
    }
    strbuf_add_char(out, ']');
    git_message_trailer_array_free(&trailers);
    return ok;
}

/* ---- commits ---- */

static bool is_signed(const git_commit *commit)
{
    git_buf signature = { 0 };
    bool has = git_commit_header_field(&signature, commit, "gpgsig") == 0;
    git_buf_dispose(&signature);
    return has;
}

static int compare_commit(const void *a, const void *b)
{
    return git_oid_cmp(a, &((const struct git_tag_name *)b)->commit);
}

static void add_tags(const struct git_walk *walk, const git_oid *commit, struct strbuf *out)
{
    const struct git_tag_names *tags = walk->tags;
    const struct git_tag_name *found =
        tags->count > 0
            ? bsearch(commit, tags->items, tags->count, sizeof *tags->items, compare_commit)
            : NULL;
    add_name(out, "tags");
    strbuf_add_char(out, '[');
    while (found && found > tags->items && git_oid_equal(&found[-1].commit, commit))
        found--;
    for (const char *comma = "";
         found && found < tags->items + tags->count && git_oid_equal(&found->commit, commit);
         found++, comma = ",") {
        strbuf_add_text(out, comma);
        add_text(out, slice_of(found->name));
    }
    strbuf_add_char(out, ']');
}

static void add_parents(const git_commit *commit, struct strbuf *out)
{
    unsigned count = git_commit_parentcount(commit);
    add_name(out, "parents");
    strbuf_add_char(out, '[');
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        add_id(out, git_commit_parent_id(commit, i));
    }
    strbuf_add_char(out, ']');
    add_truth(out, "merge", count > 1);
}

static struct slice subject_of(const char *message)
{
    struct slice text = slice_of(message), line = { 0 };
    while (text.len > 0 && text.at[0] == '\n')
        text = slice_from(text, 1);
    (void)slice_line(&text, &line);
    return slice_trim(line);
}

bool git_commit_line(const struct git_walk *walk, git_commit *commit, struct strbuf *out,
                     struct error *err)
{
    const char *author[] = { "author", "author_name", "author_recorded" };
    const char *committer[] = { "committer", "committer_name", "committer_recorded" };
    size_t files = 0;
    bool is_merge = git_commit_parentcount(commit) > 1, ok = false;
    const char *message = git_commit_message(commit);
    char *converted = to_utf8(message, git_commit_message_encoding(commit));
    if (converted)
        message = converted;
    strbuf_add_char(out, '{');
    add_name(out, "id");
    add_id(out, git_commit_id(commit));
    add_member(out, "repository", walk->name);
    add_parents(commit, out);
    if (!add_person(walk, git_commit_author(commit), author, out, err) ||
        !add_person(walk, git_commit_committer(commit), committer, out, err))
        goto done;
    add_time(out, "authored_at", &git_commit_author(commit)->when);
    add_time(out, "committed_at", &git_commit_committer(commit)->when);
    add_member(out, "subject", subject_of(message));
    if (!is_merge && !git_count_changes(walk->repository, commit, &files, err))
        goto done;
    add_name(out, "files_changed");
    if (is_merge)
        strbuf_add(out, SLICE("null"));
    else
        strbuf_add_u64(out, files);
    add_truth(out, "signed", is_signed(commit));
    add_tags(walk, git_commit_id(commit), out);
    if (!add_trailers(walk, message, out, err))
        goto done;
    strbuf_add(out, SLICE("}\n"));
    ok = strbuf_ok(out, err);
done:
    free(converted);
    return ok;
}

/* ---- tags ---- */

static bool has_signature(const char *message)
{
    return message && (strstr(message, "-----BEGIN PGP SIGNATURE-----") ||
                       strstr(message, "-----BEGIN SSH SIGNATURE-----") ||
                       strstr(message, "-----BEGIN SIGNED MESSAGE-----"));
}

static bool add_tagger(const struct git_walk *walk, const git_tag *tag, const git_commit *commit,
                       struct strbuf *out, struct error *err)
{
    const char *names[] = { "tagger", "tagger_name", NULL };
    const git_signature *tagger = tag ? git_tag_tagger(tag) : NULL;
    if (tagger && !add_person(walk, tagger, names, out, err))
        return false;
    if (!tagger)
        strbuf_add(out, SLICE(",\"tagger\":null,\"tagger_name\":null"));
    add_time(out, "released_at", tagger ? &tagger->when : &git_commit_committer(commit)->when);
    add_member(out, "time_source", slice_of(tagger ? "tagger" : "committer"));
    return true;
}

bool git_tag_line(const struct git_walk *walk, const char *ref, struct strbuf *out,
                  struct error *err)
{
    bool ok = false;
    git_object *target = NULL, *peeled = NULL;
    git_tag *tag = NULL;
    git_oid id;
    if (git_reference_name_to_id(&id, walk->repository, ref) != 0 ||
        git_object_lookup(&target, walk->repository, &id, GIT_OBJECT_ANY) != 0) {
        git_fail(err, ref);
        goto done;
    }
    if (git_object_type(target) == GIT_OBJECT_TAG &&
        git_tag_lookup(&tag, walk->repository, &id) != 0) {
        git_fail(err, ref);
        goto done;
    }
    /* A tag of a file or a folder is no release of anything that was committed. */
    if (git_object_peel(&peeled, target, GIT_OBJECT_COMMIT) != 0) {
        ok = true;
        goto done;
    }
    const git_commit *commit = (const git_commit *)peeled;
    strbuf_add_char(out, '{');
    add_member(out, "id", slice_of(ref + strlen("refs/tags/")));
    add_member(out, "repository", walk->name);
    add_name(out, "commit");
    add_id(out, git_object_id(peeled));
    add_truth(out, "annotated", tag != NULL);
    add_truth(out, "signed", tag && has_signature(git_tag_message(tag)));
    if (!add_tagger(walk, tag, commit, out, err))
        goto done;
    const char *message = tag ? git_tag_message(tag) : git_commit_message(commit);
    add_member(out, "subject", subject_of(message ? message : ""));
    strbuf_add(out, SLICE("}\n"));
    ok = strbuf_ok(out, err);
done:
    git_tag_free(tag);
    git_object_free(peeled);
    git_object_free(target);
    return ok;
}
