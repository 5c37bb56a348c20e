"""From levels to bits."""

import numpy as np
import pytest

from tests.transforms.linkage.drawn import crowd, mention, number, table, weights
from transforms.linkage import default_model, freeze_frequencies
from transforms.linkage.frequencies import Frequencies, share_of_values
from transforms.linkage.linking import link
from transforms.linkage.model import ModelCalibration
from transforms.linkage.scoring import Scores, prior_bits, probability_of, ruled

MODEL = default_model()
BORN = {"birth_date": "1990-03-15", "sex": "1"}


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    common, rare = crowd(1)[0]["name"], "綦毋潜"
    births = [mention("births", "B1", "child", name=name, **BORN) for name in (common, rare)]
    deaths = [mention("death_certificates", "D1", name=name, **BORN) for name in (common, rare)]
    told = [weights(MODEL, *both) for both in zip(births, deaths, strict=True)]
    assert max(told[1].values()) > max(told[0].values())


def test_a_name_counts_once_a_person_however_often_the_person_is_mentioned() -> None:
    his = {"name": "张伟", "id_no": number("1990-03-15", 1)}
    often = [mention("medical_settlements", f"S{n}", **his) for n in range(9)]
    other = mention("medical_settlements", "S10", name="李娜", id_no=number("1980-03-15", 1))
    frequencies = freeze_frequencies(table(*often, other))
    assert share_of_values(frequencies, table(often[0])["name"].combine_chunks())[0] == pytest.approx(0.5)


def test_the_prior_falls_with_the_size_of_the_district() -> None:
    small, large = (Frequencies.of(freeze_frequencies(table(*crowd(count)))) for count in (100, 200))
    assert prior_bits(MODEL, small) - prior_bits(MODEL, large) == pytest.approx(1.0)


def test_brothers_do_not_pass_for_one_person() -> None:
    father = {"father_name": "张国强", "father_id_no": number("1960-01-01", 1)}
    mother = {"mother_name": "李秀英", "mother_id_no": number("1962-01-01", 2)}
    parents = {**father, **mother, "address_key": "柳泉路92-3-701", "phone": "16351090188"}
    elder = mention(
        "only_child_certificates", "C1", "child", name="张文斌", birth_date="1990-03-15", sex="1", **parents
    )
    younger = mention("death_certificates", "D1", name="张文浩", birth_date="1993-06-02", sex="1", **parents)
    found = weights(MODEL, elder, younger)
    assert not found or max(found.values()) < MODEL.thresholds.link_bits


def test_other_peoples_number_alone_links_nobody() -> None:
    his = number("1990-03-15", 1)
    left = mention("medical_settlements", "S1", name="张伟", id_no_text=his, birth_date="1990-03-15")
    right = mention("low_income", "L1", name="李秀英", id_no_text=his, birth_date="1962-08-09")
    assert all(weight < MODEL.thresholds.link_bits for weight in weights(MODEL, left, right).values())


def test_a_number_under_another_name_and_birth_stays_below_the_threshold_however_much_agrees() -> None:
    names = {"id_no": "same", "name": "different", "birth_date": "different"}
    levels = {
        comparison.name: np.array([comparison.level_names.index(names.get(comparison.name, comparison.level_names[0]))])
        for comparison in MODEL.comparisons
    }
    kept, by_rule = ruled(Scores(np.array([50.0]), np.array([1.0])), levels, MODEL)
    assert kept.weight[0] < MODEL.thresholds.link_bits
    assert not by_rule.any()


def test_a_valid_number_under_a_former_name_is_a_rule() -> None:
    his = {"id_no": number("1990-03-15", 1), **BORN}
    adopted = mention("household_register", "H1", name="孟轩", former_name="李妍", father_name="孟忠", **his)
    before = mention("only_child_certificates", "C1", "child", name="李妍", father_name="李军", **his)
    both = table(adopted, before)
    found = link(both, both["mention_id"].combine_chunks(), None, MODEL, freeze_frequencies(table(*crowd())))
    assert found["decided_by"].to_pylist() == ["rule"]
    assert found["match_weight"][0].as_py() >= MODEL.thresholds.link_bits


def test_bits_are_told_as_the_calibration_says() -> None:
    bits = np.array([-np.inf, -3.0, 0.0, 3.0, np.inf])
    plain = MODEL.model_copy(update={"calibration": None})
    half = MODEL.model_copy(update={"calibration": ModelCalibration(slope=0.5, shift=1.0)})
    assert probability_of(bits, plain) == pytest.approx([0.0, 1 / 9, 0.5, 8 / 9, 1.0])
    assert probability_of(bits, half) == pytest.approx([0.0, 1 / (1 + 2**0.5), 2 / 3, 1 / (1 + 2**-2.5), 1.0])
