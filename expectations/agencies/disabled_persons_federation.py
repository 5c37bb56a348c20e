"""Disabled persons' federation: the certificate's number carries the identity number, category and grade."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import CrossRule, birth_matches, not_before, sex_matches
from transforms.feeds import load_contract


def _digit(rows: pa.Table, position: int) -> Any:
    return pc.utf8_slice_codeunits(rows["cert_no"], position, position + 1)


def _category_fits(rows: pa.Table) -> Any:
    codes = load_contract("disability_certificates").column("category").codes or {}
    digits = pa.array([code for code in codes if code.isdigit()])
    named = pa.array([codes[code] for code in digits.to_pylist()])
    return pc.equal(rows["category"], named.take(pc.index_in(_digit(rows, 18), digits)))


def _grade_fits(rows: pa.Table) -> Any:
    return pc.equal(rows["grade"], _digit(rows, 19))


RULES: dict[str, tuple[CrossRule, ...]] = {
    "disability_certificates": (
        CrossRule("category_contradicts_number", ("category", "cert_no"), _category_fits),
        CrossRule("grade_contradicts_number", ("grade", "cert_no"), _grade_fits),
        birth_matches("birth_contradicts_id", "birth_date", "cert_no"),
        sex_matches("sex_contradicts_id", "sex", "cert_no"),
        not_before("issued_before_assessment", "issued_on", "assessed_on"),
        not_before("ends_before_start", "valid_to", "issued_on"),
    ),
}
