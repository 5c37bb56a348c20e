"""Hospitals: certificates of death, with their corrections, reissues, voids and reinstatements."""

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.cells import Clerk, District, blank
from connectors.simulator.days import NEVER, Array, day, years
from connectors.simulator.identities import fixed_text
from connectors.simulator.kinship import NOBODY, Kin, speaker
from connectors.simulator.records import Records, chosen, records, serial
from connectors.simulator.words import words

NUMBERED_BY_ID_FROM: Final = day(2026, 7, 1)
STATUSES: Final = ("有效", "更正", "补发", "作废", "恢复")
VALID, CORRECTION, REISSUE, VOID, REINSTATED = range(5)
_CAUSES: Final = ("I21.9", "I63.9", "C34.9", "C16.9", "J44.9", "V89.2", "K74.6", "N18.9", "E11.9", "X70.9")


def death_certificates(district: District, kin: Kin, reports: pd.DataFrame) -> Records:
    """Every version of every certificate."""
    clerk = Clerk(district, "death_certificates", style="iso")
    certified = np.flatnonzero(reports["certified_on"].to_numpy() < NEVER)
    row, version, status, known, twice = _versions(clerk, reports, certified)
    person, died = reports["person"].to_numpy()[row], reports["died_on"].to_numpy()[row]
    relative, kind = _kin_of(clerk, kin, reports, certified, row)
    unnamed = _unnamed(clerk, person, died, row, len(reports))
    number = _numbers(clerk, row, died, person, twice)
    anonymous = reports["story"].to_numpy()[row] == "namesake_died"
    columns = {
        "certificate_no": number,
        "version": pa.array(version).cast(pa.string()),
        "status": chosen(status, STATUSES),
        "name": _names(clerk, person, kin, unnamed),
        "sex": clerk.sex(person),
        "id_type": chosen((unnamed > 0).astype(np.int64), ("1", "9")),
        "id_no": _ids(clerk, person, relative, (unnamed > 0) | anonymous),
        "birth_date": clerk.born(person),
        "age": clerk.age(person, died),
        "died_at": clerk.at(died),
        "death_place": clerk.picked(("1", "2", "3", "4", "9"), len(row)),
        "hukou_address": clerk.address(person),
        "hukou_code": clerk.division(person),
        "living_address": clerk.home(person),
        "underlying_icd10": clerk.picked(_CAUSES, len(row)),
        "issuer_code": chosen(row % 3, ("370303A01", "370303A02", "370300B01")),
        "issuer_name": clerk.picked(words().places["hospitals"], len(row)),
        "issued_on": clerk.on(np.minimum(died + 1, known)),
        "reported_at": clerk.at(known),
        "kin_name": clerk.name(relative),
        "kin_relation": chosen(kind, ("父亲", "母亲", "配偶", "子女", "其他", None)),
        "kin_phone": clerk.phone(relative),
    }
    facts = {"person": person, "died_on": died, "version": version, "is_valid": status != VOID, "death": row}
    key = [number, pa.array(version).cast(pa.string())]
    return records(clerk, columns, key, known, {"subject": person, "kin": relative}, facts)


def _versions(clerk: Clerk, reports: pd.DataFrame, certified: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Rows of `reports` with version, status, day known, and whether it is a second certificate of one death."""
    story, first = reports["story"].to_numpy(), reports["certified_on"].to_numpy()
    rng = clerk.rng
    voided = certified[np.isin(story[certified], ["death_voided", "void_and_reinstated"])]
    restored = certified[story[certified] == "void_and_reinstated"]
    void_on = np.full(len(reports), NEVER)
    void_on[voided] = first[voided] + rng.integers(1, 5, len(voided))
    plain = certified[~np.isin(certified, voided)]
    corrected = plain[rng.random(len(plain)) < clerk.district.rates["reports.corrected"]]
    renewed = plain[(rng.random(len(plain)) < clerk.district.rates["reports.reissued"]) & ~np.isin(plain, corrected)]
    double = plain[rng.random(len(plain)) < clerk.district.rates["reports.duplicate_certificate"]]
    parts = (
        (certified, 1, VALID, first[certified]),
        (corrected, 2, CORRECTION, first[corrected] + rng.integers(1, 20, len(corrected))),
        (renewed, 2, REISSUE, first[renewed] + rng.integers(1, 60, len(renewed))),
        (voided, 2, VOID, void_on[voided]),
        (restored, 3, REINSTATED, void_on[restored] + rng.integers(1, 4, len(restored))),
        (double, 1, VALID, first[double] + rng.integers(0, 6, len(double))),
    )
    sizes = [len(part[0]) for part in parts]
    row, known = (np.concatenate([part[i] for part in parts]) for i in (0, 3))
    version, status = (np.repeat([part[i] for part in parts], sizes) for i in (1, 2))
    twice = np.arange(len(row)) >= len(row) - len(double)
    return row, version, status, known, twice


def _kin_of(clerk: Clerk, kin: Kin, reports: pd.DataFrame, certified: Array, row: Array) -> tuple[Array, Array]:
    """The same kin on every version of a certificate; blank on many, and always for a namesake's."""
    person, on = reports["person"].to_numpy(), np.minimum(reports["certified_on"].to_numpy(), day(2100))
    relative, kind = speaker(clerk.rng, clerk.district, kin, person, on)
    silent = clerk.chance("reports.kin_blank", len(person)) | (reports["story"].to_numpy() == "namesake_died")
    relative, kind = np.where(silent, -1, relative), np.where(silent, NOBODY, kind)
    return relative[row], kind[row]


def _unnamed(clerk: Clerk, person: Array, died: Array, row: Array, deaths: int) -> Array:
    """0 named; 1 "mother's child"; 2 "father's child"; 3 without a name."""
    draw = clerk.rng.random(deaths)[row]
    infant = (died - clerk.district.birth[person] < 30) & (draw < clerk.district.rates["reports.unnamed_infant"])
    return np.where(infant, 1 + row % 3, 0)


def _names(clerk: Clerk, person: Array, kin: Kin, unnamed: Array) -> pa.Array:
    parent = np.where(unnamed == 1, kin.mother[person], np.where(unnamed == 2, kin.father[person], -1))
    son = clerk.district.world.people["sex"].to_numpy()[person] == 1
    of_parent = pc.binary_join_element_wise(clerk.name(parent), chosen(son.astype(np.int64), ("之女", "之子")), "")
    named = pc.if_else(pa.array(unnamed == 0), clerk.name(person), of_parent)
    return pc.coalesce(pc.if_else(pa.array(unnamed == 3), "无", named), pa.scalar("无"))


def _ids(clerk: Clerk, person: Array, relative: Array, without: Array) -> pa.Array:
    return blank(clerk.number(person, relative), without)


def _numbers(clerk: Clerk, row: Array, died: Array, person: Array, twice: Array) -> pa.Array:
    """A serial; since July 2026 mostly the deceased's own number."""
    year = pa.array(years(died)).cast(pa.string())
    old = pc.binary_join_element_wise("370303", year, serial("", row + np.where(twice, 50_000_000, 1), 8), "")
    own = (died >= NUMBERED_BY_ID_FROM) & (row % 5 > 0) & ~twice
    return pc.if_else(pa.array(own), fixed_text(clerk.district.identities.numbers[person]), old)
