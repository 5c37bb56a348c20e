"""A model as a page."""

import re

import numpy as np
import pytest

from tests.transforms.linkage.pictures.drawn import ATTACK, LANGUAGES, MODEL, assert_quiet, crossed, titled
from transforms.linkage.explain import percent
from transforms.linkage.model import ModelCalibration, Rule
from transforms.linkage.pictures.levels_chart import levels_chart, widest_weight
from transforms.linkage.pictures.lines_chart import thresholds_line
from transforms.linkage.pictures.model_page import render_model_report
from transforms.linkage.pictures.reports import Iteration, TrainingReport, calibration
from transforms.linkage.pictures.rule_words import rule_in_words

TRAINING = TrainingReport(12_345, 67_890, 50_000, (Iteration(0.3, -900_000.0), (0.01, -800_123.0)))
CALIBRATION = calibration(np.array([0.1, 0.2, 0.9, 0.95]), np.array([False, True, True, True]), 2)
BEFORE = calibration(np.array([0.1, 0.2, 0.5, 0.6, 0.9]), np.array([False, True, True, True, True]), 3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_whole_and_quiet(lang: str) -> None:
    assert_quiet(render_model_report(MODEL, TRAINING, CALIBRATION, lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_comparison_level_and_rule_is_on_it(lang: str) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", render_model_report(MODEL, None, None, lang=lang)))
    for comparison in MODEL.comparisons:
        assert getattr(comparison, lang) in page
        assert not [level for level in comparison.levels.values() if getattr(level, lang) not in page]
    assert not [rule.name for rule in MODEL.blocking.rules if rule.name not in page]
    assert not [of for of in MODEL.classes if of not in page]


def test_conditional_groups_stand_side_by_side() -> None:
    page = render_model_report(MODEL, None, None, lang="zh")
    number = page.split('<article id="c4"')[1].split("</article>")[0]
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", number)
    assert len(captions) == 4
    assert captions[0] == "当出生日期相同" and captions[3] == "当出生日期缺一方"


def test_a_level_weighs_log2_of_m_over_u() -> None:
    (sex,) = [comparison for comparison in MODEL.comparisons if comparison.kind == "sex"]
    chart = str(levels_chart(sex, MODEL, 0, lang="en", widest=widest_weight(MODEL)))
    wanted = [np.log2(level.p["match"] / level.p["stranger"]) for level in sex.levels.values() if level.p]
    assert [float(bits) for bits in re.findall(r'class="level" data-bits="([^"]+)"', chart)] == pytest.approx(wanted)


def test_a_probability_near_to_certain_is_not_called_certain() -> None:
    (sex,) = [comparison for comparison in MODEL.comparisons if comparison.kind == "sex"]
    assert "100.0%" not in str(levels_chart(sex, MODEL, 0, lang="en", widest=20.0))


def test_training_and_calibration_are_told_where_they_are_known() -> None:
    page = render_model_report(MODEL, TRAINING, CALIBRATION, lang="en")
    assert "67,890" in page and "-800,123" in page and "Do the probabilities hold?" in page
    bare = render_model_report(MODEL, None, None, lang="en")
    assert "Do the probabilities hold?" not in bare and "largest change" not in bare


@pytest.mark.parametrize(("lang", "words"), [("zh", ("乘以 0.61", "过于自信")), ("en", ("times 0.61", "too sure"))])
def test_a_calibration_is_told_in_words_and_drawn_before_and_after(lang: str, words: tuple[str, str]) -> None:
    scale = ModelCalibration(slope=0.61, shift=-1.0, pairs=4321, described="two lists")
    model = MODEL.model_copy(update={"calibration": scale})
    page = render_model_report(model, None, CALIBRATION, lang=lang, before=BEFORE)
    assert_quiet(page)
    assert not [told for told in (*words, "4,321", "two lists", "−1.0") if told not in page]
    assert page.count('class="bin"') == len(CALIBRATION.bins) + len(BEFORE.bins)
    assert page.index(percent(BEFORE.error)) < page.index(percent(CALIBRATION.error))
    bare = render_model_report(MODEL.model_copy(update={"calibration": None}), None, CALIBRATION, lang=lang)
    assert not [told for told in words if told in bare]
    assert bare.count('class="bin"') == len(CALIBRATION.bins)


def test_the_borders_of_the_decisions_are_told_by_the_calibration() -> None:
    even = MODEL.thresholds.model_copy(update={"link_bits": 2.0})
    plain = MODEL.model_copy(update={"thresholds": even, "calibration": None})
    half = plain.model_copy(update={"calibration": ModelCalibration(slope=0.5, shift=-1.0)})
    assert "(80.0%)" in thresholds_line(plain, lang="en")
    assert "(80.0%)" not in thresholds_line(half, lang="en") and "(50.0%)" in thresholds_line(half, lang="en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("link", [12.0, 5.0, 4.0, 2.0])  # after, near, at and before an only candidate's
def test_no_line_runs_through_what_is_said_of_the_borders(lang: str, link: float) -> None:
    limits = MODEL.thresholds.model_copy(update={"link_bits": link})
    svg = thresholds_line(MODEL.model_copy(update={"thresholds": limits}), lang=lang, alone=True)
    assert crossed(svg) == []


def test_a_single_round_of_training_is_drawn() -> None:
    page = render_model_report(MODEL, TrainingReport(1, 1, 1, ((0.0, float("nan")),)), None, lang="en")
    assert_quiet(page)


def test_markup_in_titles_and_provenance_stays_text() -> None:
    model = titled(MODEL, ATTACK).model_copy(update={"version": ATTACK, "provenance": {ATTACK: ATTACK}})
    page = render_model_report(model, None, None, lang="zh")
    assert "<script" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ({"agree": ["name", "birth_year"]}, "姓名、出生年相同", "the same name and year of birth"),
        ({"agree": ["left(id_no, 14)"]}, "身份证号前 14 位相同", "the same first 14 characters of the identity number"),
        ({"agree": ["from(name, 2)"]}, "姓名第 2 位起相同", "the same name from character 2 on"),
        ({"agree": ["name"], "lacking": "birth_year"}, "姓名相同（仅限缺出生年的记录）",
         "the same name (only for records without year of birth)"),
        ({"agree": ["relative_name", "sex"], "with": ["father_name", "sex"]},
         "一方的所列亲属姓名即另一方的父亲姓名；性别相同",
         "name of a relative of one is father’s name of the other; the same sex"),
        ({"agree": ["postcode"]}, "postcode相同", "the same postcode"),
    ],
)  # fmt: skip
def test_rules_in_words(rule: dict[str, object], zh: str, en: str) -> None:
    read = Rule.model_validate({"name": "r", **rule})
    assert (rule_in_words(read, lang="zh"), rule_in_words(read, lang="en")) == (zh, en)


def test_expressions_that_nest() -> None:
    read = Rule.model_construct(name="r", agree=("left(coalesce(id_no, id_no_text), 6)", "rare(name)"), with_=None)
    assert rule_in_words(read, lang="en") == (
        "the same first 6 characters of the identity number or identity number as delivered and rare name"
    )
