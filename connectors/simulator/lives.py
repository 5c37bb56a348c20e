"""What happens to people in the ordinary course: deaths, certificates, divorces, adoptions, disabilities."""

import numpy as np
import pandas as pd

from connectors.simulator.days import NEVER, YEAR, Array, day, years
from connectors.simulator.families import Families, add_people, new_people, new_unions
from connectors.simulator.rates import Rates
from connectors.simulator.world import Nights, World, adoption_rows, death_rows, disability_rows, joined

_MODE = 82.0  # the age at which most die
_SLOPE = 0.095  # the hazard grows by about a tenth with each year of age
_FIRST_CERTIFICATE, _LAST_CERTIFICATE = day(1980), day(2015, 12, 31)


def natural_deaths(rng: np.random.Generator, families: Families, last: int) -> Families:
    """Gompertz ages at death, some in the first month; nobody dies before the birth of an own child."""
    people, unions = families.people.copy(), families.unions
    start = _SLOPE * np.exp(-_SLOPE * _MODE)
    age = np.log(1 - _SLOPE * np.log(rng.random(len(people))) / start) / _SLOPE * YEAR
    infant = rng.random(len(people)) < 0.005
    age = np.where(infant & (people["father"].to_numpy() >= 0), rng.exponential(20, len(people)) + 1, age)
    death = people["birth"].to_numpy() + age.astype(np.int64)
    floor = _not_before(people, unions)
    death = np.where(death < floor, floor + rng.integers(0, round(30 * YEAR), len(people)), death)
    people["death"] = np.where(death <= last, death, NEVER)
    return Families(people, unions)


def _not_before(people: pd.DataFrame, unions: pd.DataFrame) -> Array:
    floor = people["birth"].to_numpy().copy()
    for spouse in ("man", "woman"):
        np.maximum.at(floor, unions[spouse].to_numpy(), unions["married_on"].to_numpy() + 60)
    for parent in ("father", "mother"):
        known = people[people[parent] >= 0]
        np.maximum.at(floor, known[parent].to_numpy(), known["birth"].to_numpy() + 60)
    return floor


def children_by_union(people: pd.DataFrame, unions: pd.DataFrame) -> pd.DataFrame:
    """Every child born to a union: union, child, birth, order (0 is the eldest), count of that union."""
    pairs = pd.DataFrame({"father": unions["man"], "mother": unions["woman"], "union": np.arange(len(unions))})
    born = people.loc[people["father"] >= 0, ["father", "mother", "birth"]].rename_axis("child").reset_index()
    found = born.merge(pairs, on=["father", "mother"]).sort_values(["union", "birth", "child"], ignore_index=True)
    grouped = found.groupby("union")["child"]
    return found.assign(order=grouped.cumcount(), count=grouped.transform("size"))


def certificates(rng: np.random.Generator, families: Families, nights: Nights, rates: Rates) -> pd.DataFrame:
    """Certificates of couples who had one child when it was issued; voided, mostly, when a second is born."""
    people, unions = families.people, families.unions
    children = children_by_union(people, unions)
    only = children[children["order"] == 0].set_index("union")
    second = children[children["order"] == 1].set_index("union")["birth"].reindex(only.index, fill_value=NEVER)
    union, child = only.index.to_numpy(), only["child"].to_numpy()
    father, mother = unions["man"].to_numpy()[union], unions["woman"].to_numpy()[union]
    birth = only["birth"].to_numpy()
    issued = np.maximum(_FIRST_CERTIFICATE, birth + 120) + rng.exponential(500, len(child)).astype(np.int64)
    latest = np.minimum.reduce(
        [second.to_numpy(), *(people["death"].to_numpy()[who] for who in (father, mother, child))]
    )
    taken = (issued <= _LAST_CERTIFICATE) & (issued < latest) & (years(birth) >= 1976)
    taken &= rng.random(len(child)) < rates["family.certificate_taken"]
    later = second.to_numpy()
    voids = (later < nights.last - 400) & (rng.random(len(child)) < rates["family.certificate_void_on_second_birth"])
    voided = np.where(voids, later + rng.integers(20, 300, len(child)), NEVER)
    frame = pd.DataFrame(
        {"union": union, "father": father, "mother": mother, "child": child, "issued_on": issued, "voided_on": voided}
    )
    return _one_parent(rng, frame[taken].reset_index(drop=True), rates).assign(known_on=lambda c: c["issued_on"] + 5)


def _one_parent(rng: np.random.Generator, frame: pd.DataFrame, rates: Rates) -> pd.DataFrame:
    """On a few certificates only the mother stands."""
    alone = rng.random(len(frame)) < rates["family.one_parent_on_certificate"]
    return frame.assign(father=frame["father"].where(~alone, -1))


def ordinary_lives(rng: np.random.Generator, world: World, protected: Array, nights: Nights, rates: Rates) -> World:
    """Divorces, second families, adoptions and disabilities of everyone who is in no planted story.

    `protected` holds the unions whose story is already told.
    """
    free = ~np.isin(np.arange(len(world.unions)), protected)
    world = _divorces(rng, world, free, nights, rates)
    world = _second_families(rng, world, free, nights, rates)
    world = _adoptions(rng, world, free, nights, rates)
    world = _disabilities(rng, world, protected, nights, rates)
    dead = np.flatnonzero(world.people["death"].to_numpy() < NEVER)
    told = world.deaths["person"].to_numpy()
    dead = dead[~np.isin(dead, told)]
    return world.with_(deaths=joined(world.deaths, death_rows(dead, world.people["death"].to_numpy()[dead])))


def _divorces(rng: np.random.Generator, world: World, free: Array, nights: Nights, rates: Rates) -> World:
    unions, death = world.unions.copy(), world.people["death"].to_numpy()
    on = unions["married_on"].to_numpy() + 400 + rng.exponential(3500, len(unions)).astype(np.int64)
    until = np.minimum.reduce([death[unions["man"]], death[unions["woman"]], np.full(len(unions), nights.last)])
    divorces = free & (on < until) & (rng.random(len(unions)) < rates["family.divorced"] * 1.4)
    unions["divorced_on"] = np.where(divorces, on, unions["divorced_on"])
    return world.with_(unions=unions)


def _second_families(rng: np.random.Generator, world: World, free: Array, nights: Nights, rates: Rates) -> World:
    """Divorced men and women who marry someone from elsewhere, and the children of that."""
    unions = world.unions
    apart = np.flatnonzero(free & (unions["divorced_on"].to_numpy() < nights.last - 900))
    side = rng.random((2, len(apart))) < rates["family.remarries"]
    person = np.concatenate([unions["man"].to_numpy()[apart[side[0]]], unions["woman"].to_numpy()[apart[side[1]]]])
    after = np.concatenate([unions["divorced_on"].to_numpy()[apart[s]] for s in side])
    alive = world.people["death"].to_numpy()[person] == NEVER
    married = after[alive] + 200 + rng.exponential(700, int(alive.sum())).astype(np.int64)
    done = married < nights.last - 400
    world, union = remarry(rng, world, person[alive][done], married[done])
    has_child = rng.random(len(union)) < 0.4
    return bear_in(rng, world, union[has_child], world.unions["married_on"].to_numpy()[union[has_child]] + 365, nights)


def remarry(rng: np.random.Generator, world: World, person: Array, on: Array) -> tuple[World, Array]:
    """A union of each person with someone invented from elsewhere; returns the new unions' positions."""
    sex, birth = world.people["sex"].to_numpy()[person], world.people["birth"].to_numpy()[person]
    shift = rng.integers(100, 1500, len(person)) * np.where(sex == 1, 1, -1)
    spouses = new_people(3 - sex, birth + shift, generation=1, outside=True)
    people, added = add_people(world.people, spouses)
    men, women = np.where(sex == 1, person, added), np.where(sex == 1, added, person)
    rows = new_unions(men, women, on, 3)
    unions = joined(world.unions, rows)
    return world.with_(people=people, unions=unions), np.arange(len(world.unions), len(unions))


def bear_in(rng: np.random.Generator, world: World, union: Array, birth: Array, nights: Nights) -> World:
    """One child of each union, born on the given day, unless the mother is too old or the day lies ahead."""
    man, woman = (world.unions[who].to_numpy()[union] for who in ("man", "woman"))
    mother_birth = world.people["birth"].to_numpy()[woman]
    kept = (birth - mother_birth < 45 * YEAR) & (birth < nights.last - 30)
    sex = rng.integers(1, 3, int(kept.sum()))
    born = new_people(sex, birth[kept], father=man[kept], mother=woman[kept], generation=3, outside=False)
    return world.with_(people=add_people(world.people, born)[0])


def _adoptions(rng: np.random.Generator, world: World, free: Array, nights: Nights, rates: Rates) -> World:
    unions = world.unions
    whole = np.flatnonzero((unions["generation"].to_numpy() < 3) & (unions["divorced_on"].to_numpy() == NEVER))
    whole = whole[(whole < len(free)) & (np.append(free, False)[np.minimum(whole, len(free))])]
    whole = whole[unions["married_on"].to_numpy()[whole] < nights.last - 2000]
    union = whole[rng.random(len(whole)) < rates["family.adopts"]]
    on = np.maximum(day(1999, 4), unions["married_on"].to_numpy()[union] + rng.integers(1500, 4500, len(union)))
    alive = on < np.minimum.reduce(
        [world.people["death"].to_numpy()[unions[who].to_numpy()[union]] for who in ("man", "woman")]
        + [np.full(len(union), nights.last - 30)]
    )
    dissolved = np.where(rng.random(len(union)) < rates["family.adoption_dissolved"], on + 900, NEVER)
    dissolved = np.where(dissolved < nights.last, dissolved, NEVER)
    return adopt_in(rng, world, union[alive], on[alive], dissolved[alive])


def adopt_in(rng: np.random.Generator, world: World, union: Array, on: Array, dissolved_on: Array) -> World:
    """Each union adopts a small child from elsewhere."""
    sex, birth = rng.integers(1, 3, len(union)), on - rng.integers(200, 2500, len(union))
    people, child = add_people(world.people, new_people(sex, birth, generation=3, outside=True))
    man, woman = (world.unions[who].to_numpy()[union] for who in ("man", "woman"))
    rows = adoption_rows(man, woman, child, on, dissolved_on)
    return world.with_(people=people, adoptions=joined(world.adoptions, rows))


def _disabilities(rng: np.random.Generator, world: World, protected: Array, nights: Nights, rates: Rates) -> World:
    """Assessments since 2009; the children of planted stories are left out."""
    people = world.people
    told = world.unions.iloc[protected]
    in_story = people["father"].isin(told["man"]) & people["mother"].isin(told["woman"])
    on = rng.integers(day(2009), nights.last, len(people))
    possible = (on > people["birth"].to_numpy() + 2 * YEAR) & (on < people["death"].to_numpy()) & ~in_story.to_numpy()
    person = np.flatnonzero(possible & (rng.random(len(people)) < rates["family.disability"]))
    grade = rng.choice([1, 2, 3, 4], len(person), p=[0.12, 0.27, 0.29, 0.32])
    rows = disability_rows(person, grade, on[person])
    old = (on[person] < nights.first - 3650) & (rng.random(len(person)) < 0.5)
    rows.loc[old, "status"] = "过期"
    return world.with_(disabilities=joined(world.disabilities, rows))
