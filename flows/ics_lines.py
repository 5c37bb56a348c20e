"""iCalendar (RFC 5545): all-day events as the lines of a calendar file, without alarms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

_OCTETS = 75  # a line's, without its end
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class AllDay:
    """An event of one day. The same `uid` in a later file is the same event."""

    uid: str
    on: date
    summary: str
    description: str
    category: str


def calendar_file(name: str, events: Iterable[AllDay], made_at: datetime) -> bytes:
    """A whole calendar in UTF-8; `made_at` (with its zone) is the DTSTAMP of every event."""
    stamp = made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//nuanxin//policies calendar//ZH", "CALSCALE:GREGORIAN"]
    lines = [*head, f"X-WR-CALNAME:{_text(name)}", *(line for each in events for line in _event(each, stamp))]
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(event: AllDay, stamp: str) -> Iterator[str]:
    # Without DTEND an event lasts the one day; TRANSPARENT keeps it from blocking an officer's day.
    yield from ("BEGIN:VEVENT", f"UID:{_text(event.uid)}", f"DTSTAMP:{stamp}")
    yield f"DTSTART;VALUE=DATE:{event.on.isoformat().replace('-', '')}"
    yield from (f"SUMMARY:{_text(event.summary)}", f"DESCRIPTION:{_text(event.description)}")
    yield from (f"CATEGORIES:{_text(event.category)}", "TRANSP:TRANSPARENT", "END:VEVENT")


def _text(value: str) -> str:
    """A TEXT value: escaped, line ends as \\n, no other control characters but the tab."""
    lines = "\n".join(value.splitlines())
    return "".join(each for each in lines if each >= " " or each in "\t\n").replace("\x7f", "").translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """The line in pieces of 75 octets at most, none of which cuts a character; all but the first begin with a space."""
    pieces, room = [b""], _OCTETS
    for character in line:
        octets = character.encode()
        if len(pieces[-1]) + len(octets) > room:
            pieces.append(b" ")
        pieces[-1] += octets
    return b"\r\n".join(pieces) + b"\r\n"
