"""A landed delivery as text columns under nuanxin's own names: the one reading function of the house."""

import csv
from collections.abc import Callable
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import ByteStore, Delivery, DeliveryUnreadable, FeedSource
from connectors.names import Format
from connectors.reading.columns import RawTable, as_delivered, faults_table, move_to_faults
from connectors.reading.delimited import first_record, read_delimited
from connectors.reading.headers import Claims, claim_headers, clean_header, knows_any
from connectors.reading.parquet import read_parquet
from connectors.reading.unpacking import unpack
from connectors.reading.workbook import read_workbook
from transforms.feeds import FeedContract
from transforms.feeds.delivered import Delivered
from transforms.schemas import ROW_NUMBER

_DELIMITERS: dict[Format, str] = {"csv": ",", "tsv": "\t"}
_LOST_DIGITS = r"^[0-9](\.[0-9]+)?[Ee]\+[0-9]{2}$"  # how spreadsheets write a long number
_OTHER_ENCODINGS = ("utf-8", "gb18030", "utf-16")
_OTHER_FORMATS = (
    b"PK\x03\x04",
    b"PAR1",
    b"\x1f\x8b\x08",
    b"\xd0\xcf\x11\xe0",
)  # zip or xlsx, parquet, gz, xls
_GLANCE = 1 << 16


def read(delivery: Delivery, contract: FeedContract, source: FeedSource, store: ByteStore) -> Delivered:
    """The delivery's records as text, and the rows that could not be brought into columns.

    csv, tsv, xlsx and parquet, plain or in a zip or gz, by the delivery's name. Row faults: `undecodable`,
    `broken_structure`, `digits_lost` (a key that a spreadsheet rounded: 3.70303E+17 is nobody's key). Missing
    headers are told in the result; the expectations judge them. Raises DeliveryUnreadable with one of:
    `empty_file`, `half_file`, `wrong_format`, `wrong_encoding`, `wrong_header`, `duplicate_header`,
    `too_large`, `archive_members`, `archive_refused`, `several_sheets`, `column_not_text`.
    """
    return read_content(store.get(delivery.landed_path), delivery, contract, source)


def read_content(content: bytes, delivery: Delivery, contract: FeedContract, source: FeedSource) -> Delivered:
    """The same for bytes in hand, which nobody landed."""
    content, kind = unpack(content, delivery.name)
    if kind in _DELIMITERS:
        _check_encoding(content, kind, delivery.encoding, partial(knows_any, contract=contract, source=source))
    raw = _read_raw(content, kind, delivery)
    _check_count(raw, delivery)
    claims = claim_headers(raw.headers, contract, source)
    raw = _ruined_keys_aside(raw, claims, contract)
    return Delivered(
        table=_table(raw, claims, contract),
        faults=raw.faults,
        missing_columns=claims.missing,
        unknown_headers=_unknown(raw, claims),
        expected_headers=claims.expected,
    )


def _read_raw(content: bytes, kind: Format, delivery: Delivery) -> RawTable:
    if kind == "xlsx":
        return read_workbook(content)
    if kind == "parquet":
        return read_parquet(content)
    if content.startswith(_OTHER_FORMATS):
        raise DeliveryUnreadable("wrong_format", expected=kind)
    is_vouched = delivery.declared_rows is not None
    return read_delimited(content, delivery.encoding, _DELIMITERS[kind], is_vouched=is_vouched)


def _check_count(raw: RawTable, delivery: Delivery) -> None:
    """As many records as the sentinel says, or it is not the whole file."""
    found, declared = len(raw.row_numbers) + raw.faults.num_rows, delivery.declared_rows
    if declared is not None and declared != found:
        raise DeliveryUnreadable("half_file", how="sentinel_rows", declared=declared, found=found)


def _check_encoding(content: bytes, kind: Format, declared: str, is_known: Callable[[tuple[str, ...]], bool]) -> None:
    """Where no header is known as declared, but would be in another encoding, the encoding is at fault.

    This finds the right words for a refusal; nothing is read in an encoding that the site did not declare.
    """
    seen = [name for name in (declared, *_OTHER_ENCODINGS) if is_known(_glance(content, name, kind))]
    if seen and seen[0] != declared:
        raise DeliveryUnreadable("wrong_encoding", how="looks_like", declared=declared, looks_like=seen[0])


def _glance(content: bytes, encoding: str, kind: Format) -> tuple[str, ...]:
    """The header as it would be in that encoding; empty where it is none."""
    try:
        return first_record(content[:_GLANCE].decode(encoding, "ignore"), _DELIMITERS[kind])
    except csv.Error:
        return ()


def _ruined_keys_aside(raw: RawTable, claims: Claims, contract: FeedContract) -> RawTable:
    """Rows whose key lost its digits become faults: taken as they are, several records would become one."""
    for name in contract.key:
        if name in claims.positions and contract.column(name).type == "key":
            column = raw.columns[claims.positions[name]]
            is_ruined = pc.fill_null(pc.match_substring_regex(column, _LOST_DIGITS), False)
            raw = move_to_faults(raw, is_ruined, _ruined(raw, is_ruined, name)) if pc.any(is_ruined).as_py() else raw
    return raw


def _ruined(raw: RawTable, is_ruined: pa.ChunkedArray, name: str) -> pa.Table:
    numbers = raw.row_numbers.filter(is_ruined).to_pylist()
    texts = as_delivered(raw, is_ruined).to_pylist()
    return faults_table([(number, "digits_lost", name, "", text) for number, text in zip(numbers, texts, strict=True)])


def _table(raw: RawTable, claims: Claims, contract: FeedContract) -> pa.Table:
    """The claimed columns in the contract's order, and the row numbers."""
    names = [name for name in contract.column_names if name in claims.positions]
    columns = [raw.columns[claims.positions[name]] for name in names]
    return pa.table([*columns, raw.row_numbers], names=[*names, ROW_NUMBER])


def _unknown(raw: RawTable, claims: Claims) -> tuple[str, ...]:
    """Headers that nobody claims; a nameless column counts only where something stands in it."""
    named = {at: clean_header(raw.headers[at]) for at in claims.unknown}
    filled = [at for at in claims.unknown if named[at] or raw.columns[at].null_count < len(raw.columns[at])]
    return tuple(named[at] or f"#{at + 1}" for at in filled)
