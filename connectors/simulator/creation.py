"""The whole invented world, from the skeleton of families to the last planted loss."""

import numpy as np
import pandas as pd

from connectors.simulator.families import Families, add_people, grow, new_people
from connectors.simulator.lives import certificates, natural_deaths, ordinary_lives
from connectors.simulator.rates import Rates
from connectors.simulator.stories import plan
from connectors.simulator.tellings import tell
from connectors.simulator.world import Nights, World, adoption_rows, death_rows, disability_rows, stream

_NOBODY = np.zeros(0, dtype=np.int64)


def create(seed: int, persons: int, nights: Nights, rates: Rates) -> World:
    """Families, what ordinarily happens to them, and the losses the district is made to see."""
    families = grow(stream(seed, "families"), persons, nights.last, rates)
    families = natural_deaths(stream(seed, "deaths"), families, nights.last)
    families = _namesakes(stream(seed, "namesakes"), families, rates)
    world = _begun(families, certificates(stream(seed, "certificates"), families, nights, rates))
    losses = plan(stream(seed, "plan"), world, nights, rates)
    world = tell(stream(seed, "tell"), world, losses, nights)
    return ordinary_lives(stream(seed, "lives"), world, losses["union"].to_numpy(), nights, rates)


def _begun(families: Families, frame: pd.DataFrame) -> World:
    return World(
        people=families.people,
        unions=families.unions,
        certificates=frame,
        adoptions=adoption_rows(_NOBODY, _NOBODY, _NOBODY, _NOBODY),
        deaths=death_rows(_NOBODY, _NOBODY),
        disabilities=disability_rows(_NOBODY, 1, _NOBODY),
        losses=pd.DataFrame(),
    )


def _namesakes(rng: np.random.Generator, families: Families, rates: Rates) -> Families:
    """Unrelated persons of the same name born the same day, so that name and birth date do not suffice."""
    people = families.people
    young = np.flatnonzero(people["generation"].to_numpy() >= 1)
    model = young[rng.random(len(young)) < rates["population.planted_namesakes"]]
    sex, birth = people["sex"].to_numpy()[model], people["birth"].to_numpy()[model]
    rows = new_people(sex, birth, generation=2, outside=False).assign(namesake_of=model)
    return Families(add_people(people, rows)[0], families.unions)
