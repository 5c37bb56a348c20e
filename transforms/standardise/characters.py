"""Characters brought to one form: compatibility and invisible ones, radicals, private code points."""

import re
import unicodedata

# A radical typed or copied (often out of a PDF) where the ideograph is meant; NFKC knows only the Kangxi
# block and two of the supplement.
_RADICALS = str.maketrans(
    "⺁⺒⺓⺗⺙⺜⺝⺟⺠⺡⺢⺦⺨⺩⺬⺭⺮⺰⺷⺸⺼⺾⻁⻂⻄⻅⻆⻉⻋⻌⻏⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂巳幺心攵日月母民水水丬犬王示示竹丝羊羊肉艹虎衣西见角贝车辶阝長長长门雨青韦页风飞食食食饣首"
    "马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
# GB 18030-2000 kept these two-byte codes in the private use area and Python's codec still puts them there;
# the 2005 and 2022 editions name the characters.
_PRIVATE = str.maketrans(
    {
        0xE7C7: 0x1E3F, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8,
        0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC,
        0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE, 0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11,
        0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18,
        0xE796: 0xFE19,
    }
)  # fmt: skip
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]|[\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_PLAIN = re.compile(r"[0-9A-Za-z\-:/ ]*|[\u4e00-\u9fff]+")

PLACEHOLDERS = frozenset(
    ["", "-", "--", "---", "—", "——", "/", "\\", ".", "*", "?", "无", "不详", "未知", "不清", "不明", "暂无",
     "没有", "空", "空白", "未填", "未提供", "缺失", "无此项", "NULL", "NONE", "N/A", "NA", "NIL", "NAN",
     "#N/A"]
)  # fmt: skip


def plain(text: str) -> str:
    """The text in NFKC, without invisible characters, radicals and private code points mended, trimmed."""
    if _PLAIN.fullmatch(text):
        return text.strip()
    mended = _INVISIBLE.sub("", text.translate(_PRIVATE))
    composed = unicodedata.normalize("NFKC", mended.translate(_RADICALS))
    return _CONTROL.sub(" ", composed).strip()


def is_placeholder(text: str) -> bool:
    """Whether a plain text only says that there is nothing."""
    return text.upper() in PLACEHOLDERS


def compact(text: str) -> str:
    """The plain text without any white space."""
    return "".join(plain(text).split())
