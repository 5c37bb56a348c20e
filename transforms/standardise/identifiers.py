"""Identity numbers of GB 11643, by column: shape, check character, and the birth date and sex inside.

Permits of Hong Kong, Macao and Taiwan residents (81, 82, 83 …) and of foreigners (9 …) have the same shape
and the same check character. The first two digits must be a province of GB/T 2260; whether the county existed
at the birth is not asked on purpose: that refuses valid numbers of people whose place was renamed.
"""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.standardise.characters import compact, is_placeholder
from transforms.standardise.columns import Cell, Read, Texts, as_strings, cellwise, mostly, put
from transforms.standardise.points import Bytes, Flags, Places, fixed, number_in

Days = npt.NDArray[np.datetime64]

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_PROVINCES = np.isin(
    np.arange(100),
    [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
     61, 62, 63, 64, 65, 71, 81, 82, 83],
)  # fmt: skip
_SHAPE = re.compile(r"[1-9]\d{16}[\dX]|[1-9]\d{14}")
_DISABILITY = re.compile(r"((?:[1-9]\d{16}[\dX]|[1-9]\d{14}))[1-7][1-4](?:B\d{1,2})?")
_FOREIGNER_OF_OLD = re.compile(r"[A-Z]{3}\d{12}")
_DAMAGED = re.compile(r"[\dX]{12,24}")
_EMPTY = re.compile(r"[0-9]|(\d)\1*|X+")  # typed so that a form lets one pass
# what stands for X, and what is typed between the groups of digits
_TYPED = str.maketrans(dict.fromkeys("ХχΧ×✕╳", "X") | dict.fromkeys("-‐‑‒–—―−'’‘`\"“”_", ""))
_CENTENARIANS = [b"996", b"997", b"998", b"999"]
_LAST_YEAR = 2099


def tidy_number(text: str) -> str:
    """A number in capitals without spaces, dashes and quotes; Cyrillic and Greek Х and × are X."""
    tidy = compact(text).upper().translate(_TYPED)
    # systems that cannot hold a letter there write an asterisk
    return tidy[:17] + "X" if len(tidy) == 18 and tidy[17] == "*" and tidy[:17].isascii() else tidy


def read_id_no(text: str) -> Cell:
    """Upper case, 15 or 18 characters; another shape is lost; a placeholder is missing and no defect.

    The number of a disability certificate is read as the valid identity number inside.
    """
    tidy = tidy_number(text)
    if is_placeholder(tidy) or _EMPTY.fullmatch(tidy):
        return None, None
    if _SHAPE.fullmatch(tidy) or _FOREIGNER_OF_OLD.fullmatch(tidy):
        return tidy, None
    longer = _DISABILITY.fullmatch(tidy)
    if longer and len(longer[1]) == 18 and valid_18(pa.array([longer[1]]))[0].is_valid:
        return longer[1], None
    return None, "bad_shape"


def damaged(text: str) -> str | None:
    """What is left of a number that lost or gained characters, for comparison only; else None."""
    tidy = tidy_number(text)
    return tidy if _DAMAGED.fullmatch(tidy) else None


def read_disability_no(text: str) -> Cell:
    """An identity number, category digit, grade digit, and B with a number after a reissue."""
    tidy = tidy_number(text)
    if is_placeholder(tidy) or _EMPTY.fullmatch(tidy):
        return None, None
    return (tidy, None) if _DISABILITY.fullmatch(tidy) else (None, "bad_shape")


def _easy(texts: pa.Array) -> tuple[pa.Array, Flags]:
    """Eighteen characters of the right shape, not one digit eighteen times."""
    codes, easy = fixed(texts, 18)
    easy[easy] = _is_shaped(codes) & (codes[:, 0] != ord("0")) & (codes != codes[:, :1]).any(axis=1)
    return texts, easy


_shaped_ids = mostly(_easy, cellwise(read_id_no, pa.string()))


def id_nos(texts: Texts) -> Read:
    """Distinct texts → identity numbers; a wrong check character or date inside is a defect, and kept."""
    return _with_check(_shaped_ids(texts))


def disability_nos(texts: Texts) -> Read:
    """Distinct texts → numbers of disability certificates; the identity number inside is checked."""
    return _with_check(cellwise(read_disability_no, pa.string())(texts))


def _with_check(read: Read) -> Read:
    is_fine = pc.or_(valid_18(inner_id_no(read.values)).is_valid(), pa.array(_is_old_permit(read.values)))
    return Read(read.values, pc.if_else(pc.and_not(read.values.is_valid(), is_fine), "bad_check", read.reasons))


def inner_id_no(numbers: pa.Array) -> pa.Array:
    """The identity number inside a disability certificate's number; an identity number is itself."""
    numbers = as_strings(numbers)
    is_bare = pc.is_in(pc.utf8_length(numbers), pa.array([15, 18, None], pa.int32()))
    if pc.all(is_bare).as_py() in (True, None):
        return numbers
    head = pc.replace_substring_regex(numbers, r"^(.{15}|.{18})[1-7][1-4](B\d{1,2})?$", r"\1")
    return pc.if_else(is_bare, numbers, head)


def valid_18(numbers: pa.Array) -> pa.Array:
    """The 18-character form of each valid number of 15 or 18 characters; null where it is not valid.

    Valid: a province, a day between 1800 and 2099 and the check character fit.
    """
    full = as_18(numbers)
    codes, is_valid = fixed(full, 18)
    shaped = _is_shaped(codes)
    digits = np.where(shaped[:, None], codes, ord("0"))
    is_valid[is_valid] = shaped & (_check_of(digits) == codes[:, 17]) & _inner_days(digits)[1] & _has_province(digits)
    return pc.if_else(pa.array(is_valid), full, pa.scalar(None, pa.string()))


def as_18(numbers: pa.Array) -> pa.Array:
    """Fifteen digits become eighteen characters; everything else stays.

    Numbers of fifteen digits were given to people born in 19..; their last three digits 996 to 999 were kept
    for those who were then a hundred years old and more, born in 18.. (GB 11643-1989).
    """
    numbers = as_strings(numbers)
    codes, is_old = fixed(numbers, 15)
    digits = _are_digits(codes)
    is_old[is_old] = digits
    if not is_old.any():
        return numbers
    full = _with_century(codes[digits])
    return put(numbers, is_old, np.ascontiguousarray(full).view("S18").ravel().astype("U18").tolist())


def _with_century(codes: Bytes) -> Bytes:
    is_centenarian = np.isin(np.ascontiguousarray(codes[:, 12:]).view("S3").ravel(), _CENTENARIANS)
    century = np.where(is_centenarian[:, None], np.frombuffer(b"18", np.uint8), np.frombuffer(b"19", np.uint8))
    first_17 = np.concatenate([codes[:, :6], century, codes[:, 6:]], axis=1)
    full: Bytes = np.concatenate([first_17, _check_of(first_17)[:, None]], axis=1)
    return full


def check_character(first_17: str) -> str:
    """The check character that belongs to seventeen digits (MOD 11-2)."""
    return chr(int(_check_of(np.frombuffer(first_17.encode(), np.uint8)[None])[0]))


def births(numbers: pa.Array) -> pa.Array:
    """The birth date inside 18-character numbers, date32; null where there is none."""
    numbers = as_strings(numbers)
    codes, has_day = fixed(numbers, 18)
    days, is_day = _inner_days(np.where(_is_shaped(codes)[:, None], codes, ord("0")))
    found = np.full(len(numbers), np.datetime64("NaT"), "datetime64[D]")
    found[has_day] = np.where(is_day, days, np.datetime64("NaT"))
    return pa.array(found, pa.date32())


def sexes_inside(numbers: pa.Array) -> pa.Array:
    """The sex inside 18-character numbers: "1" where the seventeenth digit is odd, else "2"."""
    numbers = as_strings(numbers)
    codes, has_sex = fixed(numbers, 18)
    place = np.full(len(numbers), 2, np.int8)
    place[has_sex] = np.where(_is_shaped(codes), 1 - codes[:, 16] % 2, 2)
    return pa.array(["1", "2", None], pa.string()).take(pa.array(place))


def id_kinds(numbers: pa.Array) -> pa.Array:
    """What document a number is of, by its shape: resident, hong_kong, macao, taiwan, foreigner or null.

    A foreigner's permanent residence card has 18 characters that begin with 9 since 2023, before that three
    letters of the nationality and twelve digits. The number of Taiwan (71) is a resident's.
    """
    full = as_18(numbers)
    codes, is_one = fixed(full, 18)
    first = np.where(_is_shaped(codes), number_in(np.maximum(codes[:, :2], 48)), -1)
    kinds = np.zeros(len(full), np.int8)
    kinds[is_one] = np.select([first < 10, first == 81, first == 82, first == 83, first >= 90], [0, 2, 3, 4, 5], 1)
    kinds[_is_old_permit(full)] = 5
    names = pa.array([None, "resident", "hong_kong", "macao", "taiwan", "foreigner"], pa.string())
    return names.take(pa.array(kinds))


def _is_old_permit(numbers: pa.Array) -> Flags:
    codes, found = fixed(as_strings(numbers), 15)
    letters = (codes[:, :3] >= ord("A")) & (codes[:, :3] <= ord("Z"))
    found[found] = letters.all(axis=1) & _are_digits(codes[:, 3:])
    return found


def _are_digits(codes: Bytes) -> Flags:
    return np.asarray(((codes >= ord("0")) & (codes <= ord("9"))).all(axis=1), bool)


def _is_shaped(codes: Bytes) -> Flags:
    is_x = np.asarray(codes[:, 17] == ord("X"), bool)
    found: Flags = _are_digits(codes[:, :17]) & (_are_digits(codes[:, 17:]) | is_x)
    return found


def _check_of(codes: Bytes) -> Bytes:
    """By float32, which is exact for such sums and much faster than whole numbers."""
    sums = (codes[:, :17] - np.uint8(48)).astype(np.float32) @ _WEIGHTS.astype(np.float32)
    found: Bytes = _CHECKS[sums.astype(np.int64) % 11]
    return found


def _has_province(digits: Bytes) -> Flags:
    first = number_in(digits[:, :2])
    return np.asarray(_PROVINCES[np.where(first >= 90, number_in(digits[:, 1:3]), first)], bool)


def _inner_days(digits: Bytes) -> tuple[Days, Flags]:
    """The date at positions 7–14, and whether it is a day between 1800 and 2099 at all."""
    return days_of(number_in(digits[:, 6:10]), number_in(digits[:, 10:12]), number_in(digits[:, 12:14]))


def days_of(year: Places, month: Places, day: Places) -> tuple[Days, Flags]:
    """The days of years, months and days of the month, and which of them there are, between 1800 and 2099."""
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    dates: Days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    is_day = (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("datetime64[M]") == months)
    return dates, np.asarray(is_day & (year >= 1800) & (year <= _LAST_YEAR), bool)
