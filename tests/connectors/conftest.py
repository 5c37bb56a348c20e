from pathlib import Path

import pytest

from tests.connectors.inbox import Inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """The folder of the cremations, UTF-8, no sentinel required."""
    return Inbox(tmp_path)
