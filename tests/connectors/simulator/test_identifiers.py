"""ID numbers of GB 11643 with MOD 11-2, one for each person."""

import numpy as np
import pandas as pd
import pytest

from connectors.simulator.identities import check_characters
from tests.connectors.simulator.district import Site

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_valid(number: str) -> bool:
    """The rule written out a second time, digit by digit."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17]


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])  # the standard's own examples
def test_the_standards_examples(number: str) -> None:
    digits = np.frombuffer(number[:17].encode(), dtype=np.uint8)[None, :]

    assert chr(check_characters(digits)[0]) == number[17]


def test_every_true_number_is_valid_and_nobody_shares_one(town: Site) -> None:
    numbers = town.persons["id_no"]

    assert numbers.map(is_valid).all()
    assert numbers.is_unique


def test_a_number_tells_birth_and_sex(town: Site) -> None:
    persons = town.persons

    assert (persons["id_no"].str[6:14] == pd.to_datetime(persons["birth_date"]).dt.strftime("%Y%m%d")).all()
    assert ((persons["id_no"].str[16].astype(int) % 2 == 1) == (persons["sex"] == "1")).all()


def test_telephone_numbers_belong_to_nobody(town: Site) -> None:
    phones = {record["phone"][:3] for record in town.records("only_child_certificates") if record["phone"]}

    assert phones <= {"160", "161", "163", "164", "168", "169"}


def test_names_are_spread_as_names_are(town: Site) -> None:
    """The three usual surnames near their published shares; single-character given names near an eighth."""
    names = town.persons["name"][~town.persons["name"].str.contains("·")]

    assert 0.19 < names.str[0].isin(["王", "李", "张"]).mean() < 0.31
    assert 0.09 < (names.str.len() == 2).mean() < 0.15
    assert 0.05 < names.duplicated(keep=False).mean() < 0.25  # who has a namesake here
