"""One page of an answer: JSON in which every value stays the text that was sent."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors.base import SourceUnavailable


@dataclass(frozen=True)
class Page:
    """`rows`: objects of texts; `next`: where the next page begins, None on the last; `rows_total`: of all pages."""

    rows: list[dict[str, str | None]]
    next: str | None
    rows_total: int | None


def parse_page(content: bytes, number: int) -> Page:
    """Numbers keep every digit, true and false become 1 and 0. Raises SourceUnavailable(`answer_unusable`)."""
    try:
        said = json.loads(
            content, parse_int=_Number, parse_float=_Number, parse_constant=_no_number, object_pairs_hook=_once
        )
    except _Twice:
        raise SourceUnavailable("answer_unusable", how="twice", page=number) from None
    except (ValueError, RecursionError):
        raise SourceUnavailable("answer_unusable", how="not_json", page=number) from None
    if not isinstance(said, dict):
        raise _shape("rows", number)
    rows, follows, total = said.get("rows"), said.get("next"), said.get("rows_total")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _shape("rows", number)
    if "next" not in said or not isinstance(follows, str | None):
        raise _shape("next", number)
    if total is not None and not (isinstance(total, _Number) and total.isdigit()):
        raise _shape("rows_total", number)
    return Page([_texts(row, number) for row in rows], follows or None, None if total is None else int(total))


def column(rows: Sequence[dict[str, str | None]], name: str, number: int) -> pa.Array:
    """The values under one name, null where a row has none."""
    try:
        return pa.array([row.get(name) for row in rows], pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair
        raise SourceUnavailable("answer_unusable", how="text", page=number) from None


class _Number(str):
    """The digits of a number as they were sent."""


class _Twice(Exception):
    """The same name twice in one object: one of the two values would be lost."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _no_number(_name: str) -> None:
    raise ValueError  # NaN and Infinity are no JSON


def _texts(row: dict[str, Any], number: int) -> dict[str, str | None]:
    for name, value in row.items():
        if isinstance(value, dict | list):
            raise SourceUnavailable("answer_unusable", how="nested", page=number, column=name)
        if isinstance(value, bool):
            row[name] = str(int(value))
    return row


def _shape(part: str, number: int) -> SourceUnavailable:
    return SourceUnavailable("answer_unusable", how="shape", page=number, part=part)
