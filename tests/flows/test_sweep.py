"""The lake keeps what is delivered and what the state rests on, not every night's workings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import CommandLine

pytestmark = pytest.mark.xdist_group("nights")


def test_old_workings_go_and_the_next_night_still_runs(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(first_night)
    for day in ("2025-06-03", "2025-06-04", "2025-06-05"):
        assert nuanxin.run("nightly", "--site", str(site), "--date", day).status == 0
    nights = site.parent / "lake" / "nights"
    first = nights / "20250602"
    kept = [path.relative_to(first).parts for path in first.rglob("*.parquet")]
    assert {parts[0] for parts in kept} <= {"take", "decide"}
    decided = [parts for parts in kept if parts[0] == "decide"]
    assert decided, "a what-if may ask what the first night knew"
    assert {parts[2] for parts in decided} == {"law"}, "and nothing else of its workings is kept"
    assert {path.name for path in (nights / "20250603" / "decide").glob("*/*")} == {"law"}
    assert (nights / "20250604" / "link").exists()
    landed = list((site.parent / "lake" / "landing").glob("*/*/manifest.json"))
    delivered = [each for each in (site.parent / "inbox").glob("*/*") if each.suffix != ".ok"]
    assert len(landed) >= len(delivered) // 2, "bytes as received stay"
