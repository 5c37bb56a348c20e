"""The verdict of every case: yes, no or unknown, why, and who has to look at it.

One condition false: no. Else one unknown: unknown. Else yes. A yes whose identity evidence nobody has confirmed
waits for a clerk; unknown neither pays nor refuses and goes to an officer.
"""

from datetime import date

import pyarrow as pa

from transforms.eligibility.cases import case_steps, clause_table
from transforms.eligibility.conditions import Asked, asked_by
from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.evidence import STEPS
from transforms.eligibility.receipt import conditions_json
from transforms.households import Households
from transforms.parentage import children_seen, stated_parents
from transforms.schemas import COVERAGE, DETERMINATIONS, REVIEW, empty
from transforms.sql import ask_in_steps, feed_rows

_EVIDENCE_FEEDS = ("household_register", "only_child_certificates", "marriages")

# Why identity evidence is doubtful; each is a sign that two sources do not agree on who or whether.
_DOUBT_REASONS = {
    "trigger_by_review_pair": "is_doubted",
    "voided_certificate_but_other_record": "is_void_contradicted AND stands",
    "death_dates_differ": "is_date_contradicted AND stands",
    "sign_of_life_after_death": "alive_on IS NOT NULL",
    "parents_disagree": "is_disagreeing",
    "certificate_names_similar_child": "is_in_force AND NOT is_named",
    "maybe_same_child": "same_child_id IS NOT NULL",
    "maybe_other_child": "doubted_child_id IS NOT NULL",
}
_NAMED = ", ".join(f"CASE WHEN {sql} THEN '{code}' END" for code, sql in _DOUBT_REASONS.items())
_DOUBTS_FOUND = f"list_filter([{_NAMED}], lambda code: code IS NOT NULL)"
_DETERMINED = """
    SELECT 'V' || substr(md5(concat_ws('|', household_id, benefit_id, child, event_type)), 1, 16) AS determination_id,
           household_id, policy_id, clause_id, benefit_id, verdict,
           verdict = 'yes' AND len(doubts_found) > 0 AS needs_review, child AS person_id, event_id AS trigger_event_id,
           event_type AS trigger_event_type, trigger_on, known_on AS trigger_known_on, feed AS trigger_feed,
           record_key AS trigger_record_key, CASE WHEN verdict = 'yes' THEN benefit_fen END AS amount_fen,
           CASE verdict WHEN 'yes' THEN 'all_conditions_met'
                WHEN 'no' THEN split_part(list_filter(outcomes, lambda o: starts_with(o, 'false'))[1], ':', 2)
                ELSE split_part(list_filter(outcomes, lambda o: starts_with(o, 'unknown'))[1], ':', 2)
           END AS reason_code, clause_no, outcomes, facts, doubts_found, divorced_on,
           CASE WHEN verdict = 'no' OR NOT is_alerting THEN 'nobody'
                WHEN trigger_on < $alerts_since THEN 'backlog'
                WHEN verdict = 'unknown' THEN 'officer'
                WHEN len(doubts_found) > 0 THEN 'clerk' ELSE 'case_worker' END AS listed_for
    FROM (SELECT *, CASE WHEN len(list_filter(outcomes, lambda o: starts_with(o, 'false'))) > 0 THEN 'no'
                         WHEN len(list_filter(outcomes, lambda o: starts_with(o, 'unknown'))) > 0 THEN 'unknown'
                         ELSE 'yes' END AS verdict FROM judged)
    ORDER BY determination_id
"""


def determine(
    policies: list[Policy],
    *,
    records: dict[str, pa.Table],
    links: pa.Table,
    review: pa.Table | None,
    events: pa.Table,
    households: Households,
    coverage: pa.Table | None,
    as_of: date,
    alerts_since: date,
) -> pa.Table:
    """DETERMINATIONS: one row per household, benefit, child and type of event, as they stand on `as_of`.

    A pure function of the whole state: the same tables give the same rows, whatever nights they came in. Only
    machine clauses that decide are asked. Without coverage rows every feed counts as not delivered.
    """
    deciding = [policy.model_copy(update={"clauses": _deciding(policy)}) for policy in policies]
    clauses = clause_table(deciding)
    if clauses.num_rows == 0:
        return empty(DETERMINATIONS)
    asked = [asked_by(clause, policy) for policy in deciding for clause in policy.clauses]
    steps = {
        **case_steps(deciding, as_of),
        **STEPS,
        "judged": _judged(asked),
        "determined": _DETERMINED.replace("$alerts_since", f"DATE '{alerts_since.isoformat()}'"),
    }
    (found,) = ask_in_steps(
        steps,
        ("determined",),
        links=links,
        events=events,
        clauses=clauses,
        review=empty(REVIEW) if review is None else review,
        coverage=empty(COVERAGE) if coverage is None else coverage,
        households=households.households,
        children=households.children,
        certificates=households.certificates,
        triples=stated_parents(records, links, events) if households.parents is None else households.parents,
        born=children_seen(records, links),
        **{feed: feed_rows(records, feed) for feed in _EVIDENCE_FEEDS},
    )
    told = conditions_json(found, asked)
    return found.append_column("conditions", told).select(DETERMINATIONS.names).cast(DETERMINATIONS)


def _deciding(policy: Policy) -> tuple[Clause, ...]:
    return tuple(clause for clause in policy.clauses if clause.machine == "decide")


def _judged(asked: list[list[Asked]]) -> str:
    """The evidence of every case with the outcome of each condition of its clause, and the facts, as lists of text."""
    return " UNION ALL ".join(_judged_by(number, uses) for number, uses in enumerate(asked))


def _judged_by(number: int, uses: list[Asked]) -> str:
    outcomes = ", ".join(part.outcome for _, part in uses)
    facts = ", ".join(f"CAST({sql} AS VARCHAR)" for _, part in uses for sql in part.facts.values())
    return f"""SELECT *, [{outcomes}] AS outcomes, [{facts}] AS facts, {_DOUBTS_FOUND} AS doubts_found
        FROM evidence WHERE clause_no = {number}"""  # noqa: S608  # made of checked policy entries only
