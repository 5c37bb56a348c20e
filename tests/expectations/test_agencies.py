# ruff: noqa: E501 - situations are drawn as tables
"""Each rule between fields: a row that contradicts itself, a row that does not, and a row that cannot tell."""

import pytest

from expectations.agencies import cross_rules
from tests.expectations.drawn import outcome, row, through
from transforms.feeds import FEEDS, load_contract

WOMAN, MAN = "370303198602056542", "370303198201121530"  # born 1986-02-05 and 1982-01-12
# feed, check, cells that contradict, cells that agree
SITUATIONS: list[tuple[str, str, dict[str, str], dict[str, str]]] = [
    ("only_child_certificates", "issued_on.issued_before_birth", {"issued_on": "2000-01-01"}, {"issued_on": "2000-01-02"}),
    ("only_child_certificates", "voided_on.voided_before_issue", {"voided_on": "2001-04-30"}, {"voided_on": "2001-05-01"}),
    ("only_child_certificates", "child_birth_date.birth_contradicts_id",
     {"child_id_no": WOMAN}, {"child_id_no": WOMAN, "child_birth_date": "1986-02-05"}),
    ("only_child_certificates", "child_sex.sex_contradicts_id",
     {"child_id_no": WOMAN, "child_sex": "男"}, {"child_id_no": WOMAN, "child_sex": "女"}),
    ("only_child_certificates", "child_id_no.number_of_parent",
     {"child_id_no": MAN, "father_id_no": MAN}, {"child_id_no": WOMAN, "father_id_no": MAN}),
    ("only_child_certificates", "father_id_no.same_number_twice",
     {"father_id_no": MAN, "mother_id_no": MAN}, {"father_id_no": MAN, "mother_id_no": WOMAN}),
    ("births", "issued_on.issued_before_birth", {"issued_on": "2000-01-01"}, {"issued_on": "2000-01-02"}),
    ("births", "mother_id_no.mother_age_unlikely",
     {"mother_id_no": WOMAN, "birth_date": "1998-02-04"}, {"mother_id_no": WOMAN, "birth_date": "1998-02-05"}),
    ("births", "mother_id_no.number_of_other_sex", {"mother_id_no": MAN}, {"mother_id_no": WOMAN}),
    ("births", "father_id_no.same_number_twice",
     {"father_id_no": MAN, "mother_id_no": MAN}, {"father_id_no": MAN, "mother_id_no": WOMAN}),
    ("marriages", "cert_num_man.same_number_twice",
     {"cert_num_man": MAN, "cert_num_woman": MAN}, {"cert_num_man": MAN, "cert_num_woman": WOMAN}),
    ("marriages", "birth_man.birth_contradicts_id",
     {"cert_num_man": MAN, "birth_man": "1982-12-01"}, {"cert_num_man": MAN, "birth_man": "1982-01-12"}),
    ("marriages", "birth_woman.birth_contradicts_id",
     {"cert_num_woman": WOMAN, "birth_woman": "1986-05-02"}, {"cert_num_woman": WOMAN, "birth_woman": "1986-02-05"}),
    ("marriages", "cert_num_man.number_of_other_sex", {"cert_num_man": WOMAN}, {"cert_num_man": MAN}),
    ("marriages", "cert_num_woman.number_of_other_sex", {"cert_num_woman": MAN}, {"cert_num_woman": WOMAN}),
    ("adoptions", "registered_on.registered_before_birth",
     {"adoptee_birth_date": "2010-01-02"}, {"adoptee_birth_date": "2010-01-01"}),
    ("adoptions", "dissolved_on.dissolved_before_registered", {"dissolved_on": "2009-12-31"}, {"dissolved_on": "2010-01-01"}),
    ("adoptions", "adoptee_birth_date.birth_contradicts_id",
     {"adoptee_id_no": WOMAN, "adoptee_birth_date": "1986-02-06"},
     {"adoptee_id_no": WOMAN, "adoptee_birth_date": "1986-02-05"}),
    ("adoptions", "adoptee_id_no.number_of_parent",
     {"adoptee_id_no": WOMAN, "adopter_woman_id_no": WOMAN}, {"adoptee_id_no": WOMAN, "adopter_man_id_no": MAN}),
    ("cremations", "cremated_on.cremated_before_death", {"died_on": "2025-06-02"}, {"died_on": "2025-06-01"}),
    ("low_income", "valid_to.ends_before_start", {"valid_to": "2023-12-31"}, {"valid_to": "2026-12-31"}),
    ("death_certificates", "died_at.died_before_birth", {"birth_date": "2025-05-31"}, {"birth_date": "2025-05-30"}),
    ("death_certificates", "issued_on.issued_before_death", {"issued_on": "2025-05-29"}, {"issued_on": "2025-05-30"}),
    ("death_certificates", "reported_at.reported_before_death", {"reported_at": "2025-05-29"}, {"reported_at": "2025-05-30"}),
    ("death_certificates", "birth_date.birth_contradicts_id",
     {"id_no": WOMAN, "birth_date": "1986-05-02"}, {"id_no": WOMAN, "birth_date": "1986-02-05"}),
    ("death_certificates", "sex.sex_contradicts_id", {"id_no": WOMAN, "sex": "1"}, {"id_no": WOMAN, "sex": "2"}),
    ("death_certificates", "age.age_contradicts_birth",
     {"birth_date": "1986-05-31", "age": "40"}, {"birth_date": "1986-05-31", "age": "39"}),
    ("disability_certificates", "category.category_contradicts_number", {"category": "1"}, {"category": "肢体"}),
    ("disability_certificates", "grade.grade_contradicts_number", {"grade": "三级"}, {"grade": "二级"}),
    ("disability_certificates", "birth_date.birth_contradicts_id", {"birth_date": "1986-05-02"}, {"birth_date": "1986-02-05"}),
    ("disability_certificates", "sex.sex_contradicts_id", {"sex": "男"}, {"sex": "女"}),
    ("disability_certificates", "issued_on.issued_before_assessment", {"issued_on": "2014-12-31"}, {"issued_on": "2015-01-01"}),
    ("disability_certificates", "valid_to.ends_before_start",
     {"issued_on": "2015-02-01", "valid_to": "2015-01-31"}, {"issued_on": "2015-02-01", "valid_to": "2035-01-31"}),
    ("medical_settlements", "discharged_on.discharged_before_admitted",
     {"admitted_on": "2025-04-02", "discharged_on": "2025-04-01"}, {"admitted_on": "2025-04-02", "discharged_on": "2025-04-02"}),
    ("medical_settlements", "setl_time.settled_before_admitted", {"admitted_on": "2025-05-02"}, {"admitted_on": "2025-05-01"}),
    ("medical_settlements", "brdy.birth_contradicts_id",
     {"certno": WOMAN, "brdy": "1986-05-02"}, {"certno": WOMAN, "brdy": "1986-02-05"}),
    ("medical_settlements", "gend.sex_contradicts_id", {"certno": WOMAN, "gend": "1"}, {"certno": WOMAN, "gend": "2"}),
    ("medical_settlements", "psn_part_amt.part_exceeds_total",
     {"psn_part_amt": "100.01"}, {"psn_part_amt": "-100", "medfee_sumamt": "-100"}),
    ("medical_settlements", "medfee_sumamt.fund_identity",
     {"fund_pay_sumamt": "70", "maf_pay": "5", "psn_part_amt": "20"}, {"fund_pay_sumamt": "70", "maf_pay": "5", "psn_part_amt": "30"}),
    ("medical_settlements", "psn_cash_pay.cash_exceeds_part",
     {"psn_part_amt": "30", "psn_cash_pay": "30.01"}, {"psn_part_amt": "30", "psn_cash_pay": "24"}),
    ("care_insurance_claims", "discharged_on.discharged_before_admitted",
     {"admitted_on": "2025-04-02", "discharged_on": "2025-04-01"}, {"admitted_on": "2025-04-02", "discharged_on": "2025-04-03"}),
    ("care_insurance_claims", "days_claimed.days_exceed_stay",
     {"admitted_on": "2025-04-01", "discharged_on": "2025-04-03", "days_claimed": "4"},
     {"admitted_on": "2025-04-01", "discharged_on": "2025-04-03", "days_claimed": "3"}),
    ("household_register", "birth_date.birth_contradicts_id", {"birth_date": "1986-05-02"}, {"birth_date": "1986-02-05"}),
    ("household_register", "sex.sex_contradicts_id", {"sex": "1"}, {"sex": "2"}),
    ("household_register", "moved_in_on.moved_before_birth", {"moved_in_on": "1986-02-04"}, {"moved_in_on": "1986-02-05"}),
    ("household_register", "cancelled_on.cancelled_before_birth", {"cancelled_on": "1986-02-04"}, {"cancelled_on": "2020-01-01"}),
    ("household_register", "cancel_reason.cancelled_without_date",
     {"cancel_reason": "死亡"}, {"cancel_reason": "死亡", "cancelled_on": "2020-01-01"}),
]  # fmt: skip


@pytest.mark.parametrize(("feed", "check", "contradicting", "agreeing"), SITUATIONS, ids=lambda at: str(at)[:60])
def test_a_contradiction_is_counted_and_the_row_goes_on(
    feed: str, check: str, contradicting: dict[str, str], agreeing: dict[str, str]
) -> None:
    wrong, right = through(feed, [row(feed, **contradicting)]), through(feed, [row(feed, **agreeing)])
    assert (outcome(wrong, f"{feed}.{check}"), outcome(right, f"{feed}.{check}")) == ((1, 1), (1, 0))
    assert wrong.accepted.num_rows == 1


def test_every_rule_of_every_agency_has_a_situation() -> None:
    written = {f"{feed}.{rule.columns[0]}.{rule.name}" for feed in FEEDS for rule in cross_rules(load_contract(feed))}
    assert written == {f"{feed}.{check}" for feed, check, _, _ in SITUATIONS}


def test_a_number_of_the_first_generation_carries_no_comparable_date() -> None:
    gated = through("death_certificates", [row("death_certificates", id_no="370303860205654", birth_date="1986-02-06")])
    assert outcome(gated, "death_certificates.birth_date.birth_contradicts_id") is None


@pytest.mark.parametrize(
    ("fund", "aid", "own", "failed"),
    [
        ("65", "5", "30", 0),
        ("70", None, "30", 0),
        ("70.06", "0", "30", 0),
        ("70.20", "0", "30", 1),
        ("-70", "0", "30", 1),
    ],
)
def test_medical_aid_may_stand_inside_the_fund_or_beside_it(fund: str, aid: str | None, own: str, failed: int) -> None:
    cells = {"fund_pay_sumamt": fund, "maf_pay": aid, "psn_part_amt": own}
    gated = through("medical_settlements", [row("medical_settlements", **cells)])
    assert outcome(gated, "medical_settlements.medfee_sumamt.fund_identity") == (1, failed)
    assert gated.accepted.num_rows == 1
