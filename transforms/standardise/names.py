"""Names of persons: as a record keeps them, and as linkage compares them."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.standardise import points
from transforms.standardise.characters import NOBODY, PLACEHOLDERS, is_placeholder, plain
from transforms.standardise.columns import Cell, as_strings, cellwise, mostly, put
from transforms.standardise.pinyin import pinyins
from transforms.standardise.points import Flags, Flat, any_of, flat
from transforms.standardise.references import CHILD, Reference, parent_in, reference_in, sex_in
from transforms.standardise.simplified import simplified, simplified_flat, simplifier

__all__ = ["StandardNames", "names", "parent_in", "read_name", "reference_in", "sex_in", "simplified", "simplifier",
           "standard_names"]  # fmt: skip

_MOST = 50
_DOTS = "·•・‧∙⋅●。.᛫ꞏ⸱⸳˙"
_LIKE_DOTS = "丶、\\-‐‑–—_"  # other marks, too; a dot only between two parts of a name of two characters or more
_DOT = re.compile(rf"(?<=\w)\s*[{_DOTS}]+\s*(?=\w)")
_LIKE_DOT = re.compile(rf"(?<=[\u4e00-\u9fff]{{2}})[{_LIKE_DOTS}](?=[\u4e00-\u9fff]{{2}})")
_LATIN = "A-Za-zÀ-ɏ"
_SPACE = re.compile(f"(?<![{_LATIN}.,]) | (?![{_LATIN}])")
_ENDS = re.compile(rf"^[\s{_DOTS},、;:'\"“”‘’`]+|[\s{_DOTS},、;:'\"“”‘’`]+$")
_NOTHING = re.compile(rf"[×✕✖*X?�_□■○〇…\-—/\\#~某{_DOTS}]+|(?:测试|TEST).{{0,3}}")
_NOTE = re.compile(r"[(\[][^)\]]*[)\]]")
_LATIN_BETWEEN = re.compile(rf"[\s,\-‐‑–{_DOTS}]+")


def read_name(text: str) -> Cell:
    """One form of dot, no spaces around Han characters, no invisible ones; traditional characters stay.

    A placeholder is null and no defect; more than 50 characters or no letter at all is a defect.
    """
    spaced = " ".join(plain(text.replace("˙", "·")).split())
    dotted = spaced if spaced.isascii() else _LIKE_DOT.sub("·", _DOT.sub("·", spaced))
    # again: what has moved together may compose
    tidy = _ENDS.sub("", plain(_SPACE.sub("", dotted)))
    if _names_nobody(tidy):
        return None, None
    if len(tidy) > _MOST:
        return None, "too_long"
    return (tidy, None) if any(character.isalpha() for character in tidy) else (None, "bad_shape")


def _names_nobody(tidy: str) -> bool:
    bare = tidy.upper().strip("()[]【】<>")
    return is_placeholder(bare) or bare in NOBODY or _NOTHING.fullmatch(bare) is not None


def _easy(texts: pa.Array) -> tuple[pa.Array, Flags]:
    """Two to twelve Han characters, and not a word that names nobody."""
    found = flat(texts)
    has_length = (found.lengths >= 2) & (found.lengths <= 12)
    names_nobody = pc.is_in(texts, _nobody()).to_numpy(zero_copy_only=False)
    return texts, has_length & ~any_of(found, ~_han()[found.points]) & ~names_nobody


names = mostly(_easy, cellwise(read_name, pa.string()))


@cache
def _han() -> Flags:
    """The characters that no rule for names touches, alone or beside another."""
    table = points.flags("", (0x4E00, 0x9FFF))
    table[[ord(character) for character in "某丶测婴胎"]] = False
    return table


@cache
def _nobody() -> pa.Array:
    return pa.array(sorted(NOBODY | PLACEHOLDERS), pa.string())


@dataclass(frozen=True)
class StandardNames:
    """Names as linkage compares them, row by row.

    `name` in simplified standard characters, Latin letters in one form, without notes in brackets; null where
    the text names nobody in full. There `of` is the name of the person whose relative is meant, if one is
    named, and `is_` what the relative is (child, spouse, parent, other, nobody). `sex` is what the words
    tell. `pinyin` has the syllables of `name`.
    """

    name: pa.Array
    pinyin: pa.Array
    of: pa.Array
    is_: pa.Array
    sex: pa.Array

    @property
    def parent(self) -> pa.Array:
        """The parent's name where somebody is known only as a parent's child ("张三之子")."""
        return pc.if_else(pc.equal(self.is_, CHILD), self.of, pa.scalar(None, pa.string()))


def standard_names(texts: pa.Array | pa.ChunkedArray) -> StandardNames:
    """Names as records keep them (`read_name`) → as linkage compares them; null stays null."""
    encoded = as_strings(texts).dictionary_encode()
    found = simplified_flat(flat(encoded.dictionary))
    simple = points.texts_of(found)
    is_odd = _is_odd(found)
    references, forms = _looked_at(simple.filter(pa.array(is_odd)).to_pylist())
    name = put(simple, is_odd, forms)
    none = pa.nulls(len(simple), pa.string())
    columns = [name, pinyins(name)] + [
        put(none, is_odd, [getattr(reference, part) if reference else None for reference in references])
        for part in ("of", "is_", "sex")
    ]
    return StandardNames(*(column.take(encoded.indices) for column in columns))


def _is_odd(found: Flat) -> Flags:
    """Texts that may tell of a relative, be masked, or hold anything but Han characters."""
    odd: Flags = np.asarray(found.lengths >= 4) | any_of(found, ~_han()[found.points])
    return odd


def _looked_at(texts: list[str]) -> tuple[list[Reference | None], list[str | None]]:
    forms = [_form(text) for text in texts]
    # also as compared: a note or a small letter behind the words hides them ("XX之女a")
    references = [reference_in(text) or reference_in(form) for text, form in zip(texts, forms, strict=True)]
    return references, [None if reference else form for form, reference in zip(forms, references, strict=True)]


def _form(text: str) -> str:
    """Without notes in brackets; letters as on the machine-readable lines of passports (ICAO Doc 9303, part 3).

    Those are capitals without marks, apostrophes left out, hyphens and full stops as spaces.
    """
    bare = _NOTE.sub("", text).strip() or text
    if not any(character.isalpha() and character < "\u0250" for character in bare):
        return bare
    letters = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    upper = re.sub("['’`ʼ]", "", letters).upper()
    is_latin = all(character < "\u0250" for character in upper)
    return (_LATIN_BETWEEN.sub(" ", upper).strip() if is_latin else upper) or bare
