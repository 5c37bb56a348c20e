"""What a feed has shown by month and place, and where that contradicts what its agency declares."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from transforms.coverage import SPEAKS_OF, Declared, columns_counted, coverage, holes, records_seen
from transforms.feeds import FEEDS, load_contract
from transforms.schemas import COVERAGE, FEED_LOADS, SEEN
from transforms.sql import feed_shape

TONIGHT = date(2025, 6, 10)


def seen(first: date, months: int, records: int = 20, without: tuple[str, ...] = (), place: str = "") -> pa.Table:
    """So many records a month from a month on, none in those left out."""
    rows: list[dict[str, Any]] = []
    for at in range(months):
        month = date(first.year + (first.month - 1 + at) // 12, (first.month - 1 + at) % 12 + 1, 1)
        if f"{month:%Y-%m}" not in without:
            rows.append({"feed": "births", "month": month, "place": place, "records": records})
    return pa.Table.from_pylist(rows, SEEN)


FROM_2020 = Declared(first=date(2020, 1, 1))


def test_a_month_without_a_record_where_there_always_are_some_is_a_hole() -> None:
    shown = seen(date(2020, 1, 1), 65, without=("2022-03", "2023-07"))
    assert holes(shown, FROM_2020, TONIGHT, 7) == ["2022-03", "2023-07"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (seen(date(2020, 1, 1), 65), FROM_2020),
        (seen(date(2020, 1, 1), 65, 3, without=("2022-03",)), FROM_2020),  # so few that chance explains it
        (seen(date(2020, 1, 1), 65, without=("2022-03",)), Declared(first=date(2022, 4, 1))),
        (seen(date(2020, 1, 1), 65, without=("2022-03",)), Declared(first=date(2020, 1, 1), last=date(2022, 2, 28))),
        (seen(date(2020, 1, 1), 63), FROM_2020),  # the last two months are still being reported
        (seen(date(2020, 1, 1), 1).slice(0, 0), FROM_2020),
    ],
)
def test_months_that_are_few_full_not_declared_or_not_over_are_no_holes(shown: pa.Table, said: Declared) -> None:
    assert holes(shown, said, TONIGHT, 7) == []


def test_what_is_declared_before_the_first_record_contradicts_itself() -> None:
    found = holes(seen(date(2022, 1, 1), 41), FROM_2020, TONIGHT, 7)
    assert (found[0], found[-1], len(found)) == ("2020-01", "2021-12", 24)


def test_a_month_of_which_only_a_part_is_declared_is_not_asked() -> None:
    said = Declared(first=date(2020, 1, 15))
    assert holes(seen(date(2020, 2, 1), 64), said, TONIGHT, 7) == []


LOADED = pa.Table.from_pylist([{"feed": "births", "status": "loaded", "delivered_on": TONIGHT}], FEED_LOADS)


def told(said: Declared | None, shown: pa.Table | None = None, feed: str = "births") -> dict[str, Any]:
    loads = LOADED.set_column(0, "feed", pa.array([feed]))
    declared = {feed: said} if said else None
    table = coverage(None, loads, {}, max_age_days={feed: 2}, business_date=TONIGHT, declared=declared, seen=shown,
                     usual_records={feed: 7})  # fmt: skip
    assert table.schema == COVERAGE
    (row,) = table.to_pylist()
    return row


def test_a_feed_of_which_nothing_is_declared_says_nothing_of_places_and_times() -> None:
    row = told(None)
    assert [row[name] for name in ("declared_from", "declared_until", "places", "holes", "unseen_places")] == [None] * 5


def test_what_is_declared_stands_beside_what_was_seen() -> None:
    row = told(Declared(("370303", "370304"), date(2020, 1, 1)), seen(date(2020, 1, 1), 65, without=("2022-03",)))
    assert (row["places"], row["declared_from"], row["holes"]) == ("370303 370304", date(2020, 1, 1), "2022-03")
    assert row["unseen_places"] is None  # a birth certificate names no place


def test_a_declared_place_of_which_no_record_speaks_is_told() -> None:
    shown = seen(date(2020, 1, 1), 65, place="370303")
    shown = shown.set_column(0, "feed", pa.array(["marriages"] * shown.num_rows))
    row = told(Declared(("370303", "370304005", "3703")), shown, feed="marriages")
    assert row["unseen_places"] == "370304005"


def test_records_that_stand_are_counted_by_month_and_county() -> None:
    rows = [
        {"died_at": date(2025, 3, 1) + timedelta(days=at), "hukou_code": code, "_status": status}
        for at, code, status in ((0, "370303001", "active"), (9, "370303", "active"), (40, None, "active"),
                                 (0, "370303", "withdrawn"))
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows).cast(
        pa.schema([("died_at", pa.timestamp("s")), ("hukou_code", pa.string()), ("_status", pa.string())])
    )
    found = [
        (row["month"], row["place"], row["records"]) for row in records_seen("death_certificates", table).to_pylist()
    ]
    assert found == [(date(2025, 3, 1), "370303", 2), (date(2025, 4, 1), "", 1)]


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_can_be_counted(feed: str) -> None:
    assert set(columns_counted(feed)) - {"_status"} <= set(load_contract(feed).column_names)
    assert records_seen(feed, feed_shape(feed).empty_table()).schema == SEEN
    assert set(SPEAKS_OF) == set(FEEDS)
