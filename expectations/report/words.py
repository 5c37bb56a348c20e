"""The fixed words of the pages in one language, from words.yaml and pack_words.yaml beside this module."""

from functools import cache
from importlib.resources import files
from typing import Any

from transforms.feeds.contract import Label
from transforms.pages import read_page


class Words:
    """Words by key; KeyError for one that was never written."""

    def __init__(self, lang: str) -> None:
        self.lang = "en" if lang == "en" else "zh"

    def __getitem__(self, key: str) -> str:
        return _pages()[key][self.lang]

    def say(self, key: str, **facts: Any) -> str:
        """A sentence with its facts filled in."""
        return self[key].format(**facts)

    def of(self, label: Label) -> str:
        """A label in this language."""
        return label.en if self.lang == "en" else label.zh

    def code(self, group: str, value: object) -> str:
        """A code in words, `<group>.<code>`; the code itself where it has none."""
        found = _pages().get(f"{group}.{value}")
        return found[self.lang] if found else str(value if value not in (None, "") else "—")

    def heads(self, *keys: str) -> tuple[str, ...]:
        """The heads of a table."""
        return tuple(self[key] for key in keys)


@cache
def _pages() -> dict[str, dict[str, str]]:
    pages: dict[str, dict[str, str]] = {}
    for name in ("words.yaml", "pack_words.yaml"):
        pages |= read_page(files("expectations.report").joinpath(name).read_text("utf-8"))
    return pages
