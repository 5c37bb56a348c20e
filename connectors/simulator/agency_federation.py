"""The disabled persons' federation: certificates of disability."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.simulator.cells import Clerk, District
from connectors.simulator.days import YEAR, Array
from connectors.simulator.identities import fixed_text
from connectors.simulator.kinship import NOBODY, Kin, relation_words, speaker
from connectors.simulator.records import Records, chosen, records

_GRADES = ("", "1", "2", "3", "4", "", "一级", "二级", "三级", "四级")


def disability_certificates(district: District, kin: Kin) -> Records:
    """Certificates as issued, and for lost ones the old one cancelled and a new one with suffix."""
    clerk = Clerk(district, "disability_certificates", style="iso")
    frame = district.world.disabilities
    count = len(frame)
    issued = frame["assessed_on"].to_numpy() + clerk.rng.integers(1, 12, count)
    again_on = issued + clerk.rng.integers(60, 2500, count)
    current = (frame["status"] == "有效").to_numpy()
    again = np.flatnonzero(current & (clerk.rng.random(count) < 0.04) & (again_on <= district.nights.last))
    row = np.concatenate([np.arange(count), again, again]).astype(np.int64)
    kind = np.repeat([0, 1, 2], [count, len(again), len(again)])  # issued, cancelled, issued again
    known = np.where(kind == 0, issued[row], again_on[row])
    holder, stated = _holders(clerk, frame["person"].to_numpy(), kin, count)
    status = np.where(kind == 1, "注销", frame["status"].to_numpy()[row])
    return _disability_records(clerk, kin, frame, row, kind, known, holder[row], stated, status)


def _holders(clerk: Clerk, person: Array, kin: Kin, count: int) -> tuple[Array, Array]:
    """Whose number the certificate carries, and its characters."""
    others = clerk.happens("id_others", count) & (kin.mother[person] >= 0)
    holder = np.where(others, kin.mother[person], person)
    codes = clerk.district.identities.numbers[holder].copy()
    wrong = np.flatnonzero(clerk.happens("id_wrong", count))
    place = clerk.rng.integers(14, 17, len(wrong))
    codes[wrong, place] = (codes[wrong, place] - 48 + clerk.rng.integers(1, 10, len(wrong))) % 10 + 48
    return holder, codes


def _disability_records(
    clerk: Clerk, kin: Kin, frame: pd.DataFrame, row: Array, kind: Array, known: Array, holder: Array, codes: Array,
    status: Array,
) -> Records:  # fmt: skip
    person, category, grade, assessed = (
        frame[c].to_numpy()[row] for c in ("person", "category", "grade", "assessed_on")
    )
    guardian, tie = speaker(clerk.rng, clerk.district, kin, person, known)
    young = known - clerk.district.birth[person] < 40 * YEAR
    guardian, tie = np.where(young, guardian, -1), np.where(young, tie, NOBODY)
    digits = chosen(category * 10 + grade, tuple(str(number) for number in range(100)))
    suffix = chosen((kind == 2).astype(np.int64), ("", "B1"))
    columns = {
        "cert_no": pc.binary_join_element_wise(clerk.cased(codes[row]), digits, suffix, ""),
        "name": clerk.name(person),
        "sex": clerk.sex(person),
        "birth_date": clerk.born(person),
        "category": pa.array(category).cast(pa.string()),
        "grade": chosen(
            grade + np.where(person % 7 == 0, 5, 0), ("", "1", "2", "3", "4", "", "一级", "二级", "三级", "四级")
        ),
        "assessed_on": clerk.on(assessed),
        "issued_on": clerk.on(known),
        "valid_to": clerk.on(known + 3652),
        "status": pa.array(status, pa.string()),
        "guardian_name": clerk.name(guardian),
        "guardian_relation": relation_words(tie, clerk.district.world.people["sex"].to_numpy()[guardian], tie < NOBODY),
        "guardian_phone": clerk.phone(guardian),
        "address": clerk.home(person),
    }
    key = pc.binary_join_element_wise(fixed_text(codes[row]), digits, suffix, "")
    facts = {"person": person, "grade": grade, "assessed_on": assessed, "is_valid": status == "有效"}
    return records(clerk, columns, [key], known, {"subject": person, "guardian": guardian}, facts)
