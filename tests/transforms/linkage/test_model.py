"""A model as a page: what it must hold, and what is told of a bad one."""

import pytest
import yaml

from transforms.linkage import ModelFaults, default_model, load_model
from transforms.linkage.model import dump_model


def page() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(dump_model(default_model()))
    return loaded


def faults_of(changed: dict[str, object]) -> str:
    with pytest.raises(ModelFaults) as raised:
        load_model(yaml.safe_dump(changed, allow_unicode=True))
    return str(raised.value)


def test_a_model_written_and_read_again_is_the_same() -> None:
    assert load_model(dump_model(default_model())) == default_model()


def test_the_shipped_model_tells_how_it_was_trained() -> None:
    told = default_model().provenance
    assert {"how", "trained_on", "mentions", "seed", "iterations"} <= set(told)


def test_every_fault_is_told_at_once() -> None:
    broken = page()
    comparisons = broken["comparisons"]
    assert isinstance(comparisons, list)
    del comparisons[0]["levels"]["former"]
    comparisons[1]["levels"]["same"]["p"]["match"] = 1.5
    told = faults_of(broken)
    assert "comparisons[1].levels levels: received different, given_name, homophone" in told
    assert "comparisons[2].levels.same.p.match out_of_range: received 1.5, valid > 0, ≤ 1" in told


def test_a_blocking_rule_is_not_a_way_into_the_database() -> None:
    broken = page()
    broken["blocking"] = {"rules": [{"name": "bad", "agree": ["name) from mention; drop table mention --"]}]}
    assert "blocking.rules[1].agree[1] expression" in faults_of(broken)


def test_a_condition_must_cover_the_levels_it_depends_on() -> None:
    broken = page()
    comparisons = broken["comparisons"]
    assert isinstance(comparisons, list)
    numbers = next(comparison for comparison in comparisons if comparison["name"] == "id_no")
    numbers["given"]["groups"]["agree"] = []
    assert f"comparisons[{comparisons.index(numbers) + 1}].given.groups groups" in faults_of(broken)


def test_a_page_that_is_no_yaml_is_told_so() -> None:
    with pytest.raises(ModelFaults):
        load_model("version: [unclosed")
