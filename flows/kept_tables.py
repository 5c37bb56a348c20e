"""Tables of the lake as the last published night, or the last one up to a date, left them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from flows import wiring
from flows.settings import Site
from flows.snapshot import Snapshot, from_json
from flows.status import WrongUse
from flows.words import word
from warehouse import Warehouse, reads
from warehouse.lake import Lake


@dataclass(frozen=True)
class Kept:
    """A site, a published night of it, and what that night left in the lake."""

    site: Site
    warehouse: Warehouse
    lake: Lake
    snapshot: Snapshot
    night: date

    def table(self, name: str, shape: pa.Schema) -> pa.Table:
        """A table as that night left it; without rows where it is not kept any more, or never was."""
        path = self.snapshot.paths.get(name)
        try:
            return shape.empty_table() if path is None else self.lake.read_table(path)
        except FileNotFoundError:
            return shape.empty_table()


@contextmanager
def kept_by(path: Path, as_of: date | None, lang: str) -> Iterator[Kept]:
    """The newest night up to `as_of`, or the last one; WrongUse where none has been published by then."""
    site = wiring.load_site(path)
    warehouse = wiring.open_warehouse(site)
    try:
        location, night = reads.latest_snapshot(warehouse, until=as_of), reads.latest_night(warehouse, until=as_of)
        if location is None or night is None:
            name = "explain.no_night_by" if as_of and reads.latest_night(warehouse) else "explain.no_night"
            raise WrongUse(word(name, lang).format(site=site.path, day=as_of))
        lake = wiring.open_lake(site)
        yield Kept(site, warehouse, lake, from_json(location, lake.get(location)), night)
    finally:
        warehouse.dispose()
