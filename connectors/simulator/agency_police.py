"""Public security: the household register."""

import numpy as np
import pandas as pd

from connectors.simulator.cells import Clerk, District
from connectors.simulator.days import NEVER, YEAR, Array
from connectors.simulator.households import REGISTER_FROM
from connectors.simulator.identities import fixed_text
from connectors.simulator.kinship import Kin, relation_codes
from connectors.simulator.records import Records, chosen, records, serial

STANDING, DIED, MOVED_AWAY, OWN_HOUSEHOLD = range(4)


def household_register(district: District, kin: Kin, reports: pd.DataFrame, moved_on: Array) -> Records:
    """Everyone whose hukou is here, and once more who died, left the district or set up a household."""
    clerk = Clerk(district, "household_register", style="compact")
    homes, last, count = district.homes, district.nights.last, len(district.birth)
    cancelled_on, cancel_known = np.full(count, NEVER), np.full(count, NEVER)
    cancelled_on[reports["person"]], cancel_known[reports["person"]] = reports["cancelled_on"], reports["cancel_known"]
    present = np.flatnonzero((homes.house >= 0) & (district.death >= REGISTER_FROM))
    own_on = _own_households(clerk, present, moved_on)
    left_on = np.minimum(moved_on, own_on)
    gone = present[cancelled_on[present] <= last]
    left = present[(left_on[present] <= last) & (cancelled_on[present] > last)]
    own = present[own_on[present] <= last]
    person = np.concatenate([present, gone, left, own])
    kind = np.repeat([STANDING, DIED, MOVED_AWAY, OWN_HOUSEHOLD], [len(present), len(gone), len(left), len(own)])
    ended = np.choose(kind, [np.full(len(person), NEVER), cancelled_on[person], left_on[person], NEVER])
    known = np.choose(kind, [0, cancel_known[person], left_on[person] + 3, own_on[person] + 3])
    began = _began(clerk, own_on)
    return _register_records(clerk, kin, person, kind, ended, np.maximum(known, began[person]), own_on)


def _own_households(clerk: Clerk, present: Array, moved_on: Array) -> Array:
    """The day in the time of the nights on which a grown child leaves the parents' household, or NEVER."""
    district, nights, count = clerk.district, clerk.district.nights, len(clerk.district.birth)
    start = nights.first - 20
    share = district.rates["family.leaves_home"] * (nights.last - start) / YEAR
    relation, losses = district.homes.relation, district.world.losses
    grown = (relation >= 20) & (relation < 38) & (nights.first - district.birth > 23 * YEAR)
    able = grown & (district.death == NEVER) & (moved_on == NEVER) & np.isin(np.arange(count), present)
    able &= ~np.isin(np.arange(count), np.concatenate([losses["child"], district.world.deaths["person"]]))
    hit = able & (clerk.rng.random(count) < share)
    return np.where(hit, clerk.rng.integers(start, nights.last + 1, count), NEVER)


def _began(clerk: Clerk, own_on: Array) -> Array:
    """The day a person's row first stands in the register; long ago for most."""
    district, start = clerk.district, clerk.district.nights.first - 60
    began = np.where(district.birth > start, district.birth + clerk.rng.integers(3, 30, len(own_on)), 0)
    came = _moved_in(district)
    return np.where((came > start) & (came < NEVER), came + 2, began)


def _register_records(
    clerk: Clerk, kin: Kin, person: Array, kind: Array, ended: Array, known: Array, own_on: Array
) -> Records:
    district = clerk.district
    homes, identities = district.homes, district.identities
    pair = np.minimum(person, kin.twin[person])
    swapped = (kin.twin[person] >= 0) & (clerk.rng.random(len(district.birth))[pair] < clerk.defects["twin_swap"])
    codes = identities.numbers[np.where(swapped, kin.twin[person], person)]
    is_own = kind == OWN_HOUSEHOLD
    house = np.where(is_own, person, homes.house[person])
    alone = is_own | ((homes.relation[person] == 2) & _alone(homes.house)[person])
    relation = np.where(alone, 1, homes.relation[person])
    number, came = serial("H", house + 1, 9), np.where(is_own, own_on[person], _moved_in(district)[person])
    columns = {
        "household_no": number,
        "id_no": clerk.cased(codes),
        "name": clerk.name(person),
        "former_name": clerk.name(np.where(identities.renamed[person], person, -1), at_birth=True),
        "sex": clerk.sex(person),
        "nation": chosen(identities.dotted[person].astype(np.int64), ("汉族", "维吾尔族")),
        "birth_date": clerk.on(district.birth[person]),
        "relation_code": relation_codes(relation),
        "marital_code": chosen(_marital(district)[person], ("10", "20", "40")),
        "division_code": clerk.division(person),
        "address": clerk.address(person, is_own),
        "moved_in_on": clerk.on(came),
        "moved_out_on": clerk.on(np.where(kind == MOVED_AWAY, ended, NEVER)),
        "cancel_reason": chosen(kind, (None, "死亡", "迁出", None)),
        "cancelled_on": clerk.on(ended),
    }
    facts = {"person": person, "house": house, "relation": relation, "kind": kind, "died_on": district.death[person]}
    return records(clerk, columns, [number, fixed_text(codes)], known, {"subject": person}, facts)


def _moved_in(district: District) -> Array:
    """The day on which those from elsewhere came into their household, or NEVER."""
    world, found = district.world, np.full(len(district.birth), NEVER)
    for who in ("man", "woman"):
        found[world.unions[who]] = world.unions["married_on"] + 60
    found[world.adoptions["child"]] = world.adoptions["registered_on"] + 30
    return np.where(world.people["outside"].to_numpy() & (found <= district.nights.last), found, NEVER)


def _alone(house: Array) -> Array:
    counts = np.bincount(house[house >= 0], minlength=len(house))
    alone: Array = (house >= 0) & (counts[np.maximum(house, 0)] == 1)
    return alone


def _marital(district: District) -> Array:
    """0 single, 1 married, 2 divorced."""
    unions, found = district.world.unions, np.zeros(len(district.birth), dtype=np.int64)
    for who in ("man", "woman"):
        found[unions[who]] = np.where(unions["divorced_on"] < NEVER, 2, 1)
    return found
