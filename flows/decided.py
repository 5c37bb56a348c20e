"""What people have decided up to a business date, as a night acts on it.

A decision stands until the next one on the same target; a night acts on the latest that was recorded up to its date.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from warehouse import Warehouse
from warehouse.decisions import decisions_until

Decision = dict[str, Any]  # a row of DECISIONS


@dataclass(frozen=True)
class ValueMap:
    """One word of a vocabulary that a feed writes in another way; both without blanks around them."""

    decision_id: str
    column: str
    from_value: str
    to_value: str


@dataclass(frozen=True)
class Decided:
    """The decisions in force. `rows` and `deliveries` by target, `maps` by feed in the order of recording."""

    count: int = 0  # of all that was ever recorded: these only grow
    rows: Mapping[str, Decision] = field(default_factory=dict)
    deliveries: Mapping[str, Decision] = field(default_factory=dict)
    maps: Mapping[str, tuple[ValueMap, ...]] = field(default_factory=dict)

    def accepted(self, delivery_id: str) -> tuple[str, ...]:
        """The reasons of a block that a person has accepted for a delivery."""
        told = self.deliveries.get(delivery_id, {})
        return tuple(told["accepted"].split(",")) if told.get("verb") == "replay" and told["accepted"] else ()

    def is_replayed(self, delivery_id: str) -> bool:
        """Whether a person wants the delivery to be read again."""
        return self.deliveries.get(delivery_id, {}).get("verb") == "replay"

    def is_dismissed(self, delivery_id: str) -> bool:
        """Whether a person has said that nothing of the delivery is wanted."""
        return self.deliveries.get(delivery_id, {}).get("verb") == "dismiss"

    def reading_of(self, feed: str, delivery_id: str = "") -> list[Any]:
        """What decisions change in the reading of a feed, or of one delivery of it; empty where there are none."""
        maps: list[Any] = [[each.column, each.from_value, each.to_value] for each in self.maps.get(feed, ())]
        told = self.deliveries.get(delivery_id, {})
        return maps + ([["replay", told["sequence_no"]]] if told.get("verb") == "replay" else [])


def map_target(feed: str, column: str, from_value: str) -> str:
    """What decisions on a map are counted under."""
    return f"{feed}.{column}={from_value}"


def decided_until(warehouse: Warehouse, day: date) -> Decided:
    """The decisions recorded up to a business date, that day included."""
    rows = decisions_until(warehouse, day).to_pylist()
    latest = {row["target"]: row for row in rows}  # in the order of their numbers: the last one stands
    maps: dict[str, tuple[ValueMap, ...]] = {}
    for each in (row for row in latest.values() if row["verb"] == "map"):
        told = ValueMap(each["decision_id"], each["column_names"], each["from_value"], each["to_value"])
        maps[each["feed"]] = (*maps.get(each["feed"], ()), told)
    return Decided(
        len(rows),
        {target: row for target, row in latest.items() if target.startswith("Q")},
        {target: row for target, row in latest.items() if target.startswith("D") and "=" not in target},
        maps,
    )
