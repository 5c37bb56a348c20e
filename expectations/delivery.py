"""Rules on a delivery as a whole: is it as big as it should be, and is enough of it usable?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from statistics import median
from typing import Any, Literal

from expectations.checks import Outcome, delivery_check
from expectations.findings import Finding
from expectations.thresholds import Thresholds
from transforms.feeds import FeedContract

_RETYPED = frozenset({"id_no", "disability_no", "date", "datetime", "code"})


@dataclass(frozen=True)
class DeliveryFacts:
    """What is known of a delivery besides its rows."""

    name: str
    delivery_id: str
    delivered_on: date
    mode: Literal["full", "delta"]


@dataclass(frozen=True)
class Block:
    """Why a delivery is not taken: a reason code, and counts and column names to say it in words."""

    reason_code: str
    detail: dict[str, Any]


def fewest_rows(mode: str, known_rows: int, limits: Thresholds) -> int:
    """How many rows the delivery must have at least: a delta none, a full one a share of what is known, never 0."""
    return max(1, ceil(known_rows * limits.full_keeps_share)) if mode == "full" else 0


def volume(
    contract: FeedContract, mode: str, rows: int, known_rows: int, is_enough: bool
) -> tuple[list[Outcome], list[Block]]:
    """The outcome and block of a full delivery's size; nothing for a delta, whose size says little."""
    if mode != "full":
        return [], []
    found = Outcome(delivery_check(contract, "volume"), max(rows, 1), 0 if is_enough else 1)
    detail = {"rows_read": rows, "known_rows": known_rows}
    return [found], [] if is_enough else [Block("volume_shrunken", detail)]


def volume_jump(
    contract: FeedContract, mode: str, rows: int, volumes: Sequence[int], limits: Thresholds
) -> list[Outcome]:
    """Remark on a delta many times larger than the last ones; no outcome where too few are known to say."""
    if mode != "delta" or len(volumes) < limits.jump_needs_deliveries:
        return []
    usual = median(volumes)
    has_jumped = rows >= limits.jump_from_rows and rows > limits.jump_factor * usual
    return [Outcome(delivery_check(contract, "volume_jump"), max(rows, 1), int(has_jumped))]


def retyped(contract: FeedContract, found: Sequence[Finding], limits: Thresholds) -> tuple[list[Outcome], list[Block]]:
    """Columns in which most filled cells are not of the agreed type: somebody changed what the column means."""
    seen = [
        (finding.column, *finding.unreadable_share)
        for finding in found
        if finding.column
        and finding.unreadable_share[1] >= limits.retyped_from_cells
        and contract.column(finding.column).type in _RETYPED
    ]
    changed = [(name, bad, filled) for name, bad, filled in seen if bad > limits.retyped_share * filled]
    outcomes = [Outcome(delivery_check(contract, "retyped"), len(seen), len(changed))]
    if not changed:
        return outcomes, []
    columns = [
        {"column": name, "type": contract.column(name).type, "unreadable": bad, "filled": filled}
        for name, bad, filled in changed
    ]
    return outcomes, [Block("column_retyped", {"columns": columns})]


def unusable(contract: FeedContract, rows: int, refused: int, limits: Thresholds) -> tuple[list[Outcome], list[Block]]:
    """More than the tolerated share of the rows refused. A small delivery only loses its bad rows."""
    if rows < limits.unusable_from_rows:
        return [], []
    is_too_many = refused > limits.unusable_share * rows
    found = Outcome(delivery_check(contract, "unusable"), rows, refused if is_too_many else 0)
    return [found], [Block("too_many_unusable", {"rows_read": rows, "unusable": refused})] if is_too_many else []
