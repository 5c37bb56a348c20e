"""`nuanxin visits record` and `nuanxin payments record`: a file is held against the warehouse, then taken whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from flows import wiring
from flows.commands import Told
from flows.register_files import Fault, RegisterFile, read_register
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.entitlements import visits_owed
from transforms.schemas import PAYMENTS, ROW_NUMBER, VISITS
from transforms.sql import ask
from warehouse import Warehouse, reads, registers

# Rows that are recorded already are passed by: what they say was so when they came.
_VISIT_FAULTS = """
    WITH fresh AS (SELECT given.* FROM given ANTI JOIN recorded USING (id)),
    homes AS (SELECT DISTINCT household_id, TRUE AS is_home FROM households),
    kin AS (SELECT DISTINCT household_id, child_person_id AS person_id, TRUE AS is_child FROM children),
    placed AS (
        SELECT _row_number, CASE WHEN household_id IS NOT NULL AND is_home IS NULL THEN 'household_id'
                 WHEN is_home AND person_id IS NOT NULL AND is_child IS NULL THEN 'person_id'
                 WHEN is_child AND event_type IS NOT NULL THEN 'event_type' END AS column_name
        FROM (FROM fresh ANTI JOIN states USING (household_id, person_id, event_type))
        LEFT JOIN homes USING (household_id) LEFT JOIN kin USING (household_id, person_id))
    SELECT _row_number, column_name, 'unknown_' || column_name AS reason, NULL::BIGINT AS first_row FROM placed
    WHERE column_name IS NOT NULL
    UNION ALL
    SELECT _row_number, 'benefit_id', CASE WHEN outcome <> 'made' THEN 'no_visit_made' WHEN benefit_id IS NULL
           THEN 'which_visit' ELSE 'unknown_visit' END, NULL FROM given
    WHERE CASE WHEN outcome = 'made' THEN benefit_id IS NULL OR benefit_id NOT IN (FROM owed)
               ELSE benefit_id IS NOT NULL END
    UNION ALL
    SELECT _row_number, 'visited_on', 'repeated_visit', min(_row_number) OVER one FROM given
    WHERE household_id IS NOT NULL AND person_id IS NOT NULL AND event_type IS NOT NULL AND visited_on IS NOT NULL
    WINDOW one AS (PARTITION BY household_id, person_id, event_type, benefit_id, visited_on)
    QUALIFY min(_row_number) OVER one < _row_number
"""
_PAYMENT_FAULTS = """
    WITH fresh AS (SELECT given.* FROM given ANTI JOIN recorded USING (id)),
    paid AS (SELECT DISTINCT entitlement_id, TRUE AS is_paid FROM recorded),
    owed AS (SELECT entitlement_id, status, amount_fen AS owed_fen FROM entitlements),
    held AS (
        SELECT fresh.*, status, owed_fen, coalesce(is_paid, FALSE) AS is_paid
        FROM fresh LEFT JOIN owed USING (entitlement_id) LEFT JOIN paid USING (entitlement_id)
        WHERE entitlement_id IS NOT NULL),
    payable AS (FROM held WHERE status IN ('payable', 'to_recover'))
    SELECT _row_number, 'entitlement_id' AS column_name, 'unknown_entitlement_id' AS reason,
           NULL::VARCHAR AS status, NULL::BIGINT AS owed_fen, NULL::BIGINT AS first_row FROM held WHERE status IS NULL
    UNION ALL
    SELECT _row_number, 'entitlement_id', 'not_payable', status, NULL, NULL FROM held
    WHERE status NOT IN ('payable', 'to_recover')
    UNION ALL
    SELECT _row_number, 'entitlement_id', 'paid_before', NULL, NULL, NULL FROM payable WHERE is_paid
    UNION ALL
    SELECT _row_number, 'amount_yuan', 'other_amount', NULL, owed_fen, NULL FROM payable WHERE amount_yuan <> owed_fen
    UNION ALL
    SELECT _row_number, 'entitlement_id', 'repeated_payment', NULL, NULL, min(_row_number) OVER one FROM given
    WHERE entitlement_id IS NOT NULL WINDOW one AS (PARTITION BY entitlement_id)
    QUALIFY min(_row_number) OVER one < _row_number
"""


def record_visits(site: Path, file: Path, day: date, by: str, lang: str) -> Told:
    """Record what case workers found, as of a business date; WrongUse with every fault, and nothing is recorded."""
    with _opened(site, by, lang) as warehouse:
        given = read_register("visits", file, day, lang)
        owed = visits_owed(wiring.policies_of(wiring.load_site(site)))
        found = ask(
            _VISIT_FAULTS,
            given=given.rows,
            recorded=_recorded(registers.visits_until(warehouse, date.max), "visit_id"),
            households=reads.current(warehouse, "households"),
            children=reads.current(warehouse, "household_children"),
            states=reads.current(warehouse, "household_states"),
            owed=pa.table({"benefit_id": pa.array(owed, pa.string())}),
        )
        given.refuse([replace(each, facts={**each.facts, "visits": ", ".join(owed)}) for each in _faults(found)], lang)
        rows = _to_record(given, {"visit_id": "id"}, VISITS, day, by)
        new = registers.record_visits(warehouse, rows)
    outcomes = {name: _count(rows["outcome"], name) for name in ("confirmed", "refuted", "made")}
    return _told("visits.recorded", rows.num_rows, new, outcomes)


def record_payments(site: Path, file: Path, day: date, by: str, lang: str) -> Told:
    """Record what was paid, as of a business date; WrongUse with every fault, and nothing is recorded."""
    with _opened(site, by, lang) as warehouse:
        given = read_register("payments", file, day, lang)
        recorded = registers.payments_until(warehouse, date.max)
        found = ask(
            _PAYMENT_FAULTS,
            given=given.rows,
            recorded=_recorded(recorded, "payment_id"),
            entitlements=reads.current(warehouse, "entitlements"),
        )
        given.refuse(_faults(found), lang)
        rows = _to_record(given, {"payment_id": "id", "amount_fen": "amount_yuan"}, PAYMENTS, day, by)
        new = registers.record_payments(warehouse, rows)
    return _told("payments.recorded", rows.num_rows, new, {"amount_fen": pc.sum(rows["amount_fen"]).as_py() or 0})


@contextmanager
def opened(site: Path) -> Iterator[Warehouse]:
    """The site's warehouse, closed at the end."""
    warehouse = wiring.open_warehouse(wiring.load_site(site))
    try:
        yield warehouse
    finally:
        warehouse.dispose()


@contextmanager
def _opened(site: Path, by: str, lang: str) -> Iterator[Warehouse]:
    if not by.strip():
        raise WrongUse(word("register.nobody", lang))
    with opened(site) as warehouse:
        yield warehouse


def _recorded(table: pa.Table, key: str) -> pa.Table:
    return table.rename_columns(["id" if name == key else name for name in table.column_names])


def _faults(found: pa.Table) -> list[Fault]:
    """The rows of the queries above."""
    return [Fault(row[ROW_NUMBER], row["column_name"], row["reason"], row) for row in found.to_pylist()]


def _to_record(given: RegisterFile, named: dict[str, str], shape: pa.Schema, day: date, by: str) -> pa.Table:
    """The file's rows in the register's shape."""
    size = given.rows.num_rows
    added = {
        "recorded_on": pa.repeat(pa.scalar(day, pa.date32()), size),
        "recorded_by": pa.repeat(pa.scalar(by.strip()), size),
    }
    columns = [added[name] if name in added else given.rows[named.get(name, name)] for name in shape.names]
    return pa.table(columns, schema=shape)


def _count(column: pa.ChunkedArray, value: str) -> int:
    return pc.sum(pc.equal(column, value)).as_py() or 0


def _told(what: str, rows: int, new: int, more: dict[str, int]) -> Told:
    page = {"rows": rows, "recorded": new, "known": rows - new, **more}
    shown = {**page, "amount": f"{more.get('amount_fen', 0) / 100:,.2f}"}
    return Told(page, {lang: word(what, lang).format(**shown) for lang in ("zh", "en")})
