"""Who crosses an age or a term in the months ahead: the verdicts on days to come, as if nothing else happened.

Asked are the clauses of the law of the day, of every household with a verdict tonight, on the days on which an answer
can turn: birthdays of its parents and its child, and the day after a document ends or on which it begins.
"""

from datetime import date, timedelta
from typing import Final

import pyarrow as pa

from transforms.eligibility.entries import Policy
from transforms.eligibility.evidence import STEPS
from transforms.eligibility.facts import Facts
from transforms.eligibility.verdicts import determine_on
from transforms.parentage import children_seen
from transforms.sql import ask, ask_in_steps, feed_rows

FORECAST: Final = pa.schema(
    [
        ("turns_on", pa.date32()),  # the day from which the verdict is another
        ("household_id", pa.string()),
        ("person_id", pa.string()),  # the child
        ("subject_id", pa.string()),  # the parent asked about; null: the household
        ("policy_id", pa.string()),
        ("clause_id", pa.string()),
        ("benefit_id", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("reason_code", pa.string()),
        ("amount_fen", pa.int64()),
        ("township_code", pa.string()),
    ]
)
_FAMILIES = """
    SELECT DISTINCT household_id, person_id AS child, father_person_id, mother_person_id
    FROM determinations JOIN households USING (household_id)
"""
_CASE_PARENTS = "SELECT unnest([father_person_id, mother_person_id]) AS parent FROM families"
_BORN_ON = """
    SELECT household_id, unnest([f.born_from, f.born_to, m.born_from, m.born_to, c.born_on]) AS born_on
    FROM families LEFT JOIN birth_dates AS f ON f.person_id = father_person_id
    LEFT JOIN birth_dates AS m ON m.person_id = mother_person_id
    LEFT JOIN (SELECT child, min(born_on) AS born_on FROM born GROUP BY child) AS c USING (child)
"""
# The anniversary of 29 February is the 28th in other years: what adding years to a date gives.
_ASKINGS = """
    SELECT household_id, $as_of AS asked_on FROM families
    UNION
    SELECT household_id, CAST(born_on + to_years(CAST(turning AS INTEGER)) AS DATE) AS asked_on
    FROM born_on, generate_series(year($as_of) - year(born_on), year($until) - year(born_on)) AS years(turning)
    WHERE born_on IS NOT NULL AND CAST(born_on + to_years(CAST(turning AS INTEGER)) AS DATE) BETWEEN $as_of AND $until
    UNION
    SELECT household_id, day FROM families, turns WHERE day BETWEEN $as_of AND $until
"""
_CROSSED = """
    SELECT asked_on AS turns_on, household_id, person_id, subject_id, policy_id, clause_id, benefit_id, before,
           verdict AS after, reason_code, amount_fen, township_code
    FROM (SELECT *, lag(verdict) OVER chain AS before, lag(amount_fen) OVER chain AS fen_before,
                 lag(reason_code) OVER chain AS reason_before, row_number() OVER chain AS place
          FROM dated WINDOW chain AS (PARTITION BY determination_id ORDER BY asked_on))
    LEFT JOIN (SELECT household_id, township_code FROM households) USING (household_id)
    WHERE place > 1 AND (before <> verdict OR fen_before IS DISTINCT FROM amount_fen
                         OR (verdict = 'unknown' AND reason_before <> reason_code))
    ORDER BY turns_on, household_id, benefit_id, subject_id
"""


def forecast(policies: list[Policy], facts: Facts, determinations: pa.Table, *, as_of: date, until: date) -> pa.Table:
    """FORECAST of the days after `as_of` up to `until`, in the order of the days.

    `determinations` are those of `as_of`: who has no verdict tonight has none in it.
    """
    askings = _days_that_may_turn(policies, facts, determinations, as_of, until)
    dated = determine_on(policies, facts, askings, as_of=as_of)
    return ask(_CROSSED, FORECAST, dated=dated, households=facts.households.households)


def _days_that_may_turn(
    policies: list[Policy], facts: Facts, determinations: pa.Table, as_of: date, until: date
) -> pa.Table:
    days = [policy.in_force.until + timedelta(days=1) for policy in policies if policy.in_force.until]
    days += [policy.in_force.from_ for policy in policies if policy.in_force.from_]
    rows = [row for policy in policies for clause in policy.clauses for row in clause.benefit.amounts]
    days += [row.from_ for row in rows if row.from_]
    said = {"$as_of": f"DATE '{as_of.isoformat()}'", "$until": f"DATE '{until.isoformat()}'"}
    asked = _ASKINGS
    for name, day in said.items():
        asked = asked.replace(name, day)
    steps = {
        "families": _FAMILIES,
        "case_parents": _CASE_PARENTS,
        "birth_dates": STEPS["birth_dates"],
        "born_on": _BORN_ON,
        "askings": asked,
    }
    records = facts.records
    (askings,) = ask_in_steps(
        steps,
        ("askings",),
        determinations=determinations,
        households=facts.households.households,
        links=facts.links,
        born=children_seen(records, facts.links),
        turns=pa.table({"day": pa.array(sorted(set(days)), pa.date32())}),
        **{feed: feed_rows(records, feed) for feed in ("household_register", "only_child_certificates", "marriages")},
    )
    return askings
