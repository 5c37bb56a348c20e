"""Tables of a page as plain parts, which one macro lays out: a cell knows what it is, never how it looks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

Kind = Literal["text", "num", "code", "good", "bad", "odd", "drawn"]


@dataclass(frozen=True)
class Cell:
    """A text with its kind; good, bad and odd are marks, drawn is SVG of our own."""

    text: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """Heads and rows; a head above numbers stands to the right as they do. `total`: the last row is a sum."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    total: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page. `drawing` is SVG of our own."""

    id: str
    title: str
    note: str = ""
    tone: str = ""
    tables: tuple[Table, ...] = ()
    drawing: Markup | None = None
    details: tuple[tuple[str, Markup], ...] = ()
    commands: tuple[str, ...] = ()


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "", *, total: bool = False) -> Table:
    """A table of plain values: whole numbers are counts, the rest text, unless they are cells already."""
    return Table(tuple(heads), tuple(tuple(_cell(value) for value in row) for row in rows), caption, total)


def code(text: object) -> Cell:
    """An identifier, in letters that tell 0 from O; a dash where there is none."""
    return Cell(str(text), "code") if text not in (None, "") else Cell("—")


def yuan(fen: int | None) -> Cell:
    """An amount in yuan; the fen only where it has some."""
    return Cell("—", "num") if fen is None else Cell(f"{fen / 100:,.2f}".removesuffix(".00"), "num")


def _cell(value: Any) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Cell(f"{value:,}", "num")
    return Cell("—" if value in (None, "") else str(value))
