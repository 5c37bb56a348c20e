"""A simulated site as tests look at it: its deliveries as plain dictionaries, its truth as frames."""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq

from connectors.simulator import Summary
from connectors.simulator.formats import FORMATS
from transforms.feeds import load_contract

Record = dict[str, str]


@dataclass(frozen=True)
class Site:
    root: Path
    summary: Summary

    def files(self, feed: str) -> list[Path]:
        return sorted(path for path in (self.root / "inbox" / feed).iterdir() if path.suffix != ".ok")

    def header(self, path: Path) -> list[str]:
        return rows_of(path)[0]

    def records(self, feed: str, *, only: str = "") -> list[Record]:
        """Every delivered row, oldest file first, under nuanxin's column names; an empty cell is ""."""
        return [record for path in self.files(feed) if only in path.name for record in self._named(feed, path)]

    def _named(self, feed: str, path: Path) -> list[Record]:
        names = {column.header: column.name for column in load_contract(feed).columns}
        header, *rows = rows_of(path)
        return [dict(zip((names[h] for h in header), row, strict=True)) for row in rows]

    @cached_property
    def persons(self) -> pd.DataFrame:
        return self.truth("persons").set_index("true_person_id")

    @cached_property
    def who(self) -> dict[tuple[str, str, str], str]:
        """feed, record_key, role → true person."""
        table = self.truth("mentions")
        keys = zip(table["feed"], table["record_key"], table["role"], strict=True)
        return dict(zip(keys, table["true_person_id"], strict=True))

    def truth(self, name: str) -> pd.DataFrame:
        return pq.read_table(self.root / "truth" / f"{name}.parquet").to_pandas()

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        """The true persons, each as a dictionary."""
        return self.persons.to_dict("index")

    def told(self, feed: str, key: str, role: str, column: str) -> list[tuple[str, dict[str, Any]]]:
        """What stands in a column of each record, beside the true person of the role."""
        pairs = ((record[column], self.who.get((feed, record[key], role))) for record in self.records(feed))
        return [(cell, self.people[person]) for cell, person in pairs if person is not None]


@cache
def rows_of(path: Path) -> list[list[str]]:
    """Header and rows as text."""
    feed = path.parent.name
    suffix, encoding = FORMATS[feed]
    if suffix == "csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))
    if suffix == "parquet":
        table = pq.read_table(path)
        columns = [["" if value is None else value for value in column.to_pylist()] for column in table.columns]
        return [table.column_names, *(list(row) for row in zip(*columns, strict=True))]
    sheet = openpyxl.load_workbook(path).active
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def by_story(site: Site) -> dict[str, set[str]]:
    """What became of each planned kind of loss: reasons, or "due"."""
    found: dict[str, set[str]] = defaultdict(set)
    misses = site.truth("near_misses")
    for story, reason in zip(misses["story"], misses["reason"], strict=True):
        found[story].add(reason)
    for story in site.truth("alerts")["story"]:
        found[story].add("due")
    return found
