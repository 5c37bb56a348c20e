"""xlsx, parquet, zip and gz: the same text comes out, and what is cut or hostile is refused."""

import io
import stat
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.inbox import Inbox, gzipped, workbook, zipped

XLSX = "cremations_20250603_delta.xlsx"
PARQUET = "cremations_20250603_delta.parquet"
CSV = "cremations_20250603_delta.csv"
HEADER = ("火化编号", "死者姓名", "死者身份证号", "火化日期")
TEXT = "火化编号,死者姓名,死者身份证号,火化日期\n1,𠮷𬎆㛃,370303199001011234,2025-06-01\n"


def parquet(columns: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


# -- xlsx ------------------------------------------------------------------------------------------------------


def test_a_workbook_of_text_is_read_as_it_is(inbox: Inbox) -> None:
    read = inbox.reads(XLSX, workbook([HEADER, ("001", "𠮷𬎆㛃", "37030319900101123X", "2025-06-01")]))
    assert read.table.to_pylist() == [
        {
            "record_no": "001",
            "name": "𠮷𬎆㛃",
            "id_no": "37030319900101123X",
            "cremated_on": "2025-06-01",
            "_row_number": 2,
        }
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12, "12"),
        (12.5, "12.5"),
        (123456789012345, "123456789012345"),
        (45810, "45810"),  # a day as a serial number: standardising knows it
        (date(2025, 6, 1), "2025-06-01"),
        (datetime(2025, 6, 1, 8, 30), "2025-06-01 08:30:00"),
        (time(8, 30), "08:30:00"),
        (True, "TRUE"),
        ("a\nb", "a\nb"),
        (None, None),
    ],
)
def test_a_cell_becomes_the_text_a_person_sees(inbox: Inbox, cell: Any, text: str | None) -> None:
    read = inbox.reads(XLSX, workbook([HEADER, ("1", "a", cell, "d")]))
    assert read.table["id_no"].to_pylist() == [text]


def test_an_id_number_kept_as_a_number_does_not_look_whole(inbox: Inbox) -> None:
    read = inbox.reads(XLSX, workbook([HEADER, ("1", "a", 370303199001011234, "d")]))
    assert read.table["id_no"].to_pylist() == ["3.70303199001011E+17"]


def test_a_key_kept_as_a_number_of_many_digits_is_a_fault(inbox: Inbox) -> None:
    read = inbox.reads(XLSX, workbook([HEADER, (370303199001011234, "a", "", "d"), ("2", "b", "", "d")]))
    assert read.faults["reason_code"].to_pylist() == ["digits_lost"]
    assert read.table["record_no"].to_pylist() == ["2"]


def test_blank_rows_are_no_records_and_the_numbers_are_the_sheets(inbox: Inbox) -> None:
    rows = [HEADER, ("1", "a", "", "d"), ("", "", "", ""), ("2", "b", "", "d"), ("", "", None, "")]
    assert inbox.reads(XLSX, workbook(rows)).table["_row_number"].to_pylist() == [2, 4]


def test_the_header_is_row_one_wherever_it_stands(inbox: Inbox) -> None:
    rows = [("", ""), HEADER, ("1", "a", "", "d")]
    assert inbox.reads(XLSX, workbook(rows)).table["_row_number"].to_pylist() == [2]


def test_several_sheets_with_rows_are_refused_and_empty_ones_are_not(inbox: Inbox) -> None:
    rows = [HEADER, ("1", "a", "", "d")]
    assert inbox.reads(XLSX, workbook(rows, [])).table.num_rows == 1
    assert inbox.refusal(XLSX, workbook(rows, rows))[0] == "several_sheets"


def test_a_workbook_without_cells_is_empty(inbox: Inbox) -> None:
    assert inbox.refusal(XLSX, workbook([])) == ("empty_file", {"how": "no_header"})


def test_half_a_workbook_is_refused(inbox: Inbox) -> None:
    content = workbook([HEADER, ("1", "a", "", "d")])
    assert inbox.refusal(XLSX, content[: len(content) // 2])[0] == "half_file"


def test_a_damaged_workbook_is_refused(inbox: Inbox) -> None:
    assert inbox.refusal(XLSX, zipped(("xl/nothing.xml", b"<"))) == ("half_file", {"how": "workbook_damaged"})


def test_an_old_or_locked_workbook_is_refused(inbox: Inbox) -> None:
    assert inbox.refusal(XLSX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")[0] == "wrong_format"


def test_a_workbook_that_unpacks_to_hundreds_of_times_its_size_is_refused_unopened(inbox: Inbox) -> None:
    reason, detail = inbox.refusal(XLSX, zipped(("xl/worksheets/sheet1.xml", b" " * (40 << 20))))
    assert (reason, detail["how"]) == ("too_large", "declared")


def test_a_workbook_with_a_cell_in_its_far_corner_ends_the_child_and_not_the_night(inbox: Inbox) -> None:
    rows = workbook([HEADER])
    far = workbook_with(rows, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert inbox.refusal(XLSX, far)[0] == "too_large"


def workbook_with(content: bytes, end_of_sheet: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", end_of_sheet)
    return zipped(*parts.items())


# -- parquet ---------------------------------------------------------------------------------------------------


def test_a_parquet_of_text_is_read_as_it_is(inbox: Inbox) -> None:
    read = inbox.reads(
        PARQUET, parquet({"火化编号": ["001", "002"], "死者姓名": ["𠮷𬎆㛃", ""], "火化日期": ["d", None]})
    )
    assert read.table.to_pylist() == [
        {"record_no": "001", "name": "𠮷𬎆㛃", "cremated_on": "d", "_row_number": 2},
        {"record_no": "002", "name": None, "cremated_on": None, "_row_number": 3},
    ]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([370303199001011234]), "370303199001011234"),  # whole numbers are exact here
        (pa.array([370303199001011234.0]), "3.70303199001011E+17"),
        (pa.array([12.0]), "12"),
        (pa.array([12.5]), "12.5"),
        (pa.array([float("nan")]), None),
        (pa.array([date(2025, 6, 1)]), "2025-06-01"),
        (pa.array([datetime(2025, 6, 1, 8, 30)]), "2025-06-01 08:30:00"),
        (pa.array([datetime(2025, 6, 1, 8, 30)], pa.timestamp("us", tz="UTC")), "2025-06-01 16:30:00"),
        (pa.array([Decimal("12.30")]), "12.30"),
        (pa.array([True]), "true"),
        (pa.array(["男"]).dictionary_encode(), "男"),
        (pa.array(["男"], pa.large_string()), "男"),
        (pa.array([None], pa.null()), None),
    ],
)
def test_a_typed_column_goes_back_to_text(inbox: Inbox, values: pa.Array, text: str | None) -> None:
    read = inbox.reads(PARQUET, parquet({"火化编号": ["1"], "住址": values}))
    assert read.table["address"].to_pylist() == [text]


@pytest.mark.parametrize("values", [pa.array([b"\x00"]), pa.array([["a"]])])
def test_a_column_that_cannot_be_text_is_refused(inbox: Inbox, values: pa.Array) -> None:
    refusal = inbox.refusal(PARQUET, parquet({"火化编号": ["1"], "住址": values}))
    assert refusal == ("column_not_text", {"header": "住址"})


def test_text_in_a_parquet_that_is_not_utf8_is_refused(inbox: Inbox) -> None:
    wrong = pa.array(["王".encode("gbk")], pa.binary()).view(pa.string())
    assert inbox.refusal(PARQUET, parquet({"火化编号": ["1"], "死者姓名": wrong}))[0] == "wrong_encoding"


def test_half_a_parquet_is_refused(inbox: Inbox) -> None:
    content = parquet({"火化编号": ["1"]})
    assert inbox.refusal(PARQUET, content[:-4]) == ("half_file", {"how": "no_footer"})
    damaged = content[:8] + b"\xff" * (len(content) - 12) + content[-4:]
    assert inbox.refusal(PARQUET, damaged) == ("half_file", {"how": "parquet_damaged"})


def test_a_parquet_whose_names_are_not_utf8_is_refused(inbox: Inbox) -> None:
    content = parquet({"火化编号": ["1"]}).replace("火化编号".encode(), b"\xe6\xff" + "编号".encode() + b"abcd")
    assert inbox.refusal(PARQUET, content) == ("half_file", {"how": "parquet_damaged"})


def test_something_else_is_no_parquet(inbox: Inbox) -> None:
    assert inbox.refusal(PARQUET, TEXT)[0] == "wrong_format"


@pytest.mark.parametrize("name", [CSV, XLSX, PARQUET, CSV + ".gz", CSV + ".zip"])
def test_a_file_of_no_bytes_is_empty_in_every_format(inbox: Inbox, name: str) -> None:
    assert inbox.refusal(name, b"") == ("empty_file", {"how": "no_bytes"})


# -- zip and gz ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        (CSV + ".gz", gzipped),
        (CSV + ".zip", lambda content: zipped(("anything.csv", content))),
        ("cremations_20250603.zip", lambda content: zipped(("内容.csv", content))),
    ],
)
def test_a_packed_file_reads_like_a_plain_one(inbox: Inbox, name: str, pack: Any) -> None:
    assert inbox.reads(name, pack(TEXT.encode())).table["name"].to_pylist() == ["𠮷𬎆㛃"]


def test_a_packed_workbook_is_read(inbox: Inbox) -> None:
    assert inbox.reads(XLSX + ".gz", gzipped(workbook([HEADER, ("1", "a", "", "d")]))).table.num_rows == 1


@pytest.mark.parametrize(
    ("name", "content"), [(CSV + ".gz", gzipped(TEXT.encode() * 50)), (CSV + ".zip", zipped(("a.csv", TEXT.encode())))]
)
@pytest.mark.parametrize("cut", [0.4, 0.95])
def test_a_cut_archive_is_half_a_file(inbox: Inbox, name: str, content: bytes, cut: float) -> None:
    refusal = inbox.refusal(name, content[: int(len(content) * cut)])
    assert refusal == ("half_file", {"how": "archive_cut"})


def test_a_damaged_archive_is_half_a_file(inbox: Inbox) -> None:
    content = bytearray(zipped(("a.csv", TEXT.encode() * 100)))
    content[60] ^= 0xFF
    assert inbox.refusal(CSV + ".zip", bytes(content)) == ("half_file", {"how": "archive_cut"})


@pytest.mark.parametrize("name", [CSV + ".gz", CSV + ".zip"])
def test_something_else_is_no_archive(inbox: Inbox, name: str) -> None:
    assert inbox.refusal(name, TEXT)[0] == "wrong_format"


def test_an_archive_holds_exactly_one_file(inbox: Inbox) -> None:
    assert inbox.refusal(CSV + ".zip", zipped(("a.csv", b"a"), ("b.csv", b"b"))) == ("archive_members", {"found": 2})
    assert inbox.refusal(CSV + ".zip", zipped()) == ("archive_members", {"found": 0})
    assert inbox.refusal(CSV + ".zip", zipped(("folder/", b""))) == ("archive_members", {"found": 1})


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/../../a.csv", "..\\a.csv", "C:a.csv"])
def test_a_path_that_leads_elsewhere_is_refused(inbox: Inbox, name: str) -> None:
    assert inbox.refusal(CSV + ".zip", zipped((name, TEXT.encode()))) == ("archive_refused", {"why": "path"})


def test_a_link_in_an_archive_is_refused(inbox: Inbox) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert inbox.refusal(CSV + ".zip", zipped((link, b"/etc/hostname"))) == ("archive_refused", {"why": "link"})


def test_an_archive_in_an_archive_is_refused(inbox: Inbox) -> None:
    nested = zipped(("a.csv.gz", gzipped(TEXT.encode())))
    assert inbox.refusal(CSV + ".zip", nested) == ("archive_refused", {"why": "nested"})


def test_a_file_behind_a_password_is_refused(inbox: Inbox) -> None:
    content = bytearray(zipped(("a.csv", TEXT.encode())))
    content[content.rindex(b"PK\x01\x02") + 8] |= 0x1
    assert inbox.refusal(CSV + ".zip", bytes(content)) == ("archive_refused", {"why": "password"})


@pytest.mark.parametrize("name", [CSV + ".gz", CSV + ".zip"])
def test_an_archive_that_unpacks_to_hundreds_of_times_its_size_is_refused(inbox: Inbox, name: str) -> None:
    bomb = b" " * (40 << 20)
    content = gzipped(bomb) if name.endswith("gz") else zipped(("a.csv", bomb))
    reason, detail = inbox.refusal(name, content)
    assert (reason, detail["how"]) == ("too_large", "declared")


def test_two_files_in_one_gz_are_refused(inbox: Inbox) -> None:
    assert inbox.refusal(CSV + ".gz", gzipped(b"a") + gzipped(b"b")) == ("archive_members", {"found": 2})
