"""check_ics.py FILE: read back by another program; form by RFC 5545."""
import sys

from icalendar import Calendar

raw = open(sys.argv[1], "rb").read()
lines = raw.split(b"\r\n")
assert raw.endswith(b"END:VCALENDAR\r\n") and b"\n" not in raw.replace(b"\r\n", b"")
assert max(map(len, lines)) <= 75 and any(line.startswith(b" ") for line in lines)
for line in lines:
    line.decode("utf-8")  # folded between characters
calendar = Calendar.from_ical(raw)
assert calendar.to_ical() and calendar["version"] == "2.0"
seen = set()
for event in calendar.walk("VEVENT"):
    assert event["uid"] not in seen
    seen.add(event["uid"])
    day = event["dtstart"].dt
    assert (event["dtend"].dt - day).days == 1 and day.isoformat() in event["uid"]
    print(day, event["uid"].split("@")[0], "|", event["summary"], "|",
          event["categories"].to_ical().decode())
print(repr(str(event["description"]).split("until")[0]))
