from datetime import date
from pathlib import Path

import pytest

from connectors.simulator import Summary, default_rates, simulate
from tests.connectors.simulator.district import Site


def make_hamlet(root: Path) -> Summary:
    """A small site in which many deltas come late or twice."""
    clumsy = default_rates().changed({"deliveries.late": 0.2, "deliveries.twice": 0.3})
    return simulate(root, persons=400, first=date(2025, 6, 2), last=date(2025, 6, 5), seed=3, rates=clumsy)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """20,000 persons and eight nights."""
    root = tmp_path_factory.mktemp("town")
    return Site(root, simulate(root, persons=20_000, first=date(2025, 6, 2), last=date(2025, 6, 9), seed=23))


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A few hundred persons and four nights, with clumsy couriers."""
    root = tmp_path_factory.mktemp("hamlet")
    return Site(root, make_hamlet(root))
