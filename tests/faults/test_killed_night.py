"""A night killed at any stage and run again ends as if nothing had happened."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.observing import STAGES
from tests.commands import CommandLine
from tests.nights import copy_site
from tests.site_views import published

pytestmark = pytest.mark.xdist_group("nights")
DATE = "2025-06-03"


@pytest.fixture(scope="module")
def undisturbed(first_night: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    site = copy_site(first_night, tmp_path_factory.mktemp("undisturbed"))
    assert nuanxin.run("nightly", "--site", str(site), "--date", DATE).status == 0
    return dict(published(site))


@pytest.mark.parametrize("moment", [f"{stage} {word}" for stage in STAGES for word in ("started", "done")])
def test_killed_and_run_again(
    moment: str,
    first_night: Path,
    undisturbed: dict[str, object],
    nuanxin: CommandLine,
    own_copy: Callable[[Path], Path],
) -> None:
    site = own_copy(first_night)
    killed = nuanxin.run("nightly", "--site", str(site), "--date", DATE, kill_at=f"night {DATE} {moment}")
    assert killed.status == -9 or moment == "report done"
    again = nuanxin.run("nightly", "--site", str(site), "--date", DATE)
    assert again.status == 0, again.err
    assert published(site) == undisturbed


def test_readers_never_see_half_a_night(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(first_night)
    before = published(site)
    nuanxin.run("nightly", "--site", str(site), "--date", DATE, kill_at=f"night {DATE} decide done")
    after = published(site)
    assert {view: found for view, found in after.items() if view != "v_runs"} == {
        view: found for view, found in before.items() if view != "v_runs"
    }
    assert len(after["v_runs"]) == 2


def test_what_was_done_is_not_done_again(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(first_night)
    nuanxin.run("nightly", "--site", str(site), "--date", DATE, kill_at=f"night {DATE} identify started")
    again = nuanxin.run("nightly", "--site", str(site), "--date", DATE)
    taken = [line.split()[2] for line in again.err.splitlines() if " taken " in line]
    assert taken == ["check", "take", "mention", "link"]
