"""A site's alerts held against the truth that the simulator wrote beside it.

The truth knows who is who; it is read here and in tests, never by the product. An alert is recognised by whose
event it is (the true person of the triggering record), the benefit, and the claimant (couple, father, mother).
"""

import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

CASE = ["child", "benefit_id", "claimant"]

# The two households of a divorced couple are claimants of their own; a widowed parent stands for the couple.
_ALERTS = """
    SELECT a.*, h.only_child_certificate_no,
           CASE WHEN h.mother_person_id IS NULL AND d.parted IS NOT NULL THEN 'father'
                WHEN h.father_person_id IS NULL AND d.parted IS NOT NULL THEN 'mother'
                ELSE 'couple' END AS claimant
    FROM v_alerts AS a LEFT JOIN v_households AS h USING (household_id)
    LEFT JOIN (SELECT DISTINCT only_child_certificate_no AS parted FROM v_households WHERE status = 'divorced') AS d
           ON d.parted = h.only_child_certificate_no
"""


@dataclass(frozen=True)
class Judged:
    """One site's nights against the truth. Every due alert is in exactly one of the four counts."""

    due: int
    on_time: int  # told to a case worker on the night on which it became due
    in_review: int  # not told that night, but before a clerk or an officer
    late: int  # told, later than due, and nobody had it in review that night
    missed: int
    told: int
    false: int  # told to a case worker though not due
    alarms_in_review: int  # not due, and rightly kept before a clerk
    review_pairs: int
    details: pd.DataFrame  # what was not simply on time, for engineers

    @property
    def share_on_time(self) -> float:
        """Of the due alerts, those told on the due night."""
        return self.on_time / self.due if self.due else 1.0


def judge(site: Path, until: date) -> Judged:
    """Hold the published alerts of a simulated site (folder of site.toml) against truth/, up to a business date."""
    alerts, due = _alerts(site), _due(site, until)
    told = alerts[(alerts.alert_kind != "withdrawn") & (alerts.needs_review == 0)]
    waiting = alerts[(alerts.alert_kind != "withdrawn") & (alerts.needs_review == 1)]
    judged = due.merge(_first(told, "told_on"), on=CASE, how="left").merge(
        _first(waiting, "waits_on"), on=CASE, how="left"
    )
    judged["reviewable_on"] = _reviewable(site, judged)
    judged["outcome"] = [_outcome(row) for row in judged.itertuples()]
    false = _false(told, due)
    counts = judged.outcome.value_counts()
    unlike = judged[judged.outcome != "on_time"].assign(kind=lambda rows: rows.outcome)
    return Judged(
        due=len(due),
        on_time=int(counts.get("on_time", 0)),
        in_review=int(counts.get("in_review", 0)),
        late=int(counts.get("late", 0)),
        missed=int(counts.get("missed", 0)),
        told=len(told),
        false=len(false),
        alarms_in_review=len(_false(waiting, due)),
        review_pairs=_query(site, "SELECT count(*) AS n FROM v_review_pairs").n[0],
        details=pd.concat([unlike, false.assign(kind="false")]),
    )


def _query(site: Path, sql: str) -> pd.DataFrame:
    with sqlite3.connect(f"file:{site / 'warehouse.db'}?mode=ro", uri=True) as connection:
        return pd.read_sql_query(sql, connection)


def _alerts(site: Path) -> pd.DataFrame:
    """Published alerts with the true person whose event triggered them and the true child of the certificate."""
    alerts = _query(site, _ALERTS)
    mentions = pd.read_parquet(site / "truth" / "mentions.parquet")
    subjects = mentions[mentions.role == "subject"].rename(
        columns={"feed": "trigger_feed", "record_key": "trigger_record_key", "true_person_id": "child"}
    )
    children = mentions[(mentions.feed == "only_child_certificates") & (mentions.role == "child")].rename(
        columns={"record_key": "only_child_certificate_no", "true_person_id": "certified_child"}
    )
    found = alerts.merge(subjects.drop(columns="role"), on=["trigger_feed", "trigger_record_key"], how="left")
    return found.merge(
        children[["only_child_certificate_no", "certified_child"]], on="only_child_certificate_no", how="left"
    )


def _due(site: Path, until: date) -> pd.DataFrame:
    due = pd.read_parquet(site / "truth" / "alerts.parquet").rename(columns={"child_true_id": "child"})
    due["due_night"] = due.due_night.astype(str)
    return due[due.due_night <= until.isoformat()].reset_index(drop=True)


def _first(alerts: pd.DataFrame, name: str) -> pd.DataFrame:
    """The first night of each case, of alerts that concern the right child."""
    right = alerts[alerts.child == alerts.certified_child]
    return (
        right.sort_values("raised_on").drop_duplicates(CASE)[[*CASE, "raised_on"]].rename(columns={"raised_on": name})
    )


def _reviewable(site: Path, due: pd.DataFrame) -> list[str | None]:
    """The first night on which a review pair of one of the case's records, or an officer's item, stood open."""
    pairs = _query(site, "SELECT feed, record_key, known_on FROM review_pairs")
    officers = _query(
        site,
        """SELECT d.trigger_feed AS feed, d.trigger_record_key AS record_key, o.known_on
           FROM officer_list AS o JOIN determinations AS d USING (determination_id)""",
    )
    first = pd.concat([pairs, officers]).groupby(["feed", "record_key"]).known_on.min()
    known = {f"{feed}:{key}": str(day) for (feed, key), day in zip(first.index.to_list(), first, strict=True)}
    return [min((known[each] for each in _records(row) if each in known), default=None) for row in due.itertuples()]


def _records(row: object) -> list[str]:
    return [f"{row.trigger_feed}:{row.trigger_record_key}", *(row.trigger_record_keys or "").split(";")]  # type: ignore[attr-defined]


def _outcome(row: object) -> str:
    due, told = row.due_night, row.told_on  # type: ignore[attr-defined]
    waits = [day for day in (row.waits_on, row.reviewable_on) if isinstance(day, str)]  # type: ignore[attr-defined]
    if isinstance(told, str) and told <= due:
        return "on_time"
    if any(day <= due for day in waits):
        return "in_review"
    if isinstance(told, str) or waits:
        return "late"
    return "missed"


def _false(alerts: pd.DataFrame, due: pd.DataFrame) -> pd.DataFrame:
    """Alerts that no due case stands behind, or that were raised before it was due."""
    held = alerts.merge(due[[*CASE, "due_night"]], on=CASE, how="left")
    wrong = held.due_night.isna() | (held.child != held.certified_child) | (held.raised_on < held.due_night)
    return held[wrong]
