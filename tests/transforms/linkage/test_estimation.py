"""Learning: known probabilities are found again, the same seed gives the same model, too little is refused."""

import numpy as np
import pytest

from tests.transforms.linkage.district import district
from transforms.linkage import LinkageModel, default_model
from transforms.linkage.comparisons import Levels
from transforms.linkage.estimation import count_patterns, estimate_matches, estimate_strangers
from transforms.linkage.model import MATCH, STRANGER
from transforms.linkage.training import TooLittleToLearn, train

MENTIONS = 4000


def small_model(match: float, stranger: float) -> LinkageModel:
    """Two classes, three independent fields that agree or not."""

    def level(word: str, p: float, q: float) -> dict[str, object]:
        return {"zh": word, "en": word, "p": {"match": p, "stranger": q}}

    fields = [
        {"name": name, "zh": name, "en": name, "kind": "exact", "columns": [name],
         "levels": {"same": level("same", match, stranger), "different": level("different", 1 - match, 1 - stranger)}}
        for name in ("phone", "address_key", "household_no")
    ]  # fmt: skip
    return LinkageModel.model_validate(
        {
            "version": "small", "title": "small", "classes": ["match", "stranger"], "expected": {"match": 1.0},
            "thresholds": {"link_bits": 10, "review_bits": 0, "margin_bits": 5, "alone_bits": 4,
                           "alone_margin_bits": 8, "false_link_bound": 1e-5},
            "comparisons": fields, "blocking": {"rules": [{"name": "phone", "agree": ["phone"]}]},
        }
    )  # fmt: skip


def drawn_levels(
    match: float, stranger: float, rng: np.random.Generator, matches: int, others: int
) -> dict[str, Levels]:
    agree = np.vstack([rng.random((matches, 3)) < match, rng.random((others, 3)) < stranger])
    names = ("phone", "address_key", "household_no")
    return {name: np.where(agree[:, place], 0, 1).astype(np.int8) for place, name in enumerate(names)}


def probability(model: LinkageModel, of: str) -> float:
    return model.comparison("address_key").levels["same"].probability(None, of)


def test_the_probabilities_of_strangers_are_the_shares_among_random_pairs() -> None:
    rng = np.random.default_rng(4)
    seen = count_patterns(drawn_levels(0.9, 0.05, rng, 0, 200_000), small_model(0.9, 0.2))
    found = estimate_strangers(small_model(0.9, 0.2), seen, MENTIONS)
    assert probability(found, STRANGER) == pytest.approx(0.05, abs=0.005)


def test_the_probabilities_of_matches_are_found_among_unlabelled_pairs() -> None:
    rng = np.random.default_rng(5)
    every_pair = MENTIONS * (MENTIONS - 1) // 2
    seen = count_patterns(drawn_levels(0.8, 0.001, rng, 6000, every_pair - 6000), small_model(0.95, 0.001))
    found, convergence = estimate_matches(small_model(0.95, 0.001), seen, MENTIONS)
    assert probability(found, MATCH) == pytest.approx(0.8, abs=0.02)
    assert convergence.expected[MATCH] == pytest.approx(2 * 6000 / MENTIONS, rel=0.05)


def test_a_field_that_few_have_is_learnt_among_those_who_do() -> None:
    rng = np.random.default_rng(4)
    model = small_model(0.9, 0.2)
    seen = count_patterns(drawn_levels(0.9, 0.5, rng, 0, 50_000), model)
    rare = np.where(rng.random(100_000) < 0.001, 0, 1).astype(np.int8)
    found = estimate_strangers(model, seen, MENTIONS, {"address_key": count_patterns({"address_key": rare}, model)})
    assert probability(found, STRANGER) == pytest.approx(0.0012, abs=0.0005)
    assert found.comparison("phone").levels["same"].probability(None, STRANGER) == pytest.approx(0.5, abs=0.02)


def test_no_more_matches_are_expected_than_there_can_be() -> None:
    rng = np.random.default_rng(5)
    seen = count_patterns(drawn_levels(0.8, 0.001, rng, 6000, 50_000), small_model(0.95, 0.001))
    found, _ = estimate_matches(small_model(0.95, 0.001), seen, MENTIONS, 3000, most=1.0)
    assert found.expected[MATCH] == 1.0


def test_a_level_never_seen_keeps_a_small_probability() -> None:
    nothing = count_patterns(drawn_levels(1.0, 0.0, np.random.default_rng(6), 3000, 3000), small_model(0.9, 0.01))
    found, _ = estimate_matches(small_model(0.9, 0.01), nothing, MENTIONS)
    assert 0 < found.comparison("phone").levels["different"].probability(None, MATCH) < 0.05


def test_the_same_mentions_and_seed_give_the_same_model() -> None:
    made = district(260, seed=2).mentions
    one = train(made, default_model(), version="a", seed=3, random_pairs=50_000).model
    other = train(
        made.take(list(range(made.num_rows))[::-1]), default_model(), version="a", seed=3, random_pairs=50_000
    ).model
    assert one == other


def test_too_few_mentions_are_refused_with_how_many_are_needed() -> None:
    with pytest.raises(TooLittleToLearn, match=r"mentions were given, at least 2000 are needed"):
        train(district(10, seed=2).mentions, default_model(), version="a")
