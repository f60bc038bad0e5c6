"""The records and documents of a quarter, and what each test must find in them; written by whoever plants faults."""
from datetime import datetime, timedelta

FROM, TO = datetime(2026, 1, 1), datetime(2026, 4, 1)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
records = {}  # population type -> rows
resources, later = [], []  # documents; those of the second list are applied after the first
truth = {}  # test -> {key: {attribute: outcome}} of the items that deviate


def at(month, day, hour=0, minute=0, year=2026):
    return datetime(year, month, day, hour, minute)


def text(value):
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def add(kind, /, **row):
    records.setdefault(kind, []).append({name: text(value) for name, value in row.items() if value is not None})


def state(kind, times, rows, /):
    for time in times:
        for row in rows:
            add(kind, observed_at=time, **row)


def resource(kind, name, /, since=datetime(2025, 1, 1), until=None, into=resources, **fields):
    document = {"kind": kind, "id": name, "effective_from": text(since), **fields}
    if until:
        document["effective_to"] = text(until)
    into.append(document)


def planted(test, *key, **outcomes):
    truth.setdefault(test, {})[tuple(canonical(part) for part in key)] = outcomes


def canonical(part):
    return part.strftime("%Y-%m-%dT%H:%M:%S.000000Z") if isinstance(part, datetime) else str(part)
