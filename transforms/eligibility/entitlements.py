"""Amounts owed, as a ledger: entries are added, never edited.

A yes puts an entry in; when the verdict falls or its amount or year changes, an adjustment of the negative amount
takes it out again and a new entry may follow. An entry is `suspected` until a visit confirms it (money moves only
then), and `reversed` once an adjustment answers it; its amount stays as written.
"""

import pyarrow as pa

from transforms.eligibility.policy import Policy
from transforms.schemas import ENTITLEMENTS, empty
from transforms.sql import ask

# entitlement_id: N, the digits of the determination, the count of its entries; an adjustment has an R behind.
_LEDGER = """
    WITH entries AS (
        SELECT *, 'V' || substr(entitlement_id, 2, 16) AS determination_id FROM previous),
    counted AS (
        SELECT determination_id, count(*) FILTER (kind = 'one_off') AS written,
               bool_or(kind = 'one_off' AND status = 'suspected') AS is_standing
        FROM entries GROUP BY determination_id),
    due AS (
        SELECT d.*, coalesce(written, 0) AS written, make_date(year(trigger_on), 1, 1) AS year_from,
               make_date(year(trigger_on), 12, 31) AS year_to
        FROM determinations AS d JOIN paying USING (policy_id, clause_id) LEFT JOIN counted USING (determination_id)
        WHERE verdict = 'yes' AND d.amount_fen > 0 AND (NOT needs_review OR coalesce(is_standing, FALSE))),
    kept AS (
        SELECT entitlement_id FROM entries JOIN due USING (determination_id)
        WHERE kind = 'one_off' AND status = 'suspected' AND entries.amount_fen = due.amount_fen
          AND period_from = year_from AND entries.household_id = due.household_id),
    fallen AS (
        SELECT * FROM entries WHERE kind = 'one_off' AND status = 'suspected'
        AND entitlement_id NOT IN (SELECT entitlement_id FROM kept))
    SELECT * REPLACE (CASE WHEN entitlement_id IN (SELECT entitlement_id FROM fallen) THEN 'reversed' ELSE status END
                      AS status) FROM previous
    UNION ALL
    SELECT entitlement_id || 'R', household_id, person_id, policy_id, clause_id, benefit_id, period_from, period_to,
           -amount_fen, 'adjustment', 'reversed' FROM fallen
    UNION ALL
    SELECT 'N' || substr(determination_id, 2) || '-' || (written + 1), household_id, NULL, policy_id, clause_id,
           benefit_id, year_from, year_to, amount_fen, 'one_off', 'suspected'
    FROM due WHERE determination_id NOT IN (SELECT determination_id FROM entries JOIN kept USING (entitlement_id))
    ORDER BY entitlement_id
"""


def entitlements(determinations: pa.Table, policies: list[Policy], previous: pa.Table | None = None) -> pa.Table:
    """ENTITLEMENTS after this night: all of `previous`, adjustments for what no longer holds, and what is new.

    One-off amounts stand in the calendar year of the event. `person_id` is null: these amounts belong to the
    household. What is owed on identity evidence that a clerk has not confirmed is not entered; an entry once made
    stays while the verdict does.
    """
    rows = [(p.id, c.id) for p in policies for c in p.clauses if c.benefit.kind == "one_off"]
    paying = pa.table(
        {
            "policy_id": pa.array([policy for policy, _ in rows], pa.string()),
            "clause_id": pa.array([clause for _, clause in rows], pa.string()),
        }
    )
    before = empty(ENTITLEMENTS) if previous is None else previous.select(ENTITLEMENTS.names)
    return ask(_LEDGER, ENTITLEMENTS, previous=before, determinations=determinations, paying=paying)
