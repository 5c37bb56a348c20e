"""Who could speak for whom: spouse, a child, a parent, a twin, by person."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.simulator.cells import District
from connectors.simulator.days import NEVER, YEAR, Array
from connectors.simulator.records import chosen

FATHER, MOTHER, SPOUSE, CHILD, OTHER, NOBODY = range(6)


@dataclass(frozen=True)
class Kin:
    """By person, -1 where there is none."""

    father: Array
    mother: Array
    spouse: Array
    child: Array
    twin: Array


def kinship(district: District) -> Kin:
    """The nearest relatives of everyone."""
    people, unions = district.world.people, district.world.unions
    spouse, child = np.full(len(people), -1), np.full(len(people), -1)
    lasting = unions[unions["divorced_on"] == NEVER]
    spouse[lasting["man"]] = lasting["woman"]
    spouse[lasting["woman"]] = lasting["man"]
    born = people[people["father"] >= 0]
    for parent in ("father", "mother"):
        child[born[parent]] = born.index
    return Kin(people["father"].to_numpy(), people["mother"].to_numpy(), spouse, child, _twins(people))


def _twins(people: pd.DataFrame) -> Array:
    found = np.full(len(people), -1)
    born = people.loc[people["father"] >= 0, ["father", "mother", "birth"]].rename_axis("person").reset_index()
    pairs = born.merge(born, on=["father", "mother", "birth"], suffixes=("", "_other"))
    pairs = pairs[pairs["person"] != pairs["person_other"]]
    found[pairs["person"]] = pairs["person_other"]
    return found


def speaker(rng: np.random.Generator, district: District, kin: Kin, person: Array, on: Array) -> tuple[Array, Array]:
    """Someone who speaks for a person on a day: the relative (-1 nobody) and what he or she is (FATHER … NOBODY)."""
    young = on - district.birth[person] < 45 * YEAR
    parents, others = _parents_first(rng, kin, person), _own_family_first(rng, kin, person)
    choices = np.where(young[:, None], np.hstack([parents, others]), np.hstack([others, parents]))
    kinds = np.where(young[:, None], [FATHER, MOTHER, SPOUSE, CHILD], [SPOUSE, CHILD, FATHER, MOTHER])
    fit = (choices >= 0) & (district.death[choices] > on[:, None]) & (on[:, None] - district.birth[choices] > 18 * YEAR)
    weight = fit * (rng.random(fit.shape) * [1, 1, 0.2, 0.2])
    best = weight.argmax(axis=1)
    row = np.arange(len(person))
    found = weight.max(axis=1) > 0
    relative, kind = np.where(found, choices[row, best], -1), np.where(found, kinds[row, best], NOBODY)
    return _neighbours(rng, district, person, relative, kind, on)


def _parents_first(rng: np.random.Generator, kin: Kin, person: Array) -> Array:
    return np.stack([kin.father[person], kin.mother[person]], axis=1)


def _own_family_first(rng: np.random.Generator, kin: Kin, person: Array) -> Array:
    return np.stack([kin.spouse[person], kin.child[person]], axis=1)


def _neighbours(
    rng: np.random.Generator, district: District, person: Array, relative: Array, kind: Array, on: Array
) -> tuple[Array, Array]:
    """Some are spoken for by someone who is no relative."""
    stranger = rng.integers(0, len(district.birth), len(person))
    fit = (district.death[stranger] > on) & (on - district.birth[stranger] > 20 * YEAR)
    other = fit & (rng.random(len(person)) < 0.05)
    return np.where(other, stranger, relative), np.where(other, OTHER, kind)


def relation_words(kind: Array, sex: Array, stated: Array) -> pa.Array:
    """What a relative calls the tie, as people write it."""
    words_of_kind = ("父亲", "母亲", "配偶", "儿子", "其他", None)
    daughter = (kind == 3) & (sex == 2)
    return chosen(np.where(~stated, 5, np.where(daughter, 6, kind)), (*words_of_kind, "女儿"))


def relation_codes(relation: Array) -> pa.Array:
    """GB/T 4761 in two digits."""
    return chosen(relation, tuple(f"{code:02}" for code in range(100)))
