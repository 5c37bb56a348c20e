"""A small site made by someone else: every row of nine nights is accounted for."""

import csv
import io
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import ROOT, CommandLine, Said
from tests.site_views import rows

pytestmark = pytest.mark.xdist_group("nights")
SAMPLE = ROOT.parent / "shared" / "sample-site"
ENCODINGS = {
    "marriages": "gbk",
    "births": "utf-8",
    "household_register": "utf-8",
    "only_child_certificates": "utf-8-sig",
}


@pytest.fixture(scope="module")
def nine_nights(nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    folder = shutil.copytree(SAMPLE, tmp_path_factory.mktemp("sample") / "site")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    site = folder / "site.toml"
    said = nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-02", "--to", "2025-06-10", "--lang", "en")
    return site, said


def delivered_rows(site: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(site.parent.glob("inbox/*/*.csv")):
        text = path.read_bytes().decode(ENCODINGS.get(path.parent.name, "gb18030"))
        yield path.name, sum(1 for _ in csv.reader(io.StringIO(text))) - 1


def test_the_view_of_the_insurer_is_asked_every_night(nine_nights: tuple[Path, Said]) -> None:
    site, said = nine_nights
    assert "medical_settlements" not in said.err
    with sqlite3.connect(site.parent / "insurer.db") as agency:
        (there,) = agency.execute("select count(*) from medical_settlements").fetchone()
        (latest,) = agency.execute("select max(updated_at) from medical_settlements").fetchone()
    query = "select * from v_feed_loads where feed = 'medical_settlements' order by delivered_on"
    loads = rows(site, query)
    assert [load["delivered_on"] for load in loads] == [f"2025-06-{day:02}" for day in range(2, 11)]
    assert {load["status"] for load in loads} == {"loaded"}
    assert sum(load["rows_accepted"] + load["rows_quarantined"] for load in loads) == there
    assert max(load["watermark"] or "" for load in loads) == latest.replace(" ", "T")


def test_no_other_feed_is_blocked(nine_nights: tuple[Path, Said]) -> None:
    site, _ = nine_nights
    query = "select feed, status from v_feed_loads where delivery <> '' and status <> 'loaded'"
    assert rows(site, query) == []


def test_every_delivered_row_is_read(nine_nights: tuple[Path, Said]) -> None:
    site, _ = nine_nights
    read = rows(site, "select delivery, rows_read from v_feed_loads where delivery like '%.csv'")
    assert sorted((row["delivery"], row["rows_read"]) for row in read) == sorted(delivered_rows(site))


def test_every_row_read_is_accepted_unchanged_or_quarantined(nine_nights: tuple[Path, Said]) -> None:
    site, _ = nine_nights
    query = "select * from v_feed_loads where rows_read <> rows_accepted + rows_unchanged + rows_quarantined"
    assert rows(site, query) == []
    quarantined = rows(site, "select sum(rows_quarantined) as n from v_feed_loads")[0]["n"]
    assert rows(site, "select count(*) as n from v_quarantine")[0]["n"] == quarantined


def test_a_voided_certificate_leaves_no_live_alert(nine_nights: tuple[Path, Said]) -> None:
    site, _ = nine_nights
    query = """select * from v_alerts a join v_life_events e
               on e.record_key = a.trigger_record_key and e.feed = a.trigger_feed
               where a.status = 'live' and e.status = 'voided'"""
    assert rows(site, query) == []


def test_each_night_leaves_a_report_without_persons(nine_nights: tuple[Path, Said]) -> None:
    site, _ = nine_nights
    pages = sorted((site.parent / "reports").glob("quality_*.html"))
    assert len(pages) == 9
    register = (site.parent / "inbox/household_register/household_register_20250602_full.csv").read_text("utf-8")
    numbers = {row["身份证号"] for row in csv.DictReader(io.StringIO(register))}
    text = pages[-1].read_text("utf-8")
    assert not [number for number in numbers if number in text]
