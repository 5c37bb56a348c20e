"""Files as the contract names them, readable in the declared encoding, with every row where it belongs."""

import hashlib
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

from connectors.simulator.formats import FORMATS
from tests.connectors.simulator.district import Site, rows_of
from transforms.feeds import FEEDS, load_contract

NAME = re.compile(r"[a-z_]+_(\d{8})_(full|delta)(_\d\d)?\.(csv|xlsx|parquet)")


@pytest.mark.parametrize("feed", FEEDS)
def test_every_file_of_a_feed_has_the_contracts_headers(town: Site, feed: str) -> None:
    expected = [column.header for column in load_contract(feed).columns]

    assert [path.name for path in town.files(feed) if town.header(path) != expected] == []


@pytest.mark.parametrize("feed", FEEDS)
def test_one_full_on_the_first_night_and_deltas_after_it(town: Site, feed: str) -> None:
    names = [NAME.fullmatch(path.name) for path in town.files(feed)]

    assert all(names)
    assert [name[1] for name in names if name and name[2] == "full"] == ["20250602"]
    assert {name[1] for name in names if name} <= {f"202506{day:02}" for day in range(2, 10)}


@pytest.mark.parametrize("feed", FEEDS)
def test_no_key_stands_twice_with_different_content_in_a_file(town: Site, feed: str) -> None:
    contract = load_contract(feed)
    places = [contract.column_names.index(part) for part in contract.key]
    for path in town.files(feed):
        distinct = {tuple(row) for row in rows_of(path)[1:]}
        keys = [tuple(row[place].upper() for place in places) for row in distinct]
        assert len(keys) == len(set(keys))


def test_an_agency_with_nothing_to_say_sends_a_header(hamlet: Site) -> None:
    empty = [path for path in hamlet.files("adoptions") if len(rows_of(path)) == 1]

    assert empty != []


def test_every_encoding_and_format_occurs() -> None:
    assert {suffix for suffix, _ in FORMATS.values()} == {"csv", "xlsx", "parquet"}
    assert {encoding for suffix, encoding in FORMATS.values() if suffix == "csv"} == {"utf-8", "gb18030", "gbk"}


def test_xlsx_cells_are_text(town: Site) -> None:
    with ZipFile(town.files("disability_certificates")[0]) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert sheet.count("<c ") == sheet.count('t="inlineStr"')


def test_parquet_columns_are_text(town: Site) -> None:
    table = pq.read_table(town.files("medical_settlements")[0])

    assert {str(column.type) for column in table.columns} == {"string"}


def test_a_sentinel_tells_rows_and_checksum(town: Site) -> None:
    sentinels = list((town.root / "inbox").rglob("*.ok"))

    assert sentinels != []
    for sentinel in sentinels:
        said, path = json.loads(sentinel.read_text()), sentinel.with_suffix("")
        assert said == {"rows": len(rows_of(path)) - 1, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_a_delta_that_comes_twice_has_the_same_bytes(hamlet: Site) -> None:
    assert any(is_copy(path) for path in second_deltas(hamlet))


def test_after_a_late_delta_two_arrive_and_none_the_night_before(hamlet: Site) -> None:
    late = [path for path in second_deltas(hamlet) if not is_copy(path)]

    assert late != []
    for path in late:
        feed, day = path.parent.name, int(path.name.removeprefix(path.parent.name)[7:9])
        assert [p.name for p in hamlet.files(feed) if f"_202506{day - 1:02}_delta" in p.name] == []


def second_deltas(site: Site) -> list[Path]:
    return [path for feed in FEEDS for path in site.files(feed) if "_delta_02" in path.name]


def is_copy(path: Path) -> bool:
    return path.read_bytes() == path.with_name(path.name.replace("_02", "")).read_bytes()


@pytest.mark.parametrize("feed", FEEDS)
def test_the_full_and_the_deltas_hold_the_rows_that_were_counted(town: Site, feed: str) -> None:
    once = [path for path in town.files(feed) if "_02" not in path.name or not is_copy(path)]

    assert sum(len(rows_of(path)) - 1 for path in once) == town.summary.rows[feed]


def test_deltas_are_small(town: Site) -> None:
    full = len(town.records("household_register", only="full"))
    deltas = len(town.records("household_register", only="delta"))

    assert 0 < deltas < full / 50


def test_site_toml_names_all_feeds_and_their_encodings(town: Site) -> None:
    page = tomllib.loads((town.root / "site.toml").read_text("utf-8"))

    assert {feed: page["feeds"][feed]["encoding"] for feed in FEEDS} == {f: e for f, (_, e) in FORMATS.items()}
    assert page["site"]["alerts_since"] == date(2024, 1, 1).isoformat()
    assert page["site"]["policies"] == ["zhangdian-2020-134"]
