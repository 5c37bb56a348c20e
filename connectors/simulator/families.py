"""Three generations: who was born to whom, and who married whom. No names yet, only the skeleton."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectors.simulator.days import NEVER, YEAR, Array, day, years
from connectors.simulator.rates import Rates

PERSONS_PER_FOUNDERS = 8.0  # how many persons one founding couple leads to, over three generations


@dataclass(frozen=True)
class Families:
    """People (one row a person: sex, birth, death, father, mother, generation, outside …) and unions."""

    people: pd.DataFrame
    unions: pd.DataFrame


def grow(rng: np.random.Generator, persons: int, last: int, rates: Rates) -> Families:
    """About `persons` invented persons with their parents and unions, up to the day `last`."""
    families = _found(rng, max(2, round(persons / PERSONS_PER_FOUNDERS)))
    for generation in (1, 2):
        families = _bear(rng, families, last, rates)
        families = _marry(rng, families, generation, last, rates)
    return _bear(rng, families, last, rates)


def new_people(
    sex: Array, birth: Array, *, father: Array | int = -1, mother: Array | int = -1, generation: int, outside: bool
) -> pd.DataFrame:
    """Rows of `people`; `outside` = born elsewhere, with parents nobody here knows."""
    return pd.DataFrame(
        {
            "sex": sex.astype(np.int8),
            "birth": birth.astype(np.int64),
            "death": np.full(len(sex), NEVER),
            "father": np.broadcast_to(father, len(sex)).astype(np.int64),
            "mother": np.broadcast_to(mother, len(sex)).astype(np.int64),
            "generation": np.full(len(sex), generation, dtype=np.int8),
            "outside": np.full(len(sex), outside),
            "namesake_of": np.full(len(sex), -1),
            "stays_home": np.zeros(len(sex), dtype=bool),
            "birth_reported": np.zeros(len(sex), dtype=bool),
        }
    )


def add_people(people: pd.DataFrame, more: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """The people with more behind them, and the positions of the new ones."""
    joined = pd.concat([people, more], ignore_index=True)
    return joined, np.arange(len(people), len(joined))


def new_unions(man: Array, woman: Array, married_on: Array, generation: int) -> pd.DataFrame:
    """Rows of `unions`, not divorced."""
    return pd.DataFrame(
        {
            "man": man,
            "woman": woman,
            "married_on": married_on.astype(np.int64),
            "divorced_on": np.full(len(man), NEVER),
            "generation": np.full(len(man), generation, dtype=np.int8),
            "again_on": np.full(len(man), NEVER),
            "registered_here": np.zeros(len(man), dtype=bool),
        }
    )


def _found(rng: np.random.Generator, couples: int) -> Families:
    woman_birth = rng.integers(day(1930), day(1959), couples)
    man_birth = woman_birth - rng.normal(700, 900, couples).astype(np.int64)
    men = new_people(np.full(couples, 1), man_birth, generation=0, outside=False)
    people, women = add_people(men, new_people(np.full(couples, 2), woman_birth, generation=0, outside=False))
    married = woman_birth + rng.normal(22.5 * YEAR, 500, couples).astype(np.int64)
    return Families(people, new_unions(np.arange(couples), women, married, 0))


def _bear(rng: np.random.Generator, families: Families, last: int, rates: Rates) -> Families:
    """Children of the youngest generation's unions."""
    people, unions = families.people, families.unions
    young = unions[unions["generation"] == unions["generation"].max()]
    mother_birth = people["birth"].to_numpy()[young["woman"]]
    first = young["married_on"].to_numpy() + 270 + rng.exponential(450, len(young)).astype(np.int64)
    count = _counts(rng, years(first))
    row = np.repeat(np.arange(len(young)), count)
    order = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    birth = first[row] + _spacing(rng, years(first)[row], order)
    kept = (birth <= last) & (birth - mother_birth[row] < 44 * YEAR)
    row, birth = _with_twins(rng, row[kept], birth[kept], rates["population.twin_births"])
    sex = np.where(rng.random(len(row)) < rates["population.sex_ratio_male"], 1, 2)
    man, woman = young["man"].to_numpy()[row], young["woman"].to_numpy()[row]
    generation = int(unions["generation"].max()) + 1
    children = new_people(sex, birth, father=man, mother=woman, generation=generation, outside=False)
    return Families(add_people(people, children)[0], unions)


def _counts(rng: np.random.Generator, year: Array) -> Array:
    """How many children: many before 1972, two in the seventies, mostly one after that."""
    draw = rng.random(len(year))
    many = np.searchsorted([0.05, 0.25, 0.6, 0.87], draw) + 1
    few = np.searchsorted([0.3, 0.8], draw) + 1
    one = np.searchsorted([0.07, 0.80], draw)
    return np.where(year < 1972, many, np.where(year < 1980, few, one))


def _spacing(rng: np.random.Generator, year: Array, order: Array) -> Array:
    gap = 700 + rng.exponential(450, len(order)).astype(np.int64)
    late = 1500 + rng.exponential(900, len(order)).astype(np.int64)
    return order * np.where(year < 1980, gap, late)


def _with_twins(rng: np.random.Generator, row: Array, birth: Array, share: float) -> tuple[Array, Array]:
    times = 1 + (rng.random(len(row)) < share)
    return np.repeat(row, times), np.repeat(birth, times)


def _marry(rng: np.random.Generator, families: Families, generation: int, last: int, rates: Rates) -> Families:
    people = families.people
    single = (people["generation"].to_numpy() == generation) & (people["birth"].to_numpy() < last - 21 * YEAR)
    single &= rng.random(len(people)) < rates["population.marries"]
    people, man, woman = _pair(
        rng, people, np.flatnonzero(single), generation, rates["population.spouse_from_elsewhere"]
    )
    birth = people["birth"].to_numpy()
    of_age = np.maximum(birth[man] + 22 * YEAR, birth[woman] + 20 * YEAR)
    married = of_age + rng.gamma(2.0, 650, len(man))
    done = married <= last
    unions = new_unions(man[done], woman[done], married[done], generation)
    return Families(people, pd.concat([families.unions, unions], ignore_index=True))


def _pair(
    rng: np.random.Generator, people: pd.DataFrame, single: Array, generation: int, elsewhere: float
) -> tuple[pd.DataFrame, Array, Array]:
    """Couples of similar age; some take a spouse from elsewhere, as do brothers and sisters who would meet."""
    birth, sex, mother = (people[name].to_numpy() for name in ("birth", "sex", "mother"))
    order = single[np.argsort(birth[single] + rng.normal(0, 700, len(single)), kind="stable")]
    near = order[rng.random(len(order)) >= elsewhere / (2 - elsewhere)]
    men, women = near[sex[near] == 1], near[sex[near] == 2]
    pairs = min(len(men), len(women))
    men, women = men[:pairs], women[:pairs]
    strangers = mother[men] != mother[women]
    men, women = men[strangers], women[strangers]
    alone = order[~np.isin(order, np.concatenate([men, women]))]
    shift = rng.normal(0, 800, len(alone)).astype(np.int64) + np.where(sex[alone] == 1, 700, -700)
    spouses = new_people(3 - sex[alone], birth[alone] + shift, generation=generation, outside=True)
    people, added = add_people(people, spouses)
    from_here = sex[alone] == 1
    man = np.concatenate([men, np.where(from_here, alone, added)])
    return people, man, np.concatenate([women, np.where(from_here, added, alone)])
