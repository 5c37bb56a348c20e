"""Days as whole numbers since 1970-01-01, and the many ways in which agencies write them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]

NEVER: Final = 2**30  # a day that does not come: not dead, not divorced, never delivered
YEAR: Final = 365.25
_EPOCH: Final = date(1970, 1, 1)
_EXCEL_EPOCH: Final = date(1899, 12, 30)


def day(year: int, month: int = 1, dayofmonth: int = 1) -> int:
    """The number of a calendar day."""
    return (date(year, month, dayofmonth) - _EPOCH).days


def number(value: date) -> int:
    """The number of a date."""
    return (value - _EPOCH).days


def calendar(value: int) -> date:
    """The date of a number."""
    return _EPOCH + timedelta(days=int(value))


def years(days: Array) -> Array:
    """The calendar year of each day; days that never come count as 9999."""
    bounded = np.minimum(days, day(9999))
    return bounded.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def birthday(births: Array, age: int) -> Array:
    """The day on which a person born on `births` reaches an age; 29 February counts as 1 March."""
    dates = births.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    offset = (dates - months).astype(np.int64)
    target = (months + np.timedelta64(12 * age, "M")).astype("datetime64[D]")
    moved: Array = target.astype(np.int64) + offset
    return moved


def ages(births: Array, on: Array) -> Array:
    """Completed years at a day."""
    born, seen = births.astype("datetime64[D]"), np.minimum(on, day(2200)).astype("datetime64[D]")
    whole = years(seen.astype(np.int64)) - years(births)
    passed = birthday_in_year(born, seen) <= seen
    result: Array = np.maximum(whole - ~passed, 0)
    return result


def birthday_in_year(born: Array, seen: Array) -> Array:
    """This year's birthday of someone born on `born`, in the year of `seen`; both datetime64[D]."""
    month = born.astype("datetime64[M]").astype(np.int64) % 12
    offset = (born - born.astype("datetime64[M]")).astype(np.int64)
    start = seen.astype("datetime64[Y]").astype("datetime64[M]") + month
    result: Array = start.astype("datetime64[D]") + offset
    return result


def _serial(value: date) -> str:
    return str((value - _EXCEL_EPOCH).days)


STYLES: Final[Mapping[str, Callable[[date], str]]] = {
    "iso": lambda d: d.isoformat(),
    "compact": lambda d: f"{d:%Y%m%d}",
    "slash": lambda d: f"{d.year}/{d.month}/{d.day}",
    "dot": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "serial": _serial,
    "midnight": lambda d: f"{d.isoformat()} 00:00:00",
}


def written(days: Array, styles: Sequence[str], chosen: Array | None = None) -> pa.Array:
    """Days as text: `chosen` gives for each day the position of its style; NEVER becomes null."""
    distinct, place = np.unique(days, return_inverse=True)
    texts = [None if d >= NEVER else STYLES[style](calendar(d)) for d in distinct for style in styles]
    which = np.zeros(len(days), dtype=np.int64) if chosen is None else chosen
    return pa.array(texts, pa.string()).take(pa.array(place * len(styles) + which))


def iso(days: Array) -> pa.Array:
    """Days as ISO text; NEVER becomes null."""
    return written(days, ("iso",))
