"""The one-way rule holds, and the lock names no address."""

import subprocess
import sys
from pathlib import Path

from tests.commands import ROOT
from tests.lock_has_no_address import addresses


def test_imports_go_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-2000:]


def test_the_lock_names_no_address() -> None:
    for name in ("requirements.lock", "requirements-setup.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert addresses(text) == []
        assert "--hash=sha256:" in text


def test_an_address_in_a_lock_is_found() -> None:
    somewhere = "https" + "://example.invalid/a.whl"
    for line in (f"--{'index'}-url somewhere", f"a @ {somewhere}", "-f /wheels"):
        assert addresses(f"six==1.17.0\n{line}\n") == [f"2: {line}"]


def test_the_data_dictionary_is_the_contracts() -> None:
    from transforms.feeds import load_contracts
    from transforms.feeds.dictionary import dictionary

    written = (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")
    assert written == dictionary(load_contracts()), (
        "run: python -m transforms.feeds.dictionary > docs/data-dictionary.md"
    )
