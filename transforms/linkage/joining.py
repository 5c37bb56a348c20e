"""The careful part of clustering: one pair after the other, with every contradiction looked at."""

from collections import defaultdict

from transforms.linkage.evidence import Edges, Evidence, Rows

Rival = tuple[float, int, int]  # weight, this mention's row, the other mention's row


class Group:
    """Mentions joined so far: their rows, and the records, numbers and clerks' refusals they carry."""

    __slots__ = (
        "barred",
        "dead",
        "fathers",
        "kinds",
        "mothers",
        "named",
        "numbers",
        "records",
        "registered",
        "rivals",
        "rows",
    )

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.records: set[int] = set()
        self.numbers: set[int] = set()
        self.barred: set[int] = set()  # rows that a clerk has called different
        self.rivals: list[Rival] = []
        self.fathers: set[int] = set()
        self.mothers: set[int] = set()
        self.kinds: set[int] = set()  # feed and role of each mention
        self.registered = self.dead = self.named = False  # named: known by more than a bystander's name

    def take(self, other: "Group") -> None:
        """All of the other group becomes part of this one."""
        self.rows += other.rows
        self.records |= other.records
        self.numbers |= other.numbers
        self.barred |= other.barred
        self.rivals += other.rivals
        self.fathers |= other.fathers
        self.mothers |= other.mothers
        self.kinds |= other.kinds
        self.registered |= other.registered
        self.dead |= other.dead
        self.named |= other.named

    def contradicts(self, other: "Group") -> bool:
        """Whether the two cannot be one person: two trusted numbers, two roles of a record, or a clerk's word."""
        if not (self.numbers <= other.numbers or other.numbers <= self.numbers):
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
    """Groups of mentions that grow by pairs, best pair first."""

    def __init__(self, rows: Rows, label: Rows, evidence: Evidence, different: list[tuple[int, int]]) -> None:
        self._group: dict[int, Group] = {}
        by_label: defaultdict[int, Group] = defaultdict(Group)
        for row, of in zip(rows.tolist(), label[rows].tolist(), strict=True):
            self._add(by_label[of], row, evidence)
        for a, b in different:
            self._group[a].barred.add(b)
            self._group[b].barred.add(a)

    def _add(self, group: Group, row: int, evidence: Evidence) -> None:
        group.rows.append(row)
        group.records.add(int(evidence.record[row]))
        for kept, stated in (
            (group.numbers, evidence.number),
            (group.fathers, evidence.father),
            (group.mothers, evidence.mother),
        ):
            if stated[row] >= 0:
                kept.add(int(stated[row]))
        group.kinds.add(int(evidence.kind[row]))
        group.registered |= bool(evidence.in_register[row])
        group.dead |= bool(evidence.is_dead[row])
        group.named |= not evidence.is_bystander[row]
        self._group[row] = group

    def rivals(self, edges: Edges, places: Rows) -> None:
        """Tell every mention which others it might be instead (pairs at or above the review threshold)."""
        for place in places.tolist():
            a, b, weight = int(edges.a[place]), int(edges.b[place]), float(edges.weight[place])
            if a in self._group and b in self._group:
                self._group[a].rivals.append((weight, a, b))
                self._group[b].rivals.append((weight, b, a))

    def join_by_clerk(self, a: int, b: int) -> None:
        """A clerk has called the two one person: only a clerk's `different` between the groups stands above it."""
        one, other = self._group[a], self._group[b]
        if one is not other and not one.bars(other):
            self._merge(one, other)

    def join(self, a: int, b: int, weight: float, margin: float) -> None:
        """Join the groups of two mentions, unless they contradict or either has a rival within the margin."""
        one, other = self._group[a], self._group[b]
        if one is other or one.contradicts(other):
            return
        if not self._is_contested(one, other, weight - margin) and not self._is_contested(other, one, weight - margin):
            self._merge(one, other)

    def join_alone(self, a: int, b: int, weight: float, margin: float, *, is_named: bool) -> None:
        """Join a group to a registered person although the pair alone is not enough: nobody else comes near.

        The register has nearly everybody once. So where a mention fits one entry of it, and that entry nobody
        else, a namesake is all but ruled out. A nameless mention (a newborn's) is then the person itself unless such
        a record is there already: a twin's. Never for the dead: their records need evidence of their own.
        """
        if a not in self._group or b not in self._group:
            return
        one, other = self._group[a], self._group[b]
        if one is other or one.registered == other.registered or one.contradicts(other) or one.has_other_parents(other):
            return
        if not is_named and not one.kinds.isdisjoint(other.kinds):
            return
        person, group = (one, other) if one.registered else (other, one)
        if not group.dead and group.named and not self._has_company(person, group, weight - margin):
            self._merge(one, other)

    def _has_company(self, person: Group, group: Group, floor: float) -> bool:
        mine = {id(self._group[row]): self._group[row] for weight, _, row in group.rivals if weight >= floor}
        if any(third.registered and third is not person for third in mine.values()):
            return True
        known = {id(self._group[row]) for _, _, row in group.rivals}
        theirs = {id(self._group[row]): self._group[row] for weight, _, row in person.rivals if weight >= floor}
        return any(
            third is not group and third is not person and third.named and id(third) not in known
            for third in theirs.values()
        )

    def _is_contested(self, group: Group, wanted: Group, floor: float) -> bool:
        # A third group that the first might belong to as well, and that cannot be the wanted one.
        for weight, _, row in group.rivals:
            if weight >= floor:
                third = self._group[row]
                if third is not group and third is not wanted and third.contradicts(wanted):
                    return True
        return False

    def _merge(self, one: Group, other: Group) -> None:
        kept, gone = (one, other) if len(one.rows) >= len(other.rows) else (other, one)
        kept.take(gone)
        for row in gone.rows:
            self._group[row] = kept

    def labels(self, label: Rows) -> Rows:
        """The labels with every careful mention under its group's first row, apart from all other labels."""
        result = label.copy()
        shift = int(label.max(initial=0)) + 1
        for group in {id(group): group for group in self._group.values()}.values():
            result[group.rows] = shift + min(group.rows)
        return result
