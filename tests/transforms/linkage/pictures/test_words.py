"""The words of the pictures, and how texts are laid on the sheet."""

import re
from importlib.resources import files
from string import Formatter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transforms.linkage.model import LEVELS
from transforms.linkage.pictures.drawing import clipped, signed, text_width, ticks, wrapped
from transforms.linkage.pictures.masking import masked, side_by_side
from transforms.linkage.pictures.words import Words
from transforms.schemas import MENTIONS

PACKAGE = files("transforms.linkage.pictures")
WORDS: dict[str, dict[str, str]] = yaml.safe_load(PACKAGE.joinpath("words.yaml").read_text("utf-8"))


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_there_in_both_languages_with_the_same_facts(key: str) -> None:
    words = WORDS[key]
    assert set(words) == {"zh", "en"} and all(words.values())
    facts = {lang: {name for _, name, _, _ in Formatter().parse(text) if name} for lang, text in words.items()}
    assert facts["zh"] == facts["en"]


def test_every_word_that_the_templates_ask_for_is_there() -> None:
    asked = set()
    for file in PACKAGE.iterdir():
        if file.name.endswith((".j2", ".py")):
            asked |= set(re.findall(r'words(?:\.say\(|\[)"([a-z_.]+[a-z_])"[\])]', file.read_text("utf-8")))
    assert len(asked) > 50
    assert asked - set(WORDS) == set()


def test_every_column_of_a_mention_that_rules_read_has_a_name() -> None:
    unread = {"mention_id", "feed", "record_key", "role", "content_hash", "id_state", "birth_source"}
    assert [c for c in MENTIONS.names if c not in unread and f"column.{c}" not in WORDS] == []


def test_an_unknown_name_stands_for_itself() -> None:
    assert Words("zh").name("class", "cousin") == "cousin"


@given(st.text("王a b，, (x)", max_size=60), st.integers(30, 200), st.integers(1, 3))
def test_no_line_is_wider_than_its_column(text: str, width: int, lines: int) -> None:
    found = wrapped(text, width, 12, lines)
    assert 1 <= len(found) <= lines
    assert all(text_width(line, 12) <= width for line in found)


def test_a_chinese_character_is_as_wide_as_it_is_high() -> None:
    assert text_width("姓名", 12) == 24
    assert clipped("出生日期与地点", 60, 12) == "出生日期…"


def test_lines_break_at_spaces_and_between_chinese_characters() -> None:
    assert wrapped("the same number", 70, 12) == ["the same", "number"]
    assert wrapped("另一方也列有此亲属", 60, 12) == ["另一方也列", "有此亲属"]


@pytest.mark.parametrize(("bits", "said"), [(9.96, "+10.0"), (-0.04, "0.0"), (-3.14, "−3.1"), (-1234.5, "−1,234.5")])
def test_bits_have_their_sign(bits: float, said: str) -> None:
    assert signed(bits) == said


def test_ticks_are_round_and_inside() -> None:
    assert ticks(-7.3, 22.1) == [-5, 0, 5, 10, 15, 20]


@pytest.mark.parametrize("kind", LEVELS)
def test_no_kind_shows_a_whole_name_number_or_day(kind: str) -> None:
    for place in range(4):
        assert masked(kind, place, "方子豪") != "方子豪" or (kind, place) in _OPEN
        assert masked(kind, place, "370303199903101010") != "370303199903101010" or (kind, place) in _OPEN


# Years, sexes, and codes of townships and counties.
_OPEN = {("year", 0), ("sex", 0), ("address", 1), ("address", 2)}


def test_what_is_not_known_is_hidden() -> None:
    assert masked("a_kind_to_come", 0, "方子豪") == "***"
    assert masked("exact", 0, "fang@example.org") == "***"
    assert masked("exact", 0, "16351090188") == "1635*****88"


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        (("方子豪", None), ("方子浩", "旧名"), ("方子豪", "方子浩")),
        ((None, "旧名"), ("方子浩", "旧名"), ("旧名", "旧名")),
        (("方子豪", None), (None, "旧名"), ("方子豪", "旧名")),
        ((None, None), ("方子豪", None), ("—", "方子豪")),
    ],
)
def test_like_stands_beside_like(left: tuple[str | None, ...], right: tuple[str | None, ...], shown: object) -> None:
    assert side_by_side("name", left, right, reveal=True, empty="—") == shown


def _palettes(css: str) -> list[dict[str, str]]:
    # The light one, then the dark one.
    found = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r"\{[^{}]*--ink: [^{}]*\}", css)
    ]
    assert len(found) == 2
    return found


def _contrast(one: str, other: str) -> float:
    # WCAG 2.2, relative luminance.
    lights = []
    for colour in (one, other):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
def test_every_colour_can_be_read_on_what_it_stands_on(place: int) -> None:
    picture, page = (
        _palettes(PACKAGE.joinpath(name).read_text("utf-8"))[place] for name in ("picture.css", "page.css")
    )
    on_card = [
        ("ink", 7.0),
        ("quiet", 4.5),
        ("for", 4.5),
        ("against", 4.5),
        ("review", 3.0),
        ("link", 3.0),
        ("idle", 3.0),
    ]
    assert not [(name, least) for name, least in on_card if _contrast(picture[name], picture["card"]) < least]
    zones = [(picture["ink"], picture[zone]) for zone in ("grid", "review-soft", "link-soft")]
    cells = [
        (page["ink"], page[cell]) for cell in ("good-soft", "good-strong", "bad-soft", "bad-strong", "card", "paper")
    ]
    assert not [pair for pair in (*zones, *cells) if _contrast(*pair) < 4.5]
    assert _contrast(page["quiet"], page["paper"]) >= 4.5
