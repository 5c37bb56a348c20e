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
    stages = {path.relative_to(first).parts[0] for path in first.rglob("*.parquet")}
    assert stages <= {"take"}, "of the first night only record states that have not changed since are still needed"
    assert not list((nights / "20250603" / "decide").glob("*/*"))
    assert (nights / "20250604" / "link").exists()
    landed = list((site.parent / "lake" / "landing").glob("*/*/manifest.json"))
    delivered = [each for each in (site.parent / "inbox").glob("*/*") if each.suffix != ".ok"]
    assert len(landed) >= len(delivered) // 2, "bytes as received stay"
