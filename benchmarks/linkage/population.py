"""Who there is: the simulator's world, those of it who stand in the register, and those who do not."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np

from connectors.simulator.cells import District
from connectors.simulator.creation import create
from connectors.simulator.days import NEVER, YEAR, Array, number
from connectors.simulator.households import REGISTER_FROM, settle
from connectors.simulator.identities import identify
from connectors.simulator.kinship import Kin, kinship
from connectors.simulator.rates import Rates, default_rates
from connectors.simulator.world import Nights, stream

_AS_IF_TRUE = {"losses.loss_multiplier": 1.0, "losses.loss_multiplier_before": 1.0}
_FIRST, LAST = date(2025, 6, 2), date(2025, 6, 30)
_GROWN: Final = 18 * YEAR
_AGED: Final = 75 * YEAR


@dataclass(frozen=True)
class Population:
    """The invented district; persons are named by their position.

    `registered` are the persons of the register in its order. `outsiders` by kind: persons who are not in it.
    """

    district: District
    kin: Kin
    registered: Array
    outsiders: dict[str, Array]

    @cached_property
    def former_spouse(self) -> Array:
        """By person the first spouse, whether or not the union lasted; -1 without one."""
        unions = self.district.world.unions.iloc[::-1]
        found = np.full(len(self.district.birth), -1)
        found[unions["man"]], found[unions["woman"]] = unions["woman"], unions["man"]
        return found

    @cached_property
    def phone_holder(self) -> Array:
        """By person whose telephone is given: a child's is the mother's, that of half of the aged a child's."""
        kin, birth, person = self.kin, self.district.birth, np.arange(len(self.district.birth))
        age = number(LAST) - birth
        parent = np.where(kin.mother >= 0, kin.mother, kin.father)
        holder = np.where((age < _GROWN) & (parent >= 0), parent, person)
        return np.where((age > _AGED) & (kin.child >= 0) & (person % 2 == 0), kin.child, holder)


def populate(seed: int, persons: int, rates: Rates) -> Population:
    """A district whose register has exactly that many persons; `rates` has noise.yaml's population and outsiders."""
    district = _district(seed, round(persons * rates["population.persons_per_registered"]))
    rng, kin = stream(seed, "register"), kinship(district)
    present = (district.homes.house >= 0) & (district.death >= REGISTER_FROM)
    alone = present & (rng.random(len(present)) < rates["population.missing_alone"])
    order = rng.random(len(present))[district.homes.house]  # whole households are in or out
    candidates = np.flatnonzero(present & ~alone)
    chosen = candidates[np.argsort(order[candidates], kind="stable")][:persons]
    if len(chosen) < persons:
        raise ValueError(f"the world has {len(chosen)} persons with a hukou here, fewer than the {persons} asked for")
    return Population(district, kin, rng.permutation(chosen), _outsiders(district, kin, chosen, present))


def _district(seed: int, persons: int) -> District:
    rates, nights = default_rates().changed(_AS_IF_TRUE), Nights.between(_FIRST, LAST)
    world = create(seed, persons, nights, rates)
    identities = identify(stream(seed, "identities"), world, rates)
    return District(world, identities, settle(stream(seed, "homes"), world, nights, rates), nights, rates, seed)


def _outsiders(district: District, kin: Kin, chosen: Array, present: Array) -> dict[str, Array]:
    people = district.world.people
    inside = np.zeros(len(people), dtype=bool)
    inside[chosen] = True
    house, model = district.homes.house, people["namesake_of"].to_numpy()
    has_family = np.zeros(len(people), dtype=bool)
    has_family[house[chosen]] = True  # by the household's number, a position too
    doubled = (_at(inside, kin.twin)) | _at(inside, model)
    doubled[model[(model >= 0) & inside]] = True
    seen = district.death >= REGISTER_FROM
    return {
        "family_inside": np.flatnonzero(~inside & present & has_family[house]),
        "hukou_elsewhere": np.flatnonzero(~inside & (house < 0) & seen),
        "double_inside": np.flatnonzero(~inside & doubled & seen),
        "no_family_inside": np.flatnonzero(~inside & present & ~has_family[house]),
    }


def _at(mask: Array, position: Array) -> Array:
    found: Array = (position >= 0) & mask[position]
    return found


__all__ = ["LAST", "NEVER", "Population", "populate"]
