"""README's commands run as they stand there."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.commands import ROOT, CommandLine

pytestmark = pytest.mark.xdist_group("nights")
README = (ROOT / "README.md").read_text("utf-8")


def shown_commands() -> list[str]:
    """The lines that a reader would type, without what follows `#`."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.S)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line.removeprefix("$ ").split("#")[0].strip() for line in lines]


def test_nuanxin_commands_run_in_their_order(nuanxin: CommandLine, tmp_path: Path) -> None:
    ours = [each for each in shown_commands() if "/nuanxin " in each]
    assert len(ours) >= 4
    for command in ours:
        _, *arguments = shlex.split(command.replace("run/small", str(tmp_path / "small")))
        said = nuanxin.run(*arguments)
        assert said.status == 0, f"{command}\n{said.err}"
    assert (tmp_path / "small" / "warehouse.db").exists()
    assert (tmp_path / "small" / "reports" / "quality_2025-06-04.html").exists()


def test_make_targets_exist() -> None:
    for command in (each for each in shown_commands() if each.startswith("make")):
        said = subprocess.run(
            ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr


def test_every_file_and_page_that_is_named_exists() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]:
        text = page.read_text("utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
        rooms = re.findall(r"`((?:connectors|expectations|transforms|warehouse|flows|policies|docs)/[\w./-]+)`", text)
        missing = [link for link in links if not (page.parent / link).exists()]
        missing += [room for room in rooms if not (ROOT / room).exists()]
        assert not missing, f"{page.name} names what is not there: {missing}"


def test_pictures_are_shown() -> None:
    shown = "".join(page.read_text("utf-8") for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    unseen = [each.name for each in (ROOT / "docs" / "pictures").glob("*") if each.name not in shown]
    assert not unseen
