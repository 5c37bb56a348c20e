"""Insurers: settlements of the medical insurance, claims of the hospital-care insurance."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import CrossRule, birth_matches, not_before, sex_matches


def _personal_part_fits(rows: pa.Table) -> Any:
    """Refunds are negative, so sizes are compared."""
    return pc.less_equal(pc.abs(rows["psn_part_amt"]), pc.abs(rows["medfee_sumamt"]))


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
    ),
    "care_insurance_claims": (
        not_before("discharged_before_admitted", "discharged_on", "admitted_on"),
        CrossRule("days_exceed_stay", ("days_claimed", "admitted_on", "discharged_on"), _days_fit, "warning"),
    ),
}
