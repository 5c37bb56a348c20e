"""Pages of YAML: what is no YAML is told with its mark, whoever trips over it."""

from datetime import date

import pytest
import yaml
from pydantic import BaseModel, Field

from transforms.pages import keys_at, place_name, read_page


class Step(BaseModel):
    name: str
    from_: int | None = Field(default=None, alias="from")


class Plan(BaseModel):
    title: str
    steps: tuple[Step, ...] = ()
    named: dict[str, Step] = Field(default_factory=dict)
    last: Step | None = None


def test_values_have_their_types() -> None:
    assert read_page("{a: 1, b: [x, 2025-06-02, yes, null]}") == {"a": 1, "b": ["x", date(2025, 6, 2), True, None]}


@pytest.mark.parametrize("value", ["2025-02-30", "0b_", "!!int ''", "!!bool maybe", "!!timestamp soon", "*nobody"])
def test_a_value_that_cannot_be_read_is_a_fault_of_yaml_with_its_mark(value: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as raised:
        read_page(f"a: 1\nb: [2, {value}]")
    assert raised.value.problem_mark is not None
    assert (raised.value.problem_mark.line, raised.value.problem_mark.column) == (1, 7)


def test_only_plain_data_is_made() -> None:
    with pytest.raises(yaml.YAMLError):
        read_page("!!python/object/apply:print [made]")


def test_a_place_counts_from_one() -> None:
    assert place_name(("clauses", 1, "benefit", "amount_fen")) == "clauses[2].benefit.amount_fen"
    assert place_name(()) == ""


def test_the_keys_at_a_place() -> None:
    assert keys_at(Plan, ()) == ("title", "steps", "named", "last")
    for place in (("steps", 0), ("named", "first"), ("named", "name"), ("last",)):
        assert keys_at(Plan, place) == ("name", "from")
