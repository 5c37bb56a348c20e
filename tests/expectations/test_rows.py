"""Which rows are refused, and which go on with a field set aside."""

import json

import pytest

from tests.expectations.drawn import USABLE, fault, outcome, refused, row, rows, through
from transforms.feeds import FEEDS, load_contract
from transforms.schemas import RECORD_KEY, ROW_NUMBER


@pytest.mark.parametrize("feed", FEEDS)
def test_a_row_with_only_what_is_required_is_accepted(feed: str) -> None:
    gated = through(feed, [row(feed)])
    assert (gated.accepted.num_rows, refused(gated)) == (1, [])


@pytest.mark.parametrize("feed", FEEDS)
def test_a_row_without_a_required_cell_is_refused_with_its_column(feed: str) -> None:
    for column in load_contract(feed).required:
        gated = through(feed, [row(feed, **{column: " \u3000"})])
        assert refused(gated) == [(2, "required_missing", column)]


@pytest.mark.parametrize(
    ("feed", "column", "cell"),
    [
        ("death_certificates", "died_at", "昨天"),
        ("death_certificates", "died_at", "2025-06-03"),
        ("death_certificates", "status", "生效"),
        ("household_register", "id_no", "3.70E+17"),
        ("births", "mother_name", "何" * 51),
    ],
)
def test_a_required_cell_that_cannot_be_read_refuses_the_row(feed: str, column: str, cell: str) -> None:
    assert refused(through(feed, [row(feed, **{column: cell})])) == [(2, "required_unreadable", column)]


def test_a_required_number_with_a_wrong_check_character_is_readable() -> None:
    gated = through("household_register", [row("household_register", id_no="370303198602056543")])
    assert refused(gated) == []
    assert outcome(gated, "household_register.id_no.bad_check") == (1, 1)
    assert gated.accepted["id_no"].to_pylist() == ["370303198602056543"]


def test_a_placeholder_instead_of_a_required_number_means_missing() -> None:
    gated = through("household_register", [row("household_register", id_no="不详")])
    assert refused(gated) == [(2, "required_missing", "id_no")]


def test_a_death_without_a_name_goes_on_and_is_counted() -> None:
    gated = through("death_certificates", [row("death_certificates", name="无")])
    assert refused(gated) == []
    assert outcome(gated, "death_certificates.name.placeholder_name") == (1, 1)


def test_a_defect_elsewhere_sets_the_field_aside_and_the_row_goes_on() -> None:
    gated = through("births", [row("births", mother_id_no="12345", issued_on="1899-01-01")])
    assert gated.accepted["mother_id_no"].to_pylist() == [None]
    assert outcome(gated, "births.mother_id_no.bad_shape") == (1, 1)
    assert outcome(gated, "births.issued_on.date_before_1900") == (1, 1)


def test_a_blank_cell_is_no_defect_and_nothing_was_checked() -> None:
    assert outcome(through("births", [row("births")]), "births.mother_id_no.bad_shape") is None


def test_a_certificate_needs_one_parent() -> None:
    drawn = [
        row("only_child_certificates", certificate_no="G1", father_name=None),
        row("only_child_certificates", certificate_no="G2", father_name=None, mother_name="何四"),
    ]
    gated = through("only_child_certificates", drawn)
    assert refused(gated) == [(2, "required_missing", "father_name")]
    assert outcome(gated, "only_child_certificates.father_name.one_of_missing") == (2, 1)


def test_one_key_with_two_contents_refuses_both_rows() -> None:
    drawn = [row("births", hospital="一院"), row("births", hospital="二院"), row("births", birth_certificate_no="B2")]
    gated = through("births", drawn)
    assert refused(gated) == [(2, "key_conflict", ""), (3, "key_conflict", "")]
    assert gated.quarantined[RECORD_KEY].to_pylist() == ["B1", "B1"]
    assert outcome(gated, "births.delivery.key_conflict") == (3, 2)


def test_the_same_row_twice_is_remarked_and_goes_on() -> None:
    gated = through("births", [row("births"), row("births")])
    assert (gated.accepted.num_rows, outcome(gated, "births.delivery.repeated")) == (2, (2, 1))


def test_rows_without_a_key_do_not_conflict_with_each_other() -> None:
    drawn = [row("births", birth_certificate_no=None, hospital=name) for name in ("一院", "二院")]
    assert {reason for _, reason, _ in refused(through("births", drawn))} == {"required_missing"}


def test_a_row_with_two_faults_is_refused_once() -> None:
    gated = through("births", [row("births", birth_date=None, mother_name=None)])
    assert refused(gated) == [(2, "required_missing", "birth_date")]
    assert outcome(gated, "births.mother_name.required_missing") == (1, 1)


def test_rows_that_could_not_be_read_are_refused_with_their_number() -> None:
    faults = [fault(3, "undecodable", "B9,\\xff"), fault(7, "broken_structure", "B8,一,二")]
    gated = through("births", [row("births")], faults=faults)
    assert refused(gated) == [(3, "undecodable", ""), (7, "broken_structure", "")]
    assert (gated.rows_read, gated.rows_quarantined) == (3, 2)
    assert outcome(gated, "births.delivery.structure") == (3, 2)


def test_a_refused_row_is_kept_as_it_was_delivered() -> None:
    gated = through("births", [row("births", birth_date='没"有\n日期', hospital="<b>𠮷</b>")])
    kept = json.loads(gated.quarantined["delivered_json"][0].as_py())
    assert (kept["birth_date"], kept["hospital"]) == ('没"有\n日期', "<b>𠮷</b>")
    assert ROW_NUMBER not in kept


def test_an_empty_delta_is_a_heartbeat() -> None:
    gated = through("births", [])
    assert (gated.status, gated.rows_read, gated.accepted.num_rows) == ("loaded", 0, 0)


def test_accepted_rows_keep_their_numbers() -> None:
    drawn = rows("births", 3)
    gated = through("births", [drawn[0], {**drawn[1], "birth_date": None}, drawn[2]])
    assert gated.accepted[ROW_NUMBER].to_pylist() == [2, 4]


def test_every_feed_has_a_usable_row_drawn() -> None:
    assert set(USABLE) == set(FEEDS)
