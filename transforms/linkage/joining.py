"""The careful part of clustering: one pair after the other, with every contradiction looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from transforms.linkage.model import Thresholds

Rival = tuple[float, int]  # weight, the other mention's row


class Member(NamedTuple):
    """A mention as joining sees it: its row, the group that it starts in, and what it carries; -1 is nothing."""

    row: int
    start: int
    record: int
    number: int  # its trusted identity number
    entry: int  # whose row of the register it is
    father: int
    mother: int
    kind: int  # feed and role
    is_dead: int
    is_bystander: int


class Tie(NamedTuple):
    """A pair of rows: its weight, whether it links, whether it would if nobody came near, and if names are alike."""

    a: int
    b: int
    weight: float
    sure: bool
    alone: bool
    named: bool


@dataclass(slots=True, eq=False)
class Group:
    """Mentions joined so far: their rows, and what they carry."""

    first: int  # the lowest row
    rows: list[int] = field(default_factory=list)
    records: set[int] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)
    fathers: set[int] = field(default_factory=set)
    mothers: set[int] = field(default_factory=set)
    kinds: set[int] = field(default_factory=set)
    barred: set[int] = field(default_factory=set)  # rows that a clerk has called different
    rivals: list[Rival] = field(default_factory=list)
    is_dead: bool = False
    is_named: bool = False  # known by more than a bystander's name

    def add(self, member: Member, barred: Iterable[int]) -> None:
        """One mention more."""
        self.rows.append(member.row)
        self.kinds.add(member.kind)
        self.barred.update(barred)
        if member.record >= 0:
            self.records.add(member.record)
        if member.number >= 0:
            self.numbers.add(member.number)
        if member.entry >= 0:
            self.entries.add(member.entry)
        if member.father >= 0:
            self.fathers.add(member.father)
        if member.mother >= 0:
            self.mothers.add(member.mother)
        self.is_dead |= bool(member.is_dead)
        self.is_named |= not member.is_bystander

    def take(self, other: "Group") -> None:
        """All of the other group becomes part of this one."""
        self.first = min(self.first, other.first)
        self.rows += other.rows
        self.records |= other.records
        self.numbers |= other.numbers
        self.entries |= other.entries
        self.fathers |= other.fathers
        self.mothers |= other.mothers
        self.kinds |= other.kinds
        self.barred |= other.barred
        self.rivals += other.rivals
        self.is_dead |= other.is_dead
        self.is_named |= other.is_named

    @property
    def registered(self) -> bool:
        """Whether the register has this person."""
        return bool(self.entries)

    def contradicts(self, other: "Group") -> bool:
        """Whether the two cannot be one: trusted numbers, rows of the register, a record or a clerk says so."""
        for mine, theirs in ((self.numbers, other.numbers), (self.entries, other.entries)):
            if not (mine <= theirs or theirs <= mine):
                return True
        return not self.records.isdisjoint(other.records) or self.bars(other)

    def has_other_parents(self, other: "Group") -> bool:
        """Whether both state a father's, or a mother's, number and share none."""
        sides = ((self.fathers, other.fathers), (self.mothers, other.mothers))
        return any(mine and theirs and mine.isdisjoint(theirs) for mine, theirs in sides)

    def bars(self, other: "Group") -> bool:
        """Whether a clerk has called a mention here and one there different persons."""
        return not self.barred.isdisjoint(other.rows) or not other.barred.isdisjoint(self.rows)


class Joining:
    """The groups of one region, that grow by pairs, best pair first.

    `ties`: all pairs between its members, best first, equal weights in the order of their rows. `barred`: per row,
    the rows that clerks have called different.
    """

    def __init__(self, members: Iterable[Member], ties: Sequence[Tie], barred: Mapping[int, set[int]]) -> None:
        self._ties = ties
        self._group: dict[int, Group] = {}
        starting: dict[int, Group] = {}
        for member in members:
            group = starting.get(member.start) or starting.setdefault(member.start, Group(member.row))
            group.add(member, barred.get(member.row, ()))
            self._group[member.row] = group
        for tie in ties:
            self._group[tie.a].rivals.append((tie.weight, tie.b))
            self._group[tie.b].rivals.append((tie.weight, tie.a))

    def join_all(
        self, same: Iterable[Sequence[int]], ruled: Iterable[Sequence[int]], thresholds: Thresholds
    ) -> list[int]:
        """The first row of each member's person, in the order of the members.

        First `same`, the pairs that clerks have called one person; then `ruled`, rows that number and name make one;
        then the pairs that link; then those that link where nobody else comes near.
        """
        for a, b in same:
            self._join_by_clerk(a, b)
        for rows in ruled:
            self._join_by_rule(rows)
        for tie in self._ties:
            if tie.sure:
                self._join(tie, thresholds.margin_bits)
        for tie in self._ties:
            if tie.alone:
                self._join_alone(tie, thresholds.alone_margin_bits)
        return [group.first for group in self._group.values()]

    def _join_by_clerk(self, a: int, b: int) -> None:
        # Only a clerk's `different` between the groups stands above a clerk's `same`.
        one, other = self._group[a], self._group[b]
        if one is not other and not one.bars(other):
            self._merge(one, other)

    def _join_by_rule(self, rows: Sequence[int]) -> None:
        # Each with the first that it does not contradict: who is barred from one may still be another.
        apart: list[int] = []
        for row in rows:
            for first in apart:
                one, other = self._group[first], self._group[row]
                if one is other or not one.contradicts(other):
                    break
            else:
                apart.append(row)
                continue
            if one is not other:
                self._merge(one, other)

    def _join(self, tie: Tie, margin: float) -> None:
        # Unless they contradict or either has a rival within the margin.
        one, other, floor = self._group[tie.a], self._group[tie.b], tie.weight - margin
        if one is other or one.contradicts(other):
            return
        if not self._is_contested(one, other, floor) and not self._is_contested(other, one, floor):
            self._merge(one, other)

    def _join_alone(self, tie: Tie, margin: float) -> None:
        """Join a group to a registered person although the pair alone is not enough: nobody else comes near.

        The register has nearly everybody once. So where a mention fits one entry of it, and that entry nobody
        else, a namesake is all but ruled out. A nameless mention (a newborn's) is then the person itself unless such
        a record is there already: a twin's. Never for the dead: their records need evidence of their own.
        """
        one, other = self._group[tie.a], self._group[tie.b]
        if one is other or one.registered == other.registered or one.contradicts(other) or one.has_other_parents(other):
            return
        if not tie.named and not one.kinds.isdisjoint(other.kinds):
            return
        person, group = (one, other) if one.registered else (other, one)
        if not group.is_dead and group.is_named and not self._has_company(person, group, tie.weight - margin):
            self._merge(one, other)

    def _has_company(self, person: Group, group: Group, floor: float) -> bool:
        mine = (self._group[row] for weight, row in group.rivals if weight >= floor)
        if any(third.registered and third is not person for third in mine):
            return True
        known = {self._group[row] for _, row in group.rivals}
        theirs = {self._group[row] for weight, row in person.rivals if weight >= floor} - {group, person}
        return any(third.is_named and (third not in known or third.contradicts(group)) for third in theirs)

    def _is_contested(self, group: Group, wanted: Group, floor: float) -> bool:
        # A third group that the first might belong to as well, and that cannot be the wanted one.
        thirds = (self._group[row] for weight, row in group.rivals if weight >= floor)
        return any(third not in (group, wanted) and third.contradicts(wanted) for third in thirds)

    def _merge(self, one: Group, other: Group) -> None:
        kept, gone = (one, other) if len(one.rows) >= len(other.rows) else (other, one)
        kept.take(gone)
        for row in gone.rows:
            self._group[row] = kept
