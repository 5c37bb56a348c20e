"""What was known on a night: the warehouse's versions of that date, and of the lake what is still kept of it.

The last night stands in the lake whole. Of an older one the versions in the warehouse and the landed bytes are kept,
while the tables that it worked with are swept away once nothing rests on them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.base import DeliveryUnreadable
from flows import wiring
from flows.evidence import Row, State, delivered_row, row_of_record
from flows.settings import Site
from flows.snapshot import LAW, from_json
from flows.status import WrongUse
from flows.words import word
from transforms import schemas
from transforms.eligibility.facts import Facts, from_tables
from transforms.feeds.masking import mask_key
from warehouse import Warehouse, reads

RECEIPT = ("subject_id", "policy_hash", "facts_hash", "engine")  # of the night itself, where the lake has it
PERSONS_BEHIND = ("mentions", "links", "pairs", "review", "frequencies")  # what tells why mentions are one person


@dataclass(frozen=True)
class Known:
    """A site as one of its nights left it. `as_of` is None for the last night, whose lake is `last`."""

    site: Site
    warehouse: Warehouse
    state: State
    last: State
    night: date
    as_of: date | None

    def rows(self, name: str, column: str, values: list[str]) -> list[dict[str, Any]]:
        """Rows of a kept table, as that night knew them."""
        return reads.rows_of(self.warehouse, name, column, values, known_on=self.as_of)

    def determinations(self, column: str, values: list[str]) -> list[dict[str, Any]]:
        """DETERMINATIONS as dicts with `known_on` and `superseded_on`.

        Receipts are those of the night itself where the lake has it, else those of the version that held on it; a
        column that the warehouse had not got yet is not there.
        """
        kept = self.rows("determinations", column, values)
        if not self.state.has("determinations"):
            return kept
        ids = [row["determination_id"] for row in kept]
        told = self.state.where("determinations", "determination_id", ids).select(["determination_id", *RECEIPT])
        by_id = {row["determination_id"]: row for row in told.to_pylist()}
        return [row | by_id.get(row["determination_id"], {}) for row in kept]

    def tells_persons(self) -> bool:
        """Whether that night's evidence of who is who is still kept."""
        return self.state.has(*PERSONS_BEHIND)

    def law_facts(self) -> Facts | None:
        """What that night knew of the families that the law is asked about; None where it kept nothing of it."""
        paths = self.state.snapshot.paths
        tables = {name.removeprefix(LAW): self.state.lake.read_table(path) for name, path in paths.items()
                  if name.startswith(LAW)}  # fmt: skip
        return from_tables(tables) if tables else None

    def row(self, feed: str, record_key: str) -> Row | None:
        """The delivered row of a record as that night knew it; None where its bytes are no longer there."""
        try:
            found = self._place(feed, record_key)
            load = reads.delivery(self.warehouse, found[0]) if found else None
            return delivered_row(self.state, load, found[1]) if found and load else None
        except (FileNotFoundError, KeyError, DeliveryUnreadable):  # bytes gone, or the site no longer has the feed
            return None

    def _place(self, feed: str, record_key: str) -> tuple[str, int] | None:
        """The delivery and the number of its row: from the record's state, else from the landed bytes, newest first."""
        for state in (self.state, self.last):
            record = state.record(feed, record_key) if state.has(f"records/{feed}") else None
            if record is not None and record["_known_on"] <= self.night:  # a version that stands since
                return record["_delivery_id"], record[schemas.ROW_NUMBER]
        loads = reads.loaded_deliveries(self.warehouse).to_pylist()
        known = [load for load in loads if load["feed"] == feed and load["status"] == "loaded"]
        for load in reversed([each for each in known if each["business_date"] <= self.night]):
            refused = reads.rows_of(self.warehouse, "quarantine", "delivery_id", [load["delivery_id"]])
            number = row_of_record(self.state, load, record_key)
            if number is not None and number not in {each["row_number"] for each in refused}:
                return load["delivery_id"], number
        return None


def open_known(site: Site, warehouse: Warehouse, as_of: date | None, lang: str) -> Known:
    """The site as the night of that date, or the last one before it, left it; WrongUse where there is none."""
    location = reads.latest_snapshot(warehouse, until=as_of)
    last = reads.latest_snapshot(warehouse)
    if last is None:
        raise WrongUse(word("explain.no_night", lang).format(site=site.path))
    if location is None:
        raise WrongUse(word("explain.no_night_by", lang).format(site=site.path, day=as_of))
    lake = wiring.open_lake(site)
    state, newest = (State(site, lake, from_json(each, lake.get(each))) for each in (location, last))
    night = date.fromisoformat(state.snapshot.summary["business_date"])
    return Known(site, warehouse, state, newest, night, None if location == last else night)


def without_numbers(row: dict[str, Any], reveal: bool) -> dict[str, Any]:
    """A row of the warehouse whose record keys do not show an identity number, unless somebody asked to see it."""
    keys = ("record_key", "trigger_record_key")
    return {name: mask_key(value) if name in keys and value and not reveal else value for name, value in row.items()}
