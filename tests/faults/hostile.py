# ruff: noqa: E501 - cells are drawn as a table
"""Damaged and hostile deliveries, made from a seed, and what a slow, obvious reader finds in the text ones."""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from tests.connectors.inbox import gzipped, workbook, zipped
from transforms.feeds import load_contract

FEED = "cremations"
DAY = "20250603"
CANARY = "370303199001011234"  # in every delivery, and nowhere outside the lake
CONTRACT = load_contract(FEED)
HEADERS = [column.header for column in CONTRACT.columns]
WELL = [
    "",
    "王小明",
    CANARY,
    "男",
    "35",
    "张店区某路 1 号",
    "2025-06-01",
    "2025-06-02",
    "一馆",
    "李四",
    "其他",
    "13900000000",
]
CELLS = [
    "", " ", "　", "=cmd()", "@SUM(1)", "+1-1", "<script>alert(1)</script>", "'; drop table persons; --", "王\n小明", "王\r\n小明",
    "𠮷𬎆㛃", "买买提·艾力", "买买提•艾力", "买买提・艾力", "阿" * 50, "阿" * 51, "a" * 70_000, "\u200b王\u200b小\ufeff明", "\u202e王",
    "3.70E+17", "3.70303199001011E+17", "000123", "370303199001011234", "37030319900101123x", "３７０３０３１９９００１０１１２３４",
    "NULL", "NaN", "None", "nan", "无", "不详", "-", "1", "True", "\\N", "\\", "\"", "\"\"", "a\"b", "a,b", "a\tb", "\x00", "\x1b[31m", "\x7f",
    "2025-02-30", "20250601", "2025年6月1日", "45810", "99999999", "2999-01-01", "0000-00-00", "1e308", "-1", "９", "\U0001f480", "e\u0301",
    "\ufdd0", "\ufdd07\ufdd1", "\ufdd2", "\ue000", "\uffff", "{{7*7}}", "${HOME}", "%s%n", "../../etc/passwd", "!!python/object:os.system",
]  # fmt: skip
ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5", "latin-1")


@dataclass(frozen=True)
class Case:
    """One delivery: its name, its bytes, and the encoding that the site declares."""

    name: str
    content: bytes
    encoding: str


def case(seed: str) -> Case:
    """The delivery of a seed; about a third is whole, the others are damaged in one to three ways."""
    chance = random.Random(seed)
    rows = [_row(chance, f"{seed}-{at}") for at in range(chance.randint(0, 6))]
    headers = _headers(chance)
    form = chance.choices(("csv", "tsv", "parquet", "csv.gz", "csv.zip", "xlsx"), (60, 20, 12, 3, 3, 2))[0]
    declared = chance.choice(("utf-8", "gb18030"))
    written = declared if chance.random() < 0.9 else chance.choice(ENCODINGS)
    content = _WRITERS[form](headers, rows, written, chance)
    for _ in range(max(0, chance.randint(-2, 3))):
        content = chance.choice(_DAMAGES)(content, chance)
    return Case(f"{FEED}_{DAY}_delta.{form}", content, declared)


def _row(chance: random.Random, key: str) -> list[str]:
    row = [key, *WELL[1:]]
    for _ in range(chance.choice((0, 0, 1, 2, 5))):
        row[chance.randrange(len(row))] = chance.choice(CELLS)
    if chance.random() < 0.05:
        row = row[: chance.randrange(len(row))] or ["x"]
    return row + ["extra"] * (chance.random() < 0.03)


def _headers(chance: random.Random) -> list[str]:
    headers = list(HEADERS)
    odd = chance.random()
    if odd < 0.04:
        chance.shuffle(headers)
    elif odd < 0.08:
        headers[chance.randrange(len(headers))] = chance.choice(
            ["", "x", "性 别", HEADERS[0], "\n", "<script>", CANARY]
        )
    elif odd < 0.10:
        headers = [CANARY, *headers[1:]]
    return headers


def _text(headers: list[str], rows: list[list[str]], encoding: str, chance: random.Random, delimiter: str) -> bytes:
    page = io.StringIO(newline="")
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    end = chance.choice(("\n", "\r\n", "\r"))
    csv.writer(page, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([headers, *rows])
    return page.getvalue().encode(encoding, "ignore")


def _csv(headers: list[str], rows: list[list[str]], encoding: str, chance: random.Random) -> bytes:
    return _text(headers, rows, encoding, chance, ",")


def _tsv(headers: list[str], rows: list[list[str]], encoding: str, chance: random.Random) -> bytes:
    return _text(headers, rows, encoding, chance, "\t")


def _parquet(headers: list[str], rows: list[list[str]], _encoding: str, chance: random.Random) -> bytes:
    content = io.BytesIO()
    names = [header or f"c{at}" for at, header in enumerate(headers)]
    cells = [[(row + [""] * len(names))[at] for row in rows] for at in range(len(names))]
    table = pa.table([pa.array(column, pa.string()) for column in cells], names=names)
    pq.write_table(table, content, compression=chance.choice(("none", "snappy", "zstd")))
    return content.getvalue()


def _xlsx(headers: list[str], rows: list[list[str]], _encoding: str, _chance: random.Random) -> bytes:
    clean = [
        ["".join(c for c in cell[:30_000] if c.isprintable() or c in "\n\t") for cell in row]
        for row in [headers, *rows]
    ]
    return workbook([["".join(c for c in cell if c < "\ufdd0" or c > "\uffff") for cell in row] for row in clean])


_WRITERS: dict[str, Callable[..., bytes]] = {
    "csv": _csv,
    "tsv": _tsv,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "csv.gz": lambda *given: gzipped(_csv(*given)),
    "csv.zip": lambda *given: zipped((given[3].choice(("a.csv", "../a.csv", "a.csv.zip", "火化.csv")), _csv(*given))),
}


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(min(len(changed), chance.choice((1, 1, 3, 20)))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _repeated(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + content[max(0, at - chance.randrange(40)) :]


def _inserted(content: bytes, chance: random.Random) -> bytes:
    odd = chance.choice(
        (b'"', b"'", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b",", b"\t", b"\x81", b"\xa1\xa1", b"\x1a")
    )
    at = chance.randrange(len(content) + 1)
    return content[:at] + odd + content[at:]


def _zeros(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + bytes(chance.randrange(64)) + content[at + chance.randrange(64) :]


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flipped, _cut, _repeated, _inserted, _zeros)


@dataclass(frozen=True)
class Found:
    """The records of a csv or tsv by their row number, each with its cells; `lost`: rows with undecodable bytes."""

    headers: list[str]
    records: dict[int, list[str]]
    lost: frozenset[int]


def obvious(case: Case) -> Found:
    """What Python's own csv reader makes of it; bytes that cannot be decoded stand as lone surrogates."""
    text = case.content.decode(case.encoding, "surrogateescape").removeprefix("\ufeff").lstrip("\r\n")
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if ".tsv" in case.name else ",")
    headers, *records = [record for record in reader if record]
    numbered = dict(enumerate(records, 2))
    lost = {at for at, cells in numbered.items() if any("\udc80" <= c <= "\udcff" for cell in cells for c in cell)}
    return Found(headers, numbered, frozenset(lost))
