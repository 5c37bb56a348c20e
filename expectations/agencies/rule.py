"""What a rule between fields is, and the few shapes that most of them have.

Every condition takes a typed table and answers per row: true (consistent), false (contradiction) or null (one of
the fields is empty, so nothing was checked). All are vectorised.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

Condition = Callable[[pa.Table], Any]  # → a boolean array, null where not applicable


@dataclass(frozen=True)
class CrossRule:
    """A rule on several columns; its outcome stands under the first. `field` contradicts, `warning` is odd."""

    name: str
    columns: tuple[str, ...]
    holds: Condition
    severity: Literal["field", "warning"] = "field"
    dimension: Literal["consistency", "timeliness"] = "consistency"


def not_before(name: str, later: str, earlier: str) -> CrossRule:
    """`later` is on the day of `earlier` or after it."""
    return CrossRule(name, (later, earlier), lambda rows: pc.greater_equal(day(rows[later]), day(rows[earlier])))


def birth_matches(name: str, birth_date: str, id_no: str) -> CrossRule:
    """The birth date is the one inside the identity number."""
    return CrossRule(name, (birth_date, id_no), lambda rows: pc.equal(day(rows[birth_date]), birth_in(rows[id_no])))


def sex_matches(name: str, sex: str, id_no: str) -> CrossRule:
    """The sex is the one inside the identity number."""
    return CrossRule(name, (sex, id_no), lambda rows: pc.equal(rows[sex], sex_in(rows[id_no])))


def sex_is(name: str, sex: Literal["1", "2"], id_no: str) -> CrossRule:
    """The identity number is of a man (1) or of a woman (2), as the role says."""
    return CrossRule(name, (id_no,), lambda rows: pc.equal(sex_in(rows[id_no]), sex))


def differ(name: str, column: str, other: str) -> CrossRule:
    """Two persons of one record do not have the same number."""
    return CrossRule(name, (column, other), lambda rows: pc.not_equal(rows[column], rows[other]))


def day(column: Any) -> Any:
    """The date of a date or a moment."""
    return column.cast(pa.date32())


def birth_in(id_no: Any) -> Any:
    """The birth date inside 18-character numbers; null for others and where the digits are no date."""
    digits = pc.if_else(is_long(id_no), pc.utf8_slice_codeunits(id_no, 6, 14), pa.scalar(None, pa.string()))
    return pc.strptime(digits, "%Y%m%d", "s", error_is_null=True).cast(pa.date32())


def sex_in(id_no: Any) -> Any:
    """The sex ("1" man, "2" woman) inside 18-character numbers; null for others."""
    digit = pc.if_else(is_long(id_no), pc.utf8_slice_codeunits(id_no, 16, 17), pa.scalar(None, pa.string()))
    return pc.if_else(
        pc.is_in(digit, pa.array(["1", "3", "5", "7", "9"])), "1", pc.if_else(digit.is_valid(), "2", None)
    )


def is_long(id_no: Any) -> Any:
    """Whether a number is of the second generation; numbers of a disability certificate begin with one."""
    return pc.fill_null(pc.greater_equal(pc.utf8_length(id_no), 18), False)


def years_between(earlier: Any, later: Any) -> Any:
    """Completed years from one date to another."""
    years = pc.subtract(pc.year(later), pc.year(earlier))
    is_short = pc.less(_month_day(later), _month_day(earlier))
    return pc.subtract(years, is_short.cast(pa.int64()))


def _month_day(dates: Any) -> Any:
    return pc.add(pc.multiply(pc.month(dates), 100), pc.day(dates))
