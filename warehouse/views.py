"""The published views: what programs outside read. Names, columns and their order are the contract's.

A column is never removed or moved; new ones follow at the end, which lets PostgreSQL replace a view in place
and keep the rights that were granted on it.
"""

from sqlalchemy import Connection

_CURRENT = "superseded_on IS NULL"

# view: (columns, table, rows)
_VIEWS: dict[str, tuple[str, str, str]] = {
    "v_runs": ("run_id, business_date, status, started_at, finished_at", "runs", ""),
    "v_feed_loads": (
        "run_id, feed, delivery, delivered_on, rows_read, rows_accepted, rows_unchanged, rows_quarantined,"
        " status, watermark, records_new, records_changed, records_gone",
        "feed_loads",
        "",
    ),
    "v_quarantine": (
        "q.feed, q.delivery, q.row_number, q.record_key, coalesce(s.reason_code, q.reason_code) AS reason_code,"
        " coalesce(s.column_name, q.column_name) AS column_name, coalesce(s.status, q.status) AS status,"
        " 'Q' || substr(q.delivery_id, 2) || '-' || q.row_number AS quarantine_id, q.run_id, s.why, s.decision_id,"
        " s.by_delivery_id",
        "quarantine AS q LEFT JOIN quarantine_states AS s ON s.delivery_id = q.delivery_id"
        " AND s.row_number = q.row_number AND s.superseded_on IS NULL",
        "",
    ),
    "v_record_links": (
        "feed, record_key, role, person_id, match_probability, decided_by", "record_links", _CURRENT
    ),
    "v_review_pairs": (
        "pair_id, feed, record_key, role, candidate_person_id, match_probability, status",
        "review_pairs",
        _CURRENT,
    ),
    "v_persons": ("person_id, is_deceased, died_on", "persons", _CURRENT),
    "v_households": (
        "household_id, only_child_certificate_no, father_person_id, mother_person_id, township_code, status",
        "households",
        _CURRENT,
    ),
    "v_life_events": (
        "event_id, event_type, person_id, occurred_on, event_known_on AS known_on, feed, record_key, status",
        "life_events",
        _CURRENT,
    ),
    "v_determinations": (
        "household_id, policy_id, clause_id, benefit_id, verdict, known_on, superseded_on, determination_id,"
        " subject_id, person_id, amount_fen, reason_code, policy_hash, facts_hash, engine",
        "determinations",
        "",
    ),
    "v_entitlements": (
        "entitlement_id, household_id, person_id, policy_id, clause_id, benefit_id, period_from, period_to,"
        " amount_fen, kind, status, determination_id, payee, is_floor, entered_on",
        "entitlements",
        _CURRENT,
    ),
    "v_alerts": (
        "alert_id, alert_kind, status, needs_review, household_id, policy_id, clause_id, benefit_id,"
        " trigger_event_type, trigger_on, trigger_feed, trigger_record_key, amount_fen, township_code,"
        " raised_on, due_on, supersedes_alert_id",
        "alerts",
        _CURRENT,
    ),
    "v_quality": (
        "run_id, feed, delivery, dimension, check_id, rows_checked, rows_failed, severity, passed",
        "quality",
        "",
    ),
    "v_entitlement_shares": ("entitlement_id, payer, amount_fen", "entitlement_shares", _CURRENT),
    "v_household_states": (
        "household_id, person_id, event_type, state, reason_code, since_on", "household_states", _CURRENT
    ),
    "v_visits": (
        "visit_id, household_id, person_id, event_type, outcome, visited_on, recorded_on, recorded_by,"
        " benefit_id",
        "visits",
        "",
    ),
    "v_quarantine_states": (
        "quarantine_id, status, why, decision_id, by_delivery_id, reason_code, column_name, known_on, superseded_on",
        "quarantine_states",
        "",
    ),
    "v_quarantine_decisions": (
        "decision_id, target, sequence_no, verb, feed, column_names, from_value, to_value, accepted, because,"
        " recorded_on, recorded_by",
        "quarantine_decisions",
        "",
    ),
    "v_quarantine_looks": ("look_id, quarantine_id, because, recorded_on, recorded_by", "quarantine_looks", ""),
    "v_payments": (
        "payment_id, entitlement_id, amount_fen, paid_on, reference_no, recorded_on, recorded_by",
        "payments",
        "",
    ),
}  # fmt: skip

VIEW_NAMES = tuple(_VIEWS)


def view_query(name: str) -> str:
    """The SELECT behind a published view, the same on both engines; KeyError for any other name."""
    columns, table, rows = _VIEWS[name]
    where = f" WHERE {rows}" if rows else ""
    return f"SELECT {columns} FROM {table}{where}"  # noqa: S608  # names of ours only


def view_columns(name: str) -> tuple[str, ...]:
    """The columns of a published view, in their order; KeyError for any other name."""
    return tuple(column.split(" AS ")[-1].strip() for column in _VIEWS[name][0].split(","))


def drop_views(connection: Connection) -> None:
    """Take the published views away, where they stand."""
    for name in VIEW_NAMES:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def replace_views(connection: Connection) -> None:
    """Make every published view as this module says."""
    if connection.dialect.name == "sqlite":
        drop_views(connection)
    create = "CREATE VIEW" if connection.dialect.name == "sqlite" else "CREATE OR REPLACE VIEW"
    for name in VIEW_NAMES:
        connection.exec_driver_sql(f"{create} {name} AS {view_query(name)}")
