"""The fixed words of the pictures in one language; a model's own titles stand in the model."""

from functools import cache
from importlib.resources import files
from typing import Any

from transforms.pages import read_page


class Words:
    """The words of words.yaml in `lang` (zh or en; anything else is read as zh, as everywhere in the house)."""

    def __init__(self, lang: str) -> None:
        self.lang = "en" if lang == "en" else "zh"

    def __getitem__(self, key: str) -> str:
        return _pages()[key][self.lang]

    def say(self, key: str, **facts: Any) -> str:
        """The sentence of that key with its facts filled in."""
        return self[key].format(**facts)

    def name(self, group: str, key: str) -> str:
        """What a model's own name (a class, a column) is called here; the name itself where it has no words."""
        found = _pages().get(f"{group}.{key}")
        return found[self.lang] if found else key

    def of(self, titled: Any) -> str:
        """The title in this language of something with `zh` and `en`."""
        return str(getattr(titled, self.lang))

    def joined(self, texts: list[str]) -> str:
        """A list in one sentence."""
        if len(texts) < 2:
            return "".join(texts)
        return self["and"].join([self["comma"].join(texts[:-1]), texts[-1]])


@cache
def _pages() -> dict[str, dict[str, str]]:
    text = files("transforms.linkage.pictures").joinpath("words.yaml").read_text("utf-8")
    pages: dict[str, dict[str, str]] = read_page(text)
    return pages
