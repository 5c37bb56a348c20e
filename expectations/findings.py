"""What is wrong with each cell and row of a parsed delivery, as columns of reason codes; null where all is well.

The codes are all that later steps see: the suite counts them, the gate sorts rows by them, nobody needs a value.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies import CrossRule, cross_rules
from expectations.checks import (
    DEFECTS_OF,
    Check,
    Outcome,
    cross_checks,
    defect_check,
    delivery_check,
    one_of_checks,
    required_checks,
)
from transforms.feeds import Column, FeedContract
from transforms.schemas import CONTENT_HASH, RECORD_KEY, ROW_NUMBER
from transforms.standardise.columns import as_array
from transforms.standardise.feed import Parsed

Mask = npt.NDArray[np.bool_]
# what makes a cell look empty without being null: white space and characters that have no width
_NOTHING = " \t\r\n\v\f\u00a0\u3000\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


@dataclass(frozen=True)
class Finding:
    """One column of the frame: a reason code or null per row, and the checks that read it.

    refused: rows that the finding refuses, with the reason told in quarantine (first match wins).
    checked: how many rows or filled cells were looked at, by rule.
    """

    name: str
    column: str | None
    severity: str
    reasons: pd.Categorical
    refused: tuple[tuple[str, Mask], ...]
    checks: tuple[tuple[Check, int], ...]
    counts: dict[str, int]
    unreadable_share: tuple[int, int] = (0, 0)  # unreadable cells, filled cells

    def outcomes(self) -> list[Outcome]:
        """The outcome of each of its checks."""
        return [Outcome(check, checked, self.counts.get(check.rule, 0)) for check, checked in self.checks]


def findings(contract: FeedContract, delivered: pa.Table, parsed: Parsed) -> list[Finding]:
    """Every finding on a delivery, required cells first in the order of the contract."""
    defects = _defects_by_column(parsed)
    cells = [_cell(contract, column, delivered, parsed, defects.get(column.name)) for column in contract.columns]
    found = [finding for finding in cells if finding is not None]
    usable_key = _has_key(contract, found, parsed.table.num_rows)
    found += [_one_of(check, contract.one_of[at], delivered) for at, check in enumerate(one_of_checks(contract))]
    again = _key_stands_again(parsed.table)
    found += [_key_conflict(contract, parsed.table, usable_key, again)]
    found += [_repeated(contract, parsed.table, usable_key, again)]
    rules = zip(cross_checks(contract), cross_rules(contract), strict=True)
    return found + [_cross(check, rule, parsed.table) for check, rule in rules]


def frame(found: Iterable[Finding], rows: int) -> pd.DataFrame:
    """The findings side by side."""
    return pd.DataFrame({finding.name: finding.reasons for finding in found}, index=pd.RangeIndex(rows))


def first_refusal(found: Iterable[Finding], rows: int) -> tuple[npt.NDArray[np.int32], list[tuple[str, str]]]:
    """Per row the position of its first refusal in the returned list of (reason code, column), or -1."""
    first = np.full(rows, -1, dtype=np.int32)
    reasons: list[tuple[str, str]] = []
    for finding in found:
        for reason, mask in finding.refused:
            first[mask & (first < 0)] = len(reasons)
            reasons.append((reason, finding.column or ""))
    return first, reasons


def _cell(
    contract: FeedContract, column: Column, delivered: pa.Table, parsed: Parsed, defects: "_Defects | None"
) -> Finding | None:
    """Missing, unreadable and doubtful cells of one column; null where nothing can be wrong with it."""
    rules = DEFECTS_OF.get(column.type, ())
    if not (column.required or rules or defects):
        return None
    cells = _cells(column, delivered, parsed.table[column.name], defects)
    codes, labels = cells.codes, cells.labels
    if column.required:
        codes, labels = _marked(codes, labels, "required_missing", cells.is_blank)
        codes, labels = _marked(codes, labels, "placeholder_name", cells.is_placeholder)
    counts = _count(codes, labels) | {"required_unreadable": int(cells.is_unreadable.sum())}
    checks = [
        *required_checks(contract, column),
        *(defect_check(contract, column.name, rule) for rule in dict.fromkeys([*rules, *cells.labels])),
    ]
    return Finding(
        column.name,
        column.name,
        "row" if column.required else "field",
        _categorical(codes, labels),
        cells.refused if column.required else (),
        tuple((check, len(codes) if check.rule == "required_missing" else cells.filled) for check in checks),
        counts,
        (_misread(counts), cells.filled),
    )


@dataclass(frozen=True)
class _Cells:
    """The cells of a column by what they are; `codes` points into `labels`, the defects that occur, or is -1."""

    codes: npt.NDArray[np.int8]
    labels: list[str]
    is_blank: Mask
    is_unreadable: Mask
    is_placeholder: Mask

    @property
    def filled(self) -> int:
        return len(self.codes) - int(self.is_blank.sum())

    @property
    def refused(self) -> tuple[tuple[str, Mask], ...]:
        return (("required_missing", self.is_blank), ("required_unreadable", self.is_unreadable))


def _cells(column: Column, delivered: pa.Table, typed: pa.ChunkedArray, defects: "_Defects | None") -> _Cells:
    is_null = _numpy(typed.is_null())
    codes, labels = _coded(defects, len(is_null))
    is_empty = is_null & (codes < 0)
    is_placeholder = _placeholder_names(column, delivered, is_empty)
    return _Cells(codes, labels, is_empty & ~is_placeholder, is_null & (codes >= 0), is_placeholder)


def _misread(counts: dict[str, int]) -> int:
    """Cells that are not of the column's type at all, as against a date ahead or a mistyped check character."""
    return sum(counts.get(reason, 0) for reason in ("unreadable_date", "bad_shape", "unknown_code", "not_a_number"))


def _placeholder_names(column: Column, delivered: pa.Table, is_empty: Mask) -> Mask:
    """Required names that only say that there is none ("无"): the row may still be found by its number."""
    if not (column.required and column.type == "name" and column.name in delivered.column_names):
        return np.zeros(len(is_empty), dtype=np.bool_)
    return is_empty & _is_filled(delivered[column.name])


def _is_filled(column: pa.ChunkedArray) -> Mask:
    trimmed = pc.utf8_trim(column, characters=_NOTHING)
    return _numpy(pc.fill_null(pc.not_equal(trimmed, ""), False))


def _one_of(check: Check, group: tuple[str, ...], delivered: pa.Table) -> Finding:
    """Rows in which every column of the group is blank."""
    is_missing = np.ones(delivered.num_rows, dtype=np.bool_)
    for name in group:
        if name in delivered.column_names:
            is_missing &= ~_is_filled(delivered[name])
    name = "one_of." + "+".join(group)
    return _row_finding(name, check, is_missing, delivered.num_rows, refused_as="required_missing")


def _key_stands_again(typed: pa.Table) -> Mask:
    """Rows whose key stands in another row too: hardly any, and nobody else can conflict or repeat."""
    keys = as_array(typed[RECORD_KEY]).dictionary_encode()
    if len(keys.dictionary) == len(keys):
        return np.zeros(len(keys), dtype=np.bool_)
    at = keys.indices.to_numpy()
    found: Mask = np.bincount(at)[at] > 1
    return found


def _key_conflict(contract: FeedContract, typed: pa.Table, has_key: Mask, again: Mask) -> Finding:
    """Rows whose key stands in the delivery with different contents: which of them holds cannot be known."""
    check = delivery_check(contract, "key_conflict")
    is_failed = np.zeros(typed.num_rows, dtype=np.bool_)
    keyed = typed.select([RECORD_KEY, CONTENT_HASH]).filter(pa.array(has_key & again))
    if keyed.num_rows:
        contents = keyed.group_by(RECORD_KEY).aggregate([(CONTENT_HASH, "count_distinct")])
        several = contents.filter(pc.greater(contents[f"{CONTENT_HASH}_count_distinct"], 1))[RECORD_KEY]
        is_failed = has_key & _numpy(pc.is_in(typed[RECORD_KEY], value_set=several.combine_chunks()))
    return _row_finding("delivery.key_conflict", check, is_failed, int(has_key.sum()), refused_as="key_conflict")


def _repeated(contract: FeedContract, typed: pa.Table, has_key: Mask, again: Mask) -> Finding:
    """Rows that repeat an earlier row of the delivery, content and all: no harm, but somebody sends twice."""
    is_failed = np.zeros(typed.num_rows, dtype=np.bool_)
    keys = typed.select([RECORD_KEY, CONTENT_HASH]).filter(pa.array(again)).to_pandas()
    is_failed[again] = keys.duplicated().to_numpy()
    is_failed &= has_key
    return _row_finding("delivery.repeated", delivery_check(contract, "repeated"), is_failed, int(has_key.sum()))


def _cross(check: Check, rule: CrossRule, typed: pa.Table) -> Finding:
    """Rows whose fields contradict each other under the agency's rule."""
    holds = rule.holds(typed)
    is_failed = _numpy(pc.fill_null(pc.invert(holds), False))
    return _row_finding(f"{check.column}.{check.rule}", check, is_failed, len(holds) - holds.null_count)


def _row_finding(name: str, check: Check, is_failed: Mask, checked: int, refused_as: str | None = None) -> Finding:
    codes = np.where(is_failed, 0, -1).astype(np.int8)
    refused = ((refused_as, is_failed),) if refused_as else ()
    reasons = _categorical(codes, [check.rule])
    counts = {check.rule: int(is_failed.sum())}
    return Finding(name, check.column, check.severity, reasons, refused, ((check, checked),), counts)


def _has_key(contract: FeedContract, found: list[Finding], rows: int) -> Mask:
    """Rows whose required key columns are there and readable."""
    has_key = np.ones(rows, dtype=np.bool_)
    for finding in found:
        if finding.column in contract.key:
            for _, mask in finding.refused:
                has_key &= ~mask
    return has_key


@dataclass(frozen=True)
class _Defects:
    positions: npt.NDArray[np.int64]
    reasons: pa.DictionaryArray


def _labels(defects: "_Defects | None") -> list[str]:
    return [] if defects is None else [str(reason) for reason in defects.reasons.dictionary.to_pylist()]


def _defects_by_column(parsed: Parsed) -> dict[str, _Defects]:
    defects = parsed.defects.combine_chunks()
    at = pc.index_in(defects[ROW_NUMBER], value_set=parsed.table[ROW_NUMBER].combine_chunks())
    defects = defects.append_column("at", at)
    by_column = {}
    for name in pc.unique(defects["column_name"]).to_pylist():
        of_column = defects.filter(pc.equal(defects["column_name"], name))
        reasons = of_column["reason_code"].combine_chunks().dictionary_encode()
        by_column[str(name)] = _Defects(of_column["at"].to_numpy(), reasons)
    return by_column


def _coded(defects: _Defects | None, rows: int) -> tuple[npt.NDArray[np.int8], list[str]]:
    codes = np.full(rows, -1, dtype=np.int8)
    if defects is not None:
        codes[defects.positions] = defects.reasons.indices.to_numpy()
    return codes, _labels(defects)


def _marked(
    codes: npt.NDArray[np.int8], labels: list[str], label: str, mask: Mask
) -> tuple[npt.NDArray[np.int8], list[str]]:
    if not mask.any():
        return codes, labels
    return np.where(mask, np.int8(len(labels)), codes), [*labels, label]


def _count(codes: npt.NDArray[np.int8], labels: list[str]) -> dict[str, int]:
    seen = np.bincount(codes[codes >= 0], minlength=len(labels))
    return {label: int(seen[at]) for at, label in enumerate(labels)}


def _categorical(codes: npt.NDArray[np.int8], labels: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, pd.Index(labels, dtype="str"))


def _numpy(column: pa.Array | pa.ChunkedArray) -> Mask:
    result: Mask = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return result.astype(np.bool_)
