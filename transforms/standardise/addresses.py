"""Addresses as comparison keys: the same home written in two ways gives one key, two flats give two.

Province, city, county, the street office and the residents' committee go (they are told by the division code,
change with it, and are left out at will); road, gate number, estate, building, unit and room stay, with the words
for building and room unified away. So a key is the same before and after a county became a district.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.pages import read_page
from transforms.standardise.characters import is_placeholder, plain
from transforms.standardise.columns import over_distinct, put
from transforms.standardise.divisions import county_stems
from transforms.standardise.numerals import NUMERALS, in_digits
from transforms.standardise.points import Flags, Flat, any_of, flags, flat, mapped, offsets_of, texts_of
from transforms.standardise.simplified import simplifier

_HAN = "\u4e00-\u9fff"
_ON_A_ROAD = f"(?![{_HAN}]?[路街巷])"
_OFFICE = re.compile(f"[{_HAN}]{{2,5}}?(?:街道(?:办事处|办)?|办事处|(?<![乡集])镇|(?<!故)乡)(?=[{_HAN}])")
_COMMITTEE = re.compile(f"[{_HAN}]{{2,6}}?(?:社区(?:居委会)?|居民委员会|居委会)(?=[{_HAN}]{{2}})")
_SAME = (
    ("自然村|村民委员会|村委会|村委", "村"),
    (f"([{_HAN}]{{2}})小区", r"\1"),
    ("(?:村民)?小组", "组"),
)
_HAS_SAME = "自然村|村民|村委|小区|小组"
_OF_RESIDENTS = re.compile(f"(?<=[{_HAN}]{{2}})(?:社区|居委会)")
_UNITS = "号楼|号院|单元|号|楼|栋|幢|座|室|户|层|排|门|弄|组"
_NUMERAL = re.compile(f"[{NUMERALS}]+(?={_UNITS})")
# a numeral, or a word for building or room that does not follow a number
_ODD_TAIL = f"[{NUMERALS}]|[^0-9A-Z号楼栋幢座室户层排门弄组](?:{_UNITS})"
# one after the other on what stands from the first digit on; the same by both engines
_NUMBERED = ((f"([0-9A-Z])(?:{_UNITS})+", r"\1-"), ("-+", "-"), ("(^|[^0-9])0+([0-9])", r"\1\2"))
_BETWEEN_NUMBERS = re.compile(r"(?<=[0-9A-Z])[^\w]+(?=[0-9A-Z])")
_PUNCTUATION = re.compile(r"[^\w-]+|_+")
_DIGIT = "1"  # stands for the numbered part while the part before it is worked on


def address_keys(addresses: pa.Array) -> pa.Array:
    """The comparison key of each address; null where there is no address."""
    return over_distinct(addresses, _keys)


def address_key(address: str) -> str | None:
    """One address as a key such as 柳泉路91-14-3-101."""
    found: str | None = _keys(pa.array([address], pa.string()))[0].as_py()
    return found


def _keys(texts: pa.Array) -> pa.Array:
    head, tail = _split(_named(_cleaned(texts)))
    key = pc.binary_join_element_wise(_head_keys(head, tail), _tail_keys(tail), "")
    bare = pc.utf8_trim(key, "-")
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def _cleaned(texts: pa.Array) -> pa.Array:
    """In capitals and simplified characters, numbers apart by dashes, no other marks; a placeholder is empty."""
    found = flat(texts)
    whole = Flat(mapped(found.points, _capital), found.starts)
    is_odd = any_of(whole, ~_tidy()[whole.points]) | (found.lengths < 6)
    cleaned = simplifier()([_clean(text) for text in texts.filter(pa.array(is_odd)).to_pylist()])
    return put(texts_of(whole), is_odd, cleaned)


def _capital(characters: list[str]) -> list[str]:
    return simplifier()([unicodedata.normalize("NFKC", character).upper() for character in characters])


@cache
def _tidy() -> Flags:
    return flags("-", (0x30, 0x39), (0x41, 0x5A), (0x4E00, 0x9FFF))


def _clean(text: str) -> str:
    tidy = plain(text).upper()
    if is_placeholder(tidy):
        return ""
    return _PUNCTUATION.sub("", _BETWEEN_NUMBERS.sub("-", tidy))


def _named(texts: pa.Array) -> pa.Array:
    """Estates, villages and groups by name, without the word for what they are."""
    has_word = pc.match_substring_regex(texts, _HAS_SAME)
    chosen = texts.filter(has_word)
    for pattern, instead in _SAME:
        chosen = pc.replace_substring_regex(chosen, pattern, instead)
    return pc.replace_with_mask(texts, has_word, chosen) if len(chosen) else texts


def _split(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The part before the first digit, and from it on: the same bytes, cut at one more place each."""
    at = pc.find_substring_regex(texts, "[0-9]").to_numpy()
    begin, end = offsets_of(texts)[:-1], offsets_of(texts)[1:]
    cuts = np.append(np.stack([begin, np.where(at < 0, end, begin + at)], axis=1).ravel(), offsets_of(texts)[-1])
    parts = pa.StringArray.from_buffers(2 * len(texts), pa.py_buffer(cuts.astype(np.int32)), texts.buffers()[2])
    places = np.arange(len(texts)) * 2
    return parts.take(pa.array(places)), parts.take(pa.array(places + 1))


def _head_keys(head: pa.Array, tail: pa.Array) -> pa.Array:
    followed = pc.binary_join_element_wise(head, pc.if_else(pc.equal(tail, ""), "", _DIGIT), "")
    return over_distinct(followed, lambda texts: pa.array([_head(text) for text in texts.to_pylist()], pa.string()))


def _head(text: str) -> str:
    for prefix in _prefixes():
        found = prefix.match(text)
        text = text[found.end() :] if found and found.end() < len(text) else text
    return _numbered(_OF_RESIDENTS.sub("", text)).removesuffix(_DIGIT)


def _tail_keys(tail: pa.Array) -> pa.Array:
    keys = pc.replace_substring_regex(tail, f"(?:{_UNITS})+", "-")
    for pattern, instead in _NUMBERED[1:]:
        keys = pc.replace_substring_regex(keys, pattern, instead)
    is_odd = pc.match_substring_regex(tail, _ODD_TAIL)
    odd = [_numbered(text) for text in tail.filter(is_odd).to_pylist()]
    return put(keys, is_odd.to_numpy(zero_copy_only=False), odd)


def _numbered(text: str) -> str:
    text = _NUMERAL.sub(lambda found: in_digits(found[0]), text)
    for pattern, instead in _NUMBERED:
        text = re.sub(pattern, instead, text)
    return text


@cache
def _prefixes() -> tuple[re.Pattern[str], ...]:
    """What may stand before the road or the estate, from the largest to the smallest."""
    page = read_page(files("transforms.standardise").joinpath("places.yaml").read_text("utf-8"))
    provinces, cities = "|".join(page["provinces"]), "|".join(page["cities"])
    counties = "|".join(sorted({*page["counties"], *county_stems()}, key=len, reverse=True))
    return (
        re.compile(f"(?:中国)?(?:(?:{provinces})(?:省|市(?=[{_HAN}]{{1,4}}[区县]))?(?!大?[路街道巷市]|[东西南北中]路)"
                   f"|[{_HAN}]{{2,6}}?(?:省|自治区))"),
        re.compile(f"(?:(?:{cities})(?!路|街|道)市?|[{_HAN}]{{2,12}}?自治州{_ON_A_ROAD}"
                   f"|[{_HAN}]{{2,5}}?(?:(?<![城都超门集])市|地区|盟){_ON_A_ROAD})"),
        re.compile(f"(?:(?:{counties})(?:区|县|市|(?!路|街|道|东|西|南|北|大))|[{_HAN}]{{2,12}}?自治[县旗]{_ON_A_ROAD}"
                   f"|[{_HAN}]{{1,4}}?(?<![小社园校厂库矿院景街片])(?:区|县|旗|市){_ON_A_ROAD})"),
        _OFFICE,
        _COMMITTEE,
    )  # fmt: skip
