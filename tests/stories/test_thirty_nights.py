"""Thirty nights with a fault in each end where thirty nights without one do; and the pack of each night verifies."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from tests.commands import CommandLine, Said
from tests.connectors.agencies import SECRET, interface
from tests.connectors.remote import sftp_server, store
from tests.stories.a_month import FIRST, LAST, UNSEEN, Doors, Month, nights, write_site
from tests.stories.standing import standing

pytestmark = pytest.mark.xdist_group("month")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, nuanxin: CommandLine) -> Path:
    """A district of 1,500 persons with deliveries for thirty nights."""
    folder = tmp_path_factory.mktemp("month") / "drawn"
    said = nuanxin.run("simulate", "--out", str(folder), "--persons", "1500", "--from", f"{FIRST}", "--to", f"{LAST}",
                       "--seed", "5")  # fmt: skip
    assert said.status == 0, said.err
    return folder / "site.toml"


@pytest.fixture
def made(month: Path, tmp_path: Path) -> Iterator[Callable[[str], Month]]:
    """Makes a site of that district with agencies of its own."""
    with ExitStack() as open_now:

        def make(name: str) -> Month:
            home = tmp_path / name
            for each in ("sftp", "interface"):
                (home / each).mkdir(parents=True)
            doors = Doors(
                open_now.enter_context(interface(home / "interface")),
                open_now.enter_context(sftp_server(home / "sftp")),
                open_now.enter_context(store()),
                f"sqlite:///{home}/register.db",
            )
            (doors.sftp.root / "inbox" / "cremations").mkdir()
            return Month(month.parent / "inbox", write_site(month, home / "site", doors), doors)

        yield make


def run(nuanxin: CommandLine, month: Month, day: date) -> Said:
    return nuanxin.run("nightly", "--site", str(month.site), "--date", f"{day}", BIRTHS_SECRET=SECRET)


def verified(nuanxin: CommandLine, site: Path, day: str, out: Path) -> None:
    said = nuanxin.run("report", "--site", str(site), "--date", day, "--out", str(out), BIRTHS_SECRET=SECRET)
    assert said.status == 0, said.err
    said = nuanxin.run("report", "--verify", str(out))
    assert said.status == 0, said.err


def test_faults_every_night_change_nothing_in_the_end(
    made: Callable[[str], Month], nuanxin: CommandLine, tmp_path: Path
) -> None:
    faultless, troubled = made("faultless"), made("troubled")
    for each in (faultless, troubled):
        each.deliver(FIRST)
        said = run(nuanxin, each, FIRST)
        assert said.status == 0, said.err
    for day, fault in nights():
        faultless.deliver(day)
        said = run(nuanxin, faultless, day)
        assert said.status == 0, (day, said.err)
        mend = fault(troubled, day)
        said = run(nuanxin, troubled, day)
        assert said.status == (0 if fault in UNSEEN else 3), (day, fault, said.err)
        assert "Traceback" not in said.err
        verified(nuanxin, troubled.site, f"{day}", tmp_path / f"pack-{day}")
        mend()
    for each in (faultless, troubled):
        each.deliver(LAST)
        said = run(nuanxin, each, LAST)
        assert said.status == 0, said.err
    expected, found = standing(faultless.site), standing(troubled.site)
    assert len(expected["alerts"]) >= 1 and len(expected["record_links"]) > 1000
    for view, rows in expected.items():
        assert found[view] == rows, view
