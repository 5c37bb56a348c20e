"""In which line of a TOML page a key stands: tomllib keeps no positions, and faults are told with a line."""

import re
import tomllib
from typing import Any

KeyPath = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_TABLE = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_TABLE_IN_LIST = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=")
_LINE_OF_ERROR = re.compile(r"\(at line (\d+)")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Path of every table and key → the line it starts (from 1); tables of a list have their number."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, line in enumerate(_outside_long_strings(text), 1):
        if match := _TABLE_IN_LIST.match(line):
            of = _parts(match[1])
            counts[of] = counts.get(of, -1) + 1
            table = (*of, counts[of])
            lines.setdefault(table, number)
        elif match := _TABLE.match(line):
            table = _parts(match[1])
            lines.setdefault(table, number)
        elif match := _ASSIGNMENT.match(line):
            lines.setdefault((*table, *_parts(match[1])), number)
    return lines


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int:
    """The line of a path, else of the nearest thing around it, else the first."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def line_of_error(error: Exception, text: str) -> int:
    """The line that tomllib names; an error at the end of the document stands in its last line."""
    match = _LINE_OF_ERROR.search(str(error))
    return int(match[1]) if match else max(len(text.splitlines()), 1)


def _parts(dotted: str) -> KeyPath:
    """`a."b c"` → ("a", "b c"), as TOML itself reads it."""
    try:
        page: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:  # no key after all, but a line of some text
        return (dotted,)
    parts: list[str | int] = []
    while isinstance(page, dict):
        (key, page), *_ = page.items()
        parts.append(key)
    return tuple(parts)


def _outside_long_strings(text: str) -> list[str]:
    """The lines, those blanked that lie inside a string of several lines."""
    inside: str | None = None
    lines = []
    for line in text.split("\n"):
        lines.append("" if inside else line)
        for quotes in ('"""', "'''"):
            if inside in (None, quotes) and line.count(quotes) % 2:
                inside = None if inside else quotes
    return lines
