"""A model's page as people write it, and what it becomes."""

from typing import Any

import pytest

from transforms.linkage import ModelFaults, load_model
from transforms.linkage.model import Kind, LinkageModel
from transforms.linkage.recipes import completed, kinds

BLOCKING = "blocking: {rules: [{name: all, agree: [a]}]}"


def model(comparisons: str, more: str = "") -> LinkageModel:
    return load_model(f"comparisons: [{comparisons}]\n{BLOCKING}\n{more}")


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_kind_needs_no_more_than_its_name(kind: str) -> None:
    made = model(f"{{name: a, kind: {kind}}}").comparisons[0]
    assert made.columns[0] == "a"
    assert len(made.columns) == kinds()[kind]["columns"]
    assert list(made.levels) == list(kinds()[kind]["levels"])


def test_the_kinds_are_those_of_the_model() -> None:
    assert set(kinds()) == set(Kind.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", list(kinds()))
def test_the_first_guesses_are_probabilities(kind: str) -> None:
    groups: dict[str, list[dict[str, float]]] = {}
    for level in kinds()[kind]["levels"].values():
        for group, table in (level.get("by") or {"": level["p"]}).items():
            groups.setdefault(group, []).append(table)
    for tables in groups.values():
        for of in tables[0]:
            assert sum(table[of] for table in tables) == pytest.approx(1.0, abs=0.03), of


def test_a_number_is_weighed_given_the_date_before_it() -> None:
    number = model("{name: a, kind: date}, {name: b, kind: id_no}").comparison("b")
    assert number.given is not None
    assert number.given.comparison == "a"
    assert number.levels["same"].by is not None


def test_a_number_without_a_date_stands_alone() -> None:
    number = model("{name: b, kind: id_no}").comparison("b")
    assert number.given is None
    assert number.levels["same"].p is not None


def test_relatives_are_left_as_they_are_unless_the_page_says_otherwise() -> None:
    classes = "classes: [match, stranger, sibling]"
    assert model("{name: a, kind: text}", classes).assumed == {"sibling": ("a",)}
    assert model("{name: a, kind: text}", f"{classes}\nassumed: {{}}").assumed == {}


def test_a_class_nobody_knows_begins_like_strangers() -> None:
    level = model("{name: a, kind: exact}", "classes: [match, stranger, neighbour]").comparison("a").levels["same"]
    assert level.p is not None
    assert level.p["neighbour"] == level.p["stranger"]


def test_what_the_page_says_holds() -> None:
    made = model("{name: a, kind: text, en: surname}", "thresholds: {link_bits: 7}")
    assert (made.thresholds.link_bits, made.thresholds.review_bits) == (7.0, 0.0)
    assert (made.comparisons[0].en, made.comparisons[0].zh) == ("surname", "a")


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        (f"comparisons:\n{BLOCKING}", {"comparisons": "not_list"}),
        (f"comparisons: name\n{BLOCKING}", {"comparisons": "not_list"}),
        (f"comparisons: [name]\n{BLOCKING}", {"comparisons[1]": "not_mapping"}),
        (f"comparisons: [{{kind: text}}]\n{BLOCKING}", {"comparisons[1].name": "missing"}),
        (f"comparisons: [{{name: [a], kind: text}}]\n{BLOCKING}", {"comparisons[1].name": "not_text"}),
        (f"comparisons: [{{name: a}}]\n{BLOCKING}", {"comparisons[1].kind": "missing"}),
        (f"comparisons: [{{name: a, kind: [text]}}]\n{BLOCKING}", {"comparisons[1].kind": "not_listed"}),
        (f"comparisons: [{{name: a, kind: text, columns: a}}]\n{BLOCKING}", {"comparisons[1].columns": "not_list"}),
        (f"comparisons: [{{name: a, kind: text, columns: [a, b]}}]\n{BLOCKING}", {"comparisons[1].columns": "columns"}),
        (f"comparisons: [{{name: a, kind: text}}]\nclasses: 3\n{BLOCKING}", {"classes": "not_list"}),
        (f"comparisons: [{{name: a, kind: text}}]\nclasses: [match]\n{BLOCKING}", {"classes": "no_class"}),
        (f"comparisons: [{{name: a, kind: text}}]\nclasses: []\n{BLOCKING}", {"classes": "no_class"}),
        (f"comparisons: [{{name: a, kind: text}}]\nexpected: 3\n{BLOCKING}", {"expected": "not_mapping"}),
        (f"comparisons: [{{name: a, kind: text}}]\nthresholds: high\n{BLOCKING}", {"thresholds": "not_mapping"}),
        (f"comparisons: [{{name: a, kind: text}}]\nthresholds: {{link: 3}}\n{BLOCKING}",
         {"thresholds.link": "unknown_key"}),
        ("comparisons: [{name: a, kind: text}]", {"blocking": "missing"}),
    ],
)  # fmt: skip
def test_of_a_page_that_cannot_be_understood_only_that_is_told(page: str, faults: dict[str, str]) -> None:
    # Not also that something is missing which a page may leave out.
    with pytest.raises(ModelFaults) as told:
        load_model(page)
    assert {fault.place: fault.kind for fault in told.value.faults} == faults


def test_completing_twice_changes_nothing() -> None:
    page: dict[str, Any] = {"comparisons": [{"name": "a", "kind": "date"}, {"name": "b", "kind": "id_no"}]}
    assert completed(completed(page)) == completed(page)
