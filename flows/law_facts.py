"""What a published night knew, as the law sees it: read from the lake, written nowhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
from warehouse.registers import visits_until

from flows import wiring
from flows.settings import Site
from flows.snapshot import Snapshot, from_json
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.entries import Policy
from transforms.eligibility.verdicts import Facts
from transforms.households import households
from transforms.life_events import life_events
from warehouse import Warehouse, reads
from warehouse.lake import Lake

_RECORDS = "records/"


@dataclass(frozen=True)
class Known:
    """A site and what its nights up to a business date knew."""

    site: Site
    policies: tuple[Policy, ...]
    warehouse: Warehouse
    facts: Facts
    as_of: date  # the day that is asked about
    night: date  # the published night whose knowledge it is
    alerts_since: date


@contextmanager
def known_by(path: Path, as_of: date | None, lang: str) -> Iterator[Known]:
    """What the newest night up to `as_of` knew (the last one if none is named), judged as of that day.

    WrongUse where no night has been published by then.
    """
    site = wiring.load_site(path)
    policies = wiring.policies_of(site)
    warehouse = wiring.open_warehouse(site)
    try:
        location, night = reads.latest_snapshot(warehouse, until=as_of), reads.latest_night(warehouse, until=as_of)
        if location is None or night is None:
            raise WrongUse(word("policy.no_night", lang).format(day=as_of or "–", site=path))
        lake = wiring.open_lake(site)
        snapshot, day = from_json(location, lake.get(location)), as_of or night
        since = site.alerts_since or date((snapshot.first_night or night).year - 1, 1, 1)
        yield Known(site, policies, warehouse, _facts(lake, snapshot, warehouse, day), day, night, since)
    finally:
        warehouse.dispose()


def _facts(lake: Lake, snapshot: Snapshot, warehouse: Warehouse, as_of: date) -> Facts:
    def table(name: str) -> pa.Table:
        return lake.read_table(snapshot.paths[name])

    names = (name for name in snapshot.paths if name.startswith(_RECORDS))
    records = {name.removeprefix(_RECORDS): table(name) for name in names}
    links = table("links")
    events = life_events(records, links)
    homes = households(records, links, events, as_of=as_of)
    return Facts(records, links, table("review"), events, homes, table("coverage"), visits_until(warehouse, as_of))
