"""Candidate pairs: rows that agree on any of the model's blocking rules, made by DuckDB."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import shared_codes
from transforms.linkage.comparisons import Packed, Table
from transforms.linkage.encoding import Flags, Keys, Rows
from transforms.linkage.expressions import RARE, columns_of, rare_columns, to_sql
from transforms.linkage.frequencies import NAME, Frequencies
from transforms.linkage.model import LinkageModel, Rule
from transforms.linkage.rules import REGISTER, record_names, same_identity

THREADS = 2
Packed64 = npt.NDArray[np.int64]  # left row << 32 | right row


@dataclass(frozen=True)
class Load:
    """What a rule would make: pairs, and the largest block with the number of one of its rows."""

    rule: str
    pairs: int
    largest: int
    example_row: int


class TooManyPairs(ValueError):
    """The blocking rules would make more pairs than the model allows; nothing was compared."""

    def __init__(self, loads: list[Load], allowed: int) -> None:
        self.loads, self.allowed = sorted(loads, key=lambda load: -load.pairs), allowed
        total = sum(load.pairs for load in loads)
        told = "; ".join(
            f"{load.rule} {load.pairs:,} pairs, its largest block {load.largest:,} rows (row {load.example_row} is one)"
            for load in self.loads[:3]
        )
        super().__init__(
            f"the blocking rules would make {total:,} pairs, the model allows {allowed:,}; "
            f"nothing was compared. Heaviest: {told}. Make these rules narrower, or raise max_pairs under `blocking`"
        )


class Blocks:
    """The blocks of one table of mentions. Use as a context; it holds a DuckDB connection.

    A block of more than `max_block` mentions is crowded and makes no pairs. Whether it is depends on tonight's
    mentions, so a night that works on changes only must also look again at every member of a block that has
    become crowded, or is no longer: `crowded` tells which are, `members` who they are.
    """

    def __init__(self, mentions: pa.Table, model: LinkageModel, frequencies: pa.Table | Frequencies) -> None:
        self._mentions, self._model = mentions, model
        self._base = duckdb.connect()
        with _hashed(self._base, Packed(mentions), model, Frequencies.of(frequencies)) as hashed:
            self._base.execute(f"create temp table mention as {hashed}")

    def __enter__(self) -> "Blocks":
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def crowded(self) -> Keys:
        """The keys of crowded blocks, ascending."""
        most = self._model.blocking.max_block
        found = [
            self._numbers(f"select key from ({keyed}) group by key having count(*) > {most}")  # noqa: S608
            for keyed in self._keyed()
        ]
        return np.sort(np.concatenate(found))

    def members(self, keys: Keys) -> Flags:
        """Which mentions are in any of these blocks."""
        flags = np.zeros(self._mentions.num_rows, bool)
        if len(keys):
            self._base.register("wanted", pa.table({"key": keys}))
            for keyed in self._keyed():
                flags[self._numbers(f"select _row from ({keyed}) where key in (select key from wanted)")] = True  # noqa: S608
        return flags

    def _keyed(self) -> list[str]:
        # The place of the rule is part of the key here: one value may be crowded under one rule only.
        keyed = [_keyed("mention", rule.with_ or rule.agree) for rule in self._model.blocking.rules]
        return [f"select _row, hash(key, {place}) as key from ({sql})" for place, sql in enumerate(keyed)]  # noqa: S608

    def _numbers(self, sql: str) -> npt.NDArray[Any]:
        table = self._base.sql(sql).to_arrow_table()
        found: npt.NDArray[Any] = table.column(0).to_numpy()
        return found

    def pairs(self, is_changed: pa.Array, *, known: bool = False) -> tuple[Rows, Rows]:
        """Row numbers (a, b), a < b, of every pair worth comparing that holds at least one changed mention.

        Never a pair: two persons of one record, two numbers of the register. Pairs that the rule of number and
        name joins anyway are left out unless `known`. TooManyPairs beyond the model's `max_pairs`, told before any
        pair is compared.
        """
        same = same_identity(self._mentions)
        apart = np.where((same < 0) | known, -1 - np.arange(len(same)), same)
        every = bool(pc.all(is_changed).as_py())
        state = pa.table({"_row": np.arange(len(same), dtype=np.int32), "_changed": is_changed, "_apart": apart})
        self._base.register("state", state)
        sqls = [_within_sql(rule, self._model.blocking.max_block, every) for rule in self._model.blocking.rules]
        a, b = unpacked(_collected(self._base, sqls, self._model))
        keep = _may_be_one(self._mentions, a, b)
        return a[keep], b[keep]


def candidate_pairs(
    mentions: pa.Table, model: LinkageModel, frequencies: pa.Table | Frequencies, *, known: bool = False
) -> tuple[Rows, Rows]:
    """Every pair of mentions worth comparing; see Blocks.pairs."""
    with Blocks(mentions, model, frequencies) as blocks:
        return blocks.pairs(pa.array(np.ones(mentions.num_rows, bool)), known=known)


def block_keys(packed: Packed, model: LinkageModel, frequencies: Frequencies) -> pa.Table:
    """The blocks of every row: for each rule a column of 64-bit keys that it seeks and one of those it is sought by.

    One column where both are the same; null where a row has no part in the rule. Rows stand as in the table.
    """
    columns = [f"case when {has} then {key} end as {name}" for name, (key, has) in _ways(model).items()]
    with duckdb.connect() as base, _hashed(base, packed, model, frequencies) as hashed:
        return base.sql(f"select {', '.join(columns)} from ({hashed})").to_arrow_table()  # noqa: S608


def _ways(model: LinkageModel) -> dict[str, tuple[str, str]]:
    # The columns of block_keys: the key, and what a row must have for it.
    found: dict[str, tuple[str, str]] = {}
    for place, rule in enumerate(model.blocking.rules):
        seeks, sought = _columns(place, rule)
        found[sought] = _key(rule.with_ or rule.agree)
        found[seeks] = _key(rule.agree, rule.lacking)
    return found


def _columns(place: int, rule: Rule) -> tuple[str, str]:
    # The columns of a rule in block_keys: what a row seeks, and what it is sought by.
    return (f"sought_{place}" if rule.is_even else f"seeks_{place}"), f"sought_{place}"


def cross_pairs(left: pa.Table, right: pa.Table, model: LinkageModel, *, threads: int = THREADS) -> tuple[Rows, Rows]:
    """Row numbers (a of the left, b of the right) of every pair of two tables worth comparing, from their block_keys.

    A key that more than `max_block` rows of the right table share makes no pairs. TooManyPairs as above.
    """
    ways = [
        (rule.name, left[mine], right[theirs])
        for place, rule in enumerate(model.blocking.rules)
        for mine, theirs in _both_ways(*_columns(place, rule))
    ]
    with ThreadPoolExecutor(threads) as pool:
        met = list(pool.map(lambda way: _met(way[1], way[2], model.blocking.max_block), ways))
        if sum(each.count for each in met) > model.blocking.max_pairs:
            raise TooManyPairs(
                [each.load(way[0]) for each, way in zip(met, ways, strict=True)], model.blocking.max_pairs
            )
        return unpacked(list(pool.map(_Met.pairs, met)))


def _both_ways(seeks: str, sought: str) -> list[tuple[str, str]]:
    # What one side states of a relative may be what the other states of itself.
    return [(seeks, sought)] if seeks == sought else [(seeks, sought), (sought, seeks)]


@dataclass(frozen=True)
class _Met:
    # Left rows, how many right rows each has met, and where those begin among `others`.
    rows: Rows
    size: Rows
    first: Rows
    others: Rows

    @property
    def count(self) -> int:
        return int(self.size.sum())

    def pairs(self) -> Packed64:
        ends = np.cumsum(self.size)
        place = np.arange(self.count) + np.repeat(self.first - (ends - self.size), self.size)
        found: Packed64 = np.repeat(self.rows, self.size) << 32 | self.others[place]
        return found

    def load(self, rule: str) -> Load:
        # Left rows of one block stand together and begin at the same place.
        blocks, at, many = np.unique(self.first, return_index=True, return_counts=True)
        heaviest = at[np.argmax(many * self.size[at])] if len(blocks) else 0
        return Load(rule, self.count, int(self.size.max(initial=0)), int(self.rows[heaviest]) if len(blocks) else 0)


def _met(seeks: pa.ChunkedArray, sought: pa.ChunkedArray, most: int) -> _Met:
    keys, rows = _in_order(*_there(seeks))
    found, others = _there(sought)
    # Most of a register has no key that anybody seeks: a table of a few bits of the keys tells nearly all of those.
    is_near = np.zeros(_NEAR, bool)
    is_near[keys & _BITS] = True
    near = np.flatnonzero(is_near[found & _BITS])
    found, others = _in_order(found[near], others[near])
    first, last = np.searchsorted(found, keys, "left"), np.searchsorted(found, keys, "right")
    size = last - first
    met = np.flatnonzero((size > 0) & (size <= most))
    return _Met(rows[met], size[met], first[met], others)


_NEAR = 1 << 21
_BITS = np.uint64(_NEAR - 1)


def _there(column: pa.ChunkedArray) -> tuple[Keys, Rows]:
    # The keys, and the rows that have one.
    whole = column.combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    rows = np.flatnonzero(np.asarray(whole.is_valid())) if whole.null_count else np.arange(len(whole))
    keys: Keys = np.frombuffer(whole.buffers()[1] or b"", np.uint64, len(whole), whole.offset * 8)
    return (keys[rows] if whole.null_count else keys), rows


def _in_order(keys: Keys, rows: Rows) -> tuple[Keys, Rows]:
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def unpacked(found: list[Packed64]) -> tuple[Rows, Rows]:
    """The distinct pairs of several rules, in order."""
    packed = np.sort(np.concatenate([np.zeros(0, np.int64), *found]))
    packed = packed[np.concatenate([[True], packed[1:] != packed[:-1]])] if len(packed) else packed
    return packed >> 32, packed & 0xFFFFFFFF


@contextmanager
def _hashed(
    base: duckdb.DuckDBPyConnection, packed: Packed, model: LinkageModel, frequencies: Frequencies
) -> Iterator[str]:
    # A query for the fingerprint of every expression: the rules then work on integers only.
    expressions = sorted({text for rule in model.blocking.rules for text in rule.expressions})
    wanted = {column for text in expressions for column in columns_of(text)}
    rare = {column for text in expressions for column in rare_columns(text)}
    given = {column: _column(packed.table, column) for column in sorted(wanted)}
    given |= {f"{RARE}{column}": _rare(packed, column, model, frequencies) for column in sorted(rare)}
    base.register("given", pa.table({**given, "_row": pa.array(np.arange(packed.rows, dtype=np.int32))}))
    hashes = [f"{_fingerprint(text)} as {_named(text)}" for text in expressions]
    yield f"select {', '.join(['_row', *hashes])} from given"  # noqa: S608
    base.unregister("given")


def _fingerprint(text: str) -> str:
    return f"case when {to_sql(text)} is not null then hash({to_sql(text)}) end"


def _named(text: str) -> str:
    return f'"{text}"'  # the expression itself, which has no quotation marks


def _column(table: Table, name: str) -> pa.Array | pa.ChunkedArray:
    if name not in table.schema.names:
        return pa.nulls(table.num_rows, pa.string())
    column = table[name]
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _rare(packed: Packed, name: str, model: LinkageModel, frequencies: Frequencies) -> pa.Array:
    # By the frozen frequencies, so that a name does not stop being rare between two nights.
    shares = frequencies.kinds.get(NAME)
    if shares is None:
        return pa.nulls(packed.rows, pa.string())
    is_rare = np.exp2(shares.of(packed.names(name).chars)) * frequencies.count <= model.blocking.rare
    return pc.if_else(pa.array(is_rare), _column(packed.table, name), None)


def _key(expressions: tuple[str, ...], lacking: str | None = None) -> tuple[str, str]:
    # One key over all of the expressions, and the condition that a row has them and lacks what it has to lack.
    names = [_named(text) for text in expressions]
    present = [f"{name} is not null" for name in names] + ([f"{_named(lacking)} is null"] if lacking else [])
    return f"hash({', '.join(names)})", " and ".join(present)


def _keyed(source: str, expressions: tuple[str, ...], lacking: str | None = None) -> str:
    key, condition = _key(expressions, lacking)
    return f"select _row, {key} as key from {source} where {condition}"  # noqa: S608


def _collected(base: duckdb.DuckDBPyConnection, sqls: list[str], model: LinkageModel) -> list[Packed64]:
    # Stops at the first pair too many, and only then counts what every rule would have made.
    found: list[Packed64] = []
    left = model.blocking.max_pairs
    for sql in sqls:
        found.append(base.sql(f"{sql} limit {left + 1}").to_arrow_table()["pair"].to_numpy())
        left -= len(found[-1])
        if left < 0:
            loads = [_load(base, rule, model.blocking.max_block) for rule in model.blocking.rules]
            raise TooManyPairs(loads, model.blocking.max_pairs)
    return found


def _load(base: duckdb.DuckDBPyConnection, rule: Rule, most: int) -> Load:
    # A row is no partner of itself, and where both sides are looked at alike a pair is seen from both ends.
    alone, ends = (1, 2) if rule.is_even else (0, 1)
    sizes = "select key, count(*) as n, min(_row) as example from"
    seeks, sought = _keyed("mention", rule.agree, rule.lacking), _keyed("mention", rule.with_ or rule.agree)
    pairs, largest, row = base.sql(
        f"with l as ({sizes} ({seeks}) group by key), "  # noqa: S608
        f"r as ({sizes} ({sought}) group by key having n <= {most}) "
        f"select coalesce(sum(l.n * (r.n - {alone})), 0), coalesce(max(r.n), 0), "
        "coalesce(arg_max(l.example, l.n * r.n), 0) from l join r using (key)"
    ).fetchall()[0]
    return Load(rule.name, int(pairs) // ends, int(largest), int(row))


def _within_sql(rule: Rule, most: int, every: bool) -> str:
    # Keys that no changed mention has need not be looked at: a night's changes are few.
    keyed = "create or replace temp table {} as select * from ({}) join state using (_row); "
    partner = keyed.format("r", _keyed("mention", rule.with_ or rule.agree))
    seeker = keyed.format("l", _keyed("mention", rule.agree, rule.lacking))
    one = "r" if rule.is_even else "l"
    touched = f"select key from {one} where _changed union select key from r where _changed"  # noqa: S608
    near = "" if every else f"where key in ({touched})"
    condition = "l._changed and (l._row < r._row or not r._changed)" if rule.is_even else "(l._changed or r._changed)"
    return (
        f"{partner}{'' if rule.is_even else seeker}create or replace temp table small as "  # noqa: S608
        f"select key from r {near} group by key having count(*) between {1 + rule.is_even} and {most}; "
        "select least(l._row, r._row)::bigint << 32 | greatest(l._row, r._row) as pair "
        f"from (select * from {one} semi join small using (key)) l join r using (key) "
        f"where l._row <> r._row and l._apart <> r._apart and {condition}"
    )


def _may_be_one(mentions: pa.Table, a: Rows, b: Rows) -> Flags:
    (record,) = shared_codes([record_names(mentions)])[1]
    (number,) = shared_codes([mentions["id_no_text"]])[1]
    registered = np.where(np.asarray(pc.equal(mentions["feed"], REGISTER)).astype(bool), number, -1)
    two_numbers = (registered[a] >= 0) & (registered[b] >= 0) & (registered[a] != registered[b])
    possible: Flags = (record[a] != record[b]) & ~two_numbers
    return possible
