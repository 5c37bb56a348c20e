"""Mentions as rows and integers."""

from tests.transforms.linkage.drawn import Mention, mention, number, table
from transforms.linkage.evidence import gather

NUMBER = number("1999-03-10", 101)


def treated(mention_id: str, key: str = "S1", **told: object) -> Mention:
    return mention("medical_settlements", key, name="方子豪", **told) | {"mention_id": mention_id}


def test_rows_are_in_the_order_of_mention_ids_however_much_those_have_in_common() -> None:
    ids = ["medical-2", "medical-10", "medical-1", "zz", "a"]
    for some in (ids, ids[:3]):
        rows = gather(table(*(treated(each, str(n)) for n, each in enumerate(some)))).mentions
        assert rows["mention_id"].to_pylist() == sorted(some)


def test_a_number_is_trusted_where_the_record_states_the_birth_and_no_relative_has_it() -> None:
    rows = [
        treated("a", "S1", id_no=NUMBER, birth_date="1999-03-10"),
        treated("b", "S2", id_no=NUMBER),
        treated("c", "S3", id_no=NUMBER, birth_date="1999-03-10", father_id_no=NUMBER),
        mention("household_register", "H1", name="方子豪", id_no=NUMBER) | {"mention_id": "d"},
    ]
    assert (gather(table(*rows)).number >= 0).tolist() == [True, False, False, True]


def test_a_record_is_shared_only_where_it_can_be() -> None:
    rows = [mention("births", "B1", role) | {"mention_id": role} for role in ("child", "father")]
    alone = [treated(each, "B1") for each in ("x", "y")]
    assert gather(table(*rows, *alone)).record.tolist() == [0, 0, -1, -1]
