"""Candidate pairs: mentions that agree on any of the model's blocking rules, made by DuckDB."""

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import shared_codes
from transforms.linkage.model import LinkageModel, Rule

Rows = npt.NDArray[np.int64]

REGISTER = "household_register"


class TooManyPairs(ValueError):
    """The blocking rules would make more pairs than the model allows; nothing was compared."""


def candidate_pairs(mentions: pa.Table, is_changed: pa.Array, model: LinkageModel, *, known: bool = False) -> tuple[Rows, Rows]:
    """Row numbers (a, b), a < b, of every pair worth comparing that holds at least one changed mention.

    Never a pair: two persons of one record, two numbers of the register. Pairs that one rule of identity
    joins anyway (same number and same name) are left out unless `known`. TooManyPairs beyond the model's
    `max_pairs`.
    """
    keyed = _keyed(mentions, is_changed)
    with duckdb.connect() as base:
        base.register("delivered", keyed)
        base.execute("create temp table mention as select * from delivered")
        pairs = " union ".join(f"({_rule_sql(rule, model)})" for rule in model.blocking.rules)
        base.execute(f"create temp table pair as {pairs}")
        _refuse_too_many(base, model)
        table = base.sql("select a, b from pair order by a, b").to_arrow_table()
    return _possible(keyed, table["a"].to_numpy(), table["b"].to_numpy(), known)


def _possible(keyed: pa.Table, a: Rows, b: Rows, known: bool) -> tuple[Rows, Rows]:
    """Without the pairs that cannot be one person, or are one already."""
    codes = {name: pc.fill_null(keyed[name], -1).to_numpy() for name in ("_record", "_register", "_same")}

    def alike(name: str) -> npt.NDArray[np.bool_]:
        return np.asarray((codes[name][a] == codes[name][b]) & (codes[name][a] >= 0))

    two_registered = (codes["_register"][a] >= 0) & (codes["_register"][b] >= 0) & ~alike("_register")
    kept = ~alike("_record") & ~two_registered & (known | ~alike("_same"))
    return a[kept], b[kept]


def _refuse_too_many(base: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    count = int(base.sql("select count(*) from pair").fetchall()[0][0])
    if count > model.blocking.max_pairs:
        raise TooManyPairs(
            f"the blocking rules make {count} pairs, the model allows {model.blocking.max_pairs}: "
            "make a rule of the model narrower, or raise max_pairs"
        )


def _rule_sql(rule: Rule, model: LinkageModel) -> str:
    left = _keys_sql(rule.on, rule.lacking)
    right = _keys_sql(rule.with_ or rule.on)
    small = (
        f"select key from ({right}) group by key having count(*) <= {model.blocking.max_block}"  # noqa: S608
    )
    # Either side may hold the change; the order of the two is restored, and `union` drops the doubles.
    sides = [("where _changed", "")] if left == right else [("where _changed", ""), ("", "where _changed")]
    return " union all ".join(
        f"select least(l._row, r._row) as a, greatest(l._row, r._row) as b from (from ({left}) {one}) l "  # noqa: S608
        f"join (from ({right}) {other}) r using (key) where l._row <> r._row and key in ({small})"
        for one, other in sides
    )


def _keys_sql(expressions: tuple[str, ...], lacking: str | None = None) -> str:
    parts = [Rule.sql(expression) for expression in expressions]
    present = " and ".join(f"{part} is not null" for part in parts)
    present += "" if lacking is None else f" and {Rule.sql(lacking)} is null"
    return f"select _row, _changed, hash({', '.join(parts)}) as key from mention where {present}"  # noqa: S608


def same_identity(mentions: pa.Table) -> npt.NDArray[np.int64]:
    """A code per mention, equal where a valid number and the name are the same; -1 where one is missing.

    A name beside its own valid number twice is one person by rule: no model is asked.
    """
    (numbers,), (names,) = (shared_codes([mentions[name]])[1] for name in ("id_no", "name"))
    code = numbers.astype(np.int64) << 32 | names.astype(np.int64)
    return np.where((numbers >= 0) & (names >= 0), code, -1)


def _keyed(mentions: pa.Table, is_changed: pa.Array) -> pa.Table:
    (records,) = shared_codes([record_names(mentions)])[1]
    same = same_identity(mentions)
    in_register = np.asarray(pc.equal(mentions["feed"], REGISTER)).astype(bool)
    (numbers,) = shared_codes([mentions["id_no_text"]])[1]
    plain = pa.table({name: _plain(mentions[name]) for name in mentions.column_names})
    return (
        plain.append_column("number", pc.coalesce(plain["id_no"], plain["id_no_text"]))
        .append_column("_row", pa.array(np.arange(mentions.num_rows)))
        .append_column("_changed", is_changed)
        .append_column("_record", pa.array(records))
        .append_column("_same", pa.array(same, mask=same < 0))
        .append_column("_register", pa.array(numbers, mask=~in_register))
    )


def record_names(mentions: pa.Table) -> pa.Array | pa.ChunkedArray:
    """feed|record_key of every mention."""
    return pc.binary_join_element_wise(_plain(mentions["feed"]), _plain(mentions["record_key"]), "|")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
