"""Characters that NFKC leaves apart though they are one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator.words import words
from transforms.standardise.characters import KEPT, pairs, plain
from transforms.standardise.names import simplifier


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("⺠", "民"),
        ("⻰", "龙"),
        ("⻓", "长"),
        ("⻄", "西"),
        ("⼀", "一"),
        ("\uf900", "豈"),
        ("\ufa0e", "\ufa0e"),
        ("\U0002f81a", "冬"),
        ("张\u200b三", "张三"),
        ("张\u202e三\u202c", "张三"),
        ("张\u2060三\ufeff", "张三"),
        ("邊\U000e0101", "邊"),
        ("葛\ufe00", "葛"),
        ("Ｌｉ", "Li"),
    ],
)
def test_one_form_of_a_character(text, mended):
    assert plain(text) == mended


@pytest.mark.parametrize(
    ("code", "character"),
    [
        (b"\xfe\x51", "\U00020087"),
        (b"\xfe\x59", "\u9fb4"),
        (b"\xfe\x6c", "\U000215d7"),
        (b"\xfe\x76", "\U0002298f"),
        (b"\xfe\x7e", "\u9fb9"),
        (b"\xfe\x91", "\U000241fe"),
        (b"\xfe\xa0", "\u9fbb"),
        (b"\xa6\xd9", "︐"),
        (b"\xa8\xbc", "\u1e3f"),
    ],
)
def test_a_private_code_point_is_the_character_that_the_standard_names(code, character):
    assert plain(code.decode("gb18030")) == unicodedata.normalize("NFKC", character)


def test_a_private_code_point_of_the_fonts_of_gbk_is_the_character_of_its_code():
    assert plain("\ue843") == "\u9fb9"
    assert plain("\ue81a") == b"\xfe\x55".decode("gb18030")


@pytest.mark.parametrize("name", ["𠮷𬎆", "㛃", "王喆", "李堃", "陈淼"])
def test_a_rare_character_stays(name):
    assert plain(name) == name
    assert simplifier()([name]) == [name]


@pytest.mark.parametrize(
    ("written", "simple"),
    [
        ("锺", "钟"), ("鍾", "钟"), ("鐘", "钟"), ("髙", "高"), ("郞", "郎"), ("曁", "暨"), ("姸", "妍"), ("濬", "浚"),
        ("叡", "睿"), ("栢", "柏"), ("瑠", "琉"), ("淸", "清"), ("桜", "樱"), ("斉", "齐"), ("呉", "吴"), ("鬫", "阚"),
    ],
)  # fmt: skip
def test_a_variant_becomes_the_standard_character(written, simple):
    assert simplifier()([written]) == [simple]


@pytest.mark.parametrize("name", ["李乾", "於明", "徵"])
def test_a_character_of_its_own_is_not_taken_for_a_traditional_one(name):
    assert simplifier()([name]) == [name]


def test_no_variant_leads_to_another_variant():
    table = pairs("variants")
    assert not [chr(point) for point, standard in table.items() if ord(standard) in table]
    assert not KEPT & set(map(chr, table))


def test_the_simulators_traditional_spellings_are_undone():
    tokens, partners = words().tokens, words().traditional
    written = {tokens[place]: tokens[partner] for place, partner in enumerate(partners) if partner >= 0}
    undone = dict(zip(written, simplifier()(list(written.values())), strict=True))
    # 肖 is a surname of its own, and also how 萧 was written for a time: its traditional form is 萧's
    assert {simple: found for simple, found in undone.items() if found != simple} == {"肖": "萧"}


@given(st.text(max_size=20))
def test_one_form_is_the_last(text):
    assert plain(plain(text)) == plain(text)


@given(st.lists(st.text(max_size=6), max_size=6))
def test_simplifying_many_is_simplifying_each(texts):
    assert simplifier()(texts) == [simplifier()([text])[0] for text in texts]
