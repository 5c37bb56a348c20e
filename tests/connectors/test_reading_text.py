"""csv and tsv: every record becomes text columns or a fault with its row number, in the declared encoding."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import DeliveryUnreadable
from connectors.reading.delimited import read_delimited
from tests.connectors.inbox import Inbox

CSV = "cremations_20250603_delta.csv"
HEADER = "火化编号,死者姓名,火化日期\n"


def test_a_record_is_text_under_nuanxins_names(inbox: Inbox) -> None:
    read = inbox.reads(CSV, HEADER + "007,王小明,2025/6/1\n")
    assert read.table.to_pylist() == [
        {"record_no": "007", "name": "王小明", "cremated_on": "2025/6/1", "_row_number": 2}
    ]
    assert read.faults.num_rows == 0


def test_blank_is_null_and_all_other_text_stays(inbox: Inbox) -> None:
    read = inbox.reads(CSV, HEADER + '1,, x \n2,"",NA\n3,NULL,０\n')
    assert read.table["name"].to_pylist() == [None, None, "NULL"]
    assert read.table["cremated_on"].to_pylist() == [" x ", "NA", "０"]


def test_a_tsv_is_cut_at_tabs(inbox: Inbox) -> None:
    read = inbox.reads("cremations_20250603.tsv", "火化编号\t死者姓名\t火化日期\n1\t王,小明\t2025-06-01\n")
    assert read.table["name"].to_pylist() == ["王,小明"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_inside_quotes_belong_to_the_cell(inbox: Inbox, end: str) -> None:
    text = HEADER + '1,"王\n小明",2025-06-01\n2,李,2025-06-02\n'
    read = inbox.reads(CSV, text.replace("\n", end))
    assert read.table["name"].to_pylist() == [f"王{end}小明", "李"]
    assert read.table["_row_number"].to_pylist() == [2, 3]


def test_hostile_text_stays_the_text_it_is(inbox: Inbox) -> None:
    names = ["=cmd()", "<script>", "'; drop table", 'a"b', "a,b"]
    quoted = "".join(f'{at},"{name.replace(chr(34), chr(34) * 2)}",d\n' for at, name in enumerate(names))
    assert inbox.reads(CSV, HEADER + quoted).table["name"].to_pylist() == names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rare_characters_and_long_names_come_through(tmp_path: Path, encoding: str) -> None:
    inbox = Inbox(tmp_path, encoding=encoding)
    names = ["𠮷𬎆㛃", "买买提·艾力", "阿" * 50]
    rows = "".join(f"{at},{name},2025-06-01\n" for at, name in enumerate(names))
    read = inbox.reads(CSV, HEADER + rows)
    assert read.table["name"].to_pylist() == names


def test_gb18030_of_2022_has_no_private_characters(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, encoding="gb18030")
    content = HEADER.encode("gb18030") + b"1,\xfe\x59\xa6\xd9\xfe\x51,d\n"
    assert inbox.reads(CSV, content).table["name"].to_pylist() == ["龴︐𠂇"]


def test_a_byte_order_mark_is_accepted_where_none_was_declared(inbox: Inbox) -> None:
    assert inbox.reads(CSV, "\ufeff" + HEADER + "1,王,d\n").missing_columns[0] != "record_no"


def test_a_quoted_header_behind_a_byte_order_mark_is_one_header(inbox: Inbox) -> None:
    read = inbox.reads(CSV, '\ufeff"备\n注",火化编号\nx,1\n')
    assert read.table.to_pylist() == [{"record_no": "1", "_row_number": 2}]


def test_rows_are_counted_as_records_and_blank_lines_are_none(inbox: Inbox) -> None:
    read = inbox.reads(CSV, "\n" + HEADER + '1,"a\nb",d\n\n2,c,d\n')
    assert read.table["_row_number"].to_pylist() == [2, 3]


def test_a_row_with_too_few_or_too_many_fields_is_a_fault_with_its_counts(inbox: Inbox) -> None:
    read = inbox.reads(CSV, HEADER + "1,a,d\n2,b\n3,c,d\n4,e,d,x\n5,f,d\n")
    assert read.table["_row_number"].to_pylist() == [2, 4, 6]
    assert read.table["record_no"].to_pylist() == ["1", "3", "5"]
    told = [(row["_row_number"], row["reason_code"], row["detail"]) for row in read.faults.to_pylist()]
    assert told == [
        (3, "broken_structure", "fields=2 expected=3"),
        (5, "broken_structure", "fields=4 expected=3"),
    ]
    assert read.faults["delivered_text"].to_pylist() == ["2,b", "4,e,d,x"]


def test_a_row_with_bytes_the_encoding_lacks_is_a_fault_with_their_offset(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, encoding="gb18030")
    before = (HEADER + "1,王,d\n2,").encode("gb18030")
    read = inbox.reads(CSV, before + b"\xff\xff,d\n" + "3,李,d\n".encode("gb18030"))
    assert read.table["_row_number"].to_pylist() == [2, 4]
    (fault,) = read.faults.to_pylist()
    assert (fault["_row_number"], fault["reason_code"]) == (3, "undecodable")
    assert fault["detail"] == f"byte_offset={len(before)}"
    assert fault["delivered_text"] == "2\t\\xff\\xff\td"


def test_lost_bytes_never_become_a_replacement_character(inbox: Inbox) -> None:
    read = inbox.reads(CSV, (HEADER + "1,王,d\n2,").encode() + b"\xc3,d\n")
    assert "\ufffd" not in str(read.table.to_pylist()) + str(read.faults.to_pylist())


def test_a_broken_row_with_lost_bytes_is_told_as_undecodable(inbox: Inbox) -> None:
    read = inbox.reads(CSV, (HEADER + "1,王,d\n2,b\n3,").encode() + b"\xff\n" + b"4,c,d\n5,c,d\n")
    assert read.faults["reason_code"].to_pylist() == ["broken_structure", "undecodable"]
    assert read.faults["_row_number"].to_pylist() == [3, 4]


def test_half_of_the_rows_undecodable_is_read_and_more_is_the_wrong_encoding(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, encoding="gb18030")
    header, good, bad = HEADER.encode("gb18030"), b"1,a,d\n", b"2,\xff,d\n"
    assert inbox.reads(CSV, header + good + bad).faults.num_rows == 1
    reason, detail = inbox.refusal(CSV, header + good + bad + bad)
    assert (reason, detail["declared"], detail["rows"]) == ("wrong_encoding", "gb18030", 2)


@pytest.mark.parametrize(
    ("declared", "real"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("gbk", "utf-8"), ("utf-8", "utf-16")]
)
def test_the_wrong_encoding_is_told_by_name(tmp_path: Path, declared: str, real: str) -> None:
    inbox = Inbox(tmp_path, encoding=declared)
    reason, detail = inbox.refusal(CSV, (HEADER + "1,王小明,2025-06-01\n").encode(real))
    assert (reason, detail["declared"], detail["looks_like"]) == ("wrong_encoding", declared, real)


def test_a_header_of_no_encoding_is_the_wrong_encoding(inbox: Inbox) -> None:
    assert inbox.refusal(CSV, b"\xff\xfe\xff,\xff\n1,2\n")[0] == "wrong_encoding"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ('1,a,d\n2,b,"2025', "open_quote"),
        ('1,a,d\n2,"b,d\n3,c,d\n', "open_quote"),
        ('1,x"y,d\n2,b,"2025-06\n', "open_quote"),
        ("1,a,d\n2,b", "short_last_row"),
    ],
)
def test_half_a_file_is_refused(inbox: Inbox, text: str, how: str) -> None:
    reason, detail = inbox.refusal(CSV, HEADER + text)
    assert (reason, detail["how"], detail["row"]) == ("half_file", how, 3)


def test_a_file_cut_inside_a_character_is_half_a_file(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, encoding="gb18030")
    content = (HEADER + "1,王,d\n2,李,丁").encode("gb18030")[:-1]
    assert inbox.refusal(CSV, content) == ("half_file", {"how": "cut_character"})


def test_a_lost_byte_in_a_whole_last_line_is_only_a_fault(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, encoding="gb18030")
    read = inbox.reads(CSV, HEADER.encode("gb18030") + b"1,a,d\n2,b,\xff3\n")
    assert read.faults["reason_code"].to_pylist() == ["undecodable"]


def test_an_open_quote_longer_than_a_block_is_half_a_file() -> None:
    content = b'a,b\n1,2\n3,"' + b"4,5\n" * 3_000_000
    with pytest.raises(DeliveryUnreadable) as told:
        read_delimited(content, "utf-8", ",", is_vouched=False)
    assert told.value.detail == {"how": "open_quote", "row": 3}


def test_a_whole_file_needs_no_last_line_end(inbox: Inbox) -> None:
    assert inbox.reads(CSV, HEADER + "1,a,d").table.num_rows == 1


def test_a_short_last_row_that_its_sentinel_vouches_for_is_only_a_fault(inbox: Inbox) -> None:
    read = inbox.reads(CSV, HEADER + "1,a,d\n2,b", rows=2)
    assert read.faults["reason_code"].to_pylist() == ["broken_structure"]


def test_fewer_records_than_the_sentinel_declares_is_half_a_file(inbox: Inbox) -> None:
    refusal = inbox.refusal(CSV, HEADER + "1,a,d\n", rows=2)
    assert refusal == ("half_file", {"how": "sentinel_rows", "declared": 2, "found": 1})


def test_faulty_records_count_for_the_sentinel(inbox: Inbox) -> None:
    assert inbox.reads(CSV, HEADER + "1,a,d\n2,b\n", rows=2).rows_read == 2


@pytest.mark.parametrize(
    ("content", "how"), [(b"", "no_bytes"), (b"\n\n", "no_header"), (b"\xef\xbb\xbf", "no_header")]
)
def test_an_empty_file_is_refused(inbox: Inbox, content: bytes, how: str) -> None:
    assert inbox.refusal(CSV, content) == ("empty_file", {"how": how})


def test_a_header_alone_is_a_delivery_without_news(inbox: Inbox) -> None:
    read = inbox.reads(CSV, HEADER)
    assert (read.table.num_rows, read.table.column_names) == (0, ["record_no", "name", "cremated_on", "_row_number"])


def test_another_format_under_the_name_of_a_csv_is_told(inbox: Inbox) -> None:
    assert inbox.refusal(CSV, b"PK\x03\x04 zip") == ("wrong_format", {"expected": "csv"})


def test_a_key_that_a_spreadsheet_rounded_is_a_fault(inbox: Inbox) -> None:
    read = inbox.reads(CSV, HEADER + "3.70303E+17,a,d\n2,b,d\n")
    (fault,) = read.faults.to_pylist()
    assert (fault["_row_number"], fault["reason_code"], fault["column_name"]) == (2, "digits_lost", "record_no")
    assert read.table["record_no"].to_pylist() == ["2"]


_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufdd0\ufdd1\ufdd2\ufeff"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.tuples(_CELL, _CELL), st.none()), max_size=12), st.sampled_from(["utf-8", "gb18030"]))
def test_every_record_comes_back_under_its_number(rows: list[tuple[str, str] | None], encoding: str) -> None:
    """None stands for a record with a field too many."""
    quoted = ['"x","y","z"' if row is None else ",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows]
    text = "\n".join(["a,b", *quoted]) + "\n"
    raw = read_delimited(text.encode(encoding), encoding, ",", is_vouched=False)
    numbered = dict(
        zip(raw.row_numbers.to_pylist(), zip(*(c.to_pylist() for c in raw.columns), strict=True), strict=True)
    )
    expected = {at: tuple(cell or None for cell in row) for at, row in enumerate(rows, 2) if row is not None}
    assert numbered == expected
    assert raw.faults["_row_number"].to_pylist() == [at for at, row in enumerate(rows, 2) if row is None]


def test_a_zero_byte_in_the_header_costs_no_record() -> None:
    read = read_delimited(b"a,b,\x00\n1,2\n3,4,5\n6,7\n", "utf-8", ",", is_vouched=False)
    assert read.row_numbers.to_pylist() == [3]
    assert read.faults["_row_number"].to_pylist() == [2, 4]


def test_utf_16_without_its_mark_is_the_wrong_encoding() -> None:
    with pytest.raises(DeliveryUnreadable) as told:
        read_delimited("a,b\n".encode("utf-16-le"), "utf-16", ",", is_vouched=False)
    assert told.value.reason_code == "wrong_encoding"
