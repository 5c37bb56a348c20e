"""Health commission: one-child certificates and birth certificates."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import (
    CrossRule,
    birth_in,
    birth_matches,
    differ,
    not_before,
    sex_is,
    sex_matches,
    years_between,
)
from expectations.thresholds import default_thresholds


def _mother_is_of_age(rows: pa.Table) -> Any:
    limits = default_thresholds()
    age = years_between(birth_in(rows["mother_id_no"]), rows["birth_date"])
    return pc.and_(pc.greater_equal(age, limits.mother_age_from), pc.less_equal(age, limits.mother_age_to))


def _child_has_own_number(rows: pa.Table) -> Any:
    """Typing a parent's number into the child's field is a known habit of old registers."""
    child = rows["child_id_no"]
    is_father = pc.fill_null(pc.equal(child, rows["father_id_no"]), False)
    is_mother = pc.fill_null(pc.equal(child, rows["mother_id_no"]), False)
    return pc.if_else(child.is_valid(), pc.invert(pc.or_(is_father, is_mother)), pa.scalar(None, pa.bool_()))


RULES: dict[str, tuple[CrossRule, ...]] = {
    "only_child_certificates": (
        not_before("issued_before_birth", "issued_on", "child_birth_date"),
        not_before("voided_before_issue", "voided_on", "issued_on"),
        birth_matches("birth_contradicts_id", "child_birth_date", "child_id_no"),
        sex_matches("sex_contradicts_id", "child_sex", "child_id_no"),
        CrossRule("number_of_parent", ("child_id_no", "father_id_no", "mother_id_no"), _child_has_own_number),
        differ("same_number_twice", "father_id_no", "mother_id_no"),
    ),
    "births": (
        not_before("issued_before_birth", "issued_on", "birth_date"),
        CrossRule("mother_age_unlikely", ("mother_id_no", "birth_date"), _mother_is_of_age, "warning"),
        sex_is("number_of_other_sex", "2", "mother_id_no"),
        differ("same_number_twice", "father_id_no", "mother_id_no"),
    ),
}
