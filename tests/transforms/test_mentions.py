"""Records → mentions: who is told of, which number is trusted, who belongs to whom."""

from datetime import date

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.drawn import identity_number, state
from transforms.mentions import build_mentions, touched_keys
from transforms.schemas import MENTIONS

FATHER = identity_number("19620417", sex=1)
MOTHER = identity_number("19640909", sex=2)
CHILD = identity_number("19900214", sex=1)
WRONG = MOTHER[:17] + ("1" if MOTHER[17] != "1" else "2")


def mentions(feed, drawing):
    """role (in the register: name) → mention."""
    table = build_mentions({feed: state(feed, drawing)})
    key = "name" if feed == "household_register" else "role"
    return {row[key]: row for row in table.to_pylist()}


def certificate(**cells):
    values = {
        "certificate_no": "C1", "issued_on": "19910101", "father_name": "张大山", "father_id_no": FATHER,
        "father_birth_date": "19620417", "mother_name": "李小河", "mother_id_no": MOTHER,
        "child_name": "张小溪", "child_sex": "1", "child_birth_date": "19900214", "child_id_no": CHILD,
        "address": "柳泉路9号3号楼1单元101", "village_code": "371202003004", "phone": "13800000001", **cells,
    }  # fmt: skip
    return mentions("only_child_certificates", "|".join(values) + "\n" + "|".join(values.values()))


def test_a_certificate_speaks_of_three_persons_and_how_they_belong_together():
    told = certificate()
    assert set(told) == {"father", "mother", "child"}
    child = told["child"]
    assert (child["father_name"], child["father_id_no"]) == ("张大山", FATHER)
    assert (child["mother_name"], child["mother_id_no"]) == ("李小河", MOTHER)
    assert (told["father"]["spouse_name"], told["father"]["spouse_id_no"]) == ("李小河", MOTHER)
    assert told["mother"]["child_name"] == "张小溪"
    assert told["mother"]["child_birth_date"] == date(1990, 2, 14)


def test_the_table_has_the_schema_that_rooms_have_agreed_on():
    records = {"cremations": state("cremations", "record_no | name | cremated_on\nH1 | 张三 | 20250601")}
    assert build_mentions(records).schema == MENTIONS
    assert build_mentions({}).schema == MENTIONS


def test_a_blank_parent_is_not_mentioned():
    told = certificate(father_name="", father_id_no="", father_birth_date="")
    assert set(told) == {"mother", "child"}
    assert told["mother"]["spouse_name"] is None


def test_a_placeholder_name_with_a_number_is_mentioned():
    father = certificate(father_name="无", father_birth_date="")["father"]
    assert (father["name"], father["id_no"]) == (None, FATHER)


def test_a_dead_person_without_a_name_is_mentioned_where_a_relative_is():
    told = mentions("cremations", "record_no | name | cremated_on | handler_name\nH1 | 无 | 20250601 | 李四")
    assert told["subject"]["relative_name"] == "李四"
    assert set(mentions("cremations", "record_no | name | cremated_on\nH1 | 无 | 20250601")) == set()


def test_a_newborn_without_a_name_is_mentioned():
    told = mentions("births", "birth_certificate_no | birth_date | mother_name\nB1 | 20250601 | 李小河")
    assert told["child"]["birth_date"] == date(2025, 6, 1)


def test_place_and_address_are_brought_to_today():
    child = certificate()["child"]
    assert (child["division_code"], child["township_code"]) == ("370116", "370116003")
    assert child["address_key"] == "柳泉路9-3-1-101"


@pytest.mark.parametrize(
    ("cells", "role", "id_state", "id_no", "text"),
    [
        ({}, "mother", "valid", MOTHER, MOTHER),
        ({"mother_id_no": MOTHER[:6] + MOTHER[8:17]}, "mother", "from_15", MOTHER, MOTHER[:6] + MOTHER[8:17]),
        ({"mother_id_no": WRONG}, "mother", "bad_check", None, WRONG),
        ({"mother_id_no": MOTHER[:16]}, "mother", "bad_shape", None, MOTHER[:16]),
        ({"mother_id_no": "无"}, "mother", "missing", None, None),
        ({"father_birth_date": "19621704"}, "father", "valid", FATHER, FATHER),
        ({"father_birth_date": "19620517"}, "father", "contradicts", None, FATHER),
        ({"mother_id_no": CHILD, "child_id_no": ""}, "mother", "contradicts", None, CHILD),
        ({"child_id_no": FATHER}, "child", "contradicts", None, FATHER),
        ({"child_id_no": FATHER}, "father", "valid", FATHER, FATHER),
        ({"child_sex": "2"}, "child", "valid", CHILD, CHILD),
    ],
    ids=[
        "valid", "fifteen digits", "wrong check character", "a digit lost", "placeholder",
        "unreadable birth date", "another birth date", "a man's number for the mother",
        "the father's number for the child",
        "the father keeps his", "a mistyped sex alone",
    ],
)  # fmt: skip
def test_which_number_is_trusted(cells, role, id_state, id_no, text):
    told = certificate(**cells)[role]
    assert (told["id_state"], told["id_no"], told["id_no_text"]) == (id_state, id_no, text)


def test_one_number_for_two_roles_that_nothing_decides_is_nobodys():
    told = mentions(
        "adoptions",
        f"""
        cert_no | registered_on | adopter_man_name | adopter_man_id_no | adoptee_name | adoptee_id_no
        A1      | 20200101      | 张大山           | {FATHER}          | 张小溪       | {FATHER}
        """,
    )
    assert {role: row["id_state"] for role, row in told.items()} == {
        "adopter_man": "contradicts",
        "adoptee": "contradicts",
    }


def test_one_number_for_two_roles_stays_with_the_one_whose_sex_agrees():
    told = mentions(
        "adoptions",
        f"""
        cert_no | registered_on | adopter_man_id_no | adoptee_name | adoptee_id_no | adoptee_sex
        A1      | 20200101      | {FATHER}          | 张小溪       | {FATHER}      | 2
        """,
    )
    assert told["adopter_man"]["id_state"] == "valid"
    assert told["adoptee"]["id_state"] == "contradicts"


def test_one_number_in_two_records_contradicts_nothing():
    drawing = f"setl_id | psn_name | certno\nS1 | 张大山 | {FATHER}\nS2 | 张大山 | {FATHER}"
    table = build_mentions({"medical_settlements": state("medical_settlements", drawing)})
    assert table["id_state"].to_pylist() == ["valid", "valid"]


def test_a_birth_date_that_is_not_stated_comes_from_the_number():
    mother = certificate()["mother"]
    assert (mother["birth_date"], mother["birth_source"]) == (date(1964, 9, 9), "id_no")


def test_a_number_that_is_not_trusted_gives_no_birth_date():
    mother = certificate(mother_id_no=WRONG)["mother"]
    assert (mother["birth_date"], mother["birth_source"], mother["birth_year"]) == (None, "none", None)


def test_an_age_gives_a_year_of_birth():
    told = mentions(
        "cremations", "record_no | name | age | died_on | cremated_on\nH1 | 张三 | 62 | 20250530 | 20250601"
    )
    subject = told["subject"]
    assert (subject["birth_date"], subject["birth_source"], subject["birth_year"]) == (None, "age", 1963)


def test_sex_is_stated_or_implied_or_in_the_number():
    told = certificate(child_sex="")
    assert (told["father"]["sex"], told["mother"]["sex"], told["child"]["sex"]) == ("1", "2", "1")


def test_a_name_is_compared_in_simplified_characters():
    father = certificate(father_name="張 大 山")["father"]
    assert (father["name"], father["name_pinyin"]) == ("张大山", "zhang da shan")


def test_a_child_known_only_by_its_parent():
    told = mentions("death_certificates", "certificate_no | name | died_at\nD1 | 张大山之女 | 2025-06-01 08:00")
    assert (told["subject"]["name"], told["subject"]["relative_name"]) == (None, "张大山")
    assert told["subject"]["sex"] == "2"


def death(relation, sex="1"):
    return mentions(
        "death_certificates",
        f"""
        certificate_no | name   | sex   | id_no   | died_at          | kin_name | kin_relation
        D1             | 张小溪 | {sex} | {CHILD} | 2025-06-01 08:00 | 张大山   | {relation}
        """,
    )


@pytest.mark.parametrize(
    ("relation", "of_subject", "of_kin"),
    [
        ("父亲", "father_name", "child_name"),
        ("母亲", "mother_name", "child_name"),
        ("配偶", "spouse_name", "spouse_name"),
        ("子女", "child_name", "father_name"),
        ("其他", "relative_name", "relative_name"),
        ("", "relative_name", "relative_name"),
    ],
)
def test_what_the_kin_is_to_the_dead_is_read_from_both_sides(relation, of_subject, of_kin):
    told = death(relation)
    names = [name for name in MENTIONS.names if name.endswith("_name") and name != "former_name"]
    assert {name: told["subject"][name] for name in names if told["subject"][name]} == {of_subject: "张大山"}
    assert {name: told["kin"][name] for name in names if told["kin"][name]} == {of_kin: "张小溪"}


def test_the_kin_of_a_dead_woman_names_her_as_mother():
    told = death("子女", sex="2")
    assert (told["kin"]["mother_name"], told["kin"]["mother_id_no"]) == ("张小溪", CHILD)


def test_a_father_tells_the_childs_number_and_birth():
    kin = death("父亲")["kin"]
    assert (kin["sex"], kin["child_id_no"], kin["child_birth_date"]) == ("1", CHILD, date(1990, 2, 14))


def test_the_spouse_of_a_man_is_a_woman():
    assert death("配偶")["kin"]["sex"] == "2"


@pytest.mark.parametrize(
    ("word", "column", "sex"),
    [
        ("妻子", "spouse_name", "2"),
        ("女儿", "child_name", "2"),
        ("父", "father_name", "1"),
        ("堂兄", "relative_name", None),
    ],
)
def test_a_handlers_relation_is_read_from_words(word, column, sex):
    told = mentions(
        "cremations",
        f"record_no|name|cremated_on|handler_name|handler_relation\nH1 | 张三 | 20250601 | 李四 | {word}",
    )
    assert told["subject"][column] == "李四"
    assert told["handler"]["sex"] == sex


def test_a_certificate_of_death_numbered_by_the_person_tells_the_number():
    told = mentions("death_certificates", f"certificate_no | name | died_at\n{CHILD} | 张小溪 | 2025-06-01 08:00")
    assert told["subject"]["id_no"] == CHILD


def test_a_disability_number_tells_the_identity_number():
    told = mentions("disability_certificates", f"cert_no | name\n{CHILD}42B1 | 张小溪")
    assert told["subject"]["id_no"] == CHILD


HOUSEHOLD = """
household_no | id_no     | name   | sex | birth_date | relation_code | cancelled_on
H1           | {father}  | 张大山 | 1   | 19620417   | 02            |
H1           | {mother}  | 李小河 | 2   | 19640909   | 10            |
H1           | {child}   | 张小溪 | 1   | 19900214   | 21            |
H1           | {younger} | 张小泉 | 2   | 19930301   | 31            |
H1           | {old}     | 张老山 | 1   | 19350101   | 51            |
H2           | {other}   | 王五   | 1   | 19700101   | 02            |
""".format(
    father=FATHER, mother=MOTHER, child=CHILD, younger=identity_number("19930301", sex=2, place="110101"),
    old=identity_number("19350101", sex=1), other=identity_number("19700101", sex=1),
)  # fmt: skip


def test_a_household_of_the_register_is_a_family():
    told = mentions("household_register", HOUSEHOLD)
    assert (told["张小溪"]["father_id_no"], told["张小溪"]["mother_id_no"]) == (FATHER, MOTHER)
    assert (told["张大山"]["spouse_name"], told["李小河"]["spouse_name"]) == ("李小河", "张大山")
    assert told["李小河"]["child_name"] == "张小溪"  # the eldest
    assert told["张大山"]["father_name"] == "张老山"
    assert told["张老山"]["child_name"] == "张大山"
    assert told["王五"]["spouse_name"] is None
    assert told["王五"]["household_no"] == "H2"


def test_a_woman_at_the_head_is_the_mother():
    swapped = HOUSEHOLD.replace(
        "| 02            |\nH1           | " + MOTHER, "| 10            |\nH1           | " + MOTHER
    )
    told = mentions("household_register", swapped.replace("19640909   | 10", "19640909   | 02"))
    assert (told["张小溪"]["father_name"], told["张小溪"]["mother_name"]) == ("张大山", "李小河")


def test_a_new_head_counts_before_a_dead_one():
    grandfather = f"H1 | {identity_number('19300101', sex=1)} | 张先人 | 1 | 19300101 | 02 | 20250101"
    told = mentions("household_register", HOUSEHOLD.strip() + "\n" + grandfather)
    assert told["张小溪"]["father_name"] == "张大山"
    assert told["李小河"]["spouse_name"] == "张大山"


def test_a_daughter_in_law_is_no_child():
    told = mentions("household_register", HOUSEHOLD.replace("| 31 ", "| 38 "))
    assert told["张小泉"]["father_name"] is None


def test_a_cancelled_entry_is_still_a_person():
    told = mentions("household_register", HOUSEHOLD.replace("| 21            |", "| 21            | 20250501"))
    assert told["张小溪"]["father_name"] == "张大山"


def test_only_some_records_give_the_mentions_of_their_whole_household():
    register = state("household_register", HOUSEHOLD)
    everything = build_mentions({"household_register": register})
    some = build_mentions({"household_register": register}, only={"household_register": {f"H1|{CHILD}"}})
    is_home = pc.equal(everything["household_no"], "H1")
    assert some.num_rows == 5
    assert some.equals(everything.filter(is_home))


def test_a_feed_that_is_not_asked_for_gives_no_mention():
    register = {"household_register": state("household_register", HOUSEHOLD)}
    assert build_mentions(register, only={"births": {"B1"}}).num_rows == 0


def test_touched_keys_are_those_of_the_household():
    register = {"household_register": state("household_register", HOUSEHOLD)}
    touched = touched_keys(register, {"household_register": {f"H1|{CHILD}"}, "births": {"B1"}})
    assert len(touched["household_register"]) == 5
    assert touched["births"] == {"B1"}


def test_the_content_hash_changes_with_what_the_mention_says():
    assert certificate()["father"]["content_hash"] != certificate(phone="13800000002")["father"]["content_hash"]
    assert certificate()["father"]["content_hash"] == certificate(child_sex="2")["father"]["content_hash"]


@settings(max_examples=25, deadline=None)
@given(st.permutations(HOUSEHOLD.strip().splitlines()[1:]))
def test_the_order_of_rows_changes_no_mention(lines):
    def by_id(rows):
        table = build_mentions({"household_register": state("household_register", rows)})
        return {row["mention_id"]: row["content_hash"] for row in table.to_pylist()}

    assert by_id("\n".join([HOUSEHOLD.strip().splitlines()[0], *lines])) == by_id(HOUSEHOLD)
