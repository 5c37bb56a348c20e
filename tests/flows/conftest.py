"""What tests of the flows share."""

from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.flows.desk import ROW, Desk


@pytest.fixture
def desk(tmp_path: Path, nuanxin: CommandLine) -> Desk:
    return Desk(tmp_path, nuanxin).lay([ROW], [ROW])
