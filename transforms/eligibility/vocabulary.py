"""The words that expressions of a policy may use: what each means, and where it stands among the evidence of a case.

A case is a household and the event that befell its child. A word that is unknown says why, by a code whose words
stand in words.yaml.
"""

from datetime import date

from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.expressions import Word

COVERED_FEEDS = ("births", "adoptions", "household_register", "only_child_certificates")


def words_of(clause: Clause, policy: Policy) -> dict[str, Word]:
    """The vocabulary as a clause of a policy sees it, in the order in which it is listed for officers."""
    return {**_event(policy), **_CHILD, **_PARENTS, **_HOUSEHOLD, **_coverage(clause)}


def bounds(policy: Policy) -> tuple[str, str]:
    """The first and the last day in force, as SQL; a document without an end never ends."""
    first, last = policy.in_force.from_ or date.max, policy.in_force.until or date.max
    return f"DATE '{first.isoformat()}'", f"DATE '{last.isoformat()}'"


def _event(policy: Policy) -> dict[str, Word]:
    begins, ends = bounds(policy)
    repeated = f"trigger_on < {begins} AND later_on <= {ends}"
    undated = _when("trigger_on", "event_undated")
    day = {"event_on": "trigger_on"}
    return {
        "event.kind": Word("text", "事件：死亡 death、残疾评定 disability", "death or disability", "event_type"),
        "event.on": Word("date", "事件日期", "the day of the event", "trigger_on", unknown=undated, facts=day),
        "event.asked_on": Word(
            "date", "事件日期；生效前评定、有效期内再次评定的，是再次评定那天",
            "the day of the event, or of the assessment that repeats it while the document is in force",
            f"CASE WHEN {repeated} THEN later_on ELSE trigger_on END", unknown=undated),
        "asked.on": Word(
            "date", "适用日：事件那天，或判定这天", "the day that rules: of the event, or today", "ruling_on",
            unknown=undated),
        "event.stands": Word("yes_no", "事件的记录没有作废", "its record was not voided", "stands", facts=day),
        "event.grade": Word(
            "number", "残疾等级，一级最重", "grade of the disability, 1 the gravest", "grade",
            unknown=_when("grade", "grade_missing"),
            facts={"grade": "grade", **day, "assessed_again_on": "nullif(later_on, trigger_on)"}),
        "event.certificate_is_valid": Word(
            "yes_no", "评定所发的残疾人证有效", "the disability certificate of the assessment is valid",
            "CASE WHEN has_valid THEN TRUE WHEN is_cancelled THEN FALSE END",
            unknown="CASE WHEN NOT has_valid AND NOT is_cancelled THEN 'disability_certificate_not_valid' END"),
    }  # fmt: skip


def _when(column: str, code: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN '{code}' END"


_CHILD = {
    "child.is_alive": Word("yes_no", "子女当时在世", "the child was alive at the event",
                           "NOT coalesce(child_died_on <= trigger_on, FALSE)", facts={"died_on": "child_died_on"}),
    "child.was_adopted": Word("yes_no", "子女已由他人收养", "the child had been adopted by others",
                              "(adopted_on IS NOT NULL)", facts={"adopted_on": "adopted_on"}),
}  # fmt: skip

_WIFE_UNKNOWN = "mother_person_id IS NULL AND NOT is_half"
_BORN_UNKNOWN = f"""CASE WHEN {_WIFE_UNKNOWN} THEN 'wife_unknown' WHEN born_from IS NULL THEN 'birth_date_missing'
    WHEN born_from <> born_to THEN 'birth_dates_differ' END"""
_PARENTS = {
    "wife_or_lone_parent.born_on": Word(
        "date", "女方（丧偶或离异的按本人）的出生日期",
        "birth date of the wife, or of a widowed or divorced parent",
        f"CASE WHEN NOT ({_WIFE_UNKNOWN}) THEN born_from END", f"CASE WHEN NOT ({_WIFE_UNKNOWN}) THEN born_to END",
        unknown=_BORN_UNKNOWN, facts={"by": "CASE WHEN is_wife THEN 'wife' WHEN is_wife = FALSE THEN 'own_age' END"}),
    "wife_or_lone_parent.is_wife": Word(
        "yes_no", "由女方的年龄决定", "whether that is the wife", "is_wife", unknown=_when("is_wife", "wife_unknown")),
}  # fmt: skip

_HOUSEHOLD = {
    "household.has_living_parent": Word(
        "yes_no", "父母至少一方在世", "at least one parent is alive", "CASE WHEN alive > 0 THEN TRUE END",
        unknown="CASE WHEN coalesce(alive, 0) = 0 THEN 'no_surviving_parent' END", facts={"alive": "alive"}),
    "household.has_other_child": Word(
        "yes_no", "另有子女（再生育或收养）", "there is another child, born or adopted",
        "CASE WHEN other_child_id IS NOT NULL THEN TRUE WHEN unsure_child_id IS NULL THEN FALSE END",
        unknown="CASE WHEN other_child_id IS NULL AND unsure_child_id IS NOT NULL THEN 'stepchild_or_own' END",
        facts={"other_child_id": "coalesce(other_child_id, unsure_child_id)", "since_on": "other_since_on",
               "by": "other_relation"}),
    "household.certificate_is_in_force": Word(
        "yes_no", "独生子女证有效", "an only-child certificate is in force at the event",
        "CASE WHEN is_in_force THEN TRUE END",
        unknown="""CASE WHEN is_in_force THEN NULL WHEN is_certified IS NULL THEN 'no_certificate'
            WHEN is_all_later THEN 'certificate_issued_later' ELSE 'certificate_voided' END""",
        facts={"certificate_no": "certificate_no", "issued_on": "issued_on", "voided_on": "voided_on"}),
}  # fmt: skip


def _coverage(clause: Clause) -> dict[str, Word]:
    return {f"coverage.{feed}": _covered(feed, clause) for feed in COVERED_FEEDS}


def _covered(feed: str, clause: Clause) -> Word:
    # Fresh tonight, or delivered since the event became known: what has once been answered stays answered.
    row = f"coverage_{feed}"
    fresh = f"{row}.is_fresh AND {row}.load_status NOT IN ('blocked', 'failed', 'missing', 'stale')"
    since = f"OR {row}.last_delivered_on >= known_on" if clause.rules_on == "event_date" else ""
    covered = f"coalesce({row}.is_delivered AND (({fresh}) {since}), FALSE)"
    carried = f"{row}.covers_from IS NULL OR {row}.covers_from > child_born_on"
    facts = {
        "feed": f"'{feed}'",
        "last_delivered_on": f"CASE WHEN NOT ({covered}) THEN {row}.last_delivered_on END",
        "covers_from": f"{row}.covers_from",
        "carried_by_certificate": f"CASE WHEN {carried} THEN TRUE END",
    }
    zh, en = f"{feed} 的数据到达且未过期", f"{feed}: delivered and fresh"
    unknown = f"CASE WHEN NOT ({covered}) THEN 'coverage_{feed}' END"
    return Word("yes_no", zh, en, f"CASE WHEN {covered} THEN TRUE END", unknown=unknown, facts=facts)
