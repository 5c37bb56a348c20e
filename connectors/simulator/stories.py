"""Planted losses of only children: which families they befall, when, and what makes each due or a near miss."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from connectors.simulator.days import NEVER, YEAR, Array, birthday, calendar, day, years
from connectors.simulator.lives import children_by_union
from connectors.simulator.rates import Rates
from connectors.simulator.world import Nights, World

PICKY_FIRST: Final = (
    "wife_turns_49", "wife_too_young", "later_birth", "sibling_dead", "other_child_alive", "divorced_new_child",
    "child_adopted_away", "adopted_child", "adoption_dissolved", "regraded", "no_certificate", "late_certificate",
    "no_surviving_parent", "widower", "certificate_voided", "void_and_reinstated", "death_voided",
    "settlement_only", "namesake_died", "grade_4", "not_in_force", "divorced_disability", "plain_disability",
    "remarried_same", "register_only", "divorced", "one_parent_dead", "plain_death",
)  # fmt: skip
OLD_ENOUGH: Final = ("plain_disability", "divorced_disability", "regraded", "grade_4", "not_in_force", "widower")
DISABILITIES: Final = frozenset({*OLD_ENOUGH, "wife_turns_49", "wife_too_young"})


def plan(rng: np.random.Generator, world: World, nights: Nights, rates: Rates) -> pd.DataFrame:
    """The losses: story, event_on, and the family (certificate or -1, union, father, mother, child, births)."""
    events = _events(rng, len(world.certificates), nights, rates)
    pool = _pool(world)
    told = []
    for story in PICKY_FIRST:
        wanted = events.loc[events["story"] == story, "event_on"].to_numpy()
        fitting = pool[_fits(story, pool, world, events["event_on"].min(), nights)]
        chosen = fitting.iloc[rng.permutation(len(fitting))[: len(wanted)]]
        told.append(chosen.assign(story=story, event_on=_moved(story, wanted[: len(chosen)], nights)))
        pool = pool.drop(chosen.index)
    return pd.concat(told, ignore_index=True)


def _events(rng: np.random.Generator, certificates: int, nights: Nights, rates: Rates) -> pd.DataFrame:
    """How many losses, on which days, in which stories: evenly spread, so that small districts see many kinds."""
    per_day = certificates * rates["losses.child_mortality"] / YEAR
    length = nights.last - nights.first + 1
    before = nights.first - 4 - nights.alerts_since
    spans = (
        (nights.first - 4, nights.last, per_day * length * rates["losses.loss_multiplier"]),
        (nights.alerts_since, nights.first - 4, per_day * before * rates["losses.loss_multiplier_before"]),
        (
            nights.alerts_since - 1100,
            nights.alerts_since,
            per_day * before * rates["losses.loss_multiplier_before"] / 8,
        ),
    )
    return pd.concat([_span(rng, start, end, expected, rates) for start, end, expected in spans], ignore_index=True)


def _span(rng: np.random.Generator, start: int, end: int, expected: float, rates: Rates) -> pd.DataFrame:
    shares = rates.group("stories")
    names, weights = np.array(list(shares)), np.cumsum(list(shares.values()))
    count = int(expected + rng.random())
    places = (rng.random() + np.arange(count)) / max(count, 1) * weights[-1]
    story = names[np.minimum(np.searchsorted(weights, places), len(names) - 1)]
    return pd.DataFrame({"story": rng.permutation(story), "event_on": rng.integers(start, end, count)})


def _pool(world: World) -> pd.DataFrame:
    """Families with one living child and both parents alive and together, with and without a certificate."""
    people, unions, certificates = world.people, world.unions, world.certificates
    children = children_by_union(people, unions)
    only = children[children["count"] == 1].merge(
        certificates.loc[certificates["voided_on"] == NEVER].rename_axis("certificate").reset_index()[
            ["certificate", "union", "issued_on", "father"]
        ].rename(columns={"father": "stated_father"}),
        on="union", how="left",
    )  # fmt: skip
    only = only.fillna({"certificate": -1, "issued_on": NEVER, "stated_father": 0}).astype(
        {"certificate": int, "issued_on": int}
    )
    father, mother = (unions[who].to_numpy()[only["union"]] for who in ("man", "woman"))
    birth, death = people["birth"].to_numpy(), people["death"].to_numpy()
    pool = only.assign(father=father, mother=mother, father_birth=birth[father], mother_birth=birth[mother])
    alive = (death[father] == NEVER) & (death[mother] == NEVER) & (death[pool["child"]] == NEVER)
    kept = alive & (pool["stated_father"] >= 0) & (pool["birth"] > day(1978))
    found: pd.DataFrame = pool[kept].drop(columns=["order", "count", "stated_father"]).reset_index(drop=True)
    return found


def _fits(story: str, pool: pd.DataFrame, world: World, earliest: int, nights: Nights) -> Array:
    """Which families a story can befall."""
    certified = (pool["certificate"] >= 0).to_numpy()
    family = _Candidates(
        pool, earliest, nights, *(pool[c].to_numpy() for c in ("birth", "mother_birth", "father_birth"))
    )
    fitting: Array = np.asarray(_FITS.get(story, _past_nine)(family))
    return fitting & (~certified if story == "no_certificate" else certified)


class _Candidates(NamedTuple):
    """Families, the first day of any loss, and the births of child, mother and father."""

    pool: pd.DataFrame
    earliest: int
    nights: Nights
    birth: Array
    mother: Array
    father: Array

    @property
    def young(self) -> Array:
        """Where the child is out of its first years by the first loss."""
        return np.asarray(self.birth < self.earliest - 4 * YEAR)


def _past_nine(family: _Candidates) -> Array:
    return np.asarray(family.birth < family.earliest - 9 * YEAR)


def _wife_is_49(family: _Candidates) -> Array:
    return family.young & (birthday(family.mother, 49) <= family.earliest)


def _wife_turns_49(family: _Candidates) -> Array:
    turns = birthday(family.mother, 49)
    this_year: Array = years(turns) == calendar(family.nights.first).year
    return family.young & (turns > family.nights.last) & this_year


def _wife_is_young(family: _Candidates) -> Array:
    return family.young & (years(birthday(family.mother, 49)) > calendar(family.nights.last).year)


def _can_have_another(family: _Candidates) -> Array:
    start, end = later_birth_window(family.pool)
    return family.young & (end > start + 200) & (start < family.earliest - 500)


_FITS: Final[dict[str, Callable[[_Candidates], Array]]] = {
    "no_certificate": lambda f: f.young & (f.birth > day(1980)) & (f.birth < day(2014)),
    "wife_turns_49": _wife_turns_49,
    "wife_too_young": _wife_is_young,
    "later_birth": _can_have_another,
    "sibling_dead": _can_have_another,
    "other_child_alive": lambda f: f.young & (f.father + 27 * YEAR < f.birth) & (f.mother + 25 * YEAR < f.birth),
    "divorced_new_child": lambda f: (f.birth < f.earliest - 10 * YEAR) & (f.father + 46 * YEAR > f.birth),
    "child_adopted_away": lambda f: (f.birth < f.earliest - 10 * YEAR) & (f.birth > day(1992)),
    **dict.fromkeys(OLD_ENOUGH, _wife_is_49),
}


def later_birth_window(family: pd.DataFrame) -> tuple[Array, Array]:
    """First and last day on which a second child that the births feed shows could be born."""
    birth, issued = family["birth"].to_numpy(), family["issued_on"].to_numpy()
    start: Array = np.maximum.reduce([birth + 700, issued + 30, np.full(len(family), day(1997))])
    end: Array = np.minimum(family["mother_birth"].to_numpy() + round(43 * YEAR), NEVER)
    return start, end


def _moved(story: str, on: Array, nights: Nights) -> Array:
    """A wife who turns 49 later in the year has to be assessed in that year."""
    if story != "wife_turns_49":
        return on
    start = day(calendar(nights.first).year)
    return np.where(on >= start, on, start + (on - on.min() if len(on) else on) % max(nights.first - start, 1))
