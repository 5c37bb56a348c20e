"""The site that others made lies beside the project where it is built; there every file of it must read whole."""

import csv
import os
import sqlite3
from datetime import date
from pathlib import Path

from connectors.base import FeedSource
from connectors.doors import open_connector, open_pull
from connectors.landing import land
from connectors.pulling import land_pull, window
from connectors.reading import read
from flows.settings import load_site
from tests.connectors.asked import now
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

    def test_every_record_in_the_database_of_the_sample_comes_on_its_date() -> None:
        source = load_site(SAMPLE, {}).feeds["medical_settlements"]
        with sqlite3.connect(f"file:{source.url.removeprefix('sqlite:///')}?mode=ro", uri=True) as agency:
            dates = dict(agency.execute("SELECT setl_id, substr(updated_at, 1, 10) FROM medical_settlements"))
        came: dict[str, str] = {}
        watermark: str | None = None
        for day in (date(2025, 6, number) for number in range(2, 11)):
            door, shelf = open_pull(source, now), Shelf()
            asked = window(source, day, watermark)
            delivery, _ = land_pull(door, source, day, asked, shelf, settings="")
            delivered = read(delivery, load_contract(source.feed), source, shelf)
            assert (delivered.missing_columns, delivered.unknown_headers) == ((), ())
            came = dict.fromkeys(delivered.table["setl_id"].to_pylist(), day.isoformat()) | came
            watermark = delivery.watermark or watermark
        assert came == dates
