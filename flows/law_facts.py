"""What a published night knew, as the law sees it: read from the lake, written nowhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows import wiring
from flows.settings import Site
from flows.snapshot import LAW, Snapshot, from_json
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.entries import Policy
from transforms.eligibility.facts import Facts, from_tables
from warehouse import Warehouse, reads
from warehouse.lake import Lake


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
        if not any(name.startswith(LAW) for name in snapshot.paths):
            raise WrongUse(word("policy.no_facts", lang).format(night=night))
        since = site.alerts_since or date((snapshot.first_night or night).year - 1, 1, 1)
        yield Known(site, policies, warehouse, _facts(lake, snapshot), day, night, since)
    finally:
        warehouse.dispose()


def _facts(lake: Lake, snapshot: Snapshot) -> Facts:
    kept = (name for name in snapshot.paths if name.startswith(LAW))
    return from_tables({name.removeprefix(LAW): lake.read_table(snapshot.paths[name]) for name in kept})
