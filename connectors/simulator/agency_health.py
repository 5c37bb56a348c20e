"""The health commission's own registers: only-child certificates and births."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.cells import Clerk, District, blank
from connectors.simulator.days import NEVER, Array, day, years
from connectors.simulator.households import village_codes
from connectors.simulator.lives import children_by_union
from connectors.simulator.records import Records, chosen, records, serial, words_of
from connectors.simulator.words import words

BIRTHS_FROM = day(1996)


def only_child_certificates(district: District) -> Records:
    """Every certificate as first entered, and once more when it was voided."""
    clerk = Clerk(district, "only_child_certificates", style="iso")
    frame = district.world.certificates
    voided = np.flatnonzero(frame["voided_on"].to_numpy() < NEVER)
    row = np.concatenate([np.arange(len(frame)), voided])
    is_void = np.arange(len(row)) >= len(frame)
    father, mother, child, issued = (frame[c].to_numpy()[row] for c in ("father", "mother", "child", "issued_on"))
    void_on = np.where(is_void, frame["voided_on"].to_numpy()[row], NEVER)
    known = np.where(
        is_void, np.maximum(void_on, frame["known_on"].to_numpy()[row]) + 3, frame["known_on"].to_numpy()[row]
    )
    number = _certificate_numbers(row, issued)
    home = np.where(father >= 0, father, mother)
    columns = {
        "certificate_no": number,
        "issued_on": clerk.on(issued),
        "issuer_code": words_of(len(row), "370303"),
        **_parent(clerk, "father", father, mother),
        **_parent(clerk, "mother", mother, father),
        "child_name": clerk.name(child, at_birth=True),
        "child_sex": clerk.sex(child),
        "child_birth_date": blank_required(clerk, child),
        "child_id_no": _child_number(clerk, child, mother, father, issued),
        "address": clerk.address(home),
        "village_code": village_codes(district.homes.village[home]),
        "phone": clerk.phone(home),
        "voided_on": clerk.on(void_on),
        "void_reason": blank(chosen((row % 3), ("再生育", "自愿注销", "收养子女")), ~is_void),
    }
    facts = {"certificate": row, "issued_on": issued, "voided_on": void_on}
    return records(clerk, columns, [number], known, {"father": father, "mother": mother, "child": child}, facts)


def blank_required(clerk: Clerk, person: Array) -> pa.Array:
    """A birth date that is required: never empty, but perhaps wrong."""
    text = clerk.born(person)
    return pc.coalesce(text, clerk.on(clerk.district.birth[person]))


def _certificate_numbers(row: Array, issued: Array) -> pa.Array:
    return pc.binary_join_element_wise("3703030", pa.array(years(issued)).cast(pa.string()), serial("", row + 1, 7), "")


def _parent(clerk: Clerk, who: str, person: Array, other: Array) -> dict[str, pa.Array]:
    return {
        f"{who}_name": clerk.name(person),
        f"{who}_id_no": clerk.number(person, other),
        f"{who}_birth_date": clerk.born(person),
        f"{who}_hukou_code": clerk.division(person),
    }


def _child_number(clerk: Clerk, child: Array, mother: Array, father: Array, issued: Array) -> pa.Array:
    """Often missing on old certificates; now and then a parent's number stands there."""
    old = np.where(issued < day(2000), 1.0, 0.4)
    missing = clerk.rng.random(len(child)) < clerk.defects["child_id_missing"] * old
    parents = clerk.happens("child_id_parents", len(child))
    parent = np.where((child % 2 == 0) & (father >= 0), father, mother)
    return clerk.number(np.where(parents, parent, child), missing=missing)


def births(district: District) -> Records:
    """Birth certificates since 1996; some issued anew, where the old one is void."""
    clerk = Clerk(district, "births", style="iso")
    people = district.world.people
    born = children_by_union(people, district.world.unions)
    here = ~clerk.chance("family.born_elsewhere", len(born)) | people["birth_reported"].to_numpy()[born["child"]]
    born = born[(born["birth"].to_numpy() >= BIRTHS_FROM) & here].reset_index(drop=True)
    again = np.flatnonzero(clerk.chance("reports.birth_reissued", len(born)))
    first_known = born["birth"].to_numpy() + clerk.rng.integers(2, 15, len(born))
    again_on = first_known[again] + clerk.rng.integers(30, 3000, len(again))
    again, again_on = again[again_on <= district.nights.last], again_on[again_on <= district.nights.last]
    row = np.concatenate([np.arange(len(born)), again, again])
    kind = np.repeat([0, 1, 2], [len(born), len(again), len(again)])  # valid, void, issued anew
    known = np.concatenate([first_known, again_on, again_on])
    child = born["child"].to_numpy()[row]
    return _birth_records(
        clerk, child, born["order"].to_numpy()[row], row + np.where(kind == 2, len(born), 0), kind, known
    )


def _birth_records(clerk: Clerk, child: Array, order: Array, number: Array, kind: Array, known: Array) -> Records:
    people = clerk.district.world.people
    father, mother = people["father"].to_numpy()[child], people["mother"].to_numpy()[child]
    birth = clerk.district.birth[child]
    certificate = pc.binary_join_element_wise("Q37", serial("", number + 1, 8), "")
    unnamed = clerk.happens("child_name_missing", len(child))
    columns = {
        "birth_certificate_no": certificate,
        "child_name": blank(clerk.name(child, at_birth=True), unnamed),
        "child_sex": clerk.sex(child),
        "birth_date": blank_required(clerk, child),
        "birth_order": pa.array(order + 1).cast(pa.string()),
        "mother_name": clerk.name(mother),
        "mother_id_no": clerk.number(mother, father),
        "father_name": clerk.name(father),
        "father_id_no": clerk.number(father, mother),
        "hospital": clerk.picked(words().places["hospitals"], len(child)),
        "issued_on": clerk.on(np.where(kind == 0, np.minimum(birth + 2, known), known)),
        "status": chosen(kind, ("有效", "作废", "换发")),
    }
    facts = {"child": child, "father": father, "mother": mother, "born_on": birth, "is_valid": kind != 1}
    return records(clerk, columns, [certificate], known, {"child": child, "mother": mother, "father": father}, facts)
