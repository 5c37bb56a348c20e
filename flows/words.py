"""The words of the terminal, Chinese and English, from words.yaml beside this module."""

from functools import cache
from pathlib import Path

from transforms.pages import read_page


@cache
def _words() -> dict[str, dict[str, str]]:
    page = Path(__file__).with_name("words.yaml").read_text("utf-8")
    words: dict[str, dict[str, str]] = read_page(page)
    return words


def word(name: str, lang: str) -> str:
    """One word or sentence by name; KeyError when it was never written."""
    return _words()[name][lang]
