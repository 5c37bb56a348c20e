"""Every place and figure that a policy file cites is looked up in the document."""

from pathlib import Path

import pytest

from tests.families import ZHANGDIAN
from transforms.eligibility.citations import citation_faults, section, states

TEXT = """某区关于某事的意见
各镇：凡符合条件的家庭（一级）适用本意见。
一、总体要求
（一）范围。按2000元掌握。
二、做法
（一）走访。每户每年2次,每次300元。
（二）救助。1.去世的给１万元。2.残疾的给三千元,满四十九周岁。
三、附则
第一条自印发之日起。第二条每年九月底前。
一是提高认识。二是每人9人次。
"""
DOCUMENTS = Path(__file__).resolve().parents[4] / "shared" / "policy-sources"
POLICY = (ZHANGDIAN / "policy.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("place", "begins", "lacks"),
    [
        ("序", "某区", "总体要求"),
        ("一", "一、总体", "走访"),
        ("二（一）", "(一)走访", "救助"),
        ("二(二)", "(二)救助", "附则"),
        ("二（二）2", "2.残疾", "去世"),
        ("第二条", "第二条每年", "自印发"),
        ("二是", "二是每人", "一是"),
        ("全文", "某区", "第三条"),
    ],
)
def test_a_place_is_found_as_the_document_counts(place: str, begins: str, lacks: str) -> None:
    found = section(TEXT, place)
    assert found is not None
    assert found.strip().startswith(begins)
    assert lacks not in found


@pytest.mark.parametrize("place", ["四", "二（三）", "二（一）1", "第九条", "九是"])
def test_a_place_that_is_not_there(place: str) -> None:
    assert section(TEXT, place) is None


@pytest.mark.parametrize(
    ("text", "value", "is_there"),
    [
        ("给10000元", 10_000, True), ("给１万元", 10_000, True), ("给100000元", 10_000, False),
        ("给1.5万元", 15_000, True),
        ("满四十九周岁", 49, True), ("满四十九周岁", 9, False), ("三级以上", 3, True), ("十三级", 3, False),
        ("15%", 15, True), ("115%", 15, False), ("3.5元", 5, False),
    ],
)  # fmt: skip
def test_a_figure_in_digits_in_ten_thousands_or_in_chinese(text: str, value: int, is_there: bool) -> None:
    assert states(text, value) == is_there


def test_a_wrong_place_and_a_wrong_figure_are_told_with_their_lines() -> None:
    document = (DOCUMENTS / "zhangdian-2020-134.txt").read_text("utf-8")
    wrong = POLICY.replace("    place: 序\n", "    place: 九\n", 1).replace("{value: 10000,", "{value: 10001,", 1)
    wrong = wrong.replace("amount_fen: 1_000_000", "amount_fen: 1_000_100", 1)
    assert citation_faults(POLICY, "policy.yaml", document) == []
    place, figure = citation_faults(wrong, "policy.yaml", document)
    lines = wrong.splitlines()
    assert (place.code, lines[place.line - 1].strip()) == ("place_not_found", "place: 九")
    assert (figure.code, lines[figure.line - 1].strip()) == ("figure_not_found", "- {value: 10001, unit: yuan}")
    assert place.sentence("en").endswith("the document has no part '九'")
