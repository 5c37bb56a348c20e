"""What an agency's full delivery no longer has was withdrawn by it; an empty or shrunken one withdraws nobody."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import CommandLine, Said
from tests.site_views import rows

pytestmark = pytest.mark.xdist_group("nights")

FEED = "death_certificates"
OTHERS = ("cremations", "household_register", "medical_settlements", "care_insurance_claims", "low_income")


@pytest.fixture
def site(simulated: Path, own_copy: Callable[[Path], Path]) -> Path:
    """The district where hospitals alone tell of deaths: all on the first night, nothing on the later ones."""
    page = own_copy(simulated)
    sections = re.split(r"(?m)^(?=\[)", page.read_text("utf-8"))
    kept = [each for each in sections if not any(each.startswith(f"[feeds.{other}") for other in OTHERS)]
    page.write_text("".join(kept), "utf-8")
    for path in (page.parent / "inbox" / FEED).glob("*_delta*"):
        path.unlink()
    return page


@pytest.fixture
def night(site: Path, nuanxin: CommandLine) -> Callable[[str], Said]:
    def run(day: str) -> Said:
        return nuanxin.run("nightly", "--site", str(site), "--date", day, "--lang", "en")

    return run


def lines(site: Path) -> list[bytes]:
    (path,) = (site.parent / "inbox" / FEED).glob("*20250602_full.csv")
    return path.read_bytes().splitlines(keepends=True)


def deliver(site: Path, day: str, content: list[bytes]) -> None:
    (site.parent / "inbox" / FEED / f"{FEED}_{day.replace('-', '')}_full.csv").write_bytes(b"".join(content))


def load(site: Path, day: str) -> dict[str, object]:
    (found,) = rows(site, "select * from v_feed_loads where feed = ? and run_id = ? and delivery <> ''",
                    FEED, f"R{day.replace('-', '')}")  # fmt: skip
    return found


def counts(found: dict[str, object]) -> tuple[object, ...]:
    return tuple(found[f"records_{name}"] for name in ("new", "changed", "gone"))


def raised(site: Path, day: str) -> list[str]:
    kinds = rows(site, "select alert_kind from v_alerts where raised_on = ? order by alert_kind", day)
    return [row["alert_kind"] for row in kinds]


def live(site: Path, household: str) -> int:
    query = "select count(*) as n from v_alerts where household_id = ? and status = 'live'"
    return int(rows(site, query, household)[0]["n"])


def test_what_is_gone_is_withdrawn_with_its_alert_once_and_what_comes_back_is_live_once(
    site: Path, night: Callable[[str], Said]
) -> None:
    assert night("2025-06-02").status == 0
    whole = lines(site)
    query = """select household_id, trigger_record_key from v_alerts
               where status = 'live' and needs_review = 0 and trigger_feed = ? order by alert_id"""
    case = rows(site, query, FEED)[0]
    number = case["trigger_record_key"].partition("|")[0].encode()
    without = [line for line in whole if number not in line]
    gone = len(whole) - len(without)
    assert live(site, case["household_id"]) == 1 and gone >= 1

    deliver(site, "2025-06-03", without)
    assert night("2025-06-03").status == 0
    assert counts(load(site, "2025-06-03")) == (0, 0, gone)
    assert (raised(site, "2025-06-03"), live(site, case["household_id"])) == (["withdrawn"], 0)
    voided = rows(site, "select status from v_life_events where feed = ? and record_key = ?", FEED,
                  case["trigger_record_key"])  # fmt: skip
    assert [row["status"] for row in voided] == ["voided"]
    owed = rows(site, "select sum(amount_fen) as fen from v_entitlements where household_id = ?", case["household_id"])
    assert not owed[0]["fen"]

    deliver(site, "2025-06-04", whole[:1])  # an export that went wrong
    said = night("2025-06-04")
    assert (said.status, load(site, "2025-06-04")["status"]) == (3, "blocked")
    assert (counts(load(site, "2025-06-04")), raised(site, "2025-06-04")) == ((0, 0, 0), [])
    assert "No row was taken and no record withdrawn" in said.err

    deliver(site, "2025-06-05", whole)  # to the byte what the first night has taken
    assert night("2025-06-05").status == 0
    assert counts(load(site, "2025-06-05")) == (0, gone, 0)
    assert (raised(site, "2025-06-05"), live(site, case["household_id"])) == (["new"], 1)


def test_a_site_sets_its_own_bound_for_a_feed_and_the_blocked_delivery_is_taken_when_it_is_loosened(
    site: Path, night: Callable[[str], Said]
) -> None:
    assert night("2025-06-02").status == 0
    whole = lines(site)
    cut = (len(whole) - 1) // 5
    deliver(site, "2025-06-03", whole[:-cut])
    open_page = site.read_text("utf-8")
    site.write_text(open_page + f"\n[feeds.{FEED}.bounds]\nfull_keeps_share = 0.9\n", "utf-8")
    assert night("2025-06-03").status == 3
    assert load(site, "2025-06-03")["status"] == "blocked"
    site.write_text(open_page + f"\n[feeds.{FEED}.bounds]\nfull_keeps_share = 0.7\n", "utf-8")
    assert night("2025-06-04").status == 0
    found = load(site, "2025-06-04")
    assert found["status"] == "loaded" and 0 < int(str(found["records_gone"])) <= cut
