"""Dates of birth held against each other."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from lunar_python import Solar

from transforms.linkage import dates
from transforms.linkage.encoding import days_of


def level(left: date, right: date) -> int:
    one, other = (days_of(pa.array([day])) for day in (left, right))
    return int(dates.birth_levels(one, other)[0])


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (date(1990, 3, 15), date(1990, 3, 15), dates.SAME),
        (date(1990, 3, 5), date(1990, 5, 3), dates.SWAPPED),
        (date(1990, 3, 15), date(1980, 3, 15), dates.ONE_DIGIT),
        (date(1985, 8, 29), date(1984, 8, 28), dates.TWO_DIGITS),
        (date(1990, 3, 15), date(1990, 11, 28), dates.YEAR),
        (date(1990, 3, 15), date(1975, 11, 28), dates.DIFFERENT),
    ],
)
def test_level_of_two_dates(left: date, right: date, expected: int) -> None:
    assert level(left, right) == expected
    assert level(right, left) == expected


@pytest.mark.parametrize(
    "solar", [date(1953, 12, 30), date(1985, 1, 2), date(1990, 7, 14), date(2001, 6, 10), date(2020, 6, 1)]
)
def test_a_lunar_date_written_as_solar_is_its_reading(solar: date) -> None:
    lunar = Solar.fromYmd(solar.year, solar.month, solar.day).getLunar()
    stated = date(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay())
    assert level(solar, stated) == dates.LUNAR


def test_an_age_counted_in_another_way_is_no_disagreement() -> None:
    years = np.array([1990], np.int16), np.array([1991], np.int16)
    assert dates.year_levels(*years, np.array([False]))[0] == dates.NEAR


def test_years_are_left_to_the_dates_where_both_sides_have_one() -> None:
    years = np.array([1990], np.int16), np.array([1990], np.int16)
    assert dates.year_levels(*years, np.array([True]))[0] == dates.MISSING
