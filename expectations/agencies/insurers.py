"""Insurers: settlements of the medical insurance, claims of the hospital-care insurance."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import CrossRule, birth_matches, not_before, sex_matches
from expectations.thresholds import default_thresholds


def _personal_part_fits(rows: pa.Table) -> Any:
    """Refunds are negative, so sizes are compared."""
    return pc.less_equal(pc.abs(rows["psn_part_amt"]), pc.abs(rows["medfee_sumamt"]))


def _parts_add_up(rows: pa.Table) -> Any:
    """fund_pay_sumamt is the sum of all funds, medical aid among them; some regions deliver the aid beside it.

    What the hospital bears itself stands in none of the contract's columns, so a difference is only told.
    """
    within = default_thresholds().fund_tolerance_fen
    parts = pc.add(rows["fund_pay_sumamt"], rows["psn_part_amt"])
    rest = pc.subtract(rows["medfee_sumamt"], parts)
    beside = pc.subtract(rest, pc.fill_null(rows["maf_pay"], 0))
    return pc.or_(pc.less_equal(pc.abs(rest), within), pc.less_equal(pc.abs(beside), within))


def _cash_fits(rows: pa.Table) -> Any:
    """The own part is paid in cash and from the personal account."""
    return pc.less_equal(pc.abs(rows["psn_cash_pay"]), pc.abs(rows["psn_part_amt"]))


def _days_fit(rows: pa.Table) -> Any:
    """Insurers count the day of admission or the day of discharge, or both."""
    stay = pc.days_between(rows["admitted_on"], rows["discharged_on"])
    return pc.less_equal(rows["days_claimed"], pc.add(stay, 1))


RULES: dict[str, tuple[CrossRule, ...]] = {
    "medical_settlements": (
        not_before("discharged_before_admitted", "discharged_on", "admitted_on"),
        not_before("settled_before_admitted", "setl_time", "admitted_on"),
        birth_matches("birth_contradicts_id", "brdy", "certno"),
        sex_matches("sex_contradicts_id", "gend", "certno"),
        CrossRule("part_exceeds_total", ("psn_part_amt", "medfee_sumamt"), _personal_part_fits),
        CrossRule(
            "fund_identity", ("medfee_sumamt", "fund_pay_sumamt", "maf_pay", "psn_part_amt"), _parts_add_up, "warning"
        ),
        CrossRule("cash_exceeds_part", ("psn_cash_pay", "psn_part_amt"), _cash_fits, "warning"),
    ),
    "care_insurance_claims": (
        not_before("discharged_before_admitted", "discharged_on", "admitted_on"),
        CrossRule("days_exceed_stay", ("days_claimed", "admitted_on", "discharged_on"), _days_fit, "warning"),
    ),
}
