"""What the district's document says about one family on one night, by the plainest reading of what was delivered.

Written apart from the product's own code, on purpose: it is what that code is held against. It reads true
identities, so that linkage cannot err here, and it asks only one family at a time.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from connectors.simulator.days import calendar
from connectors.simulator.delivered_facts import CHILD_RELATIONS, Row, Shown, latest
from connectors.simulator.world import POLICY_FROM, POLICY_UNTIL

BEREAVED, DISABLED = "special-aid-bereaved", "special-aid-disabled"
AMOUNTS: Final = {BEREAVED: 1_000_000, DISABLED: 300_000}
WIFES_AGE: Final = 49
HEAD_OR_SPOUSE: Final = frozenset({1, 2, 10, 11, 12})


class Family(NamedTuple):
    """A certificate (-1: none) with the true persons on it (-1: not stated)."""

    certificate: int
    father: int
    mother: int
    child: int


class Finding(NamedTuple):
    """One claimant's case on one night: due where `reason` is empty."""

    benefit: str
    claimant: str
    reason: str
    event_on: int
    rows: tuple[tuple[str, Row], ...]  # feed and row of what reports the event, first delivered first


@dataclass(frozen=True)
class Court:
    """Answers for a family and a night; `births` are true birth days by person."""

    shown: Shown
    births: dict[int, int]
    alerts_since: int

    def findings(self, family: Family, night: int) -> list[Finding]:
        """Every case that the reports of a night make: of a death, and of the assessments of a disability."""
        reports = self.death_reports(family.child, night)
        return (self._bereaved(family, night, reports) if reports else []) + self._disabled(family, night)

    def death_reports(self, person: int, night: int) -> list[tuple[str, Row]]:
        """Rows by which a person is dead, as known on a night."""
        found = [("death_certificates", row) for row in self._live_certificates(person, night)]
        found += [("cremations", row) for row in latest(self.shown.cremations.get(person), night)]
        found += [
            ("household_register", row) for row in latest(self.shown.register.get(person), night) if row.says.kind == 1
        ]
        return sorted(found, key=lambda report: report[1].night)

    def _live_certificates(self, person: int, night: int) -> list[Row]:
        versions: dict[str, Row] = {}
        for row in self.shown.death_certificates.get(person, ()):
            number = row.key.rsplit("|", 1)[0]
            held = versions.get(number)
            if row.night <= night and (held is None or row.says.version >= held.says.version):
                versions[number] = row
        return [row for row in versions.values() if row.says.is_valid]

    # -- row 5 ----------------------------------------------------------------------------------------------
    def _bereaved(self, family: Family, night: int, reports: list[tuple[str, Row]]) -> list[Finding]:
        on, known = min(int(row.says.died_on) for _, row in reports), reports[0][1].night
        return [
            Finding(BEREAVED, claimant, self.gateway(family, who, on, night, known), on, tuple(reports))
            for claimant, who in self.claimants(family, on, night)
        ]

    def claimants(self, family: Family, on: int, night: int) -> list[tuple[str, tuple[int, ...]]]:
        """The couple, or after a divorce each parent alone."""
        parents = tuple(person for person in (family.father, family.mother) if person >= 0)
        if len(parents) < 2 or not self._divorced(family, on, night):
            return [("couple", parents)]
        return [("father", (family.father,)), ("mother", (family.mother,))]

    def _divorced(self, family: Family, on: int, night: int) -> bool:
        rows = [r.says for r in latest(self.shown.couples.get(family.father), night) if r.says.woman == family.mother]
        acts = [r for r in rows if r.op in ("IA", "IB") and r.is_valid and r.op_on <= on]
        return bool(acts) and max(acts, key=lambda act: act.op_on).op == "IB"

    def gateway(self, family: Family, who: tuple[int, ...], on: int, night: int, known: int) -> str:
        """Why an event gives nothing, or an empty text where it does."""
        return (
            self._in_time(on, known)
            or self._certificate(family, on, night)
            or self._given_away(family, on, night)
            or self._other_child(family, who, on, night)
            or ("no_surviving_parent" if all(self._dead(person, on, night) for person in who) else "")
        )

    def _certificate(self, family: Family, on: int, night: int) -> str:
        if family.certificate < 0:
            return "no_certificate"
        rows = latest(self.shown.certificates.get(family.certificate), night)
        if not rows:
            return "certificate_not_delivered"
        if rows[0].says.issued_on >= on:
            return "certificate_issued_later"
        return "certificate_voided" if rows[0].says.voided_on <= on else ""

    def _in_time(self, on: int, known: int) -> str:
        """An event before the document's end that becomes known after it is for an officer."""
        if on > POLICY_UNTIL:
            return "after_policy_end"
        if known > POLICY_UNTIL:
            return "transitional"
        return "before_alerts_since" if on < max(POLICY_FROM, self.alerts_since) else ""

    def _given_away(self, family: Family, on: int, night: int) -> str:
        rows = latest(self.shown.adoptees.get(family.child), night)
        away = [r for r in rows if r.says.registered_on <= on < r.says.dissolved_on]
        return "child_adopted_away" if away else ""

    def _other_child(self, family: Family, who: tuple[int, ...], on: int, night: int) -> str:
        for person in who:
            for child, reason in self._children(person, on, night):
                if child != family.child and not self._dead(child, on, night):
                    later = reason == "other_child_alive" and self.births[child] > self.births[family.child]
                    return "later_birth" if later else reason
        return ""

    def _children(self, person: int, on: int, night: int) -> list[tuple[int, str]]:
        """Children of a person by birth, adoption or the register, who were there on a day."""
        born = latest(self.shown.births.get(person), night)
        found = [(r.says.child, "other_child_alive") for r in born if r.says.is_valid and r.says.born_on <= on]
        taken = latest(self.shown.adopters.get(person), night)
        found += [(r.says.child, "adopted_child") for r in taken if r.says.registered_on <= on < r.says.dissolved_on]
        for own in latest(self.shown.register.get(person), night):
            if own.says.relation in HEAD_OR_SPOUSE:
                found += [(child, "other_child_alive") for child in self._children_in_house(own.says.house, on, night)]
        return found

    def _children_in_house(self, house: int, on: int, night: int) -> list[int]:
        rows = latest(self.shown.household.get(house), night)
        return [r.says.person for r in rows if r.says.relation in CHILD_RELATIONS and self.births[r.says.person] <= on]

    def _dead(self, person: int, on: int, night: int) -> bool:
        return any(row.says.died_on <= on for _, row in self.death_reports(person, night))

    # -- row 6 ----------------------------------------------------------------------------------------------
    def _disabled(self, family: Family, night: int) -> list[Finding]:
        rows = sorted(
            latest(self.shown.disabilities.get(family.child), night), key=lambda r: (r.says.assessed_on, r.night)
        )
        found = [finding for row in rows for finding in self._assessed(family, night, row)]
        due: dict[str, Finding] = {}
        for finding in found:
            if not finding.reason:
                due.setdefault(finding.claimant, finding)  # each claimant once, by the first assessment that counts
        return [*due.values(), *(finding for finding in found if finding.claimant not in due)]

    def _assessed(self, family: Family, night: int, row: Row) -> list[Finding]:
        on = int(row.says.assessed_on)
        report = (("disability_certificates", row),)
        return [
            Finding(DISABLED, claimant, self._row_six(family, claimant, who, on, night, row), on, report)
            for claimant, who in self.claimants(family, on, night)
        ]

    def _row_six(self, family: Family, claimant: str, who: tuple[int, ...], on: int, night: int, row: Row) -> str:
        if late := self._in_time(on, row.night):
            return late
        if not row.says.is_valid:
            return "not_in_force"
        if row.says.grade == 4:
            return "grade_4"
        if self._dead(family.child, on, night):
            return "child_dead"
        return self.gateway(family, who, on, night, row.night) or self._wife(family, claimant, on, night)

    def _wife(self, family: Family, claimant: str, on: int, night: int) -> str:
        """The wife's age decides for a couple; a widowed or divorced parent counts by own age."""
        if family.mother < 0 and claimant == "couple":
            return "wife_unknown"
        widowed = claimant == "couple" and self._dead(family.mother, on, night)
        decides = family.father if claimant == "father" or widowed else family.mother
        if decides < 0:
            return "wife_unknown"
        born, seen = calendar(self.births[decides]), calendar(on)
        reached = (seen.year - born.year) - ((seen.month, seen.day) < (born.month, born.day))
        if reached >= WIFES_AGE:
            return ""
        return "wife_turns_49" if seen.year - born.year >= WIFES_AGE else "wife_too_young"
