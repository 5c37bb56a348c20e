"""Texts in a name's place that name somebody's relative, or nobody in full."""

import pyarrow as pa
import pytest

from transforms.standardise.names import parent_in, reference_in, sex_in, standard_names


def standard(*names):
    return standard_names(pa.array(names, pa.string()))


@pytest.mark.parametrize(
    ("text", "parent", "sex"),
    [
        ("张三之子", "张三", "1"),
        ("张三之长女", "张三", "2"),
        ("张三的儿子", "张三", "1"),
        ("张三之双胞胎女婴", "张三", "2"),
        ("李小四男婴", "李小四", "1"),
        ("李小四新生儿", "李小四", None),
        ("张三次女", "张三", "2"),
        ("张三之女(2)", "张三", "2"),
        ("阿依·古丽之女", "阿依·古丽", "2"),
        ("欧阳明之婴", "欧阳明", None),
        ("王女婴", None, "2"),
        ("某女婴", None, "2"),
        ("欧阳女婴", None, "2"),
        ("李××之子", None, "1"),
        ("弃婴", None, None),
    ],
)
def test_a_child_is_known_by_its_parent_and_has_no_name(text, parent, sex):
    found = standard(text)
    assert found.name.to_pylist() == found.pinyin.to_pylist() == [None]
    assert (found.parent.to_pylist(), found.sex.to_pylist()) == ([parent], [sex])
    assert (parent_in(text), sex_in(text)) == (parent, sex)


@pytest.mark.parametrize(
    ("text", "of", "is_"),
    [
        ("王伟之妻", "王伟", "spouse"),
        ("王伟妻子", "王伟", "spouse"),
        ("王小明之父", "王小明", "parent"),
        ("王小明母亲", "王小明", "parent"),
        ("王伟之弟", "王伟", "other"),
        ("王伟的家属", "王伟", "other"),
        ("李××", None, "nobody"),
        ("李**", None, "nobody"),
        ("李XX", None, "nobody"),
        ("欧阳××", None, "nobody"),
        ("李某", None, "nobody"),
        ("李某某", None, "nobody"),
        ("李□", None, "nobody"),
        ("李�", None, "nobody"),
        ("张某甲", None, "nobody"),
    ],
)
def test_another_relative_or_a_surname_alone_is_no_name(text, of, is_):
    found = standard(text)
    assert found.name.to_pylist() == found.parent.to_pylist() == [None]
    assert (found.of.to_pylist(), found.is_.to_pylist()) == ([of], [is_])


@pytest.mark.parametrize(
    "name",
    ["王之涣", "王之子", "李妻", "李梓子", "欧阳儿", "张婴宁", "王*伟", "司马孟子", "陈长子", "王小女"],
)
def test_a_name_that_only_looks_so_stays_a_name(name):
    assert reference_in(name) is None
    assert standard(name).name.to_pylist() == [name]


def test_rows_stay_in_their_places():
    found = standard("张三", None, "张三之子", "張三")
    assert found.name.to_pylist() == ["张三", None, None, "张三"]
    assert found.parent.to_pylist() == [None, None, "张三", None]
    assert found.pinyin.to_pylist() == ["zhang san", None, None, "zhang san"]
