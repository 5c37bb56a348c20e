"""One district, its records once in files and once behind a view of PostgreSQL and an interface: the same families,
events and alerts."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import FeedSource
from connectors.doors import open_connector
from connectors.landing import land
from connectors.reading import read
from flows.settings import load_site
from tests.commands import CommandLine
from tests.connectors.agencies import SECRET, Interface, interface
from tests.connectors.inbox import Shelf
from tests.nights import FIRST, copy_site
from tests.site_views import published, rows
from transforms.feeds import load_contract

pytestmark = pytest.mark.xdist_group("nights")
LAST = date(2025, 6, 3)
DELIVERIES = ("v_runs", "v_feed_loads", "v_quarantine", "v_quality")  # these tell how it came
VIEW, INTERFACE = "death_certificates", "cremations"


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    with interface(tmp_path_factory.mktemp("agency")) as started:
        yield started


def delivered(source: FeedSource) -> list[dict[str, Any]]:
    """Every record of a feed's files as its agency holds it, changed on the day on which the file came."""
    door, shelf, found = open_connector(source), Shelf(), []
    for arrival in door.arrivals(date(2030, 1, 1))[0]:
        table = read(land(door, arrival, shelf, encoding=source.encoding), load_contract(source.feed), source, shelf)
        assert table.faults.num_rows == 0
        changed = {"updated_at": f"{arrival.delivered_on} 01:{arrival.number:02}:00"}
        found += [row | changed for row in table.table.drop_columns(["_row_number"]).to_pylist()]
    return found


def put_behind_a_view(url: str, held: list[dict[str, Any]]) -> None:
    columns = [*load_contract(VIEW).column_names, "updated_at"]
    table = sa.Table("held", sa.MetaData(), *(sa.Column(name, sa.Text()) for name in columns[:-1]),
                     sa.Column("updated_at", sa.DateTime()))  # fmt: skip
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), held)
        connection.execute(sa.text(f"CREATE VIEW {VIEW} AS SELECT * FROM held"))
    engine.dispose()


def with_doors(site: Path, tables: dict[str, str]) -> None:
    """The page with other tables for some feeds."""
    page = site.read_text("utf-8")
    for feed, lines in tables.items():
        page = re.sub(
            rf"\[feeds\.{feed}\]\n(?:(?!\[).*\n)*(?:\[feeds\.{feed}\.columns\]\n(?:(?!\[).*\n)*)?", lines, page
        )
    site.write_text(page, "utf-8")


def test_files_a_view_and_an_interface_end_in_the_same_district(
    simulated: Path,
    nuanxin: CommandLine,
    agency: Interface,
    tmp_path: Path,
    new_database: Callable[[str, bool], str],
) -> None:
    in_files, asked = copy_site(simulated, tmp_path / "files"), copy_site(simulated, tmp_path / "asked")
    sources = load_site(simulated, {}).feeds
    url = new_database("postgresql", False)
    put_behind_a_view(url, delivered(sources[VIEW]))
    agency.plan(delivered(sources[INTERFACE]), page=50, total=True)
    with_doors(
        asked,
        {
            VIEW: f'[feeds.{VIEW}]\nconnector = "database"\nurl = "${{AGENCY_URL}}"\n\n',
            INTERFACE: f'[feeds.{INTERFACE}]\nconnector = "http"\nurl = "{agency.url}"\nkey_id = "zhangdian-01"\n'
            'secret = "${AGENCY_SECRET}"\nallow = ["127.0.0.1"]\n\n',
        },
    )
    dates = ("--from", f"{FIRST}", "--to", f"{LAST}")
    for site in (in_files, asked):
        said = nuanxin.run("backfill", "--site", str(site), *dates, AGENCY_URL=url, AGENCY_SECRET=SECRET)
        assert said.status == 0, said.err
        assert url not in said.err and SECRET not in said.err
    ours, theirs = published(asked), published(in_files)
    assert {name: ours[name] for name in ours if name not in DELIVERIES} == {
        name: theirs[name] for name in theirs if name not in DELIVERIES
    }
    assert theirs["v_alerts"] and theirs["v_life_events"]
    came = rows(asked, "select distinct feed from v_feed_loads where watermark is not null and status = 'loaded'")
    assert sorted(row["feed"] for row in came) == [INTERFACE, VIEW]
    assert (
        rows(asked, "select * from v_feed_loads where rows_read <> rows_accepted + rows_unchanged + rows_quarantined")
        == []
    )
    assert json.dumps(agency.asked).count(SECRET) == 0
