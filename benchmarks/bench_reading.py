"""Reading, checking and standardising a delivery of twelve columns, beside the least that other tools do with it.

python -m benchmarks reading

Each row is a process of its own, so that its peak is its own; the imports are done before the clock starts.
"""

import csv
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd
import pyarrow as pa

from benchmarks.bench_gate import FEED, drawn
from benchmarks.measuring import run
from transforms.feeds import load_contract
from transforms.schemas import ROW_NUMBER

DELIVERED_ON = date(2025, 6, 2)
ROWS = {"csv": 1_000_000, "xlsx": 200_000, "view": 1_000_000}
CLAIMS = {"csv": "12 s, 1,500 MB", "xlsx": "10 s, 1,500 MB", "view": "15 s, 1,500 MB"}
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}


def written(kind: str, rows: int, folder: Path) -> Path:
    """The delivery as a file, headers in Chinese as an agency writes them."""
    path = folder / f"{FEED}_{DELIVERED_ON:%Y%m%d}_full.{kind}"
    _WRITERS[kind](path, list(_records(rows)))
    return path


def _records(rows: int) -> Iterator[list[str]]:
    delivered = drawn(rows)
    yield [delivered.expected_headers[name] for name in load_contract(FEED).column_names]
    yield from map(list, zip(*(column.to_pylist() for column in _cells(delivered.table)), strict=True))


def _cells(table: pa.Table) -> list[pa.ChunkedArray]:
    return table.drop_columns([ROW_NUMBER]).columns


def _write_csv(path: Path, records: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as page:
        csv.writer(page).writerows(records)


def _write_xlsx(path: Path, records: list[list[str]]) -> None:
    """By hand: a library that writes workbooks takes a minute for this one."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'.format
    lines = ("<row>" + "".join(cell(escape(text)) for text in record) + "</row>" for record in records)
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, part)


_WRITERS: dict[str, Callable[[Path, list[list[str]]], None]] = {"csv": _write_csv, "xlsx": _write_xlsx}


def _files(path: Path) -> Callable[[], Any]:
    """The file's bytes → text columns, as a night reads them."""
    from connectors.base import Delivery, FeedSource
    from connectors.reading import read_content

    contract, source = load_contract(FEED), FeedSource(FEED, "files", str(path.parent))
    delivery = Delivery("D0", FEED, path.name, DELIVERED_ON, "full", 0, "", path.stat().st_size, "", "utf-8")
    return lambda: read_content(path.read_bytes(), delivery, contract, source)


def _view(path: Path) -> Callable[[], Any]:
    """All rows of the view whose database the file names → text columns, landed and read as a night does."""
    from connectors.base import Delivery, FeedSource
    from connectors.database import DatabaseConnector
    from connectors.pulling import Window
    from connectors.reading import read_content

    source = FeedSource(FEED, "database", path.read_text())
    delivery = Delivery("D0", FEED, f"{path.stem}.parquet", DELIVERED_ON, "full", 0, "", 0, "", "utf-8")
    door, contract = DatabaseConnector(source), load_contract(FEED)
    return lambda: read_content(door.pull(Window(None, None)).content, delivery, contract, source)


DOORS: dict[str, Callable[[Path], Callable[[], Any]]] = {  # suffix → how to Delivered
    ".csv": _files,
    ".xlsx": _files,
    ".view": _view,
}


def ours(path: Path) -> Callable[[], Any]:
    """What lies at the path → accepted and refused rows, as a night does it."""
    from expectations import DeliveryFacts, gate, warm_up

    warm_up()
    contract, read = load_contract(FEED), DOORS[path.suffix](path)
    facts = DeliveryFacts(path.name, "D0", DELIVERED_ON, "full")

    def work() -> None:
        found = gate(contract, read(), delivery=facts, volumes=[], known_rows=0)
        if found.status != "loaded":
            raise RuntimeError(found.reason_code)

    return work


def bare_pandas(path: Path) -> Callable[[], Any]:
    """The cells as text, and nothing more."""
    if path.suffix == ".csv":
        return lambda: pd.read_csv(path, dtype=str)
    if path.suffix == ".view":
        return lambda: _select(path.read_text())
    return lambda: pd.read_excel(path, dtype=str, engine="calamine")


def _select(url: str) -> pd.DataFrame:
    import sqlalchemy as sa

    with sa.create_engine(url).connect() as connection:
        return pd.read_sql(sa.text(f"SELECT * FROM {FEED}"), connection, dtype=str)  # a name of ours


def bare_gx(path: Path) -> Callable[[], Any]:
    """pandas, and one expectation a column on the cells as they came."""
    from expectations import warm_up
    from expectations.context import count_findings

    warm_up()
    read = bare_pandas(path)

    def work() -> None:
        cells = read()
        count_findings(cells, severities=dict.fromkeys(map(str, cells), "row"))

    return work


WORK = {"bare pandas": bare_pandas, "bare GX on bare pandas": bare_gx, "nuanxin: read, check, standardise": ours}


def _held(path: Path, rows: int, url: str) -> None:
    """The same rows in PostgreSQL behind a view, every column text."""
    import sqlalchemy as sa
    from adbc_driver_postgresql import dbapi

    table = drawn(rows).table.drop_columns([ROW_NUMBER])
    table = table.append_column("updated_at", pa.repeat(pa.scalar("2025-06-01 08:00:00"), rows))
    with dbapi.connect(url.replace("+psycopg", "")) as connection:
        connection.cursor().adbc_ingest("held", table)
        connection.commit()
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text(f"CREATE VIEW {FEED} AS SELECT * FROM held"))
    path.write_text(url)


def main() -> pd.DataFrame:
    """Seconds and peak of each, and the ratio to bare pandas of the same format."""
    from tests.postgres import cluster

    found = []
    with tempfile.TemporaryDirectory() as folder, cluster() as server:
        for kind, rows in ROWS.items():
            path = Path(folder) / f"{FEED}_{DELIVERED_ON:%Y%m%d}_full.view"
            if kind == "view":
                _held(path, rows, server.create("agency"))
            else:
                path = written(kind, rows, Path(folder))
            measured = [_measured(kind, rows, name, path) for name in WORK]
            found += [{**each, "ratio": round(each["seconds"] / measured[0]["seconds"], 1)} for each in measured]
    return pd.DataFrame(found)[["format", "rows", "what", "seconds", "cpu_s", "peak_mb", "ratio", "claim"]]


def _measured(kind: str, rows: int, name: str, path: Path) -> dict[str, Any]:
    ran = run([sys.executable, "-m", "benchmarks.bench_reading", name, str(path)])
    told = json.loads(ran.out.splitlines()[-1])
    claim = CLAIMS[kind] if WORK[name] is ours else None
    return {"format": kind, "rows": f"{rows:,}", "what": name, "peak_mb": round(ran.peak_mb), "claim": claim, **told}


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


if __name__ == "__main__":
    work = WORK[sys.argv[1]](Path(sys.argv[2]))
    began, cpu = time.perf_counter(), _cpu()
    work()
    print(json.dumps({"seconds": round(time.perf_counter() - began, 2), "cpu_s": round(_cpu() - cpu, 2)}))
