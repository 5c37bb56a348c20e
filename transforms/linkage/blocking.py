"""Candidate pairs: rows that agree on any of the model's blocking rules.

What a row is looked up by under each rule is a key of 64 bits (keying.py), made once a table.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.encoding import Flags, Keys, Rows, keys_of, mix
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.keying import block_keys, columns_of_rule
from transforms.linkage.meeting import Crowds, Meeting, across, crowded, within
from transforms.linkage.model import LinkageModel, Rule
from transforms.linkage.packing import Packed
from transforms.linkage.rules import REGISTER, same_identity, same_record

THREADS = 2
Packed64 = npt.NDArray[np.int64]  # left row << 32 | right row


@dataclass(frozen=True)
class Load:
    """What a rule would make: pairs, and the largest block with the number of one of its rows."""

    rule: str
    pairs: int
    largest: int
    example_row: int


HEAVIEST = 3  # keys that are told of a rule


@dataclass(frozen=True)
class GivenUp:
    """Keys of a rule that make no pairs, since more than `max_block` rows of the right table have each.

    Only keys that rows of the left table look for. `right_rows` have them, `left_rows` look for them, and count once a
    key. `heaviest`: for a few keys, the largest first, how many right rows, and the number of a left row (-1 where rows
    have none). What the keys are is not told.
    """

    rule: str
    keys: int
    left_rows: int
    right_rows: int
    heaviest: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Candidates:
    """Pairs of two tables worth comparing, as rows (of the left, of the right), and what the rules have given up."""

    rows: tuple[Rows, Rows]
    given_up: tuple[GivenUp, ...]


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
    """The blocks of one table of mentions.

    A block of more than `max_block` mentions is crowded and makes no pairs. Whether it is depends on tonight's
    mentions, so a night that works on changes only must also look again at every member of a block that has
    become crowded, or is no longer: `crowded` tells which are, `members` who they are.
    """

    def __init__(self, mentions: pa.Table, model: LinkageModel, frequencies: pa.Table | Frequencies) -> None:
        self._mentions, self._model, self._frequencies = mentions, model, Frequencies.of(frequencies)
        self._keys: dict[str, Keys] = {}

    def crowded(self) -> Keys:
        """The keys of crowded blocks, ascending."""
        most = self._model.blocking.max_block
        self._make_keys()
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda placed: crowded(self._told_apart(placed), most), self._rules()))
        return np.sort(np.concatenate(found))

    def members(self, keys: Keys) -> Flags:
        """Which mentions are in any of these blocks."""
        flags = np.zeros(self._mentions.num_rows, bool)
        if len(keys):
            self._make_keys()
            for mine in map(self._told_apart, self._rules()):
                flags |= np.isin(mine, keys)
        return flags

    def pairs(self, is_changed: pa.Array, *, known: bool = False, threads: int = THREADS) -> tuple[Rows, Rows]:
        """Row numbers (a, b), a < b, of every pair worth comparing that holds at least one changed mention.

        Never a pair: two persons of one record, two numbers of the register. Pairs that the rule of number and
        name joins anyway are left out unless `known`. TooManyPairs beyond the model's `max_pairs`, told before any
        pair is compared.
        """
        changed = np.asarray(is_changed).astype(bool)
        same = same_identity(self._mentions)
        apart = np.where((same < 0) | known, -1 - np.arange(len(same)), same)
        record, number = same_record(self._mentions), _registered(self._mentions)

        def worth_it(placed: tuple[int, Rule]) -> Packed64 | None:
            meeting = self._meeting(placed, None if changed.all() else changed)
            self._give_up(placed)
            if meeting.count > self._model.blocking.max_pairs:
                return None
            parts = [kept(*part.pairs()) for part in meeting.parts()]
            return np.concatenate([np.zeros(0, np.int64), *parts])

        def kept(a: Rows, b: Rows) -> Packed64:
            keep = (apart[a] != apart[b]) & (changed[a] | changed[b]) & (a != b) & (record[a] != record[b])
            keep &= (number[a] == 0) | (number[b] == 0) | (number[a] == number[b])
            a, b = a[keep], b[keep]
            packed: Packed64 = np.minimum(a, b) << 32 | np.maximum(a, b)
            return packed

        self._make_keys()
        with ThreadPoolExecutor(threads) as pool:
            made = list(pool.map(worth_it, self._rules()))
        found = [part for part in made if part is not None]
        if len(found) < len(made) or sum(map(len, found)) > self._model.blocking.max_pairs:
            raise self._too_many()
        del made
        return _rows(_distinct(found))

    def _meeting(self, placed: tuple[int, Rule], changed: Flags | None) -> Meeting:
        most, (seeks, sought) = self._model.blocking.max_block, (self._keys[name] for name in columns_of_rule(*placed))
        if placed[1].is_even:
            return within(sought, most, None if changed is None else sought[changed])
        near = None if changed is None else np.concatenate([seeks[changed], sought[changed]])
        return across(seeks, sought, most, near)

    def _make_keys(self) -> None:
        # Those of all rules at a time. They are as large as the mentions: `pairs` gives them up one by one.
        if not self._keys:
            self._keys = block_keys(Packed(self._mentions), self._model, self._frequencies)

    def _give_up(self, placed: tuple[int, Rule]) -> None:
        for column in {*columns_of_rule(*placed)}:
            del self._keys[column]

    def _too_many(self) -> TooManyPairs:
        self._keys = {}
        self._make_keys()
        meetings = [(rule.name, self._meeting((place, rule), None)) for place, rule in self._rules()]
        return TooManyPairs([_load(*each) for each in meetings], self._model.blocking.max_pairs)

    def _rules(self) -> list[tuple[int, Rule]]:
        return list(enumerate(self._model.blocking.rules))

    def _told_apart(self, placed: tuple[int, Rule]) -> Keys:
        # The place of the rule is part of the key here: one value may be crowded under one rule only.
        keys = self._keys[columns_of_rule(*placed)[1]]
        return np.where(keys == 0, keys, mix(keys + np.uint64(placed[0])) | np.uint64(1))


def candidate_pairs(
    mentions: pa.Table, model: LinkageModel, frequencies: pa.Table | Frequencies, *, known: bool = False
) -> tuple[Rows, Rows]:
    """Every pair of mentions worth comparing; see Blocks.pairs."""
    return Blocks(mentions, model, frequencies).pairs(pa.array(np.ones(mentions.num_rows, bool)), known=known)


def cross_pairs(
    left: dict[str, Keys], right: dict[str, Keys], model: LinkageModel, *, threads: int = THREADS
) -> Candidates:
    """Every pair of two tables worth comparing, from their block_keys.

    A key that more than `max_block` rows of the right table share makes no pairs. TooManyPairs as above.
    """
    most, allowed = model.blocking.max_block, model.blocking.max_pairs
    ways = [
        (rule.name, left[mine], right[theirs])
        for place, rule in enumerate(model.blocking.rules)
        for mine, theirs in _both_ways(*columns_of_rule(place, rule))
    ]
    with ThreadPoolExecutor(threads) as pool:
        met = list(pool.map(lambda way: across(way[1], way[2], most), ways))
        if sum(each.count for each in met) > allowed:
            raise TooManyPairs([_load(way[0], each) for way, each in zip(ways, met, strict=True)], allowed)
        rows = _rows(_distinct(list(pool.map(_packed, met))))
    return Candidates(rows, _given_up([(way[0], each.crowds) for way, each in zip(ways, met, strict=True)]))


def _given_up(found: list[tuple[str, Crowds]]) -> tuple[GivenUp, ...]:
    # By rule, in their order: an uneven one has two ways.
    told = []
    for rule in dict.fromkeys(rule for rule, _ in found):
        crowds = [each for name, each in found if name == rule]
        columns = (np.concatenate([getattr(each, side) for each in crowds]) for side in ("sought", "seeking", "first"))
        told.append(given_up(rule, *columns))
    return tuple(each for each in told if each.keys)


def given_up(rule: str, sought: Rows, seeking: Rows, first: Rows) -> GivenUp:
    """What a rule gives up, from its crowds: one line a key."""
    order = np.lexsort((first, -sought))[:HEAVIEST]
    heaviest = tuple(zip(sought[order].tolist(), first[order].tolist(), strict=True))
    return GivenUp(rule, len(sought), int(seeking.sum()), int(sought.sum()), heaviest)


def _both_ways(seeks: str, sought: str) -> list[tuple[str, str]]:
    # What one side states of a relative may be what the other states of itself.
    return [(seeks, sought)] if seeks == sought else [(seeks, sought), (sought, seeks)]


def _load(rule: str, meeting: Meeting) -> Load:
    return Load(rule, meeting.count, *meeting.heaviest())


def _packed(meeting: Meeting) -> Packed64:
    a, b = meeting.pairs()
    return a << 32 | b


def _distinct(found: list[Packed64]) -> Packed64:
    packed = np.concatenate([np.zeros(0, np.int64), *found])
    found.clear()  # as large as what is made of it
    packed.sort()
    return packed[np.concatenate([[True], packed[1:] != packed[:-1]])] if len(packed) else packed


def _rows(packed: Packed64) -> tuple[Rows, Rows]:
    return packed >> 32, packed & 0xFFFFFFFF


def _registered(mentions: pa.Table) -> Keys:
    # The numbers under which the register has its persons, 0 for everybody else's: no two of them are one person.
    number = keys_of(mentions["id_no_text"])
    return np.where(np.asarray(pc.equal(mentions["feed"], REGISTER)).astype(bool), number, np.uint64(0))
