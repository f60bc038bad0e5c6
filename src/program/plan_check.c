#include <stdio.h>
#include <string.h>

#include "program/files.h"
#include "program/planning.h"

/* ---- references of the documents in the run ---- */

struct checking {
    struct planning *planning;
    const struct known *known; /* whose references are looked at */
    bool ok;                   /* false: *err */
};

PRINTF_LIKE(4, 5)
static void told(const struct checking *checking, const struct reference *reference,
                 const char *hint, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    document_error(checking->planning->findings, checking->known->document,
                   (struct place){ reference->at, reference->field }, ERROR_INVALID, hint, "%s",
                   message);
}

/* "head" where person/head was meant. */
static bool is_prefix_missing(const struct planning *planning, const struct reference *reference,
                              char *hint, size_t size)
{
    char name[ID_BYTES_MAX + 64];
    for (size_t i = 0; i < value_count(reference->refs); i++) {
        (void)snprintf(name, sizeof name, "%.*s/%.*s",
                       SLICE_ARG(value_text(reference->refs->items[i])),
                       reference->text.len > ID_BYTES_MAX ? ID_BYTES_MAX : (int)reference->text.len,
                       reference->text.at ? reference->text.at : "");
        if (known_find(planning, slice_of(name))) {
            (void)snprintf(hint, size, "did you mean \"%s\"?", name);
            return true;
        }
    }
    return false;
}

static void form_told(const struct checking *checking, const struct reference *reference,
                      const char *expected)
{
    char hint[320] = "";
    struct slice text = reference->text;
    (void)is_prefix_missing(checking->planning, reference, hint, sizeof hint);
    told(checking, reference, hint, "\"%.*s\" must be %s", text.len > 80 ? 80 : (int)text.len,
         text.at ? text.at : "", expected);
}

static void resource_check(const struct checking *checking, const struct reference *reference,
                           struct slice name)
{
    struct planning *planning = checking->planning;
    const struct known *known = known_find(planning, name);
    char hint[320] = "";
    if (known && !known->is_pruned)
        return;
    if (known) {
        told(checking, reference, "name another, or keep it in a file",
             "\"%.*s\" is being removed (--prune)", SLICE_ARG(name));
        return;
    }
    /* It may well stand in what could not be read. */
    if (planning->documents->is_incomplete)
        return;
    const char *near = known_near(planning, reference, name);
    struct slice prefix, id;
    if (near && reference->is_bare && slice_split(slice_of(near), '/', &prefix, &id))
        near = id.at;
    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    told(checking, reference, hint, "\"%.*s\" is neither in the files nor in the store",
         SLICE_ARG(reference->text));
}

static void criterion_check(const struct checking *checking, const struct reference *reference)
{
    struct error error = { 0 };
    if (catalogue_criterion(checking->planning->catalogue, reference->text))
        return;
    catalogue_criterion_unknown(checking->planning->catalogue, reference->text, "", &error);
    told(checking, reference, error.hint, "%s", error.message);
}

static void edition_check(const struct checking *checking, const struct reference *reference)
{
    enum { EDITIONS_MAX = 32 };
    const char *names[EDITIONS_MAX];
    char hint[160] = "attest catalog lists them";
    size_t count, used = 0;
    const struct edition *editions = catalogue_editions(checking->planning->catalogue, &count);
    if (catalogue_edition(checking->planning->catalogue, reference->text))
        return;
    for (size_t i = 0; i < count && used < EDITIONS_MAX; i++)
        names[used++] = editions[i].name.at;
    const char *near = slice_nearest(reference->text, names, used);
    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    told(checking, reference, hint, "\"%.*s\" is no catalogue", SLICE_ARG(reference->text));
}

static bool file_check(struct checking *checking, const struct reference *reference)
{
    struct planning *planning = checking->planning;
    struct attached_file file;
    struct error error = { 0 };
    if (file_find(planning->store, planning->arena, reference->text, planning->size, &file, &error))
        return true;
    checking->ok = error.code == ERROR_NOT_FOUND;
    if (checking->ok)
        told(checking, reference, error.hint, "%s", error.message);
    else
        *planning->err = error;
    return checking->ok;
}

static bool reference_check(void *context, const struct reference *reference)
{
    struct checking *checking = context;
    struct planning *planning = checking->planning;
    enum reference_target target;
    struct slice name;
    char expected[160];
    checking->ok =
        reference_target(reference, planning->arena, &target, &name, expected, planning->err);
    if (!checking->ok)
        return false;
    switch (target) {
    case TARGET_RESOURCE:
        resource_check(checking, reference, name);
        break;
    case TARGET_CRITERION:
        criterion_check(checking, reference);
        break;
    case TARGET_EDITION:
        edition_check(checking, reference);
        break;
    case TARGET_FILE:
        return file_check(checking, reference);
    case TARGET_RUN: /* plan_runs.c */
        break;
    case TARGET_FAULTY:
        form_told(checking, reference, expected);
        break;
    }
    return true;
}

/* ---- ids ---- */

static bool case_check(struct planning *planning, const struct known *known)
{
    struct slice other;
    if (known->stored)
        return true;
    if (!resource_same_but_case(planning->store, planning->arena, known->name, planning->size,
                                &other, planning->err))
        return false;
    if (other.len > 0)
        document_error(planning->findings, known->document,
                       (struct place){ value_member(known->document->tree, "id"), "id" },
                       ERROR_INVALID, "ids are unique without regard to case",
                       "differs only in case from %.*s", SLICE_ARG(other));
    return true;
}

/* ---- references to what is removed ---- */

enum { REFERRERS_SHOWN = 3 };

struct referring {
    struct planning *planning;
    const struct known *from;
    struct referred {
        size_t count;
        char words[REFERRERS_SHOWN * 96];
    } * referred; /* one for each known */
    bool ok;
};

static bool removed_is_named(void *context, const struct reference *reference)
{
    struct referring *referring = context;
    struct planning *planning = referring->planning;
    enum reference_target target;
    struct slice name;
    char expected[160];
    referring->ok =
        reference_target(reference, planning->arena, &target, &name, expected, planning->err);
    if (!referring->ok)
        return false;
    const struct known *known = target == TARGET_RESOURCE ? known_find(planning, name) : NULL;
    /* A document of the run was told at its own place. */
    if (!known || !known->is_pruned || referring->from->document)
        return true;
    struct referred *referred = &referring->referred[known - planning->known];
    size_t len = strlen(referred->words);
    if (referred->count++ < REFERRERS_SHOWN)
        (void)snprintf(referred->words + len, sizeof referred->words - len, "%s%.60s (%.24s)",
                       len ? ", " : "", referring->from->name.at, reference->field);
    return true;
}

static bool removals_check(struct planning *planning)
{
    struct referring referring = { .planning = planning, .ok = true };
    referring.referred = arena_array(planning->arena, planning->known_count + 1,
                                     sizeof *referring.referred, planning->err);
    if (!referring.referred)
        return false;
    for (size_t i = 0; i < planning->known_count; i++) {
        struct known *known = &planning->known[i];
        if (known->is_pruned || !known->kind || (known->document && known->document->is_faulty))
            continue;
        struct value *tree = known_tree(planning, known);
        referring.from = known;
        if (!tree)
            return false;
        (void)references_each(known->kind->schema, tree, removed_is_named, &referring);
        if (!referring.ok)
            return false;
    }
    for (size_t i = 0; i < planning->known_count; i++) {
        struct error error = { 0 };
        const struct referred *referred = &referring.referred[i];
        if (referred->count == 0)
            continue;
        error_set(&error, ERROR_INVALID, NULL, "%s cannot be removed (--prune): %s%s name%s it",
                  planning->known[i].name.at, referred->words,
                  referred->count > REFERRERS_SHOWN ? " and others" : "",
                  referred->count > 1 ? "" : "s");
        error_hint(&error, "keep it in a file, or change what names it first");
        findings_add_error(planning->findings, &error);
    }
    return true;
}

bool plan_check(struct planning *planning)
{
    struct checking checking = { .planning = planning, .ok = true };
    for (size_t i = 0; i < planning->documents->count; i++) {
        const struct document *document = &planning->documents->items[i];
        struct known known;
        /* Also those that are faulty already: all errors of a run are told. */
        if (!known_of_document(planning, document, &known))
            continue;
        struct value *tree = known_tree(planning, &known);
        checking.known = &known;
        if (!tree || !case_check(planning, &known))
            return false;
        (void)references_each(known.kind->schema, tree, reference_check, &checking);
        if (!checking.ok)
            return false;
    }
    return !planning->options->prune || removals_check(planning);
}
