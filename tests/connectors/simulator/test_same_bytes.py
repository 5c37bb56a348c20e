"""The same arguments give the same site, file by file."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from connectors.simulator import simulate
from tests.connectors.simulator.conftest import make_hamlet
from tests.connectors.simulator.district import Site


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(hamlet: Site, tmp_path: Path) -> None:
    make_hamlet(tmp_path)

    assert digests(tmp_path) == digests(hamlet.root)


def test_another_seed_gives_other_people(hamlet: Site, tmp_path: Path) -> None:
    simulate(tmp_path, persons=400, first=date(2025, 6, 2), last=date(2025, 6, 2), seed=4)

    full = "inbox/household_register/household_register_20250602_full.csv"
    assert digests(tmp_path)[full] != digests(hamlet.root)[full]


def test_nights_before_the_first_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="last night"):
        simulate(tmp_path, persons=400, first=date(2025, 6, 2), last=date(2025, 6, 1), seed=3)
