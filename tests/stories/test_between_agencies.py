"""A contradiction between two agencies, from their files to the list that an engineer works from."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.site_views import rows
from transforms.feeds import load_contract

pytestmark = pytest.mark.xdist_group("nights")

DIFFER = "death_certificates.between.death_dates_differ"
TWINS = "payments.between.paid_after_death"


def certificate(site: Path) -> dict[str, str]:
    """A valid certificate of the first night, with an identity number."""
    (path,) = (site.parent / "inbox" / "death_certificates").glob("*_full.csv")
    header = {column.header: column.name for column in load_contract("death_certificates").columns}
    with path.open(encoding="gb18030", newline="") as file:
        found = [{header[name]: cell for name, cell in row.items()} for row in csv.DictReader(file)]
    numbers = [row["certificate_no"] for row in found]
    return next(row for row in found if len(row["id_no"]) == 18 and row["status"] == "有效" and row["name"] != "无"
                and row["version"] == "1" and numbers.count(row["certificate_no"]) == 1)  # fmt: skip


def cremated(site: Path, row: dict[str, str], died_on: str) -> None:
    """A delta of the second night: the person of the certificate, dead on another day."""
    folder = site.parent / "inbox" / "cremations"
    for path in folder.glob("*20250603*"):
        path.unlink()
    columns = [column.name for column in load_contract("cremations").columns]
    headers = ",".join(column.header for column in load_contract("cremations").columns)
    cells = {"record_no": "TEST1", "name": row["name"], "id_no": row["id_no"], "sex": row["sex"], "died_on": died_on,
             "cremated_on": died_on}  # fmt: skip
    line = ",".join(cells.get(name, "") for name in columns)
    (folder / "cremations_20250603_delta.csv").write_bytes(f"{headers}\n{line}\n".encode("gb18030"))


def counted(site: Path, night: str) -> dict[str, tuple[int, int]]:
    query = "select check_id, rows_checked, rows_failed from v_quality where run_id = ? and check_id like '%.between.%'"
    return {row["check_id"]: (row["rows_checked"], row["rows_failed"]) for row in rows(site, query, night)}


def test_two_agencies_dates_of_one_death_are_counted_listed_and_written_out(
    first_night: Path, own_copy: Callable[[Path], Path], nuanxin: CommandLine, tmp_path: Path
) -> None:
    site = own_copy(first_night)
    cremated(site, certificate(site), "2025-06-01")
    said = nuanxin.run("nightly", "--site", str(site), "--date", "2025-06-03", "--json")
    assert said.status == 0, said.err
    before, after = counted(site, "R20250602"), counted(site, "R20250603")
    assert after[DIFFER][1] == before[DIFFER][1] + 1
    assert json.loads(said.out)["contradictions"] == sum(failed for _, failed in after.values())

    listed = nuanxin.run("checks", "--site", str(site), DIFFER, "--json", "--out", str(tmp_path / "differ.csv"))
    page = json.loads(listed.out)
    (record,) = [each for each in page["records"] if each["other_record_key"] == "TEST1"]
    assert (page["state"], page["owner"]["id"], record["feed"]) == ("failed", "health_commission", "death_certificates")
    assert record["days"] > 1 and record["reference"] in (tmp_path / "differ.csv").read_text("utf-8")

    told = nuanxin.run("checks", "--site", str(site), "--lang", "en")
    assert DIFFER[:30] in told.out and "payments never delivered" in told.out
    assert TWINS not in after, "a check that did not run has no outcome"
    passed = rows(site, "select count(*) as n from v_quality where check_id = ?", TWINS)
    assert passed[0]["n"] == 0


def test_a_check_that_nobody_knows_is_answered_with_the_nearest(first_night: Path, nuanxin: CommandLine) -> None:
    said = nuanxin.run("checks", "--site", str(first_night), DIFFER.replace("differ", "difer"), "--lang", "en")
    assert said.status == 2 and DIFFER in said.err
    said = nuanxin.run("checks", "--site", str(first_night), "--out", "x.csv", "--lang", "en")
    assert said.status == 2 and "name a check" in said.err


def test_coverage_is_shown_with_what_is_declared_and_where_it_is_contradicted(
    first_night: Path, own_copy: Callable[[Path], Path], nuanxin: CommandLine
) -> None:
    site = own_copy(first_night)
    declared = '\n[feeds.births.coverage]\nplaces = ["370303"]\nfrom = "1970-01-01"\n[feeds.births.bounds]\n'
    site.write_text(site.read_text("utf-8") + declared + "hole_usual_records = 1\n", "utf-8")
    before = rows(site, "select count(*) as n from v_determinations where superseded_on is null and verdict = 'yes'")
    assert nuanxin.run("nightly", "--site", str(site), "--date", "2025-06-03").status == 0
    shown = nuanxin.run("coverage", "--site", str(site), "--json")
    births = next(row for row in json.loads(shown.out)["feeds"] if row["feed"] == "births")
    assert births["declared"] == {"places": ["370303"], "from": "1970-01-01", "until": None}
    assert births["state"] == "fresh" and "1970-01" in births["holes"] and births["months"] > 100
    text = nuanxin.run("coverage", "--site", str(site), "--lang", "en").out
    assert "declared months without a record: 1970-01" in text and "370303; 1970-01-01 …" in text
    after = rows(site, "select count(*) as n from v_determinations where superseded_on is null and verdict = 'yes'")
    assert after[0]["n"] < before[0]["n"], "where births do not cover the time, no yes rests on them"
    codes = rows(site, "select distinct reason_code from v_determinations where superseded_on is null")
    assert "coverage_holes" in {row["reason_code"] for row in codes}
