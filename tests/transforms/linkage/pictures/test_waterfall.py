"""The waterfall of a pair."""

from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from tests.transforms.linkage.pictures.drawn import (
    ATTACK,
    FREQUENCIES,
    HIS,
    LANGUAGES,
    MODEL,
    SVG,
    assert_quiet,
    crossed,
    dead,
    explained,
    parsed,
    registered,
    texts,
    titled,
)  # fmt: skip
from transforms.linkage import explain_pair
from transforms.linkage.pictures.waterfall import render_waterfall_svg

PRIVATE = ("方子豪", "方建国", HIS, HIS[:17] + "0", "16351090188", "柳泉路", "1999-03-10")


def steps_of(svg: str) -> list[Element]:
    return [group for group in parsed(svg).iter(f"{SVG}g") if group.get("class") == "step"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_xml_that_asks_nothing(lang: str) -> None:
    svg = render_waterfall_svg(explained(), lang=lang, thresholds=MODEL.thresholds)
    assert parsed(svg).tag == f"{SVG}svg"
    assert_quiet(svg)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_line_runs_through_a_text(lang: str) -> None:
    limits = MODEL.thresholds.model_copy(update={"link_bits": 20.0})  # where the axis has a number
    assert crossed(render_waterfall_svg(explained(), lang=lang, thresholds=limits)) == []


def test_the_bars_add_up_to_the_total() -> None:
    found = explained()
    svg = render_waterfall_svg(found, lang="en")
    bars = [float(group.get("data-bits", "")) for group in steps_of(svg)]
    (sum_of_all,) = [group for group in parsed(svg).iter(f"{SVG}g") if group.get("class") == "sum"]
    total = float(sum_of_all.get("data-bits", ""))
    assert len(bars) == 8, "the prior, six comparisons that could be made, and relatives"
    assert sum(bars) == pytest.approx(total) == pytest.approx(found.total_bits)


def test_a_bar_begins_where_the_one_before_has_ended() -> None:
    rows = steps_of(render_waterfall_svg(explained(), lang="en"))
    spans = [_span(row) for row in rows]
    joins = [float(next(e for e in row if e.get("class") == "join").get("x1", "")) for row in rows]
    for join, (start, end) in zip(joins, spans[1:], strict=False):
        assert min(abs(join - start), abs(join - end)) <= 1.0


def _span(row: Element) -> tuple[float, float]:
    (bar,) = [element for element in row if element.tag == f"{SVG}rect"]
    start = float(bar.get("x", ""))
    return start, start + float(bar.get("width", ""))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobody_is_recognised_unless_it_is_revealed(lang: str) -> None:
    svg = render_waterfall_svg(explained(), lang=lang)
    assert not [value for value in PRIVATE if value in svg]
    assert "方**" in svg and "3703************" in svg
    assert "方子豪" in render_waterfall_svg(explained(), lang=lang, reveal=True)


def test_what_speaks_against_is_hollow_and_has_its_sign() -> None:
    svg = render_waterfall_svg(explained(right=registered(father_name="李志强")), lang="zh")
    (father,) = [group for group in steps_of(svg) if "父亲" in "".join(group.itertext())]
    assert [e.get("class") for e in father if e.tag == f"{SVG}rect"] == ["against"]
    assert "−" in "".join(father.itertext())


def test_what_a_side_lacks_is_named_and_has_no_bar() -> None:
    said = texts(render_waterfall_svg(explained(), lang="zh"))
    assert "缺一方，未比较：" in said and "配偶" in said.split("未比较：")[1]


def test_the_columns_of_values_say_whose_they_are() -> None:
    said = texts(render_waterfall_svg(explained(), lang="zh", sides=("死亡证明", "户籍登记")))
    assert "死亡证明" in said and "户籍登记" in said


def test_markup_and_control_characters_in_titles_and_values_stay_text() -> None:
    left, right = dead(name=ATTACK + "\x00\x1f"), registered(name=ATTACK + "\x00\x1f")
    svg = render_waterfall_svg(
        explained(left, right, titled(MODEL, ATTACK)), lang="zh", reveal=True, sides=(ATTACK, ATTACK)
    )
    assert "<script" not in svg and "&lt;script&gt;" in svg
    assert "alert(1)" in texts(svg)


def test_a_long_address_does_not_leave_its_column() -> None:
    long = "柳泉路" * 20
    svg = render_waterfall_svg(explained(dead(address_key=long), registered(address_key=long)), lang="zh", reveal=True)
    assert "…" in texts(svg)
    assert long not in svg


@pytest.mark.parametrize("count", [3, 20])
def test_few_or_many_comparisons_have_a_row_each(count: int) -> None:
    found = explained()
    parts = ([part for part in found.comparisons if part.level != "-"] * 4)[:count]
    svg = render_waterfall_svg(replace(found, comparisons=tuple(parts)), lang="en")
    assert len(steps_of(svg)) == count + 2


def test_a_pair_of_which_nothing_is_known_shows_the_prior() -> None:
    svg = render_waterfall_svg(explain_pair({}, {}, MODEL, FREQUENCIES), lang="zh")
    assert "先验" in texts(svg) and "身份证号" in texts(svg).split("未比较：")[1]
