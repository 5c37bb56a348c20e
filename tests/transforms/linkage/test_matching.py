"""Two tables against each other: candidates compete, the best comes first, training is repeatable."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from transforms.linkage import load_model
from transforms.linkage.blocking import TooManyPairs
from transforms.linkage.matching import Matches, Sides, competed, match, matches_table, told_by, train_on
from transforms.linkage.model import LinkageModel, ModelCalibration
from transforms.linkage.training import LEAST_LINK_BITS, TooLittleToLearn, with_link_threshold

MODEL = load_model("""
comparisons: [{name: name, kind: text}, {name: born, kind: date}, {name: phone, kind: exact}]
blocking: {rules: [{name: name, agree: [name]}, {name: phone, agree: [phone]}]}
""")


def people(count: int, **changed: list[Any]) -> pa.Table:
    """Strangers, each with a name, a date of birth and a phone of its own."""
    rows = np.arange(count)
    columns = {
        "id": pa.array(rows).cast(pa.string()),
        "name": pa.array([f"{'abcdefghij'[row % 10]}{row // 10}n" for row in rows]),
        "born": pa.array(-rows * 37 % 20_000, pa.int32()).cast(pa.date32()),
        "phone": pa.array(10**9 + rows * 7919).cast(pa.string()),
    }
    return pa.table(columns | {name: pa.array(values) for name, values in changed.items()})


def found(left: pa.Table, right: pa.Table, model: LinkageModel = MODEL) -> tuple[Matches, list[dict[str, Any]]]:
    sides = Sides.of(left, right, model)
    matches = match(sides, model)
    return matches, matches_table(matches, sides, ("id", "id"), model).to_pylist()


def test_everybody_finds_himself() -> None:
    _, pairs = found(people(300), people(300))
    assert [pair["left_id"] for pair in pairs] == [pair["right_id"] for pair in pairs]
    assert len(pairs) == 300
    assert {pair["decision"] for pair in pairs} == {"link"}


def test_the_best_pair_comes_first() -> None:
    right = people(300)
    left = people(3, phone=[right["phone"][0].as_py(), "1", None])
    _, pairs = found(left, right)
    weights = [pair["match_weight"] for pair in pairs]
    assert weights == sorted(weights, reverse=True)
    assert pairs[0]["left_id"] == "0"


def test_two_equal_candidates_share_one_certainty() -> None:
    left, right = people(300), people(300)
    twice = pa.concat_tables([right, right.slice(0, 1).set_column(0, "id", pa.array(["again"]))])
    pairs = [pair for pair in found(left, twice)[1] if pair["left_id"] == "0"]
    assert all(pair["decision"] != "link" for pair in pairs)
    assert all(pair["match_probability"] <= 0.5 for pair in pairs)


def test_competition_in_odds() -> None:
    weight = competed(np.array([0, 0, 1]), np.array([10.0, 4.0, 4.0]), 2)
    odds = np.exp2([10.0, 4.0])
    assert np.allclose(np.exp2(weight), [odds[0] / (1 + odds[1]), odds[1] / (1 + odds[0]), odds[1]])


def test_odds_of_one_row_never_exceed_certainty() -> None:
    weight = competed(np.zeros(5, np.int64), np.array([900.0, 55.0, 12.0, -3.0, -900.0]), 1)
    odds = np.exp2(weight)
    assert (odds / (1 + odds)).sum() <= 1 + 1e-9


def test_a_calibration_changes_the_probabilities_and_nothing_else() -> None:
    unsure = MODEL.model_copy(update={"calibration": ModelCalibration(slope=0.25, shift=-1.0)})
    left = people(300, phone=["1"] * 300)
    plain, calibrated = (pa.Table.from_pylist(found(left, people(300), model)[1]) for model in (MODEL, unsure))
    assert plain.drop_columns("match_probability").equals(calibrated.drop_columns("match_probability"))
    told = 0.25 * plain["match_weight"].to_numpy() - 1.0
    assert calibrated["match_probability"].to_numpy() == pytest.approx(1 / (1 + 2.0**-told))
    assert told_by(plain, unsure).equals(calibrated)


def test_pairs_are_told_anew_where_links_begin_elsewhere() -> None:
    pairs = pa.Table.from_pylist(found(people(300), people(300))[1])
    assert set(pairs["decision"].to_pylist()) == {"link"}
    limits = MODEL.thresholds.model_copy(update={"link_bits": 60.5})
    told = told_by(pairs, MODEL.model_copy(update={"thresholds": limits}))
    assert set(told["decision"].to_pylist()) == {"review"}
    assert told.drop_columns("decision").equals(pairs.drop_columns("decision"))


def test_a_pair_tells_its_levels() -> None:
    left, right = people(300), people(300, born=[None] * 300)
    assert {pair["born"] for pair in found(left, right)[1]} == {None}


def test_nothing_in_common_is_no_pair() -> None:
    matches, pairs = found(people(2, name=["x", "y"], phone=["1", "2"]), people(300))
    assert (matches.compared, pairs) == (0, [])


@pytest.mark.parametrize("side", [0, 1])
def test_a_side_without_rows(side: int) -> None:
    sides = [people(300), people(300)]
    sides[side] = sides[side].slice(0, 0)
    assert found(*sides)[1] == []


def test_threads_change_nothing() -> None:
    sides = Sides.of(people(300), people(300), MODEL)
    one, four = (match(sides, MODEL, threads=threads) for threads in (1, 4))
    assert np.array_equal(one.weight, four.weight)
    assert np.array_equal(one.scored.b, four.scored.b)


def test_too_many_pairs_name_the_rule_and_a_row() -> None:
    left = people(300, phone=["0"] * 300)
    narrow = MODEL.model_copy(update={"blocking": MODEL.blocking.model_copy(update={"max_pairs": 1000})})
    with pytest.raises(TooManyPairs) as told:
        Sides.of(left, left, narrow)
    assert (told.value.loads[0].rule, told.value.loads[0].pairs) == ("phone", 90_000)


def test_training_is_repeatable_and_learns_from_the_tables() -> None:
    right = people(3000)
    left = right.set_column(
        3, "phone", pa.array([p if at % 2 else "9" for at, p in enumerate(right["phone"].to_pylist())])
    )
    sides = Sides.of(left, right, MODEL)
    one, again = (train_on(sides, MODEL, version="v", seed=3) for _ in range(2))
    assert one.model == again.model
    learnt = one.model.comparison("phone").levels["same"].p or {}
    assert learnt["match"] == pytest.approx(0.5, abs=0.05)
    assert one.model.expected["match"] == pytest.approx(1.0, abs=0.02)


def test_training_keeps_its_rounds() -> None:
    sides = Sides.of(people(3000), people(3000), MODEL)
    convergence = train_on(sides, MODEL, version="v").convergence
    assert len(convergence.rounds) == convergence.iterations
    assert convergence.rounds[-1].largest_change == convergence.last_change
    likelihoods = [each.log_likelihood for each in convergence.rounds]
    assert likelihoods[-1] >= likelihoods[0]
    assert all(likelihood < 0 for likelihood in likelihoods)


def test_a_calibration_does_not_outlive_the_weights_it_was_fitted_to() -> None:
    start = MODEL.model_copy(update={"calibration": ModelCalibration(slope=0.5, shift=3.0)})
    sides = Sides.of(people(3000), people(3000), MODEL)
    assert train_on(sides, start, version="v").model == train_on(sides, MODEL, version="v").model


def test_too_little_to_learn_from() -> None:
    with pytest.raises(TooLittleToLearn, match="pairs of one person"):
        train_on(Sides.of(people(100), people(100), MODEL), MODEL, version="v")


def test_a_trained_model_is_told_where_it_comes_from() -> None:
    sides = Sides.of(people(3000), people(3000), MODEL)
    model = train_on(sides, MODEL, version="v", described="two lists").model
    assert (model.version, model.provenance["trained_on"], model.provenance["mentions"]) == ("v", "two lists", 3000)


def test_the_link_threshold_comes_from_the_bound() -> None:
    weight = np.array([40.0] * 1000 + [12.0] * 10 + [11.0] * 500 + [3.0])
    loose, strict = (bounded(with_link_threshold(bounded_model(bound), weight)) for bound in (0.004, 0.0001))
    assert (loose, strict) == (11.0, 12.0)


def test_nothing_below_a_thousand_to_one_is_linked_whatever_the_average() -> None:
    assert bounded(with_link_threshold(bounded_model(0.5), np.array([40.0] * 1000 + [2.0]))) == LEAST_LINK_BITS


def test_a_threshold_without_a_bound_stands() -> None:
    page = "comparisons: [{name: name, kind: text}]\nblocking: {rules: [{name: name, agree: [name]}]}\n"
    stated = load_model(page + "thresholds: {link_bits: 7}")
    assert bounded(with_link_threshold(stated, np.array([40.0, 20.0]))) == 7.0
    assert load_model(page).thresholds.false_link_bound == 1e-5


def bounded_model(bound: float) -> LinkageModel:
    limits = MODEL.thresholds.model_copy(update={"false_link_bound": bound})
    return MODEL.model_copy(update={"thresholds": limits})


def bounded(model: LinkageModel) -> float:
    return model.thresholds.link_bits
