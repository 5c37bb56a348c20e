"""Who meets whom: rows that share a key, of two tables or of one. Keys are 64-bit integers, 0 is no key."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from transforms.linkage.encoding import Flags, Keys, Rows

_NEAR = 1 << 21
_BITS = np.uint64(_NEAR - 1)


@dataclass(frozen=True)
class Crowds:
    """Keys that too many rows have: how many are `sought` under each, how many rows seek it, the first of these."""

    sought: Rows
    seeking: Rows
    first: Rows


_NOTHING: Rows = np.zeros(0, np.int64)
NO_CROWDS = Crowds(_NOTHING, _NOTHING, _NOTHING)


@dataclass(frozen=True)
class Meeting:
    """Rows that seek; how many partners each has met, and where they begin among `partners`.

    `itself`: 1 where a row stands in its own block, ahead of its partners. `crowds`: what was sought in vain.
    """

    rows: Rows
    size: Rows
    first: Rows
    partners: Rows
    itself: int = 0
    crowds: Crowds = NO_CROWDS

    @property
    def count(self) -> int:
        """How many pairs."""
        return int(self.size.sum())

    def pairs(self) -> tuple[Rows, Rows]:
        """Every row that seeks with every partner it has met."""
        ends = np.cumsum(self.size)
        place = np.arange(self.count) + np.repeat(self.first - (ends - self.size), self.size)
        return np.repeat(self.rows, self.size), self.partners[place]

    def parts(self, most: int = 2_000_000) -> Iterator["Meeting"]:
        """The same, in parts of about that many pairs: a pair costs five times its size while it is made."""
        ends = np.cumsum(self.size)
        cuts = np.unique([0, *np.searchsorted(ends, np.arange(most, self.count, most)), len(ends)])
        for begin, end in pairwise(cuts.tolist()):
            some = slice(begin, end)
            yield replace(self, rows=self.rows[some], size=self.size[some], first=self.first[some])

    def heaviest(self) -> tuple[int, int]:
        """The rows sought in the largest block, and a row of the block that makes most pairs; -1 without any."""
        if not len(self.rows):
            return 0, -1
        _, block = np.unique(self.first + self.size, return_inverse=True)  # rows of one block share its end
        return int(self.size.max()) + self.itself, int(self.rows[block == np.argmax(np.bincount(block, self.size))][0])


def across(seeks: Keys, sought: Keys, most: int, near: Keys | None = None) -> Meeting:
    """Rows of one table with the rows of another that have their key; a key that more than `most` have meets nobody.

    `near`: only rows with these keys need to be looked at.
    """
    keys, rows = _in_order(*_there(seeks, near))
    # Most of a register has no key that anybody seeks.
    found, partners = _in_order(*_there(sought, keys))
    first, last = np.searchsorted(found, keys, "left"), np.searchsorted(found, keys, "right")
    size = last - first
    met = np.flatnonzero((size > 0) & (size <= most))
    return Meeting(rows[met], size[met], first[met], partners, crowds=_crowds(keys, rows, size, most))


def within(keys: Keys, most: int, near: Keys | None = None) -> Meeting:
    """Every row of a table with those after it in its block; a block of more than `most` rows makes no pairs."""
    found, rows = _in_order(*_there(keys, near))
    end, size = _blocks(found)
    place = np.arange(len(rows))
    after = np.where(size <= most, end - place - 1, 0)
    met = np.flatnonzero(after)
    return Meeting(rows[met], after[met], place[met] + 1, rows, itself=1)


def crowded(keys: Keys, most: int) -> Keys:
    """The keys that more than `most` rows have, ascending."""
    found = np.sort(keys)
    later, earlier = found[most:], found[: max(len(found) - most, 0)]
    too_many: Keys = np.unique(later[later == earlier])
    return too_many[np.flatnonzero(too_many)]


def _crowds(keys: Keys, rows: Rows, size: Rows, most: int) -> Crowds:
    # Rows that seek stand in the order of their keys, and within a key in their own.
    over = np.flatnonzero(size > most)
    ends, seeking = _blocks(keys[over])
    starts = np.unique(ends - seeking)
    return Crowds(size[over][starts], seeking[starts], rows[over][starts])


def _blocks(keys: Keys) -> tuple[Rows, Rows]:
    # Of every place in order: where its block ends, and how many rows the block has.
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    ends = np.append(starts[1:], len(keys))[: len(starts)]
    size = ends - starts
    return np.repeat(ends, size), np.repeat(size, size)


def _there(keys: Keys, near: Keys | None) -> tuple[Keys, Rows]:
    # Rows that have a key, and may have one of those wanted: some of its bits tell nearly all others, and lose none.
    is_there: Flags = keys != 0
    if near is not None:
        is_near: Flags = np.zeros(_NEAR, bool)
        is_near[near & _BITS] = True
        is_there &= is_near[(keys & _BITS).view(np.int64)]  # seen as signed, numbers are places without a copy
    rows = np.flatnonzero(is_there)
    return keys[rows], rows


def _in_order(keys: Keys, rows: Rows) -> tuple[Keys, Rows]:
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]
