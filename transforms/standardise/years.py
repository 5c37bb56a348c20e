"""The year that a text still tells which is no date: 1986年3月, 1986-02-31, 86.3.7."""

import re
from datetime import date

import pyarrow as pa

from transforms.standardise.characters import compact
from transforms.standardise.columns import map_distinct
from transforms.standardise.dates import chinese_in_digits

_FIRST_YEAR = 1850
_WORDS = re.compile("^(?:约|大约|公历|公元|阳历|农历|阴历|生于|')+|(?:左右|前后|出生|生人|生|后|前)+$")
_FULL = re.compile(r"(\d{4})(?:年.*|[-/.].*|\d{2}(?:\d{2})?)?|\d{1,2}[-/.月]\d{1,2}[-/.日](\d{4})年?")
_SHORT = re.compile(r"(\d{2})年.*")
_PARTS = re.compile(r"(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{2})(\d{2})(\d{2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})")


def birth_years(texts: pa.Array, delivered_on: date) -> pa.Array:
    """The year of birth, int16, that texts tell which cannot be read as a date; null where none is certain.

    A year of two digits is one of 19.. if in 20.. it would lie after the delivery; otherwise it is not
    certain. Of three numbers of two digits the one above 31 is the year.
    """
    return map_distinct(texts, lambda text: birth_year(text, delivered_on), pa.int16())


def birth_year(text: str, delivered_on: date) -> int | None:
    """One text's year of birth, or None."""
    tidy = _WORDS.sub("", chinese_in_digits(compact(text)))
    full = _FULL.fullmatch(tidy)
    year = int(full[1] or full[2]) if full else 0
    if _FIRST_YEAR <= year <= delivered_on.year:
        return year
    two = _two_digits(tidy)
    return 1900 + two if two is not None and two > delivered_on.year % 100 else None


def _two_digits(tidy: str) -> int | None:
    short = _SHORT.fullmatch(tidy)
    if short:
        return int(short[1])
    found = _PARTS.fullmatch(tidy)
    above = [int(part) for part in found.groups() if part and int(part) > 31] if found else []
    return above[0] if len(above) == 1 else None
