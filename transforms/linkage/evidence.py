"""Mentions, pairs and decisions as rows and integers: what clustering, identity and review all work on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import Codes, Flags, shared_codes
from transforms.linkage.model import LEVEL_CODES, MISSING, Comparison, LinkageModel
from transforms.linkage.rules import REGISTER, identity_codes

Rows = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Pair = tuple[int, int]  # two rows

DEATHS = ("death_certificates", "cremations")
BYSTANDERS = ("kin", "handler", "guardian")
RELATIVES_NUMBERS = ("father_id_no", "mother_id_no", "spouse_id_no", "child_id_no")
# What a person does not share with brothers and sisters, and the levels that say that two mentions agree on it.
OWN = {
    "id_no": ("same", "near", "first_14"),
    "birth_date": ("same", "lunar", "swapped", "one_digit"),
    "phone": ("same",),
    "spouse_name": ("number", "name"),
    "child_name": ("number", "name_and_birth", "name"),
}
HELD_AGAINST_EACH_OTHER = ("id_no", "name", "sex", "father_id_no", "mother_id_no")
NAMED = ("mention_id", "feed", "record_key", "role")
READ = tuple(dict.fromkeys([*NAMED, *HELD_AGAINST_EACH_OTHER, *RELATIVES_NUMBERS, "id_no_text", "birth_source"]))


@dataclass(frozen=True)
class Evidence:
    """Per mention (row, in the order of mention_id): what may or must not be joined with it.

    `same`: equal where number and name are, -1 where one is missing. `exact`: the first row with the same number and
    name, which make one person by rule; its own where none does. `record`: the record it stands in, -1 where nobody
    else does. `number`: its identity number where that can be trusted, `entry`: whose row of the register it is;
    both -1 otherwise, and neither can differ in one person.
    """

    mentions: pa.Table  # mention_id, feed, record_key, role; feed and role as dictionaries
    same: Codes
    exact: Rows
    record: Codes
    kind: Codes  # feed and role: a place in `kinds`
    kinds: tuple[tuple[str, str], ...]
    number: Codes
    entry: Codes
    father: Codes  # the parents' numbers, -1 where none is stated
    mother: Codes
    in_register: Flags
    is_dead: Flags  # the subject of a record of a death
    is_bystander: Flags  # kin, handler or guardian: known by little more than a name

    def of_kind(self, wanted: Iterable[bool]) -> Flags:
        """The mentions whose feed and role are wanted, told along `kinds`."""
        return np.fromiter(wanted, bool, len(self.kinds))[self.kind]


@dataclass(frozen=True)
class Edges:
    """Pairs of mention rows, in any order."""

    a: Codes  # 32 bits: there are more of them than of anything else
    b: Codes
    weight: Weights
    by_rule: Flags  # a rule of identity joins them, not the model
    like_name: Flags  # the names are the same or nearly so
    no_name: Flags  # a name is missing
    own: Flags  # the two agree on something that brothers and sisters do not share


def gather(mentions: pa.Table) -> Evidence:
    """The mentions in order, and their constraints."""
    told = _in_order(_coded(mentions))
    feeds, roles = (told[name].combine_chunks() for name in ("feed", "role"))
    kinds = tuple((feed, role) for feed in feeds.dictionary.to_pylist() for role in roles.dictionary.to_pylist())
    kind = _codes(feeds.indices) * np.int32(len(roles.dictionary)) + _codes(roles.indices)
    columns = {name: _codes(told[name].combine_chunks()) for name in told.column_names if name not in NAMED}
    in_register = np.array([feed == REGISTER for feed, _ in kinds], bool)[kind]
    return Evidence(
        mentions=told.select(NAMED),
        same=columns["same"],
        exact=_exact(columns["same"], columns["record"]),
        record=columns["record"],
        kind=kind,
        kinds=kinds,
        number=np.where(columns["is_stated"] | in_register, columns["id_no"], np.int32(-1)),
        entry=columns["entry"],
        father=columns["father_id_no"],
        mother=columns["mother_id_no"],
        in_register=in_register,
        is_dead=np.array([feed in DEATHS and role == "subject" for feed, role in kinds], bool)[kind],
        is_bystander=np.array([role in BYSTANDERS for _, role in kinds], bool)[kind],
    )


def _coded(mentions: pa.Table) -> pa.Table:
    # The columns in use; texts that are only held against each other as codes. A number counts against another only
    # where it is no relative's and the record's own date of birth confirms it, or the register states it.
    (feeds, (feed,)), (roles, (role,)) = (shared_codes([mentions[name]]) for name in ("feed", "role"))
    told = {column: shared_codes([mentions[column]])[1][0] for column in HELD_AGAINST_EACH_OTHER}
    borrowed = np.any([_flags(pc.equal(mentions["id_no"], mentions[column])) for column in RELATIVES_NUMBERS], axis=0)
    columns = {name: mentions[name] for name in ("mention_id", "record_key")}
    columns |= {
        "feed": pa.DictionaryArray.from_arrays(feed, feeds),
        "role": pa.DictionaryArray.from_arrays(role, roles),
        "record": _records(mentions, feed, role),
        "same": _dense(identity_codes(told["id_no"], told["name"], told["sex"])),
        "id_no": np.where(borrowed, np.int32(-1), told["id_no"]),
        "entry": _entries(mentions, np.array([name == REGISTER for name in feeds.to_pylist()], bool)[feed]),
        "is_stated": _flags(pc.equal(mentions["birth_source"], "stated")),
        "father_id_no": told["father_id_no"],
        "mother_id_no": told["mother_id_no"],
    }
    return pa.table(columns)


def _flags(values: pa.ChunkedArray) -> Flags:
    flags: Flags = np.asarray(pc.fill_null(values, False)).astype(bool)
    return flags


def _records(mentions: pa.Table, feed: Codes, role: Codes) -> Codes:
    # A feed that shows one role has one mention a record: those share theirs with nobody, which is -1.
    by_role = np.zeros((int(feed.max(initial=-1)) + 1, int(role.max(initial=-1)) + 1), bool)
    by_role[feed, role] = True
    rows = np.flatnonzero((by_role.sum(axis=1) > 1)[feed])
    _, (key,) = shared_codes([mentions["record_key"].take(pa.array(rows))])
    record = np.full(len(feed), -1, np.int32)
    record[rows] = _dense(key * np.int64(len(by_role)) + feed[rows])
    return record


def _entries(mentions: pa.Table, in_register: Flags) -> Codes:
    # The register has a person once a number, valid or not; a row without one is somebody else again.
    rows = np.flatnonzero(in_register)
    _, (text,) = shared_codes([mentions["id_no_text"].take(pa.array(rows))])
    entry = np.full(len(in_register), -1, np.int32)
    entry[rows] = np.where(text >= 0, text, len(rows) + np.arange(len(rows)))
    return entry


def _dense(codes: Rows) -> Codes:
    # The same codes numbered from 0 without gaps; -1 stays.
    return _codes(pa.array(codes, mask=codes < 0).dictionary_encode().indices.fill_null(-1))


def _codes(column: pa.Array) -> Codes:
    codes: Codes = column.to_numpy(zero_copy_only=False)
    return codes


def _in_order(table: pa.Table) -> pa.Table:
    return table.take(pa.array(order_of(table["mention_id"].combine_chunks()))).combine_chunks()


def order_of(ids: pa.Array) -> Rows:
    """The rows in the order of their ids."""
    # The first eight bytes as a number settle nearly all; texts are held against each other only where those tie.
    if (pc.min(pc.binary_length(ids)).as_py() or 0) < 8:
        short: Rows = pc.sort_indices(ids).to_numpy()
        return short
    heads = np.frombuffer(pc.binary_slice(ids.cast(pa.binary()), 0, 8).buffers()[2], ">u8", len(ids)).astype(np.uint64)
    order: Rows = np.argsort(heads, kind="stable")
    again = heads[order[1:]] == heads[order[:-1]]
    tied = np.concatenate([again, [False]]) | np.concatenate([[False], again])
    rows = order[tied]
    order[tied] = rows[pc.sort_indices(ids.take(pa.array(rows)))]
    return order


def _exact(same: Codes, record: Codes) -> Rows:
    # Number and name twice in one record is a slip of the form, not one person in two roles.
    packed = np.where((same >= 0) & (record >= 0), same.astype(np.int64) << 32 | record, -1)
    slips = repeated(np.sort(packed[packed >= 0]))
    rows = np.flatnonzero(among(packed, slips))
    later = np.delete(rows, np.unique(packed[rows], return_index=True)[1])
    has = same >= 0
    has[later] = False
    exact = np.arange(len(same), dtype=np.int64)
    first = np.full(int(same.max(initial=-1)) + 1, len(same), np.int64)
    np.minimum.at(first, same[has], exact[has])
    exact[has] = first[same[has]]
    return exact


def repeated(ordered: Rows) -> Rows:
    """The values that stand more than once in ordered ones."""
    again: Rows = ordered[1:][ordered[1:] == ordered[:-1]]
    return again


def among(values: Rows, ordered: Rows) -> Flags:
    """Which of the values stand among a few ordered ones."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    place = np.searchsorted(ordered, values)
    found: Flags = ordered[np.minimum(place, len(ordered) - 1)] == values
    return found


def edges_of(evidence: Evidence, pairs: pa.Table, model: LinkageModel) -> Edges:
    """The pairs between mentions that exist, as rows."""
    sides = pa.chunked_array([*pairs["mention_a"].chunks, *pairs["mention_b"].chunks], pa.string())
    a, b = np.split(rows_of(sides, evidence), 2)
    here = (a >= 0) & (b >= 0)
    patterns, (pattern,) = shared_codes([pairs["levels"]])
    like, none, own = (_showing(patterns, model, letters)[pattern][here] for letters in (_near_names, _no_name, _own))
    return Edges(
        a=a[here],
        b=b[here],
        weight=pairs["match_weight"].to_numpy()[here],
        by_rule=_flags(pc.equal(pairs["decided_by"], "rule"))[here],
        like_name=like,
        no_name=none,
        own=own,
    )


def _showing(patterns: pa.Array, model: LinkageModel, letters: Callable[[Comparison], str]) -> Flags:
    # The patterns that show any of a comparison's letters at its place.
    found = np.zeros(len(patterns), bool)
    for place, comparison in enumerate(model.comparisons):
        shown = pc.utf8_slice_codeunits(patterns, place, place + 1)
        found |= np.asarray(pc.is_in(shown, pa.array([*letters(comparison)], pa.string()))).astype(bool)
    return found


def _near_names(comparison: Comparison) -> str:
    return LEVEL_CODES[: comparison.level_names.index("one_character") + 1] if comparison.kind == "name" else ""


def _no_name(comparison: Comparison) -> str:
    return MISSING if comparison.kind == "name" else ""


def _own(comparison: Comparison) -> str:
    agreeing = OWN.get(comparison.columns[0], ())
    return "".join(LEVEL_CODES[place] for place, level in enumerate(comparison.level_names) if level in agreeing)


def rows_of(mention_ids: pa.Array | pa.ChunkedArray, evidence: Evidence) -> Codes:
    """The row of each mention id; -1 where there is no such mention."""
    found = pc.fill_null(pc.index_in(mention_ids, evidence.mentions["mention_id"].combine_chunks()), -1)
    rows: Codes = found.to_numpy()
    return rows
