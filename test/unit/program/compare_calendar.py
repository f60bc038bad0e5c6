"""compare_calendar.py PROGRAM: occurrences against dateutil's recurrence rules and zoneinfo.

Nothing here works as the program does: due days come from RFC 5545 rules, the end of a day is found
by counting seconds, and a version's share is cut out of lists.
"""
import random
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule

MONTHS = {"annual": 12, "semi-annual": 6, "quarterly": 3, "monthly": 1}
EVERY = [*MONTHS, "weekly", "daily"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Whose midnights and days are odd: skipped days, midnights that do not exist or come twice, offsets
# of half hours, negative daylight saving, a year-long double summer time, two changes in Ramadan.
ODD = ["Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Pacific/Enderbury",
       "Pacific/Fakaofo", "Europe/Dublin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut",
       "Asia/Amman", "Asia/Gaza", "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun",
       "Australia/Lord_Howe", "Asia/Kathmandu", "Antarctica/Troll", "America/Scoresbysund",
       "America/Asuncion", "America/Santiago", "Asia/Tehran", "Europe/Berlin", "UTC"]


def micros(instant):
    return (instant - EPOCH) // timedelta(microseconds=1)


def day_of(us, zone):
    return (EPOCH + timedelta(microseconds=us)).astimezone(zone).date()


ends = {}


def first_after(day, zone, low, high):
    """Between two instants (seconds) the first whose date is after `day`, by bisection."""
    while high - low > 1:
        middle = (low + high) // 2
        if day_of(middle * 10**6, zone) > day:
            high = middle
        else:
            low = middle
    return high


def end_of(day, name):
    """The first instant (microseconds) whose date in the zone is after `day`."""
    if (day, name) not in ends:
        zone = ZoneInfo(name)
        guess = (day - date(1970, 1, 1)).days * 86400
        end = first_after(day, zone, guess - 20 * 3600, guess + 60 * 3600)
        # Where clocks go back over midnight, it comes twice: the first of the two counts.
        for back in range(end - 3 * 3600, end, 900):
            if day_of(back * 10**6, zone) > day:
                end = first_after(day, zone, back - 900, back)
                break
        ends[day, name] = end * 10**6
    return ends[day, name]


def due_days(every, anchor, first, last):
    """By recurrence rules, starting long before."""
    start, stop = datetime(first.year, 1, 1), datetime(last.year, last.month, last.day)
    if every == "daily":
        rule = rrule(DAILY, dtstart=start, until=stop)
    elif every == "weekly":
        day = anchor.weekday() if anchor else 6
        rule = rrule(WEEKLY, byweekday=day, dtstart=start, until=stop)
    else:
        anchor = anchor or date(1970, 12, 31)
        months = [m for m in range(1, 13) if (m - anchor.month) % MONTHS[every] == 0]
        if (anchor + timedelta(days=1)).day == 1:
            days = [-1]  # the last day of each month
            position = -1
        else:
            # Of the days up to the anchor's, the last that the month has.
            days = list(range(28, anchor.day + 1)) or [anchor.day]
            position = -1
        rule = rrule(MONTHLY, bymonth=months, bymonthday=days, bysetpos=position,
                     dtstart=start, until=stop)
    return [d.date() for d in rule]


def allowed_until(day, name, allowed):
    count, unit = allowed.split("_")
    count = int(count)
    if unit == "hours":
        return end_of(day, name) + count * 3600 * 10**6 - 1
    step = relativedelta(months=count) if unit == "months" else timedelta(days=count)
    return end_of(day + step, name) - 1


def expected(until, versions):
    """One zone for all versions: a later one rules from its beginning on."""
    found, window, before = [], None, None
    for i, (start, every, anchor, name, allowed) in enumerate(versions):
        stop = versions[i + 1][0] if i + 1 < len(versions) else None
        zone = ZoneInfo(name)
        if window is None:
            window = start
        last = day_of(min(stop or until, until), zone) + timedelta(days=800)
        for day in due_days(every, anchor, day_of(start, zone) - timedelta(days=2), last):
            due = end_of(day, name) - 1
            if due < start or (stop is not None and due >= stop):
                continue
            if due == before or window >= until:
                continue
            found.append((day.isoformat(), window, due, allowed_until(day, name, allowed)))
            window, before = due + 1, due
    return found


def cases():
    rng = random.Random(20260101)
    names = sorted(available_timezones() - {"localtime", "Factory"})
    for name in ODD + names:
        for year in [2011, rng.randint(1971, 2036)] if name in ODD else [rng.randint(1971, 2036)]:
            count = rng.randint(1, 3)
            start = micros(datetime(year, rng.randint(1, 12), rng.randint(1, 28), 5, tzinfo=timezone.utc))
            versions = []
            for _ in range(count):
                every = rng.choice(EVERY)
                anchor = None
                if rng.random() < 0.7:
                    anchor = date(rng.randint(1996, 2030), 1, 1) + timedelta(days=rng.randint(0, 365))
                    if rng.random() < 0.4:
                        anchor = anchor.replace(day=1) - timedelta(days=rng.randint(1, 3))
                allowed = rng.choice(["0_days", "14_days", "36_hours", "1_months"])
                versions.append((start, every, anchor, name, allowed))
                start += rng.randint(1, 500) * 86400 * 10**6 + rng.randint(0, 86400) * 10**6
            yield start, versions


def main():
    listed = list(cases())
    text = ""
    for until, versions in listed:
        text += str(until)
        for start, every, anchor, name, allowed in versions:
            text += f" {start} - {every} {anchor or '-'} {name} {allowed}"
        text += "\n"
    answer = subprocess.run([sys.argv[1]], input=text, capture_output=True, text=True, check=True)
    # A case without occurrences leaves an empty block.
    lines = answer.stdout.split("\n")
    blocks, block = [], []
    for line in lines[:-1]:
        if line:
            day, *numbers = line.split()
            block.append((day, *map(int, numbers)))
        else:
            blocks.append(block)
            block = []
    assert len(blocks) == len(listed), (len(blocks), len(listed))
    total = 0
    for (until, versions), got in zip(listed, blocks):
        want = expected(until, versions)
        total += len(want)
        if got != want:
            print(until, versions)
            for pair in zip(got, want):
                if pair[0] != pair[1]:
                    print("got", pair[0], "want", pair[1])
                    break
            print(len(got), "got", len(want), "wanted")
            sys.exit(1)
    print(len(listed), "cases,", total, "occurrences agree")
    assert total > 50000


main()
