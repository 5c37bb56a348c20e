"""A night on which most agencies deliver something hostile: it is told, the others go on, and no person is told of."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.settings import load_site
from tests.commands import CommandLine, Said
from tests.connectors.inbox import workbook, zipped
from tests.site_views import VIEWS, rows
from transforms.feeds import load_contract

pytestmark = pytest.mark.xdist_group("nights")
DATE = "2025-06-03"
CANARY = "370303199001011234"
HALF = "medical_settlements"
HALF_FILE = f"{HALF}_20250603_delta_09.csv"
NAMES = ["=cmd()", "<script>alert(1)</script>", "'; drop table persons; --", "王\n小明"]


def _lines(feed: str, **wrong: str) -> str:
    """A delivery whose cells all hold the canary or a hostile name, and what is wrong with its header."""
    headers = [wrong.get(column.header, column.header) for column in load_contract(feed).columns]
    cell = {"name": NAMES, "date": ["2025-06-01"], "datetime": ["2025-06-01"]}
    kinds = [column.type for column in load_contract(feed).columns]
    records = [[cell.get(kind, [CANARY])[at % len(cell.get(kind, [CANARY]))] for kind in kinds] for at in range(8)]
    return (
        "\n".join(",".join('"' + text.replace('"', '""') + '"' for text in record) for record in [headers, *records])
        + "\n"
    )


def _hostile(encoding: Callable[[str], str]) -> dict[str, tuple[str, bytes]]:
    """Feed → ending of the file's name, and its bytes."""
    page = {feed: _lines(feed).encode(encoding(feed)) for feed in ("births", "low_income", "marriages", "adoptions")}
    renamed = _lines("cremations", 火化日期=f"火化日期{CANARY}").encode(encoding("cremations"))
    cells = [[column.header for column in load_contract("disability_certificates").columns], [CANARY] * 14]
    return {
        "cremations": ("csv", renamed),
        "births": ("csv", page["births"].replace(b"2025-06-01", b"2025\xff06-01", 1)),
        "low_income": ("csv.zip", zipped(("../" + CANARY + ".csv", page["low_income"]))),
        "marriages": ("csv.gz", gzip.compress(page["marriages"])[:-20]),
        "adoptions": ("csv", page["adoptions"][: len(page["adoptions"]) // 2] + b'"' + CANARY.encode()),
        "disability_certificates": ("xlsx", workbook(cells)[:900]),
        "care_insurance_claims": ("parquet", CANARY.encode() * 40),
        "death_certificates": ("csv", _lines("death_certificates").encode(encoding("death_certificates"))),
    }


@pytest.fixture(scope="module")
def night(first_night: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    from tests.nights import copy_site

    site = copy_site(first_night, tmp_path_factory.mktemp("hostile"))
    feeds = load_site(site, {}).feeds
    for feed, (ending, content) in _hostile(lambda feed: feeds[feed].encoding).items():
        folder = Path(feeds[feed].url)
        for path in folder.glob("*20250603*"):
            path.unlink()
        (folder / f"{feed}_20250603_delta.{ending}").write_bytes(content)
    (Path(feeds[HALF].url) / HALF_FILE).write_bytes(b"half")
    (Path(feeds[HALF].url) / f"{HALF_FILE}.ok").write_text(json.dumps({"rows": 9, "sha256": "0" * 64}))
    return site, nuanxin.run("nightly", "--site", str(site), "--date", DATE, "--lang", "en")


def test_what_cannot_be_read_is_blocked_with_its_reason_and_the_rest_goes_on(night: tuple[Path, Said]) -> None:
    site, said = night
    assert said.status == 3 and "Traceback" not in said.err, said.err
    loads = {row["feed"]: row["status"] for row in rows(site, "select * from v_feed_loads where run_id = 'R20250603'")}
    assert {feed for feed, status in loads.items() if status == "blocked"} >= {
        "cremations", "low_income", "marriages", "disability_certificates", "care_insurance_claims",
    }  # fmt: skip
    untouched = set(loads) - set(_hostile(lambda _: "utf-8"))
    assert untouched and all(loads[feed] == "loaded" for feed in untouched)
    for feed in (feed for feed, status in loads.items() if status == "blocked"):
        assert feed in said.err


def test_a_file_that_is_not_whole_waits_alone(night: tuple[Path, Said]) -> None:
    site, said = night
    loads = rows(site, "select delivery, status from v_feed_loads where run_id = 'R20250603' and feed = ?", HALF)
    assert loads and {row["status"] for row in loads} == {"loaded"}
    assert HALF_FILE not in {row["delivery"] for row in loads} and HALF_FILE in said.err + said.out


def test_every_row_that_was_read_is_accepted_unchanged_or_quarantined(night: tuple[Path, Said]) -> None:
    for row in rows(night[0], "select * from v_feed_loads where status = 'loaded'"):
        assert row["rows_read"] == row["rows_accepted"] + row["rows_unchanged"] + row["rows_quarantined"], row


def test_hostile_names_are_only_text_to_the_warehouse(night: tuple[Path, Said]) -> None:
    assert all(rows(night[0], f"select count(*) as n from {view}")[0]["n"] >= 0 for view in VIEWS)
    assert rows(night[0], "select count(*) as n from v_persons")[0]["n"] > 0


def test_the_canary_is_in_nothing_that_leaves_the_lake(night: tuple[Path, Said], nuanxin: CommandLine) -> None:
    site, said = night
    assert CANARY not in said.out + said.err
    kept = [path for path in site.parent.rglob("*") if path.is_file() and "inbox" not in path.parts]
    assert len(kept) > 50
    holds = [path.relative_to(site.parent) for path in kept if CANARY.encode() in path.read_bytes()]
    assert {path.name.split("-")[0] for path in holds} <= {"warehouse.db"}, holds  # there as the key of a record
    for view in VIEWS:
        for row in rows(site, f"select * from {view}"):
            told = {name for name, value in row.items() if CANARY in str(value)}
            assert told <= {"record_key", "trigger_record_key"}, (view, told)


def test_no_hostile_name_is_in_a_log_or_a_page(night: tuple[Path, Said]) -> None:
    site, said = night
    pages = [path.read_text("utf-8") for path in site.parent.rglob("*.html")]
    for text in (said.out, said.err, *pages):
        assert not re.search(r"<script>alert|drop table|=cmd", text)
