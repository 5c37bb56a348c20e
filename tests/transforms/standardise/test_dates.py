"""Dates in every spelling, and those that are defects."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.standardise.dates import date_reader, datetime_reader

DELIVERED_ON = date(2025, 6, 2)


def read_date(text, *, may_be_ahead=False):
    read = date_reader(DELIVERED_ON, may_be_ahead=may_be_ahead)([text])
    return read.values[0].as_py(), read.reasons[0].as_py()


def read_moment(text):
    return datetime_reader(DELIVERED_ON)([text]).values[0].as_py()


@pytest.mark.parametrize(
    "text",
    ["2025-03-07", "20250307", "2025/3/7", "2025.03.07", "2025年3月7日", "45723", "45723.0",
     "２０２５－０３－０７",
     "2025-03-07 00:00",
     "2025-03-07T08:15", "20250307081500", "2025/3/7 8:15", " 2025-03-07\u200b ",
     "2025 年 3 月 7 日", "二〇二五年三月七日", "二零二五年03月07日"],
)  # fmt: skip
def test_every_spelling_of_a_date_is_read(text):
    assert read_date(text) == (date(2025, 3, 7), None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2025-02-29", "unreadable_date"),
        ("2025-13-01", "unreadable_date"),
        ("07/03/2025", "unreadable_date"),
        ("昨天", "unreadable_date"),
        ("1985", "unreadable_date"),
        ("2025-03", "unreadable_date"),
        ("99999", "unreadable_date"),
        ("2025-03-07 25:00", "unreadable_date"),
        ("2025-06-03", "date_in_future"),
        ("1899-12-31", "date_before_1900"),
        ("1", "date_before_1900"),
    ],
)
def test_a_date_that_cannot_be_used_is_null_with_its_reason(text, reason):
    assert read_date(text) == (None, reason)


@pytest.mark.parametrize("text", ["", "-", "无", "不详", "长期"])
def test_a_placeholder_is_missing_and_no_defect(text):
    assert read_date(text) == (None, None)


def test_the_end_of_a_term_may_lie_ahead():
    assert read_date("2035-06-01", may_be_ahead=True) == (date(2035, 6, 1), None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-07 08:15", datetime(2025, 3, 7, 8, 15)),
        ("2025/3/7 8:15:30", datetime(2025, 3, 7, 8, 15, 30)),
        ("2025年3月7日8时15分", datetime(2025, 3, 7, 8, 15)),
        ("202503070815", None),
        ("20250307 0815", datetime(2025, 3, 7, 8, 15)),
        ("2025-03-06 24:00", datetime(2025, 3, 7)),
        ("2025-03-07T00:15:00Z", datetime(2025, 3, 7, 8, 15)),
        ("2025-03-07T08:15:00+08:00", datetime(2025, 3, 7, 8, 15)),
        ("45723.34375", datetime(2025, 3, 7, 8, 15)),
    ],
)
def test_a_time_keeps_its_minutes_in_local_time(text, moment):
    assert read_moment(text) == (moment or datetime(2025, 3, 7, 8, 15))


@pytest.mark.parametrize("text", ["一九八六年十二月二十三日", "一九八六年十二月二三日"])
def test_numerals_are_read_as_digits(text):
    assert read_date(text) == (date(1986, 12, 23), None)


@given(
    st.lists(
        st.text(st.sampled_from("0123456789-: /T年"), max_size=19)
        | st.datetimes(datetime(1890, 1, 1), datetime(2026, 1, 1)).map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}")
        | st.datetimes(datetime(1890, 1, 1), datetime(2026, 1, 1)).map(lambda moment: f"{moment:%Y-%m-%d %H:%M}"),
        unique=True,
    )
)
def test_times_of_many_are_those_of_each(texts):
    many, reader = datetime_reader(DELIVERED_ON)(texts), datetime_reader(DELIVERED_ON)
    # a space behind a text sends it the long way round
    each = [reader([f"{text} "]) for text in texts]
    assert many.values.to_pylist() == [read.values[0].as_py() for read in each]
    assert many.reasons.to_pylist() == [read.reasons[0].as_py() for read in each]


@given(st.dates(date(1906, 1, 1), DELIVERED_ON))
def test_every_day_is_read_from_its_serial_number_and_its_text(day):
    serial = str((day - date(1899, 12, 30)).days)
    expected = (day, None) if not 1900 <= int(serial) <= 2100 else (None, "unreadable_date")
    assert read_date(serial) == expected
    assert read_date(f"{day.year}年{day.month}月{day.day}日") == (day, None)


@given(st.text())
def test_no_text_makes_the_reader_fail(text):
    day, reason = read_date(text)
    assert day is None or (reason is None and date(1900, 1, 1) <= day <= DELIVERED_ON)


def test_the_day_of_delivery_itself_is_not_in_the_future():
    assert read_date((DELIVERED_ON + timedelta(days=0)).isoformat()) == (DELIVERED_ON, None)
