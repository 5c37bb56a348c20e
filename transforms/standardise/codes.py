"""Short coded texts: sex, code lists, divisions, phones, diagnoses, record keys, and plain text."""

import re
from collections.abc import Callable, Mapping

import pyarrow as pa

from transforms.standardise.characters import compact, is_placeholder, plain
from transforms.standardise.columns import Cell, Reader, cellwise

_SEX: Mapping[str, str | None] = {
    "1": "1", "男": "1", "男性": "1", "M": "1", "2": "2", "女": "2", "女性": "2", "F": "2",
    "0": None, "9": None, "未知的性别": None, "未说明的性别": None, "未说明": None,
}  # fmt: skip
_DIVISION = re.compile(r"[1-9]\d{5}(?:\d{3}(?:\d{3})?)?")
_ICD10 = re.compile(r"[A-Z]\d{2}(?:\.?[0-9A-Z]{0,6})?[*+†]?")
_RUINED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)  # a long number that a spreadsheet has rounded
_PHONE_PARTS = re.compile(r"[;,、/|]")
_PHONE = re.compile(r"\d{5,20}")
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


sexes = cellwise(read_sex, pa.string())
divisions = cellwise(read_division, pa.string())
phones = cellwise(read_phone, pa.string())
diagnoses = cellwise(read_icd10, pa.string())
keys = cellwise(read_key, pa.string())
texts = cellwise(_reader_of("text"), pa.string())
addresses = cellwise(_reader_of("address"), pa.string())
