"""Small tables drawn in the tests, and identity numbers made by the rule as the standard writes it."""

from datetime import date

import pyarrow as pa

from transforms.feeds import load_contract
from transforms.records import merge_records
from transforms.standardise.feed import Parsed, parse_feed

DAY = date(2025, 6, 2)


def delivered(drawing: str) -> pa.Table:
    """A delivery as text columns: the first line has the columns, cells stand between bars, "" is null."""
    lines = [[cell.strip() for cell in line.split("|")] for line in drawing.strip().splitlines()]
    columns = {
        name: pa.array([row[place] or None for row in lines[1:]], pa.string()) for place, name in enumerate(lines[0])
    }
    return pa.table(columns).append_column("_row_number", pa.array(range(2, len(lines) + 1), pa.int64()))


def parsed(feed: str, drawing: str, delivered_on: date = DAY) -> Parsed:
    """The drawing, read by the feed's contract."""
    return parse_feed(load_contract(feed), delivered(drawing), delivered_on=delivered_on)


def state(feed: str, drawing: str, delivered_on: date = DAY) -> pa.Table:
    """The record state after the drawing was delivered alone."""
    rows = parsed(feed, drawing, delivered_on).table
    merge = merge_records(
        None, rows, full=False, delivery_id="D1", delivered_on=delivered_on, business_date=delivered_on
    )
    return merge.state


def identity_number(birth: str, *, sex: int, place: str = "370303", serial: int = 10) -> str:
    """A valid number: `birth` as yyyymmdd, `sex` 1 or 2."""
    first = f"{place}{birth}{serial:02d}{sex}"
    total = sum(int(digit) * 2 ** (17 - position) for position, digit in enumerate(first))
    return first + "10X98765432"[total % 11]
