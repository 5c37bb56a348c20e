"""Amounts owed, as a ledger: entries are added, never edited.

A yes puts an entry in; when the verdict falls or its amount or period changes, an adjustment of the negative amount
takes it out again and a new entry may follow. A one-off amount stands in the calendar year of its event. A recurring
one begins with the period in which a visit has confirmed the family, and has an entry for every period on whose first
day the conditions hold. What is owed per visit has an entry for the first visit of a period that was made and recorded,
by the conditions of that day. What an entry says never changes; its status follows from the visits and the payments:
`suspected` until a visit confirms the family (money moves only then), `payable`, `paid`, or `reversed` by an
adjustment, which is `to_recover` where the money had moved. While the verdict is unknown, what was confirmed stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.facts import Facts
from transforms.eligibility.verdicts import determine_on
from transforms.schemas import DATED_VERDICTS, ENTITLEMENT_SHARES, ENTITLEMENTS, PAYMENTS, VISITS, empty
from transforms.sql import ask, ask_in_steps

_CONFIRMED = """
    WITH refuted AS (
        SELECT household_id, person_id, event_type, max(visited_on) AS refuted_on FROM visits
        WHERE outcome = 'refuted' GROUP BY ALL)
    SELECT household_id, person_id, event_type AS trigger_event_type, min(visited_on) AS confirmed_on
    FROM visits LEFT JOIN refuted USING (household_id, person_id, event_type)
    WHERE outcome = 'confirmed' AND (refuted_on IS NULL OR visited_on > refuted_on) GROUP BY ALL
"""
_ASKINGS = """
    SELECT DISTINCT household_id, CAST(unnest(generate_series(
        date_trunc('month', confirmed_on), CAST($as_of AS TIMESTAMP), INTERVAL 1 MONTH)) AS DATE) AS asked_on
    FROM confirmed WHERE confirmed_on <= $as_of
    UNION
    SELECT household_id, visited_on FROM visits SEMI JOIN confirmed USING (household_id, person_id)
    WHERE outcome = 'made' AND visited_on <= $as_of
"""
_KEPT = "SELECT said.* FROM said SEMI JOIN askings USING (household_id, asked_on) WHERE person_id NOT IN (FROM anew)"
_OPEN = """
    SELECT * FROM askings WHERE asked_on > $until OR household_id IN (
        SELECT household_id FROM children WHERE child_person_id IN (FROM anew))
"""
# The first day of a clause's period, and the last.
_FIRST = """CASE every WHEN 'year' THEN date_trunc('year', $day)
    WHEN 'half_year' THEN make_date(year($day), CASE WHEN month($day) < 7 THEN 1 ELSE 7 END, 1)
    ELSE date_trunc('month', $day) END"""
_LAST = "CAST(asked_on + to_months(CASE every WHEN 'year' THEN 12 WHEN 'half_year' THEN 6 ELSE 1 END) AS DATE) - 1"
_DUE = f"""
    SELECT determination_id, household_id, subject_id AS person_id, policy_id, clause_id, benefit_id,
           make_date(year(trigger_on), 1, 1) AS period_from, make_date(year(trigger_on), 12, 31) AS period_to,
           amount_fen, 'one_off' AS kind, payee, is_floor, verdict, needs_review, confirmed_on
    FROM determinations AS d JOIN paying USING (policy_id, clause_id)
    LEFT JOIN confirmed USING (household_id, person_id, trigger_event_type)
    WHERE every IS NULL
    UNION ALL
    SELECT determination_id, household_id, subject_id, policy_id, clause_id, benefit_id, asked_on, {_LAST},
           amount_fen, 'recurring', payee, is_floor, verdict, needs_review, confirmed_on
    FROM dated AS d JOIN paying USING (policy_id, clause_id)
    JOIN confirmed USING (household_id, person_id, trigger_event_type)
    WHERE every IS NOT NULL AND NOT is_per_visit AND asked_on = {_FIRST.replace("$day", "asked_on")}
      AND asked_on >= {_FIRST.replace("$day", "confirmed_on")}
    UNION ALL
    SELECT determination_id, household_id, subject_id, policy_id, clause_id, benefit_id, visited_on, visited_on,
           amount_fen, 'recurring', payee, is_floor, verdict, needs_review, confirmed_on
    FROM dated AS d JOIN paying USING (policy_id, clause_id)
    JOIN confirmed USING (household_id, person_id, trigger_event_type)
    JOIN (SELECT * RENAME (event_type AS trigger_event_type) FROM visits WHERE outcome = 'made') AS made
      USING (household_id, person_id, trigger_event_type, benefit_id)
    WHERE is_per_visit AND visited_on = asked_on AND visited_on >= confirmed_on
    QUALIFY row_number() OVER (PARTITION BY determination_id, {_FIRST.replace("$day", "visited_on")}
                               ORDER BY verdict = 'no', recorded_on, visited_on, visit_id) = 1
"""  # noqa: S608  # made of the lines above
_MATCHED = """
    WITH written AS (
        SELECT determination_id, kind, CASE kind WHEN 'recurring' THEN period_from END AS period_from,
               count(*) AS written
        FROM previous WHERE kind <> 'adjustment' GROUP BY ALL),
    standing AS (
        SELECT * FROM previous WHERE kind <> 'adjustment'
        AND entitlement_id || 'R' NOT IN (SELECT entitlement_id FROM previous))
    SELECT s.entitlement_id, s.amount_fen AS standing_fen, d.*,
           coalesce(written, 0) AS written,
           d.verdict = 'yes' AND d.amount_fen > 0
               AND (NOT d.needs_review OR s.entitlement_id IS NOT NULL) AS is_owed,
           d.confirmed_on IS NOT NULL
               AND (d.verdict = 'unknown' OR (d.verdict = 'yes' AND d.amount_fen IS NULL)) AS is_held
    FROM due AS d FULL JOIN standing AS s
      ON s.determination_id = d.determination_id AND s.kind = d.kind AND s.period_from = d.period_from
    LEFT JOIN written AS w ON w.determination_id = d.determination_id AND w.kind = d.kind
     AND (w.period_from IS NULL OR w.period_from = d.period_from)
"""
# N, the digits of the determination, month or day of a recurring amount, the count of its entries; R: it was answered.
_WRITTEN = """
    WITH kept AS (
        SELECT entitlement_id FROM matched WHERE is_held OR (is_owed AND amount_fen = standing_fen)),
    fallen AS (
        SELECT entitlement_id FROM matched
        WHERE entitlement_id IS NOT NULL AND entitlement_id NOT IN (SELECT entitlement_id FROM kept
                                                                    WHERE entitlement_id IS NOT NULL))
    SELECT * FROM previous
    UNION ALL BY NAME
    SELECT * REPLACE (entitlement_id || 'R' AS entitlement_id, -amount_fen AS amount_fen, 'adjustment' AS kind,
                      $as_of AS entered_on)
    FROM previous WHERE entitlement_id IN (SELECT entitlement_id FROM fallen)
    UNION ALL BY NAME
    SELECT concat_ws('-', 'N' || substr(determination_id, 2),
                     CASE WHEN period_from = period_to THEN strftime(period_from, '%Y%m%d')
                          WHEN kind = 'recurring' THEN strftime(period_from, '%Y%m') END,
                     written + 1) AS entitlement_id,
           household_id, person_id, policy_id, clause_id, benefit_id, period_from, period_to, amount_fen, kind,
           'suspected' AS status, determination_id, payee, is_floor, $as_of AS entered_on
    FROM matched WHERE is_owed AND (entitlement_id IS NULL OR entitlement_id IN (SELECT entitlement_id FROM fallen))
"""
_WITH_STATUS = """
    WITH moved AS (SELECT entitlement_id, sum(amount_fen) AS paid_fen FROM payments GROUP BY entitlement_id),
    answered AS (SELECT left(entitlement_id, length(entitlement_id) - 1) AS entitlement_id FROM written
                 WHERE kind = 'adjustment'),
    confirmed_ids AS (SELECT DISTINCT determination_id FROM due WHERE confirmed_on IS NOT NULL)
    SELECT w.* REPLACE (CASE
        WHEN kind = 'adjustment' THEN CASE WHEN own.paid_fen IS NOT NULL THEN 'recovered'
                                           WHEN base.paid_fen IS NOT NULL THEN 'to_recover' ELSE 'reversed' END
        WHEN entitlement_id IN (FROM answered) THEN 'reversed'
        WHEN own.paid_fen IS NOT NULL THEN 'paid'
        WHEN determination_id IN (FROM confirmed_ids) THEN 'payable' ELSE 'suspected' END AS status)
    FROM written AS w LEFT JOIN moved AS own USING (entitlement_id)
    LEFT JOIN moved AS base ON kind = 'adjustment'
     AND base.entitlement_id = left(w.entitlement_id, length(w.entitlement_id) - 1)
    ORDER BY entitlement_id
"""
# Running sums rounded down, and their differences: so the shares of an amount add up to it, to the fen.
_SHARES = """
    SELECT entitlement_id, coalesce(payer, '$unstated') AS payer, coalesce(CAST(sign(amount_fen) * (
        abs(amount_fen) * until_percent // 100 - abs(amount_fen) * (until_percent - percent) // 100) AS BIGINT),
        amount_fen) AS amount_fen
    FROM entries LEFT JOIN payers USING (policy_id) ORDER BY entitlement_id, payer
"""
UNSTATED = "unstated"  # the payer where a document does not say who pays, or is the site's no more


@dataclass(frozen=True)
class Said:
    """DATED_VERDICTS of an earlier night, its date, and whose verdicts can be others tonight (CHILDREN)."""

    verdicts: pa.Table
    as_of: date
    anew: pa.Table


def dated_verdicts(policies: list[Policy], facts: Facts, as_of: date, said: Said | None = None) -> pa.Table:
    """DATED_VERDICTS of recurring amounts: of families that a visit confirmed, on the first day of each month since.

    With what was `said` before, asked are only the months since and the families whose verdicts can be others.
    """
    recurring = [_recurring(policy) for policy in policies]
    if facts.visits is None or not any(policy.clauses for policy in recurring):
        return empty(DATED_VERDICTS)
    today = f"DATE '{as_of.isoformat()}'"
    steps = {"confirmed": _CONFIRMED, "askings": _ASKINGS.replace("$as_of", today)}
    (askings,) = ask_in_steps(steps, ("askings",), visits=facts.visits)
    kept = empty(DATED_VERDICTS)
    if said:
        until, homes = f"DATE '{said.as_of.isoformat()}'", facts.households.children
        steps = {"kept": _KEPT, "open": _OPEN.replace("$until", until)}
        kept, askings = ask_in_steps(
            steps, ("kept", "open"), askings=askings, said=said.verdicts, anew=said.anew, children=homes
        )
    if askings.num_rows == 0:
        return kept.cast(DATED_VERDICTS)
    fresh = determine_on(recurring, facts, askings, as_of=as_of)
    return pa.concat_tables([kept.select(DATED_VERDICTS.names).cast(DATED_VERDICTS), fresh])


def _recurring(policy: Policy) -> Policy:
    """With its recurring amounts, and what keeps one of them away."""
    recurring = [c for c in policy.clauses if _is_paid(c) and c.benefit.kind == "recurring"]
    owed = {clause.benefit.id for clause in recurring}
    kept = tuple(c for c in policy.clauses if c in recurring or (recurring and owed & {*c.exclusions}))
    return policy.model_copy(update={"clauses": kept})


def visits_owed(policies: Iterable[Policy]) -> tuple[str, ...]:
    """The benefits of which an amount is owed with each visit that was made."""
    clauses = (clause for policy in policies for clause in policy.clauses)
    return tuple(clause.benefit.id for clause in clauses if clause.benefit.per == "visit" and _is_paid(clause))


def _is_paid(clause: Clause) -> bool:
    """The run decides it; or the run lists who is owed a visit, and its money goes with each that was made."""
    if clause.benefit.per == "visit":
        return clause.machine == "roster" and clause.benefit.kind == "recurring"
    return clause.machine == "decide" and clause.benefit.kind != "status"


def entitlements(
    determinations: pa.Table,
    policies: list[Policy],
    previous: pa.Table | None = None,
    *,
    as_of: date,
    dated: pa.Table | None = None,
    visits: pa.Table | None = None,
    payments: pa.Table | None = None,
) -> pa.Table:
    """ENTITLEMENTS after this night: all of `previous`, adjustments for what no longer holds, and what is new.

    `dated` are the verdicts of recurring amounts by period. `person_id` is null where the household is owed. What is
    owed on identity evidence that a clerk has not confirmed is not entered; an entry once made stays while the verdict
    does.
    """
    today = f"DATE '{as_of.isoformat()}'"
    steps = {
        "confirmed": _CONFIRMED,
        "due": _DUE,
        "matched": _MATCHED,
        "written": _WRITTEN.replace("$as_of", today),
        "entries": _WITH_STATUS,
    }
    (entries,) = ask_in_steps(
        steps,
        ("entries",),
        determinations=determinations,
        dated=empty(DATED_VERDICTS) if dated is None else dated,
        visits=empty(VISITS) if visits is None else visits,
        payments=empty(PAYMENTS) if payments is None else payments,
        previous=empty(ENTITLEMENTS) if previous is None else _in_this_shape(previous),
        paying=_paying(policies),
    )
    return entries.select(ENTITLEMENTS.names).cast(ENTITLEMENTS)


def _in_this_shape(previous: pa.Table) -> pa.Table:
    """A ledger as a night before this version left it: its entries were all one-off ones of households."""
    if set(ENTITLEMENTS.names) <= set(previous.column_names):
        return previous.select(ENTITLEMENTS.names)
    sql = """SELECT *, 'V' || substr(entitlement_id, 2, 16) AS determination_id, 'household' AS payee,
        FALSE AS is_floor, NULL::DATE AS entered_on FROM previous"""
    return ask(sql, ENTITLEMENTS, previous=previous)


def _paying(policies: list[Policy]) -> pa.Table:
    """The clauses that owe an amount, whom it goes to, and how often."""
    rows = [
        {
            "policy_id": policy.id, "clause_id": clause.id, "every": clause.benefit.every, "payee": clause.payee,
            "is_floor": clause.benefit.is_floor, "is_per_visit": clause.benefit.per == "visit",
        }
        for policy in policies for clause in policy.clauses if _is_paid(clause)
    ]  # fmt: skip
    texts = [(name, pa.string()) for name in ("policy_id", "clause_id", "every", "payee")]
    return pa.Table.from_pylist(rows, pa.schema([*texts, ("is_floor", pa.bool_()), ("is_per_visit", pa.bool_())]))


def shares(entries: pa.Table, policies: list[Policy]) -> pa.Table:
    """ENTITLEMENT_SHARES: who pays how much of each entry, by its document; the shares of an entry add up to it."""
    rows = []
    for policy in policies:
        until = 0
        for payer, percent in [(each.payer, each.percent) for each in policy.payers] or [(UNSTATED, 100)]:
            until += percent
            rows.append({"policy_id": policy.id, "payer": payer, "percent": percent, "until_percent": until})
    shape = pa.schema([("policy_id", pa.string()), ("payer", pa.string()), ("percent", pa.int64()),
                       ("until_percent", pa.int64())])  # fmt: skip
    sql = _SHARES.replace("$unstated", UNSTATED)
    return ask(sql, ENTITLEMENT_SHARES, entries=entries, payers=pa.Table.from_pylist(rows, shape))
