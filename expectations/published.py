# ruff: noqa: S608 - the queries are made of names that stand in this file
"""Write, audit, publish: what must hold of a night's result before anybody may see it.

Each audit is one query that counts: rows looked at, rows that break the promise. They run on the Arrow tables
where they stand. A night that fails one is not published; the last one stays visible.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from expectations.sentences import audit_sentence
from transforms.schemas import QUALITY

RESULT_TABLES = (
    "feed_loads",
    "links",
    "review",
    "persons",
    "households",
    "life_events",
    "determinations",
    "entitlements",
    "entitlement_shares",
    "alerts",
)


@dataclass(frozen=True)
class Audit:
    """A promise on the result. `failing` selects the rows that break it; `of` is the table it speaks of."""

    check_id: str
    dimension: str
    of: str
    failing: str

    @property
    def sql(self) -> str:
        """One row: this audit's name, rows looked at, rows that break the promise."""
        return (
            f"SELECT '{self.check_id}' AS check_id, (SELECT count(*) FROM {self.of}) AS checked, "
            f"(SELECT count(*) FROM ({self.failing})) AS failed"
        )


class PublishRefused(Exception):
    """The night's result breaks its own promises. `failed` has the check ids with the number of rows; no values."""

    def __init__(self, failed: Mapping[str, int], results: pa.Table) -> None:
        super().__init__(dict(failed), results)
        self.failed = dict(failed)
        self.results = results

    def __str__(self) -> str:
        return "the night is not published: " + ", ".join(f"{name} ({rows})" for name, rows in self.failed.items())

    def sentences(self, lang: str) -> list[str]:
        """What does not hold, one sentence an audit, in Chinese or English ("en")."""
        return [audit_sentence(check_id, rows, lang) for check_id, rows in self.failed.items()]


def check_published(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Hold the night's result against every audit.

    tables: one table of transforms.schemas for each name in RESULT_TABLES; more are ignored. Returns the
    outcomes as rows of QUALITY under the feed "published". Raises PublishRefused with everything that failed,
    also where a table is not there: an audit that could not run is no pass.
    """
    absent = [name for name in RESULT_TABLES if name not in tables]
    counted = _run(tables, absent)
    counted += [(f"published.{name}.is_there", "completeness", 0, 1) for name in absent]
    results = _results(counted)
    failed = {check_id: failing for check_id, _, _, failing in counted if failing}
    if failed:
        raise PublishRefused(failed, results)
    return results


def _run(tables: Mapping[str, pa.Table], absent: list[str]) -> list[tuple[str, str, int, int]]:
    runnable = [audit for audit in AUDITS if not any(name in audit.sql for name in absent)]
    if not runnable:
        return []
    dimensions = {audit.check_id: audit.dimension for audit in runnable}
    with duckdb.connect(":memory:") as connection:
        for name in RESULT_TABLES:
            if name in tables:
                connection.register(name, tables[name])
        rows = connection.execute(" UNION ALL ".join(audit.sql for audit in runnable)).fetchall()
    return [(name, dimensions[name], int(checked), int(failed)) for name, checked, failed in rows]


def _results(counted: list[tuple[str, str, int, int]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "feed": "published",
                "delivery": "",
                "delivery_id": "",
                "dimension": dimension,
                "check_id": check_id,
                "column_name": None,
                "rows_checked": checked,
                "rows_failed": failed,
                "severity": "delivery",
                "passed": failed == 0,
            }
            for check_id, dimension, checked, failed in counted
        ],
        schema=QUALITY,
    )


def _unique(table: str, column: str) -> Audit:
    """The identifier is there and stands once."""
    failing = f"SELECT {column} FROM {table} GROUP BY {column} HAVING count(*) > 1 OR {column} IS NULL"
    return Audit(f"published.{table}.{column}_unique", "consistency", table, failing)


def _known(table: str, column: str, home: str, home_column: str, where: str = "true") -> Audit:
    """What the column names exists at home; an empty cell names nothing."""
    failing = (
        f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL AND ({where}) "
        f"AND {column} NOT IN (SELECT {home_column} FROM {home} WHERE {home_column} IS NOT NULL)"
    )
    return Audit(f"published.{table}.{column}_known", "consistency", table, failing)


def _audits() -> Iterator[Audit]:
    yield Audit(
        "published.feed_loads.rows_add_up",
        "completeness",
        "feed_loads",
        "SELECT 1 FROM feed_loads WHERE CASE status WHEN 'loaded' "
        "THEN coalesce(rows_read, 0) <> coalesce(rows_accepted, 0) + coalesce(rows_unchanged, 0) "
        "+ coalesce(rows_quarantined, 0) "
        "ELSE coalesce(rows_accepted, 0) + coalesce(rows_unchanged, 0) + coalesce(rows_quarantined, 0) > 0 END",
    )
    for table, column in _IDENTIFIERS:
        yield _unique(table, column)
    for table, column, home, home_column in _REFERENCES:
        yield _known(table, column, home, home_column)
    yield _known("alerts", "household_id", "households", "household_id", "alerts.status = 'live'")
    yield _known("alerts", "supersedes_alert_id", "alerts", "alert_id")
    yield from _ALERT_AUDITS
    yield from _SHARE_AUDITS
    yield Audit(
        "published.links.probability_in_range",
        "correctness",
        "links",
        "SELECT 1 FROM links WHERE match_probability IS NULL OR NOT match_probability BETWEEN 0 AND 1",
    )


_IDENTIFIERS = (
    ("links", "mention_id"),
    ("review", "pair_id"),
    ("persons", "person_id"),
    ("households", "household_id"),
    ("life_events", "event_id"),
    ("determinations", "determination_id"),
    ("entitlements", "entitlement_id"),
    ("alerts", "alert_id"),
)
_REFERENCES = (
    ("links", "person_id", "persons", "person_id"),
    ("review", "candidate_person_id", "persons", "person_id"),
    ("life_events", "person_id", "persons", "person_id"),
    ("households", "father_person_id", "persons", "person_id"),
    ("households", "mother_person_id", "persons", "person_id"),
    ("determinations", "household_id", "households", "household_id"),
)
_LIVE_AND_DETERMINED = "FROM alerts a LEFT JOIN determinations d USING (determination_id) WHERE a.status = 'live'"
_ALERT_AUDITS = (
    Audit(
        "published.alerts.one_live_a_case",
        "consistency",
        "alerts",
        "SELECT 1 FROM alerts WHERE status = 'live' GROUP BY household_id, benefit_id, person_id, "
        "trigger_event_type HAVING count(*) > 1",
    ),
    Audit(
        "published.alerts.live_means_yes",
        "correctness",
        "alerts",
        f"SELECT 1 {_LIVE_AND_DETERMINED} AND d.verdict IS DISTINCT FROM 'yes' AND NOT coalesce(a.needs_review, false)",
    ),
    Audit(  # the worst outcome there is: a family told of a death that nobody has confirmed to be theirs
        "published.alerts.unconfirmed_stay_back",
        "correctness",
        "alerts",
        f"SELECT 1 {_LIVE_AND_DETERMINED} AND coalesce(d.needs_review, false) AND NOT coalesce(a.needs_review, false)",
    ),
    Audit(
        "published.alerts.amount_as_determined",
        "consistency",
        "alerts",
        f"SELECT 1 {_LIVE_AND_DETERMINED} AND a.amount_fen IS DISTINCT FROM d.amount_fen",
    ),
    Audit(
        "published.entitlements.amount_in_range",
        "correctness",
        "entitlements",
        "SELECT 1 FROM entitlements WHERE amount_fen IS NULL OR (amount_fen < 0 AND kind <> 'adjustment')",
    ),
)
_SHARE_AUDITS = (
    Audit(
        "published.entitlements.shares_add_up",
        "correctness",
        "entitlements",
        "SELECT 1 FROM entitlements AS e LEFT JOIN (SELECT entitlement_id, sum(amount_fen) AS shared_fen "
        "FROM entitlement_shares GROUP BY entitlement_id) USING (entitlement_id) "
        "WHERE shared_fen IS DISTINCT FROM e.amount_fen",
    ),
    Audit(
        "published.entitlement_shares.entry_is_there",
        "consistency",
        "entitlement_shares",
        "SELECT 1 FROM entitlement_shares ANTI JOIN entitlements USING (entitlement_id)",
    ),
)
AUDITS: tuple[Audit, ...] = tuple(_audits())
