"""Names and addresses in simplified standard characters, one character at a time.

One at a time on purpose: OpenCC's phrases would write one character in two ways in two spellings of a name.
"""

from collections.abc import Callable
from functools import cache

import pyarrow as pa
from opencc import OpenCC

from transforms.standardise.characters import KEPT, pairs
from transforms.standardise.points import Flat, flat, mapped, texts_of


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _variants() -> dict[int, str]:
    return pairs("variants")


def simplified_flat(found: Flat) -> Flat:
    """The same texts in simplified standard characters."""
    return Flat(mapped(found.points, _standard), found.starts)


def simplified(texts: pa.Array) -> pa.Array:
    """Each text in simplified standard characters; none of them null."""
    return texts_of(simplified_flat(flat(texts)))


def simplifier() -> Callable[[list[str]], list[str]]:
    """A function from names to the same names in simplified standard characters, all at once."""

    def simplify(texts: list[str]) -> list[str]:
        simple: list[str] = simplified(pa.array(texts, pa.string())).to_pylist()
        return simple

    return simplify


def _standard(characters: list[str]) -> list[str]:
    simple = _converter().convert("\n".join(characters)).split("\n")
    if len(simple) != len(characters):  # a line break is among them
        simple = [_converter().convert(character) for character in characters]
    return [old if old in KEPT else new.translate(_variants()) for old, new in zip(characters, simple, strict=True)]
