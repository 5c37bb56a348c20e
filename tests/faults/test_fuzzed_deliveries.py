"""A few thousand damaged and hostile deliveries, and whatever Hypothesis thinks of, through reading and the gate.

Nothing ends in a traceback or hangs, no row is lost, no value is replaced in silence, and no person leaves the lake.
`make fuzz` runs many more.
"""

import json
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import FrameType

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Delivery, DeliveryUnreadable, FeedSource
from connectors.names import parse_name
from connectors.reading import read_content
from connectors.sentences import sentence
from expectations import DeliveryFacts, Gated, gate
from tests.faults.hostile import CANARY, CELLS, CONTRACT, FEED, HEADERS, Case, Found, case, obvious
from transforms.feeds.delivered import Delivered
from transforms.schemas import ROW_FAULTS, ROW_NUMBER
from transforms.standardise.feed import parse_feed

ON = date(2025, 6, 3)
PARTS = 8
CASES = int(os.environ.get("NUANXIN_FUZZ", "3200")) // PARTS
SECONDS = 20  # for one delivery; the slowest takes a fraction of one
SOURCE = FeedSource(FEED, "files", "/inbox")
FACTS = DeliveryFacts(f"{FEED}_20250603_delta.csv", "D0", ON, "delta")


def read(case: Case) -> Delivered | DeliveryUnreadable:
    delivery = Delivery("D0", FEED, case.name, ON, "delta", 0, "", len(case.content), "", case.encoding)
    try:
        return read_content(case.content, delivery, CONTRACT, SOURCE)
    except DeliveryUnreadable as fault:
        return fault


def gated(delivered: Delivered) -> Gated:
    return gate(CONTRACT, delivered, delivery=FACTS, volumes=[], known_rows=0)


@contextmanager
def in_time(name: str) -> Iterator[None]:
    def too_long(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"{name} hangs")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_delivery_is_read_or_refused_with_its_reason(part: int) -> None:
    readable: dict[tuple[str, ...], list[Delivered]] = defaultdict(list)
    refused: set[str] = set()
    for at in range(CASES):
        seed = f"{part}-{at}"
        damaged = case(seed)
        with in_time(seed):
            found = read(damaged)
        if isinstance(found, DeliveryUnreadable):
            _is_told(found, seed)
            refused.add(found.reason_code)
            continue
        _as_delivered(damaged, found, seed)
        if at % 25 == 0:
            _adds_up(found, gated(found), seed)
        elif not found.unknown_headers:
            readable[tuple(found.table.column_names)].append(found)
    assert len(refused) >= 4 and sum(map(len, readable.values())) > CASES // 10
    for together in readable.values():
        _gate_at_once(together, f"part {part}")


def _is_told(fault: DeliveryUnreadable, seed: str) -> None:
    for lang in ("zh", "en"):
        said = sentence(fault.reason_code, fault.detail, lang)  # type: ignore[arg-type]
        assert "?" not in said.replace("？", "") or "{" not in said, (seed, said)
        assert CANARY not in said, (seed, said)


def _as_delivered(damaged: Case, found: Delivered, seed: str) -> None:
    """Every record is in the table or in the faults, and every cell is what the obvious reader sees."""
    said = parse_name(damaged.name)
    assert said is not None
    numbers = found.table[ROW_NUMBER].to_pylist() + found.faults[ROW_NUMBER].to_pylist()
    assert len(set(numbers)) == len(numbers) == found.rows_read, seed
    assert all(text for text in found.faults["reason_code"].to_pylist()), seed
    if said.format not in ("csv", "tsv") or said.wrapping:
        return
    expected = obvious(damaged)
    assert sorted(numbers) == sorted(expected.records), seed
    assert expected.lost <= set(found.faults[ROW_NUMBER].to_pylist()), seed
    for row in found.table.to_pylist():
        _same_cells(row, expected, seed)


def _same_cells(row: dict[str, object], expected: Found, seed: str) -> None:
    cells = expected.records[int(str(row[ROW_NUMBER]))]
    assert len(cells) == len(expected.headers), seed
    seen = {cell for cell in cells if cell}
    for name, text in row.items():
        if name != ROW_NUMBER and text is not None:
            assert _standard(str(text)) in {_standard(cell) for cell in seen}, (seed, name)
    delivered = [text for name, text in row.items() if name != ROW_NUMBER and text is not None]
    assert len(delivered) <= len([cell for cell in cells if cell]), seed


def _standard(text: str) -> str:
    """Without the private characters that GB 18030-2022 gave others to."""
    return "".join(
        c for c in text if not ("\ue000" <= c <= "\uf8ff" or "\u9fb4" <= c <= "\u9fbb" or "\ufe10" <= c <= "\ufe19")
    )


def _gate_at_once(deliveries: list[Delivered], what: str) -> None:
    """The rows of many deliveries as one: the gate costs the same for ten thousand as for ten."""
    rows = pa.concat_tables([each.table for each in deliveries])
    numbers = pa.array(range(2, rows.num_rows + 2), pa.int64())
    rows = rows.set_column(rows.column_names.index(ROW_NUMBER), ROW_NUMBER, numbers)
    one = deliveries[0]
    whole = Delivered(rows, ROW_FAULTS.empty_table(), one.missing_columns, one.unknown_headers, one.expected_headers)
    _adds_up(whole, gated(whole), what)


def _adds_up(found: Delivered, sorted_: Gated, what: str) -> None:
    """Read = accepted + refused, or blocked with a reason; what was accepted is what was delivered."""
    assert sorted_.rows_read == found.rows_read, what
    assert CANARY not in json.dumps(sorted_.reason_detail, ensure_ascii=False), what
    assert not any(CANARY in str(row) for row in sorted_.quality.to_pylist()), what
    if sorted_.status == "blocked":
        assert sorted_.reason_code and sorted_.accepted.num_rows == sorted_.rows_quarantined == 0, what
        return
    accepted, refused = sorted_.accepted[ROW_NUMBER].to_pylist(), sorted_.quarantined[ROW_NUMBER].to_pylist()
    assert sorted(accepted + refused) == sorted(
        found.table[ROW_NUMBER].to_pylist() + found.faults[ROW_NUMBER].to_pylist()
    )
    assert all(sorted_.quarantined["reason_code"].to_pylist()), what
    _quarantined_whole(found, sorted_, what)
    _nothing_in_silence(found, sorted_, what)


def _quarantined_whole(found: Delivered, sorted_: Gated, what: str) -> None:
    """A refused row stands in quarantine as it was delivered."""
    delivered = {row[ROW_NUMBER]: row for row in found.table.to_pylist()}
    for row in sorted_.quarantined.to_pylist():
        kept = json.loads(row["delivered_json"])
        if row[ROW_NUMBER] in delivered:
            assert kept == {k: v for k, v in delivered[row[ROW_NUMBER]].items() if k != ROW_NUMBER}, what


def _nothing_in_silence(found: Delivered, sorted_: Gated, what: str) -> None:
    """A filled cell that gave no value is a defect, or says that there is nothing; no character is made up."""
    parsed = parse_feed(CONTRACT, found.table, delivered_on=ON)
    defects = set(zip(parsed.defects[ROW_NUMBER].to_pylist(), parsed.defects["column_name"].to_pylist(), strict=True))
    accepted = {row[ROW_NUMBER]: row for row in sorted_.accepted.to_pylist()}
    for row in found.table.to_pylist():
        typed = accepted.get(row[ROW_NUMBER], {})
        for name, text in row.items():
            if name not in typed or name == ROW_NUMBER:
                continue
            value = typed[name]
            assert value is None or text is not None, (what, name)
            if value is None and text is not None and (row[ROW_NUMBER], name) not in defects:
                assert _says_nothing(text, name), (what, name, text)
            if isinstance(value, str) and text is not None:
                assert "\ufffd" not in value or "\ufffd" in text, (what, name)
                assert _letters(value) == _letters(text) or name in _CODED, (what, name, text, value)


_CODED = {"sex", "age", "died_on", "cremated_on", "handler_relation", "handler_phone"}


def _letters(text: str) -> str:
    from unicodedata import category, normalize

    folded = normalize("NFKC", text).upper()
    return "".join(c for c in folded if category(c)[0] in "LN" and not "\ue000" <= c <= "\uf8ff")


def _says_nothing(text: str, name: str) -> bool:
    said = _letters(text)
    return len(said) <= 4 or len(set(said)) == 1 or name in _CODED


line = st.lists(st.one_of(st.sampled_from([cell for cell in CELLS if len(cell) < 1000]), st.text(max_size=20)),
                min_size=len(HEADERS), max_size=len(HEADERS))  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(line, max_size=5), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_whatever_stands_in_the_cells_comes_through_or_is_refused(lines: list[list[str]], encoding: str) -> None:
    quoted = [
        ",".join('"' + cell.replace('"', '""') + '"' for cell in [str(at), *cells[1:]])
        for at, cells in enumerate(lines)
    ]
    text = "\n".join([",".join(HEADERS), *quoted]) + "\n"
    content = text.encode(encoding, "ignore")
    delivered = read(Case(f"{FEED}_20250603_delta.csv", content, encoding))
    assert isinstance(delivered, Delivered) or delivered.reason_code in ("half_file", "wrong_encoding")
    if isinstance(delivered, Delivered):
        assert delivered.rows_read == len(lines)
        _as_delivered(Case(f"{FEED}_20250603_delta.csv", content, encoding), delivered, text)


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=400),
    name=st.sampled_from(["csv", "tsv", "parquet"]),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, name: str, encoding: str) -> None:
    found = read(Case(f"{FEED}_20250603_delta.{name}", content, encoding))
    assert isinstance(found, Delivered | DeliveryUnreadable)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200), header=st.booleans())
def test_any_bytes_behind_the_header_are_accounted_for(content: bytes, header: bool) -> None:
    whole = (",".join(HEADERS) + "\n" if header else "").encode() + content
    found = read(Case(f"{FEED}_20250603_delta.csv", whole, "utf-8"))
    if isinstance(found, Delivered):
        _as_delivered(Case(f"{FEED}_20250603_delta.csv", whole, "utf-8"), found, repr(content))
