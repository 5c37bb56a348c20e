"""A whole delivery: typed columns in the contract's order, keys, hashes, defects."""

from datetime import date, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.drawn import delivered, identity_number, parsed
from transforms.feeds import FEEDS, load_contract
from transforms.schemas import DEFECTS
from transforms.standardise.feed import parse_feed


def test_a_column_that_the_delivery_lacks_is_all_null_and_no_defect():
    read = parsed("cremations", "record_no | name | cremated_on\nH1 | 张三 | 20250601")
    assert read.table["handler_name"].to_pylist() == [None]
    assert read.defects.num_rows == 0


def test_every_cell_has_the_type_of_its_column():
    read = parsed(
        "medical_settlements",
        """
        setl_id | psn_name | brdy     | gend | setl_time       | medfee_sumamt | main_icd10
        S1      | 张 三    | 19620417 | 男   | 2025/6/1 09:30  | 1,234.50      | i21.9
        """,
    ).table.to_pylist()[0]
    assert read["psn_name"] == "张三"
    assert read["brdy"] == date(1962, 4, 17)
    assert read["setl_time"] == datetime(2025, 6, 1, 9, 30)
    assert (read["gend"], read["medfee_sumamt"], read["main_icd10"]) == ("1", 123450, "I21.9")


def test_a_defect_names_row_column_and_reason():
    read = parsed(
        "births",
        """
        birth_certificate_no | birth_date | mother_name | birth_order
        B1                   | 2025-06-01 | 张三        | 1
        B2                   | 2025-06-31 | 李四        | 一
        """,
    )
    assert read.defects.schema == DEFECTS
    assert sorted(tuple(row.values()) for row in read.defects.to_pylist()) == [
        (3, "birth_date", "unreadable_date"),
        (3, "birth_order", "not_a_number"),
    ]


def test_only_the_ends_of_a_term_may_lie_ahead_of_the_delivery():
    read = parsed("disability_certificates", "cert_no | issued_on | valid_to\nX | 20350601 | 20350601")
    assert read.table["valid_to"].to_pylist() == [date(2035, 6, 1)]
    assert ("issued_on", "date_in_future") in zip(
        read.defects["column_name"].to_pylist(), read.defects["reason_code"].to_pylist(), strict=True
    )


def test_the_record_key_joins_the_parts_as_read():
    read = parsed(
        "death_certificates",
        """
        certificate_no | version
        A１            | ２
        A2             |
        """,
    )
    assert read.table["_record_key"].to_pylist() == ["A1|2", "A2|"]


def test_a_date_in_the_key_is_iso_text():
    number = identity_number("19620417", sex=1)
    read = parsed(
        "low_income",
        f"household_no | member_name | member_id_no | valid_from\nL1 | 张三 | {number} | 2025年1月1日",
    )
    assert read.table["_record_key"].to_pylist() == [f"L1|{number}|2025-01-01"]


def test_a_key_that_cannot_be_read_still_names_the_row():
    read = parsed("household_register", "household_no | id_no\nH1 | 37030319")
    assert read.table["_record_key"].to_pylist() == ["H1|37030319"]


@pytest.mark.parametrize("number", ["", "无", "1", "000000000000000000"])
def test_a_placeholder_is_an_empty_part_of_the_key(number):
    drawing = f"household_no | member_name | member_id_no | valid_from\nL1 | 张三 | {number} | 20250101"
    assert parsed("low_income", drawing).table["_record_key"].to_pylist() == ["L1||2025-01-01"]


def test_a_damaged_number_stands_beside_its_column():
    read = parsed("births", "birth_certificate_no | mother_id_no\nB1 | 3703031985010112x")
    assert read.table["mother_id_no"].to_pylist() == [None]
    assert read.table["_mother_id_no_damaged"].to_pylist() == ["3703031985010112X"]


def test_the_hash_is_of_what_was_delivered_without_the_ends():
    one, other, spelled = (
        parsed("cremations", f"record_no | name | cremated_on\nH1 | {cells}").table["_content_hash"][0].as_py()
        for cells in ("张三 | 20250601", " 张三  | 20250601 ", "张三 | 2025-06-01")
    )
    assert one == other != spelled
    assert len(one) == 16


def test_a_value_in_the_next_column_gives_another_hash():
    table = delivered("record_no | name | organ_name\nH1 | 张三 |\nH1 |  | 张三")
    hashes = parse_feed(load_contract("cremations"), table, delivered_on=date(2025, 6, 2)).table["_content_hash"]
    assert hashes[0] != hashes[1]


@settings(deadline=None)
@given(st.sampled_from(FEEDS), st.lists(st.text(max_size=20), max_size=5))
def test_no_text_in_any_column_of_any_feed_makes_reading_fail(feed, texts):
    contract = load_contract(feed)
    columns = {name: pa.array(texts, pa.string()) for name in contract.column_names}
    table = pa.table({**columns, "_row_number": pa.array(range(2, len(texts) + 2), pa.int64())})
    read = parse_feed(contract, table, delivered_on=date(2025, 6, 2))
    assert read.table["_row_number"].to_pylist() == list(range(2, len(texts) + 2))
    assert set(contract.column_names) <= set(read.table.column_names)
