/* Presets: how files of other tools are read, each a file of catalog/presets/. One for records
 * holds a Source; one for documents says which kind a record becomes and where each field comes
 * from. A mapping of the user's own is written the same way (docs/switching.md). They are parsed
 * when they are asked for. */
#ifndef ATTEST_PROGRAM_PRESETS_H
#define ATTEST_PROGRAM_PRESETS_H
#include "base/value.h"

/* [{"id","title","reads","makes"}], by name. */
MUST_USE struct value *presets_list(struct arena *arena, struct error *err);
/* A built-in preset's document; NULL if there is none, or with *err. */
MUST_USE struct value *preset_built_in(struct arena *arena, struct slice name, struct error *err);
size_t presets_count(void);
/* The preset of that name, or the one in a file, which a name that holds a dot or a slash is.
 * Each fault of a file is added to the findings. NULL with *err: ERROR_NOT_FOUND (with a near
 * name), ERROR_INVALID. */
MUST_USE struct value *preset_find(struct arena *arena, struct slice name,
                                   struct findings *findings, struct error *err);

#endif
