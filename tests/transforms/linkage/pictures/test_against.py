"""Why the runner-up lost."""

from dataclasses import replace

import pytest

from tests.transforms.linkage.drawn import number
from tests.transforms.linkage.pictures.drawn import (
    ATTACK,
    HIS,
    LANGUAGES,
    MODEL,
    SVG,
    assert_quiet,
    explained,
    parsed,
    registered,
    texts,
    titled,
)  # fmt: skip
from transforms.linkage import PairExplanation
from transforms.linkage.pictures.against import explain_against, render_against, render_against_svg

BEST = explained()


def runner_up(**changed: object) -> PairExplanation:
    return explained(right=registered("H2", **changed))


def test_another_father_is_the_reason_where_only_the_father_differs() -> None:
    found = explain_against(BEST, runner_up(father_name="李志强"), lang="en")
    assert [difference.name for difference in found.differences] == ["father"]
    assert found.sentence.startswith(f"The second candidate is {found.behind_bits:.1f} bits behind: another father (−")


def test_the_same_in_chinese() -> None:
    found = explain_against(BEST, runner_up(father_name="李志强"), lang="zh")
    assert (
        found.sentence.startswith("第二候选落后 ") and "父亲不同（−" in found.sentence and found.sentence.endswith("。")
    )


def test_what_it_lost_most_by_stands_first_and_all_adds_up() -> None:
    other = runner_up(
        id_no=number("1999-04-11", 77), birth_date="1999-04-11", father_name="李志强", address_key="某街1号"
    )
    found = explain_against(BEST, other, lang="en")
    bits = [difference.bits for difference in found.differences]
    assert bits == sorted(bits)
    assert sum(bits) == pytest.approx(-found.behind_bits, abs=0.05 * len(MODEL.comparisons))


def test_what_speaks_for_the_runner_up_is_said_too() -> None:
    best = explained(right=registered(father_name="李志强"))
    found = explain_against(best, runner_up(id_no=None, address_key=None, birth_date="1984-07-21"), lang="en")
    assert "in its favour, father (the same name, +" in found.sentence


def test_a_value_that_only_the_runner_up_lacks() -> None:
    found = explain_against(BEST, runner_up(address_key=None, division_code=None), lang="en")
    assert "no address to compare (" in found.sentence


def test_two_candidates_that_agree_in_everything() -> None:
    assert explain_against(BEST, runner_up(), lang="en").sentence == "Nothing tells the two candidates apart."
    assert explain_against(BEST, runner_up(), lang="zh").differences == ()


def test_a_runner_up_that_is_ahead_is_not_called_behind() -> None:
    found = explain_against(runner_up(father_name="李志强"), BEST, lang="en")
    assert found.behind_bits < 0 and "bits ahead" in found.sentence


def test_more_than_three_reasons_are_summed_up() -> None:
    other = runner_up(
        id_no=number("1984-07-21", 77), birth_date="1984-07-21", father_name="李志强", address_key="某街1号", sex="2"
    )
    found = explain_against(BEST, other, lang="en")
    assert len(found.differences) > 4
    assert "and the rest (−" in found.sentence


def test_two_models_cannot_be_held_against_each_other() -> None:
    with pytest.raises(ValueError, match="persons-9"):
        explain_against(BEST, replace(BEST, model_version="persons-9"), lang="en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_picture_has_a_row_a_difference_and_no_value_of_a_person(lang: str) -> None:
    other = runner_up(father_name="李志强", address_key="某街1号")
    svg = render_against_svg(BEST, other, lang=lang)
    rows = [g for g in parsed(svg).iter(f"{SVG}g") if g.get("class") == "difference"]
    assert len(rows) == len(explain_against(BEST, other, lang=lang).differences) > 0
    for said in (svg, render_against(BEST, other, lang=lang)):
        assert not [value for value in ("方", "李志强", HIS, "柳泉路", "1999", "370303") if value in said]
    assert_quiet(svg)


def test_the_picture_of_two_that_agree_in_everything_is_drawn() -> None:
    assert "没有任何区别" in texts(render_against_svg(BEST, runner_up(), lang="zh"))


def test_markup_in_titles_stays_text() -> None:
    model = titled(MODEL, ATTACK)
    svg = render_against_svg(
        explained(model=model), explained(right=registered(father_name="李志强"), model=model), lang="en"
    )
    assert "<script" not in svg and "alert(1)" in texts(svg)
