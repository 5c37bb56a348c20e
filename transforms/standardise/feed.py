"""A delivery's text columns → typed columns, record key, hash of what was delivered, and the defects."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from transforms.feeds import Column, FeedContract
from transforms.schemas import CONTENT_HASH, DEFECTS, RECORD_KEY, ROW_NUMBER
from transforms.standardise import codes, identifiers, names, quantities
from transforms.standardise.characters import compact
from transforms.standardise.columns import Read, Reader, as_array, map_distinct, read_column
from transforms.standardise.dates import date_reader, datetime_reader
from transforms.standardise.digests import digests, joined
from transforms.standardise.identifiers import damaged
from transforms.standardise.years import birth_years

_READERS: dict[str, Reader] = {
    "key": codes.keys,
    "text": codes.texts,
    "name": names.names,
    "id_no": identifiers.id_nos,
    "disability_no": identifiers.disability_nos,
    "sex": codes.sexes,
    "division": codes.divisions,
    "integer": quantities.integers,
    "money": quantities.money,
    "phone": codes.phones,
    "address": codes.addresses,
    "icd10": codes.diagnoses,
}
_AT_ONCE = 2  # columns; each holds tables of its characters meanwhile


@dataclass(frozen=True)
class Parsed:
    """One delivery, typed, row by row as it came.

    `table` has every column of the contract (string, date32, timestamp[s] in local time, int64; money in fen)
    and `_row_number`, `_record_key`, `_content_hash`; beside each identity number `_<column>_damaged`, the
    text of one that lost or gained characters, as evidence for linkage; beside each birth date `_<column>_year`
    (int16), the year that an unreadable one still tells. `defects` (schema DEFECTS) names each
    filled cell that could not be read or is wrong; of those only numbers with `bad_check` keep a value.
    """

    table: pa.Table
    defects: pa.Table


def parse_feed(contract: FeedContract, table: pa.Table, *, delivered_on: date) -> Parsed:
    """Type every cell of a delivery. `table` is Delivered.table; a column that it lacks is all null."""
    delivered = {name: _delivered(table, name) for name in contract.column_names}

    def read(column: Column) -> Read:
        return read_column(delivered[column.name], reader_of(column, delivered_on))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        hashes = pool.submit(_content_hashes, delivered)
        reads = dict(zip(contract.column_names, pool.map(read, contract.columns), strict=True))
    row_numbers = as_array(table[ROW_NUMBER]).cast(pa.int64())
    typed = {name: read.values for name, read in reads.items()}
    typed |= {damaged_column(name): _damaged(reads[name], delivered[name]) for name in _id_columns(contract)}
    typed |= {year_column(name): _years(reads[name], delivered[name], delivered_on) for name in _birth_dates(contract)}
    typed[ROW_NUMBER] = row_numbers
    typed[RECORD_KEY] = joined([_key_part(reads[name], delivered[name]) for name in contract.key], "|")
    typed[CONTENT_HASH] = hashes.result()
    return Parsed(pa.table(typed), _defects(reads, row_numbers))


def _content_hashes(delivered: dict[str, pa.Array]) -> pa.Array:
    return digests(joined([pc.utf8_trim_whitespace(text) for text in delivered.values()]))


def reader_of(column: Column, delivered_on: date) -> Reader:
    """How the distinct texts of a contract's column are read in a delivery of that day."""
    if column.type == "date":
        # the ends of a term are the only dates that an agency may honestly deliver ahead of their day
        return date_reader(delivered_on, may_be_ahead=column.name.startswith("valid_"))
    if column.type == "datetime":
        return datetime_reader(delivered_on)
    if column.type == "code":
        return codes.code_reader(column.codes or {})
    return _READERS[column.type]


def _delivered(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    return as_array(table[name]).cast(pa.string())


def damaged_column(name: str) -> str:
    """The column beside an identity number that has what is left of one in a wrong shape."""
    return f"_{name}_damaged"


def year_column(name: str) -> str:
    """The column beside a birth date that has the year where no more than that can be read."""
    return f"_{name}_year"


def _birth_dates(contract: FeedContract) -> list[str]:
    return sorted({rule.birth_date for rule in contract.mentions if rule.birth_date})


def _years(read: Read, delivered: pa.Array, delivered_on: date) -> pa.Array:
    is_unread = pc.equal(read.reasons, "unreadable_date")
    return birth_years(pc.if_else(is_unread, delivered, pa.scalar(None, pa.string())), delivered_on)


def _id_columns(contract: FeedContract) -> list[str]:
    return [column.name for column in contract.columns if column.type == "id_no"]


def _damaged(read: Read, delivered: pa.Array) -> pa.Array:
    is_damaged = pc.equal(read.reasons, "bad_shape")
    return map_distinct(pc.if_else(is_damaged, delivered, pa.scalar(None, pa.string())), damaged, pa.string())


def _key_part(read: Read, delivered: pa.Array) -> pa.Array:
    """The part as it was read; if it could not be read its text, so that a refused row can be named."""
    unread = pc.if_else(read.reasons.is_valid(), delivered, pa.scalar(None, pa.string()))
    return pc.coalesce(read.values.cast(pa.string()), map_distinct(unread, compact, pa.string()))


def _defects(reads: dict[str, Read], row_numbers: pa.Array) -> pa.Table:
    return pa.concat_tables([DEFECTS.empty_table(), *(_of_column(*item, row_numbers) for item in reads.items())])


def _of_column(name: str, read: Read, row_numbers: pa.Array) -> pa.Table:
    is_wrong = read.reasons.is_valid()
    rows, reasons = row_numbers.filter(is_wrong), read.reasons.filter(is_wrong)
    return pa.table([rows, pa.repeat(pa.scalar(name), len(rows)), reasons], schema=DEFECTS)
