"""Great Expectations is loaded once, before the first test that needs it."""

import pytest

from expectations import warm_up


@pytest.fixture(scope="session", autouse=True)
def great_expectations() -> None:
    warm_up()
