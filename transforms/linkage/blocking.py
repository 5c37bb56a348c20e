"""Candidate pairs: mentions that agree on any of the model's blocking rules, made by DuckDB."""

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import Flags, shared_codes
from transforms.linkage.model import LinkageModel, Rule

Rows = npt.NDArray[np.int64]

REGISTER = "household_register"


class TooManyPairs(ValueError):
    """The blocking rules would make more pairs than the model allows; nothing was compared."""


def candidate_pairs(mentions: pa.Table, is_changed: pa.Array, model: LinkageModel, *, known: bool = False) -> tuple[Rows, Rows]:
    """Row numbers (a, b), a < b, of every pair worth comparing that holds at least one changed mention.

    Never a pair: two persons of one record, two numbers of the register. Pairs that the rule of number and name
    joins anyway are left out unless `known`. TooManyPairs beyond the model's `max_pairs`, told before any pair
    is made.
    """
    same = same_identity(mentions)
    apart = np.where((same < 0) | known, -1 - np.arange(len(same)), same)
    with duckdb.connect() as base:
        base.register("delivered", _looked_at(mentions, is_changed, apart, model))
        base.execute("create temp table mention as select * from delivered")
        for place, rule in enumerate(model.blocking.rules):
            _make_keys(base, f"rule_{place}", rule, model.blocking.max_block)
        _refuse_too_many(base, model)
        found = [_pairs_of(base, f"rule_{place}", rule) for place, rule in enumerate(model.blocking.rules)]
    packed = np.unique(np.concatenate([np.array([], np.int64), *found]))
    a, b = packed >> 32, packed & 0xFFFFFFFF
    keep = _may_be_one(mentions, a, b)
    return a[keep], b[keep]


def _looked_at(mentions: pa.Table, is_changed: pa.Array, apart: Rows, model: LinkageModel) -> pa.Table:
    # The columns that a rule reads; `_apart` is equal where the rule of number and name has joined two already.
    wanted = {name for rule in model.blocking.rules for name in rule.columns} - {"number"}
    plain = {name: _plain(mentions[name]) for name in sorted(wanted)}
    plain["number"] = pc.coalesce(_plain(mentions["id_no"]), _plain(mentions["id_no_text"]))
    return pa.table({**plain, "_row": np.arange(mentions.num_rows), "_changed": is_changed, "_apart": apart})


def _make_keys(base: duckdb.DuckDBPyConnection, name: str, rule: Rule, max_block: int) -> None:
    # `lacking` narrows only the side that looks for a partner, the guard only the side that is found. Keys that no
    # changed mention has need not be looked at: a night's changes are few.
    seeker, partner = _keys_sql(rule.on, rule.lacking), _keys_sql(rule.with_ or rule.on)
    base.execute(
        f"create temp table {name}_touched as select distinct key from ({seeker} and _changed "  # noqa: S608
        f"union all {partner} and _changed)"
    )
    touched = f"key in (select key from {name}_touched)"
    base.execute(f"create temp table {name}_seeker as select * from ({seeker}) where {touched}")  # noqa: S608
    base.execute(
        f"create temp table {name}_partner as select * from ({partner}) where {touched} "  # noqa: S608
        f"qualify count(*) over (partition by key) <= {max_block}"
    )


def _keys_sql(expressions: tuple[str, ...], lacking: str | None = None) -> str:
    parts = [Rule.sql(expression) for expression in expressions]
    wanted = [f"{part} is not null" for part in parts] + ([f"{Rule.sql(lacking)} is null"] if lacking else [])
    return (
        f"select _row, _changed, _apart, hash({', '.join(parts)}) as key "  # noqa: S608 - expressions were checked
        f"from mention where {' and '.join(wanted)}"
    )


def _pairs_of(base: duckdb.DuckDBPyConnection, name: str, rule: Rule) -> Rows:
    if rule.with_ is None and rule.lacking is None:
        return _joined(base, name, "l._changed and (l._row < r._row or not r._changed)")
    return _joined(base, name, "(l._changed or r._changed)")


def _joined(base: duckdb.DuckDBPyConnection, name: str, condition: str) -> Rows:
    table = base.sql(
        f"select least(l._row, r._row) as a, greatest(l._row, r._row) as b from {name}_seeker l "  # noqa: S608
        f"join {name}_partner r using (key) where l._row <> r._row and l._apart <> r._apart and {condition}"
    ).to_arrow_table()
    packed: Rows = table["a"].to_numpy().astype(np.int64) << 32 | table["b"].to_numpy()
    return packed


def _refuse_too_many(base: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    counts = {rule.name: _count(base, f"rule_{place}") for place, rule in enumerate(model.blocking.rules)}
    if sum(counts.values()) > model.blocking.max_pairs:
        heaviest = max(counts, key=lambda name: counts[name])
        raise TooManyPairs(
            f"the blocking rules make about {sum(counts.values())} pairs, the model allows {model.blocking.max_pairs}; "
            f"most of them come from rule {heaviest} ({counts[heaviest]}): make it narrower, or raise max_pairs in the model"
        )


def _count(base: duckdb.DuckDBPyConnection, name: str) -> int:
    rows = base.sql(
        f"select coalesce(sum(l.n * r.n), 0) from (select key, count(*) n from {name}_seeker where _changed group by key) l "  # noqa: S608
        f"join (select key, count(*) n from {name}_partner group by key) r using (key)"
    ).fetchall()
    return int(rows[0][0])


def _may_be_one(mentions: pa.Table, a: Rows, b: Rows) -> Flags:
    (record,) = shared_codes([record_names(mentions)])[1]
    (number,) = shared_codes([mentions["id_no_text"]])[1]
    registered = np.where(np.asarray(pc.equal(mentions["feed"], REGISTER)).astype(bool), number, -1)
    two_numbers = (registered[a] >= 0) & (registered[b] >= 0) & (registered[a] != registered[b])
    possible: Flags = (record[a] != record[b]) & ~two_numbers
    return possible


def same_identity(mentions: pa.Table) -> npt.NDArray[np.int64]:
    """A code per mention, equal where a valid number and the name are the same; -1 where one is missing.

    A name beside its own valid number twice is one person by rule: no model is asked.
    """
    (numbers,), (names,) = (shared_codes([mentions[name]])[1] for name in ("id_no", "name"))
    code = numbers.astype(np.int64) << 32 | names.astype(np.int64)
    return np.where((numbers >= 0) & (names >= 0), code, -1)


def record_names(mentions: pa.Table) -> pa.Array | pa.ChunkedArray:
    """feed|record_key of every mention."""
    return pc.binary_join_element_wise(_plain(mentions["feed"]), _plain(mentions["record_key"]), "|")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
