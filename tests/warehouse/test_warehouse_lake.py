"""Nothing in the lake is readable without the key, and nothing in it can be changed unnoticed."""

import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from warehouse.lake import Lake, LakeKeyUnreadable, LakeKeyWrong, LakeTampered, open_or_create_key

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
CANARY = "37030319620229001X"
PEOPLE = pa.table(
    {"name": ["欧阳𠮷", None, "=cmd()"], "id_no": [CANARY, "", None], "born": [date(1962, 2, 28), None, None]}
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def lake(root: Path) -> Lake:
    return Lake(root, KEY)


def test_bytes_come_back(lake: Lake) -> None:
    lake.put("landing/births/a.csv", b"\x00\xff" + CANARY.encode())
    assert lake.get("landing/births/a.csv") == b"\x00\xff" + CANARY.encode()


def test_a_table_comes_back_with_its_types(lake: Lake) -> None:
    lake.write_table("nights/people.parquet", PEOPLE)
    assert lake.read_table("nights/people.parquet").equals(PEOPLE)


def test_an_empty_table_keeps_its_columns(lake: Lake) -> None:
    lake.write_table("nights/nobody.parquet", PEOPLE.slice(0, 0))
    assert lake.read_table("nights/nobody.parquet").schema == PEOPLE.schema


def test_a_large_table_of_several_row_groups_comes_back(lake: Lake) -> None:
    rows = pa.table({"number": pa.array(range(1_200_000), pa.int64())})
    lake.write_table("nights/many.parquet", rows)
    assert lake.read_table("nights/many.parquet").equals(rows)


def test_only_the_columns_asked_for_are_read(lake: Lake) -> None:
    lake.write_table("nights/people.parquet", PEOPLE)
    assert lake.read_table("nights/people.parquet", columns=["born"]).column_names == ["born"]


def test_a_column_that_is_not_there_is_named(lake: Lake) -> None:
    lake.write_table("nights/people.parquet", PEOPLE)
    with pytest.raises(KeyError, match="nickname"):
        lake.read_table("nights/people.parquet", columns=["born", "nickname"])


def test_no_file_shows_a_value_or_the_name_of_a_column(lake: Lake, root: Path) -> None:
    lake.put("landing/a.csv", f"身份证号\n{CANARY}".encode())
    lake.write_table("nights/people.parquet", PEOPLE)
    content = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    for shown in (CANARY, "欧阳", "cmd()", "id_no", "身份证号"):
        assert shown.encode() not in content


def test_the_same_content_twice_is_encrypted_differently(lake: Lake, root: Path) -> None:
    for path in ("a", "b"):
        lake.put(path, CANARY.encode())
    assert (root / "a").read_bytes()[-20:] != (root / "b").read_bytes()[-20:]


def test_putting_the_same_content_again_leaves_the_file_alone(lake: Lake, root: Path) -> None:
    lake.put("a", b"content")
    before = (root / "a").read_bytes()
    lake.put("a", b"content")
    assert (root / "a").read_bytes() == before


def test_other_content_takes_the_place(lake: Lake) -> None:
    lake.put("a", b"first")
    lake.put("a", b"second")
    assert lake.get("a") == b"second"


def test_a_file_that_is_not_there(lake: Lake) -> None:
    assert not lake.exists("a")
    with pytest.raises(FileNotFoundError):
        lake.get("a")
    with pytest.raises(FileNotFoundError):
        lake.read_table("a.parquet")


def test_another_key_is_refused_before_anything_is_written(lake: Lake, root: Path) -> None:
    lake.put("a", b"content")
    with pytest.raises(LakeKeyWrong):
        Lake(root, OTHER)


def test_another_key_opens_nothing_even_if_the_mark_is_gone(lake: Lake, root: Path) -> None:
    lake.put("a", b"content")
    lake.write_table("t.parquet", PEOPLE)
    (root / "KEY_NO").unlink()
    thief = Lake(root, OTHER)
    with pytest.raises(LakeTampered):
        thief.get("a")
    with pytest.raises(LakeKeyWrong):
        thief.read_table("t.parquet")


def _places(size: int) -> list[int]:
    return sorted({*range(0, size, max(1, size // 20)), size - 1})


def test_a_changed_byte_is_noticed_wherever_it_is(lake: Lake, root: Path) -> None:
    lake.put("a", b"content of some length")
    whole = (root / "a").read_bytes()
    for position in range(len(whole)):
        (root / "a").write_bytes(_flipped(whole, position))
        with pytest.raises(LakeTampered):
            lake.get("a")


def test_a_changed_byte_of_a_table_never_yields_another_table(lake: Lake, root: Path) -> None:
    lake.write_table("t.parquet", PEOPLE)
    whole = (root / "t.parquet").read_bytes()
    for position in _places(len(whole)):
        (root / "t.parquet").write_bytes(_flipped(whole, position))
        try:
            assert lake.read_table("t.parquet").equals(PEOPLE)  # a byte that carries nothing
        except (LakeTampered, LakeKeyWrong):
            continue


def _flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


@pytest.mark.parametrize("left", [0, 3, 20])
def test_half_a_file_is_noticed(lake: Lake, root: Path, left: int) -> None:
    lake.put("a", b"content of some length")
    lake.write_table("t.parquet", PEOPLE)
    for name in ("a", "t.parquet"):
        (root / name).write_bytes((root / name).read_bytes()[:left])
    with pytest.raises(LakeTampered):
        lake.get("a")
    with pytest.raises(LakeTampered):
        lake.read_table("t.parquet")


def test_a_file_moved_to_another_path_is_noticed(lake: Lake, root: Path) -> None:
    lake.put("a", b"content")
    lake.write_table("t.parquet", PEOPLE)
    shutil.copy(root / "a", root / "b")
    shutil.copy(root / "t.parquet", root / "u.parquet")
    with pytest.raises(LakeTampered):
        lake.get("b")
    with pytest.raises(LakeTampered):
        lake.read_table("u.parquet")


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "a/../../b", "", "a\\b"])
def test_a_path_outside_is_refused(lake: Lake, path: str) -> None:
    with pytest.raises(ValueError, match="path in the lake"):
        lake.put(path, b"")


def test_paths_are_listed_and_removed(lake: Lake) -> None:
    for path in ("nights/1/b", "nights/1/a", "nights/2/a", "landing/x"):
        lake.put(path, b"")
    assert lake.list("nights/1") == ["nights/1/a", "nights/1/b"]
    lake.remove("nights/1")
    lake.remove("landing/x")
    lake.remove("landing/never")
    assert lake.list() == ["nights/2/a"]


def test_what_a_killed_write_left_is_not_listed_and_can_be_cleared(lake: Lake, root: Path) -> None:
    (root / ".partial" / "half").write_bytes(b"x")
    assert lake.list() == []
    assert (lake.remove_partial(), list((root / ".partial").iterdir())) == (1, [])


def test_a_failed_write_leaves_the_former_content(lake: Lake, root: Path) -> None:
    lake.write_table("t.parquet", PEOPLE)
    with pytest.raises(AttributeError):
        lake.write_table("t.parquet", "no table")
    assert lake.read_table("t.parquet").equals(PEOPLE)
    assert list((root / ".partial").iterdir()) == []


def test_files_are_readable_by_their_owner_only(lake: Lake, root: Path) -> None:
    lake.put("a", b"content")
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o600


def test_a_token_is_the_same_for_the_same_value_and_key_only(lake: Lake, tmp_path: Path) -> None:
    other = Lake(tmp_path / "other", OTHER)
    assert lake.token(CANARY) == Lake(lake._root, KEY).token(CANARY)
    assert len({lake.token(CANARY), lake.token("x"), other.token(CANARY)}) == 3


def test_a_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "lake.key"
    key = open_or_create_key(path)
    assert (len(key), open_or_create_key(path)) == (32, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["lake.key"]


def test_keys_made_at_once_are_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: open_or_create_key(tmp_path / "lake.key"), range(8)))) == 1


@pytest.mark.parametrize("content", ["", "c2hvcnQ=", "这不是密钥", "A" * 43 + "!"])
def test_a_broken_key_file_is_refused_without_being_quoted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lake.key"
    path.write_text(content, "utf-8")
    with pytest.raises(LakeKeyUnreadable) as refusal:
        open_or_create_key(path)
    assert content == "" or content not in str(refusal.value)
