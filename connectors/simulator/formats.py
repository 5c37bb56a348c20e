"""Deliveries as bytes: csv in a declared encoding, xlsx with text cells, parquet. The same table, the same bytes."""

from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

FORMATS: Final[dict[str, tuple[str, str]]] = {  # feed → suffix and encoding
    "household_register": ("csv", "utf-8"),
    "only_child_certificates": ("csv", "utf-8"),
    "births": ("csv", "gb18030"),
    "marriages": ("csv", "gbk"),
    "adoptions": ("csv", "gb18030"),
    "death_certificates": ("csv", "gb18030"),
    "cremations": ("csv", "gb18030"),
    "disability_certificates": ("xlsx", "utf-8"),
    "medical_settlements": ("parquet", "utf-8"),
    "care_insurance_claims": ("xlsx", "utf-8"),
    "low_income": ("csv", "gbk"),
}
_NAMESPACE: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_NAMESPACE} xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}  # fmt: skip


def to_csv(table: pa.Table, encoding: str, *, quoted: bool) -> bytes:
    """Comma separated, with a header; raises UnicodeEncodeError where the encoding cannot hold a character."""
    sink = BytesIO()
    options = csv.WriteOptions(include_header=False, quoting_style="needed" if quoted else "none")
    csv.write_csv(table, sink, options)
    header = ",".join(table.column_names) + "\n"
    if encoding == "utf-8":
        return header.encode() + sink.getvalue()
    return (header + sink.getvalue().decode()).encode(encoding)


def to_parquet(table: pa.Table) -> bytes:
    """Parquet with all columns as text."""
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def to_xlsx(table: pa.Table) -> bytes:
    """One sheet, every cell text; built by hand because a stamped date of creation would change the bytes."""
    sink = BytesIO()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, content in {**_PARTS, "xl/worksheets/sheet1.xml": _sheet(table)}.items():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, _DECLARATION + content)
    return sink.getvalue()


def _sheet(table: pa.Table) -> str:
    header = pa.table({name: pa.array([name]) for name in table.column_names})
    rows = [*_rows(header, 1), *_rows(table, 2)]
    corner = f"{_letters(table.num_columns - 1)}{table.num_rows + 1}"
    return f'<worksheet {_NAMESPACE}><dimension ref="A1:{corner}"/><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _rows(table: pa.Table, first: int) -> list[str]:
    """Each row as XML; an empty cell is left out."""
    if table.num_rows == 0:
        return []
    number = pa.array(range(first, first + table.num_rows)).cast(pa.string())
    cells = [
        _cells(column.combine_chunks(), _letters(place), number) for place, column in enumerate(table.itercolumns())
    ]
    start = pc.binary_join_element_wise('<row r="', number, '">', "")
    joined: list[str] = pc.binary_join_element_wise(start, *cells, "</row>", "").to_pylist()
    return joined


def _cells(column: pa.Array, letters: str, number: pa.Array) -> pa.Array:
    safe = column
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        safe = pc.replace_substring(safe, character, written)
    opening = f'<c r="{letters}'
    middle = '" t="inlineStr"><is><t xml:space="preserve">'
    return pc.coalesce(pc.binary_join_element_wise(opening, number, middle, safe, "</t></is></c>", ""), "")


def _letters(place: int) -> str:
    return ("" if place < 26 else chr(64 + place // 26)) + chr(65 + place % 26)
