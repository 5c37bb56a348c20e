"""Dates and times in every spelling that agencies deliver, in local time of China."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa

from transforms.standardise.characters import compact, is_placeholder, plain
from transforms.standardise.columns import Cell, Reader, cellwise, mostly
from transforms.standardise.identifiers import days_of
from transforms.standardise.numerals import NUMERALS, in_digits
from transforms.standardise.points import Bytes, Flags, Places, fixed, number_in

FIRST_DAY = date(1900, 1, 1)
_OPEN_END = frozenset(["长期", "长期有效", "永久", "9999-12-31", "99991231"])
_SEPARATED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]*(\d.*))?", re.IGNORECASE)
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T\s]*(\d.*))?", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{1,5})(\.\d+)?")
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:时点](\d{1,2}))?(?:[:分](\d{1,2})(?:\.\d+)?秒?|分)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_NUMERAL = re.compile(f"[{NUMERALS}]+")
_SOLID_CLOCK = re.compile(r"(\d{2})(\d{2})(\d{2})?()")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  local time; day 60 of the serial never existed
_CHINA = timezone(timedelta(hours=8))


def date_reader(delivered_on: date, *, may_be_ahead: bool) -> Reader:
    """Distinct texts → date32. Later than `delivered_on` is a defect unless the column may lie ahead."""
    return cellwise(_dated(delivered_on, may_be_ahead, lambda moment: moment.date()), pa.date32())


def datetime_reader(delivered_on: date) -> Reader:
    """Distinct texts → timestamp in seconds, local time; a date alone is its midnight."""
    return mostly(_easy_moments(delivered_on), cellwise(_dated(delivered_on, False, _as_it_is), pa.timestamp("s")))


def _as_it_is(moment: datetime) -> datetime:
    return moment


def _easy_moments(delivered_on: date) -> Callable[[pa.Array], tuple[pa.Array, Flags]]:
    """2025-03-07 08:15, with or without seconds, from FIRST_DAY to the day of delivery."""

    def easy(texts: pa.Array) -> tuple[pa.Array, Flags]:
        moments, holds = np.zeros(len(texts), "datetime64[s]"), np.zeros(len(texts), bool)
        for width in (16, 19):
            codes, has_width = fixed(texts, width)
            moments[has_width], holds[has_width] = _iso(codes)
        days = moments.astype("datetime64[D]")
        return pa.array(moments), holds & (days >= np.datetime64(FIRST_DAY)) & (days <= np.datetime64(delivered_on))

    return easy


def _iso(codes: Bytes) -> tuple[np.ndarray, Flags]:
    """The moments of texts of one width, and which of them are written so."""
    between = {4: "-", 7: "-", 10: " ", 13: ":", 16: ":"}
    marks = [place for place in between if place < codes.shape[1]]
    others = [place for place in range(codes.shape[1]) if place not in between]
    is_iso = (codes[:, marks] == np.array([ord(between[place]) for place in marks])).all(axis=1)
    is_iso &= ((codes[:, others] >= ord("0")) & (codes[:, others] <= ord("9"))).all(axis=1)
    year, month, day, hour, minute, second = _numbers(codes)
    days, is_day = days_of(np.where(is_iso, year, 1970), month, day)
    clock = (hour * 60 + minute) * 60 + second
    return days.astype("datetime64[s]") + clock, is_iso & is_day & (hour < 24) & (minute < 60) & (second < 60)


def _numbers(codes: Bytes) -> list[Places]:
    spans = ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
    return [number_in(codes[:, first:end]) if end <= codes.shape[1] else np.zeros(len(codes), np.int64)
            for first, end in spans]  # fmt: skip


def _dated(delivered_on: date, may_be_ahead: bool, take: Callable[[datetime], object]) -> Callable[[str], Cell]:
    def read(text: str) -> Cell:
        tidy = plain(text)
        if is_placeholder(tidy) or tidy in _OPEN_END:
            return None, None
        moment = read_moment(tidy)
        if moment is None:
            return None, "unreadable_date"
        if moment.date() < FIRST_DAY:
            return None, "date_before_1900"
        if moment.date() > delivered_on and not may_be_ahead:
            return None, "date_in_future"
        return take(moment), None

    return read


def read_moment(text: str) -> datetime | None:
    """The moment that a plain text names, or None. A date alone is midnight; 24:00 is the next midnight."""
    bare = chinese_in_digits(compact(text))
    found = _SEPARATED.fullmatch(text) or _SEPARATED.fullmatch(bare) or _SOLID.fullmatch(text)
    if found:
        return _moment(int(found[1]), int(found[2]), int(found[3]), found[4])
    return _from_serial(text)


def chinese_in_digits(text: str) -> str:
    """一九八六年三月七日 as 1986年3月7日; a text without 年 stays."""
    return _NUMERAL.sub(lambda found: in_digits(found[0]), text) if "年" in text else text


def _moment(year: int, month: int, day: int, clock: str | None) -> datetime | None:
    try:
        midnight = datetime(year, month, day)  # noqa: DTZ001  local time, as delivered
    except ValueError:
        return None
    return _at(midnight, clock) if clock else midnight


def _at(midnight: datetime, clock: str) -> datetime | None:
    found = _SOLID_CLOCK.fullmatch(clock) or _CLOCK.fullmatch(clock)
    if not found:
        return None
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if minute > 59 or second > 59 or hour * 3600 + minute * 60 + second > 86400:
        return None
    moment = midnight + timedelta(hours=hour, minutes=minute, seconds=second)
    return _in_china(moment, found[4]) if found[4] else moment


def _in_china(moment: datetime, zone: str) -> datetime:
    """A time with a stated zone, told as China's clock tells it (without the summer time of 1986–1991)."""
    stated = datetime.fromisoformat(moment.isoformat() + ("+00:00" if zone in "Zz" else zone))
    return stated.astimezone(_CHINA).replace(tzinfo=None)


def _from_serial(text: str) -> datetime | None:
    """An Excel serial number of 1–80000. 1900–2100 is far more likely a year without month: not read."""
    found = _SERIAL.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= 80000 or 1900 <= int(found[1]) <= 2100:
        return None
    return _SERIAL_ZERO + timedelta(days=int(found[1]), seconds=round(float(found[2] or 0) * 86400))
