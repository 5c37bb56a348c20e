"""What a site holds in the end, under names that do not depend on the night in which something became known."""

from collections import Counter
from pathlib import Path
from typing import Any

from tests.site_views import rows


def standing(site: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The published views as they stand now: persons are named by their first mention, households by their parents.

    Left out is what tells of the nights themselves: when a fact became known, when an alert was raised, in which
    delivery a row came.
    """
    links = sorted(rows(site, "select * from v_record_links"), key=_mention)
    persons: dict[str | None, Any] = {None: None}
    for link in links:
        persons.setdefault(link["person_id"], _mention(link))
    homes: dict[str | None, Any] = {
        row["household_id"]: (
            persons[row["father_person_id"]],
            persons[row["mother_person_id"]],
            row["only_child_certificate_no"],
        )
        for row in rows(site, "select * from v_households")
    }
    at_home = {"household_id": homes.get, "person_id": persons.get, "subject_id": persons.get}

    def told(query: str, *names: str) -> list[tuple[Any, ...]]:
        found = [tuple(at_home.get(name, str)(row[name]) for name in names) for row in rows(site, query)]
        return sorted(found, key=repr)

    return {
        "record_links": told("select * from v_record_links", "feed", "record_key", "role", "person_id", "decided_by"),
        "review_pairs": told(
            "select *, candidate_person_id as person_id from v_review_pairs", "feed", "record_key", "role", "person_id"
        ),
        "persons": told("select * from v_persons", "person_id", "is_deceased", "died_on"),
        "households": told("select * from v_households", "household_id", "township_code", "status"),
        "life_events": told(
            "select * from v_life_events", "event_type", "person_id", "occurred_on", "feed", "record_key", "status"
        ),
        "determinations": told(
            "select * from v_determinations where superseded_on is null",
            "household_id", "policy_id", "clause_id", "subject_id", "person_id", "verdict", "reason_code", "amount_fen",
        ),
        "alerts": told(
            "select * from v_alerts where status = 'live'",
            "household_id", "policy_id", "clause_id", "trigger_event_type", "trigger_on", "needs_review", "amount_fen",
            "township_code",
        ),
        "quarantine": told(
            "select distinct feed, record_key, reason_code, column_name from v_quarantine",
            "feed", "record_key", "reason_code", "column_name",
        ),
        "entitlements": _owed(site, homes, persons),
    }  # fmt: skip


def _owed(site: Path, homes: dict[str | None, Any], persons: dict[str | None, Any]) -> list[tuple[Any, ...]]:
    """What is owed in the end, by family, benefit and period: entries and what took them back, added up."""
    owed: Counter[tuple[Any, ...]] = Counter()
    for row in rows(site, "select * from v_entitlements"):
        whose = (homes.get(row["household_id"]), persons.get(row["person_id"]))
        owed[(*whose, row["benefit_id"], row["period_from"], row["period_to"])] += row["amount_fen"]
    return sorted(((*key, fen) for key, fen in owed.items() if fen), key=repr)


def _mention(link: dict[str, Any]) -> tuple[str, str, str]:
    return link["feed"], link["record_key"], link["role"]
