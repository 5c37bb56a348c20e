"""The verdict of every case: yes, no or unknown, why, and who has to look at it.

One condition false: no. Else one unknown: unknown. Else yes. A yes whose identity evidence nobody has confirmed
waits for a clerk; unknown neither pays nor refuses and goes to an officer.
"""

from datetime import date

import pyarrow as pa

from transforms.eligibility.amounts import amount_sql
from transforms.eligibility.cases import case_steps, ways_of
from transforms.eligibility.conditions import asked_by
from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.evidence import STEPS
from transforms.eligibility.facts import Facts
from transforms.eligibility.receipt import CONDITIONS, DECIDING, FACTS_HASH, told_by
from transforms.parentage import children_seen
from transforms.schemas import COVERAGE, DATED_VERDICTS, DETERMINATIONS, REVIEW, VISITS, empty
from transforms.sql import ask_in_steps, feed_rows
from transforms.standardise.divisions import replaced_codes

ENGINE = "2"  # what receipts name: raise it when the same facts may lead to another verdict

_EVIDENCE_FEEDS = (
    "household_register", "only_child_certificates", "marriages", "medical_settlements", "care_insurance_claims",
    "low_income",
)  # fmt: skip

# What a determination is made of, besides the outcomes.
_CARRIED = """household_id, child, subject, occasion, event_id, event_type, trigger_on, known_on, feed, record_key,
    ruling_on, divorced_on"""

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
# One clause: its cases with the outcome of each of its conditions, then its own verdict, then what is kept to be told.
_JUDGED = f"""
    SELECT * EXCLUDE (told, outcomes, facts, wrong, open), {DECIDING} AS deciding,
           split_part(coalesce(wrong[1], open[1], ':all_conditions_met'), ':', 2) AS own_reason
    FROM (SELECT *, CASE WHEN len(wrong) > 0 THEN 'no' WHEN len(open) > 0 THEN 'unknown' ELSE 'yes' END AS own_verdict
          FROM (SELECT *, $told AS told, list_filter(outcomes, lambda o: starts_with(o, 'false')) AS wrong,
                       list_filter(outcomes, lambda o: starts_with(o, 'unknown')) AS open
                FROM (SELECT {_CARRIED}, {_DOUBTS_FOUND} AS doubts_found, $fen AS benefit_fen,
                             $question AS amount_question, [$outcomes] AS outcomes, [$facts] AS facts
                      FROM evidence WHERE $asked)))
"""  # noqa: S608  # a query of ours
_DECIDED = """
    WITH decided AS ($judged),
    -- a benefit that the same event gives keeps another away
    taken AS (
        SELECT DISTINCT household_id, child, event_type, ruling_on, unnest(exclusions) AS benefit_id FROM decided
        WHERE own_verdict = 'yes')
    SELECT decided.*, taken.benefit_id IS NOT NULL AND own_verdict <> 'no' AS is_excluded,
           CASE WHEN taken.benefit_id IS NULL THEN own_verdict ELSE 'no' END AS verdict
    FROM decided LEFT JOIN taken ON taken.household_id = decided.household_id AND taken.child = decided.child
     AND taken.event_type = decided.event_type AND taken.benefit_id = decided.benefit_id
     AND taken.ruling_on IS NOT DISTINCT FROM decided.ruling_on
"""
_DETERMINED = f"""
    SELECT 'V' || substr(md5(concat_ws('|', household_id, benefit_id, child, event_type, occasion, subject)), 1, 16)
               AS determination_id,
           household_id, policy_id, clause_id, benefit_id, verdict,
           verdict = 'yes' AND len(doubts_found) > 0 AS needs_review, child AS person_id, subject AS subject_id,
           event_id AS trigger_event_id, event_type AS trigger_event_type, trigger_on, known_on AS trigger_known_on,
           feed AS trigger_feed, record_key AS trigger_record_key,
           CASE WHEN verdict = 'yes' THEN benefit_fen END AS amount_fen,
           CASE WHEN is_excluded THEN 'excluded' ELSE own_reason END AS reason_code,
           ruling_on, {CONDITIONS} AS conditions, {FACTS_HASH} AS facts_hash,
           CASE WHEN machine = 'prompt' AND verdict <> 'no' THEN 'prompt'
                WHEN machine = 'roster' AND verdict = 'yes' THEN 'roster'
                WHEN verdict = 'no' OR NOT is_alerting OR machine <> 'decide' THEN 'nobody'
                WHEN trigger_on < $alerts_since THEN 'backlog'
                WHEN verdict = 'unknown' THEN 'officer'
                WHEN len(doubts_found) > 0 THEN 'clerk' ELSE 'case_worker' END AS listed_for,
           policy_hash, '$engine' AS engine
    FROM decided ORDER BY determination_id, ruling_on
"""  # noqa: S608  # a query of ours


def determine(
    policies: list[Policy],
    facts: Facts,
    *,
    as_of: date,
    alerts_since: date,
    askings: pa.Table | None = None,
    in_full: bool = False,
) -> pa.Table:
    """DETERMINATIONS: one row per household, benefit and event, and per parent where a clause is asked of each.

    A pure function of the whole state: the same tables give the same rows, whatever nights they came in.
    `askings` (household_id, asked_on) says on which day each household is judged, where that is not `as_of` for all;
    `in_full` tells every condition of a no, not only those that are not true.
    """
    found = _determined(policies, facts, as_of, alerts_since, askings, in_full=in_full)
    if found is None:
        return empty(DETERMINATIONS)
    return found.select(DETERMINATIONS.names).cast(DETERMINATIONS)


def determine_on(policies: list[Policy], facts: Facts, askings: pa.Table, *, as_of: date) -> pa.Table:
    """DATED_VERDICTS: what the clauses of "the law of the day" say on other days than tonight, of some households.

    `askings` has rows (household_id, asked_on). Nothing is known that is not known tonight: a day that lies ahead is
    judged as if nothing happened until then, a day that lies back by what is known of it now.
    """
    of_the_day = [_of_the_day(policy) for policy in policies]
    found = _determined(of_the_day, facts, as_of, as_of, askings)
    if found is None:
        return empty(DATED_VERDICTS)
    return found.rename_columns({"ruling_on": "asked_on"}).select(DATED_VERDICTS.names).cast(DATED_VERDICTS)


def _of_the_day(policy: Policy) -> Policy:
    return policy.model_copy(update={"clauses": tuple(c for c in policy.clauses if c.rules_on == "as_of")})


def _determined(
    policies: list[Policy],
    facts: Facts,
    as_of: date,
    alerts_since: date,
    askings: pa.Table | None = None,
    *,
    in_full: bool = False,
) -> pa.Table | None:
    """The rows of _DETERMINED; None where no clause is asked."""
    clauses = [(clause, policy) for policy in policies for clause in policy.clauses]
    if not clauses:
        return None
    determined = _DETERMINED.replace("$alerts_since", f"DATE '{alerts_since.isoformat()}'").replace("$engine", ENGINE)
    judged = {f"judged_{at}": _judging(*each).replace("$in_full", str(in_full)) for at, each in enumerate(clauses)}
    together = " UNION ALL ".join(_of_clause(at, *each) for at, each in enumerate(clauses))
    steps = {
        **case_steps(policies, as_of, on_days=askings is not None),
        **STEPS,
        **judged,  # one query a clause: together they would take ten times as long to plan
        "decided": _DECIDED.replace("$judged", together),
        "determined": determined,
    }
    tables = _tables(facts) | ({} if askings is None else {"askings": askings})
    (found,) = ask_in_steps(steps, ("determined",), **tables)
    return found


def _tables(facts: Facts) -> dict[str, pa.Table]:
    records, links, homes = dict(facts.records), facts.links, facts.households
    return {
        "links": links,
        "events": facts.events,
        "review": empty(REVIEW) if facts.review is None else facts.review,
        "coverage": empty(COVERAGE) if facts.coverage is None else facts.coverage,
        "visits": empty(VISITS) if facts.visits is None else facts.visits,
        "households": homes.households,
        "children": homes.children,
        "certificates": homes.certificates,
        "triples": facts.parents,
        "born": children_seen(records, links),
        "replaced_codes": pa.table(
            {"code_before": list(replaced_codes()), "today": list(replaced_codes().values())},
            schema=pa.schema([("code_before", pa.string()), ("today", pa.string())]),
        ),
        **{feed: feed_rows(records, feed) for feed in _EVIDENCE_FEEDS},
    }


def _judging(clause: Clause, policy: Policy) -> str:
    """The query of one clause, over the evidence of the cases that it asks."""
    asked, (fen, question) = asked_by(clause, policy), amount_sql(clause, policy)
    ways = " OR ".join(
        f"(event_type = '{event}' AND rules_on = '{rules_on}' AND is_of_parent = {is_of_parent})"
        for event, rules_on, is_of_parent in ways_of(clause)
    )
    said = {
        "$told": told_by(asked),
        "$fen": fen,
        "$question": question,
        "$outcomes": ", ".join(part.outcome for _, part in asked),
        "$facts": ", ".join(f"CAST({sql} AS VARCHAR)" for _, part in asked for sql in part.facts.values()),
        "$asked": ways,
    }
    query = _JUDGED
    for name, words in said.items():
        query = query.replace(name, words)
    return query


def _of_clause(number: int, clause: Clause, policy: Policy) -> str:
    """The cases of a clause as judged, with what a determination tells of the clause."""
    named = ", ".join(f"'{each}'" for each in clause.exclusions)
    exclusions = f"CAST([{named}] AS VARCHAR[])"
    return f"""SELECT *, '{policy.id}' AS policy_id, '{clause.id}' AS clause_id, '{clause.benefit.id}' AS benefit_id,
        '{clause.machine}' AS machine, {clause.alert} AS is_alerting, {exclusions} AS exclusions,
        '{policy.digest()}' AS policy_hash FROM judged_{number}"""  # noqa: S608  # checked policy entries only
