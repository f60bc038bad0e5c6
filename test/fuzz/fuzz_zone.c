/* test/fuzz/fuzz_zone.c
 * TZif files and the rule at their end. In a zone that is accepted, an instant's local reading
 * exists, and the instants that are found for a reading have that reading. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "fuzz.h"

enum { WINDOWS_MAX = 400 };

/* Far enough from the ends of time that the reading has a year of four digits. */
static int64_t within(int64_t instant_us)
{
    int64_t second = instant_us / US_PER_SECOND * US_PER_SECOND;
    if (second < INSTANT_MIN_US + 2 * US_PER_DAY || second > INSTANT_MAX_US - 2 * US_PER_DAY)
        return second % (INSTANT_MAX_US / 2);
    return second;
}

static bool has_reading(const struct zone *zone, int64_t instant_us, const struct civil *local)
{
    struct civil is;
    civil_from_instant(instant_us, zone_offset(zone, instant_us), &is);
    return is.year == local->year && is.month == local->month && is.day == local->day &&
           is.hour == local->hour && is.minute == local->minute && is.second == local->second;
}

static void check_instant(const struct zone *zone, int64_t instant_us)
{
    struct civil local;
    int64_t first_us, second_us;
    instant_us = within(instant_us);
    int32_t offset = zone_offset(zone, instant_us);
    /* A rule's offset may have 24 hours and 59 minutes, and summer time an hour more. */
    assert(offset >= -30 * 3600 && offset <= 30 * 3600);
    civil_from_instant(instant_us, offset, &local);
    enum zone_kind kind = zone_local(zone, &local, &first_us, &second_us);
    assert(kind != ZONE_GAP);
    assert(has_reading(zone, first_us, &local) && has_reading(zone, second_us, &local));
    if (kind == ZONE_UNIQUE)
        assert(first_us == instant_us);
    else
        assert(first_us < second_us);
}

/* At fixed moments of the rule, and around what may be transitions in the file. */
static void check_zone(const struct zone *zone, const uint8_t *bytes, size_t size)
{
    for (int year = 1900; year < 2100; year += 3)
        check_instant(zone, (int64_t)days_from_civil(year, 1 + year % 12, 1) * US_PER_DAY);
    size_t begin = size > WINDOWS_MAX ? size - WINDOWS_MAX : 0;
    for (size_t at = begin; at + 8 <= size; at++) {
        uint64_t second = 0;
        for (size_t i = 0; i < 8; i++)
            second = second << 8 | bytes[at + i];
        int64_t near_us = (int64_t)(second % (UINT64_C(1) << 33)) * US_PER_SECOND;
        check_instant(zone, near_us - US_PER_SECOND);
        check_instant(zone, near_us);
    }
}

/* The folder in which the zone is looked for, made once. */
static const char *zone_path(void)
{
    static char folder[] = "/tmp/attest-fuzz-zone-XXXXXX", path[64];
    if (path[0])
        return path;
    if (!mkdtemp(folder) || setenv("TZDIR", folder, 1) != 0)
        abort();
    (void)snprintf(path, sizeof path, "%s/Fuzz", folder);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = { 0 };
    const char *path = zone_path();
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
    struct zone *zone = zone_new(SLICE("Fuzz"), &err);
    if (zone)
        check_zone(zone, bytes, size);
    else
        assert(err.code == ERROR_INVALID || err.code == ERROR_NOT_FOUND);
    zone_free(zone);
    (void)unlink(path);
    return 0;
}
