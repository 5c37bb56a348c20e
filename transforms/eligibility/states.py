"""How far each family is on its way: suspected, confirmed by a visit, active, ended with the reason.

A family is a household and what befell its child. Records make it suspected, a visit confirms or refutes it; it is
active once an amount is payable, and ended where a visit found otherwise or no clause says yes any more.
"""

from datetime import date

import pyarrow as pa

from transforms.eligibility.entries import Policy
from transforms.schemas import HOUSEHOLD_STATES, VISITS, empty
from transforms.sql import ask

_STATES = """
    WITH judged AS (
        SELECT household_id, person_id, trigger_event_type AS event_type, bool_or(verdict = 'yes') AS is_yes,
               bool_or(verdict = 'unknown') AS is_open, arg_min(reason_code, clause_no) AS reason_code,
               list(determination_id) AS determination_ids
        FROM determinations JOIN deciding USING (policy_id, clause_id)
        WHERE trigger_event_type IN ('death', 'disability') GROUP BY ALL),
    latest AS (
        SELECT household_id, person_id, event_type, outcome, visited_on FROM visits
        WHERE outcome IN ('confirmed', 'refuted')
        QUALIFY row_number() OVER (PARTITION BY household_id, person_id, event_type
                                   ORDER BY visited_on DESC, recorded_on DESC, visit_id) = 1),
    owed AS (
        SELECT DISTINCT determination_id FROM entries WHERE status IN ('payable', 'paid')),
    paying AS (
        SELECT DISTINCT household_id, person_id, event_type
        FROM (SELECT household_id, person_id, event_type, unnest(determination_ids) AS determination_id FROM judged)
        JOIN owed USING (determination_id)),
    found AS (
        SELECT household_id, person_id, event_type, visited_on,
               CASE WHEN outcome = 'refuted' THEN 'ended'
                    WHEN outcome = 'confirmed' AND is_yes AND paying.person_id IS NOT NULL THEN 'active'
                    WHEN outcome = 'confirmed' AND (is_yes OR is_open) THEN 'confirmed'
                    WHEN outcome = 'confirmed' THEN 'ended'
                    WHEN is_yes THEN 'suspected' WHEN is_open THEN coalesce(before.state, 'none')
                    WHEN before.state IS NOT NULL THEN 'ended' ELSE 'none' END AS state,
               CASE WHEN outcome = 'refuted' THEN 'refuted_by_visit'
                    ELSE coalesce(judged.reason_code, before.reason_code, 'no_longer_found') END AS reason_code,
               before.state AS state_before, before.since_on AS since_before
        FROM judged FULL JOIN latest USING (household_id, person_id, event_type)
        FULL JOIN previous AS before USING (household_id, person_id, event_type)
        LEFT JOIN paying USING (household_id, person_id, event_type))
    SELECT household_id, person_id, event_type, state, CASE WHEN state = 'ended' THEN reason_code END AS reason_code,
           CASE WHEN state = state_before THEN since_before
                WHEN state IN ('confirmed', 'active') THEN visited_on ELSE $as_of END AS since_on
    FROM found WHERE state <> 'none' ORDER BY household_id, person_id, event_type
"""


def household_states(
    determinations: pa.Table,
    entries: pa.Table,
    policies: list[Policy],
    previous: pa.Table | None,
    *,
    visits: pa.Table | None,
    as_of: date,
) -> pa.Table:
    """HOUSEHOLD_STATES after this night. `entries` is the ledger of the same night, `previous` the states before it."""
    return ask(
        _STATES.replace("$as_of", f"DATE '{as_of.isoformat()}'"),
        HOUSEHOLD_STATES,
        determinations=determinations,
        entries=entries,
        visits=empty(VISITS) if visits is None else visits,
        previous=empty(HOUSEHOLD_STATES) if previous is None else previous,
        deciding=_deciding(policies),
    )


def _deciding(policies: list[Policy]) -> pa.Table:
    rows = [(p.id, c.id) for p in policies for c in p.clauses if c.machine == "decide"]
    return pa.table(
        {
            "policy_id": pa.array([policy for policy, _ in rows], pa.string()),
            "clause_id": pa.array([clause for _, clause in rows], pa.string()),
            "clause_no": pa.array(range(len(rows)), pa.int64()),
        }
    )
