"""A table for people, as wide in a file as in a terminal."""

from collections.abc import Iterable, Sequence
from io import StringIO

_WIDTH = 130  # columns of the terminal


def text_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> str:
    """The table as lines of text. `numbers`: columns (from 0) that stand to the right."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    right = set(numbers)
    table = Table(box=SIMPLE, pad_edge=False)
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    shown = StringIO()
    Console(file=shown, width=_WIDTH, markup=False, highlight=False).print(table)
    body = "\n".join(line.rstrip() for line in shown.getvalue().splitlines()).strip("\n")
    return f"{title}\n\n{body}"


def yuan(fen: int | None) -> str:
    """An amount in yuan, with two decimals where it has fen; a dash where there is none."""
    return "–" if fen is None else f"{fen / 100:,.2f}".removesuffix(".00")
