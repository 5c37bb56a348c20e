"""Candidate pairs: mentions that agree on any of the model's blocking rules, made by DuckDB."""

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import Flags, shared_codes
from transforms.linkage.frequencies import mention_count, share_of_values
from transforms.linkage.model import LinkageModel, Rule

Rows = npt.NDArray[np.int64]

REGISTER = "household_register"


class TooManyPairs(ValueError):
    """The blocking rules would make more pairs than the model allows; nothing was compared."""


def candidate_pairs(
    mentions: pa.Table, is_changed: pa.Array, model: LinkageModel, frequencies: pa.Table, *, known: bool = False
) -> tuple[Rows, Rows]:
    """Row numbers (a, b), a < b, of every pair worth comparing that holds at least one changed mention.

    Never a pair: two persons of one record, two numbers of the register. Pairs that the rule of number and name
    joins anyway are left out unless `known`. TooManyPairs beyond the model's `max_pairs`, told before any pair
    is made.
    """
    same = same_identity(mentions)
    apart = np.where((same < 0) | known, -1 - np.arange(len(same)), same)
    with duckdb.connect() as base:
        base.register("mention", _looked_at(mentions, is_changed, apart, model, frequencies))
        base.execute(f"create temp table keyed as select _row, _changed, _apart, {_keys_sql(model)} from mention")  # noqa: S608
        found = _pairs(base, model, every=bool(pc.all(is_changed).as_py()))
    packed = np.unique(found)
    a, b = packed >> 32, packed & 0xFFFFFFFF
    keep = _may_be_one(mentions, a, b)
    return a[keep], b[keep]


def _looked_at(
    mentions: pa.Table, is_changed: pa.Array, apart: Rows, model: LinkageModel, frequencies: pa.Table
) -> pa.Table:
    # The columns that a rule reads; `_apart` is equal where the rule of number and name has joined two already.
    wanted = {name for rule in model.blocking.rules for name in rule.columns} - {"number", "rare_name"}
    plain = {name: _plain(mentions[name]) for name in sorted(wanted)}
    plain["number"] = pc.coalesce(_plain(mentions["id_no"]), _plain(mentions["id_no_text"]))
    plain["rare_name"] = _rare_names(mentions, model.blocking.rare, frequencies)
    return pa.table({**plain, "_row": np.arange(mentions.num_rows), "_changed": is_changed, "_apart": apart})


def _rare_names(mentions: pa.Table, rare: int, frequencies: pa.Table) -> pa.Array:
    # By the frozen frequencies, so that a name does not stop being rare between two nights.
    encoded = mentions["name"].combine_chunks().dictionary_encode()
    is_rare = share_of_values(frequencies, encoded.dictionary) * mention_count(frequencies) <= rare
    return pc.if_else(pa.array(is_rare), encoded.dictionary, None).take(encoded.indices)


def _keys_sql(model: LinkageModel) -> str:
    # A hash per rule and side, null where a part is missing. `lacking` narrows only the side that seeks a partner.
    keys = []
    for place, rule in enumerate(model.blocking.rules):
        keys.append(f"{_key_sql(rule.with_ or rule.on, None)} as partner_{place}")
        if not rule.is_even:
            keys.append(f"{_key_sql(rule.on, rule.lacking)} as seeker_{place}")
    return ", ".join(keys)


def _key_sql(expressions: tuple[str, ...], lacking: str | None) -> str:
    parts = [Rule.sql(expression) for expression in expressions]
    wanted = [f"{part} is not null" for part in parts] + ([f"{Rule.sql(lacking)} is null"] if lacking else [])
    return f"case when {' and '.join(wanted)} then hash({', '.join(parts)}) end"


def _pairs(base: duckdb.DuckDBPyConnection, model: LinkageModel, every: bool) -> Rows:
    rules = model.blocking.rules
    selects = [_pairs_sql(place, rule, model.blocking.max_block, every) for place, rule in enumerate(rules)]
    together = " union all ".join(f"({select})" for select in selects)
    table = base.sql(f"select a, b from ({together}) limit {model.blocking.max_pairs + 1}").to_arrow_table()  # noqa: S608
    if table.num_rows > model.blocking.max_pairs:
        raise TooManyPairs(
            f"the blocking rules make more pairs than the {model.blocking.max_pairs} that the model allows: make a "
            "rule under `blocking` narrower, or raise its max_pairs"
        )
    packed: Rows = table["a"].to_numpy().astype(np.int64) << 32 | table["b"].to_numpy()
    return packed


def _pairs_sql(place: int, rule: Rule, max_block: int, every: bool) -> str:
    # Keys that no changed mention has need not be looked at: a night's changes are few.
    seeker, partner = f"partner_{place}" if rule.is_even else f"seeker_{place}", f"partner_{place}"
    touched = (
        f"select {seeker} as key from keyed where _changed and {seeker} is not null "  # noqa: S608 - fixed words only
        f"union select {partner} from keyed where _changed and {partner} is not null"
    )
    near = "" if every else " and key in (select key from touched)"
    condition = "l._changed and (l._row < r._row or not r._changed)" if rule.is_even else "(l._changed or r._changed)"
    return (
        f"with touched as ({touched}), "  # noqa: S608
        f"l as (select _row, _changed, _apart, {seeker} as key from keyed where key is not null{near}), "
        f"r as (select _row, _changed, _apart, {partner} as key from keyed where key is not null{near} "
        f"qualify count(*) over (partition by key) <= {max_block}) "
        "select least(l._row, r._row) as a, greatest(l._row, r._row) as b from l join r using (key) "
        f"where l._row <> r._row and l._apart <> r._apart and {condition}"
    )


def _may_be_one(mentions: pa.Table, a: Rows, b: Rows) -> Flags:
    (record,) = shared_codes([record_names(mentions)])[1]
    (number,) = shared_codes([mentions["id_no_text"]])[1]
    registered = np.where(np.asarray(pc.equal(mentions["feed"], REGISTER)).astype(bool), number, -1)
    two_numbers = (registered[a] >= 0) & (registered[b] >= 0) & (registered[a] != registered[b])
    possible: Flags = (record[a] != record[b]) & ~two_numbers
    return possible


def same_identity(mentions: pa.Table) -> npt.NDArray[np.int64]:
    """A code per mention, equal where a valid number and the name are the same; -1 where one is missing.

    A name beside its own valid number twice is one person by rule: no model is asked. (Not where the sexes differ:
    then the number may be the twin's.)
    """
    (numbers,), (names,), (sexes,) = (shared_codes([mentions[name]])[1] for name in ("id_no", "name", "sex"))
    code = numbers.astype(np.int64) << 34 | names.astype(np.int64) << 2 | (sexes + 1)
    return np.where((numbers >= 0) & (names >= 0), code, -1)


def record_names(mentions: pa.Table) -> pa.Array | pa.ChunkedArray:
    """feed|record_key of every mention."""
    return pc.binary_join_element_wise(_plain(mentions["feed"]), _plain(mentions["record_key"]), "|")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
