"""Working days: what was announced for known years, weekdays and a word of warning for the others."""

from bisect import bisect_right
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.eligibility.working_days import add_working_days, is_working_day, working_day_on_or_before

SPRING_FESTIVAL_2026 = {  # announced on 2025-11-04
    "02-13 Fri": True, "02-14 Sat": True, "02-15 Sun": False, "02-16 Mon": False, "02-20 Fri": False,
    "02-23 Mon": False, "02-24 Tue": True, "02-28 Sat": True, "03-01 Sun": False,
}  # fmt: skip
NATIONAL_DAY_2026 = {
    "09-19 Sat": False, "09-20 Sun": True, "09-25 Fri": False, "09-30 Wed": True, "10-01 Thu": False,
    "10-07 Wed": False, "10-08 Thu": True, "10-10 Sat": True, "10-11 Sun": False,
}  # fmt: skip

known_days = st.dates(date(2015, 1, 1), date(2024, 12, 31))
any_days = st.one_of(known_days, st.dates(date(1950, 1, 1), date(2200, 1, 1)))
steps = st.integers(-70, 70)

# The slow oracle: every working day of the known years in a row, to be counted along.
ROW = [day for day in (date(2014, 1, 1) + timedelta(days=n) for n in range(4380)) if is_working_day(day)]


@pytest.mark.parametrize(("written", "is_worked"), [*SPRING_FESTIVAL_2026.items(), *NATIONAL_DAY_2026.items()])
def test_holidays_rest_and_their_weekends_are_worked(written: str, is_worked: bool) -> None:
    day = date.fromisoformat(f"2026-{written[:5]}")
    assert f"{day:%a}" == written[6:]
    assert (is_working_day(day).is_working, is_working_day(day).is_certain) == (is_worked, True)


@pytest.mark.parametrize(("day", "before"), [("2026-05-31", "2026-05-29"), ("2026-10-07", "2026-09-30"),
                                             ("2026-02-23", "2026-02-14"), ("2026-10-10", "2026-10-10")])  # fmt: skip
def test_the_latest_working_day_on_or_before(day: str, before: str) -> None:
    found = working_day_on_or_before(date.fromisoformat(day))
    assert (found.on.isoformat(), found.is_certain) == (before, True)


@pytest.mark.parametrize(("day", "n", "there"), [("2026-09-30", 1, "2026-10-08"), ("2026-09-30", 3, "2026-10-10"),
                                                 ("2026-10-08", -1, "2026-09-30"), ("2026-10-05", 1, "2026-10-08"),
                                                 ("2026-10-05", -1, "2026-09-29"), ("2026-10-05", 0, "2026-09-30"),
                                                 ("2024-02-28", 1, "2024-02-29")])  # fmt: skip
def test_working_days_later_and_earlier(day: str, n: int, there: str) -> None:
    assert add_working_days(date.fromisoformat(day), n).on.isoformat() == there


@pytest.mark.parametrize("year", [1990, 2001, 2100])
def test_of_a_year_that_is_not_known_weekdays_are_counted_and_that_is_said(year: int) -> None:
    days = [is_working_day(date(year, 10, day)) for day in range(1, 32)]
    assert [day.is_working for day in days] == [day.on.weekday() < 5 for day in days]
    assert not any(day.is_certain for day in days)
    assert not working_day_on_or_before(date(year, 10, 3)).is_certain


def test_the_last_days_of_a_year_wait_for_what_is_announced_of_the_next() -> None:
    known = [year for year in range(2002, 2100) if is_working_day(date(year, 7, 1)).is_certain]
    assert known[:25] == [*range(2002, 2027)]
    last = date(known[-1], 12, 31)
    assert is_working_day(last - timedelta(days=7)).is_certain
    assert not is_working_day(last).is_certain
    assert is_working_day(date(2018, 12, 31)).is_certain
    assert not is_working_day(date(2018, 12, 31)).is_working  # a Monday, and New Year's holiday of 2019


def test_counting_through_a_year_that_is_not_known_is_not_certain() -> None:
    assert add_working_days(date(2002, 1, 10), -3).is_certain
    found = add_working_days(date(2002, 1, 10), -30)
    assert (found.on.year, found.is_certain) == (2001, False)


def test_the_first_and_the_last_day_there_are() -> None:
    assert working_day_on_or_before(date.min).on == date.min
    assert working_day_on_or_before(date.max).on == date.max
    with pytest.raises(OverflowError):
        add_working_days(date.max, 1)


@given(any_days)
def test_on_or_before_is_the_nearest_that_is_worked(day: date) -> None:
    found = working_day_on_or_before(day)
    assert is_working_day(found.on)
    assert found.on <= day
    between = [found.on + timedelta(days=n) for n in range(1, (day - found.on).days + 1)]
    assert not any(is_working_day(each) for each in between)


@given(any_days, any_days)
def test_on_or_before_keeps_the_order(one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert working_day_on_or_before(earlier).on <= working_day_on_or_before(later).on


@given(any_days, steps, steps)
def test_steps_are_worked_in_order_and_add_up(day: date, n: int, m: int) -> None:
    there = add_working_days(day, n)
    assert is_working_day(there.on)
    assert add_working_days(day, n + 1).on > there.on
    assert add_working_days(day + timedelta(days=1), n).on >= there.on
    assert add_working_days(there.on, m).on == add_working_days(day, n + m).on


@given(known_days, steps)
def test_steps_are_those_of_a_row_of_working_days(day: date, n: int) -> None:
    found = add_working_days(day, n)
    assert (found.on, found.is_certain) == (ROW[bisect_right(ROW, day) - 1 + n], True)


@given(st.dates(date(2101, 1, 1), date(2200, 1, 1)), steps)
def test_without_holidays_steps_are_those_of_numpy(day: date, n: int) -> None:
    found = add_working_days(day, n)
    assert (found.on, found.is_certain) == (np.busday_offset(day, n, roll="backward").astype(date), False)
