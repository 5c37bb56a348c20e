"""From bytes in the declared encoding to UTF-8. What cannot be decoded is marked in its place, not replaced.

A mark is U+FDD0, the byte offset in digits, U+FDD1 and the bytes as `\\xNN`: two code points that Unicode
keeps free for such use. It travels inside its cell through the parser, so the row that it belongs to is found
without counting anything.
"""

import codecs
import re
from dataclasses import dataclass

from connectors.base import DeliveryUnreadable

_CHUNK = 4 << 20
_MARKED = "nuanxin-mark-undecodable"
MARK = "\ufdd0([0-9]+)\ufdd1"
_ENDS_MARKED = re.compile(MARK.encode() + rb"(?:\\x[0-9a-f]{2})+\Z")
# GB 18030-2022 gave characters of their own to what Python's codec (of 2000) still maps to private use.
_PRIVATE_USE = (
    "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796"
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864\ue816\ue817\ue818\ue831\ue83b\ue855"
)
_STANDARD = (
    "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19"
    "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe"
)
_GB18030_2022 = str.maketrans(_PRIVATE_USE, _STANDARD)


@dataclass(frozen=True)
class Decoded:
    """A delivery in UTF-8, without byte order mark and leading blank lines."""

    utf8: bytes
    is_marked: bool  # some bytes could not be decoded; they stand as marks
    is_cut: bool  # the last character is not whole


def decode(content: bytes, encoding: str) -> Decoded:
    """The content in UTF-8. `encoding` is a text encoding that Python knows; it was checked with the site.

    Raises DeliveryUnreadable(`wrong_encoding`) where the codec cannot begin (UTF-16 without byte order mark).
    """
    codec = codecs.lookup(encoding).name
    try:
        utf8, is_marked = _transcoded(content, codec), False
    except UnicodeDecodeError:
        utf8, is_marked = content.decode(codec, _MARKED).encode(), True
    except UnicodeError:
        raise DeliveryUnreadable("wrong_encoding", how="header", declared=encoding) from None
    if codec == "gb18030" and b"\xee" in utf8:  # the lead byte of U+E000 to U+EFFF
        utf8 = utf8.decode().translate(_GB18030_2022).encode()
    utf8 = utf8.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    return Decoded(utf8, is_marked, is_marked and bool(_ENDS_MARKED.search(utf8[-200:])))


def _transcoded(content: bytes, codec: str) -> bytes:
    """Chunk by chunk, so that a large file is not held again as text; UnicodeDecodeError at a bad byte."""
    decoder = codecs.getincrementaldecoder(codec)()
    starts = range(0, len(content), _CHUNK)
    texts = (decoder.decode(content[at : at + _CHUNK], final=at + _CHUNK >= len(content)) for at in starts)
    if codec in ("utf-8", "utf-8-sig"):
        for _ in texts:  # valid as it is
            pass
        return content
    return b"".join(text.encode() for text in texts)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    lost = error.object[error.start : error.end]
    if b"\n" in lost:  # at the end of the file the codec counts the line end to the broken character
        lost = lost[:1]
    spelled = "".join(f"\\x{byte:02x}" for byte in lost)
    return f"\ufdd0{error.start}\ufdd1{spelled}", error.start + len(lost)


codecs.register_error(_MARKED, _mark)
