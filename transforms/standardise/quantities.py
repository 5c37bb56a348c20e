"""Whole numbers, and money in fen, exactly."""

import re
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.standardise.characters import compact, is_placeholder
from transforms.standardise.columns import Cell, cellwise, mostly
from transforms.standardise.points import Flags

_INTEGER = re.compile(r"([+-]?\d{1,15})(?:\.0+)?(?:周岁|岁|天|日|次|孩)?")
_AMOUNT = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(E[+-]?\d{1,2})?", re.IGNORECASE)
_MARKS = str.maketrans("", "", ",¥￥元")
_MOST_FEN = 10**15


def read_integer(text: str) -> Cell:
    """A whole number, with a unit or a decimal point and zeros behind it if need be."""
    tidy = compact(text)
    if is_placeholder(tidy):
        return None, None
    found = _INTEGER.fullmatch(tidy.replace("−", "-"))
    return (int(found[1]), None) if found else (None, "not_a_number")


def read_money(text: str) -> Cell:
    """Yuan as text → fen. Thousands separators and brackets for a negative are read, a part of a fen not."""
    tidy = compact(text)
    if is_placeholder(tidy):
        return None, None
    bare = tidy.translate(_MARKS).replace("−", "-")
    bracketed = bare.startswith("(") and bare.endswith(")")
    found = _AMOUNT.fullmatch(bare[1:-1] if bracketed else bare)
    if not found or (bracketed and found[1]):
        return None, "not_a_number"
    fen = Decimal(found[0]) * (-100 if bracketed else 100)
    if fen != fen.to_integral_value():
        return None, "part_of_a_fen"
    return (int(fen), None) if abs(fen) <= _MOST_FEN else (None, "too_large")


def _easy_money(texts: pa.Array) -> tuple[pa.Array, Flags]:
    """Yuan with two decimals, "1234.50"."""
    is_easy = pc.match_substring_regex(texts, r"^[0-9]{1,12}\.[0-9]{2}$")
    bare = pc.if_else(is_easy, texts, "0.00")
    yuan, fen = (pc.utf8_slice_codeunits(bare, *span).cast(pa.int64()) for span in ((0, -3), (-2, None)))
    return pc.add(pc.multiply(yuan, 100), fen), np.asarray(is_easy.to_numpy(zero_copy_only=False), bool)


integers = cellwise(read_integer, pa.int64())
money = mostly(_easy_money, cellwise(read_money, pa.int64()))
