"""Deliveries that come late, twice or under another name, and corrections in between, end in the same records."""

from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.flows.refusing_site import CREMATION, MARRIAGE, RefusingSite

pytestmark = pytest.mark.xdist_group("nights")
SECOND = CREMATION | {"record_no": "HH2"}
CREMATIONS = {
    2: (CREMATION, SECOND | {"cremated_on": "2025-13-40"}),
    3: (CREMATION | {"died_on": "2025-05-30"}, SECOND | {"died_on": "2025-05-29"}),
    4: (CREMATION | {"died_on": "2025-05-28"},),
}
MARRIAGES = {
    2: (MARRIAGE, MARRIAGE | {"cert_no": "J2"}, MARRIAGE | {"cert_no": "J3"}),
    3: (MARRIAGE, MARRIAGE | {"cert_no": "J3", "status": "撤销"}),
    4: (MARRIAGE | {"op_date": "2025-13-40"}, MARRIAGE | {"cert_no": "J3", "status": "撤销"}),
}


def deliver(site: RefusingSite, day: int) -> None:
    site.deliver("cremations", day, *CREMATIONS[day])
    site.deliver("marriages", day, *MARRIAGES[day], mode="full")


def mend(site: RefusingSite, day: int) -> None:
    """HH2 of the first delivery, whichever night has refused it."""
    (wanted,) = site.ids("--status", "all", "--delivery", "cremations_20250602_delta.csv")
    if site.ask("select status from v_quarantine where quarantine_id = ?", wanted) == [{"status": "dismissed"}]:
        site.decide("reopen", day, wanted)
    site.decide("fix", day, wanted, "--set", "cremated_on=2025-06-02")


def test_late_repeated_and_renamed_deliveries_end_as_those_on_time(tmp_path: Path, nuanxin: CommandLine) -> None:
    on_time, late = (RefusingSite.made(tmp_path / name, nuanxin) for name in ("on_time", "late"))
    for day in (2, 3, 4):
        deliver(on_time, day)
        on_time.night(day)
        if day == 2:
            mend(on_time, 3)

    deliver(late, 4)
    late.night(4)
    deliver(late, 2)
    late.night(5)
    mend(late, 6)
    deliver(late, 3)
    again = tmp_path / "late" / "inbox" / "cremations"
    (again / "cremations_20250606_delta.csv").write_bytes((again / "cremations_20250602_delta.csv").read_bytes())
    late.night(6)
    (repeated,) = [load for load in late.loads(6) if load[0] == "cremations_20250606_delta.csv"]
    assert repeated == ("cremations_20250606_delta.csv", "loaded", 2, 0, 2, 0)

    for feed in ("cremations", "marriages"):
        assert late.state(feed) == on_time.state(feed)
    assert [row[:2] for row in on_time.state("marriages")] == [("J1", "active"), ("J2", "withdrawn"), ("J3", "active")]
    died = "select record_key, occurred_on from v_life_events where event_type = 'death' order by record_key"
    assert late.ask(died) == on_time.ask(died)
    assert [row["occurred_on"] for row in late.ask(died)] == ["2025-05-28", "2025-05-29"]
