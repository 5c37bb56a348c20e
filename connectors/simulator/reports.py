"""Which agencies learn of a death, and when: by certificate, cremation and the cancelled hukou."""

import numpy as np
import pandas as pd

from connectors.simulator.cells import District
from connectors.simulator.days import NEVER, YEAR, Array, day
from connectors.simulator.world import stream

CERTIFICATES_FROM = day(2014)
CREMATIONS_FROM = day(2010)
MOVES_FROM = day(2015)


def moves(district: District) -> Array:
    """The day on which each person's hukou left the district, or NEVER."""
    rng, people = stream(district.seed, "moves"), district.world.people
    span = district.nights.last - MOVES_FROM
    on = rng.integers(MOVES_FROM, district.nights.last + 1, len(people))
    goes = rng.random(len(people)) < district.rates["family.moves_out_per_year"] * span / YEAR
    possible = goes & (on < district.death) & (on - district.birth > 20 * YEAR) & (district.homes.house >= 0)
    planted = np.isin(np.arange(len(people)), _of_stories(district))
    return np.where(possible & ~planted, on, NEVER)


def _of_stories(district: District) -> Array:
    losses = district.world.losses
    return np.concatenate([losses[who].to_numpy() for who in ("father", "mother", "child")])


def death_reports(district: District, moved_on: Array) -> pd.DataFrame:
    """Beside each death: certified_on, cremated_on, cancelled_on and when each is known (NEVER: not at all)."""
    rng, rates, deaths = stream(district.seed, "reports"), district.rates, district.world.deaths
    person, died, story = (deaths[name].to_numpy() for name in ("person", "died_on", "story"))
    count = len(deaths)
    late = rng.random((3, count)) < rates["reports.late"]
    lag = np.where(late, rng.integers(10, 46, (3, count)), 0)
    sure = np.isin(story, ["reported", "death_voided", "void_and_reinstated", "namesake_died"])
    quiet = np.isin(story, ["death_voided", "settlement_only"])
    register_only = story == "register_only"
    certified = ((rng.random(count) < rates["reports.death_certificate"]) | sure) & (died >= CERTIFICATES_FROM)
    cremated = (rng.random(count) < rates["reports.cremation"]) & (died >= CREMATIONS_FROM)
    cremated &= ~quiet & ~register_only & ~np.isin(story, ["void_and_reinstated", "namesake_died"])
    cancelled = (rng.random(count) < rates["reports.register_cancelled"]) | register_only
    cancelled &= ~quiet & (moved_on[person] > died)
    cancelled &= (district.homes.house[person] >= 0) & (died >= CREMATIONS_FROM)
    slow = np.where(story == "void_and_reinstated", 25, 3)
    reported = died + rng.geometric(0.55, count) + lag[0]
    burnt = died + rng.integers(2, 5, count)
    struck = died + slow + np.where(register_only, 0, rng.gamma(2.0, 8, count).astype(np.int64) + lag[2])
    return deaths.assign(
        certified_on=np.where(certified & ~register_only & (story != "settlement_only"), reported, NEVER),
        cremated_on=np.where(cremated, burnt, NEVER),
        cremation_known=np.where(cremated, burnt + 1 + lag[1], NEVER),
        cancelled_on=np.where(cancelled, struck, NEVER),
        cancel_known=np.where(cancelled, struck + 1, NEVER),
    )
