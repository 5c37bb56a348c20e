"""The levels of names, numbers and dates, which are found by operations on integers, against slow, obvious readings."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lunar_python import Solar
from pypinyin import lazy_pinyin

from transforms.linkage import dates, names, numbers
from transforms.linkage.encoding import days_of, names_of, numbers_of
from transforms.standardise.identifiers import check_character
from transforms.standardise.names import simplifier

MANY = settings(deadline=None, max_examples=300)

# -- names --------------------------------------------------------------------------------------------------------

# Few characters, so that they often agree: of like shape (未末, 明朋), of like sound (建健国果), traditional (偉伟).
CHARACTERS = "张章未末明朋建健国果偉伟·𬎆"
NAMES = st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=6)


def slips(text: str) -> set[str]:
    """Everything that one slip makes of a text: a character replaced (as ?), left out, or two neighbours in turn."""
    replaced = {f"{text[:at]}?{text[at + 1 :]}" for at in range(len(text))}
    left_out = {text[:at] + text[at + 1 :] for at in range(len(text))}
    in_turn = {text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(len(text) - 1)}
    return replaced | left_out | in_turn


def is_slip(one: str, other: str) -> bool:
    replaced = {text for text in slips(one) & slips(other) if "?" in text}
    return bool(replaced) or one in slips(other) or other in slips(one)


def level_of_names(one: str, other: str) -> int:
    """As transforms.linkage.names tells it in words."""
    one, other = (simplifier()([name])[0] for name in (one, other))
    if one == other:
        return names.SAME
    surname = one[0] == other[0]
    if any(len(name) > 4 or max(name) > "\uffff" for name in (one, other)):
        return names.ONE_CHARACTER if is_slip(one, other) else names.SURNAME if surname else names.DIFFERENT
    sounds = [[lazy_pinyin(character)[0] for character in name] for name in (one, other)]
    if sounds[0] == sounds[1]:
        return names.HOMOPHONE
    given = not surname and one[1:] == other[1:] and len(one) > 2
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    alike = len(one) == len(other) and len(differing) == 1 and names.similar_shape(*map(ord, differing[0]))
    if alike and (surname or given):
        return names.SHAPE
    if surname and max(len(one), len(other)) > 2 and is_slip(one, other):
        return names.ONE_CHARACTER
    return names.SURNAME if surname else names.GIVEN if given else names.DIFFERENT


@MANY
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=20))
@example(
    [("张张", "张"), ("张明建", "张建明"), ("张", "章"), ("张明国·伟", "章明国·偉"), ("張明国·伟偉", "张明国·伟国")]
)
def test_levels_of_names(pairs: list[tuple[str, str]]) -> None:
    left, right = (names_of(pa.array(side)) for side in zip(*pairs, strict=True))
    rows = np.arange(len(pairs))
    found = names.name_levels(left, rows, right, rows).tolist()
    assert found == [level_of_names(*pair) for pair in pairs], pairs
    assert names.name_levels(right, rows, left, rows).tolist() == found


# -- numbers ------------------------------------------------------------------------------------------------------

WHOLE = st.from_regex(r"\A37030[23]19[58][0-9][01][12][0-2][0-9]{4}[0-9X]\Z")


@st.composite
def slipped(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and the same with up to two slips at any place."""
    one = draw(WHOLE)
    other = one
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, 16))
        if draw(st.booleans()):
            other = other[:at] + other[at + 1] + other[at] + other[at + 2 :]
        else:
            other = other[:at] + draw(st.sampled_from("0123456789")) + other[at + 1 :]
    return one, other


def level_of_numbers(one: str, other: str) -> int:
    """As transforms.linkage.numbers tells it in words, for numbers of 18 characters."""
    if one == other:
        return numbers.SAME
    differing = [at for at in range(18) if one[at] != other[at]]
    in_turn = len(differing) == 2 and differing[1] == differing[0] + 1 and sorted(one) == sorted(other)
    if len(differing) == 1 or in_turn:
        return numbers.NEAR
    return numbers.FIRST_14 if one[:14] == other[:14] else numbers.DIFFERENT


def is_packed_whole(number: str) -> bool:
    return number[:17].isdecimal()  # an X that slipped forward makes another shape


@MANY
@given(st.lists(slipped().filter(lambda pair: all(map(is_packed_whole, pair))), min_size=1, max_size=20))
@example([("370303198402281235", "370303198402218235"), ("370303198402281235", "370303198402282135")])
def test_levels_of_numbers(pairs: list[tuple[str, str]]) -> None:
    left, right = (numbers_of(pa.array(side)) for side in zip(*pairs, strict=True))
    rows = np.arange(len(pairs))
    assert numbers.number_levels(left, rows, right, rows).tolist() == [level_of_numbers(*pair) for pair in pairs]


@given(WHOLE)
def test_fifteen_digits_are_the_same_number(number: str) -> None:
    first = number[:17]
    both = numbers_of(pa.array([first + check_character(first), first[:6] + first[8:]]))
    assert numbers.number_levels(both, np.array([0]), both, np.array([1])).tolist() == [numbers.SAME]


# -- dates --------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(1925, 1, 1), date(2025, 12, 31))


@st.composite
def two_days(draw: st.DrawFn) -> tuple[date, date]:
    """A date, and one that is likely to be near it: some weeks before, another digit, month and day in turn."""
    one = draw(DAYS)
    near = [one - timedelta(days=draw(st.integers(0, 90))), draw(DAYS)]
    for year, month, day in ((one.year, one.day, one.month), (one.year, one.month, draw(st.integers(1, 28)))):
        if month <= 12:
            near.append(date(year, month, min(day, 28)))
    return one, draw(st.sampled_from(near))


def is_lunar_reading(solar: date, stated: date) -> bool:
    lunar = Solar.fromYmd(solar.year, solar.month, solar.day).getLunar()
    return (lunar.getYear(), abs(lunar.getMonth()), lunar.getDay()) == (stated.year, stated.month, stated.day)


def level_of_dates(one: date, other: date) -> int:
    """As transforms.linkage.dates tells it in words."""
    if one == other:
        return dates.SAME
    if is_lunar_reading(one, other) or is_lunar_reading(other, one):
        return dates.LUNAR
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return dates.SWAPPED
    differing = sum(p != q for p, q in zip(f"{one:%Y%m%d}", f"{other:%Y%m%d}", strict=True))
    if differing <= 2:
        return dates.ONE_DIGIT if differing == 1 else dates.TWO_DIGITS
    return dates.YEAR if one.year == other.year else dates.DIFFERENT


@MANY
@given(st.lists(two_days(), min_size=1, max_size=10))
def test_levels_of_dates(pairs: list[tuple[date, date]]) -> None:
    left, right = (days_of(pa.array(side)) for side in zip(*pairs, strict=True))
    assert dates.birth_levels(left, right).tolist() == [level_of_dates(*pair) for pair in pairs]
