"""Situations: who is joined with whom, and what goes to a clerk instead."""

import pyarrow as pa

from tests.transforms.linkage.drawn import Mention, mention, number, person_of, proposals, resolved

BORN = {"birth_date": "1999-03-10", "sex": "1"}
HOME = {"address_key": "柳泉路92-3-701", "township_code": "370303006", "division_code": "370303"}
PARENTS = {"father_name": "方国强", "father_id_no": number("1970-01-01", 1),
           "mother_name": "苗秀英", "mother_id_no": number("1972-01-01", 2)}  # fmt: skip
HIS, TWINS = number("1999-03-10", 101), number("1999-03-10", 103)


def register(key: str, **told: object) -> Mention:
    return mention("household_register", key, **told)


def certificate(key: str = "C1", **told: object) -> Mention:
    return mention("only_child_certificates", key, "child", **{**BORN, **HOME, **PARENTS, **told})


def death(key: str = "D1", **told: object) -> Mention:
    return mention("death_certificates", key, **{**BORN, **told})


def test_a_death_with_number_and_name_is_the_registered_person_by_rule() -> None:
    him = register("H1", name="方子豪", id_no=HIS, **BORN)
    dead = death(name="方子豪", id_no=HIS)
    outcome = resolved(him, dead)
    assert person_of(outcome, him) == person_of(outcome, dead)
    assert outcome.links["decided_by"].to_pylist() == ["rule", "rule"]


def test_a_child_without_number_is_found_by_its_parents() -> None:
    child, dead = certificate(name="方子豪"), death(name="方子豪", father_name="方国强", **HOME)
    outcome = resolved(child, dead)
    assert person_of(outcome, child) == person_of(outcome, dead)


def test_the_child_of_somebody_is_at_least_proposed() -> None:
    child, dead = certificate(name="方子豪"), death(name=None, relative_name="方国强", **HOME)
    outcome = resolved(child, dead)
    assert person_of(outcome, child) == person_of(outcome, dead) or person_of(outcome, child) in proposals(
        outcome, dead
    )


def test_a_twin_who_died_under_the_others_number_is_left_to_a_clerk() -> None:
    one = register("H1", name="方子豪", id_no=HIS, **BORN, **HOME, **PARENTS)
    other = register("H2", name="方子杰", id_no=TWINS, **BORN, **HOME, **PARENTS)
    dead = death(name="方子豪", id_no=TWINS, father_name="方国强", **HOME)
    outcome = resolved(one, other, dead)
    assert person_of(outcome, dead) not in {person_of(outcome, one), person_of(outcome, other)}
    assert proposals(outcome, dead) == {person_of(outcome, one), person_of(outcome, other)}


def test_nobody_asks_whether_a_dead_registered_person_is_the_living_twin() -> None:
    one = register("H1", name="方子豪", id_no=HIS, **BORN, **HOME, **PARENTS)
    other = register("H2", name="方子杰", id_no=TWINS, **BORN, **HOME, **PARENTS)
    dead = death(name="方子豪", id_no=HIS, father_name="方国强", **HOME)
    outcome = resolved(one, other, certificate(name="方子杰"), dead)
    assert person_of(outcome, dead) == person_of(outcome, one)
    assert outcome.review.num_rows == 0


def test_a_namesake_born_on_the_same_day_is_left_to_a_clerk() -> None:
    living = register("H1", name="方子豪", id_no=HIS, **BORN)
    namesake = register("H2", name="方子豪", id_no=number("1999-03-10", 205, "370304"), **BORN)
    dead = death(name="方子豪")
    outcome = resolved(living, namesake, dead)
    assert person_of(outcome, dead) not in {person_of(outcome, living), person_of(outcome, namesake)}
    assert proposals(outcome, dead) == {person_of(outcome, living), person_of(outcome, namesake)}


def test_the_dead_are_never_linked_for_want_of_another_candidate() -> None:
    living, dead = register("H1", name="方子豪", id_no=HIS, **BORN), death(name="方子豪")
    outcome = resolved(living, dead)
    assert person_of(outcome, living) != person_of(outcome, dead)
    assert proposals(outcome, dead) == {person_of(outcome, living)}


def test_a_certificates_child_is_the_only_one_it_can_be_in_the_register() -> None:
    grown_up, child = register("H9", name="方子豪", id_no=HIS, **BORN), certificate(name="方子豪")
    outcome = resolved(grown_up, child)
    assert person_of(outcome, grown_up) == person_of(outcome, child)


def test_with_a_namesake_in_the_register_the_certificates_child_is_neither() -> None:
    grown_up = register("H9", name="方子豪", id_no=HIS, **BORN)
    namesake = register("H2", name="方子豪", id_no=number("1999-03-10", 205, "370304"), **BORN)
    child = certificate(name="方子豪")
    outcome = resolved(grown_up, namesake, child)
    assert person_of(outcome, child) not in {person_of(outcome, grown_up), person_of(outcome, namesake)}


def test_a_parents_number_in_the_childs_field_does_not_make_it_the_parent() -> None:
    fathers = PARENTS["father_id_no"]
    father = register("H1", name="方国强", id_no=fathers, birth_date="1970-01-01", sex="1", **HOME)
    child = certificate(name="方子豪", id_no_text=fathers, id_state="contradicts")
    outcome = resolved(father, child)
    assert person_of(outcome, father) != person_of(outcome, child)


def test_father_and_child_of_one_record_stay_two_whatever_is_written() -> None:
    told = {"name": "方国强", "id_no": PARENTS["father_id_no"]}
    father, child = (mention("only_child_certificates", "C1", role, **told) for role in ("father", "child"))
    outcome = resolved(father, child)
    assert person_of(outcome, father) != person_of(outcome, child)


def test_two_entries_of_the_register_stay_two() -> None:
    told = {"name": "方子豪", **BORN, **HOME, **PARENTS}
    one, other = register("H1", id_no=HIS, **told), register("H1x", id_no=TWINS, **told)
    between = certificate(name="方子豪")
    outcome = resolved(one, other, between)
    assert person_of(outcome, one) != person_of(outcome, other)


def test_an_unnamed_newborn_is_the_only_registered_child_of_that_day() -> None:
    child = register("H1", name="方子豪", id_no=HIS, **BORN, **PARENTS)
    newborn = mention("births", "B1", "child", **BORN, **PARENTS)
    outcome = resolved(child, newborn)
    assert person_of(outcome, child) == person_of(outcome, newborn)


def test_an_unnamed_twin_is_not_the_named_one() -> None:
    child = register("H1", name="方子豪", id_no=HIS, **BORN, **PARENTS)
    named = mention("births", "B1", "child", name="方子豪", **BORN, **PARENTS)
    unnamed = mention("births", "B2", "child", **BORN, **PARENTS)
    outcome = resolved(child, named, unnamed)
    assert person_of(outcome, child) == person_of(outcome, named) != person_of(outcome, unnamed)


def test_kin_that_are_only_named_stay_alone_and_trouble_no_clerk() -> None:
    somebody = register("H1", name="方国强", id_no=number("1970-01-01", 1), birth_date="1970-01-01", sex="1")
    kin = mention("death_certificates", "D1", "kin", name="方国强")
    outcome = resolved(somebody, kin)
    assert person_of(outcome, somebody) != person_of(outcome, kin)
    assert outcome.review.num_rows == 0


def decided(word: str, one: Mention, other: Mention) -> pa.Table:
    return pa.table({"mention_a": [one["mention_id"]], "mention_b": [other["mention_id"]], "decision": [word]})


def test_a_clerks_same_holds_against_everything() -> None:
    one, other = register("H1", name="方子豪", id_no=HIS, **BORN), register("H2", name="苗红", id_no=TWINS, **BORN)
    outcome = resolved(one, other, decisions=decided("same", one, other))
    assert person_of(outcome, one) == person_of(outcome, other)
    assert set(outcome.links["decided_by"].to_pylist()) == {"clerk"}


def test_a_clerks_different_parts_what_the_model_is_sure_of_and_is_not_asked_again() -> None:
    child, dead = certificate(name="方子豪"), death(name="方子豪", father_name="方国强", **HOME)
    outcome = resolved(child, dead, decisions=decided("different", child, dead))
    assert person_of(outcome, child) != person_of(outcome, dead)
    assert outcome.review.num_rows == 0


def test_a_clerks_same_decides_between_twins() -> None:
    one = register("H1", name="方子豪", id_no=HIS, **BORN, **HOME, **PARENTS)
    other = register("H2", name="方子杰", id_no=TWINS, **BORN, **HOME, **PARENTS)
    dead = death(name="方子豪", id_no=TWINS, father_name="方国强", **HOME)
    outcome = resolved(one, other, dead, decisions=decided("same", one, dead))
    assert person_of(outcome, dead) == person_of(outcome, one) != person_of(outcome, other)


def test_nobody_is_nobody() -> None:
    outcome = resolved()
    assert (outcome.links.num_rows, outcome.review.num_rows, outcome.events.num_rows) == (0, 0, 0)
