"""What is wrong with what `nuanxin link` was given, and what should be known of it, in the reader's language."""

from typing import Any

from flows.words import word


class Faults:
    """Faults and notes as they are found; all are told together."""

    def __init__(self, lang: str) -> None:
        self.lang, self.faults, self.notes = lang, list[str](), list[str]()

    def fault(self, what: str, /, **facts: Any) -> None:
        """Something to be mended before anything can be done."""
        self.faults.append(word(f"link.fault.{what}", self.lang).format(**facts))

    def note(self, what: str, /, **facts: Any) -> None:
        """Something that works but should be known."""
        self.notes.append(word(f"link.note.{what}", self.lang).format(**facts))
