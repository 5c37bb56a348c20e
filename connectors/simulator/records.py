"""What an agency has on its books: text columns, when each row became known, and the truth behind it."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.cells import Clerk, blank
from connectors.simulator.days import Array
from transforms.feeds import load_contract


@dataclass(frozen=True)
class Records:
    """The rows of a feed in all their versions.

    `columns` has every column of the contract as text. `known` is the day from which the agency delivers the
    row; of several rows of one key the one known last holds. `roles` names for each mention the true person or
    -1. `facts` (same rows) is what the row is about. `usable` is false where a required field is empty or unreadable.
    """

    feed: str
    columns: dict[str, pa.Array]
    key: pa.Array
    known: Array
    roles: dict[str, Array]
    facts: pd.DataFrame
    usable: Array

    def __len__(self) -> int:
        return len(self.known)

    def take(self, rows: Array) -> "Records":
        """The given rows in that order."""
        place = pa.array(rows)
        return replace(
            self,
            columns={name: column.take(place) for name, column in self.columns.items()},
            key=self.key.take(place),
            known=self.known[rows],
            roles={role: person[rows] for role, person in self.roles.items()},
            facts=self.facts.iloc[rows].reset_index(drop=True),
            usable=self.usable[rows],
        )


def records(
    clerk: Clerk,
    columns: dict[str, pa.Array],
    key: list[pa.Array],
    known: Array,
    roles: dict[str, Array],
    facts: dict[str, Array],
) -> Records:
    """Records in the contract's column order, with a few that lack a required field, or cannot be read there."""
    contract = load_contract(clerk.feed)
    joined = key[0] if len(key) == 1 else pc.binary_join_element_wise(*key, "|")
    ordered = {name: columns.get(name, pa.nulls(len(known), pa.string())) for name in contract.column_names}
    spoilable = [name for name in contract.required if name not in contract.key]
    unusable = clerk.chance("reports.unusable_row", len(known))
    victim = clerk.rng.integers(0, len(spoilable), len(known))
    for place, name in enumerate(spoilable):
        struck = unusable & (victim == place)
        is_day = contract.column(name).type in ("date", "datetime")
        ordered[name] = blank(ordered[name], struck)
        if is_day:  # half of them filled, but with something that is no day
            ordered[name] = pc.if_else(pa.array(struck & (np.arange(len(known)) % 2 == 0)), "9999-99-99", ordered[name])
    return Records(clerk.feed, ordered, joined, known, roles, pd.DataFrame(facts), ~unusable)


def serial(prefix: str, numbers: Array, width: int) -> pa.Array:
    """An agency's own numbers, e.g. B0000123."""
    digits = pa.array(numbers).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(digits, width=width, padding="0"), "")


def words_of(count: int, text: str) -> pa.Array:
    """The same word in every row."""
    return pa.array(np.full(count, text, dtype=object), pa.string())


def chosen(codes: Array, texts: tuple[str | None, ...]) -> pa.Array:
    """The text at each position."""
    return pa.array(texts, pa.string()).take(pa.array(codes))


def amounts(fen: Array) -> pa.Array:
    """Money in yuan with two decimals."""
    yuan, rest = np.divmod(np.abs(fen), 100)
    sign = pa.array(["", "-"]).take(pa.array((fen < 0).astype(np.int64)))
    cents = pc.utf8_lpad(pa.array(rest).cast(pa.string()), width=2, padding="0")
    whole = pc.binary_join_element_wise(sign, pa.array(yuan).cast(pa.string()), "")
    return pc.binary_join_element_wise(whole, cents, ".")
