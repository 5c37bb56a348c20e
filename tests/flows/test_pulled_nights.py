"""Nights of a site whose feeds are asked: what moves the watermark, what a gap leaves behind, what a rerun takes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import CommandLine, Said
from tests.connectors.agencies import SECRET, Interface, interface
from tests.connectors.asked import COLUMNS, change, cremation, make_view
from tests.site_views import published, rows

pytestmark = pytest.mark.xdist_group("nights")
SITE = """
[site]
name = "某区"
jurisdiction = "370303"
policies = ["zhangdian-2020-134"]
[feeds.cremations]
connector = "database"
url = "sqlite:///agency.db"
[feeds.marriages]
connector = "http"
url = "http://127.0.0.1:{port}/nuanxin/marriages"
key_id = "zhangdian-01"
secret = "${{AGENCY_SECRET}}"
allow = ["127.0.0.1"]
"""
MARRIAGE = {
    "cert_no": "J1", "op_type": "IA", "op_date": "2025-05-01", "name_man": "测试甲", "cert_num_man": None,
    "birth_man": None, "name_woman": "测试乙", "cert_num_woman": None, "birth_woman": None, "dept_code": None,
    "dept_name": None, "status": "有效", "updated_at": "2025-06-02 01:00:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    with interface(tmp_path_factory.mktemp("agency")) as started:
        yield started


class Asking:
    """A site of two feeds that are asked, and its nights."""

    def __init__(self, folder: Path, nuanxin: CommandLine, agency: Interface) -> None:
        self.folder, self.nuanxin, self.agency = folder, nuanxin, agency
        self.site = folder / "site.toml"
        self.site.write_text(SITE.format(port=agency.port), "utf-8")
        self.url = f"sqlite:///{folder}/agency.db"
        self.view([cremation(1, "2025-06-02 08:00:00")])
        agency.plan([MARRIAGE])

    def view(self, held: list[dict[str, object]]) -> None:
        make_view(self.url, held)

    def night(self, day: int, *more: str, **settings: str) -> Said:
        date = f"2025-06-{day:02}"
        command = ("nightly", "--site", str(self.site), "--date", date, "--lang", "en", *more)
        return self.nuanxin.run(*command, AGENCY_SECRET=SECRET, **settings)

    def loads(self, feed: str = "cremations") -> list[tuple[str, str, int, int, int, str | None]]:
        query = "select * from v_feed_loads where feed = ? order by run_id"
        names = ("run_id", "status", "rows_read", "rows_accepted", "rows_unchanged", "watermark")
        return [tuple(load[name] for name in names) for load in rows(self.site, query, feed)]


@pytest.fixture
def asking(tmp_path: Path, nuanxin: CommandLine, agency: Interface) -> Asking:
    return Asking(tmp_path, nuanxin, agency)


def test_nights_in_which_nothing_new_comes_are_loads_and_signs_of_life(asking: Asking) -> None:
    said = [asking.night(day) for day in (2, 3, 6, 7, 12)]
    assert [each.status for each in said] == [0] * 5, said[0].err
    at = "2025-06-02T08:00:00"
    assert asking.loads() == [
        ("R20250602", "loaded", 1, 1, 0, at),
        ("R20250603", "loaded", 1, 0, 1, at),  # within the overlap
        ("R20250606", "loaded", 1, 0, 1, at),
        ("R20250607", "loaded", 1, 0, 1, at),
        ("R20250612", "loaded", 1, 0, 1, at),
    ]
    assert [load[1:5] for load in asking.loads("marriages")] == [("loaded", 1, 1, 0)] + [("loaded", 1, 0, 1)] * 4


def test_an_empty_view_is_a_load_of_no_rows(asking: Asking) -> None:
    asking.view([])
    assert [asking.night(day).status for day in (2, 3)] == [0, 0]
    assert [load[1:] for load in asking.loads()] == [("loaded", 0, 0, 0, None)] * 2


def test_drift_is_told_every_night_until_it_is_mapped_and_then_nothing_is_missing(asking: Asking) -> None:
    asking.night(2)
    names = ", ".join([*COLUMNS, "updated_at"])
    renamed = names.replace("cremated_on", "cremated_on AS burnt_on")
    held = cremation(2, "2025-06-03 08:00:00")
    values = ", ".join("NULL" if value is None else f"'{value}'" for value in held.values())
    change(
        asking.url,
        "DROP VIEW cremations",
        f"CREATE VIEW cremations AS SELECT {renamed} FROM cremations_held",
        f"INSERT INTO cremations_held ({', '.join(held)}) VALUES ({values})",
    )
    for day in (3, 4, 8):
        said = asking.night(day)
        assert said.status == 3
        assert "cremated_on" in said.err and "burnt_on" in said.err
        assert (f"R202506{day:02}", "blocked") in [load[:2] for load in asking.loads()]
    assert {load[1] for load in asking.loads("marriages")} == {"loaded"}, "a blocked feed stops no other"
    with asking.site.open("a") as page:
        page.write('[feeds.cremations.columns]\ncremated_on = "burnt_on"\n')
    assert asking.night(9).status == 0
    assert asking.loads()[-1] == ("R20250609", "loaded", 2, 1, 1, "2025-06-03T08:00:00")


def test_a_source_that_is_down_is_a_failed_feed_and_the_next_night_catches_up(asking: Asking) -> None:
    asking.night(2)
    asking.view([cremation(1, "2025-06-02 08:00:00"), cremation(2, "2025-06-03 08:00:00")])
    (asking.folder / "agency.db").rename(asking.folder / "away.db")
    asking.agency.plan(first=[{"status": 404}] * 9)
    said = asking.night(3)
    assert said.status == 3 and "Traceback" not in said.err
    assert "there is no database file" in said.err and "answers 404" in said.err
    assert asking.loads()[-1][:3] == ("R20250603", "failed", 0)
    assert asking.loads("marriages")[-1][:3] == ("R20250603", "failed", 0)
    asking.night(6)
    assert [load[1] for load in asking.loads()][2:] == ["stale"]
    (asking.folder / "away.db").rename(asking.folder / "agency.db")
    asking.agency.plan([MARRIAGE])
    assert asking.night(7).status == 0
    assert asking.loads()[-1] == ("R20250607", "loaded", 2, 1, 1, "2025-06-03T08:00:00")


def test_a_record_that_goes_there_and_back_is_taken_each_time(asking: Asking) -> None:
    for day, name in ((2, "测试甲"), (3, "测试乙"), (4, "测试甲")):
        asking.view([cremation(1, f"2025-06-{day:02} 08:00:00", name=name)])
        asking.night(day)
    assert [load[3] for load in asking.loads()] == [1, 1, 1]


def test_a_record_that_goes_back_without_a_new_time_is_taken_too(asking: Asking) -> None:
    for day, name in ((2, "测试甲"), (3, "测试乙"), (4, "测试甲")):
        asking.view([cremation(1, "2025-06-02 08:00:00", name=name)])
        asking.night(day)
    assert [load[3] for load in asking.loads()] == [1, 1, 1]


def test_what_is_gone_from_a_full_pull_is_withdrawn_and_an_empty_one_is_blocked(asking: Asking) -> None:
    asking.site.write_text(asking.site.read_text("utf-8").replace("agency.db", 'agency.db"\nmode = "full'), "utf-8")
    many = [cremation(n) for n in range(1, 11)]
    for day, held in ((2, many), (3, many[1:]), (4, many), (5, [])):
        asking.view(held)
        said = asking.night(day)
    assert said.status == 3
    told = [load[1:5] for load in asking.loads()]
    assert told == [("loaded", 10, 10, 0), ("loaded", 9, 0, 9), ("loaded", 10, 1, 9), ("blocked", 0, 0, 0)]


def test_a_killed_night_goes_on_with_what_it_had_landed(asking: Asking, tmp_path: Path) -> None:
    asking.night(2, kill_at="night 2025-06-02 check done")
    asking.view([cremation(1, "2025-06-02 09:00:00", name="别人")])
    asking.agency.plan(first=[{"status": 404}] * 9)
    assert asking.night(2).status == 0
    killed = published(asking.site)
    (tmp_path / "clean").mkdir()
    clean = Asking(tmp_path / "clean", asking.nuanxin, asking.agency)
    assert clean.night(2).status == 0
    assert without_runs(published(clean.site)) == without_runs(killed)


def without_runs(views: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    return {view: found for view, found in views.items() if view != "v_runs"}


def test_a_dry_run_lists_files_and_asks_nobody(asking: Asking) -> None:
    asking.agency.plan([MARRIAGE])
    dates = ("--from", "2025-06-02", "--to", "2025-06-03", "--dry-run")
    command = ("backfill", "--site", str(asking.site), *dates)
    said = asking.nuanxin.run(*command, "--json", AGENCY_SECRET=SECRET)
    assert json.loads(said.out) == {
        "nights": {"2025-06-02": [], "2025-06-03": []},
        "pulled": {"cremations": "database", "marriages": "http"},
    }
    told = asking.nuanxin.run(*command, "--lang", "zh", AGENCY_SECRET=SECRET)
    assert "marriages, cremations" in told.out
    assert asking.agency.asked == []


def test_neither_secret_nor_person_is_said(asking: Asking) -> None:
    asking.agency.plan(first=[{"status": 401}])
    said = asking.night(2)
    assert "does not accept the signature" in said.err
    for word in (SECRET, "测试1", "测试甲"):
        assert word not in said.out + said.err
