"""Whether the columns of a delivery are those of the contract, and what to say where they are not.

A header row may be missing altogether, and then the first record stands in its place: names and numbers of a
person. So foreign headers are told only where enough of the agreed ones were found, and long digits never.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from transforms.feeds import FeedContract
from transforms.feeds.delivered import Delivered

_SIMILAR = 0.5
_LONGEST_TOLD = 40


@dataclass(frozen=True)
class Headers:
    """`reason_code` is empty where the columns are as agreed; `detail` says what was received and expected."""

    reason_code: str
    detail: Mapping[str, Any]
    is_usable: bool = True  # every column is there that a row needs


def check_headers(contract: FeedContract, delivered: Delivered, *, block_on_missing_optional: bool) -> Headers:
    """Compare the columns found with the contract; every difference is told at once."""
    missing, unknown = delivered.missing_columns, delivered.unknown_headers
    is_needed = [name for name in missing if contract.column(name).required or name in contract.key]
    if not (unknown or is_needed or (missing and block_on_missing_optional)):
        return Headers("", {})
    code = "missing_column" if missing else "unknown_column"
    return Headers(code, _detail(contract, delivered), is_usable=not is_needed)


def _detail(contract: FeedContract, delivered: Delivered) -> dict[str, Any]:
    missing, unknown = delivered.missing_columns, delivered.unknown_headers
    detail: dict[str, Any] = {
        "expected_columns": len(contract.columns),
        "found_columns": len(contract.columns) - len(missing),
        "missing": _missing(missing, delivered),
        "unknown_count": len(unknown),
    }
    if 2 * len(missing) < len(contract.columns):
        detail["unknown"] = [_told(header) for header in unknown]
        detail["renamed"] = _renamed(delivered)
    return detail


def _missing(missing: tuple[str, ...], delivered: Delivered) -> list[dict[str, str]]:
    return [{"column": name, "expected_header": delivered.expected_headers.get(name, name)} for name in missing]


def _renamed(delivered: Delivered) -> list[dict[str, str]]:
    """Foreign headers beside the missing columns that they resemble: the likest pair first, each of them once."""
    pairs = [
        (_likeness(header, name, delivered), header, name)
        for header in delivered.unknown_headers
        for name in delivered.missing_columns
    ]
    found: dict[str, str] = {}
    for likeness, header, name in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= _SIMILAR and header not in found and name not in found.values():
            found[header] = name
    return [
        {
            "received": _told(header),
            "column": found[header],
            "expected_header": delivered.expected_headers.get(found[header], found[header]),
        }
        for header in delivered.unknown_headers
        if header in found
    ]


def _likeness(header: str, column: str, delivered: Delivered) -> float:
    names = (column, delivered.expected_headers.get(column, column))
    return max(SequenceMatcher(None, header.lower(), name.lower()).ratio() for name in names)


def _told(header: str) -> str:
    """The header as it may be shown: one line, not long, no long digits."""
    line = re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", header)
    return re.sub(r"\d{4,}", "…", line).strip()[:_LONGEST_TOLD]
