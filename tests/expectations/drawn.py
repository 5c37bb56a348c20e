"""Deliveries drawn in a test: a few cells a row, everything else blank or filled with what makes the row usable."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from expectations import DeliveryFacts, Gated, gate
from transforms.feeds import FeedContract, load_contract
from transforms.feeds.delivered import Delivered
from transforms.schemas import ROW_FAULTS, ROW_NUMBER

DELIVERED_ON = date(2025, 6, 2)
Row = Mapping[str, str | None]

# One usable row a feed: only what the contract requires.
USABLE: dict[str, dict[str, str]] = {
    "household_register": {
        "household_no": "H1", "id_no": "370303198602056542", "name": "林一", "birth_date": "1986-02-05",
    },
    "only_child_certificates": {
        "certificate_no": "G1", "issued_on": "2001-05-01", "father_name": "林二", "child_name": "林三",
        "child_birth_date": "2000-01-02",
    },
    "births": {"birth_certificate_no": "B1", "birth_date": "2000-01-02", "mother_name": "何四"},
    "marriages": {"cert_no": "M1", "op_type": "IA", "op_date": "1999-09-09", "name_man": "林二", "name_woman": "何四"},
    "adoptions": {"cert_no": "A1", "registered_on": "2010-01-01", "adoptee_name": "林五"},
    "death_certificates": {
        "certificate_no": "D1", "version": "1", "status": "有效", "name": "林三", "died_at": "2025-05-30 08:00",
    },
    "cremations": {"record_no": "C1", "name": "林三", "cremated_on": "2025-06-01"},
    "disability_certificates": {
        "cert_no": "37030319860205654242", "name": "林一", "assessed_on": "2015-01-01", "status": "有效",
    },
    "medical_settlements": {"setl_id": "S1", "psn_name": "林一", "setl_time": "2025-05-01", "medfee_sumamt": "100.00"},
    "care_insurance_claims": {"claim_no": "L1", "insured_name": "林一"},
    "low_income": {"household_no": "H1", "member_name": "林一", "valid_from": "2024-01-01"},
}  # fmt: skip


def row(feed: str, **cells: str | None) -> Row:
    """A usable row of the feed with some cells changed; None leaves a cell blank."""
    return {**USABLE[feed], **cells}


def rows(feed: str, count: int, **cells: str | None) -> list[Row]:
    """So many usable rows, each with a key of its own."""
    key = load_contract(feed).key[0]
    return [row(feed, **{key: f"K{at}"}, **cells) for at in range(count)]


def delivered(
    feed: str,
    drawn: Sequence[Row],
    *,
    faults: Sequence[Mapping[str, Any]] = (),
    without: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Delivered:
    """The rows as reading hands them over; columns named in `without` have no header in the delivery."""
    contract = load_contract(feed)
    columns = {
        column.name: pa.array([each.get(column.name) for each in drawn], pa.string())
        for column in contract.columns
        if column.name not in without
    }
    numbers = {ROW_NUMBER: pa.array(range(2, 2 + len(drawn)), pa.int64())}
    return Delivered(
        pa.table({**columns, **numbers}),
        pa.Table.from_pylist(list(faults), schema=ROW_FAULTS),
        tuple(without),
        tuple(unknown),
        {column.name: column.header for column in contract.columns},
    )


def through(
    feed: str,
    drawn: Sequence[Row],
    *,
    mode: str = "delta",
    volumes: Sequence[int] = (),
    known_rows: int = 0,
    **more: Any,
) -> Gated:
    """The rows through the gate."""
    facts = DeliveryFacts(f"{feed}_20250602_{mode}.csv", "D0123", DELIVERED_ON, mode)  # type: ignore[arg-type]
    return gate(
        contract_of(feed), delivered(feed, drawn, **more), delivery=facts, volumes=list(volumes), known_rows=known_rows
    )


def contract_of(feed: str) -> FeedContract:
    return load_contract(feed)


def outcome(gated: Gated, check_id: str) -> tuple[int, int] | None:
    """(rows checked, rows failed) of a check; None where it was not run."""
    found = [each for each in gated.quality.to_pylist() if each["check_id"] == check_id]
    return (found[0]["rows_checked"], found[0]["rows_failed"]) if found else None


def refused(gated: Gated) -> list[tuple[int, str, str]]:
    """(row number, reason, column) of every refused row."""
    return [(each[ROW_NUMBER], each["reason_code"], each["column_name"]) for each in gated.quarantined.to_pylist()]


def fault(row_number: int, reason_code: str, text: str) -> dict[str, Any]:
    """A row that reading could not bring into columns."""
    return {
        ROW_NUMBER: row_number, "reason_code": reason_code, "column_name": None, "detail": "", "delivered_text": text,
    }  # fmt: skip
