"""Characters brought to one form: compatibility and invisible ones, radicals, private code points."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.pages import read_page
from transforms.standardise import points
from transforms.standardise.points import Flags, Flat

_PAGE: dict[str, Any] = read_page(files("transforms.standardise").joinpath("characters.yaml").read_text("utf-8"))
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb]|[\U000e0001-\U000e007f\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_PLAIN = re.compile(r"[0-9A-Za-z\-:/ ]*|[\u4e00-\u9fff]+")

PLACEHOLDERS = frozenset(_PAGE["placeholders"])
NOBODY = frozenset(_PAGE["nobody"])
KEPT = frozenset(_PAGE["kept"])


def pairs(name: str) -> dict[int, str]:
    """A list of pairs of characters.yaml as a table for str.translate."""
    return {ord(pair[0]): pair[1] for pair in _PAGE[name].split()}


def _standard_of_private() -> dict[int, str]:
    """Private code points → the characters that GB 18030-2005 and -2022 give their two-byte codes.

    Fonts and systems of the GBK time had the 80 characters of FE50–FEA0 at U+E815–U+E864. Python's codec,
    which follows the edition of 2000, still puts 24 codes into the private area; those are written out here.
    """
    trail = [second for second in range(0x50, 0xA1) if second != 0x7F]
    table = {0xE815 + place: bytes([0xFE, second]).decode("gb18030") for place, second in enumerate(trail)}
    return table | {
        private: chr(standard)
        for private, standard in {
            0xE7C7: 0x1E3F, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8,
            0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC,
            0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE, 0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11,
            0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18,
            0xE796: 0xFE19,
        }.items()
    }  # fmt: skip


_MENDED = pairs("radicals") | _standard_of_private()


def plain(text: str) -> str:
    """The text in NFKC, without invisible characters, radicals and private code points mended, trimmed."""
    if _PLAIN.fullmatch(text):
        return text.strip()
    mended = _INVISIBLE.sub("", text).translate(_MENDED)
    composed = unicodedata.normalize("NFKC", mended).translate(_MENDED)
    return _CONTROL.sub(" ", composed).strip()


def is_placeholder(text: str) -> bool:
    """Whether a plain text only says that there is nothing."""
    return text.upper() in PLACEHOLDERS


def compact(text: str) -> str:
    """The plain text without any white space."""
    return "".join(plain(text).split())


def is_ordinary(texts: pa.Array, whole: Flat) -> Flags:
    """Which texts stay as they are by every rule here, told from their characters alone.

    Han of the main block, ASCII letters and digits and a few marks between them, no white space, no placeholder.
    `whole` is `flat(texts)`.
    """
    strange = points.any_of(whole, ~_ordinary()[whole.points])
    says_nothing = pc.is_in(pc.ascii_upper(texts), _placeholders())
    found: Flags = ~strange & ~says_nothing.to_numpy(zero_copy_only=False)
    return found


@cache
def _ordinary() -> Flags:
    return points.flags("-/:#_", (0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x4E00, 0x9FFF))


@cache
def _placeholders() -> pa.Array:
    return pa.array(sorted(PLACEHOLDERS), pa.string())
