"""The alert list: who has to be visited, and what the officers have to look at.

One alert per household, benefit, child and type of event. It is `new` once; a change of amount, date or certainty
makes an `amended` row, a verdict that no longer is yes a `withdrawn` row, each superseding the one before. So there
is never more than one live row, and nothing that was told disappears.
"""

from datetime import date

import pyarrow as pa

from transforms.eligibility.policy import Policy
from transforms.households import Households
from transforms.schemas import ALERTS, OFFICER_LIST, empty
from transforms.sql import ask, ask_in_steps

_DUE = """
    SELECT d.*, township_code, contact_within_days FROM determinations AS d
    JOIN alerting USING (policy_id, clause_id) LEFT JOIN standing USING (household_id)
    WHERE verdict = 'yes' AND listed_for IN ('case_worker', 'clerk') AND trigger_on >= $alerts_since
"""
# The last row of each alert's chain, and whether a case worker may have been told of any row of it.
_LAST = """
    WITH chains AS (
        SELECT determination_id, count(*) AS written, bool_and(needs_review) AS was_never_told
        FROM previous GROUP BY determination_id)
    SELECT previous.*, written, was_never_told FROM previous JOIN chains USING (determination_id)
    WHERE status <> 'superseded'
"""
# Linkage or an older certificate may rename the child or the household: the same alert under another key. Whoever has
# the same household and child under a new key is the same; of the others one must be the only candidate of the other.
_RENAMED = """
    WITH lost AS (SELECT * FROM last WHERE status = 'live'
                  AND determination_id NOT IN (SELECT determination_id FROM due)),
    found AS (SELECT * FROM due WHERE determination_id NOT IN (SELECT determination_id FROM previous)),
    candidates AS (
        SELECT lost.alert_id, found.determination_id AS new_id,
               lost.household_id = found.household_id AND lost.person_id = found.person_id AS is_same
        FROM lost JOIN found USING (benefit_id, trigger_event_type)
        WHERE lost.person_id = found.person_id
           OR (lost.household_id = found.household_id AND lost.trigger_feed = found.trigger_feed
               AND lost.trigger_record_key = found.trigger_record_key)),
    likely AS (
        SELECT * FROM candidates
        QUALIFY is_same OR NOT (bool_or(is_same) OVER (PARTITION BY alert_id)
                                OR bool_or(is_same) OVER (PARTITION BY new_id)))
    SELECT alert_id, new_id FROM likely
    QUALIFY count(*) OVER (PARTITION BY alert_id) = 1 AND count(*) OVER (PARTITION BY new_id) = 1
"""
_MATCHED = """
    WITH followed AS (
        SELECT last.* REPLACE (coalesce(new_id, last.determination_id) AS determination_id)
        FROM last LEFT JOIN renamed USING (alert_id))
    SELECT determination_id, due.* EXCLUDE (determination_id), followed.alert_id AS last_id,
           followed.status AS last_status, followed.due_on AS last_due_on, followed.needs_review AS last_needs_review,
           coalesce(written, 0) AS written, due.household_id IS NOT NULL AS is_due,
           followed.amount_fen IS DISTINCT FROM due.amount_fen OR followed.trigger_on IS DISTINCT FROM due.trigger_on
               OR followed.needs_review IS DISTINCT FROM due.needs_review AS is_changed
    FROM due FULL JOIN followed USING (determination_id)
"""
# Rows of the list as it was, with their status as of tonight; a live one follows its household's township.
_KEPT = """
    WITH followed AS (SELECT *, last_status = 'live' AND is_due AND NOT is_changed AS is_same FROM matched)
    SELECT p.* REPLACE (
        CASE WHEN is_same OR m.last_id IS NULL OR (last_status = 'withdrawn' AND NOT is_due) THEN p.status
             ELSE 'superseded' END AS status,
        CASE WHEN is_same THEN m.determination_id ELSE p.determination_id END AS determination_id,
        CASE WHEN is_same THEN m.person_id ELSE p.person_id END AS person_id,
        CASE WHEN is_same THEN m.household_id ELSE p.household_id END AS household_id,
        CASE WHEN is_same THEN m.township_code ELSE p.township_code END AS township_code)
    FROM previous AS p LEFT JOIN followed AS m ON m.last_id = p.alert_id
"""
_RAISED = """
    SELECT CASE WHEN last_status = 'live' THEN 'amended' ELSE 'new' END AS alert_kind, 'live' AS status, needs_review,
           household_id, policy_id, clause_id, benefit_id, trigger_event_type, trigger_on, trigger_feed,
           trigger_record_key, amount_fen, township_code, $as_of AS raised_on,
           CASE WHEN last_status = 'live' AND needs_review = last_needs_review THEN last_due_on
                ELSE $as_of + contact_within_days END AS due_on,
           last_id AS supersedes_alert_id, person_id, determination_id, written
    FROM matched WHERE is_due AND (last_status IS DISTINCT FROM 'live' OR is_changed)
    UNION ALL
    SELECT 'withdrawn', 'withdrawn', was_never_told, household_id, policy_id, clause_id, benefit_id,
           trigger_event_type, trigger_on, trigger_feed, trigger_record_key, amount_fen, township_code, $as_of, due_on,
           alert_id, person_id, determination_id, written
    FROM last WHERE status = 'live' AND alert_id IN (SELECT last_id FROM matched WHERE NOT is_due)
"""
# A- day - six digits of base 32 over the alert's key and its place in the chain.
_ALERTS = """
    SELECT * FROM kept
    UNION ALL BY NAME
    SELECT * EXCLUDE (written), 'A-' || strftime($as_of, '%Y%m%d') || '-' || to_base(
        CAST(md5_number_lower(determination_id || '|' || (written + 1)) % 1073741824 AS BIGINT), 32, 6) AS alert_id
    FROM raised
    ORDER BY raised_on, alert_id
"""
_OFFICER_LIST = """
    SELECT 'O' || substr(md5(determination_id), 1, 16) AS item_id,
           CASE WHEN listed_for = 'backlog' THEN 'backlog'
                WHEN reason_code IN ('no_policy_in_force', 'transitional', 'no_certificate') THEN reason_code
                WHEN starts_with(reason_code, 'coverage_') THEN 'coverage'
                WHEN starts_with(reason_code, 'certificate_') THEN 'no_certificate' ELSE 'open_question' END AS kind,
           household_id, policy_id, benefit_id, determination_id,
           CASE WHEN trigger_known_on > $as_of THEN $as_of ELSE coalesce(trigger_known_on, $as_of) END AS listed_on
    FROM determinations WHERE listed_for IN ('officer', 'backlog') ORDER BY item_id
"""


def raise_alerts(
    determinations: pa.Table,
    households: Households | pa.Table,
    previous_alerts: pa.Table | None,
    policies: list[Policy],
    *,
    as_of: date,
    alerts_since: date,
) -> pa.Table:
    """ALERTS after this night: every earlier row with its status as of now, and the rows raised on `as_of`.

    Due are the yes verdicts of alerting clauses whose event is not older than `alerts_since`. The same
    determinations on the same list add nothing.
    """
    today, since = (f"DATE '{day.isoformat()}'" for day in (as_of, alerts_since))
    steps = {"due": _DUE, "last": _LAST, "renamed": _RENAMED, "matched": _MATCHED, "kept": _KEPT, "raised": _RAISED}
    steps |= {"listed": _ALERTS}
    (table,) = ask_in_steps(
        {name: sql.replace("$as_of", today).replace("$alerts_since", since) for name, sql in steps.items()},
        ("listed",),
        determinations=determinations,
        standing=households.households if isinstance(households, Households) else households,
        previous=empty(ALERTS) if previous_alerts is None else previous_alerts.select(ALERTS.names),
        alerting=_alerting(policies),
    )
    return table.select(ALERTS.names).cast(ALERTS)


def _alerting(policies: list[Policy]) -> pa.Table:
    """The clauses that alert, and within how many days the family is to be contacted."""
    rows = [(p.id, c.id, c.calendar.contact_within_days) for p in policies for c in p.clauses if c.alert]
    policy_ids, clause_ids, days = zip(*rows, strict=True) if rows else ((), (), ())
    shape = pa.schema([("policy_id", pa.string()), ("clause_id", pa.string()), ("contact_within_days", pa.int32())])
    return pa.table([list(policy_ids), list(clause_ids), list(days)], schema=shape)


def officer_list(determinations: pa.Table, as_of: date) -> pa.Table:
    """OFFICER_LIST: every unknown verdict of an alerting clause, and the yes verdicts older than the alerts.

    `kind` is no_policy_in_force, transitional, coverage, no_certificate, backlog or open_question. `listed_on` is the
    day on which the event became known: the list is a function of the determinations alone.
    """
    sql = _OFFICER_LIST.replace("$as_of", f"DATE '{as_of.isoformat()}'")
    return ask(sql, OFFICER_LIST, determinations=determinations)
