/* A table of the values met lately gives their tokens, so that most cells cost one look. When it is
 * full it is emptied, and what comes again is asked of the store and sealed again: sealing_write()
 * keeps one of such rows. */
#include "evidence/sealing.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/subjects.h"

enum {
    SLOTS = 1 << 16,
    SLOTS_USED_MAX = SLOTS / 2,
    TEXT_BYTES = 4 << 20,
    TOKEN_CHARS = 64,
    SPOOL_BYTES = 1 << 20,
    COLUMNS_MAX = 64, /* personal ones, of a type */
    PATH_BYTES = 4096,
    SQL_BYTES_MAX = 64 * 1024,
};

struct known_value {
    struct slice value; /* in `text`; at NULL: an empty slot */
    uint64_t hash;
    uint64_t sealed_in; /* bit i: for personal column i */
    struct subject subject;
    char token[TOKEN_CHARS + 1];
};

struct sealing {
    struct transaction *tx;
    const struct record_type *type;
    size_t columns[COLUMNS_MAX]; /* of the type */
    size_t columns_count;
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
    struct known_value *slots;
    size_t used;
    char *text;
    size_t text_used;
    int fd;
    char path[PATH_BYTES]; /* lines: column, token, sealed; commas between */
    struct strbuf spool;
};
_Static_assert((int)PERSONAL_BYTES_MAX < (int)TEXT_BYTES, "every value fits an empty table");

bool record_type_has_personal(const struct record_type *type)
{
    for (size_t i = 0; i < type->columns_count; i++)
        if (type->columns[i].is_personal)
            return true;
    return false;
}

static bool columns_find(struct sealing *sealing, struct error *err)
{
    const struct record_type *type = sealing->type;
    for (size_t i = 0; i < type->columns_count; i++) {
        if (!type->columns[i].is_personal)
            continue;
        if (sealing->columns_count == COLUMNS_MAX)
            return error_set(err, ERROR_INVALID, type->id.at, "more than %d personal columns",
                             COLUMNS_MAX);
        sealing->columns[sealing->columns_count++] = i;
    }
    return true;
}

struct sealing *sealing_new(struct transaction *tx, const struct record_type *type,
                            const char *folder, struct error *err)
{
    uint64_t number;
    struct sealing *sealing = calloc(1, sizeof *sealing);
    if (!sealing) {
        error_no_memory(err, sizeof *sealing);
        return NULL;
    }
    sealing->tx = tx;
    sealing->type = type;
    sealing->fd = -1;
    sealing->spool = strbuf_new(SPOOL_BYTES + 4 * PERSONAL_BYTES_MAX);
    sealing->slots = calloc(SLOTS, sizeof *sealing->slots);
    sealing->text = malloc(TEXT_BYTES);
    random_fill(sealing->hash_key, sizeof sealing->hash_key);
    if (!sealing->slots || !sealing->text) {
        error_no_memory(err, SLOTS * sizeof *sealing->slots + TEXT_BYTES);
        goto fail;
    }
    if (!columns_find(sealing, err))
        goto fail;
    random_fill(&number, sizeof number);
    (void)snprintf(sealing->path, sizeof sealing->path, "%s/personal-%016llx.csv", folder,
                   (unsigned long long)number);
    sealing->fd = open(sealing->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (sealing->fd >= 0)
        return sealing;
    error_errno(err, "create a file for sealed values", sealing->path);
    sealing->path[0] = '\0'; /* nothing to remove */
fail:
    sealing_free(sealing);
    return NULL;
}

void sealing_free(struct sealing *sealing)
{
    if (!sealing)
        return;
    if (sealing->fd >= 0)
        (void)close(sealing->fd); /* an unfinished file: removed below */
    if (sealing->path[0])
        (void)unlink(sealing->path);
    if (sealing->slots)
        sodium_memzero(sealing->slots, SLOTS * sizeof *sealing->slots);
    if (sealing->text)
        sodium_memzero(sealing->text, TEXT_BYTES);
    free(sealing->slots);
    free(sealing->text);
    strbuf_free(&sealing->spool);
    free(sealing);
}

/* ---- tokens ---- */

static void table_empty(struct sealing *sealing)
{
    memset(sealing->slots, 0, SLOTS * sizeof *sealing->slots);
    sealing->used = sealing->text_used = 0;
}

static struct known_value *slot_of(struct sealing *sealing, struct slice value)
{
    uint64_t hash;
    (void)crypto_shorthash((unsigned char *)&hash,
                           (const unsigned char *)(value.at ? value.at : ""), value.len,
                           sealing->hash_key);
    for (size_t at = hash % SLOTS;; at = (at + 1) % SLOTS) {
        struct known_value *slot = &sealing->slots[at];
        if (!slot->value.at)
            slot->hash = hash;
        if (!slot->value.at || (slot->hash == hash && slice_equal(slot->value, value)))
            return slot;
    }
}

static bool value_know(struct sealing *sealing, struct slice value, struct known_value **known,
                       struct error *err)
{
    *known = slot_of(sealing, value);
    if ((*known)->value.at)
        return true;
    if (sealing->used == SLOTS_USED_MAX || TEXT_BYTES - sealing->text_used < value.len) {
        table_empty(sealing);
        *known = slot_of(sealing, value);
    }
    struct known_value *slot = *known;
    if (!subject_make(sealing->tx, value, &slot->subject, err))
        return false;
    char *kept = sealing->text + sealing->text_used;
    if (value.len > 0)
        memcpy(kept, value.at, value.len);
    sealing->text_used += value.len;
    sealing->used++;
    slot->value = (struct slice){ kept, value.len };
    slot->sealed_in = 0;
    digest_hex(&slot->subject.token, slot->token);
    return true;
}

/* ---- sealed values ---- */

static bool spool_write(struct sealing *sealing, struct error *err)
{
    if (!strbuf_ok(&sealing->spool, err) ||
        !fd_write_all(sealing->fd, strbuf_slice(&sealing->spool), sealing->path, err))
        return false;
    strbuf_clear(&sealing->spool);
    return true;
}

static bool value_seal(struct sealing *sealing, const struct known_value *known,
                       struct slice column, struct error *err)
{
    uint8_t nonce[SEALED_NONCE_BYTES];
    struct strbuf sealed =
        strbuf_new(known->value.len + SEALED_NONCE_BYTES + SEALED_TAG_BYTES + 64);
    random_fill(nonce, sizeof nonce);
    sealed_add(&sealed, known->subject.key, nonce, column, known->value);
    strbuf_add(&sealing->spool, column);
    strbuf_printf(&sealing->spool, ",%s,", known->token);
    base64_add(&sealing->spool, sealed.at, sealed.len);
    strbuf_add_char(&sealing->spool, '\n');
    bool ok =
        strbuf_ok(&sealed, err) && (sealing->spool.len < SPOOL_BYTES || spool_write(sealing, err));
    strbuf_free(&sealed);
    return ok;
}

static bool cell_seal(struct sealing *sealing, size_t personal, struct row_batch *batch, size_t row,
                      struct error *err)
{
    struct known_value *known;
    size_t column = sealing->columns[personal];
    struct slice *cell = &batch->columns[column].texts[row];
    if (!value_know(sealing, *cell, &known, err))
        return false;
    if (!(known->sealed_in >> personal & 1)) {
        if (!value_seal(sealing, known, sealing->type->columns[column].name, err))
            return false;
        known->sealed_in |= UINT64_C(1) << personal;
    }
    char *token = row_batch_text(batch, TOKEN_CHARS, err);
    if (!token)
        return false;
    memcpy(token, known->token, TOKEN_CHARS);
    *cell = (struct slice){ token, TOKEN_CHARS };
    return true;
}

bool sealing_batch(struct sealing *sealing, struct row_batch *batch, struct error *err)
{
    for (size_t i = 0; i < sealing->columns_count; i++)
        for (size_t row = 0; row < batch->rows; row++)
            if (row_batch_has(batch, sealing->columns[i], row) &&
                !cell_seal(sealing, i, batch, row, err))
                return false;
    return true;
}

bool sealing_write(struct sealing *sealing, struct engine *engine, const char *path,
                   struct error *err)
{
    struct strbuf sql = strbuf_new(SQL_BYTES_MAX);
    int fd = sealing->fd;
    bool ok = spool_write(sealing, err);
    sealing->fd = -1;
    if (close(fd) != 0 && ok)
        ok = error_errno(err, "close", sealing->path);
    /* Of a value that was sealed twice any one is right; the smallest is the same one each time. */
    strbuf_add(&sql, SLICE("copy (select \"column\", token, min(sealed) as sealed from read_csv("));
    engine_add_literal(&sql, slice_of(sealing->path));
    strbuf_printf(&sql,
                  ", header = false, delim = ',', quote = '', escape = '', auto_detect = false, "
                  "max_line_size = %d, columns = {'column': 'VARCHAR', 'token': 'VARCHAR', "
                  "'sealed': 'VARCHAR'}) group by 1, 2 order by 1, 2) to ",
                  4 * PERSONAL_BYTES_MAX);
    engine_add_literal(&sql, slice_of(path));
    strbuf_add(&sql, SLICE(" (format parquet, compression zstd, compression_level 1, "
                           "use_tmp_file false)"));
    ok = ok && strbuf_ok(&sql, err) && engine_run(engine, strbuf_slice(&sql), err);
    strbuf_free(&sql);
    return ok;
}
