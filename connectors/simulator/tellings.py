"""How each planted loss comes to pass: the births, divorces, adoptions and deaths that a story needs."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from connectors.simulator.days import NEVER, Array, day
from connectors.simulator.families import add_people, new_people
from connectors.simulator.lives import adopt_in, bear_in, remarry
from connectors.simulator.stories import DISABILITIES, later_birth_window
from connectors.simulator.world import Nights, World, adoption_rows, death_rows, disability_rows, joined

Teller = Callable[[np.random.Generator, World, pd.DataFrame, Nights], World]


def tell(rng: np.random.Generator, world: World, losses: pd.DataFrame, nights: Nights) -> World:
    """The world in which every planned loss has happened, story by story."""
    world = world.with_(losses=losses)
    for story in sorted(losses["story"].unique()):
        told = losses[losses["story"] == story]
        world = _TELLERS.get(story, _nothing_else)(rng, world, told, nights)
        if story not in DISABILITIES and story not in _OWN_DEATH:
            world = _die(world, told["child"].to_numpy(), told["event_on"].to_numpy(), story)
        elif story in DISABILITIES:
            world = _assess(world, told, story)
    return world


def between(rng: np.random.Generator, start: Array, end: Array) -> Array:
    """A day from `start` up to `end`, each family its own; `start` where the span is empty."""
    span = np.maximum(end - start, 1)
    picked: Array = start + (rng.random(len(start)) * span).astype(np.int64)
    return picked


def _die(world: World, person: Array, on: Array, story: str) -> World:
    people = world.people.copy()
    death = people["death"].to_numpy().copy()
    death[person] = on
    people["death"] = death
    return world.with_(people=people, deaths=joined(world.deaths, death_rows(person, on, story)))


def _assess(world: World, told: pd.DataFrame, story: str) -> World:
    child, on = told["child"].to_numpy(), told["event_on"].to_numpy()
    grade = np.full(len(child), 4) if story == "grade_4" else 1 + child % 3
    status = "注销" if story == "not_in_force" else "有效"
    return world.with_(disabilities=joined(world.disabilities, disability_rows(child, grade, on, status)))


def _nothing_else(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    return world


def _regraded(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """An older assessment at grade 4, cancelled by the new one."""
    on = between(rng, told["event_on"].to_numpy() - 1500, told["event_on"].to_numpy() - 200)
    rows = disability_rows(told["child"].to_numpy(), 4, on, "注销")
    return world.with_(disabilities=joined(world.disabilities, rows))


def _siblings(rng: np.random.Generator, world: World, told: pd.DataFrame, until: Array) -> tuple[World, Array]:
    start, end = later_birth_window(told)
    on = between(rng, start, np.minimum(end, until))
    sex = rng.integers(1, 3, len(told))
    rows = new_people(
        sex, on, father=told["father"].to_numpy(), mother=told["mother"].to_numpy(), generation=3, outside=False
    ).assign(birth_reported=True)
    people, added = add_people(world.people, rows)
    return world.with_(people=people), added


def _later_birth(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    return _siblings(rng, world, told, told["event_on"].to_numpy() - 60)[0]


def _sibling_dead(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    event = told["event_on"].to_numpy()
    world, added = _siblings(rng, world, told, event - 400)
    born = world.people["birth"].to_numpy()[added]
    return _die(world, added, between(rng, np.maximum(born + 5, day(2016)), event - 30), "reported")


def _other_child_alive(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """An elder child who still lives at home, or a twin."""
    twin = np.arange(len(told)) % 3 == 0
    birth = told["birth"].to_numpy() - np.where(twin, 0, rng.integers(500, 1500, len(told)))
    sex = np.where(twin, world.people["sex"].to_numpy()[told["child"]], rng.integers(1, 3, len(told)))
    rows = new_people(
        sex, birth, father=told["father"].to_numpy(), mother=told["mother"].to_numpy(), generation=2, outside=False
    ).assign(birth_reported=True, stays_home=True)
    return world.with_(people=add_people(world.people, rows)[0])


def _adopted_child(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    on = between(rng, np.maximum(told["birth"].to_numpy() + 1500, day(1999, 5)), told["event_on"].to_numpy() - 90)
    return adopt_in(rng, world, told["union"].to_numpy(), on, np.full(len(told), NEVER))


def _adoption_dissolved(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    event = told["event_on"].to_numpy()
    on = between(rng, np.maximum(told["birth"].to_numpy() + 1500, day(1999, 5)), event - 900)
    return adopt_in(rng, world, told["union"].to_numpy(), on, between(rng, on + 300, event - 30))


def _child_adopted_away(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """Adopted by a couple without a child of its own here, who give it their surname and a new name."""
    unions = world.unions
    able = np.flatnonzero((unions["generation"] == 1) & (unions["divorced_on"] == NEVER))
    busy = np.concatenate([world.losses["union"].to_numpy(), world.certificates["union"].to_numpy()])
    union = rng.permutation(able[~np.isin(able, busy)])[: len(told)]
    told = told.iloc[: len(union)]
    on = np.maximum(told["birth"].to_numpy() + rng.integers(300, 3000, len(told)), told["issued_on"].to_numpy() + 30)
    man, woman = (unions[who].to_numpy()[union] for who in ("man", "woman"))
    rows = adoption_rows(man, woman, told["child"].to_numpy(), np.maximum(on, day(1999, 5)))
    return world.with_(adoptions=joined(world.adoptions, rows))


def _certificate_voided(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    frame = world.certificates.copy()
    on = between(rng, told["issued_on"].to_numpy() + 300, told["event_on"].to_numpy() - 20)
    frame.loc[told["certificate"].to_numpy(), "voided_on"] = on
    return world.with_(certificates=frame)


def _late_certificate(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """An old certificate that the health commission enters only during the nights."""
    frame = world.certificates.copy()
    known = np.maximum(told["event_on"].to_numpy(), nights.first) + rng.integers(1, 4, len(told))
    frame.loc[told["certificate"].to_numpy(), "known_on"] = known
    return world.with_(certificates=frame)


def _parents_die(which: tuple[str, ...]) -> Teller:
    def teller(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
        for position, who in enumerate(which):
            chosen = told if which != ("either",) else told.iloc[::2]
            person = chosen["mother" if who == "either" else who].to_numpy()
            world = _parent_dies(rng, world, chosen, person)
            if which == ("either",) and position == 0:
                world = _parent_dies(rng, world, told.iloc[1::2], told["father"].to_numpy()[1::2])
        return world

    return teller


def _parent_dies(rng: np.random.Generator, world: World, told: pd.DataFrame, person: Array) -> World:
    start = np.maximum(told["issued_on"].to_numpy() + 100, day(2015))
    on = between(rng, start, told["event_on"].to_numpy() - 60)
    return _die(world, person, on, "reported")


def _divorced(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    unions = world.unions.copy()
    start = told["issued_on"].to_numpy() + 200
    on = between(rng, start, np.maximum(told["event_on"].to_numpy() - 90, start + 1))
    rows = told["union"].to_numpy()
    unions.loc[rows, "divorced_on"] = on
    unions.loc[rows, "registered_here"] = True
    return world.with_(unions=unions)


def _divorced_new_child(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """The father has a child with someone else by the time of the loss: he is owed nothing, the mother is."""
    unions = world.unions.copy()
    event, start = told["event_on"].to_numpy(), told["issued_on"].to_numpy() + 200
    apart = between(rng, start, np.maximum(event - 2200, start + 1))
    unions.loc[told["union"].to_numpy(), "divorced_on"] = apart
    unions.loc[told["union"].to_numpy(), "registered_here"] = True
    world = world.with_(unions=unions)
    world, union = remarry(rng, world, told["father"].to_numpy(), apart + 300)
    before = len(world.people)
    world = bear_in(rng, world, union, np.minimum(apart + 800, event - 200), nights)
    people = world.people.copy()
    people.loc[people.index >= before, "birth_reported"] = True
    return world.with_(people=people)


def _remarried_same(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    world = _divorced(rng, world, told.assign(event_on=told["event_on"] - 700), nights)
    unions = world.unions.copy()
    rows = told["union"].to_numpy()
    unions.loc[rows, "again_on"] = unions.loc[rows, "divorced_on"] + 400
    return world.with_(unions=unions)


def _namesake_died(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """Someone else of the same name, sex and birth date dies; the only child is alive."""
    child = told["child"].to_numpy()
    sex, birth = world.people["sex"].to_numpy()[child], told["birth"].to_numpy()
    rows = new_people(sex, birth, generation=2, outside=False).assign(namesake_of=child)
    people, added = add_people(world.people, rows)
    return _die(world.with_(people=people), added, told["event_on"].to_numpy(), "namesake_died")


def _death_voided(rng: np.random.Generator, world: World, told: pd.DataFrame, nights: Nights) -> World:
    """A death certificate about someone who lives: voided some days later, nobody has died."""
    rows = death_rows(told["child"].to_numpy(), told["event_on"].to_numpy(), "death_voided")
    return world.with_(deaths=joined(world.deaths, rows))


_OWN_DEATH: Final = frozenset(("namesake_died", "death_voided"))
_TELLERS: Final[dict[str, Teller]] = {
    "regraded": _regraded,
    "later_birth": _later_birth,
    "sibling_dead": _sibling_dead,
    "other_child_alive": _other_child_alive,
    "adopted_child": _adopted_child,
    "adoption_dissolved": _adoption_dissolved,
    "child_adopted_away": _child_adopted_away,
    "certificate_voided": _certificate_voided,
    "late_certificate": _late_certificate,
    "no_surviving_parent": _parents_die(("father", "mother")),
    "widower": _parents_die(("mother",)),
    "one_parent_dead": _parents_die(("either",)),
    "divorced": _divorced,
    "divorced_disability": _divorced,
    "divorced_new_child": _divorced_new_child,
    "remarried_same": _remarried_same,
    "namesake_died": _namesake_died,
    "death_voided": _death_voided,
}
