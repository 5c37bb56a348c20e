"""Who is told how a night goes on. Counts and names of stages only, never a person."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TextIO

STAGES = (
    "land", "check", "take", "mention", "link", "identify", "families", "agree", "decide", "publish", "report",
)  # fmt: skip


class Observer(Protocol):
    """Told at the beginning and the end of every stage."""

    def night(self, business_date: str) -> None:
        """A night begins."""

    def started(self, stage: str) -> None:
        """A stage begins."""

    def finished(self, stage: str, facts: dict[str, Any], *, taken: bool) -> None:
        """A stage is done; `taken` when an earlier attempt had done it."""


class Lines:
    """One line a stage, on standard error: what a log keeps and another program can read."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._date = ""
        self._since = 0.0

    def night(self, business_date: str) -> None:
        """A night begins."""
        self._date = business_date

    def started(self, stage: str) -> None:
        """A stage begins."""
        self._since = time.monotonic()
        self._say(stage, "started")

    def finished(self, stage: str, facts: dict[str, Any], *, taken: bool) -> None:
        """A stage is done."""
        took = f"{time.monotonic() - self._since:.2f}s"
        counts = " ".join(f"{key}={value}" for key, value in facts.items() if isinstance(value, int))
        self._say(stage, "taken" if taken else "done", took, counts)

    def _say(self, stage: str, *words: str) -> None:
        print(" ".join(["night", self._date, stage, *words]).rstrip(), file=self._out, flush=True)


class Silent:
    """Nobody is told."""

    def night(self, business_date: str) -> None:
        """A night begins."""

    def started(self, stage: str) -> None:
        """A stage begins."""

    def finished(self, stage: str, facts: dict[str, Any], *, taken: bool) -> None:
        """A stage is done."""


_current: ContextVar[Observer] = ContextVar("observer")


def current() -> Observer:
    """Whoever is told in this run; lines on standard error when nobody was named."""
    return _current.get(None) or Lines()


@contextmanager
def told(observer: Observer) -> Iterator[None]:
    """Tell this observer of every night within."""
    token = _current.set(observer)
    try:
        yield
    finally:
        _current.reset(token)
