/* IANA time zones from TZif files, versions 1 to 4 (RFC 9636, earlier RFC 8536).
 *
 * A file holds a table of transitions (an instant, and the local time type that rules from it on)
 * and, from version 2, a footer: a POSIX TZ string that rules after the last transition, for ever.
 * Both are seen through zone_span(): the stretch of time around an instant that has one offset.
 * Offsets, local readings, gaps and repeats all follow from such stretches.
 *
 * All instants here are in seconds. The bytes come from the system, yet nothing in them is trusted.
 */
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/tz_rule.h"

enum {
    ZONE_NAME_MAX = 63,
    TZIF_BYTES_MAX = 1 << 20,
    TZIF_HEADER = 44,
    TYPES_MAX = 256, /* their index is one byte */
};

struct zone {
    char name[ZONE_NAME_MAX + 1];
    size_t count; /* transitions, rising */
    int64_t *starts;
    uint8_t *types;             /* of the time from starts[i] on */
    int32_t offsets[TYPES_MAX]; /* by type; type 0 rules before the first transition */
    bool has_rule;
    struct tz_rule rule; /* from the last transition on */
};

struct span {
    int64_t start, end; /* start included, end excluded; INT64_MIN and INT64_MAX are open */
    int32_t offset;     /* seconds east */
};

static struct span zone_span(const struct zone *zone, int64_t instant)
{
    size_t low = 0, high = zone->count; /* the number of transitions at or before the instant */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->starts[middle] <= instant)
            low = middle + 1;
        else
            high = middle;
    }
    int64_t start = low > 0 ? zone->starts[low - 1] : INT64_MIN;
    if (low == zone->count && zone->has_rule) {
        struct span span = { .start = start };
        int64_t rule_start;
        span.offset = tz_rule_span(&zone->rule, instant, &rule_start, &span.end);
        if (rule_start > start)
            span.start = rule_start;
        return span;
    }
    return (struct span){
        .start = start,
        .end = low < zone->count ? zone->starts[low] : INT64_MAX,
        .offset = zone->offsets[low > 0 ? zone->types[low - 1] : 0],
    };
}

/* ---------------------------------------------------------------- TZif */

/* Big-endian, two's complement. */
static int64_t get_signed(const char *at, size_t bytes)
{
    uint64_t value = (unsigned char)at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value <= INT64_MAX ? (int64_t)value : -(int64_t)(UINT64_MAX - value) - 1;
}

struct tzif_header {
    char version;
    size_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

static bool header_read(struct slice text, struct tzif_header *header)
{
    if (text.len < TZIF_HEADER || memcmp(text.at, "TZif", 4) != 0)
        return false;
    size_t *counts[] = { &header->isutcnt, &header->isstdcnt, &header->leapcnt,
                         &header->timecnt, &header->typecnt,  &header->charcnt };
    header->version = text.at[4];
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        int64_t count = get_signed(text.at + 20 + i * 4, 4);
        /* Each counts something of at least one byte, which the file would have to hold. */
        if (count < 0 || count > TZIF_BYTES_MAX)
            return false;
        *counts[i] = (size_t)count;
    }
    return header->typecnt >= 1 && header->typecnt <= TYPES_MAX;
}

/* Bytes after the header of a block whose instants have time_size bytes. */
static size_t block_len(const struct tzif_header *header, size_t time_size)
{
    return header->timecnt * (time_size + 1) + header->typecnt * 6 + header->charcnt +
           header->leapcnt * (time_size + 4) + header->isstdcnt + header->isutcnt;
}

/* Source: RFC 9636 3.2. */
static bool block_read(struct slice block, const struct tzif_header *header, size_t time_size,
                       struct zone *zone, const char **fault)
{
    const char *times = block.at, *types = times + header->timecnt * time_size,
               *records = types + header->timecnt;
    if (header->leapcnt > 0) {
        *fault = "it counts leap seconds, which instants here do not";
        return false;
    }
    *fault = "its transitions are damaged";
    for (size_t i = 0; i < header->typecnt; i++) {
        int64_t offset = get_signed(records + i * 6, 4);
        if (offset < -89999 || offset > 93599) /* the bounds of 3.2 */
            return false;
        zone->offsets[i] = (int32_t)offset;
    }
    zone->count = header->timecnt;
    if (zone->count == 0)
        return true;
    zone->starts = calloc(zone->count, sizeof *zone->starts);
    zone->types = calloc(zone->count, sizeof *zone->types);
    if (!zone->starts || !zone->types) {
        *fault = NULL; /* memory, not the file */
        return false;
    }
    for (size_t i = 0; i < zone->count; i++) {
        zone->starts[i] = get_signed(times + i * time_size, time_size);
        zone->types[i] = (uint8_t)types[i];
        if (zone->types[i] >= header->typecnt || (i > 0 && zone->starts[i] <= zone->starts[i - 1]))
            return false;
    }
    return true;
}

/* On false *fault says why; NULL: no memory. */
static bool tzif_read(struct slice text, struct zone *zone, const char **fault)
{
    struct tzif_header header;
    size_t time_size = 4;
    *fault = "it is not a TZif file";
    if (!header_read(text, &header))
        return false;
    if (header.version >= '2') {
        /* The first block is for readers of version 1. */
        size_t skip = TZIF_HEADER + block_len(&header, 4);
        *fault = "it is cut short";
        if (skip > text.len)
            return false;
        text = slice_from(text, skip);
        *fault = "its second header is damaged";
        if (!header_read(text, &header))
            return false;
        time_size = 8;
    }
    size_t len = block_len(&header, time_size);
    *fault = "it is cut short";
    if (text.len - TZIF_HEADER < len)
        return false;
    text = slice_from(text, TZIF_HEADER);
    if (!block_read(slice_head(text, len), &header, time_size, zone, fault))
        return false;
    if (time_size == 4)
        return true;

    struct slice footer = slice_from(text, len), rule, rest;
    *fault = "its footer is damaged";
    if (footer.len == 0 || footer.at[0] != '\n' ||
        !slice_split(slice_from(footer, 1), '\n', &rule, &rest))
        return false;
    zone->has_rule = rule.len > 0;
    return rule.len == 0 || tz_rule_parse(rule, &zone->rule);
}

/* ---------------------------------------------------------------- finding the file */

static const char *zoneinfo_folder(void)
{
    const char *folder = getenv("TZDIR");
    return folder && folder[0] ? folder : "/usr/share/zoneinfo";
}

/* Letters, digits, + - _ in parts between slashes: so a name is no way out of the folder, and the
 * tables beside the zones (zone.tab) are no zones. */
static bool name_is_plain(struct slice name)
{
    bool at_start = true;
    if (name.len == 0 || name.len > ZONE_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool is_letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        bool is_other = (byte >= '0' && byte <= '9') || byte == '+' || byte == '-' || byte == '_';
        if (byte == '/' ? at_start : !is_letter && !is_other)
            return false;
        at_start = byte == '/';
    }
    return !at_start;
}

struct names {
    struct arena *arena;
    const char **items;
    size_t count;
};

enum { NAMES_MAX = 2048, NAME_PARTS_MAX = 3 };

/* Adds the zones below `prefix` ("" or "America/"), which are those that begin with a capital.
 * Folders are told from zones by looking into them. */
static void names_add(struct names *names, const char *prefix, unsigned depth)
{
    struct folder_names entries;
    struct error ignored; /* a hint that cannot be given is no failure */
    char *path = arena_printf(names->arena, &ignored, "%s/%s", zoneinfo_folder(), prefix);
    if (!path || !folder_list(names->arena, path, &entries, &ignored))
        return;
    for (size_t i = 0; i < entries.count && names->count < NAMES_MAX; i++) {
        struct slice entry = entries.items[i];
        if (entry.at[0] < 'A' || entry.at[0] > 'Z' || !name_is_plain(entry))
            continue;
        char *name = arena_printf(names->arena, &ignored, "%s%.*s", prefix, SLICE_ARG(entry));
        if (!name)
            return;
        names->items[names->count++] = name;
        char *deeper = arena_printf(names->arena, &ignored, "%s/", name);
        if (deeper && depth < NAME_PARTS_MAX)
            names_add(names, deeper, depth + 1);
    }
}

static bool unknown_zone(struct arena *arena, struct slice name, struct error *err)
{
    struct error ignored;
    struct names names = { .arena = arena };
    error_set(err, ERROR_NOT_FOUND, NULL, "\"%.*s\" is no time zone that this system knows",
              slice_int(name.len < 80 ? name.len : 80), name.at ? name.at : "");
    names.items = arena_array(arena, NAMES_MAX, sizeof *names.items, &ignored);
    if (names.items)
        names_add(&names, "", 1);
    if (names.count == 0)
        return error_hint(err, "no zones are installed in %s (package tzdata)", zoneinfo_folder());
    const char *near = slice_nearest(name, names.items, names.count);
    if (near)
        return error_hint(err, "did you mean %s?", near);
    return error_hint(err, "zones are named as in the IANA database, such as Europe/Berlin or UTC");
}

static bool zone_load(struct arena *arena, struct slice name, struct zone *zone, struct error *err)
{
    struct slice text;
    const char *fault;
    if (!name_is_plain(name))
        return unknown_zone(arena, name, err);
    char *path = arena_printf(arena, err, "%s/%s", zoneinfo_folder(), zone->name);
    if (!path)
        return false;
    if (!file_read(arena, path, TZIF_BYTES_MAX, &text, err)) {
        /* Not there, or a folder such as Europe. */
        bool is_unknown = err->code == ERROR_NOT_FOUND || err->code == ERROR_INVALID;
        return is_unknown ? unknown_zone(arena, name, err) : false;
    }
    if (tzif_read(text, zone, &fault))
        return true;
    if (!fault)
        return error_no_memory(err, zone->count * (sizeof *zone->starts + 1));
    return error_set(err, ERROR_INVALID, path, "this is no usable time zone: %s", fault);
}

struct zone *zone_new(struct slice name, struct error *err)
{
    struct zone *zone = calloc(1, sizeof *zone);
    if (!zone) {
        error_no_memory(err, sizeof *zone);
        return NULL;
    }
    if (name.len > 0 && name.len <= ZONE_NAME_MAX)
        memcpy(zone->name, name.at, name.len);
    if (slice_is(name, "UTC"))
        return zone;
    struct arena *arena = arena_new(8 * TZIF_BYTES_MAX, err);
    bool ok = arena && zone_load(arena, name, zone, err);
    arena_free(arena);
    if (ok)
        return zone;
    zone_free(zone);
    return NULL;
}

void zone_free(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->starts);
    free(zone->types);
    free(zone);
}

const char *zone_name(const struct zone *zone) { return zone ? zone->name : "UTC"; }

/* ---------------------------------------------------------------- use */

int32_t zone_offset(const struct zone *zone, int64_t instant_us)
{
    int64_t instant = instant_us / US_PER_SECOND - (instant_us % US_PER_SECOND < 0);
    return zone_span(zone, instant).offset;
}

enum zone_kind zone_local(const struct zone *zone, const struct civil *local, int64_t *first_us,
                          int64_t *second_us)
{
    enum { REACH = 100000 }; /* more than the greatest offset in seconds */
    int64_t reading = (int64_t)days_from_civil(local->year, local->month, local->day) * 86400 +
                      local->hour * 3600 + local->minute * 60 + local->second;
    int64_t found[2] = { 0 }, gap = INT64_MIN;
    size_t count = 0;
    struct span span = zone_span(zone, reading - REACH);
    while (true) {
        int64_t candidate = reading - span.offset;
        if (candidate >= span.start && candidate < span.end && count < ARRAY_LEN(found))
            found[count++] = candidate;
        if (span.end > reading + REACH)
            break;
        struct span next = zone_span(zone, span.end);
        /* Not yet reached before the transition, passed after it. */
        if (reading - span.offset >= span.end && reading - next.offset < span.end)
            gap = span.end;
        span = next;
    }
    if (count == 0) {
        *first_us = *second_us = gap * US_PER_SECOND;
        return ZONE_GAP;
    }
    *first_us = found[0] * US_PER_SECOND + local->micros;
    *second_us = found[count - 1] * US_PER_SECOND + local->micros;
    return count == 1 ? ZONE_UNIQUE : ZONE_AMBIGUOUS;
}
