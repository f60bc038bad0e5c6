/* Segments: what imports have left, one immutable Parquet file each.
 *
 * An import's ledger entry is found by the population type's id (its `key` in the store). Its
 * `object` holds what the ledger does not say in clear:
 *
 *   {"engine", "file", "imported_by", "kept", "raw_bytes", "raw_digest", "reader", "row_digest",
 * "rows", "set_aside", "source", "source_version", "type", "type_version", "undated",
 * "unknown_fields"}
 *
 * where file is the name without its folders, digests are sha256:<hex> (of the unpacked raw bytes,
 * of the canonical rows), rows what was read, kept what became rows, unknown_fields a list of
 * names. */
#ifndef ATTEST_EVIDENCE_SEGMENTS_H
#define ATTEST_EVIDENCE_SEGMENTS_H
#include "base/time.h"
#include "store/store.h"

struct segment {
    struct digest leaf;
    uint64_t n;
    struct slice leaf_hex;
    struct slice type, source; /* changes, source/deploy-log */
    struct payload payload;    /* the Parquet file */
    const char *path; /* where that file lies if not in the store (a bundle unpacked); else NULL */
    bool is_sealed;   /* personal columns hold tokens, and `personal` the values (sealing.h) */
    struct payload personal;
    const char *personal_path; /* as path */
    uint64_t rows;             /* of the Parquet file */
    bool has_span;             /* from and to of its rows' times; none if no row has one */
    struct period span;
    bool has_covers;
    struct period covers; /* what the import or source claims to hold in full */
    bool is_withdrawn;
    struct slice withdrawn_at, withdrawn_by, withdrawn_why; /* empty if it is not */
    const struct value *object;
    struct slice at; /* when it was imported, canonical time */
};
struct segment_list {
    struct segment *items;
    size_t count;
};

/* Segments of a type (empty: all) below a ledger size, oldest first; withdrawn ones only if asked
 * for. Everything lives in the arena. */
MUST_USE bool segments_list(struct store *store, struct arena *arena, struct slice type,
                            uint64_t size, bool with_withdrawn, struct segment_list *list,
                            struct error *err);

/* Those that count: of a snapshot only the last that is not withdrawn, of other types all that are
 * not. `type` is as it is at that size. */
struct record_type;
MUST_USE bool segments_that_count(struct store *store, struct arena *arena,
                                  const struct record_type *type, uint64_t size,
                                  struct segment_list *list, struct error *err);

/* For people: segments as an array, withdrawn ones included, oldest first: {"segment", "ledger",
 * "type", "source", the other members of `object`, "imported_at", "covers" and "times" (of the
 * rows): {"from", "to"} or null, "withdrawn": {"at", "by", "reason"} or null}. wanted: a type's id,
 * a source/ID, a leaf's first eight digits or more; empty: all. ERROR_NOT_FOUND if it is none of
 * these. */
MUST_USE struct value *segments_told(struct store *store, struct arena *arena, struct slice wanted,
                                     uint64_t size, struct error *err);

#endif
