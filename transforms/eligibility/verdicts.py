"""The verdict of every case: yes, no or unknown, why, and who has to look at it.

One condition false: no. Else one unknown: unknown. Else yes. A yes whose identity evidence nobody has confirmed
waits for a clerk; unknown neither pays nor refuses and goes to an officer.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.coverage import feeds_declared, in_todays_columns
from transforms.eligibility.cases import case_steps
from transforms.eligibility.entries import Policy
from transforms.eligibility.evidence import STEPS, evidence_of
from transforms.eligibility.facts import Facts
from transforms.eligibility.outcomes import Law, law_of
from transforms.eligibility.receipt import CONDITIONS, FACTS_HASH, TOLD
from transforms.parentage import children_seen
from transforms.schemas import COVERAGE, DATED_VERDICTS, DETERMINATIONS, REVIEW, VISITS, empty
from transforms.sql import ask_in_steps, feed_rows
from transforms.standardise.divisions import replaced_codes

ENGINE = "4"  # what receipts name: raise it when the same facts may lead to another verdict

_CASES_AT_ONCE: Final = 12_288  # with 70 clauses 90,000 verdicts, 200 MB on the way
_EVIDENCE_FEEDS = (
    "household_register", "only_child_certificates", "marriages", "medical_settlements", "care_insurance_claims",
    "low_income",
)  # fmt: skip

# What a determination is made of, besides the outcomes.
_CARRIED = """case_id, household_id, child, subject, occasion, event_id, event_type, rules_on, is_of_parent, trigger_on,
    known_on, feed, record_key, ruling_on, divorced_on"""

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
_FOUND = """
    SELECT case_id, condition_no, split_part(outcome, ':', 1) AS status,
           nullif(split_part(outcome, ':', 2), '') AS reason, facts FROM outcomes
"""
# What is asked of each case by each clause, in its order, with what came out; then the clause's own verdict.
_PARTS = """
    SELECT case_id, clause_no, position, condition_no, status, reason
    FROM evidence JOIN ways USING (event_type, rules_on, is_of_parent) JOIN asked USING (clause_no)
    JOIN found USING (case_id, condition_no)
"""
_OWN = """
    SELECT case_id, clause_no,
           CASE WHEN bool_or(status = 'false') THEN 'no' WHEN bool_or(status = 'unknown') THEN 'unknown' ELSE 'yes' END
               AS own_verdict,
           coalesce(arg_min(reason, position) FILTER (status = 'false'),
                    arg_min(reason, position) FILTER (status = 'unknown'), 'all_conditions_met') AS own_reason
    FROM parts GROUP BY case_id, clause_no
"""
# Of a yes everything is told, of a no what is false, of an unknown what is unknown: what decided it.
_TOLD = f"""
    SELECT case_id, clause_no, string_agg({TOLD}, ',' ORDER BY position) AS told
    FROM parts JOIN own USING (case_id, clause_no) JOIN conditions USING (condition_no)
    JOIN (SELECT case_id, condition_no, facts FROM found) USING (case_id, condition_no)
    WHERE $in_full OR own_verdict = CASE status WHEN 'false' THEN 'no' WHEN 'unknown' THEN 'unknown' ELSE 'yes' END
    GROUP BY case_id, clause_no
"""  # noqa: S608  # a query of ours
_DECIDED = f"""
    WITH carried AS (SELECT {_CARRIED}, {_DOUBTS_FOUND} AS doubts_found FROM evidence),
    decided AS (
        SELECT carried.*, clauses.*, own_verdict, own_reason, told, benefit_fen, amount_question
        FROM own JOIN carried USING (case_id) JOIN clauses USING (clause_no) LEFT JOIN told USING (case_id, clause_no)
        JOIN amounts USING (case_id, amount_no)),
    -- a benefit that the same event gives keeps another of its document away: a household's from each of its persons,
    -- a person's from that person and from the household
    taken AS (
        SELECT household_id, child, event_type, rules_on, ruling_on, policy_id, subject,
               unnest(exclusions) AS benefit_id
        FROM decided WHERE own_verdict = 'yes'),
    weighed AS (
        SELECT decided.*, own_verdict <> 'no' AND EXISTS (
            SELECT 1 FROM taken
            WHERE taken.household_id = decided.household_id AND taken.child = decided.child
              AND taken.event_type = decided.event_type AND taken.policy_id = decided.policy_id
              AND taken.benefit_id = decided.benefit_id
              AND (taken.rules_on <> decided.rules_on OR taken.ruling_on IS NOT DISTINCT FROM decided.ruling_on)
              AND (taken.subject IS NULL OR decided.subject IS NULL OR taken.subject = decided.subject)) AS is_excluded
        FROM decided)
    SELECT *, CASE WHEN is_excluded THEN 'no' ELSE own_verdict END AS verdict FROM weighed
"""  # noqa: S608  # a query of ours
_DETERMINED = f"""
    SELECT 'V' || substr(md5(concat_ws('|', household_id, policy_id, benefit_id, child, event_type, occasion, subject)),
                         1, 16) AS determination_id,
           household_id, policy_id, clause_id, benefit_id, verdict,
           verdict = 'yes' AND len(doubts_found) > 0 AS needs_review, child AS person_id, subject AS subject_id,
           event_id AS trigger_event_id, event_type AS trigger_event_type, trigger_on, known_on AS trigger_known_on,
           feed AS trigger_feed, record_key AS trigger_record_key,
           CASE WHEN verdict = 'yes' THEN benefit_fen END AS amount_fen,
           CASE WHEN is_excluded THEN 'excluded' ELSE own_reason END AS reason_code,
           rules_on, ruling_on, {CONDITIONS} AS conditions, {FACTS_HASH} AS facts_hash,
           CASE WHEN machine = 'prompt' AND verdict <> 'no' THEN 'prompt'
                WHEN machine = 'roster' AND verdict = 'yes' THEN 'roster'
                WHEN verdict = 'no' OR NOT is_alerting OR machine <> 'decide' THEN 'nobody'
                WHEN trigger_on < $alerts_since THEN 'backlog'
                WHEN verdict = 'unknown' THEN 'officer'
                WHEN len(doubts_found) > 0 THEN 'clerk' ELSE 'case_worker' END AS listed_for,
           policy_hash, '{ENGINE}' AS engine
    FROM decided ORDER BY household_id, determination_id, ruling_on
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
    `in_full` tells every condition, also those that did not decide.
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
    found = _determined(of_the_day, facts, as_of, as_of, askings, in_full=False)
    if found is None:
        return empty(DATED_VERDICTS)
    dated = found.filter(pc.equal(found["rules_on"], "as_of")).rename_columns({"ruling_on": "asked_on"})
    return dated.select(DATED_VERDICTS.names).cast(DATED_VERDICTS)


def _of_the_day(policy: Policy) -> Policy:
    """With the clauses that keep one of these away, whatever day they go by."""
    return policy.model_copy(
        update={"clauses": tuple(c for c in policy.clauses if c.rules_on == "as_of" or c.exclusions)}
    )


def _determined(
    policies: list[Policy],
    facts: Facts,
    as_of: date,
    alerts_since: date,
    askings: pa.Table | None,
    *,
    in_full: bool,
) -> pa.Table | None:
    """The rows of _DETERMINED; None where no clause is asked."""
    if not any(policy.clauses for policy in policies):
        return None
    tables = _tables(facts) | ({} if askings is None else {"askings": askings})
    steps = case_steps(policies, as_of, on_days=askings is not None) | STEPS
    steps["evidence"] = evidence_of(feeds_declared(tables["coverage"]))
    (evidence,) = ask_in_steps(steps, ("evidence",), **tables)
    said = {"$alerts_since": f"DATE '{alerts_since.isoformat()}'", "$in_full": str(in_full)}
    law = law_of(policies)
    return pa.concat_tables(_judged(law, part, said) for part in _by_household(evidence))


def _judged(law: Law, evidence: pa.Table, said: dict[str, str]) -> pa.Table:
    """The verdicts of all clauses on some cases."""
    steps = {
        **law.steps,
        "found": _FOUND,
        "parts": _PARTS,
        "own": _OWN,
        "told": _TOLD.replace("$in_full", said["$in_full"]),
        "decided": _DECIDED,
        "determined": _DETERMINED.replace("$alerts_since", said["$alerts_since"]).replace("$in_full", said["$in_full"]),
    }
    (found,) = ask_in_steps(steps, ("determined",), evidence=evidence, **law.tables)
    return found


def _by_household(evidence: pa.Table) -> Iterator[pa.Table]:
    """The evidence, which is in the order of households, in parts that memory holds: a household is in one of them."""
    homes = evidence["household_id"].to_numpy()
    begins = np.flatnonzero(homes[1:] != homes[:-1]) + 1
    after = np.searchsorted(begins, np.arange(_CASES_AT_ONCE, len(homes), _CASES_AT_ONCE))
    borders = [0, *np.unique(begins[after[after < len(begins)]]).tolist(), len(homes)]
    return (evidence.slice(begin, end - begin) for begin, end in pairwise(borders))


def _tables(facts: Facts) -> dict[str, pa.Table]:
    records, links, homes = facts.records, facts.links, facts.households
    return {
        "links": links,
        "events": facts.events,
        "review": empty(REVIEW) if facts.review is None else facts.review,
        "coverage": empty(COVERAGE) if facts.coverage is None else in_todays_columns(facts.coverage),
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
