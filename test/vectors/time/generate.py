#!/usr/bin/env python3
"""Writes zones.json beside this file: what Python's zoneinfo says of the zones in zoneinfo/.

The program has its own reader of the same files; the two share no code. Run it again only when the files
in zoneinfo/ change: the output depends on nothing else.
"""
import json
import os
import zoneinfo
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCH = datetime(1970, 1, 1)
FIRST, LAST = -2208988800, 4102444800  # 1900 and 2100: where every transition is looked at


def offset(zone, instant):
    utc = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=instant)
    return int(utc.astimezone(zone).utcoffset().total_seconds())


def transitions(zone):
    """Every change of the offset, by bisection between samples that are closer than any two changes."""
    found, at, step = [], FIRST, 4 * 86400
    while at < LAST:
        low, high = at, at + step
        if offset(zone, low) != offset(zone, high):
            while high - low > 1:
                middle = (low + high) // 2
                if offset(zone, middle) == offset(zone, low):
                    low = middle
                else:
                    high = middle
            found.append(high)
            at = high
        else:
            at += step
    return found


def local(zone, reading, gaps):
    """[text, kind, first, second]; the two folds of PEP 495 are the two candidates."""
    naive = EPOCH + timedelta(seconds=reading)
    offsets = [int(naive.replace(tzinfo=zone, fold=fold).utcoffset().total_seconds()) for fold in (0, 1)]
    candidates = sorted({reading - o for o in offsets if offset(zone, reading - o) == o})
    text = naive.strftime("%Y-%m-%dT%H:%M:%S")
    if len(candidates) == 1:
        return [text, "unique", candidates[0], candidates[0]]
    if len(candidates) == 2:
        return [text, "ambiguous", candidates[0], candidates[1]]
    after = [t for t in gaps if t + offset(zone, t - 1) <= reading < t + offset(zone, t)]
    assert len(after) == 1, (zone, text)
    return [text, "gap", after[0], after[0]]


def zone_vectors(name):
    zone = zoneinfo.ZoneInfo(name)
    turns = transitions(zone)
    # The distant past, the distant future, and a grid that no rule has been chosen for.
    instants = set(range(-62135510400, 253402214400, 777600013 * 8))
    readings = set()
    for turn in turns:
        instants |= {turn - 1, turn, turn + 1}
    for turn in turns[-12:] + turns[:4] + turns[len(turns) // 2:len(turns) // 2 + 8]:
        before, after = offset(zone, turn - 1), offset(zone, turn)
        for base in (before, after):
            readings |= {turn + base + d for d in (-3600, -1, 0, 1, 1799, 1800, 1801, 3600)}
    return {
        "offsets": [[t, offset(zone, t)] for t in sorted(instants)],
        "local": [local(zone, r, turns) for r in sorted(readings)],
    }


def main():
    zoneinfo.reset_tzpath([os.path.join(HERE, "zoneinfo")])
    names = []
    for folder, _, files in os.walk(os.path.join(HERE, "zoneinfo")):
        names += [os.path.relpath(os.path.join(folder, f), os.path.join(HERE, "zoneinfo")) for f in files]
    out = {name: zone_vectors(name) for name in sorted(names)}
    with open(os.path.join(HERE, "zones.json"), "w", encoding="ascii") as file:
        file.write("{\n")
        for i, (name, one) in enumerate(out.items()):
            file.write("%s: {\"offsets\":\n%s,\n\"local\":\n%s}%s\n" % (
                json.dumps(name), json.dumps(one["offsets"], separators=(",", ":")),
                json.dumps(one["local"], separators=(",", ":")), "," if i + 1 < len(out) else ""))
        file.write("}\n")


if __name__ == "__main__":
    main()
