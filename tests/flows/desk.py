"""A desk with two tables and a model on it, at which `nuanxin link` is run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from tests.commands import CommandLine, Said

MODEL = """
comparisons:
- {name: name, kind: text}
- {name: born, kind: date}
- {name: phone, kind: exact}
blocking: {rules: [{name: name, agree: [name]}, {name: phone, agree: [phone]}]}
"""
ROW = {"id": "1", "name": "Ivy Oakwood", "born": "1986-02-28", "phone": "0099900011122233344"}


@dataclass(frozen=True)
class Desk:
    """A folder with two tables and a model, and the command run in it."""

    folder: Path
    nuanxin: CommandLine

    def lay(self, left: list[dict[str, Any]], right: list[dict[str, Any]], model: str = MODEL) -> "Desk":
        for name, rows in (("left", left), ("right", right)):
            csv.write_csv(pa.Table.from_pylist(rows), self.folder / f"{name}.csv")
        (self.folder / "model.yaml").write_text(model, "utf-8")
        return self

    def at(self, name: str) -> str:
        return str(self.folder / name)

    def link(self, *more: str, out: str = "pairs.csv", lang: str = "en", **files: str) -> Said:
        named = {"left": "left.csv", "right": "right.csv", "model": "model.yaml"} | files
        given = [part for option, name in named.items() for part in (f"--{option}", self.at(name))]
        return self.nuanxin.run("link", *given, "--out", self.at(out), "--lang", lang, *more)

    def pairs(self, out: str = "pairs.csv") -> list[dict[str, Any]]:
        table = csv.read_csv(self.at(out)) if out.endswith("csv") else pq.read_table(self.at(out))
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def left_behind(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} - {"left.csv", "right.csv", "model.yaml"}


def refused(said: Said, *words: str) -> None:
    assert said.status == 2, said
    assert "Traceback" not in said.err
    assert said.out == ""
    for each in words:
        assert each in said.err, said.err
