"""The lake's key may stand elsewhere, and a lake is not read with another key."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.nights import FIRST
from warehouse.lake import open_or_create_key

pytestmark = pytest.mark.xdist_group("nights")
SECOND = FIRST.replace(day=FIRST.day + 1)


def test_the_key_stands_where_the_environment_says(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path], tmp_path: Path
) -> None:
    site = own_copy(first_night)
    key = tmp_path / "elsewhere.key"
    shutil.move(site.parent / "keys" / "lake.key", key)
    found = nuanxin.run("nightly", "--site", str(site), "--date", f"{SECOND}", NUANXIN_LAKE_KEY_FILE=str(key))
    assert found.status == 0, found.err
    assert not (site.parent / "keys" / "lake.key").exists()


def test_without_its_key_the_lake_is_left_alone(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(first_night)
    (site.parent / "keys" / "lake.key").unlink()
    lost = nuanxin.run("nightly", "--site", str(site), "--date", f"{SECOND}")
    assert (lost.status, "Traceback" in lost.err) == (2, False)
    assert "NUANXIN_LAKE_KEY_FILE" in lost.err
    assert not list((site.parent / "keys").iterdir())


def test_with_another_key_the_lake_is_left_alone(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path], tmp_path: Path
) -> None:
    site, other = own_copy(first_night), tmp_path / "other.key"
    open_or_create_key(other)
    wrong = nuanxin.run("nightly", "--site", str(site), "--date", f"{SECOND}", NUANXIN_LAKE_KEY_FILE=str(other))
    assert (wrong.status, "Traceback" in wrong.err) == (2, False)
    assert "NUANXIN_LAKE_KEY_FILE" in wrong.err
