"""The library stays behind its door: lazy, silent, offline, and without a delivered value."""

import gc
import subprocess
import sys
import weakref

import pandas as pd
import pytest

from expectations.checks import cross_checks, declared_checks
from expectations.context import count_findings
from expectations.findings import findings, frame
from tests.expectations.drawn import DELIVERED_ON, USABLE, contract_of, delivered, row
from transforms.feeds import FEEDS
from transforms.standardise.feed import parse_feed

_OFFLINE = """
import socket, sys
from datetime import date

def refuse(*args, **more):
    print("CONNECTED")
    raise OSError("no connection is allowed here")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
from tests.expectations.drawn import row, through
assert "great_expectations" not in sys.modules
gated = through("births", [row("births")])
assert "great_expectations" in sys.modules
print(gated.status)
"""


def test_nothing_is_imported_early_and_nothing_goes_out_or_is_printed() -> None:
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", _OFFLINE], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "loaded\n", "")


def _frame(feed: str, drawn: list[dict[str, str | None]]) -> pd.DataFrame:
    contract = contract_of(feed)
    table = delivered(feed, drawn).table
    found = findings(contract, table, parse_feed(contract, table, delivered_on=DELIVERED_ON))
    return frame(found, table.num_rows)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_suite_stands_for_every_required_column_and_every_rule_of_the_agency(feed: str) -> None:
    contract = contract_of(feed)
    looked_at = set(_frame(feed, [dict(USABLE[feed])]).columns)
    assert set(contract.required) <= looked_at
    assert {f"{check.column}.{check.rule}" for check in cross_checks(contract)} <= looked_at
    assert "delivery.key_conflict" in looked_at


@pytest.mark.parametrize("feed", FEEDS)
def test_check_ids_are_unique(feed: str) -> None:
    ids = [check.check_id for check in declared_checks(contract_of(feed))]
    assert len(ids) == len(set(ids))


def test_the_validated_frame_holds_reason_codes_only() -> None:
    drawn = [dict(row("births", mother_id_no="370303199900000000", hospital="孙不该见", birth_date="不该见"))]
    values = {str(value) for column in _frame("births", drawn) for value in _frame("births", drawn)[column].dropna()}
    assert values <= {check.rule for check in declared_checks(contract_of("births"))}
    assert "unreadable_date" in values


def test_verdicts_count_what_is_found() -> None:
    table = pd.DataFrame({"name": pd.Categorical(["bad_shape", None, "too_long"]), "sex": pd.Categorical([None] * 3)})
    verdicts = count_findings(table, severities={"name": "row", "sex": "field"}, rows_from=2)
    assert (verdicts["name"].unexpected_count, verdicts["name"].success) == (2, False)
    assert (verdicts["sex"].unexpected_count, verdicts["sex"].success) == (0, True)
    assert verdicts[""].success


def test_a_second_frame_is_not_judged_by_the_first() -> None:
    for count in (3, 0, 5):
        table = pd.DataFrame({"name": pd.Categorical(["bad_shape"] * count + [None] * 2)})
        assert count_findings(table, severities={"name": "row"})["name"].unexpected_count == count


def test_a_validated_frame_is_let_go() -> None:
    table = pd.DataFrame({"name": pd.Categorical(["bad_shape"])})
    kept = weakref.ref(table)
    count_findings(table, severities={"name": "row"})
    del table
    gc.collect()
    assert kept() is None


def test_too_few_rows_fail_the_row_count() -> None:
    assert not count_findings(pd.DataFrame(index=range(2)), severities={}, rows_from=3)[""].success
