"""How the register and the agencies write persons down, with the simulator's clerks and some mistakes more."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.linkage.population import LAST, Population
from connectors.simulator.cells import Clerk, blank
from connectors.simulator.days import NEVER, Array, number, years
from connectors.simulator.identities import fixed_text
from connectors.simulator.kinship import relation_codes
from connectors.simulator.rates import Rates
from connectors.simulator.records import serial
from connectors.simulator.words import words
from connectors.simulator.world import stream

_PARTS: Final = (  # of a street address: what is sometimes left out
    r"\d+单元\d+$",
    r"\d+号楼\d+单元\d+$",
    r"^[^0-9]+\d+号",
)
_FORM_FLAGS: Final = ("id_no", "birth_date", "sex", "address", "division", "phone", "spouse", "father", "mother")


def register_rows(population: Population, rates: Rates) -> dict[str, pa.Array]:
    """The register as text columns, one row a person; it is the cleanest of all, with the simulator's own rates."""
    district, person = population.district, population.registered
    clerk = Clerk(district, "household_register", style="compact")
    homes, renamed = district.homes, district.identities.renamed[person]
    alone = (homes.relation[person] == 2) & (np.bincount(homes.house[person], minlength=len(homes.house)) == 1)[
        homes.house[person]
    ]
    missing = rates.group("register")
    return {
        "unique_id": serial("P", clerk.rng.permutation(len(person)), 8),
        "household_no": serial("H", homes.house[person], 9),
        "relation_code": relation_codes(np.where(alone, 1, homes.relation[person])),
        "name": clerk.name(person),
        "former_name": clerk.name(np.where(renamed, person, -1), at_birth=True),
        "sex": clerk.sex(person),
        "birth_date": clerk.on(district.birth[person]),
        "id_no": clerk.cased(district.identities.numbers[_swapped_twins(clerk, population)]),
        "address": _some(clerk, clerk.address(person), missing["address_missing"]),
        "division": clerk.division(person),
        "phone": _phones(clerk, population, person, missing | {"phone_relatives": 0.0}),
    }


def record_rows(population: Population, person: Array, rates: Rates, setting: str) -> dict[str, pa.Array]:
    """A record about each of the persons as text columns: what its form asks for, as its kind of system keeps it."""
    rng = stream(population.district.seed, f"records {setting}")
    told = _told(rng, population, person, rates)
    is_old = pa.array(rng.random(len(person)) < rates[f"{setting}.old_share"])
    old, new = (_written(population, person, rates, f"{setting}.{kind}", told) for kind in ("old", "new"))
    columns = {name: pc.if_else(is_old, old[name], new[name]) for name in old}
    return {"unique_id": serial("A", rng.permutation(len(person)), 7), **columns}


def _told(rng: np.random.Generator, population: Population, person: Array, rates: Rates) -> dict[str, Array]:
    """For each column whether the row's form has it filled."""
    forms = list(dict.fromkeys(name.split(".")[0] for name in rates.group("forms")))
    table = {flag: np.array([rates[f"forms.{form}.{flag}"] for form in forms]) for flag in
             ("share", "born_from", "born_until", "kin_id", "age", *_FORM_FLAGS)}  # fmt: skip
    form = rng.choice(len(forms), len(person), p=table["share"] / table["share"].sum())
    year = years(population.district.birth[person])
    fits = (year >= table["born_from"][form]) & (year <= table["born_until"][form])
    form = np.where(fits, form, forms.index("settlement"))
    return {flag: rng.random(len(person)) < table[flag][form] for flag in ("kin_id", "age", *_FORM_FLAGS)}


def _written(
    population: Population, person: Array, rates: Rates, system: str, told: dict[str, Array]
) -> dict[str, pa.Array]:
    district, kin = population.district, population.kin
    clerk = Clerk(district, "cremations", style="iso" if system.endswith("new") else "compact")
    clerk.rng, clerk.defects = stream(district.seed, f"clerk {system}"), rates.group(system)
    clerk.is_gbk = system.endswith("old")
    rate, seen_on = clerk.defects, number(LAST) - clerk.rng.integers(20, 2500, len(person))
    seen_on = np.maximum(seen_on, district.birth[person])
    relative = np.where(kin.mother[person] >= 0, kin.mother[person], kin.child[person])
    relative = np.where(clerk.rng.random(len(person)) < 0.5, relative, kin.spouse[person])
    columns = {
        "name": _names(clerk, person),
        "former_name": pa.nulls(len(person), pa.string()),
        "sex": _some(clerk, clerk.sex(person), rate["sex_missing"]),
        "birth_date": clerk.born(person),
        "id_no": clerk.number(person, relative),
        "address": _addresses(clerk, person),
        "division": _divisions(clerk, person),
        "phone": _phones(clerk, population, person, rate),
    }
    columns |= {name: blank(columns[name], ~told[name]) for name in columns if name in told}
    columns["birth_date"] = _asked_back(clerk, columns, person, told["age"])
    columns["age"] = blank(clerk.age(person, seen_on), ~told["age"])
    columns["seen_on"] = clerk.on(np.where(told["age"], seen_on, NEVER))
    return columns | _kin_columns(clerk, population, person, told)


def _asked_back(clerk: Clerk, columns: dict[str, pa.Array], person: Array, has_age: Array) -> pa.Array:
    """Birth dates; most systems refuse a record with neither number nor birth date nor age, so one is asked for."""
    has_number = pc.utf8_length(columns["id_no"]).to_numpy(zero_copy_only=False) >= 15
    bare = ~has_number & columns["birth_date"].is_null().to_numpy(zero_copy_only=False) & ~has_age
    asked = bare & clerk.happens("asked_back", len(person))
    return pc.if_else(pa.array(asked), clerk.born(person), columns["birth_date"])


def _names(clerk: Clerk, person: Array) -> pa.Array:
    """Names with the clerk's mistakes, the name before an adoption in some, one wrong or lost character in a few."""
    formerly = pa.array(clerk.happens("name_former", len(person)))
    text = pc.if_else(formerly, clerk.name(person, at_birth=True), clerk.name(person))
    place = np.where(clerk.happens("name_character", len(person)), clerk.rng.integers(0, 4, len(person)), -1)
    usual = np.concatenate(list(words().given.values()))
    other = pa.array(words().tokens).take(pa.array(clerk.rng.choice(usual, len(person))))
    lengthy = pc.greater(pc.utf8_length(text), 2).fill_null(False).to_numpy(zero_copy_only=False)
    for at in range(3):  # the first, second or third character is another
        changed = pc.binary_join_element_wise(pc.utf8_slice_codeunits(text, 0, at), other,
                                              pc.utf8_slice_codeunits(text, at + 1), "")  # fmt: skip
        text = pc.if_else(pa.array((place == at) & (lengthy | (at < 2))), changed, text)
    return pc.if_else(pa.array((place == 3) & lengthy), pc.utf8_slice_codeunits(text, 0, -1), text)


def _addresses(clerk: Clerk, person: Array) -> pa.Array:
    """The registered address, the real home of those who moved, an address long left, or a part of one."""
    homes, count = clerk.district.homes, len(person)
    moved = clerk.happens("address_moved", count)
    text = clerk.address(person, moved)
    before = homes.elsewhere.take(pa.array((person + 7) % len(homes.house)))  # where somebody once lived
    text = pc.if_else(pa.array(clerk.happens("address_older", count)), before, text)
    cut = np.where(clerk.happens("address_partial", count), clerk.rng.integers(0, len(_PARTS), count), -1)
    for kind, pattern in enumerate(_PARTS):
        text = pc.if_else(pa.array(cut == kind), pc.replace_substring_regex(text, pattern, ""), text)
    return text


def _divisions(clerk: Clerk, person: Array) -> pa.Array:
    """The place of hukou; some only to the county, some of a neighbouring village, some missing."""
    count = len(person)
    elsewhere = clerk.rng.permutation(person)
    text = pc.if_else(pa.array(clerk.chance("family.lives_elsewhere", count)), clerk.division(elsewhere),
                      clerk.division(person))  # fmt: skip
    county = pa.array(clerk.happens("division_county", count))
    text = pc.if_else(county, pc.utf8_slice_codeunits(text, 0, 6), text)
    return blank(text, clerk.happens("division_missing", count))


def _phones(clerk: Clerk, population: Population, person: Array, rate: dict[str, float]) -> pa.Array:
    """The telephone given for a person: often a relative's, sometimes one given up since, sometimes none."""
    count, kin = len(person), population.kin
    own = population.phone_holder[person]
    near = np.where(kin.spouse[person] >= 0, kin.spouse[person], kin.child[person])
    lent = (clerk.rng.random(count) < rate["phone_relatives"]) & (near >= 0)
    numbers = clerk.district.identities.phones
    text = numbers.take(pa.array(np.where(lent, near, own)))
    old = fixed_text((clerk.rng.integers(0, 10, (count, 11)) + 48).astype(np.uint8))
    old = pc.binary_join_element_wise("16", pc.utf8_slice_codeunits(old, 0, 9), "")
    text = pc.if_else(pa.array(clerk.rng.random(count) < rate["phone_changed"]), old, text)
    return _some(clerk, text, rate["phone_missing"])


def _kin_columns(clerk: Clerk, population: Population, person: Array, told: dict[str, Array]) -> dict[str, pa.Array]:
    kin, columns = population.kin, {}
    earlier = clerk.happens("kin_outdated", len(person))
    spouse = np.where(earlier, population.former_spouse[person], kin.spouse[person])
    for name, relative in (("father", kin.father[person]), ("mother", kin.mother[person]), ("spouse", spouse)):
        stated = np.where(told[name] & ~clerk.happens("kin_missing", len(person)), relative, -1)
        columns[f"{name}_name"] = _names(clerk, stated)
        numberless = clerk.happens("kin_id_missing", len(person)) | ~told["kin_id"]
        columns[f"{name}_id_no"] = clerk.number(stated, missing=numberless)
    return columns


def _swapped_twins(clerk: Clerk, population: Population) -> Array:
    """Whose number stands in the register: a few twins have each other's, as in the simulator's register."""
    person, twin = population.registered, population.kin.twin
    pair = np.minimum(person, np.where(twin[person] >= 0, twin[person], person))
    struck = clerk.rng.random(len(twin))[pair] < clerk.defects["twin_swap"]
    both = np.isin(twin[person], person)
    return np.where(struck & (twin[person] >= 0) & both, twin[person], person)


def _some(clerk: Clerk, text: pa.Array, missing: float) -> pa.Array:
    return blank(text, clerk.rng.random(len(text)) < missing)
