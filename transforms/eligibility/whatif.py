"""What another law would change: who gains, who loses, and what it costs, by payer and township.

Two sets of DETERMINATIONS of the same facts are held against each other. Nothing is written anywhere.
"""

from typing import Final

import pyarrow as pa

from transforms.eligibility.amounts import rows_of
from transforms.eligibility.entitlements import UNSTATED
from transforms.eligibility.entries import Policy
from transforms.sql import ask_in_steps

CHANGES: Final = pa.schema(  # one row per verdict that is another, or gives another amount
    [
        ("change", pa.string()),  # gains | loses | amount | unsettled (unknown now) | settled (no longer unknown)
        ("benefit_id", pa.string()),
        ("household_id", pa.string()),
        ("person_id", pa.string()),  # the child
        ("subject_id", pa.string()),  # the parent asked about; null: the household
        ("township_code", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("reason_before", pa.string()),
        ("reason_after", pa.string()),
        ("fen_before", pa.int64()),
        ("fen_after", pa.int64()),
    ]
)
COSTS: Final = pa.schema(  # what the yes verdicts come to: one-off amounts once, recurring ones in a year
    [
        ("recurs", pa.bool_()),
        ("payer", pa.string()),
        ("township_code", pa.string()),
        ("fen_before", pa.int64()),
        ("fen_after", pa.int64()),
    ]
)

_CHANGES = """
    SELECT CASE WHEN a.verdict = 'yes' AND b.verdict = 'yes' THEN 'amount'
                WHEN a.verdict = 'yes' THEN 'gains' WHEN b.verdict = 'yes' THEN 'loses'
                WHEN a.verdict = 'unknown' THEN 'unsettled' ELSE 'settled' END AS change,
           coalesce(a.benefit_id, b.benefit_id) AS benefit_id, coalesce(a.household_id, b.household_id) AS household_id,
           coalesce(a.person_id, b.person_id) AS person_id, coalesce(a.subject_id, b.subject_id) AS subject_id,
           township_code, b.verdict AS before, a.verdict AS after, b.reason_code AS reason_before,
           a.reason_code AS reason_after, b.amount_fen AS fen_before, a.amount_fen AS fen_after
    FROM before AS b FULL JOIN after AS a USING (determination_id)
    LEFT JOIN homes ON homes.household_id = coalesce(a.household_id, b.household_id)
    WHERE a.verdict IS DISTINCT FROM b.verdict OR a.amount_fen IS DISTINCT FROM b.amount_fen
    ORDER BY benefit_id, change, household_id, person_id, subject_id
"""
_COST = """
    SELECT recurs, payer, township_code, sum(fen_before)::BIGINT AS fen_before, sum(fen_after)::BIGINT AS fen_after
    FROM (SELECT recurs, payer, township_code, amount_fen * times * percent // 100 AS fen_before, 0 AS fen_after
          FROM before JOIN paid_before USING (policy_id, clause_id) LEFT JOIN homes USING (household_id)
          WHERE verdict = 'yes'
          UNION ALL
          SELECT recurs, payer, township_code, 0, amount_fen * times * percent // 100
          FROM after JOIN paid_after USING (policy_id, clause_id) LEFT JOIN homes USING (household_id)
          WHERE verdict = 'yes')
    GROUP BY ALL HAVING sum(fen_before) > 0 OR sum(fen_after) > 0 ORDER BY recurs, payer, township_code
"""
_TIMES = {None: 1, "year": 1, "half_year": 2, "month": 12}


def compare(
    before: pa.Table,
    after: pa.Table,
    law_before: tuple[Policy, ...],
    law_after: tuple[Policy, ...],
    households: pa.Table,
) -> tuple[pa.Table, pa.Table]:
    """CHANGES and COSTS of two sets of DETERMINATIONS, each by its law. `households` says in which township each is."""
    changes, costs = ask_in_steps(
        {"changes": _CHANGES, "costs": _COST},
        ("changes", "costs"),
        before=before,
        after=after,
        homes=households.select(["household_id", "township_code"]),
        paid_before=_paid(law_before),
        paid_after=_paid(law_after),
    )
    return changes.select(CHANGES.names).cast(CHANGES), costs.select(COSTS.names).cast(COSTS)


def _paid(law: tuple[Policy, ...]) -> pa.Table:
    """Who pays how many percent of which clause's amount, and how many times a year; prompts are not counted."""
    rows = [
        {
            "policy_id": policy.id, "clause_id": clause.id, "payer": payer, "percent": percent,
            "times": _TIMES[clause.benefit.every], "recurs": clause.benefit.every is not None,
        }
        for policy in law for clause in policy.clauses if clause.machine != "prompt" and rows_of(clause.benefit)
        for payer, percent in [(each.payer, each.percent) for each in policy.payers] or [(UNSTATED, 100)]
    ]  # fmt: skip
    texts = [(name, pa.string()) for name in ("policy_id", "clause_id", "payer")]
    numbers = [("percent", pa.int64()), ("times", pa.int64()), ("recurs", pa.bool_())]
    return pa.Table.from_pylist(rows, pa.schema([*texts, *numbers]))
