"""Addresses as comparison keys: the same home written in two ways gives one key, two flats give two.

Province, city, county and the street office go (they are told by the division code and left out at will);
road, gate number, estate, building, unit and room stay, with the words for building and room unified away.
"""

import re

import pyarrow as pa

from transforms.standardise.characters import is_placeholder, plain
from transforms.standardise.columns import map_distinct

_HAN = "\u4e00-\u9fff"
_PROVINCE = re.compile(f"(?:中国)?(?:山东(?:省)?|[{_HAN}]{{2,6}}?(?:省|自治区))")
_CITY = re.compile(f"(?:淄博(?!路|街|道)市?|[{_HAN}]{{2,5}}?(?:(?<![城都超门集])市|自治州|盟)(?![{_HAN}]?[路街巷]))")
_COUNTY = re.compile(
    f"(?:(?:张店|临淄|博山|淄川|周村)(?:区|(?!路|街|道|东|西|南|北))"
    f"|[{_HAN}]{{1,4}}?(?<![小社园校厂库矿院景街片])(?:区|县|旗|市)(?![{_HAN}]?[路街巷]))"
)
_OFFICE = re.compile(f"[{_HAN}]{{2,5}}?(?:街道(?:办事处|办)?|办事处|(?<![乡集])镇|(?<!故)乡)(?=[{_HAN}])")
_TRADITIONAL = str.maketrans("號樓單層棟戶莊區縣鎮鄉東園門廠", "号楼单层栋户庄区县镇乡东园门厂")
_NUMERAL = re.compile("[〇零一二三四五六七八九十百]+(?=号|楼|栋|幢|座|单元|室|户|层|排|组|弄|门)")
_VALUES = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNIT = re.compile("(?<=[0-9A-Z])(?:号楼|号院|单元|号|楼|栋|幢|座|室|户|层|排|门|弄|组|#)+")
_BETWEEN_NUMBERS = re.compile(r"(?<=[0-9A-Z])[^\w]+(?=[0-9A-Z])")
_PUNCTUATION = re.compile(r"[^\w-]+|_+")
_DASHES = re.compile("-+")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


def address_keys(addresses: pa.Array) -> pa.Array:
    """The comparison key of each address; null where there is no address."""
    return map_distinct(addresses, address_key, pa.string())


def address_key(address: str) -> str | None:
    """One address as a key such as 柳泉路91-14-3-101."""
    text = plain(address).upper().translate(_TRADITIONAL)
    if is_placeholder(text):
        return None
    text = _PUNCTUATION.sub("", _BETWEEN_NUMBERS.sub("-", text))
    text = _NUMERAL.sub(lambda found: _digits(found[0]), text)
    for prefix in (_PROVINCE, _CITY, _COUNTY, _OFFICE):
        text = _without(prefix, text)
    numbered = _DASHES.sub("-", _UNIT.sub("-", text))
    return _LEADING_ZEROS.sub("", numbered).strip("-") or None


def _without(prefix: re.Pattern[str], text: str) -> str:
    found = prefix.match(text)
    return text[found.end() :] if found and found.end() < len(text) else text


def _digits(numeral: str) -> str:
    """Chinese numerals up to 999 in digits; a row of single numerals digit by digit."""
    if "十" not in numeral and "百" not in numeral:
        return "".join(str(_VALUES[character]) for character in numeral)
    total, digit = 0, 0
    for character in numeral:
        if character in _VALUES:
            digit = _VALUES[character]
        else:
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
    return str(total + digit)
