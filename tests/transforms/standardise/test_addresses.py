"""The same home gives one key, two homes give two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.standardise.addresses import address_key

HOME = "山东省淄博市张店区公园街道柳泉路91号14号楼3单元101"


@pytest.mark.parametrize(
    "spelling",
    [
        HOME,
        "淄博市张店区公园街道柳泉路91号14号楼3单元101室",
        "山东淄博张店公园街道办事处柳泉路91号14号楼3单元101户",
        "张店区柳泉路91号14号楼3单元101",
        "柳泉路91号14号楼3单元101",
        "山东省 淄博市 张店区 柳泉路 91号 14号楼 3单元 101",
        "山東省淄博市張店區公園街道柳泉路91號14號樓3單元101",
        "张店区柳泉路９１号１４号楼３单元１０１室",
        "张店区柳泉路91号14栋3单元101",
        "张店区柳泉路九十一号十四号楼三单元101",
        "张店区柳泉路91号14-3-101",
        "张店区柳泉路91号，14号楼，3单元，101。",
    ],
)
def test_spellings_of_one_home_have_one_key(spelling):
    assert address_key(spelling) == address_key(HOME) == "柳泉路91-14-3-101"


@pytest.mark.parametrize(
    "other",
    [
        "张店区公园街道柳泉路91号14号楼3单元102",
        "张店区公园街道柳泉路91号14号楼2单元101",
        "张店区公园街道柳泉路91号4号楼3单元101",
        "张店区公园街道柳泉路9号114号楼3单元101",
        "张店区公园街道西六路91号14号楼3单元101",
        "张店区公园街道柳泉路91号",
    ],
)
def test_another_flat_has_another_key(other):
    assert address_key(other) != address_key(HOME)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("张店区世纪花园小区3号楼2单元5", "世纪花园小区3-2-5"),
        ("世纪花园小区3号楼2单元5", "世纪花园小区3-2-5"),
        ("张店东路12号", "张店东路12"),
        ("淄博路3号", "淄博路3"),
        ("张店区湖田镇商家村12号", "商家村12"),
        ("莱芜市莱城区凤城街道花园北路5号", "花园北路5"),
        ("商家村", "商家村"),
        ("张店区和平街道新村路101号25号楼2单元0202", "新村路101-25-2-202"),
    ],
)
def test_what_stays_of_an_address(address, key):
    assert address_key(address) == key


@pytest.mark.parametrize("address", ["", "无", "-", "不详"])
def test_no_address_has_no_key(address):
    assert address_key(address) is None


@given(st.integers(1, 400), st.integers(1, 99), st.integers(1, 9), st.integers(101, 3299))
def test_the_key_has_every_number(gate, building, unit, room):
    key = address_key(f"山东省淄博市张店区科苑街道人民路{gate}号{building}号楼{unit}单元{room}")
    assert key == f"人民路{gate}-{building}-{unit}-{room}"
