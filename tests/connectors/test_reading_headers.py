"""Which column stands under which header, and what is told when none does."""

import re
from pathlib import Path

from tests.connectors.inbox import Inbox

CSV = "cremations_20250603_delta.csv"


def test_columns_come_in_the_contracts_order(inbox: Inbox) -> None:
    read = inbox.reads(CSV, "火化日期,火化编号,死者姓名\nd,1,a\n")
    assert read.table.column_names == ["record_no", "name", "cremated_on", "_row_number"]
    assert read.table["record_no"].to_pylist() == ["1"]


def test_the_sites_header_stands_in_place_of_the_contracts(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, columns={"cremated_on": "火化时间"})
    read = inbox.reads(CSV, "火化编号,死者姓名,火化时间,火化日期\n1,a,mapped,default\n")
    assert read.table["cremated_on"].to_pylist() == ["mapped"]
    assert read.unknown_headers == ("火化日期",)


def test_a_mapped_header_that_is_absent_is_missing_though_the_contracts_is_there(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, columns={"cremated_on": "火化时间"})
    read = inbox.reads(CSV, "火化编号,死者姓名,火化日期\n1,a,d\n")
    assert "cremated_on" in read.missing_columns
    assert read.expected_headers["cremated_on"] == "火化时间"


def test_nuanxins_own_names_are_accepted(inbox: Inbox) -> None:
    read = inbox.reads(CSV, "record_no,name,cremated_on\n1,a,d\n")
    assert read.table["cremated_on"].to_pylist() == ["d"]


def test_the_contracts_header_goes_before_nuanxins_own(inbox: Inbox) -> None:
    read = inbox.reads(CSV, "name,死者姓名,火化编号\nown,default,1\n")
    assert read.table["name"].to_pylist() == ["default"]
    assert read.unknown_headers == ("name",)


def test_missing_and_unknown_headers_are_told_and_the_rest_is_read(inbox: Inbox) -> None:
    read = inbox.reads(CSV, "火化编号,姓名\n1,a\n")
    assert {"name", "cremated_on"} <= set(read.missing_columns)
    assert read.unknown_headers == ("姓名",)
    assert read.table["record_no"].to_pylist() == ["1"]


def test_blanks_and_invisible_characters_around_a_header_do_not_matter(inbox: Inbox) -> None:
    read = inbox.reads(CSV, " 火化编号 ,\u200b死者姓名,火化日期\ufeff\n1,a,d\n")
    assert read.unknown_headers == ()


def test_a_header_twice_is_refused(inbox: Inbox) -> None:
    refusal = inbox.refusal(CSV, "火化编号,死者姓名,死者姓名\n1,a,b\n")
    assert refusal == ("duplicate_header", {"header": "死者姓名", "times": 2})


def test_a_file_without_header_is_refused_and_its_first_person_not_quoted(inbox: Inbox) -> None:
    reason, detail = inbox.refusal(CSV, "007,王小明,王小明,2025-06-01\n")
    assert (reason, detail["found"]) == ("wrong_header", 4)
    assert "火化编号" in detail["expected_sample"]
    assert not re.search("王小明|007", str(detail))


def test_a_nameless_column_counts_only_where_something_stands_in_it(inbox: Inbox) -> None:
    assert inbox.reads(CSV, "火化编号,死者姓名,,\n1,a,,x\n").unknown_headers == ("#4",)
