"""The tables of docs/standardisation.md say what is done."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from transforms.standardise.addresses import address_key
from transforms.standardise.dates import date_reader
from transforms.standardise.identifiers import id_nos, valid_18
from transforms.standardise.names import read_name, standard_names
from transforms.standardise.years import birth_years

PAGE = Path(__file__).parents[3] / "docs" / "standardisation.md"
DELIVERED_ON = date(2025, 6, 2)


def rows(chapter):
    """The cells of a chapter's table, without its head; an empty cell is None."""
    text = PAGE.read_text("utf-8").split(f"\n## {chapter}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") or None for cell in line[1:-1].split(" |")] for line in lines]


def one(values):
    return values[0].as_py()


@pytest.mark.parametrize(("delivered", "kept", "compared", "syllables", "parent"), rows("Names"))
def test_names(delivered, kept, compared, syllables, parent):
    name, _ = read_name(delivered)
    standard = standard_names(pa.array([name], pa.string()))
    assert (name, one(standard.name), one(standard.parent)) == (kept, compared, parent)
    assert syllables is None or one(standard.pinyin) == syllables


@pytest.mark.parametrize(("delivered", "kept", "defect", "valid"), rows("Numbers"))
def test_numbers(delivered, kept, defect, valid):
    read = id_nos([delivered])
    assert (one(read.values), one(read.reasons), one(valid_18(read.values))) == (kept, defect, valid)


@pytest.mark.parametrize(("delivered", "day", "defect", "year"), rows("Dates"))
def test_dates(delivered, day, defect, year):
    read = date_reader(DELIVERED_ON, may_be_ahead=False)([delivered])
    assert (one(read.values), one(read.reasons)) == (date.fromisoformat(day) if day else None, defect)
    told = one(birth_years(pa.array([delivered]), DELIVERED_ON)) if defect else None
    assert told == (int(year) if year else None)


@pytest.mark.parametrize(("delivered", "key"), rows("Addresses"))
def test_addresses(delivered, key):
    assert address_key(delivered) == key
