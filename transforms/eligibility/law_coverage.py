"""Which rows of the documents stand in policy files, what is done with them, and which situations ask for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.eligibility.policy import Policy
from transforms.eligibility.situations import situations_of

ROWS = 63  # rules, benefits, duties and systems in the seven documents, numbered from 1


@dataclass(frozen=True)
class Encoded:
    """A row of the documents as it stands in a policy file."""

    row: int
    policy_id: str
    entry_id: str
    place: str
    machine: str  # decide | prompt | roster | record | clock | report
    situations: tuple[str, ...]


def encoded(policy: Policy, situations: Mapping[str, Any]) -> Iterator[Encoded]:
    """Every row that a policy encodes, with the situations of its clause."""
    for clause in policy.clauses:
        yield Encoded(clause.row, policy.id, clause.id, clause.place, clause.machine,
                      tuple(situations_of(clause, situations)))  # fmt: skip
    for duty in policy.duties:
        yield from (Encoded(row, policy.id, duty.id, duty.place, duty.machine, ()) for row in duty.rows)


def missing(found: list[Encoded]) -> list[int]:
    """The rows that no policy file encodes."""
    return sorted({*range(1, ROWS + 1)} - {each.row for each in found})
