"""A family is found, visited, paid; the lists go out and come in as files; and what another law would have done."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.nights import FIRST, LAST
from tests.site_views import rows

pytestmark = pytest.mark.xdist_group("nights")
SECOND = FIRST.replace(day=FIRST.day + 1)


def told(nuanxin: CommandLine, *arguments: str) -> dict:
    said = nuanxin.run(*arguments, "--json")
    assert said.status == 0, said.err
    return json.loads(said.out)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, lines: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)
    return path


@pytest.fixture
def site(first_night: Path, own_copy: Callable[[Path], Path]) -> Path:
    return own_copy(first_night)


def test_a_visit_makes_an_amount_payable_and_the_payers_file_makes_it_paid(site: Path, nuanxin: CommandLine) -> None:
    here = ("--site", str(site))
    said = nuanxin.run("visits", "list", *here, "--out", str(site.parent / "waiting.csv"), "--lang", "en")
    assert said.status == 0, said.err
    waiting = [row for row in table(site.parent / "waiting.csv") if row["event_type"] == "death"]
    assert waiting
    entries = "select * from v_entitlements where household_id = ? and benefit_id = 'special-aid-bereaved'"
    family = next(row for row in waiting if rows(site, entries, row["household_id"]))
    assert [row["status"] for row in rows(site, entries, family["household_id"])] == ["suspected"]

    names = ("household_id", "person_id", "event_type")
    found = {name: family[name] for name in names} | {"outcome": "confirmed", "visited_on": f"{FIRST}"}
    file = write(site.parent / "visits.csv", [found])
    assert told(nuanxin, "visits", "record", *here, "--file", str(file), "--date", f"{FIRST}", "--by", "t1")
    assert nuanxin.run("nightly", *here, "--date", f"{SECOND}").status == 0
    (entry,) = rows(site, entries, family["household_id"])
    assert entry["status"] == "payable"
    (state,) = rows(site, "select state from v_household_states where household_id = ?", family["household_id"])
    assert state["state"] == "active"
    shares = "select sum(amount_fen) as fen from v_entitlement_shares where entitlement_id = ?"
    assert rows(site, shares, entry["entitlement_id"])[0]["fen"] == entry["amount_fen"] == 1_000_000

    to_pay = site.parent / "pay.csv"
    said = nuanxin.run("payments", "list", *here, "--date", f"{SECOND}", "--out", str(to_pay), "--lang", "en")
    assert said.status == 0, said.err
    assert entry["entitlement_id"] in to_pay.read_text("utf-8-sig")
    paid = {"entitlement_id": entry["entitlement_id"], "amount_yuan": "10000.00", "paid_on": f"{SECOND}",
            "reference_no": "T-1"}  # fmt: skip
    file = write(site.parent / "paid.csv", [paid])
    assert told(nuanxin, "payments", "record", *here, "--file", str(file), "--date", f"{SECOND}", "--by", "t1")
    assert nuanxin.run("nightly", *here, "--date", f"{SECOND.replace(day=SECOND.day + 1)}").status == 0
    assert [row["status"] for row in rows(site, entries, family["household_id"])] == ["paid"]

    # what the first night knew can still be judged, though its working tables are cleared away
    first = told(nuanxin, "policies", "forecast", *here, "--as-of", f"{FIRST}")
    assert first["night"] == f"{FIRST}"


def test_the_money_of_a_festival_visit_goes_with_the_visit(site: Path, nuanxin: CommandLine) -> None:
    here = ("--site", str(site))
    roster = site.parent / "roster.csv"
    asked = ("policies", "roster", *here, "--benefit", "festival-visit-list", "--out", str(roster))
    assert told(nuanxin, *asked)["rows"] >= 1
    names = ("household_id", "person_id", "event_type", "benefit_id")
    listed = {name: table(roster)[0][name] for name in names} | {"outcome": "made", "visited_on": f"{FIRST}"}
    confirmed = listed | {"benefit_id": "", "outcome": "confirmed"}
    file = write(site.parent / "visits.csv", [confirmed, listed])
    recorded = told(nuanxin, "visits", "record", *here, "--file", str(file), "--date", f"{FIRST}", "--by", "t1")
    assert (recorded["confirmed"], recorded["made"]) == (1, 1)
    assert nuanxin.run("nightly", *here, "--date", f"{SECOND}").status == 0
    owed = "select * from v_entitlements where household_id = ? and benefit_id = 'festival-visit-list'"
    (entry,) = rows(site, owed, listed["household_id"])
    wanted = ("payable", 30_000, "recurring", f"{FIRST}", f"{FIRST}", None)
    assert (
        tuple(entry[name] for name in ("status", "amount_fen", "kind", "period_from", "period_to", "person_id"))
        == wanted
    )
    assert nuanxin.run("nightly", *here, "--date", f"{SECOND.replace(day=SECOND.day + 1)}").status == 0
    assert len(rows(site, owed, listed["household_id"])) == 1


def test_what_if_tells_who_gains_and_writes_nothing(site: Path, nuanxin: CommandLine) -> None:
    before = (site.parent / "warehouse.db").read_bytes()
    lake = sorted(path for path in (site.parent / "lake").rglob("*") if path.is_file())
    change = site.parent / "change.yaml"
    change.write_text(
        "changes:\n  - {policy: zhangdian-2020-134, set: clauses.special-aid-bereaved.benefit.amount_fen,\n"
        "     to: 2_000_000}\n"
        "  - {policy: zhangdian-2020-134, set: parameters.child_bearing_age.value, to: 18}\n"
    )
    out = site.parent / "out.csv"
    asked = ("policies", "simulate", "--site", str(site), "--change", str(change), "--out", str(out))
    page = told(nuanxin, *asked)
    owed = rows(site, "select * from v_determinations where benefit_id = 'special-aid-bereaved' and verdict = 'yes'")
    by_kind = {(each["benefit_id"], each["change"]): each["verdicts"] for each in page["changes"]}
    assert by_kind["special-aid-bereaved", "amount"] == len(owed)
    below = rows(
        site, "select * from determinations where benefit_id = 'special-aid-disabled' and reason_code = 'below_age'"
    )
    assert by_kind.get(("special-aid-disabled", "gains"), 0) <= len(below)
    cost = {(row["recurs"], "after" if name == "fen_after" else "before"): 0 for row in page["costs"] for name in
            ("fen_before", "fen_after")}  # fmt: skip
    for row in page["costs"]:
        cost[row["recurs"], "before"] += row["fen_before"]
        cost[row["recurs"], "after"] += row["fen_after"]
    assert cost[False, "after"] - cost[False, "before"] >= 1_000_000 * len(owed)
    assert len(table(out)) == sum(each["verdicts"] for each in page["changes"])
    assert (site.parent / "warehouse.db").read_bytes() == before
    log = site.parent / "warehouse.db-wal"  # a reader may open SQLite's log; it writes nothing into it
    assert not log.exists() or log.stat().st_size == 0
    assert sorted(path for path in (site.parent / "lake").rglob("*") if path.is_file()) == lake
    for lang in ("zh", "en"):
        assert nuanxin.run(*asked, "--lang", lang).status == 0


def test_a_document_that_ends_sooner_takes_benefits_away(site: Path, nuanxin: CommandLine) -> None:
    change = site.parent / "change.yaml"
    change.write_text("changes: [{policy: zhangdian-2020-134, set: in_force.until, to: 2021-12-31}]\n")
    page = told(nuanxin, "policies", "simulate", "--site", str(site), "--change", str(change))
    assert {each["change"] for each in page["changes"]} >= {"loses"}
    assert sum(row["fen_after"] for row in page["costs"] if not row["recurs"]) == 0


def test_mistakes_in_a_change_are_told_with_their_line(site: Path, nuanxin: CommandLine) -> None:
    change = site.parent / "change.yaml"
    change.write_text(
        "changes:\n  - {policy: nobody, set: in_force.until, to: 2027-12-31}\n"
        "  - {policy: zhangdian-2020-134, set: clauses.nope.machine, to: decide}\n"
    )
    said = nuanxin.run("policies", "simulate", "--site", str(site), "--change", str(change))
    assert said.status == 2
    assert "change.yaml:2" in said.err
    assert "change.yaml:3" in said.err
    assert "Traceback" not in said.err
    change.write_text("changes:\n  - {policy: zhangdian-2020-134, set: in_force.until, to: 1999-12-31}\n")
    said = nuanxin.run("policies", "simulate", "--site", str(site), "--change", str(change))
    assert (said.status, "change.yaml:2" in said.err) == (2, True), said.err


def test_the_forecast_tells_the_end_of_the_document(site: Path, nuanxin: CommandLine) -> None:
    page = told(nuanxin, "policies", "forecast", "--site", str(site), "--months", "12")
    lapsed = [each for each in page["turning"] if each["reason_code"] == "no_policy_in_force"]
    assert lapsed
    assert min(each["month"] for each in lapsed) == "2026-01"


def test_before_any_night_there_are_no_facts(simulated: Path, nuanxin: CommandLine) -> None:
    said = nuanxin.run("policies", "forecast", "--site", str(simulated), "--as-of", f"{LAST}")
    assert said.status == 2
    assert "nightly" in said.err


def test_nights_that_judge_only_whom_they_touch_say_what_one_night_says_of_all(
    site: Path, nuanxin: CommandLine
) -> None:
    from flows.law_facts import known_by
    from transforms.eligibility.verdicts import determine

    # recorded on the day of the night that did not know of it yet
    here, file = ("--site", str(site)), site.parent / "waiting.csv"
    assert nuanxin.run("visits", "list", *here, "--out", str(file), "--lang", "en").status == 0
    otherwise = table(file)[0] | {"outcome": "refuted", "visited_on": f"{FIRST}"}
    write(file, [otherwise])
    assert told(nuanxin, "visits", "record", *here, "--file", str(file), "--date", f"{FIRST}", "--by", "t1")
    assert nuanxin.run("backfill", *here, "--from", f"{SECOND}", "--to", f"{LAST}").status == 0
    of_it = "select distinct reason_code from determinations where household_id = ? and superseded_on is null"
    assert {"reason_code": "refuted_by_visit"} in rows(site, of_it, otherwise["household_id"])
    said = """select determination_id, verdict, reason_code, amount_fen, conditions from determinations
        where superseded_on is null"""
    published = {row["determination_id"]: row for row in rows(site, said)}
    with known_by(site, None, "en") as known:
        judged = determine(list(known.policies), known.facts, as_of=known.as_of, alerts_since=known.alerts_since)
    assert known.night == LAST
    assert {row["determination_id"]: {name: row[name] for name in next(iter(published.values()))}
            for row in judged.to_pylist()} == published  # fmt: skip
