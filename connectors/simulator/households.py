"""Who stands in which household of the register, as what, and where the household lives."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.days import NEVER, YEAR, Array, day
from connectors.simulator.identities import HERE
from connectors.simulator.lives import children_by_union
from connectors.simulator.rates import Rates
from connectors.simulator.words import words
from connectors.simulator.world import Nights, World

REGISTER_FROM: Final = day(2010)  # who was cancelled earlier no longer stands in the register
VILLAGES_PER_TOWNSHIP: Final = 12


@dataclass(frozen=True)
class Homes:
    """By person: head of the household (or -1: hukou elsewhere), relation to the head, place and address."""

    house: Array
    relation: Array  # GB/T 4761 as a number, 2 for the head
    place: Array  # the person whose address is shared
    village: Array  # 0 … 143, of the place
    addresses: pa.Array  # street, court, building … of each place, without the district
    elsewhere: pa.Array  # where those live whose home is not where their hukou is
    is_elsewhere: Array


def settle(rng: np.random.Generator, world: World, nights: Nights, rates: Rates) -> Homes:
    """Households of couples, their children, some grandparents' households, and people alone."""
    people = world.people
    local = ~people["outside"].to_numpy() | (rng.random(len(people)) >= rates["population.keeps_outside_hukou"])
    draft = _Draft(np.arange(len(people)), np.full(len(people), 2), local)
    _couples(draft, world, nights)
    _children(rng, draft, world, nights, rates)
    _with_grandparents(rng, draft, world, rates)
    _adopted(draft, world)
    place = draft.house.copy()
    relation = np.where(draft.house == np.arange(len(people)), 2, draft.relation)
    house = np.where(local, place, -1)
    village = rng.integers(0, len(words().places["townships"]) * VILLAGES_PER_TOWNSHIP, len(people))
    registered = _addresses(rng, len(people)).take(pa.array(place))
    away = rng.random(len(people)) < rates["family.lives_elsewhere"]
    return Homes(house, relation, place, village[place], registered, _addresses(rng, len(people)), away)


@dataclass(frozen=True)
class _Draft:
    house: Array
    relation: Array
    local: Array


def _couples(draft: _Draft, world: World, nights: Nights) -> None:
    """The man heads the household; the woman does where he is dead or registered elsewhere."""
    unions = world.unions[world.unions["generation"] < 3]
    man, woman = unions["man"].to_numpy(), unions["woman"].to_numpy()
    death = world.people["death"].to_numpy()
    widow = (death[man] < nights.first - 300) & (death[woman] > nights.first)
    led_by_woman = draft.local[woman] & (widow | ~draft.local[man])
    together = (unions["divorced_on"].to_numpy() > nights.first - 30) | (unions["again_on"].to_numpy() < nights.first)
    head = np.where(led_by_woman, woman, man)
    draft.house[man[together]], draft.house[woman[together]] = head[together], head[together]
    draft.relation[man[together & led_by_woman]] = 11
    draft.relation[woman[together & ~led_by_woman]] = 12


def _children(rng: np.random.Generator, draft: _Draft, world: World, nights: Nights, rates: Rates) -> None:
    """Unmarried children stand with the parent who keeps them; some over thirty live alone."""
    people, children = world.people, children_by_union(world.people, world.unions)
    married = np.isin(children["child"], world.unions[["man", "woman"]].to_numpy().ravel())
    old = children["birth"].to_numpy() < nights.first - 30 * YEAR
    alone = old & (rng.random(len(children)) < rates["population.single_lives_alone"])
    alone &= ~people["stays_home"].to_numpy()[children["child"]]
    at_home = children[~married & ~alone]
    child, union = at_home["child"].to_numpy(), at_home["union"].to_numpy()
    father, mother = (people[who].to_numpy()[child] for who in ("father", "mother"))
    with_mother = ((union % 5 < 3) | ~draft.local[father]) & draft.local[mother]
    keeper = np.where((draft.house[father] == draft.house[mother]) | ~with_mother, father, mother)
    kept = draft.local[keeper] | draft.local[draft.house[keeper]]
    draft.house[child[kept]] = draft.house[keeper[kept]]
    draft.relation[child[kept]] = child_relation(people["sex"].to_numpy()[child], at_home["order"], at_home["count"])[
        kept
    ]


def child_relation(sex: Array, order: pd.Series, count: pd.Series) -> Array:
    """21 and 31 for an only son or daughter, 22 … 26 and 32 … 36 in order of birth."""
    base = np.where(sex == 1, 20, 30)
    return base + np.where(count.to_numpy() == 1, 1, np.minimum(order.to_numpy(), 4) + 2)


def _with_grandparents(rng: np.random.Generator, draft: _Draft, world: World, rates: Rates) -> None:
    """A son's young family that stands in his parents' household."""
    people, unions = world.people, world.unions
    man, woman = unions["man"].to_numpy(), unions["woman"].to_numpy()
    father = people["father"].to_numpy()[man]
    whole = (unions["generation"].to_numpy() < 3) & (unions["divorced_on"].to_numpy() == NEVER) & (father >= 0)
    moves = whole & (rng.random(len(unions)) < rates["population.lives_with_grandparents"]) & (draft.house[man] == man)
    kept_apart = np.isin(np.arange(len(unions)), world.losses["union"].to_numpy())
    upper = draft.house[np.maximum(father, 0)]
    moves &= ~kept_apart & (upper >= 0) & draft.local[upper] & draft.local[man]
    moves &= ~np.isin(upper, man[moves]) & (draft.house[upper] == upper)
    target = np.arange(len(people))
    target[man[moves]] = upper[moves]
    _rename_relations(draft, man[moves], woman[moves], people["sex"].to_numpy())
    draft.house[:] = target[draft.house]


def _rename_relations(draft: _Draft, man: Array, woman: Array, sex: Array) -> None:
    moved = np.isin(draft.house, man)
    grandchild = moved & (draft.relation >= 20) & (draft.relation < 40)
    draft.relation[grandchild] = np.where(sex[grandchild] == 1, 41, 42)
    draft.relation[woman] = 38
    draft.relation[man] = 22


def _adopted(draft: _Draft, world: World) -> None:
    rows = world.adoptions[world.adoptions["dissolved_on"] == NEVER]
    child, man = rows["child"].to_numpy(), rows["man"].to_numpy()
    draft.house[child] = draft.house[man]
    draft.local[child] = draft.local[draft.house[man]]
    draft.relation[child] = np.where(world.people["sex"].to_numpy()[child] == 1, 27, 37)
    gone = world.adoptions.loc[world.adoptions["dissolved_on"] < NEVER, "child"].to_numpy()
    draft.local[gone] = False


def _addresses(rng: np.random.Generator, count: int) -> pa.Array:
    """Street and house number, court, building, unit, room."""
    places = words().places

    def drawn(low: int, high: int) -> pa.Array:
        return pa.array(rng.integers(low, high, count)).cast(pa.string())

    street = pa.array(places["streets"]).take(pa.array(rng.integers(0, len(places["streets"]), count)))
    court = pa.array(places["courts"]).take(pa.array(rng.integers(0, len(places["courts"]), count)))
    room = pa.array(rng.integers(1, 19, count) * 100 + rng.integers(1, 5, count)).cast(pa.string())
    pieces = [street, drawn(1, 300), "号", court, drawn(1, 41), "号楼", drawn(1, 6), "单元", room, ""]
    return pc.binary_join_element_wise(*pieces)


def village_codes(village: Array) -> pa.Array:
    """Twelve digits: district, township 001 … 012, village."""
    found = [
        f"{HERE}{township + 1:03}{201 + number}"
        for township in range(len(words().places["townships"]))
        for number in range(VILLAGES_PER_TOWNSHIP)
    ]
    return pa.array(found).take(pa.array(village))
