"""Public security: the household register."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import CrossRule, birth_matches, not_before, sex_matches


def _reason_is_dated(rows: pa.Table) -> Any:
    return pc.if_else(rows["cancel_reason"].is_valid(), rows["cancelled_on"].is_valid(), pa.scalar(None, pa.bool_()))


RULES: dict[str, tuple[CrossRule, ...]] = {
    "household_register": (
        birth_matches("birth_contradicts_id", "birth_date", "id_no"),
        sex_matches("sex_contradicts_id", "sex", "id_no"),
        not_before("moved_before_birth", "moved_in_on", "birth_date"),
        not_before("cancelled_before_birth", "cancelled_on", "birth_date"),
        CrossRule("cancelled_without_date", ("cancel_reason", "cancelled_on"), _reason_is_dated, "warning"),
    ),
}
