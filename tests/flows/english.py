"""Invented English people in two lists: a register, and a list in which most of them stand again, with slips."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

GIVEN = [
    "Oliver",
    "Amelia",
    "George",
    "Isla",
    "Harry",
    "Ava",
    "Noah",
    "Mia",
    "Jack",
    "Ivy",
    "Leo",
    "Lily",
    "Arthur",
    "Freya",
    "Oscar",
    "Ella",
    "Theo",
    "Rosie",
    "Alfie",
    "Grace",
    "Henry",
    "Sophie",
    "Archie",
    "Evie",
    "Joshua",
    "Florence",
    "Thomas",
    "Poppy",
    "Freddie",
    "Charlotte",
    "James",
    "Willow",
    "Isaac",
    "Evelyn",
    "Alexander",
    "Daisy",
]
FIRST = [
    "Ash",
    "Bram",
    "Clay",
    "Dun",
    "East",
    "Fern",
    "Green",
    "Hart",
    "Kings",
    "Lang",
    "Mar",
    "Nor",
    "Oak",
    "Pem",
    "Rams",
    "Shel",
    "Thorn",
    "Under",
    "West",
    "York",
]
LAST = ["ton", "ley", "worth", "field", "wood", "bury", "combe", "ford", "ham", "well", "bottom", "gate"]
STREETS = [
    "High",
    "Station",
    "Church",
    "Mill",
    "Park",
    "Victoria",
    "Albert",
    "Queens",
    "Kings",
    "Chapel",
    "Orchard",
    "Meadow",
    "Bridge",
    "Castle",
    "School",
]
KINDS = ["Street", "Road", "Lane", "Avenue", "Close", "Drive"]

Column = pa.Array


@dataclass(frozen=True)
class Lists:
    """The files of two lists, and of their true pairs."""

    left: Path
    right: Path
    truth: Path


def register(persons: int, rng: Any) -> dict[str, Column]:
    """Everybody once: every second person lives with the one before, under one surname, address and phone."""
    home = np.arange(persons) // 2
    homes = home[-1] + 1
    surname = _joined(_some(FIRST, homes, rng), _some(LAST, homes, rng))
    street = _joined(
        _texts(rng.integers(1, 120, homes)), _some(STREETS, homes, rng), _some(KINDS, homes, rng), between=" "
    )
    postcode = _joined(pa.array(["QX"] * homes), _texts(rng.integers(10, 60, homes)), _some(list("ABCDE"), homes, rng))
    phone = _texts(7700_000_000 + rng.integers(0, 10**6, homes))
    given = _some(GIVEN, persons, rng)
    born = np.datetime64("1935-01-01") + rng.integers(0, 30_000, persons)
    email = _joined(given, _texts(rng.integers(1, 10**5, persons)), pa.array(["@example.org"] * persons))
    of_home = {"surname": surname, "street": street, "postcode": postcode, "phone": phone}
    return {
        "id": _joined(pa.array(["R"] * persons), _texts(np.arange(persons))),
        "given_name": given,
        "birth_date": pa.array(born.astype("datetime64[D]")).cast(pa.string()),
        "email": email,
        **{name: column.take(pa.array(home)) for name, column in of_home.items()},
    }


def with_slips(columns: dict[str, Column], rng: Any) -> dict[str, Column]:
    """The same people as another office wrote them down."""
    rows = len(columns["id"])

    def now_and_then(share: float) -> Column:
        return pa.array(rng.random(rows) < share)

    other = {name: column.take(pa.array(rng.permutation(rows))) for name, column in columns.items()}
    moved = now_and_then(0.1)
    found = dict(columns)
    for name in ("given_name", "surname", "street"):
        found[name] = pc.if_else(now_and_then(0.08), _one_letter_less(found[name]), found[name])
    for name in ("street", "postcode"):
        found[name] = pc.if_else(moved, other[name], found[name])
    found["surname"] = pc.if_else(now_and_then(0.03), other["surname"], found["surname"])
    found["birth_date"] = pc.if_else(now_and_then(0.03), other["birth_date"], found["birth_date"])
    for name, share in (("phone", 0.4), ("email", 0.5), ("birth_date", 0.03)):
        found[name] = pc.if_else(now_and_then(share), None, found[name])
    return found


def drawn(folder: Path, *, persons: int = 6000, seed: int = 1) -> Lists:
    """Both lists and the truth as csv files: two thirds of the left list stand in the right one."""
    rng = np.random.default_rng(seed)
    everybody = register(persons + persons // 4, rng)
    listed = np.sort(rng.choice(persons + persons // 4, persons // 2, replace=False))
    chosen = {name: column.take(pa.array(listed)) for name, column in everybody.items()}
    left = with_slips(chosen, rng) | {"id": _joined(pa.array(["L"] * len(listed)), _texts(np.arange(len(listed))))}
    right = {name: column[:persons] for name, column in everybody.items()}
    truth = pa.table({"left_id": left["id"], "right_id": chosen["id"]}).filter(pa.array(listed < persons))
    lists = Lists(folder / "left.csv", folder / "right.csv", folder / "truth.csv")
    for table, path in ((pa.table(left), lists.left), (pa.table(right), lists.right), (truth, lists.truth)):
        csv.write_csv(table, path)
    return lists


def _some(words: list[str], count: int, rng: Any) -> Column:
    # The first ones are common, the last ones rare.
    return pa.array(words).take(pa.array((len(words) * rng.random(count) ** 1.5).astype(int)))


def _texts(numbers: Any) -> Column:
    return pa.array(numbers).cast(pa.string())


def _joined(*columns: Column, between: str = "") -> Column:
    return pc.binary_join_element_wise(*columns, between)


def _one_letter_less(column: Column) -> Column:
    return _joined(pc.utf8_slice_codeunits(column, 0, 2), pc.utf8_slice_codeunits(column, 3))
