"""Blocking keys: 64 bits for what a rule reads of a row, equal where the rule's expressions are equal.

DuckDB reads the columns and makes the keys in one pass; from there on rules work on integers.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.encoding import Keys, database
from transforms.linkage.expressions import RARE, columns_of, rare_columns, to_sql
from transforms.linkage.frequencies import NAME, Frequencies
from transforms.linkage.model import LinkageModel, Rule
from transforms.linkage.packing import Packed, Table

Sought = tuple[tuple[str, ...], str | None]  # expressions that are in the key, and one that must be missing


def block_keys(packed: Packed, model: LinkageModel, frequencies: Frequencies) -> dict[str, Keys]:
    """The keys of every row by columns_of_rule; 0 where a rule finds nothing to look for."""
    wanted = _wanted(model)
    with database() as base:
        base.register("given", _given(packed, model, frequencies))
        found = base.sql(_query(wanted)).to_arrow_reader()
        return _whole(found, packed.rows, list(wanted))


def columns_of_rule(place: int, rule: Rule) -> tuple[str, str]:
    """The columns of a rule among block_keys: what a row seeks, and what it is sought by. Often they are one."""
    return (f"sought_{place}" if rule.is_even else f"seeks_{place}"), f"sought_{place}"


def _wanted(model: LinkageModel) -> dict[str, Sought]:
    found: dict[str, Sought] = {}
    for place, rule in enumerate(model.blocking.rules):
        seeks, sought = columns_of_rule(place, rule)
        found[sought] = (rule.with_ or rule.agree, None)
        found[seeks] = (rule.agree, rule.lacking)
    return found


def _query(wanted: dict[str, Sought]) -> str:
    # Every expression is hashed once, whichever rules share it.
    expressions = {text for agree, lacking in wanted.values() for text in (*agree, *([lacking] if lacking else []))}
    name_of = {text: f"_{place}" for place, text in enumerate(sorted(expressions))}
    prints = [f"case when {to_sql(text)} is not null then hash({to_sql(text)}) end as {name_of[text]}"
              for text in name_of]  # fmt: skip
    keys = [f"{_key([name_of[text] for text in agree], lacking and name_of[lacking])} as {column}"
            for column, (agree, lacking) in wanted.items()]  # fmt: skip
    return f"select {', '.join(keys)} from (select {', '.join(prints)} from given)"  # noqa: S608


def _key(prints: list[str], lacking: str | None) -> str:
    missing = [f"{each} is null" for each in prints] + ([f"{lacking} is not null"] if lacking else [])
    whole = prints[0] if len(prints) == 1 else f"hash({', '.join(prints)})"
    return f"case when {' or '.join(missing)} then 0::ubigint else {whole} | 1 end"


def _given(packed: Packed, model: LinkageModel, frequencies: Frequencies) -> pa.Table:
    expressions = {text for rule in model.blocking.rules for text in rule.expressions}
    given = {column: _column(packed.table, column) for column in _each(map(columns_of, expressions))}
    rare = {f"{RARE}{column}": _rare(packed, column, model, frequencies)
            for column in _each(map(rare_columns, expressions))}  # fmt: skip
    return pa.table(given | rare)


def _each(names: Iterable[set[str]]) -> list[str]:
    return sorted(set().union(*names))


def _whole(batches: pa.RecordBatchReader, rows: int, columns: list[str]) -> dict[str, Keys]:
    # Into place as they come, so that they are there once.
    found = {column: np.empty(rows, np.uint64) for column in columns}
    begin = 0
    for batch in batches:
        end = begin + batch.num_rows
        for column, keys in found.items():
            keys[begin:end] = batch.column(column).to_numpy()
        begin = end
    return found


def _column(table: Table, name: str) -> pa.Array | pa.ChunkedArray:
    if name not in table.schema.names:
        return pa.nulls(table.num_rows, pa.string())
    column = table[name]
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _rare(packed: Packed, name: str, model: LinkageModel, frequencies: Frequencies) -> pa.Array:
    # By the frozen frequencies, so that a name does not stop being rare between two nights.
    if NAME not in frequencies.kinds:
        return pa.nulls(packed.rows, pa.string())
    is_rare = np.exp2(frequencies.bits_of(NAME, name, packed)) * frequencies.count <= model.blocking.rare
    return pc.if_else(pa.array(is_rare), _column(packed.table, name), None)
