"""The same home gives one key, two homes give two."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.standardise.addresses import address_key, address_keys

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
        ("张店区世纪花园小区3号楼2单元5", "世纪花园3-2-5"),
        ("世纪花园小区3号楼2单元5", "世纪花园3-2-5"),
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("莱芜市莱城区凤城街道花园北路5号", "济南市莱芜区凤城街道花园北路5号"),
        ("山东省章丘市双山街道明水大街8号2号楼1单元301", "济南市章丘区双山街道明水大街8号2号楼1单元301室"),
        ("临沂地区沂水县沂水镇长安路6号", "山东省临沂市沂水县沂水镇长安路6号"),
        ("青岛市即墨市通济街道鹤山路9号", "青岛即墨区通济街道鹤山路9号"),
    ],
)
def test_a_home_keeps_its_key_when_its_county_gets_another_name(old, new):
    assert address_key(old) == address_key(new)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("潘南小区3号楼2单元501", "潘南3幢2单元501室"),
        ("湖田街道商家自然村12号", "商家村12号"),
        ("商家村民委员会3组12号", "商家村3组12号"),
        ("公园街道杏园社区柳泉路91号", "柳泉路91号"),
        ("杏园社区5号楼301", "杏园小区5栋301户"),
        ("柳泉路９１號銀座佳苑２號樓", "柳泉路91号银座佳苑2栋"),
        ("柳泉路九十一号 二号楼 三单元", "柳泉路91号2-3"),
        ("⻓江路5号", "长江路5号"),
        ("广西壮族自治区恭城瑶族自治县恭城镇茶江路3号", "恭城镇茶江路3号"),
    ],
)
def test_words_for_estate_village_and_building_do_not_part_one_home(one, other):
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize("road", ["山东路12号", "北京路12号", "上海东路12号", "南京路12号"])
def test_a_road_that_is_called_like_a_province_keeps_its_name(road):
    assert address_key(road) == road.removesuffix("号")


@pytest.mark.parametrize("address", ["柳泉路5号东户", "5号楼东户", "91号大院楼", "A座12号", "柳泉路12号附1", "3楼0005"])
def test_a_key_is_the_same_alone_and_among_many(address):
    homes = [f"柳泉路{gate}号" for gate in range(50)]
    assert address_keys(pa.array([*homes, None, address]))[51].as_py() == address_key(address)


def test_a_column_without_any_address_has_no_keys():
    assert address_keys(pa.nulls(2)).to_pylist() == [None, None]


@pytest.mark.parametrize("address", ["", "无", "-", "不详"])
def test_no_address_has_no_key(address):
    assert address_key(address) is None


@given(st.integers(1, 400), st.integers(1, 99), st.integers(1, 9), st.integers(101, 3299))
def test_the_key_has_every_number(gate, building, unit, room):
    key = address_key(f"山东省淄博市张店区科苑街道人民路{gate}号{building}号楼{unit}单元{room}")
    assert key == f"人民路{gate}-{building}-{unit}-{room}"


@given(st.text(st.sampled_from("0019AZ-号楼院单元室东户三十大 ，(Ａ樓"), max_size=14))
def test_a_key_of_a_key_is_no_shorter_way_to_another_home(address):
    key = address_key(address)
    assert key is None or not key.startswith("-")
    assert key is None or "--" not in key
