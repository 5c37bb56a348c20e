"""The words of the terminal, Chinese and English, from the pages words*.yaml beside this module."""

from functools import cache
from pathlib import Path

from transforms.pages import read_page


@cache
def _words() -> dict[str, dict[str, str]]:
    pages = sorted(Path(__file__).parent.glob("words*.yaml"))
    return {name: said for page in pages for name, said in read_page(page.read_text("utf-8")).items()}


def word(name: str, lang: str) -> str:
    """One word or sentence by name; KeyError when it was never written."""
    return _words()[name][lang]
