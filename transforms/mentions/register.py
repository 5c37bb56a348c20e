"""Families inside a household of the register, from each member's relation to the head."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.mentions.kinship import CHILD, SELF, SPOUSE, register_relations
from transforms.mentions.relations import Positions
from transforms.mentions.roles import NOWHERE, Roles
from transforms.standardise.columns import as_array


def with_households(at: Positions, roles: Roles, sex: pa.Array, birth: pa.Array) -> Positions:
    """The positions, completed by the households of the register.

    Children have the man and the woman among head and spouse as father and mother; head and spouse have each
    other; of several children they name the eldest. Entries in force come before cancelled ones, so that a
    new head counts before a dead one.
    """
    rows = np.flatnonzero(roles.table["household_no"].is_valid().to_numpy())
    if not len(rows):
        return at
    members = _Members(roles, rows, sex, birth)
    return {relation: _fill(positions, rows, members, relation) for relation, positions in at.items()}


class _Members:
    """The members of all households in the order in which the first of a kind is looked for."""

    def __init__(self, roles: Roles, rows: Any, sex: pa.Array, birth: pa.Array) -> None:
        part = roles.table.select(["household_no", "relation_to_head", "rank", "record_key"]).take(pa.array(rows))
        self.rows = rows
        self.household = _codes(part["household_no"])
        self.count = int(self.household.max()) + 1
        self.relation = register_relations(part["relation_to_head"]).to_numpy(zero_copy_only=False)
        self.sex = sex.take(pa.array(rows)).to_numpy(zero_copy_only=False)
        days = birth.take(pa.array(rows)).cast(pa.int32()).fill_null(2**31 - 1).to_numpy()
        keys = _ranks(part["record_key"])
        self.order = np.lexsort((keys, days, part["rank"].to_numpy()))
        self.by_seniority = np.lexsort((keys, days, self.relation == SPOUSE, part["rank"].to_numpy()))

    def first(self, kind: Any) -> Any:
        """For every member the position of the household's first member of a kind (a mask), or NOWHERE."""
        found = np.full(self.count, NOWHERE)
        order = self.by_seniority[::-1]
        chosen = order[kind[order]]
        found[self.household[chosen]] = self.rows[chosen]  # of repeated households the last one, the senior, stays
        return found[self.household]

    def of(self, relation: str) -> Any:
        """For every member the position of that relation, or NOWHERE."""
        head, spouse, child = self.relation == SELF, self.relation == SPOUSE, self.relation == CHILD
        if relation == "spouse":
            return np.where(head, self.first(spouse), np.where(spouse, self.first(head), NOWHERE))
        if relation == "child":
            of_parents = np.where(self.relation == "parent", self.first(head), NOWHERE)
            in_law = np.where(self.relation == "parent_in_law", self.first(spouse), of_parents)
            return np.where(head | spouse, self.first(child), in_law)
        if relation not in ("father", "mother"):
            return np.full(len(self.rows), NOWHERE)
        is_sex = self.sex == ("1" if relation == "father" else "2")
        own = np.where(child, self.first((head | spouse) & is_sex), NOWHERE)
        of_head = np.where(head, self.first((self.relation == "parent") & is_sex), own)
        return np.where(spouse, self.first((self.relation == "parent_in_law") & is_sex), of_head)


def _fill(positions: Any, rows: Any, members: _Members, relation: str) -> Any:
    filled = positions.copy()
    filled[rows] = np.where(filled[rows] == NOWHERE, members.of(relation), filled[rows])
    return filled


def _codes(column: pa.ChunkedArray) -> Any:
    return as_array(column).dictionary_encode().indices.to_numpy(zero_copy_only=False)


def _ranks(column: pa.ChunkedArray) -> Any:
    """The place of each text among all in sorted order."""
    return pc.rank(as_array(column)).to_numpy()
