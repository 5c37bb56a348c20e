"""Whether a document says, where a policy file cites it, the figures that the file takes from there."""

import re
import unicodedata
from collections.abc import Iterator

from transforms.eligibility.entries import Clause, Duty
from transforms.eligibility.faults import PolicyFault
from transforms.eligibility.nodes import read_page
from transforms.eligibility.policy import load_policy
from transforms.pages import Place

_NUMERALS = "一二三四五六七八九十百"
# How a text counts its parts, as a policy file names them: the pattern of one part, and that of any part of its level.
_PARTS = {
    rf"第[{_NUMERALS}]+条": rf"第[{_NUMERALS}]+条",
    rf"\([{_NUMERALS}]+\)": rf"\([{_NUMERALS}]+\)",
    rf"[{_NUMERALS}]+是": rf"[{_NUMERALS}]+是",
    rf"[{_NUMERALS}]+": rf"(?<![{_NUMERALS}])[{_NUMERALS}]+、",
    r"\d+": r"(?<!\d)\d+[.、]",
}
_PART = re.compile("|".join(_PARTS))
_OPENING, _WHOLE = "序", "全文"  # what stands before the first numbered part; a text that counts no parts


def section(text: str, place: str) -> str | None:
    """The part of a document that a place names, such as 三（二） or 第七条; None where it has none."""
    text, place = _plain(text), _plain(place)
    if place == _WHOLE:
        return text
    if place == _OPENING:
        return re.split(rf"\n\s*一、|{_PARTS[next(iter(_PARTS))]}", text)[0]
    found: str | None = text
    for part in _PART.findall(place):
        found = None if found is None else _inside(found, part)
    return found


def states(text: str, value: int) -> bool:
    """Whether a text states a figure: in digits, in ten thousands (1万), or in Chinese numerals."""
    plain = _plain(text)
    written = [str(value), _chinese(value)]
    written += [f"{value / 10_000:g}万"] if value >= 1_000 else []
    digits = "|".join(re.escape(each) for each in written if each)
    return re.search(rf"(?<![\d.{_NUMERALS}])(?:{digits})(?![\d{_NUMERALS}])", plain) is not None


def citation_faults(policy_text: str, source: str, document: str) -> list[PolicyFault]:
    """Places that the document does not have, and figures that it does not state there, with the lines of the file.

    Raises PolicyFaults where the policy file does not read.
    """
    policy, page = load_policy(policy_text, source), read_page(policy_text)
    lists: tuple[tuple[str, tuple[Clause | Duty, ...]], ...] = (("clauses", policy.clauses), ("duties", policy.duties))
    return [
        PolicyFault(source, page.line(place), page.name(place), *told)
        for name, entries in lists
        for number, entry in enumerate(entries)
        for place, told in _told(entry, (name, number), document)
    ]


def _told(entry: Clause | Duty, at: Place, document: str) -> Iterator[tuple[Place, tuple[str, str, str]]]:
    part = section(document, entry.place)
    if part is None:
        yield (*at, "place"), ("place_not_found", entry.place, "")
        return
    for number, figure in enumerate(entry.figures):
        if not states(part, figure.value):
            yield (*at, "figures", number), ("figure_not_found", f"{figure.value} {figure.unit}", entry.place)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _inside(text: str, part: str) -> str | None:
    # From the part's own mark to the next mark of its level.
    level = next(mark for kind, mark in _PARTS.items() if re.fullmatch(kind, part))
    marks = list(re.finditer(level, text))
    own = [place for place, mark in enumerate(marks) if mark[0].rstrip(".、") == part]
    if not own:
        return None
    ends = marks[own[0] + 1].start() if own[0] + 1 < len(marks) else len(text)
    return text[marks[own[0]].start() : ends]


def _chinese(value: int) -> str:
    digits = "零一二三四五六七八九"
    if value < 10:
        return digits[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
    return ""
