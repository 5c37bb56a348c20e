"""The simulator's story on one screen: create a world, let the agencies write it down, deliver it, keep the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.simulator import (
    agency_civil,
    agency_federation,
    agency_health,
    agency_hospitals,
    agency_insurers,
    agency_police,
)
from connectors.simulator.cells import District
from connectors.simulator.creation import create
from connectors.simulator.deliveries import schedule, write_feed
from connectors.simulator.households import settle
from connectors.simulator.identities import identify
from connectors.simulator.kinship import kinship
from connectors.simulator.rates import Rates, default_rates
from connectors.simulator.records import Records
from connectors.simulator.reports import death_reports, moves
from connectors.simulator.site import site_toml
from connectors.simulator.truth import write_truth
from connectors.simulator.verdicts import verdicts
from connectors.simulator.world import Nights, stream


@dataclass(frozen=True)
class Summary:
    """What was made: counts only."""

    site: Path
    persons: int
    certificates: int
    rows: Mapping[str, int]
    alerts_due: int
    near_misses: int


def simulate(out: Path, *, persons: int, first: date, last: date, seed: int, rates: Rates | None = None) -> Summary:
    """Write a whole invented site into `out`: site.toml, inbox/ with a full and daily deltas, truth/.

    The same arguments give the same bytes. Raises ValueError where `last` lies before `first` or persons < 50.
    """
    if last < first or persons < 50:
        raise ValueError("a district needs at least 50 persons, and a last night not before the first")
    chosen, nights = rates or default_rates(), Nights.between(first, last)
    district = _district(seed, persons, nights, chosen)
    books = _books(district)
    plans = {feed: schedule(books[feed], nights, chosen, seed) for feed in books}
    rows = {feed: write_feed(out / "inbox", books[feed], plans[feed], nights, chosen, seed) for feed in books}
    alerts, misses = verdicts(district, books, plans)
    write_truth(out / "truth", district, books, plans, alerts, misses)
    (out / "site.toml").write_text(site_toml(nights), "utf-8")
    certificates = len(district.world.certificates)
    return Summary(out / "site.toml", len(district.birth), certificates, rows, len(alerts), len(misses))


def _district(seed: int, persons: int, nights: Nights, rates: Rates) -> District:
    world = create(seed, persons, nights, rates)
    identities = identify(stream(seed, "identities"), world, rates)
    homes = settle(stream(seed, "homes"), world, nights, rates)
    return District(world, identities, homes, nights, rates, seed)


def _books(district: District) -> dict[str, Records]:
    """What each agency has written down."""
    kin, moved_on = kinship(district), moves(district)
    reports = death_reports(district, moved_on)
    books = (
        agency_police.household_register(district, kin, reports, moved_on),
        agency_health.only_child_certificates(district),
        agency_health.births(district),
        agency_civil.marriages(district),
        agency_civil.adoptions(district),
        agency_hospitals.death_certificates(district, kin, reports),
        agency_civil.cremations(district, kin, reports),
        agency_federation.disability_certificates(district, kin),
        agency_insurers.medical_settlements(district),
        agency_insurers.care_insurance_claims(district),
        agency_civil.low_income(district),
    )
    return {book.feed: book for book in books}
