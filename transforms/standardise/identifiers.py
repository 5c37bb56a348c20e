"""Identity numbers of GB 11643, by column: shape, check character, and the birth date and sex inside.

Permits of Hong Kong, Macao and Taiwan residents (81, 82, 83 …) and of foreigners (9 …) have the same shape
and the same check character. Rules that ask whether the county existed at the birth are left out on purpose:
they refuse valid numbers of people whose place was renamed.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.standardise.characters import compact, is_placeholder
from transforms.standardise.columns import Cell, Read, as_array, cellwise

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_SHAPE = re.compile(r"[1-9]\d{16}[\dX]|[1-9]\d{14}")
_DISABILITY = re.compile(r"(?:[1-9]\d{16}[\dX]|[1-9]\d{14})[1-7][1-4](?:B\d{1,2})?")
_DAMAGED = re.compile(r"[\dX]{12,24}")
_EMPTY = re.compile(r"[0-9]|(\d)\1*|X+")  # typed so that a form lets one pass


def read_id_no(text: str) -> Cell:
    """Upper case, 15 or 18 characters; another shape is lost; a placeholder is missing and no defect."""
    tidy = compact(text).upper()
    if is_placeholder(tidy) or _EMPTY.fullmatch(tidy):
        return None, None
    return (tidy, None) if _SHAPE.fullmatch(tidy) else (None, "bad_shape")


def damaged(text: str) -> str | None:
    """What is left of a number that lost or gained characters, for comparison only; else None."""
    tidy = compact(text).upper()
    return tidy if _DAMAGED.fullmatch(tidy) else None


def read_disability_no(text: str) -> Cell:
    """An identity number, category digit, grade digit, and B with a number after a reissue."""
    tidy = compact(text).upper()
    if is_placeholder(tidy) or _EMPTY.fullmatch(tidy):
        return None, None
    return (tidy, None) if _DISABILITY.fullmatch(tidy) else (None, "bad_shape")


def id_nos(texts: list[str]) -> Read:
    """Distinct texts → identity numbers; a wrong check character or date inside is a defect, and kept."""
    return _with_check(cellwise(read_id_no, pa.string())(texts))


def disability_nos(texts: list[str]) -> Read:
    """Distinct texts → numbers of disability certificates; the identity number inside is checked."""
    return _with_check(cellwise(read_disability_no, pa.string())(texts))


def _with_check(read: Read) -> Read:
    wrong = pc.and_(read.values.is_valid(), pc.is_null(valid_18(inner_id_no(read.values))))
    return Read(read.values, pc.if_else(wrong, "bad_check", read.reasons))


def inner_id_no(numbers: pa.Array) -> pa.Array:
    """The identity number inside a disability certificate's number; an identity number is itself."""
    numbers = as_array(numbers)
    head = pc.replace_substring_regex(numbers, r"^(.{15}|.{18})[1-7][1-4](B\d{1,2})?$", r"\1")
    return pc.if_else(pc.is_in(pc.utf8_length(numbers), pa.array([15, 18], pa.int32())), numbers, head)


def valid_18(numbers: pa.Array) -> pa.Array:
    """The 18-character form of each valid number of 15 or 18 characters; null where it is not valid."""
    full = as_18(numbers)
    characters, is_shaped = _characters(full)
    is_right = is_shaped & (_check_of(characters) == characters[:, 17]) & _inner_days(characters)[1]
    return pc.if_else(pa.array(is_right), full, pa.scalar(None, pa.string()))


def as_18(numbers: pa.Array) -> pa.Array:
    """Fifteen digits become eighteen characters (births of 19..); everything else stays."""
    numbers = as_array(numbers)
    is_old = pc.equal(pc.utf8_length(numbers), 15).fill_null(False)
    if not pc.any(is_old).as_py():
        return numbers
    century = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(numbers, 0, 6), "19", pc.utf8_slice_codeunits(numbers, 6, 15), "0", ""
    )
    characters, _ = _characters(pc.if_else(is_old, century, pa.scalar(None, pa.string())))
    check = pa.array(_check_of(characters).view("S1").astype("U1"))
    renewed = pc.binary_join_element_wise(pc.utf8_slice_codeunits(century, 0, 17), check, "")
    return pc.if_else(is_old, renewed, numbers)


def check_character(first_17: str) -> str:
    """The check character that belongs to seventeen digits (MOD 11-2)."""
    digits = np.array([[int(digit) for digit in first_17] + [0]], dtype=np.uint8) + 48
    return chr(int(_check_of(digits)[0]))


def births(numbers: pa.Array) -> pa.Array:
    """The birth date inside 18-character numbers, date32; null where there is none."""
    characters, is_shaped = _characters(numbers)
    days, is_day = _inner_days(characters)
    return pc.if_else(pa.array(is_shaped & is_day), pa.array(days, pa.date32()), pa.scalar(None, pa.date32()))


def sexes_inside(numbers: pa.Array) -> pa.Array:
    """The sex inside 18-character numbers: "1" where the seventeenth digit is odd, else "2"."""
    characters, is_shaped = _characters(numbers)
    sexes = pc.if_else(pa.array(characters[:, 16] % 2 == 1), "1", "2")
    return pc.if_else(pa.array(is_shaped), sexes, pa.scalar(None, pa.string()))


def _characters(numbers: pa.Array) -> tuple[Any, Any]:
    """(n, 18) character codes, and which rows really have 18 characters of the right shape."""
    numbers = as_array(numbers)
    is_shaped = pc.match_substring_regex(numbers, r"^[0-9]{17}[0-9X]$").fill_null(False)
    safe = pc.if_else(is_shaped, numbers, "0" * 18)
    codes = np.frombuffer("".join(safe.to_pylist()).encode("ascii"), dtype=np.uint8).reshape(-1, 18)
    return codes, is_shaped.to_numpy(zero_copy_only=False)


def _check_of(characters: Any) -> Any:
    return _CHECKS[(characters[:, :17].astype(np.int64) - 48) @ _WEIGHTS % 11]


def _inner_days(characters: Any) -> tuple[Any, Any]:
    """Days since 1970 of the date at positions 7–14, and whether it is a day since 1800 at all."""
    digits = characters[:, 6:14].astype(np.int64) - 48
    year, month, day = digits[:, :4] @ [1000, 100, 10, 1], digits[:, 4:6] @ [10, 1], digits[:, 6:] @ [10, 1]
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day - 1)
    is_day = (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("datetime64[M]") == months) & (year >= 1800)
    return dates.astype("datetime64[D]"), is_day
