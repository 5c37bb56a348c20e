"""Working days in China: weekdays without public holidays, and the weekends that are worked in exchange.

The State Council announces them a year at a time, in November of the year before. lunar_python carries what was
announced; of any other year only weekdays are known, and every answer that rests on one says so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from lunar_python.util import HolidayUtil

_NEXT_YEARS_SAY = (12, 25)  # New Year's holiday of the year after has shifted days as early as 29 December


@dataclass(frozen=True)
class Day:
    """A day, and whether it is worked. `is_certain` is False where a holiday that is not known could change the answer.

    True in a condition where the day is worked.
    """

    on: date
    is_working: bool
    is_certain: bool

    def __bool__(self) -> bool:
        return self.is_working


def is_working_day(day: date) -> Day:
    """Whether the day is worked."""
    is_certain = _is_announced(day.year) and ((day.month, day.day) < _NEXT_YEARS_SAY or _is_announced(day.year + 1))
    return Day(day, _shifted(day.year).get(day, day.weekday() < 5), is_certain)


def working_day_on_or_before(day: date) -> Day:
    """The day itself where it is worked, otherwise the latest working day before it."""
    found = is_working_day(day)
    is_certain = found.is_certain
    while not found:
        found = is_working_day(found.on - timedelta(days=1))
        is_certain = is_certain and found.is_certain
    return Day(found.on, True, is_certain)


def add_working_days(day: date, n: int) -> Day:
    """The n-th working day after `day`, or before it where n is negative; a rest day counts as the last one worked.

    OverflowError outside the years 1 to 9999.
    """
    found = working_day_on_or_before(day)
    is_certain, left, step = found.is_certain, abs(n), timedelta(days=1 if n > 0 else -1)
    while left:
        found = is_working_day(found.on + step)
        is_certain = is_certain and found.is_certain
        left -= found.is_working
    return Day(found.on, True, is_certain)


def _is_announced(year: int) -> bool:
    # A year's first days off may be told with the year before, National Day is told with its own year only.
    return any(day.month == 10 for day in _shifted(year))


@cache
def _shifted(year: int) -> dict[date, bool]:
    """Days of a year that were announced as rest (False) or as worked (True)."""
    return {date.fromisoformat(each.getDay()): each.isWork() for each in HolidayUtil.getHolidays(f"{year:04}")}
