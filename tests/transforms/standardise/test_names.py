"""Names as records keep them, as linkage compares them, and as syllables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.standardise.names import parent_in, read_name, sex_in, simplifier
from transforms.standardise.pinyin import name_pinyin


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("张\u200b三\ufeff", "张三"),
        ("阿依·古丽", "阿依·古丽"),
        ("阿依•古丽", "阿依·古丽"),
        ("阿依・古丽", "阿依·古丽"),
        ("阿依．古丽", "阿依·古丽"),
        ("阿依.古丽", "阿依·古丽"),
        ("阿依 · 古丽", "阿依·古丽"),
        ("ＡＮＮＡ  ＬＩ", "ANNA LI"),
        ("⻰⺠", "龙民"),
        ("⼀⼁", "一丨"),
        ("張龍", "張龍"),
        ("𠮷𬎆㛃", "𠮷𬎆㛃"),
        (b"\xfe\x59".decode("gb18030") + "三", "\u9fb4三"),
        ("=cmd()", "=cmd()"),
        ("<script>", "<script>"),
        ("张\n三", "张三"),
    ],
)
def test_a_name_has_one_form(text, name):
    assert read_name(text) == (name, None)


@pytest.mark.parametrize("text", ["无", "不详", "-", "", "未知", "无名氏", "null", " 无 "])
def test_a_placeholder_is_no_name_and_no_defect(text):
    assert read_name(text) == (None, None)


def test_fifty_characters_are_a_name_and_fifty_one_are_not():
    assert read_name("古" * 50) == ("古" * 50, None)
    assert read_name("古" * 51) == (None, "too_long")


def test_a_number_is_no_name():
    assert read_name("13800000000") == (None, "bad_shape")


@given(st.text(max_size=60))
def test_a_standard_name_stays_as_it_is(text):
    name, _ = read_name(text)
    if name is not None:
        assert read_name(name)[0] == name


def test_traditional_and_variant_characters_are_simplified_for_comparison():
    names = ["張龍", "锺髙", "鍾書", "王三"]
    assert simplifier()(names) == ["张龙", "钟高", "钟书", "王三"]
    assert simplifier()([]) == []


@pytest.mark.parametrize(
    ("name", "parent", "sex"),
    [
        ("张三之子", "张三", "1"),
        ("李小四之女", "李小四", "2"),
        ("王五之婴", "王五", None),
        ("王之子", None, None),
        ("张三", None, None),
    ],
)
def test_a_child_known_only_by_its_parent(name, parent, sex):
    assert (parent_in(name), sex_in(name)) == (parent, sex)


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("单小明", "shan xiao ming"),
        ("解放", "xie fang"),
        ("曾国", "zeng guo"),
        ("仇英", "qiu ying"),
        ("区明", "ou ming"),
        ("查良", "zha liang"),
        ("朴成", "piao cheng"),
        ("乐天", "yue tian"),
        ("欧阳单", "ou yang dan"),
        ("尉迟恭", "yu chi gong"),
        ("万俟一", "mo qi yi"),
        ("万明", "wan ming"),
        ("阿依·古丽", "a yi gu li"),
        ("吕布", "lv bu"),
    ],
)
def test_surnames_have_readings_of_their_own(name, syllables):
    assert name_pinyin(name) == syllables


@pytest.mark.parametrize(("one", "other"), [("张伟", "章纬"), ("李静", "李婧")])
def test_homophones_have_the_same_syllables(one, other):
    assert name_pinyin(one) == name_pinyin(other)
