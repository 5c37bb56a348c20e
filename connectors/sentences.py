"""From a reason code and its detail to a sentence: what was received, what is valid, whose move it is."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from transforms.pages import read_page

Lang = Literal["zh", "en"]

_LONGEST = 120  # characters of a name that an agency chose


class _Detail(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


@cache
def sentences() -> dict[str, dict[Lang, str]]:
    """Every sentence with its gaps, by reason code or `code.how`."""
    page: dict[str, dict[Lang, str]] = read_page(files("connectors").joinpath("sentences.yaml").read_text("utf-8"))
    return page


def sentence(reason_code: str, detail: Mapping[str, str | int], lang: Lang = "zh") -> str:
    """The sentence of a SourceFault, a Waiting or a row fault. KeyError for a code that is none of this room."""
    variant = detail.get("how") or detail.get("why")
    known = sentences()
    words = known.get(f"{reason_code}.{variant}") or known[reason_code]
    return words[lang].format_map(_Detail({name: _plain(value) for name, value in detail.items()}))


def is_spoken(reason_code: str) -> bool:
    """Whether a reason code is one of this room."""
    return any(name == reason_code or name.startswith(f"{reason_code}.") for name in sentences())


def _plain(value: str | int) -> str:
    """On one line, and short: a file's name may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(value)[:_LONGEST])
