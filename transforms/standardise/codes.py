"""Short coded texts: sex, code lists, divisions, phones, diagnoses, record keys, and plain text."""

import re
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from transforms.standardise.characters import compact, is_ordinary, is_placeholder, plain
from transforms.standardise.columns import Cell, Reader, cellwise, mostly
from transforms.standardise.points import Flags, flat, only

_SEX: Mapping[str, str | None] = {
    "1": "1", "男": "1", "男性": "1", "M": "1", "2": "2", "女": "2", "女性": "2", "F": "2",
    "0": None, "9": None, "未知的性别": None, "未说明的性别": None, "未说明": None,
}  # fmt: skip
_DIVISION = re.compile(r"[1-9]\d{5}(?:\d{3}(?:\d{3})?)?")
_ICD10 = re.compile(r"[A-Z]\d{2}(?:\.?[0-9A-Z]{0,6})?[*+†]?")
_RUINED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)  # a long number that a spreadsheet has rounded
_PHONE_PARTS = re.compile(r"[;,、/|]")
_PHONE = re.compile(r"\d{5,20}")
_DIGITS = "0123456789"
_KEY = _DIGITS + "ABCDFGHIJKLMNOPQRSTUVWXYZ-"  # without E, which may stand for a power of ten
_MOST = {"key": 64, "text": 500, "address": 200}


def read_sex(text: str) -> Cell:
    """GB/T 2261.1 or its words → "1" male, "2" female; unknown is null and no defect."""
    tidy = compact(text).upper()
    if is_placeholder(tidy):
        return None, None
    return (_SEX[tidy], None) if tidy in _SEX else (None, "unknown_code")


def code_reader(codes: Mapping[str, str]) -> Reader:
    """Distinct texts → the standard code of the column's list; a standard code itself is read too."""
    known = {value.upper(): value for value in codes.values()}
    known |= {compact(text).upper(): value for text, value in codes.items()}

    def read(text: str) -> Cell:
        tidy = compact(text).upper()
        if tidy in known:
            return known[tidy], None
        return (None, None) if is_placeholder(tidy) else (None, "unknown_code")

    return cellwise(read, pa.string())


def read_division(text: str) -> Cell:
    """Six, nine or twelve digits, kept as delivered: what they mean today is asked of the dated table."""
    tidy = compact(text)
    if is_placeholder(tidy):
        return None, None
    return (tidy, None) if _DIVISION.fullmatch(tidy) else (None, "bad_division")


def read_phone(text: str) -> Cell:
    """Digits of the first number given; country code, spaces and dashes left out."""
    first = _PHONE_PARTS.split(compact(text))[0]
    if is_placeholder(first):
        return None, None
    digits = re.sub(r"[-()转]", "", first)
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    return (digits, None) if _PHONE.fullmatch(digits) else (None, "bad_shape")


def read_icd10(text: str) -> Cell:
    """A code of ICD-10 in upper case."""
    tidy = compact(text).upper()
    if is_placeholder(tidy):
        return None, None
    return (tidy, None) if _ICD10.fullmatch(tidy) else (None, "bad_shape")


def read_key(text: str) -> Cell:
    """An agency's own number: compatibility forms and white space mended, letters as they are.

    A number that is shaped like an identity number has its X in upper case; one that a spreadsheet turned
    into a power of ten is lost.
    """
    tidy = compact(text)
    if is_placeholder(tidy):
        return None, None
    if _RUINED.fullmatch(tidy):
        return None, "bad_shape"
    if len(tidy) > _MOST["key"]:
        return None, "too_long"
    return (tidy.upper() if re.fullmatch(r"\d{17}x", tidy) else tidy), None


def _reader_of(kind: str) -> Callable[[str], Cell]:
    def read(text: str) -> Cell:
        tidy = " ".join(plain(text).split())
        if is_placeholder(tidy):
            return None, None
        return (tidy, None) if len(tidy) <= _MOST[kind] else (None, "too_long")

    return read


def _easy_phones(texts: pa.Array) -> tuple[pa.Array, Flags]:
    """Digits alone, and too few of them for a country code."""
    return texts, only(texts, _DIGITS) & _has_length(texts, 5, 12)


def _easy_keys(texts: pa.Array) -> tuple[pa.Array, Flags]:
    """Digits, capitals and dashes, not dashes alone; no placeholder is longer than three of these."""
    return texts, only(texts, _KEY) & ~only(texts, "-") & _has_length(texts, 5, _MOST["key"])


def _easy_of(kind: str) -> Callable[[pa.Array], tuple[pa.Array, Flags]]:
    def easy(texts: pa.Array) -> tuple[pa.Array, Flags]:
        found = flat(texts)
        return texts, is_ordinary(texts, found) & (found.lengths <= _MOST[kind])

    return easy


def _has_length(texts: pa.Array, least: int, most: int) -> Flags:
    length = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    found: Flags = (length >= least) & (length <= most)
    return found


sexes = cellwise(read_sex, pa.string())
divisions = cellwise(read_division, pa.string())
phones = mostly(_easy_phones, cellwise(read_phone, pa.string()))
diagnoses = cellwise(read_icd10, pa.string())
keys = mostly(_easy_keys, cellwise(read_key, pa.string()))
texts = mostly(_easy_of("text"), cellwise(_reader_of("text"), pa.string()))
addresses = mostly(_easy_of("address"), cellwise(_reader_of("address"), pa.string()))
