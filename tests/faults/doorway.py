"""A delivery of cremations from its cells or bytes through reading and the gate, for the tests of hostile input."""

import csv
import io
import json
from datetime import date
from typing import Any

from connectors.base import Delivery, DeliveryUnreadable, FeedSource
from connectors.reading import read_content
from expectations import DeliveryFacts, Gated, gate
from expectations.sentences import reason_sentence
from tests.connectors.inbox import workbook
from transforms.feeds import load_contract

FEED = "cremations"
CONTRACT = load_contract(FEED)
HEADERS = [column.header for column in CONTRACT.columns]
ON = date(2025, 6, 3)
WELL = {
    "record_no": "1",
    "name": "王小明",
    "id_no": "37030319900101123X",
    "cremated_on": "2025-06-02",
    "died_on": "2025-06-01",
}


def cells(**changed: Any) -> list[Any]:
    """One record in the order of the contract."""
    row = {**WELL, **changed}
    return [row.get(name, "") for name in CONTRACT.column_names]


def as_csv(*records: list[Any], headers: list[str] | None = None) -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, lineterminator="\n").writerows([headers or HEADERS, *records])
    return page.getvalue().encode()


def as_xlsx(*records: list[Any], headers: list[str] | None = None) -> bytes:
    return workbook([headers or HEADERS, *records])


def through(content: bytes, form: str = "csv", encoding: str = "utf-8") -> Gated:
    """The delivery after the gate. DeliveryUnreadable where it never became columns."""
    name = f"{FEED}_20250603_delta.{form}"
    delivery = Delivery("D0", FEED, name, ON, "delta", 0, "", len(content), "", encoding)
    delivered = read_content(content, delivery, CONTRACT, FeedSource(FEED, "files", "/inbox"))
    return gate(CONTRACT, delivered, delivery=DeliveryFacts(name, "D0", ON, "delta"), volumes=[], known_rows=0)


def refusal(content: bytes, form: str) -> tuple[str, dict[str, Any]]:
    """Why a delivery cannot be read."""
    try:
        through(content, form)
    except DeliveryUnreadable as fault:
        return fault.reason_code, dict(fault.detail)
    raise AssertionError("it was read")


def accepted(found: Gated, column: str) -> list[Any]:
    assert found.status == "loaded", found.reason_code
    values: list[Any] = found.accepted[column].to_pylist()
    return values


def told(found: Gated) -> str:
    """What the agency is told of a blocked delivery, in both languages."""
    assert found.status == "blocked"
    label = reason_sentence(FEED, found.reason_code, json.dumps(found.reason_detail, ensure_ascii=False))
    return f"{label.zh}\n{label.en}"
