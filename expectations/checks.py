"""What is checked on a feed: one `Check` a rule and column, all derived from the feed's contract.

A check is a name and a meaning. What a delivery showed under it is an `Outcome`; outcomes become rows of QUALITY.
A check that had nothing to look at, or was not reached, has no outcome: absence is never a pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from expectations.agencies import cross_rules
from transforms.feeds import Column, FeedContract
from transforms.schemas import QUALITY

Severity = Literal["row", "field", "delivery", "warning"]
Dimension = Literal["completeness", "correctness", "consistency", "timeliness"]

# What may be wrong with a filled cell of each type, in the words of transforms.standardise. Texts and addresses
# have one possible fault (too_long), which is counted only where it occurs.
DEFECTS_OF: dict[str, tuple[str, ...]] = {
    "date": ("unreadable_date", "date_before_1900", "date_in_future"),
    "datetime": ("unreadable_date", "date_before_1900", "date_in_future"),
    "id_no": ("bad_shape", "bad_check"),
    "disability_no": ("bad_shape", "bad_check"),
    "sex": ("unknown_code",),
    "code": ("unknown_code",),
    "division": ("bad_division",),
    "integer": ("not_a_number",),
    "money": ("not_a_number", "part_of_a_fen", "too_large"),
    "phone": ("bad_shape",),
    "icd10": ("bad_shape",),
    "name": ("bad_shape", "too_long"),
    "key": ("bad_shape", "too_long"),
}
# Texts of few values, counted like codes.
CODED_TEXTS = {"low_income": ("category",), "medical_settlements": ("med_type", "dscg_way")}
# The day of the event, and of its report where the record has one; else the delivery is the report.
EVENT_AND_REPORT: dict[str, tuple[str, str | None]] = {
    "births": ("birth_date", None),
    "marriages": ("op_date", None),
    "adoptions": ("registered_on", None),
    "death_certificates": ("died_at", "reported_at"),
    "cremations": ("cremated_on", None),
    "disability_certificates": ("assessed_on", None),
    "medical_settlements": ("setl_time", None),
}


@dataclass(frozen=True)
class Check:
    """One rule on one column (or on the delivery as a whole) of one feed.

    severity: `row` refuses the row, `field` sets the field aside, `delivery` blocks the delivery, `warning` is told.
    """

    feed: str
    agency: str
    rule: str
    dimension: Dimension
    severity: Severity
    column: str | None = None
    scope: Literal["delivery", "between"] = "delivery"  # where it is not on a column

    @property
    def check_id(self) -> str:
        """`<feed>.<column>.<rule>`, `<feed>.delivery.<rule>`, or `<feed>.between.<rule>` for one with other feeds."""
        return f"{self.feed}.{self.column or self.scope}.{self.rule}"


@dataclass(frozen=True)
class Outcome:
    """What a check counted: rows (or filled cells) looked at, and those that failed."""

    check: Check
    rows_checked: int
    rows_failed: int

    @property
    def passed(self) -> bool:
        """Nothing failed."""
        return self.rows_failed == 0


def delivery_check(contract: FeedContract, rule: str) -> Check:
    """A check on the delivery as a whole; KeyError for a rule that is none."""
    dimension, severity = _DELIVERY_RULES[rule]
    return Check(contract.feed, contract.agency.id, rule, dimension, severity)


_DELIVERY_RULES: dict[str, tuple[Dimension, Severity]] = {
    "freshness": ("timeliness", "warning"),
    "columns": ("consistency", "delivery"),
    "volume": ("completeness", "delivery"),
    "volume_jump": ("consistency", "warning"),
    "volume_weekday": ("completeness", "warning"),
    "reported_late": ("timeliness", "warning"),
    "retyped": ("consistency", "delivery"),
    "unusable": ("correctness", "delivery"),
    "structure": ("correctness", "row"),
    "key_conflict": ("consistency", "row"),
    "repeated": ("consistency", "warning"),
}


def required_checks(contract: FeedContract, column: Column) -> list[Check]:
    """What makes a row useless: its required cell is missing, or is there and cannot be read."""
    if not column.required:
        return []
    feed, agency = contract.feed, contract.agency.id
    checks = [Check(feed, agency, "required_missing", "completeness", "row", column.name)]
    if DEFECTS_OF.get(column.type):
        checks.append(Check(feed, agency, "required_unreadable", "correctness", "row", column.name))
    if column.type == "name":
        checks.append(Check(feed, agency, "placeholder_name", "completeness", "field", column.name))
    return checks


def defect_check(contract: FeedContract, column: str, reason: str) -> Check:
    """A filled cell of the column that cannot be used for that reason."""
    return Check(contract.feed, contract.agency.id, reason, "correctness", "field", column)


def cross_checks(contract: FeedContract) -> list[Check]:
    """The agency's hand-written rules between fields."""
    return [
        Check(contract.feed, contract.agency.id, rule.name, rule.dimension, rule.severity, rule.columns[0])
        for rule in cross_rules(contract)
    ]


def drift_checks(contract: FeedContract) -> list[Check]:
    """One check a column of codes: whether their shares are still those of the last deliveries."""
    feed, agency = contract.feed, contract.agency.id
    names = (*(each.name for each in contract.columns if each.type in ("code", "sex")), *CODED_TEXTS.get(feed, ()))
    return [Check(feed, agency, "codes_drifted", "consistency", "warning", name) for name in names]


def one_of_checks(contract: FeedContract) -> list[Check]:
    """One check a group of columns of which a row needs at least one; it stands under the first of them."""
    return [
        Check(contract.feed, contract.agency.id, "one_of_missing", "completeness", "row", group[0])
        for group in contract.one_of
    ]


def declared_checks(contract: FeedContract) -> list[Check]:
    """Every check that a delivery of the feed can be put to, in the order in which people read them."""
    is_asked = {"reported_late": contract.feed in EVENT_AND_REPORT}
    checks = [delivery_check(contract, rule) for rule in _DELIVERY_RULES if is_asked.get(rule, True)]
    checks += one_of_checks(contract)
    for column in contract.columns:
        checks += required_checks(contract, column)
        checks += [defect_check(contract, column.name, reason) for reason in DEFECTS_OF.get(column.type, ())]
    return checks + cross_checks(contract) + drift_checks(contract)


def quality_table(outcomes: Iterable[Outcome], *, delivery: str, delivery_id: str) -> pa.Table:
    """Outcomes as rows of QUALITY, without those that had nothing to look at."""
    return pa.Table.from_pylist(
        [
            {
                "feed": found.check.feed,
                "delivery": delivery,
                "delivery_id": delivery_id,
                "dimension": found.check.dimension,
                "check_id": found.check.check_id,
                "column_name": found.check.column,
                "rows_checked": found.rows_checked,
                "rows_failed": found.rows_failed,
                "severity": found.check.severity,
                "passed": found.passed,
            }
            for found in outcomes
            if found.rows_checked or found.rows_failed
        ],
        schema=QUALITY,
    )
