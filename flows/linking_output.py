"""What `nuanxin link` leaves: files that are there whole or not at all, and what is said about them."""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from flows import edge
from flows.status import WrongUse
from flows.words import word


def write_fault(path: Path, lang: str) -> str:
    """Why a file cannot be written there, in words; empty where it can."""
    if path.is_dir():
        return word("link.reason.folder", lang)
    near = next(folder for folder in path.absolute().parents if folder.exists())
    if not near.is_dir():
        return word("link.reason.no_folder", lang).format(path=near)
    return "" if os.access(near, os.W_OK) else word("link.reason.not_allowed", lang).format(path=near)


@contextmanager
def staged(paths: Iterable[Path], lang: str) -> Iterator[dict[Path, Path]]:
    """Temporary files beside the wanted ones, to be written inside; at the end all take their places, or none does."""
    parts = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.part") for path in paths}
    try:
        for path, part in parts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part.touch()
        yield parts
        for path, part in parts.items():
            part.replace(path)
    except OSError as fault:
        names = ", ".join(path.name for path in parts)
        reason = fault.strerror or type(fault).__name__
        raise WrongUse(word("link.fault.not_written", lang).format(names=names, reason=reason)) from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def write_pairs(pairs: pa.Table, out: Path, part: Path) -> None:
    """The pairs as csv or parquet, by the suffix of `out`, into the file `part`."""
    if out.suffix.lower() == ".csv":
        csv.write_csv(pairs, part)
    else:
        pq.write_table(pairs, part)


class Steps:
    """The steps of a run: told to a person at a terminal while they go on, and their seconds at the end."""

    def __init__(self, lang: str) -> None:
        self._lang, self.seconds = lang, dict[str, float]()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What is done inside is one step."""
        began = edge.seconds()
        with self._shown(name):
            yield
        self.seconds[name] = round(edge.seconds() - began, 3)

    @contextmanager
    def _shown(self, name: str) -> Iterator[None]:
        if not edge.is_terminal():
            yield
            return
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        from flows.terminal import wide_console

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=wide_console(), transient=True) as bars:
            bars.add_task(word(f"link.step.{name}", self._lang), total=None)
            yield
