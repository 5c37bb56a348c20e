"""Names and ID numbers of invented persons, as tables of characters that can be altered column by column."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.simulator.days import NEVER, Array, years
from connectors.simulator.rates import Rates
from connectors.simulator.words import Words, words
from connectors.simulator.world import World

HERE: Final = "370303"
_NEAR: Final = ("370303", "370302", "370304", "370305", "370306", "370321", "371202")
_NEAR_SHARES: Final = (0.82, 0.04, 0.03, 0.03, 0.02, 0.02, 0.04)
_FAR: Final = (
    "370302",
    "370321",
    "370322",
    "371202",
    "370125",
    "370724",
    "371323",
    "130602",
    "320311",
    "410203",
    "232103",
    "510703",
)
_FACTORS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS: Final = np.frombuffer(b"10X98765432", dtype=np.uint8)


@dataclass(frozen=True)
class Identities:
    """By person: the tokens of the name, of the name at birth, and the 18 characters of the ID number."""

    parts: Array  # (persons, 3) positions in words().tokens; -1 is nothing
    birth_parts: Array  # the name before an adoption; otherwise the same
    dotted: Array  # bool: two given names joined by a dot
    numbers: Array  # (persons, 18) ASCII codes
    phones: pa.Array

    @property
    def renamed(self) -> Array:
        """Who carries another name than at birth."""
        different: Array = (self.parts != self.birth_parts).any(axis=1)
        return different


def identify(rng: np.random.Generator, world: World, rates: Rates) -> Identities:
    """Give everyone a name, an ID number and a telephone number."""
    people = world.people
    parts, dotted = _names(rng, people, rates)
    model = people["namesake_of"].to_numpy()
    parts = np.where(model[:, None] >= 0, parts[model], parts)
    dotted = np.where(model >= 0, dotted[model], dotted)
    renamed = _adopted_names(rng, world, parts, dotted)
    return Identities(renamed, parts, dotted, _numbers(rng, people), _phones(rng, len(people)))


def check_characters(seventeen: Array) -> Array:
    """The check character of GB 11643 (MOD 11-2) for rows of 17 ASCII digits."""
    sums = ((seventeen.astype(np.int64) - 48) * _FACTORS).sum(axis=1)
    found: Array = _CHECKS[sums % 11]
    return found


def _names(rng: np.random.Generator, people: pd.DataFrame, rates: Rates) -> tuple[Array, Array]:
    table, count = words(), len(people)
    source = _surname_source(rng, people, rates["population.mothers_surname"])
    surname = rng.choice(table.surnames, count, p=table.surname_weights)[source]
    first, second = _given(rng, people, table, rates)
    dotted = (rng.random(count) < rates["population.ethnic_name"])[source]
    own = _dotted_given(rng, people, table)
    father = people["father"].to_numpy()
    of_father = np.where(father >= 0, own[father], rng.permutation(own))
    plain = np.stack([surname, first, second], axis=1)
    return np.where(dotted[:, None], np.stack([own, np.full(count, -1), of_father], axis=1), plain), dotted


def _surname_source(rng: np.random.Generator, people: pd.DataFrame, from_mother: float) -> Array:
    """For each person the ancestor from whom the surname comes down."""
    father, mother = people["father"].to_numpy(), people["mother"].to_numpy()
    giver = np.where(rng.random(len(people)) < from_mother, mother, father)
    source = np.where(giver >= 0, giver, np.arange(len(people)))
    for _ in range(4):  # five generations at most
        source = source[source]
    return source


def _given(rng: np.random.Generator, people: pd.DataFrame, table: Words, rates: Rates) -> tuple[Array, Array]:
    count, year, sex = len(people), years(people["birth"].to_numpy()), people["sex"].to_numpy()
    first, second = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    cohorts = (("old", year < 1966), ("middle", (year >= 1966) & (year < 1988)), ("new", year >= 1988))
    for (cohort, born), (word, code) in ((c, s) for c in cohorts for s in (("male", 1), ("female", 2))):
        rows = np.flatnonzero(born & (sex == code))
        pool = table.given[f"{word}_{cohort}"]
        weights = 1 / (np.arange(len(pool)) + 6.0)
        first[rows], second[rows] = rng.choice(pool, (2, len(rows)), p=weights / weights.sum())
    first = _shared_character(rng, people, first, year, rates["population.shared_generation_character"])
    rare = rng.random(count) < rates["population.rare_character"]
    first = np.where(rare, rng.choice(table.given["rare"], count), first)
    alone = rng.random(count) < rates["population.single_character_name"]
    return first, np.where(alone, -1, second)


def _shared_character(rng: np.random.Generator, people: pd.DataFrame, first: Array, year: Array, share: float) -> Array:
    """Brothers and sisters who carry one character in common."""
    father = people["father"].to_numpy()
    shares = (father >= 0) & (year < 1985) & (rng.random(len(people)) < share)[father]
    return np.where(shares, rng.permutation(first)[father], first)


def _dotted_given(rng: np.random.Generator, people: pd.DataFrame, table: Words) -> Array:
    male, female = (rng.choice(table.dotted[sex], len(people)) for sex in ("male", "female"))
    return np.where(people["sex"].to_numpy() == 1, male, female)


def _adopted_names(rng: np.random.Generator, world: World, parts: Array, dotted: Array) -> Array:
    """Adopted children take the adopter's surname and a new given name."""
    renamed, child = parts.copy(), world.adoptions["child"].to_numpy()
    stranger = rng.permutation(len(parts))[: len(child)]
    taken = parts[child].copy()
    taken[:, 0] = parts[world.adoptions["man"].to_numpy(), 0]
    taken[:, 1] = np.where(parts[stranger, 1] >= 0, parts[stranger, 1], parts[child, 1])
    plain = ~dotted[child] & ~dotted[world.adoptions["man"].to_numpy()]
    renamed[child[plain]] = taken[plain]
    return renamed


def _numbers(rng: np.random.Generator, people: pd.DataFrame) -> Array:
    """Division, birth date, a sequence that is odd for men, and the check character; no number twice."""
    count, birth, sex = len(people), people["birth"].to_numpy(), people["sex"].to_numpy()
    near = rng.choice(len(_NEAR), count, p=_NEAR_SHARES)
    far = rng.integers(0, len(_FAR), count)
    codes = np.array([list(code.encode()) for code in _NEAR + _FAR], dtype=np.uint8)
    division = np.where(people["outside"].to_numpy(), far + len(_NEAR), near)
    text = np.empty((count, 18), dtype=np.uint8)
    text[:, :6] = codes[division]
    text[:, 6:14] = _digits(_as_number(birth), 8)
    text[:, 14:17] = _digits(_sequence(division, birth, sex), 3)
    text[:, 17] = check_characters(text[:, :17])
    return text


def _sequence(division: Array, birth: Array, sex: Array) -> Array:
    """The rank within division, day and sex, moved by an amount of the day's own."""
    code = np.array([_code_position(d) for d in range(len(_NEAR) + len(_FAR))])[division]
    groups = pd.DataFrame({"code": code, "birth": birth, "sex": sex})
    rank = groups.groupby(["code", "birth", "sex"]).cumcount().to_numpy()
    started = (birth * 37 + division * 11) % 490
    result: Array = ((started + rank) % 499) * 2 + (sex == 1)
    return result


def _code_position(division: int) -> int:
    codes = _NEAR + _FAR
    return codes.index(codes[division])


def _as_number(days: Array) -> Array:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month: Array = months.astype(np.int64) % 12 + 1
    compact: Array = years(days) * 10000 + month * 100 + (dates - months).astype(np.int64) + 1
    return compact


def _digits(numbers: Array, width: int) -> Array:
    powers = 10 ** np.arange(width - 1, -1, -1)
    return (numbers[:, None] // powers % 10 + 48).astype(np.uint8)


def _phones(rng: np.random.Generator, count: int) -> pa.Array:
    """Numbers that nobody can have: of the right shape, in ranges that are not assigned."""
    start = rng.choice([160, 161, 163, 164, 168, 169], count)
    return fixed_text(_digits(start * 10**8 + rng.integers(0, 10**8, count), 11))


def fixed_text(codes: Array) -> pa.Array:
    """Rows of ASCII codes as text, without a copy for each."""
    count, width = codes.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(codes)))


__all__ = ["HERE", "NEVER", "Identities", "check_characters", "fixed_text", "identify"]
