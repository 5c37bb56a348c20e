"""What each condition of the vocabulary computes, as SQL over the evidence of all cases.

A condition is an expression that is `true`, `false:<reason>` or `unknown:<reason>`, and the facts it used:
opaque ids and dates, never a name or a record's key.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from transforms.eligibility.entries import Clause, ConditionUse, Policy


@dataclass(frozen=True)
class Computed:
    """SQL of the outcome, and of each fact by its name."""

    outcome: str
    facts: dict[str, str]


def compute(use: ConditionUse, clause: Clause, policy: Policy) -> Computed:
    """The SQL of a condition as this clause uses it; KeyError for an id outside the vocabulary."""
    return _COMPUTED[use.id](use.parameters, clause, policy)


def _bounds(policy: Policy) -> tuple[str, str]:
    """The first and the last day in force, as SQL; a document without an end never ends."""
    last = policy.in_force.until or date.max
    return f"DATE '{policy.in_force.from_.isoformat()}'", f"DATE '{last.isoformat()}'"


def _policy_in_force(_: dict[str, Any], clause: Clause, policy: Policy) -> Computed:
    begins, ends = _bounds(policy)
    known = f"WHEN known_on > {ends} THEN 'unknown:transitional'" if clause.rules_on == "event_date" else ""
    outcome = f"""CASE WHEN ruling_on IS NULL THEN 'unknown:event_undated'
        WHEN ruling_on < {begins} AND later_on BETWEEN {begins} AND {ends} THEN 'unknown:assessed_again'
        WHEN ruling_on < {begins} THEN 'false:not_yet_in_force'
        WHEN ruling_on > {ends} THEN 'unknown:no_policy_in_force' {known} ELSE 'true' END"""
    # a date that is every night another would make every night a new version of the same verdict
    ruling_on = "ruling_on" if clause.rules_on == "event_date" else "NULL"
    return Computed(
        outcome,
        {
            "ruling_on": ruling_on,
            "known_on": "known_on",
            "in_force_from": begins,
            "lapsed_after": ends if policy.in_force.until else "NULL",
        },
    )


_DIED = """CASE WHEN event_type <> 'death' THEN 'false:not_a_death' WHEN NOT stands THEN 'false:event_voided'
        ELSE 'true' END"""


def _disabled(grades: list[int]) -> str:
    return f"""CASE WHEN event_type <> 'disability' THEN 'false:not_a_disability'
        WHEN grade IS NULL THEN 'unknown:grade_missing'
        WHEN NOT list_contains({sorted(grades)}, grade) THEN 'false:grade_not_covered'
        WHEN has_valid THEN 'true' WHEN is_cancelled THEN 'false:certificate_cancelled'
        ELSE 'unknown:disability_certificate_not_valid' END"""


def _child_died(*_: Any) -> Computed:
    return Computed(_DIED, {"died_on": "trigger_on"})


def _child_living(*_: Any) -> Computed:
    return Computed(
        "CASE WHEN child_died_on <= trigger_on THEN 'false:child_dead' ELSE 'true' END",
        {"died_on": "child_died_on"},
    )


def _child_disabled(parameters: dict[str, Any], *_: Any) -> Computed:
    return Computed(
        _disabled(parameters["grades"]),
        {"grade": "grade", "assessed_on": "trigger_on", "assessed_again_on": "nullif(later_on, trigger_on)"},
    )


def _child_died_or_disabled(parameters: dict[str, Any], *_: Any) -> Computed:
    outcome = f"CASE WHEN event_type = 'death' THEN {_DIED} ELSE {_disabled(parameters['grades'])} END"
    return Computed(outcome, {"grade": "grade", "event_on": "trigger_on"})


def _certificate_in_force(*_: Any) -> Computed:
    outcome = """CASE WHEN is_in_force THEN 'true' WHEN is_certified IS NULL THEN 'unknown:no_certificate'
        WHEN is_all_later THEN 'unknown:certificate_issued_later' ELSE 'unknown:certificate_voided' END"""
    return Computed(outcome, {"certificate_no": "certificate_no", "issued_on": "issued_on", "voided_on": "voided_on"})


def _no_other_child(*_: Any) -> Computed:
    outcome = """CASE WHEN other_child_id IS NOT NULL THEN 'false:other_child'
        WHEN unsure_child_id IS NOT NULL THEN 'unknown:stepchild_or_own' ELSE 'true' END"""
    facts = {
        "other_child_id": "coalesce(other_child_id, unsure_child_id)",
        "since_on": "other_since_on",
        "by": "other_relation",
    }
    return Computed(outcome, facts)


def _not_adopted_away(*_: Any) -> Computed:
    return Computed(
        "CASE WHEN adopted_on IS NOT NULL THEN 'false:adopted_away' ELSE 'true' END", {"adopted_on": "adopted_on"}
    )


def _feed_covers(parameters: dict[str, Any], clause: Clause, _: Policy) -> Computed:
    """Fresh tonight, or delivered since the event became known: what has once been answered stays answered."""
    feed = parameters["feed"]
    row = f"coverage_{feed}"  # one of a closed list
    fresh = f"{row}.is_fresh AND {row}.load_status NOT IN ('blocked', 'failed', 'missing', 'stale')"
    since = f"OR {row}.last_delivered_on >= known_on" if clause.rules_on == "event_date" else ""
    covered = f"coalesce({row}.is_delivered AND (({fresh}) {since}), FALSE)"
    outcome = f"CASE WHEN {covered} THEN 'true' ELSE 'unknown:coverage_{feed}' END"
    carried = f"{row}.covers_from IS NULL OR {row}.covers_from > child_born_on"
    facts = {
        "feed": f"'{feed}'",
        "last_delivered_on": f"CASE WHEN NOT ({covered}) THEN {row}.last_delivered_on END",
        "covers_from": f"{row}.covers_from",
        "carried_by_certificate": f"CASE WHEN {carried} THEN TRUE END",
    }
    return Computed(outcome, facts)


def _parent_alive(*_: Any) -> Computed:
    return Computed("CASE WHEN alive > 0 THEN 'true' ELSE 'unknown:no_surviving_parent' END", {"alive": "alive"})


def _wife_reached_age(parameters: dict[str, Any], _: Clause, policy: Policy) -> Computed:
    """The wife's age decides for the couple; for a widowed or divorced father what `lone_father` says."""
    years = int(parameters["age"])
    begins, ends = _bounds(policy)
    # an assessment repeated inside the dates in force is asked with the age at that time
    asked_on = f"CASE WHEN trigger_on < {begins} AND later_on <= {ends} THEN later_on ELSE trigger_on END"
    early, late = (f"CAST({born} + INTERVAL {years} YEARS AS DATE)" for born in ("born_from", "born_to"))
    alone = "FALSE" if parameters["lone_father"] == "own_age" else "TRUE"
    wife_unknown = "mother_person_id IS NULL AND NOT is_half"
    outcome = f"""CASE WHEN {wife_unknown} THEN 'unknown:wife_unknown'
        WHEN is_wife = FALSE AND {alone} THEN 'unknown:widowed_or_divorced_by_own_age'
        WHEN born_from IS NULL THEN 'unknown:birth_date_missing'
        WHEN {late} <= {asked_on} THEN 'true'
        WHEN {early} <= {asked_on} THEN 'unknown:birth_dates_differ'
        WHEN year({early}) = year({asked_on}) THEN 'unknown:age_reached_within_year'
        ELSE 'false:below_age' END"""
    facts = {
        "age": str(years),
        "reached_on": late,
        "by": "CASE WHEN is_wife THEN 'wife' WHEN is_wife = FALSE THEN 'own_age' END",
        "question": "CASE WHEN is_wife = FALSE THEN 'widowed_or_divorced_by_own_age' END",
    }
    return Computed(outcome, facts)


_COMPUTED = {
    "policy_in_force": _policy_in_force,
    "child_died": _child_died,
    "child_living": _child_living,
    "child_disabled": _child_disabled,
    "child_died_or_disabled": _child_died_or_disabled,
    "certificate_in_force": _certificate_in_force,
    "no_other_child": _no_other_child,
    "not_adopted_away": _not_adopted_away,
    "feed_covers": _feed_covers,
    "parent_alive": _parent_alive,
    "wife_reached_age": _wife_reached_age,
}
