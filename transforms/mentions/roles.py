"""All roles of all records in one table, and where the other roles of the same record stand in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.feeds import MentionRule
from transforms.schemas import RECORD_KEY
from transforms.standardise.columns import as_array
from transforms.standardise.feed import damaged_column, year_column
from transforms.standardise.identifiers import valid_18

NOWHERE = -1  # no such role

_COLUMNS = pa.schema(
    [
        ("feed", pa.string()),
        ("record_key", pa.string()),
        ("role", pa.string()),
        ("name", pa.string()),
        ("former_name", pa.string()),
        ("number", pa.string()),
        ("damaged_number", pa.string()),
        ("birth_stated", pa.date32()),
        ("birth_year", pa.int64()),  # stated, where no date could be read
        ("sex_stated", pa.string()),
        ("sex_of_role", pa.string()),
        ("address", pa.string()),
        ("phone", pa.string()),
        ("division", pa.string()),
        ("age", pa.int64()),
        ("age_year", pa.int64()),
        ("relative_is", pa.string()),
        ("is_to_relative", pa.string()),
        ("household_no", pa.string()),
        ("relation_to_head", pa.string()),
        ("rank", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Roles:
    """`table` has one row for each role of each record, whether or not somebody is named there.

    `at[relation]` is, row by row, the position of the record's father, mother, spouse, child or relative in
    `table`; NOWHERE without one. `record` numbers the records.
    """

    table: pa.Table
    record: Any
    at: dict[str, Any]


def stack_roles(records: Mapping[str, pa.Table], rules: Mapping[str, tuple[MentionRule, ...]]) -> Roles:
    """Every role that the contracts name, role under role, feed under feed."""
    tables, numbers, at = [_COLUMNS.empty_table()], [np.empty(0, np.int64)], _nothing()
    position = record = 0
    for feed, table in records.items():
        starts = {rule.role: position + place * len(table) for place, rule in enumerate(rules[feed])}
        for rule in rules[feed]:
            tables.append(_role_table(feed, rule, table))
            numbers.append(np.arange(len(table)) + record)
            for relation, positions in _positions(rule, starts, len(table)):
                at[relation].append(positions)
        position += len(table) * len(rules[feed])
        record += len(table)
    joined = {relation: np.concatenate(parts) for relation, parts in at.items()}
    return Roles(pa.concat_tables(tables), np.concatenate(numbers), joined)


def _nothing() -> dict[str, list[Any]]:
    return {relation: [np.empty(0, np.int64)] for relation in ("father", "mother", "spouse", "child", "relative")}


def _positions(rule: MentionRule, starts: dict[str, int], rows: int) -> Iterator[tuple[str, Any]]:
    for relation in _nothing():
        role = getattr(rule, relation)
        yield relation, np.arange(rows) + starts[role] if role else np.full(rows, NOWHERE)


def _role_table(feed: str, rule: MentionRule, records: pa.Table) -> pa.Table:
    rows = len(records)
    columns = {
        "feed": pa.repeat(pa.scalar(feed), rows),
        "record_key": as_array(records[RECORD_KEY]),
        "role": pa.repeat(pa.scalar(rule.role), rows),
        "name": _column(records, rule.name),
        "former_name": _column(records, rule.former_name),
        "number": _number(rule, records),
        "damaged_number": _column(records, damaged_column(rule.id_no) if rule.id_no else None),
        "birth_stated": _column(records, rule.birth_date),
        "birth_year": _column(records, year_column(rule.birth_date) if rule.birth_date else None),
        "sex_stated": _column(records, rule.sex_column),
        "sex_of_role": pa.repeat(pa.scalar(rule.sex, pa.string()), rows),
        "address": _column(records, rule.address),
        "phone": _column(records, rule.phone),
        "division": _column(records, rule.division),
        "age": _column(records, rule.age),
        "age_year": _age_year(records, rule.age_on),
        "relative_is": _column(records, rule.relative_relation),
        "is_to_relative": _column(records, rule.relative_relation_inverse),
        "household_no": _column(records, rule.household),
        "relation_to_head": _column(records, rule.relation_to_head),
        "rank": _rank(records),
    }
    typed = [_typed(columns[field.name], field.type) for field in _COLUMNS]
    return pa.table(typed, schema=_COLUMNS)


def _column(records: pa.Table, name: str | None) -> pa.Array:
    if name is None or name not in records.column_names:
        return pa.nulls(len(records))
    return as_array(records[name])


def _number(rule: MentionRule, records: pa.Table) -> pa.Array:
    """The role's identity number. A subject without one may have it as the record's own number.

    (Certificates of death are numbered so since July 2026; only a number that is valid counts.)
    """
    stated = _column(records, rule.id_no).cast(pa.string())
    if rule.role != "subject":
        return stated
    own = pc.list_element(pc.split_pattern(as_array(records[RECORD_KEY]), "|"), 0)
    return pc.coalesce(stated, valid_18(pc.if_else(pc.equal(pc.utf8_length(own), 18), own, None).cast(pa.string())))


def _typed(values: pa.Array, type_: pa.DataType) -> pa.Array:
    return values if values.type == type_ else values.cast(type_)


def _age_year(records: pa.Table, columns: tuple[str, ...]) -> pa.Array:
    """The year of the first of the columns that is filled."""
    years = [pc.year(_column(records, name)) for name in columns]
    return pc.coalesce(*years) if years else pa.nulls(len(records), pa.int64())


def _rank(records: pa.Table) -> pa.Array:
    """0 a record in force, 1 a cancelled entry of the register, 2 a record that its agency has withdrawn."""
    cancelled = _column(records, "cancelled_on").is_valid().cast(pa.int64())
    withdrawn = pc.equal(_column(records, "_status").cast(pa.string()), "withdrawn").fill_null(False)
    return pc.if_else(withdrawn, 2, cancelled)
