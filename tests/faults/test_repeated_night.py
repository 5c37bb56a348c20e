"""A night run twice changes nothing; two at once do not meet."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.site_views import published, rows

pytestmark = pytest.mark.xdist_group("nights")


def test_the_same_night_twice(first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]) -> None:
    site = own_copy(first_night)
    before, runs = published(site), rows(site, "select * from v_runs")
    said = nuanxin.run("nightly", "--site", str(site), "--date", "2025-06-02", "--json")
    assert said.status == 0, said.err
    assert published(site) == before
    assert rows(site, "select * from v_runs") == runs


def test_a_date_before_the_last_night_is_refused(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(first_night)
    before = published(site)
    said = nuanxin.run("nightly", "--site", str(site), "--date", "2025-06-01")
    assert said.status == 2
    assert "2025-06-02" in said.err and "Traceback" not in said.err
    assert {v: f for v, f in published(site).items() if v != "v_runs"} == {
        v: f for v, f in before.items() if v != "v_runs"
    }


def test_a_held_site_is_left_alone(first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]) -> None:
    from datetime import date, timedelta

    from flows import edge
    from warehouse import Warehouse, open_run

    site = own_copy(first_night)
    warehouse = Warehouse(f"sqlite:///{site.parent / 'warehouse.db'}")
    open_run(
        warehouse,
        date(2025, 6, 3),
        now=edge.now(),
        lease_seconds=int(timedelta(minutes=5).total_seconds()),
        owner="another-machine:1:1",
    )
    said = nuanxin.run("nightly", "--site", str(site), "--date", "2025-06-03")
    assert said.status == 4
    assert "R20250603" in said.err and "Traceback" not in said.err
