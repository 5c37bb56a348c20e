"""The year that a text still tells which is no date."""

from datetime import date

import pyarrow as pa
import pytest

from tests.transforms.drawn import parsed
from transforms.standardise.years import birth_years

DELIVERED_ON = date(2025, 6, 2)


def year_of(text):
    return birth_years(pa.array([text]), DELIVERED_ON).to_pylist()[0]


@pytest.mark.parametrize(
    "text",
    ["1986", "1986年", "1986年3月", "1986-03", "198603", "1986.3", "1986/3", "19861305", "1986-02-31", "1986年2月31日",
     "1986-00-00", "约1986年", "1986年前后", "1986年农历三月初七", "一九八六年三月", "一九八六年", "31/02/1986",
     "86年3月7日", "86年", "86-03-07", "860307", "07/03/86", "1986年出生", "１９８６年３月"],
)  # fmt: skip
def test_the_year_can_be_read(text):
    assert year_of(text) == 1986


@pytest.mark.parametrize(
    "text",
    ["昨天", "", "05年3月", "03/07/12", "25-03-07", "99", "3月7日", "2086年", "1086年", "45723.5", "86-87-03", "200"],
)
def test_a_year_that_is_not_certain_is_not_told(text):
    assert year_of(text) is None


@pytest.mark.parametrize(
    ("delivered", "day", "year"),
    [
        ("1986-03-07", date(1986, 3, 7), None),
        ("1986年3月", None, 1986),
        ("1986-13-07", None, 1986),
        ("不详", None, None),
    ],
)
def test_the_year_stands_beside_a_birth_date_only_where_no_date_could_be_read(delivered, day, year):
    read = parsed("household_register", f"household_no | id_no | birth_date\nH1 | 1 | {delivered}").table
    assert (read["birth_date"].to_pylist(), read["_birth_date_year"].to_pylist()) == ([day], [year])
