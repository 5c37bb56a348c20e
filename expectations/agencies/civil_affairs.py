"""Civil affairs: marriages, adoptions, cremations, low-income households."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import CrossRule, birth_matches, differ, not_before, sex_is


def _adoptee_has_own_number(rows: pa.Table) -> Any:
    adoptee = rows["adoptee_id_no"]
    is_man = pc.fill_null(pc.equal(adoptee, rows["adopter_man_id_no"]), False)
    is_woman = pc.fill_null(pc.equal(adoptee, rows["adopter_woman_id_no"]), False)
    return pc.if_else(adoptee.is_valid(), pc.invert(pc.or_(is_man, is_woman)), pa.scalar(None, pa.bool_()))


RULES: dict[str, tuple[CrossRule, ...]] = {
    "marriages": (
        differ("same_number_twice", "cert_num_man", "cert_num_woman"),
        birth_matches("birth_contradicts_id", "birth_man", "cert_num_man"),
        birth_matches("birth_contradicts_id", "birth_woman", "cert_num_woman"),
        sex_is("number_of_other_sex", "1", "cert_num_man"),
        sex_is("number_of_other_sex", "2", "cert_num_woman"),
    ),
    "adoptions": (
        not_before("registered_before_birth", "registered_on", "adoptee_birth_date"),
        not_before("dissolved_before_registered", "dissolved_on", "registered_on"),
        birth_matches("birth_contradicts_id", "adoptee_birth_date", "adoptee_id_no"),
        CrossRule(
            "number_of_parent",
            ("adoptee_id_no", "adopter_man_id_no", "adopter_woman_id_no"),
            _adoptee_has_own_number,
        ),
    ),
    "cremations": (not_before("cremated_before_death", "cremated_on", "died_on"),),
    "low_income": (not_before("ends_before_start", "valid_to", "valid_from"),),
}
