from datetime import date

import pytest

from tests.families import CERTIFICATE, DIVORCE, child_of_both, death, family, homes

BIRTH = child_of_both("B1", date(1998, 9, 9), "child")
HOME = {"household_no": "H1", "division_code": "370303002001"}
REGISTER = [
    HOME | {"id_no": "F", "relation_code": "02", "sex": "1", "subject": "father"},
    HOME | {"id_no": "M", "relation_code": "10", "sex": "2", "subject": "mother"},
    HOME | {"id_no": "K", "relation_code": "21", "sex": "1", "subject": "child"},
]


def rows(**records):
    return homes(family(**records)).households.to_pylist()


def parents(row):
    return [row["father_person_id"], row["mother_person_id"]]


def test_a_certificate_makes_a_couple_with_its_number_and_township():
    (row,) = rows()
    assert parents(row) == ["father", "mother"]
    assert (row["only_child_certificate_no"], row["township_code"], row["status"]) == ("Z1", "370303001", "together")


def test_one_parent_on_the_certificate_is_a_single_parent():
    alone = {key: value for key, value in CERTIFICATE.items() if key != "mother"}
    (row,) = rows(only_child_certificates=[alone])
    assert (parents(row), row["status"]) == (["father", None], "father_only")


def test_a_blank_parent_is_filled_in_from_the_childs_birth():
    alone = {key: value for key, value in CERTIFICATE.items() if key != "mother"}
    (row,) = rows(only_child_certificates=[alone], births=[BIRTH])
    assert parents(row) == ["father", "mother"]


def test_the_same_family_in_three_feeds_is_one_household():
    assert len(rows(births=[BIRTH], household_register=REGISTER)) == 1


def test_the_name_is_the_earliest_certificates_and_stays():
    (alone,) = rows()
    later = CERTIFICATE | {"certificate_no": "Z0", "issued_on": date(2010, 1, 1)}
    (row,) = rows(only_child_certificates=[later, CERTIFICATE], births=[BIRTH], household_register=REGISTER)
    assert row["household_id"] == alone["household_id"]


def test_the_number_is_the_latest_that_is_not_voided():
    voided = CERTIFICATE | {"voided_on": date(2015, 1, 1)}
    again = CERTIFICATE | {"certificate_no": "Z2", "issued_on": date(2015, 1, 1)}
    (row,) = rows(only_child_certificates=[again, voided])
    assert row["only_child_certificate_no"] == "Z2"


def test_without_a_certificate_the_register_gives_household_and_township():
    (row,) = rows(only_child_certificates=[], household_register=REGISTER)
    assert (parents(row), row["township_code"]) == (["father", "mother"], "370303002")


@pytest.mark.parametrize("code", ["28", "38", "41", "71"])
def test_in_laws_grandchildren_and_siblings_are_no_children(code):
    listed = [*REGISTER[:2], REGISTER[2] | {"relation_code": code}]
    assert rows(only_child_certificates=[], household_register=listed) == []


def test_the_head_is_the_child_of_his_parents():
    listed = [
        {"household_no": "H1", "id_no": "K", "relation_code": "02", "sex": "1", "subject": "child"},
        {"household_no": "H1", "id_no": "F", "relation_code": "51", "sex": "1", "subject": "father"},
        {"household_no": "H1", "id_no": "M", "relation_code": "52", "sex": "2", "subject": "mother"},
    ]
    (row,) = rows(only_child_certificates=[], household_register=listed)
    assert parents(row) == ["father", "mother"]


def test_divorce_makes_two_households_beside_the_couples():
    (together,) = rows()
    found = {tuple(parents(row)): row for row in rows(marriages=[DIVORCE])}
    assert found["father", "mother"]["household_id"] == together["household_id"]
    assert {key: row["status"] for key, row in found.items()} == {
        ("father", "mother"): "divorced", ("father", None): "father_only", (None, "mother"): "mother_only",
    }  # fmt: skip


def test_remarrying_each_other_ends_the_two_households():
    again = DIVORCE | {"cert_no": "M2", "op_type": "IA", "op_date": date(2021, 1, 1)}
    found = {tuple(parents(row)): row["status"] for row in rows(marriages=[DIVORCE, again])}
    assert found["father", "mother"] == "together"
    assert found["father", None] == found[None, "mother"] == "dissolved"


def test_a_divorce_from_somebody_else_changes_nothing():
    assert [row["status"] for row in rows(marriages=[DIVORCE | {"woman": "first_wife"}])] == ["together"]


def test_a_parents_death_leaves_the_couple_widowed():
    (row,) = rows(death_certificates=[death(date(2020, 1, 1), subject="mother")])
    assert (parents(row), row["status"]) == (["father", "mother"], "widowed")


def test_both_parents_deaths_end_the_household():
    dead = [death(date(2020, 1, 1), no=who, subject=who) for who in ("father", "mother")]
    assert [row["status"] for row in rows(death_certificates=dead)] == ["dissolved"]


def test_an_adopting_couple_is_a_household_while_the_adoption_stands():
    adoption = {
        "cert_no": "A1", "registered_on": date(2010, 1, 1), "status": "解除", "dissolved_on": date(2015, 1, 1),
        "adopter_man": "man", "adopter_woman": "woman", "adoptee": "adopted",
    }  # fmt: skip
    found = homes(family(only_child_certificates=[], adoptions=[adoption]))
    (child,) = found.children.to_pylist()
    assert (child["relation"], child["since_on"], child["until_on"]) == ("adoption", date(2010, 1, 1), date(2015, 1, 1))


def test_a_stepparents_adoption_does_not_move_the_child_out_of_its_parents_household():
    adoption = {
        "cert_no": "A1", "registered_on": date(2010, 1, 1), "status": "成立",
        "adopter_man": "father", "adopter_woman": "second_wife", "adoptee": "child",
    }  # fmt: skip
    assert sorted(parents(row)[1] for row in rows(adoptions=[adoption])) == ["mother", "second_wife"]


def test_certificates_are_tied_with_their_weakest_link():
    (tied,) = homes(family()).certificates.to_pylist()
    assert (tied["certificate_no"], tied["child_person_id"], tied["match_probability"]) == ("Z1", "child", 1.0)


def test_a_child_that_is_its_own_parent_by_a_wrong_number_makes_no_household():
    assert rows(only_child_certificates=[CERTIFICATE | {"child": "father"}]) == []
