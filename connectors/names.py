"""The rule for the names of delivered files, `<feed>_<YYYYMMDD>[_full|_delta][_NN].<format>[.zip|.gz]`.

A `.zip` may also stand in the place of the format (so some systems name their archives); the format is then
that of the one file in it.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from connectors.base import Mode

Format = Literal["csv", "tsv", "xlsx", "parquet"]
Wrapping = Literal["zip", "gz"]

NAME_RULE = "<feed>_<YYYYMMDD>[_full|_delta][_NN].(csv|tsv|xlsx|parquet)[.zip|.gz]"
_NAME = re.compile(
    r"(?P<feed>[a-z]+(?:_[a-z]+)*?)_(?P<day>[0-9]{8})(?:_(?P<mode>full|delta))?(?:_(?P<number>[0-9]{2}))?"
    r"(?:\.(?P<format>csv|tsv|xlsx|parquet)(?:\.(?P<wrapping>zip|gz))?|\.(?P<bare>zip))",
    re.ASCII | re.IGNORECASE,
)
_FORMAT = re.compile(r".+\.(csv|tsv|xlsx|parquet)", re.ASCII | re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class FileName:
    """What a file's name says. `mode` None: not said; `format` None: said by the file in the archive."""

    feed: str
    delivered_on: date
    mode: Mode | None
    number: int
    format: Format | None
    wrapping: Wrapping | None


def parse_name(name: str) -> FileName | None:
    """The parts of a name that follows the rule; None for any other name, and for days that do not exist."""
    match = _NAME.fullmatch(name)
    delivered_on = match and _day(match["day"])
    if not match or not delivered_on:
        return None
    return FileName(
        feed=match["feed"],
        delivered_on=delivered_on,
        mode=cast("Mode | None", _lower(match["mode"])),
        number=int(match["number"] or 0),
        format=cast("Format | None", _lower(match["format"])),
        wrapping=cast("Wrapping | None", _lower(match["wrapping"] or match["bare"])),
    )


def format_of(name: str) -> Format | None:
    """The format that the ending of any file name says."""
    match = _FORMAT.fullmatch(name)
    return cast("Format", match[1].lower()) if match else None


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
