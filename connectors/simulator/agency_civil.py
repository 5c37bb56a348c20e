"""Civil affairs: marriages, adoptions, cremations, and families of low income."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.cells import Clerk, District
from connectors.simulator.days import NEVER, Array, day, iso, years
from connectors.simulator.identities import fixed_text
from connectors.simulator.kinship import NOBODY, Kin, relation_codes, relation_words, speaker
from connectors.simulator.records import Records, amounts, chosen, records, serial, words_of
from connectors.simulator.words import words

MARRIAGES_FROM = day(1982)
_OPERATIONS = ("IA", "IB", "IA", "ICA", "ICB")


def marriages(district: District) -> Records:
    """Marriages, divorces, second marriages of the same two, and papers issued anew."""
    clerk = Clerk(district, "marriages", style="iso")
    unions, last = district.world.unions, district.nights.last
    here = ~clerk.chance("family.marriage_registered_elsewhere", len(unions)) | unions["registered_here"].to_numpy()
    again = clerk.chance("reports.marriage_reissued", len(unions))
    married, divorced = unions["married_on"].to_numpy(), unions["divorced_on"].to_numpy()
    lost = married + clerk.rng.integers(100, 8000, len(unions))
    dates = np.stack(
        [married, divorced, unions["again_on"].to_numpy(), np.where(again & (lost < divorced), lost, NEVER),
         np.where(clerk.chance("reports.marriage_reissued", len(unions)), divorced + 200, NEVER)]
    )  # fmt: skip
    kind, union = np.nonzero((dates >= MARRIAGES_FROM) & (dates <= last) & here)
    on, revoked = dates[kind, union], _revoked(clerk, kind, dates[kind, union])
    row = np.concatenate([np.arange(len(kind)), np.flatnonzero(revoked < NEVER)])
    is_revoked = np.arange(len(row)) >= len(kind)
    known = np.where(is_revoked, revoked[row] + 2, on[row] + 1)
    return _marriage_records(clerk, union[row], kind[row], on[row], row, is_revoked, known)


def _revoked(clerk: Clerk, kind: Array, on: Array) -> Array:
    hit = clerk.chance("reports.marriage_revoked", len(kind)) & (kind == 0)
    later = on + 200
    return np.where(hit & (later < clerk.district.nights.last), later, NEVER)


def _marriage_records(
    clerk: Clerk, union: Array, kind: Array, on: Array, number: Array, is_revoked: Array, known: Array
) -> Records:
    unions = clerk.district.world.unions
    man, woman = unions["man"].to_numpy()[union], unions["woman"].to_numpy()[union]
    letter = chosen(np.isin(kind, [1, 4]).astype(np.int64), ("J370303", "L370303"))
    year = pa.array(years(on)).cast(pa.string())
    cert = pc.binary_join_element_wise(letter, year, serial("", number + 1, 7), "-")
    columns = {
        "cert_no": cert,
        "op_type": chosen(kind, _OPERATIONS),
        "op_date": clerk.on(on),
        "name_man": clerk.name(man),
        "cert_num_man": clerk.number(man, woman),
        "birth_man": clerk.born(man),
        "name_woman": clerk.name(woman),
        "cert_num_woman": clerk.number(woman, man),
        "birth_woman": clerk.born(woman),
        "dept_code": words_of(len(union), "370303"),
        "dept_name": words_of(len(union), "淄博市张店区民政局婚姻登记处"),
        "status": chosen(is_revoked.astype(np.int64), ("有效", "撤销")),
    }
    facts = {"man": man, "woman": woman, "op_on": on, "op": np.array(_OPERATIONS)[kind], "is_valid": ~is_revoked}
    return records(clerk, columns, [cert], known, {"man": man, "woman": woman}, facts)


def adoptions(district: District) -> Records:
    """Adoptions, and once more each that was dissolved."""
    clerk = Clerk(district, "adoptions", style="chinese")
    frame = district.world.adoptions
    dissolved = np.flatnonzero(frame["dissolved_on"].to_numpy() <= district.nights.last)
    row = np.concatenate([np.arange(len(frame)), dissolved]).astype(np.int64)
    ended = np.arange(len(row)) >= len(frame)
    man, woman, child, on = (frame[c].to_numpy()[row] for c in ("man", "woman", "child", "registered_on"))
    ended_on = np.where(ended, frame["dissolved_on"].to_numpy()[row], NEVER)
    cert = pc.binary_join_element_wise("SY370303", serial("", row + 1, 6), "")
    columns = {
        "cert_no": cert,
        "registered_on": clerk.on(on),
        "adopter_man_name": clerk.name(man),
        "adopter_man_id_no": clerk.number(man, woman),
        "adopter_woman_name": clerk.name(woman),
        "adopter_woman_id_no": clerk.number(woman, man),
        "adoptee_name": clerk.name(child),
        "adoptee_former_name": clerk.name(np.where(child % 5 > 0, child, -1), at_birth=True),
        "adoptee_id_no": clerk.number(child, man),
        "adoptee_birth_date": clerk.born(child),
        "adoptee_sex": clerk.sex(child),
        "status": chosen(ended.astype(np.int64), ("成立", "解除")),
        "dissolved_on": clerk.on(ended_on),
    }
    facts = {"man": man, "woman": woman, "child": child, "registered_on": on, "dissolved_on": ended_on}
    known = np.where(ended, ended_on + 3, on + 2)
    return records(clerk, columns, [cert], known, {"adopter_man": man, "adopter_woman": woman, "adoptee": child}, facts)


def cremations(district: District, kin: Kin, reports: pd.DataFrame) -> Records:
    """One row a cremation."""
    clerk = Clerk(district, "cremations", style="iso")
    frame = reports[reports["cremated_on"] < NEVER]
    person, died, on = (frame[c].to_numpy() for c in ("person", "died_on", "cremated_on"))
    relative, kind = speaker(clerk.rng, district, kin, person, on)
    number = pc.binary_join_element_wise("ZBHZ", serial("", frame.index.to_numpy() + 1, 8), "")
    columns = {
        "record_no": number,
        "name": clerk.name(person),
        "id_no": clerk.number(person, relative),
        "sex": clerk.sex(person),
        "age": clerk.age(person, died),
        "address": clerk.home(person),
        "died_on": clerk.on(np.where(clerk.happens("died_missing", len(person)), NEVER, died)),
        "cremated_on": clerk.on(on),
        "organ_name": clerk.picked(words().places["funeral_homes"], len(person)),
        "handler_name": clerk.name(relative),
        "handler_relation": relation_words(kind, district.world.people["sex"].to_numpy()[relative], kind < NOBODY),
        "handler_phone": clerk.phone(relative),
    }
    facts = {"person": person, "died_on": died}
    known = frame["cremation_known"].to_numpy()
    return records(clerk, columns, [number], known, {"subject": person, "handler": relative}, facts)


def low_income(district: District) -> Records:
    """Whole register households, one row a member and period."""
    clerk = Clerk(district, "low_income", style="compact")
    homes = district.homes
    poor = clerk.chance("family.low_income", len(homes.house))
    member = np.flatnonzero((homes.house >= 0) & poor[homes.house])
    periods = np.array([day(year) for year in range(2021, 2028)])
    person, start = np.repeat(member, len(periods)), np.tile(periods, len(member))
    first = 2021 + (homes.house[person] * 31) % 6
    kept = (years(start) >= first) & (district.death[person] > start) & (district.birth[person] < start)
    return _low_income_records(clerk, person[kept], start[kept])


def _low_income_records(clerk: Clerk, person: Array, start: Array) -> Records:
    homes = clerk.district.homes
    house = serial("D", homes.house[person] + 1, 8)
    head = homes.house[person] == person
    missing = clerk.happens("id_missing", len(person)) & head  # one member at most: the key stays one row's own
    text = clerk.cased(clerk.district.identities.numbers[person])
    columns = {
        "household_no": house,
        "member_name": clerk.name(person),
        "member_id_no": pc.if_else(pa.array(missing), clerk.placeholder(len(person)), text),
        "relation_code": relation_codes(homes.relation[person]),
        "category": clerk.picked(("城市低保", "农村低保", "低收入"), len(person)),
        "valid_from": clerk.on(start),
        "valid_to": clerk.on(start + 364),
        "household_income_yuan": amounts(clerk.rng.integers(300_000, 3_000_000, len(person)) // 100 * 100),
    }
    number = pc.if_else(pa.array(missing), "", fixed_text(clerk.district.identities.numbers[person]))
    return records(clerk, columns, [house, number, iso(start)], start + 5, {"subject": person}, {"person": person})
