"""Names as records keep them, as linkage compares them, and as syllables."""

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.simulator.cells import DOTS
from connectors.simulator.words import words
from transforms.standardise.names import names, parent_in, read_name, sex_in, simplifier, standard_names
from transforms.standardise.pinyin import name_pinyin, pinyins, surname_of


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
        ("阿依‧古丽", "阿依·古丽"),
        ("阿依。古丽", "阿依·古丽"),
        ("阿依·· 古丽", "阿依·古丽"),
        ("阿依丶古丽", "阿依·古丽"),
        ("阿依-古丽", "阿依·古丽"),
        ("阿依･古丽", "阿依·古丽"),
        ("吉克·阿伍", "吉克·阿伍"),
        ("张三。", "张三"),
        ("“张三”", "张三"),
        ("张\u202d三", "张三"),
        ("J. Smith", "J. Smith"),
        ("王*伟", "王*伟"),
        ("张三之子", "张三之子"),
    ],
)
def test_a_name_has_one_form(text, name):
    assert read_name(text) == (name, None)


@pytest.mark.parametrize("text", [
    "无", "不详", "-", "", "未知", "无名氏", "null", " 无 ", "佚名", "待定", "***", "×", "××", "X", "xx", "某某",
    "测试", "测试1", "TEST01", "（不详）", "?", "无 名 氏", "母不详", "□□□", "新生儿",
])  # fmt: skip
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


@pytest.mark.parametrize("dot", DOTS)
def test_every_dot_that_the_simulator_writes_is_one(dot):
    assert read_name(f"阿依{dot}古丽") == ("阿依·古丽", None)


def test_what_the_simulator_mistypes_stays_as_it_was_written():
    tables = words()
    typed = [tables.tokens[place] for table in (tables.homophone, tables.similar) for place in table if place >= 0]
    assert simplifier()(typed) == typed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna Li", "ANNA LI"),
        ("ANNA·LI", "ANNA LI"),
        ("O’Neil, José-María", "ONEIL JOSE MARIA"),
        ("J. Smith", "J SMITH"),
        ("李anna", "李ANNA"),
        ("张三(已故)", "张三"),
        ("鍾髙", "钟高"),
        ("阿依·古麗", "阿依·古丽"),
    ],
)
def test_a_name_as_linkage_compares_it(text, name):
    assert standard_names(pa.array([text])).name.to_pylist() == [name]


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("阿依·古丽", "阿依"),
        ("欧阳明", "欧阳"),
        ("单于", "单"),
        ("王小明", "王"),
        ("慕容雪晴", "慕容"),
        ("艾山江古丽", "艾"),
    ],
)
def test_a_surname_is_the_first_part_two_characters_or_one(name, surname):
    assert surname_of(name) == surname


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("盖明", "ge"), ("缪明", "miao"), ("覃明", "qin"), ("冼明", "xian"), ("燕明", "yan"), ("任明", "ren"),
        ("华明", "hua"),
        ("召明", "shao"), ("员明", "yun"), ("郇明", "xun"), ("黑明", "he"), ("折明", "she"), ("翟明", "zhai"),
        ("牟明", "mu"),
        ("卜明", "bu"), ("都明", "du"), ("长明", "chang"), ("秘明", "bi"), ("适明", "kuo"), ("能明", "nai"),
        ("粘明", "nian"),
        ("万明", "wan"), ("澹台明", "tan tai"), ("长孙明", "zhang sun"), ("尉迟明", "yu chi"), ("万俟明", "mo qi"),
        ("单于明", "chan yu"), ("令狐明", "ling hu"), ("乐正明", "yue zheng"), ("尉明", "wei"),
    ],
)  # fmt: skip
def test_a_surname_is_read_as_a_surname(name, first):
    assert name_pinyin(name) == f"{first} ming"
    assert pinyins(pa.array([name])).to_pylist() == [f"{first} ming"]


@pytest.mark.parametrize("given", ["单", "曾", "乐", "盖"])
def test_in_a_given_name_it_is_read_as_a_character(given):
    assert name_pinyin(f"王{given}").split()[1:] != name_pinyin(f"{given}王").split()[:1]


SPELLINGS = st.text(st.sampled_from("张单曾欧阳于万俟明之子女婴某丶测试无不详·• ．\u200b×XaÉ⺠鍾𠮷"), max_size=6)


@given(st.lists(SPELLINGS | st.text(max_size=8), unique=True))
def test_reading_many_is_reading_each(texts):
    read = names(pa.array(texts, pa.string()))
    assert list(zip(read.values.to_pylist(), read.reasons.to_pylist(), strict=True)) == [*map(read_name, texts)]


@given(st.lists(SPELLINGS | st.text(max_size=8)))
def test_syllables_of_many_are_those_of_each(texts):
    assert pinyins(pa.array(texts, pa.string())).to_pylist() == [name_pinyin(text) for text in texts]


def test_what_stands_behind_the_words_does_not_make_a_name_of_them():
    told = standard_names(pa.array(["张三之女a", "张三之女á", "张三之女(待补录)", "张三之女"]))
    assert told.name.to_pylist() == [None] * 4
    assert told.of.to_pylist() == ["张三"] * 4


@given(st.lists(SPELLINGS))
@example(["XX之女a"])
def test_a_name_as_compared_is_its_own_form(texts):
    once = standard_names(names(pa.array(texts, pa.string())).values).name
    assert standard_names(once).name.to_pylist() == once.to_pylist()
