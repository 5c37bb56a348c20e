"""Names held against each other."""

import numpy as np
import pyarrow as pa
import pytest

from transforms.linkage import names
from transforms.linkage.encoding import names_of


def level(left: str, right: str) -> int:
    both = names_of(pa.array([left, right]))
    return int(names.name_levels(both, np.array([0]), both, np.array([1]))[0])


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("张偉", "张伟", names.SAME),  # traditional
        ("张建国", "张健国", names.HOMOPHONE),
        ("欧阳修", "欧阳休", names.HOMOPHONE),
        ("曾未", "曾末", names.SHAPE),
        ("张小明", "张小朋", names.SHAPE),
        ("张小明", "张明", names.ONE_CHARACTER),
        ("张明小", "张小明", names.ONE_CHARACTER),
        ("阿卜杜拉·买买提江", "阿卜杜拉·买买提", names.ONE_CHARACTER),
        ("王小明", "张小明", names.GIVEN),
        ("张伟", "张强", names.SURNAME),  # the character that differs is the whole given name
        ("李雷", "韩梅", names.DIFFERENT),
    ],
)
def test_level_of_two_names(left: str, right: str, expected: int) -> None:
    assert level(left, right) == expected
    assert level(right, left) == expected


def test_long_names_that_differ_at_the_end_have_no_sound_in_common() -> None:
    assert level("阿卜杜拉·买买提艾力江甲", "阿卜杜拉·买买提艾力江乙丙") != names.HOMOPHONE


def test_a_name_of_fifty_characters_is_compared_as_a_whole() -> None:
    assert level("张" + "伟" * 49, "张" + "伟" * 48) == names.ONE_CHARACTER
