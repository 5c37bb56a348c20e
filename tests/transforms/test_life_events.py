from datetime import date, datetime

import pyarrow as pa
import pytest

from tests.families import NIGHT, death, family
from transforms.life_events import life_events, persons
from transforms.schemas import LIFE_EVENTS

DAY = date(2025, 6, 5)


def events(**records):
    drawn = family(only_child_certificates=[], **records)
    return life_events(drawn.records, drawn.links).to_pylist()


def test_no_feed_gives_no_events():
    found = life_events({}, family(only_child_certificates=[]).links)
    assert found.num_rows == 0
    assert found.schema == LIFE_EVENTS


@pytest.mark.parametrize("status", ["有效", "更正", "补发", "恢复"])
def test_a_death_certificate_that_is_not_void_stands(status):
    (event,) = events(death_certificates=[death(DAY, status=status)])
    assert (event["event_type"], event["status"], event["occurred_on"]) == ("death", "active", DAY)


def test_the_highest_version_of_a_certificate_decides():
    found = events(death_certificates=[death(DAY), death(date(2025, 6, 4), version=2, status="更正")])
    assert {(e["record_key"], e["status"]) for e in found} == {("S1|1", "voided"), ("S1|2", "active")}


def test_a_void_voids_all_versions():
    found = events(death_certificates=[death(DAY), death(DAY, version=2, status="作废")])
    assert {e["status"] for e in found} == {"voided"}


def test_versions_of_other_certificates_are_left_alone():
    found = events(death_certificates=[death(DAY), death(DAY, no="S2", version=2, status="作废")])
    assert {(e["record_key"], e["status"]) for e in found} == {("S1|1", "active"), ("S2|2", "voided")}


def test_a_blank_version_is_the_first():
    first = death(DAY) | {"version": None}
    found = events(death_certificates=[first, death(DAY, version=2, status="更正")])
    assert sorted(e["status"] for e in found) == ["active", "voided"]


def test_a_settlement_that_says_died_is_a_stay_in_hospital():
    row = {"setl_id": "Y1", "admitted_on": DAY, "dscg_way": "5", "setl_time": datetime(2025, 6, 6), "subject": "child"}
    assert [e["event_type"] for e in events(medical_settlements=[row])] == ["hospitalisation"]


@pytest.mark.parametrize("refund", [{"refd_setl_flag": "1"}, {"medfee_sumamt": -100}])
def test_a_refund_is_no_stay(refund):
    row = {"setl_id": "Y1", "admitted_on": DAY, "setl_time": datetime(2025, 6, 6), "subject": "child"}
    assert events(medical_settlements=[row | refund]) == []


def test_the_register_tells_deaths_and_moves():
    row = {
        "household_no": "H1", "id_no": "K", "moved_in_on": date(2001, 1, 1), "moved_out_on": date(2020, 1, 1),
        "cancel_reason": "死亡", "cancelled_on": DAY, "subject": "child",
    }  # fmt: skip
    found = events(household_register=[row])
    assert sorted((e["event_type"], e["detail"]) for e in found) == [
        ("death", "cancelled"), ("moved", "in"), ("moved", "out"),
    ]  # fmt: skip
    assert len({e["event_id"] for e in found}) == 3


def test_another_cancellation_is_no_death():
    row = {"household_no": "H1", "id_no": "K", "cancel_reason": "迁出", "cancelled_on": DAY, "subject": "child"}
    assert events(household_register=[row]) == []


@pytest.mark.parametrize(("op_type", "found"), [("IA", "marriage"), ("IB", "divorce"), ("ICA", None), ("ICB", None)])
def test_a_reissued_marriage_paper_is_no_event(op_type, found):
    row = {"cert_no": "M1", "op_type": op_type, "op_date": DAY, "man": "father", "woman": "mother"}
    told = {(e["event_type"], e["person_id"]) for e in events(marriages=[row])}
    assert told == ({(found, "father"), (found, "mother")} if found else set())


def test_a_revoked_marriage_is_voided():
    row = {"cert_no": "M1", "op_type": "IA", "op_date": DAY, "status": "撤销", "man": "father", "woman": "mother"}
    assert {e["status"] for e in events(marriages=[row])} == {"voided"}


def test_a_dissolved_adoption_is_two_events_of_the_adoptee():
    row = {
        "cert_no": "A1", "registered_on": date(2010, 1, 1), "status": "解除", "dissolved_on": DAY,
        "adopter_man": "father", "adoptee": "child",
    }  # fmt: skip
    assert {(e["event_type"], e["person_id"], e["occurred_on"]) for e in events(adoptions=[row])} == {
        ("adoption", "child", date(2010, 1, 1)), ("adoption_dissolved", "child", DAY),
    }  # fmt: skip


def test_a_void_birth_is_voided():
    row = {"birth_certificate_no": "B1", "birth_date": DAY, "status": "作废", "mother": "mother", "child": "child"}
    assert [(e["person_id"], e["status"]) for e in events(births=[row])] == [("child", "voided")]


def test_a_disability_carries_its_grade_and_paper():
    row = {"cert_no": "C1", "grade": "二级", "assessed_on": DAY, "status": "过期", "subject": "child"}
    assert [e["detail"] for e in events(disability_certificates=[row])] == ["grade:2;expired"]


def test_a_missing_grade_is_read_from_the_number():
    row = {"cert_no": "370303199809091234" + "43", "assessed_on": DAY, "status": "有效", "subject": "child"}
    assert [e["detail"] for e in events(disability_certificates=[row])] == ["grade:3;valid"]


def test_an_event_is_known_since_its_record_was_first_taken():
    taken = {"first_known_on": date(2025, 6, 6), "known_on": NIGHT}
    (event,) = events(cremations=[{"record_no": "F1", "cremated_on": DAY, "subject": "child"} | taken])
    assert event["known_on"] == date(2025, 6, 6)


def test_a_withdrawn_record_stands_no_more():
    drawn = family(only_child_certificates=[], cremations=[{"record_no": "F1", "cremated_on": DAY, "subject": "child"}])
    table = drawn.records["cremations"]
    gone = table.set_column(table.column_names.index("_status"), "_status", pa.array(["withdrawn"]))
    assert life_events({"cremations": gone}, drawn.links)["status"].to_pylist() == ["voided"]


def test_the_order_of_records_does_not_matter():
    rows = [death(DAY), death(DAY, no="S2"), death(DAY, version=2, status="更正")]
    assert events(death_certificates=rows) == events(death_certificates=rows[::-1])


def test_a_medical_certificate_is_believed_before_a_cremation_and_the_register():
    cremation = {"record_no": "F1", "died_on": date(2025, 6, 2), "cremated_on": DAY, "subject": "child"}
    cancelled = {"household_no": "H1", "id_no": "K", "cancel_reason": "死亡", "subject": "child"}
    drawn = family(
        death_certificates=[death(date(2025, 6, 3))],
        cremations=[cremation],
        household_register=[cancelled | {"cancelled_on": date(2025, 6, 1)}],
    )
    told = persons(drawn.links, life_events(drawn.records, drawn.links)).to_pylist()
    assert {"person_id": "child", "is_deceased": True, "died_on": date(2025, 6, 3)} in told
    assert {"person_id": "father", "is_deceased": False, "died_on": None} in told


def test_nobody_is_dead_by_a_voided_certificate():
    drawn = family(death_certificates=[death(DAY, status="作废")])
    told = persons(drawn.links, life_events(drawn.records, drawn.links))
    assert not any(told["is_deceased"].to_pylist())
