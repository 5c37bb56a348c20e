"""Which Arrow table of transforms/schemas.py is kept in which table of the warehouse, and how.

`key` names the columns that tell what a version is a version of; a table without one only grows.
"""

from dataclasses import dataclass, field

import pyarrow as pa
from sqlalchemy import Table

from transforms import schemas
from warehouse import tables

_OWN = frozenset({"version_id", "entry_id", "run_id", "superseded_on"})


@dataclass(frozen=True)
class Kept:
    """How one Arrow table is kept."""

    name: str  # what publish() and current() call it
    schema: pa.Schema
    table: Table
    key: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)  # Arrow column → column of the table
    left_in_lake: frozenset[str] = frozenset()  # Arrow columns that never reach the warehouse
    not_compared: frozenset[str] = frozenset()  # a change in these alone makes no new version
    never_vanishes: bool = False  # a key once published must be in every later night

    @property
    def is_versioned(self) -> bool:
        """Whether rows are versions in known time, rather than entries that pile up."""
        return bool(self.key)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that come from Arrow, in the table's order."""
        own = _OWN | ({"known_on"} if self.is_versioned else set())
        return tuple(column.name for column in self.table.columns if column.name not in own)

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns whose change makes a new version."""
        return tuple(c for c in self.columns if c not in self.key and c not in self.not_compared)

    def column_of(self, arrow_name: str) -> str:
        """The table's column for an Arrow column."""
        return self.renamed.get(arrow_name, arrow_name)


_KEPT = (
    Kept("feed_loads", schemas.FEED_LOADS, tables.feed_loads),
    Kept("quality", schemas.QUALITY, tables.quality),
    Kept(
        "quarantine",
        schemas.QUARANTINE,
        tables.quarantine,
        renamed={schemas.ROW_NUMBER: "row_number", schemas.RECORD_KEY: "record_key"},
        left_in_lake=frozenset({"delivered_json"}),
    ),
    Kept("quarantine_states", schemas.QUARANTINE_STATES, tables.quarantine_states, ("quarantine_id",)),
    Kept("links", schemas.LINKS, tables.record_links, ("mention_id",)),
    Kept("review", schemas.REVIEW, tables.review_pairs, ("pair_id",)),
    Kept("person_events", schemas.PERSON_EVENTS, tables.person_events),
    Kept("persons", schemas.PERSONS, tables.persons, ("person_id",)),
    Kept(
        "life_events",
        schemas.LIFE_EVENTS,
        tables.life_events,
        ("event_id",),
        renamed={"known_on": "event_known_on"},
    ),
    Kept("households", schemas.HOUSEHOLDS, tables.households, ("household_id",)),
    Kept(
        "household_children",
        schemas.HOUSEHOLD_CHILDREN,
        tables.household_children,
        ("household_id", "child_person_id", "relation"),
    ),
    Kept(
        "determinations",
        schemas.DETERMINATIONS,
        tables.determinations,
        ("determination_id",),
        not_compared=frozenset({"policy_hash", "engine"}),  # of the night that wrote the version
    ),
    Kept("entitlements", schemas.ENTITLEMENTS, tables.entitlements, ("entitlement_id",)),
    Kept(
        "entitlement_shares",
        schemas.ENTITLEMENT_SHARES,
        tables.entitlement_shares,
        ("entitlement_id", "payer"),
    ),
    Kept(
        "household_states",
        schemas.HOUSEHOLD_STATES,
        tables.household_states,
        ("household_id", "person_id", "event_type"),
    ),
    Kept("alerts", schemas.ALERTS, tables.alerts, ("alert_id",), never_vanishes=True),
    Kept(
        "officer_list",
        schemas.OFFICER_LIST,
        tables.officer_list,
        ("item_id",),
        not_compared=frozenset({"listed_on"}),
    ),
)

KEPT = {kept.name: kept for kept in _KEPT}


def kept(name: str) -> Kept:
    """How the Arrow table of that name is kept; KeyError, with the valid names, for any other."""
    if name not in KEPT:
        raise KeyError(f"the warehouse keeps no table {name!r}; it keeps {', '.join(KEPT)}")
    return KEPT[name]
