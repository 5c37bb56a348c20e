"""The comparison viewer."""

import re

import numpy as np
import pyarrow as pa
import pytest

from tests.transforms.linkage.drawn import table
from tests.transforms.linkage.pictures.drawn import (
    ATTACK,
    HIS,
    LANGUAGES,
    MODEL,
    assert_quiet,
    dead,
    registered,
    titled,
)
from transforms.linkage.pictures.histogram import weights_histogram
from transforms.linkage.pictures.viewer import (
    PATTERNS,
    decisions,
    example_pairs,
    pattern_counts,
    render_comparison_viewer,
)  # fmt: skip

WIDTH = len(MODEL.comparisons)
AGREEING, DOUBTFUL, OTHER = ("0" * 2 + "-" * (WIDTH - 2), "06" + "-" * (WIDTH - 2), "7" + "-" * (WIDTH - 1))
FOUND = pa.Table.from_pylist(
    [
        {"levels": AGREEING, "count": 1_200, "match_weight": 20.0, "match_probability": 0.999},
        {"levels": DOUBTFUL, "count": 30, "match_weight": 1.0, "match_probability": 0.66},
        {"levels": OTHER, "count": 5_000, "match_weight": -25.0, "match_probability": 1e-8},
    ],
    PATTERNS,
)
LEFT, RIGHT = dead(), registered()
PAIRS = pa.table(
    {
        "levels": [AGREEING, AGREEING, OTHER],
        "mention_a": [LEFT["mention_id"], RIGHT["mention_id"], LEFT["mention_id"]],
        "mention_b": [RIGHT["mention_id"], LEFT["mention_id"], RIGHT["mention_id"]],
        "match_weight": [20.0, 22.0, -25.0],
        "match_probability": [0.9, 1.0, 0.0],
    }
)


def examples(each: int = 1) -> pa.Table:
    return example_pairs(PAIRS, table(LEFT, RIGHT), table(LEFT, RIGHT), MODEL, each=each)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_whole_and_quiet(lang: str) -> None:
    assert_quiet(render_comparison_viewer(FOUND, examples(), MODEL, lang=lang))


def test_patterns_stand_under_their_decision() -> None:
    page = render_comparison_viewer(FOUND, None, MODEL, lang="zh")
    parts = page.split("<details ")[1:]
    for part, decision, pattern in zip(
        parts, ("link", "review", "not_linked"), (AGREEING, DOUBTFUL, OTHER), strict=True
    ):
        assert part.startswith(f'class="decision {decision}"')
        assert re.findall(r'<tr id="p([^"]+)"', part) == [pattern]


def test_decisions_follow_the_thresholds() -> None:
    limits = MODEL.thresholds
    weight = np.array([limits.link_bits, limits.link_bits - 0.1, limits.review_bits, limits.review_bits - 0.1])
    assert decisions(weight, MODEL).tolist() == ["link", "review", "review", "not_linked"]


def test_a_row_adds_up_to_its_weight() -> None:
    page = render_comparison_viewer(FOUND, None, MODEL, lang="en")
    row = page.split(f'<tr id="p{AGREEING}">')[1].split("</tr>")[0]
    cells = [float(bits.replace("−", "-")) for bits in re.findall(r"<i>([^<]+)</i>", row)]
    rest = float(row.rsplit('<td class="num">', 1)[1].split("<")[0].replace("−", "-"))
    assert len(cells) == 2
    assert sum(cells) + rest == pytest.approx(20.0, abs=0.2)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_examples_are_masked_unless_revealed(lang: str) -> None:
    page = render_comparison_viewer(FOUND, examples(), MODEL, lang=lang)
    assert not [value for value in ("方子豪", "方建国", HIS, "16351090188", "柳泉路", "1999-03-10") if value in page]
    assert "方**" in page
    assert "方子豪" in render_comparison_viewer(FOUND, examples(), MODEL, lang=lang, reveal=True)


def test_rarer_patterns_are_counted_but_not_shown() -> None:
    many = pa.Table.from_pylist(
        [
            {"levels": f"{a}{b}" + "-" * (WIDTH - 2), "count": 10 * a + b + 1, "match_weight": -20.0,
             "match_probability": 0.0}
            for a in range(4) for b in range(4)
        ],
        PATTERNS,
    )  # fmt: skip
    page = render_comparison_viewer(many, None, MODEL, lang="en", most=3)
    assert re.findall(r'<tr id="p(\d\d)', page) == ["33", "32", "31"]
    left_out = sum(sorted(many["count"].to_pylist())[:-3])
    assert f"13 rarer patterns with {left_out} pairs are not shown." in page


def test_no_patterns_at_all_is_a_page() -> None:
    page = render_comparison_viewer(PATTERNS.empty_table(), None, MODEL, lang="zh")
    assert_quiet(page)
    assert page.count("没有这样的记录对。") == 3


def test_a_pattern_of_another_model_is_a_sentence() -> None:
    wrong = pa.Table.from_pylist(
        [{"levels": "00", "count": 1, "match_weight": 0.0, "match_probability": 0.5}], PATTERNS
    )
    with pytest.raises(ValueError, match=r"1 of 1 patterns are not of model persons-\d"):
        render_comparison_viewer(wrong, None, MODEL, lang="en")


def test_markup_in_titles_and_values_stays_text() -> None:
    shown = examples().set_column(1, "left_name", pa.array([ATTACK, ATTACK]))
    page = render_comparison_viewer(FOUND, shown, titled(MODEL, ATTACK), lang="en", reveal=True)
    assert "<script" not in page and "&lt;script&gt;" in page


def test_pairs_are_counted_by_pattern() -> None:
    assert pattern_counts(PAIRS).to_pylist() == [
        {"levels": AGREEING, "count": 2, "match_weight": 21.0, "match_probability": 0.95},
        {"levels": OTHER, "count": 1, "match_weight": -25.0, "match_probability": 0.0},
    ]


@pytest.mark.parametrize(("each", "rows"), [(1, 2), (2, 3)])
def test_so_many_examples_of_each_pattern(each: int, rows: int) -> None:
    found = examples(each)
    assert found.num_rows == rows
    assert {"levels", "left_name", "right_id_no", "left_birth_date"} <= set(found.column_names)
    assert set(found["left_name"].to_pylist()) == {"方子豪"}


def test_every_pair_is_in_a_bar_and_no_bar_holds_two_decisions() -> None:
    limits = MODEL.thresholds.model_copy(update={"link_bits": 12.5})
    weight = np.array([-40.0, limits.review_bits, 12.4, 12.5, 60.3])
    svg = str(weights_histogram(weight, np.array([5, 1, 2, 3, 4]), limits, lang="en"))
    bars = re.findall(r'class="bar (\w+)"[^>]*><title>[^:]+: (\d+) pairs', svg)
    assert bars == [("not_linked", "5"), ("review", "1"), ("review", "2"), ("link", "3"), ("link", "4")]
