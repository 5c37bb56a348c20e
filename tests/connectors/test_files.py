"""What lies at a door of files: names, order, dates, sentinels, and what is left alone."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Arrival, FeedSource, LeftAlone, SourceUnavailable
from connectors.doors import open_connector
from connectors.names import parse_name
from tests.connectors.inbox import Inbox

DAY = "cremations_20250603"


@pytest.mark.parametrize(
    ("name", "mode", "number", "format_", "wrapping"),
    [
        (f"{DAY}.csv", None, 0, "csv", None),
        (f"{DAY}_full.tsv", "full", 0, "tsv", None),
        (f"{DAY}_delta_02.xlsx", "delta", 2, "xlsx", None),
        (f"{DAY}_11.parquet", None, 11, "parquet", None),
        (f"{DAY}.csv.gz", None, 0, "csv", "gz"),
        (f"{DAY}.csv.zip", None, 0, "csv", "zip"),
        (f"{DAY}.zip", None, 0, None, "zip"),
        (f"{DAY}_FULL.CSV", "full", 0, "csv", None),
    ],
)
def test_a_name_by_the_rule_says_mode_number_and_format(name, mode, number, format_, wrapping) -> None:
    said = parse_name(name)
    assert said is not None
    assert (said.feed, said.delivered_on) == ("cremations", date(2025, 6, 3))
    assert (said.mode, said.number, said.format, said.wrapping) == (mode, number, format_, wrapping)


@pytest.mark.parametrize(
    "name",
    [
        "cremations.csv",
        "cremations_2025063.csv",
        "cremations_20250631.csv",  # June has thirty days
        "cremations_20250603_part.csv",
        "cremations_20250603_1.csv",
        "cremations_20250603.xls",
        "cremations_20250603.gz",  # a gzip keeps no name for its format
        "cremations_２０２５０６０３.csv",
        "火化_20250603.csv",
    ],
)
def test_another_name_is_not_understood(inbox: Inbox, name: str) -> None:
    inbox.put(name, b"")
    (waiting,) = inbox.waiting()
    assert (waiting.name, waiting.reason_code) == (name, "name_not_understood")
    assert not inbox.arrivals()


def test_a_file_of_another_feed_is_not_understood(inbox: Inbox) -> None:
    inbox.put("births_20250603.csv", b"")
    assert [one.reason_code for one in inbox.waiting()] == ["name_not_understood"]


@pytest.mark.parametrize("name", [f"{DAY}.csv.part", f"{DAY}.csv.tmp", f".{DAY}.csv", f"~${DAY}.xlsx"])
def test_unfinished_and_hidden_files_are_not_spoken_of(inbox: Inbox, name: str) -> None:
    inbox.put(name, b"")
    assert (inbox.arrivals(), inbox.waiting()) == ([], [])


def test_oldest_first_full_before_delta_then_number_then_name(inbox: Inbox) -> None:
    in_order = [
        "cremations_20250602_delta.csv",
        "cremations_20250603_full_02.csv",
        "cremations_20250603.csv",
        "cremations_20250603_delta_01.csv",
        "cremations_20250603_delta_02.csv",
        "cremations_20250603_delta_02.tsv",
    ]
    for name in sorted(in_order, reverse=True):
        inbox.put(name, b"x")
    assert [arrival.name for arrival in inbox.arrivals()] == in_order


def test_a_file_of_tomorrow_waits_for_its_day(inbox: Inbox) -> None:
    inbox.put("cremations_20250603.csv", b"x")
    inbox.put("cremations_20250604.csv", b"x")
    assert [one.name for one in inbox.arrivals(until=date(2025, 6, 3))] == ["cremations_20250603.csv"]


def test_the_name_says_the_mode_else_the_site(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, mode="full")
    inbox.put("cremations_20250603.csv", b"x")
    inbox.put("cremations_20250604_delta.csv", b"x")
    assert [one.mode for one in inbox.arrivals()] == ["full", "delta"]


@pytest.mark.parametrize(
    ("required", "sentinel", "waits_for"),
    [
        (False, None, None),
        (True, None, "sentinel_missing"),
        (False, "true", None),
        (True, "true", None),
        (False, "no json", "sentinel_unreadable"),
        (True, "no json", "sentinel_unreadable"),
    ],
)
def test_a_file_is_left_alone_until_its_sentinel_agrees(tmp_path: Path, required, sentinel, waits_for) -> None:
    inbox = Inbox(tmp_path, sentinel="required" if required else "optional")
    rows = {None: None, "no json": None}.get(sentinel, 1)
    inbox.put(f"{DAY}.csv", "x", rows=rows)
    if sentinel == "no json":
        (tmp_path / f"{DAY}.csv.ok").write_text("rows: 1")
    assert [one.reason_code for one in inbox.waiting()] == ([waits_for] if waits_for else [])
    assert len(inbox.arrivals()) == (0 if waits_for else 1)


@pytest.mark.parametrize("page", ["[]", '{"rows": "1", "sha256": "a"}', '{"rows": 1}', '{"rows": true, "sha256": "a"}'])
def test_a_sentinel_with_anything_else_in_it_is_unreadable(inbox: Inbox, page: str) -> None:
    inbox.put(f"{DAY}.csv", "x")
    (inbox.folder / f"{DAY}.csv.ok").write_text(page)
    assert [one.reason_code for one in inbox.waiting()] == ["sentinel_unreadable"]


def test_what_the_sentinel_declares_goes_with_the_arrival(inbox: Inbox) -> None:
    inbox.put(f"{DAY}.csv", "x", rows=7)
    assert [one.declared_rows for one in inbox.arrivals()] == [7]


def test_a_link_is_left_alone(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret"
    elsewhere.write_text("x")
    (inbox.folder / f"{DAY}.csv").symlink_to(elsewhere)
    assert [one.reason_code for one in inbox.waiting()] == ["not_a_plain_file"]


def test_a_pipe_is_left_alone(inbox: Inbox) -> None:
    os.mkfifo(inbox.folder / f"{DAY}.csv")
    assert [one.reason_code for one in inbox.waiting()] == ["not_a_plain_file"]


def test_folders_in_the_folder_are_not_read(inbox: Inbox) -> None:
    (inbox.folder / f"{DAY}.csv").mkdir()
    assert (inbox.arrivals(), inbox.waiting()) == ([], [])


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as told:
        Inbox(tmp_path / "nowhere").arrivals()
    assert told.value.reason_code == "folder_missing"


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("x")
    with pytest.raises(SourceUnavailable) as told:
        Inbox(tmp_path / "inbox").arrivals()
    assert told.value.reason_code == "folder_missing"


def test_a_file_that_is_not_what_its_sentinel_says_is_left_alone(inbox: Inbox) -> None:
    inbox.put(f"{DAY}.csv", "x", rows=1, sha256="0" * 64)
    assert _left_alone(inbox) == "sentinel_mismatch"


@pytest.mark.parametrize(("rows", "reason"), [(1, "sentinel_mismatch"), (None, "still_growing")])
def test_a_file_that_changed_after_it_was_seen_is_left_alone(inbox: Inbox, rows: int | None, reason: str) -> None:
    inbox.put(f"{DAY}.csv", "x", rows=rows)
    (arrival,) = inbox.arrivals()
    inbox.put(f"{DAY}.csv", "xy")
    assert _left_alone(inbox, arrival) == reason


def test_a_file_written_anew_in_the_same_length_is_left_alone(inbox: Inbox) -> None:
    inbox.put(f"{DAY}.csv", "x")
    (arrival,) = inbox.arrivals()
    inbox.put(f"{DAY}.csv", "y")
    os.utime(inbox.folder / f"{DAY}.csv", ns=(0, 0))
    assert _left_alone(inbox, arrival) == "still_growing"


def _left_alone(inbox: Inbox, arrival: Arrival | None = None) -> str:
    with pytest.raises(LeftAlone) as told:
        open_connector(inbox.source).fetch(arrival or inbox.arrivals()[0])
    return told.value.reason_code


def test_a_file_that_went_is_told(inbox: Inbox) -> None:
    inbox.put(f"{DAY}.csv", "x")
    (arrival,) = inbox.arrivals()
    (inbox.folder / f"{DAY}.csv").unlink()
    with pytest.raises(SourceUnavailable) as told:
        open_connector(inbox.source).fetch(arrival)
    assert told.value.reason_code == "file_unreadable"


def test_a_door_that_is_not_there_yet_says_so() -> None:
    with pytest.raises(SourceUnavailable) as told:
        open_connector(FeedSource(feed="cremations", connector="files", url="memory://x/y"))
    assert told.value.reason_code == "door_not_built"


def test_a_file_url_is_a_folder(inbox: Inbox) -> None:
    inbox.put(f"{DAY}.csv", "x")
    source = FeedSource(feed="cremations", connector="files", url=f"file://{inbox.folder}")
    assert len(open_connector(source).arrivals(date(2030, 1, 1))[0]) == 1


@given(st.text())
def test_any_name_is_understood_or_not_and_never_fails(name: str) -> None:
    said = parse_name(name)
    assert said is None or "/" not in name
