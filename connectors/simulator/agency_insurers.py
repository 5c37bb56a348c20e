"""Insurers: medical settlements and claims of the hospital-care insurance."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.cells import Clerk, District, blank
from connectors.simulator.days import YEAR, Array, day
from connectors.simulator.records import Records, amounts, chosen, records, serial, words_of
from connectors.simulator.words import words

SETTLEMENTS_FROM = day(2023, 7, 1)
_ILLNESSES = ("I10.x00", "I25.1", "J18.9", "K80.2", "E11.9", "C34.9", "S72.0", "M51.2", "N20.1", "O80.0")


def medical_settlements(district: District) -> Records:
    """Stays in hospital since the feed began, and the last stay of some who died."""
    clerk = Clerk(district, "medical_settlements", style="iso")
    rng, last = clerk.rng, district.nights.last
    per_person = district.rates["family.hospital_stays"] * (last - SETTLEMENTS_FROM) / YEAR
    person = np.repeat(np.arange(len(district.birth)), rng.poisson(max(per_person, 0), len(district.birth)))
    admitted = rng.integers(SETTLEMENTS_FROM, max(last, SETTLEMENTS_FROM + 1), len(person))
    discharged = admitted + 1 + rng.exponential(7, len(person)).astype(np.int64)
    kept = (admitted >= district.birth[person]) & (discharged < district.death[person])
    deaths = district.world.deaths
    planted = (deaths["story"] == "settlement_only").to_numpy()
    final = (deaths["died_on"].to_numpy() >= SETTLEMENTS_FROM) & ((rng.random(len(deaths)) < 0.3) | planted)
    final &= (deaths["story"] != "death_voided").to_numpy()
    dead, died = deaths["person"].to_numpy()[final], deaths["died_on"].to_numpy()[final]
    started = np.maximum(died - rng.integers(1, 30, len(died)), district.birth[dead])
    return _settlement_records(
        clerk,
        np.concatenate([person[kept], dead]),
        np.concatenate([admitted[kept], started]),
        np.concatenate([discharged[kept], died]),
        np.repeat([False, True], [int(kept.sum()), len(dead)]),
    )


def _settlement_records(clerk: Clerk, person: Array, admitted: Array, discharged: Array, is_death: Array) -> Records:
    district, count = clerk.district, len(person)
    people = district.world.people
    mother = people["mother"].to_numpy()[person]
    baby = (
        (mother >= 0) & (discharged - district.birth[person] < 60) & clerk.chance("reports.newborn_under_mother", count)
    )
    son = people["sex"].to_numpy()[person] == 1
    borrowed = pc.binary_join_element_wise(clerk.name(mother), chosen(son.astype(np.int64), ("之女", "之子")), "")
    number = serial("S37030300", np.arange(count) + 1, 10)
    total = clerk.rng.integers(80_000, 6_000_000, count)
    refunded = clerk.chance("reports.refund", count)
    total = np.where(refunded & (np.arange(count) % 2 == 0), -total, total)
    own = total * 3 // 10
    columns = {
        "setl_id": number,
        "psn_name": pc.if_else(pa.array(baby), borrowed, clerk.name(person)),
        "certno": clerk.number(np.where(baby, mother, person), mother),
        "gend": clerk.sex(person),
        "brdy": clerk.born(person),
        "insutype": clerk.picked(("310", "390", "392"), count),
        "med_type": clerk.picked(("21", "21", "21", "52"), count),
        "admitted_on": clerk.on(admitted),
        "discharged_on": clerk.on(discharged),
        "dscg_way": chosen(is_death.astype(np.int64), ("1", "5")),
        "setl_time": clerk.at(discharged),
        "main_icd10": clerk.picked(_ILLNESSES, count),
        "hospital": clerk.picked(words().places["hospitals"], count),
        "medfee_sumamt": amounts(total),
        "fund_pay_sumamt": amounts(total - own),
        "maf_pay": amounts(total * 0),
        "psn_part_amt": amounts(own),
        "psn_cash_pay": amounts(own * 4 // 5),
        "refd_setl_flag": chosen((refunded & (total > 0)).astype(np.int64), ("0", "1")),
    }
    known = discharged + 1 + clerk.rng.integers(0, 3, count)
    facts = {"person": person, "discharged_on": discharged, "is_death": is_death}
    return records(clerk, columns, [number], known, {"subject": person}, facts)


def care_insurance_claims(district: District) -> Records:
    """Claims of insured persons over 55."""
    clerk = Clerk(district, "care_insurance_claims", style="slash")
    rng, last, start = clerk.rng, district.nights.last, SETTLEMENTS_FROM
    expected = district.rates["family.care_claims"] * max(last - start, 0) / YEAR
    person = np.repeat(np.arange(len(district.birth)), rng.poisson(expected, len(district.birth)))
    admitted = rng.integers(start, max(last, start + 1), len(person))
    kept = (admitted - district.birth[person] > 55 * YEAR) & (admitted + 40 < district.death[person])
    person, admitted = person[kept], admitted[kept]
    days = 1 + rng.integers(2, 30, len(person))
    refused = rng.random(len(person)) < 0.05
    number = serial("LP370303", np.arange(len(person)) + 1, 8)
    columns = {
        "claim_no": number,
        "policy_no": serial("BD", person + 1, 9),
        "insured_name": clerk.name(person),
        "insured_id_no": clerk.number(person, district.world.people["mother"].to_numpy()[person]),
        "plan_year": pa.array(admitted.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970).cast(
            pa.string()
        ),
        "admitted_on": clerk.on(admitted),
        "discharged_on": clerk.on(admitted + days),
        "days_claimed": pa.array(days).cast(pa.string()),
        "daily_amount": words_of(len(person), "100.00"),
        "paid": amounts(np.where(refused, 0, days * 10_000)),
        "reject_reason": blank(words_of(len(person), "不在保障期内"), ~refused),
    }
    return records(clerk, columns, [number], admitted + days + 15, {"subject": person}, {"person": person})
