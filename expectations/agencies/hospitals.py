"""Hospitals: medical certificates of death."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import CrossRule, birth_matches, day, not_before, sex_matches, years_between


def _age_fits(rows: pa.Table) -> Any:
    """The stated age may be by the traditional count (a year more) or rounded (a year less)."""
    age = years_between(rows["birth_date"], day(rows["died_at"]))
    return pc.less_equal(pc.abs(pc.subtract(age, rows["age"])), 1)


RULES: dict[str, tuple[CrossRule, ...]] = {
    "death_certificates": (
        not_before("died_before_birth", "died_at", "birth_date"),
        not_before("issued_before_death", "issued_on", "died_at"),
        not_before("reported_before_death", "reported_at", "died_at"),
        birth_matches("birth_contradicts_id", "birth_date", "id_no"),
        sex_matches("sex_contradicts_id", "sex", "id_no"),
        CrossRule("age_contradicts_birth", ("age", "birth_date", "died_at"), _age_fits, "warning"),
    ),
}
