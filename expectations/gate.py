"""The gate: a delivery as text goes in; accepted rows, refused rows and the counts of every check come out.

Every row read is accepted or refused, and the two add up. A delivery that cannot be believed as a whole is
blocked: nothing of it is taken, nothing is lost (its bytes stay landed), and its agency is told why.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from expectations import delivery as whole
from expectations.checks import Outcome, delivery_check, quality_table
from expectations.context import Verdict, count_findings
from expectations.delivery import Block, DeliveryFacts
from expectations.drift import Past, code_counts, drifts
from expectations.findings import Finding, findings, first_refusal, frame
from expectations.headers import check_headers
from expectations.quarantine import refused_rows, unreadable_rows
from expectations.thresholds import Thresholds, default_thresholds
from transforms.feeds import FeedContract
from transforms.feeds.delivered import Delivered
from transforms.schemas import CODE_COUNTS, QUARANTINE, ROW_NUMBER
from transforms.standardise.feed import Parsed, parse_feed

# Blocks that a person may lift for a delivery; missing_column only where no row needs what is missing.
ACCEPTABLE = ("volume_shrunken", "too_many_unusable", "column_retyped", "unknown_column", "missing_column")


@dataclass(frozen=True)
class Gated:
    """A delivery after the gate.

    rows_read == accepted.num_rows + rows_quarantined where it is loaded. Where it is blocked both are zero,
    `reason_code` and `reason_detail` (counts, column names; never a value) say why, and rows_read is still told.
    `accepted` are rows of Parsed.table; `quarantined` (QUARANTINE) and `accepted` stay in the lake.
    """

    status: Literal["loaded", "blocked"]
    reason_code: str
    reason_detail: dict[str, Any]
    accepted: pa.Table
    quarantined: pa.Table
    quality: pa.Table
    rows_read: int
    rows_quarantined: int
    codes: pa.Table = field(default_factory=CODE_COUNTS.empty_table)  # CODE_COUNTS of the accepted rows


@dataclass
class _Seen:
    """What the rules on the whole delivery have found so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def add(self, found: tuple[list[Outcome], list[Block]]) -> None:
        self.outcomes += found[0]
        self.blocks += found[1]


def gate(
    contract: FeedContract,
    delivered: Delivered,
    *,
    delivery: DeliveryFacts,
    volumes: Sequence[int],
    known_rows: int,
    thresholds: Thresholds | None = None,
    accepting: Collection[str] = (),
    past: Past | None = None,
) -> Gated:
    """Sort the rows of one delivery.

    volumes: rows_read of the last loaded deliveries of the same mode, newest first. known_rows: records of the
    feed that are active now; a full delivery is held against it. accepting: reasons of a block, out of ACCEPTABLE,
    that a person has accepted for this delivery. past: what the last deliveries of the same mode were like; what is not
    known of it is not checked.
    """
    limits = thresholds or default_thresholds()
    headers = check_headers(contract, delivered, block_on_missing_optional=limits.block_on_missing_optional_column)
    columns = Outcome(delivery_check(contract, "columns"), len(contract.columns), _column_faults(delivered))
    if headers.reason_code and not (headers.reason_code in accepting and headers.is_usable):
        nothing = parse_feed(contract, delivered.table.slice(0, 0), delivered_on=delivery.delivered_on)
        return _blocked(delivered, nothing, [Block(headers.reason_code, dict(headers.detail))], [columns], delivery)
    parsed = parse_feed(contract, delivered.table, delivered_on=delivery.delivered_on)
    found = findings(contract, delivered.table, parsed)
    seen = _whole_delivery(contract, delivered, found, delivery, volumes, known_rows, limits)
    outcomes = [columns, *seen.outcomes, *(outcome for finding in found for outcome in finding.outcomes())]
    blocks = [block for block in seen.blocks if block.reason_code not in accepting]
    if blocks:
        return _blocked(delivered, parsed, blocks, outcomes, delivery)
    return _loaded(contract, delivered, parsed, found, outcomes, delivery, past or Past(), limits)


def _column_faults(delivered: Delivered) -> int:
    return len(delivered.missing_columns) + len(delivered.unknown_headers)


def _whole_delivery(
    contract: FeedContract,
    delivered: Delivered,
    found: list[Finding],
    delivery: DeliveryFacts,
    volumes: Sequence[int],
    known_rows: int,
    limits: Thresholds,
) -> _Seen:
    """Run the suite, and judge the delivery as a whole."""
    rows = delivered.table.num_rows
    first, _ = first_refusal(found, rows)
    refused = int((first >= 0).sum()) + delivered.faults.num_rows
    fewest = whole.fewest_rows(delivery.mode, known_rows, limits) - delivered.faults.num_rows
    verdicts = count_findings(
        frame(found, rows),
        severities={finding.name: finding.severity for finding in found} if rows else {},
        rows_from=max(fewest, 0),
    )
    _agree(found, verdicts)
    seen = _Seen()
    seen.add(whole.volume(contract, delivery.mode, delivered.rows_read, known_rows, verdicts[""].success))
    seen.add((whole.volume_jump(contract, delivery.mode, delivered.rows_read, volumes, limits), []))
    structure = Outcome(delivery_check(contract, "structure"), delivered.rows_read, delivered.faults.num_rows)
    seen.add(([structure], []))
    seen.add(whole.retyped(contract, found, limits))
    seen.add(whole.unusable(contract, delivered.rows_read, refused, limits))
    return seen


def _agree(found: list[Finding], verdicts: dict[str, Verdict]) -> None:
    """Rows are sorted by our masks and judged by the suite: a difference is a fault of ours, and stops here."""
    for finding in found:
        verdict = verdicts.get(finding.name)
        ours = int((finding.reasons.codes >= 0).sum())
        if verdict is not None and (verdict.unexpected_count != ours or verdict.success != (ours == 0)):
            raise RuntimeError(f"{finding.name}: the suite counts {verdict.unexpected_count} rows, the gate {ours}")


def _loaded(
    contract: FeedContract,
    delivered: Delivered,
    parsed: Parsed,
    found: list[Finding],
    outcomes: list[Outcome],
    delivery: DeliveryFacts,
    past: Past,
    limits: Thresholds,
) -> Gated:
    first, reasons = first_refusal(found, delivered.table.num_rows)
    refused = refused_rows(delivered.table, parsed.table, first, reasons)
    quarantined = pa.concat_tables([unreadable_rows(delivered.faults), refused])
    order = pc.sort_indices(quarantined[ROW_NUMBER])
    accepted = parsed.table.filter(pa.array(first < 0))
    codes = code_counts(contract, accepted, delivery)
    outcomes = outcomes + drifts(contract, accepted, codes, delivered.rows_read, delivery, past, limits)
    return Gated(
        "loaded",
        "",
        {},
        accepted,
        quarantined.take(order),
        quality_table(outcomes, delivery=delivery.name, delivery_id=delivery.delivery_id),
        delivered.rows_read,
        quarantined.num_rows,
        codes,
    )


def _blocked(
    delivered: Delivered, parsed: Parsed, blocks: list[Block], outcomes: list[Outcome], delivery: DeliveryFacts
) -> Gated:
    """Nothing is taken; the first reason names the block, the others are told beside it."""
    detail = dict(blocks[0].detail)
    if blocks[1:]:
        detail["also"] = [{"reason_code": block.reason_code, **block.detail} for block in blocks[1:]]
    return Gated(
        "blocked",
        blocks[0].reason_code,
        detail,
        parsed.table.slice(0, 0),
        QUARANTINE.empty_table(),
        quality_table(outcomes, delivery=delivery.name, delivery_id=delivery.delivery_id),
        delivered.rows_read,
        0,
    )
