"""Asking the questions between feeds of a night, and counting what came out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from expectations.between.questions import BASIS, QUESTIONS, Question, tables_of
from expectations.checks import Outcome, quality_table
from expectations.thresholds import Thresholds
from transforms.feeds import FEEDS, load_contract
from transforms.schemas import CONTRADICTIONS, ENTITLEMENTS, NOT_RUN, PAYMENTS, empty
from transforms.sql import desk, feed_rows

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """quality: QUALITY, a row a check that ran. failing: CONTRADICTIONS. not_run: NOT_RUN, a row a check that did not.

    Every question is in exactly one of `quality` and `not_run`.
    """

    quality: pa.Table
    failing: pa.Table
    not_run: pa.Table


def hold_together(
    records: Mapping[str, pa.Table],
    links: pa.Table,
    events: pa.Table,
    coverage: pa.Table,
    *,
    as_of: date,
    limits: Callable[[str], Thresholds],
    payments: pa.Table | None = None,
    entitlements: pa.Table | None = None,
) -> Held:
    """Every check between feeds, over all that is known on the night of `as_of`.

    records: record states by feed; links, events: LINKS and LIFE_EVENTS of tonight; coverage: COVERAGE, which says
    which feeds have delivered, and when last. limits: the thresholds of a feed. payments, entitlements: PAYMENTS and
    ENTITLEMENTS as they stand before tonight's verdicts.
    """
    covered = {str(row["feed"]): row for row in coverage.to_pylist()}
    not_run = {each: reason for each in QUESTIONS if (reason := _why_not(each, covered, payments))}
    asked = [each for each in QUESTIONS if each not in not_run]
    outcomes, failing = [], [empty(CONTRADICTIONS)]
    with desk() as connection:
        _lay_out(connection, records, asked, f"DATE '{as_of}'", links=links, events=events,
                 payments=empty(PAYMENTS) if payments is None else payments,
                 entitlements=empty(ENTITLEMENTS) if entitlements is None else entitlements)  # fmt: skip
        for question in asked:
            checked, failed, found = _ask(connection, question, covered, as_of, limits(question.feed))
            if checked:
                outcomes.append(Outcome(question.check(_agency(question.feed)), checked, failed))
                failing.append(found)
            else:
                not_run[question] = ("nothing_to_check", "")
    return Held(
        quality_table(outcomes, delivery="", delivery_id=""), pa.concat_tables(failing), _not_run_table(not_run)
    )


def _why_not(question: Question, covered: Mapping[str, Row], payments: pa.Table | None) -> tuple[str, str] | None:
    """The reason for which a question cannot be asked, and the feeds that are missing."""
    strange = [feed for feed in question.needs if feed not in covered or not covered[feed]["is_configured"]]
    if strange:
        return "not_configured", ", ".join(strange)
    silent = [feed for feed in question.needs if not covered[feed]["is_delivered"]]
    if question.record_feed == "payments" and (payments is None or payments.num_rows == 0):
        silent.append("payments")
    return ("never_delivered", ", ".join(silent)) if silent else None


def _lay_out(
    connection: duckdb.DuckDBPyConnection,
    records: Mapping[str, pa.Table],
    asked: list[Question],
    today: str,
    **tables: pa.Table,
) -> None:
    """Every table that a question may name, and what several questions rest on."""
    for name, table in tables.items():
        connection.register(name, table)
    for feed in tables_of(asked):
        connection.register(feed, feed_rows(records, feed))
    for name, sql in BASIS.items() if asked else ():
        connection.execute(f"CREATE TEMP TABLE {name} AS {sql.replace('$today', today)}")


def _ask(
    connection: duckdb.DuckDBPyConnection, question: Question, covered: Mapping[str, Row], as_of: date, own: Thresholds
) -> tuple[int, int, pa.Table]:
    """Records looked at, records that failed, and the latter as CONTRADICTIONS."""
    said = {f"${name}": str(getattr(own, name)) for name in question.bounds}
    until = min(as_of, covered[question.silent]["last_delivered_on"]) if question.silent else as_of
    said |= {"$today": f"DATE '{as_of}'", "$until": f"DATE '{until}'"}
    sql = question.query
    for name, value in sorted(said.items(), reverse=True):  # the longer name first where one begins another
        sql = sql.replace(name, value)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE held AS {sql}")
    checked, failed = connection.sql("SELECT count(*), count(*) FILTER (is_failed) FROM held").fetchall()[0]
    check_id = question.check("").check_id
    found = connection.sql(_FAILING.format(check_id=check_id, feed=question.record_feed)).to_arrow_table()
    return int(checked), int(failed), found.cast(CONTRADICTIONS)


_FAILING = """
    SELECT 'X' || substr(md5(concat_ws('|', '{check_id}', record_key, person_id, other_record_key)), 1, 16)
               AS reference, '{check_id}' AS check_id, '{feed}' AS feed, record_key, person_id,
           CAST(other_feed AS VARCHAR) AS other_feed, CAST(other_record_key AS VARCHAR) AS other_record_key,
           CAST(days AS BIGINT) AS days
    FROM held WHERE is_failed ORDER BY record_key, person_id, other_record_key
"""


def _agency(feed: str) -> str:
    return load_contract(feed).agency.id if feed in FEEDS else ""


def _not_run_table(not_run: Mapping[Question, tuple[str, str]]) -> pa.Table:
    rows = [
        {"check_id": question.check("").check_id, "reason_code": reason, "missing": missing}
        for question, (reason, missing) in not_run.items()
    ]
    return pa.Table.from_pylist(rows, NOT_RUN)
