"""The site that others made lies beside the project where it is built; there every file of it must read whole."""

import csv
import os
from datetime import date
from pathlib import Path

from connectors.base import FeedSource, SourceUnavailable
from connectors.doors import open_connector
from connectors.landing import land
from connectors.reading import read
from flows.settings import load_site
from tests.connectors.inbox import Shelf
from transforms.feeds import load_contract
from transforms.feeds.delivered import Delivered

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "sample-site"
SAMPLE = Path(os.environ.get("NUANXIN_SAMPLE_SITE", BESIDE)) / "site.toml"


def _deliveries(source: FeedSource) -> list[tuple[Path, Delivered]]:
    door, shelf = open_connector(source), Shelf()
    arrivals, waiting = door.arrivals(date(2025, 6, 10))
    assert not waiting
    landed = [(each, land(door, each, shelf, encoding=source.encoding)) for each in arrivals]
    contract = load_contract(source.feed)
    return [(Path(each.location), read(delivery, contract, source, shelf)) for each, delivery in landed]


def _all() -> dict[str, list[tuple[Path, Delivered]]]:
    sources = load_site(SAMPLE, {}).feeds.values()
    return {source.feed: _deliveries(source) for source in sources if source.connector == "files"}


if SAMPLE.is_file():

    def test_every_file_of_the_sample_reads_without_a_fault() -> None:
        read_all = _all()
        assert sum(len(deliveries) for deliveries in read_all.values()) == 19
        for deliveries in read_all.values():
            for path, delivered in deliveries:
                told = (delivered.faults.num_rows, delivered.missing_columns, delivered.unknown_headers)
                assert told == (0, (), ()), path.name

    def test_every_record_of_the_sample_is_there_as_another_reader_sees_it() -> None:
        site = load_site(SAMPLE, {})
        for feed, deliveries in _all().items():
            encoding = site.feeds[feed].encoding
            for path, delivered in deliveries:
                if path.suffix != ".csv":
                    continue
                with path.open(encoding=encoding, newline="") as lines:
                    rows = [tuple(cell or None for cell in row) for row in list(csv.reader(lines))[1:]]
                columns = delivered.table.drop_columns(["_row_number"]).to_pydict().values()
                assert sorted(zip(*columns, strict=True), key=str) == sorted(rows, key=str), path.name

    def test_the_database_of_the_sample_is_told_as_not_there_yet() -> None:
        source = load_site(SAMPLE, {}).feeds["medical_settlements"]
        try:
            open_connector(source)
        except SourceUnavailable as told:
            assert (told.reason_code, told.detail) == ("door_not_built", {"connector": "database"})
        else:
            raise AssertionError("a door that is not there was opened")
