"""Packs as tests take them: made by the command, and read back."""

from pathlib import Path

from tests.commands import CommandLine, Said

DAY = "2025-06-02"


def make(nuanxin: CommandLine, site: Path, out: Path, day: str = DAY, *more: str) -> Said:
    """Ask for the pack of a night."""
    return nuanxin.run("report", "--site", str(site), "--date", day, "--out", str(out), "--lang", "en", *more)


def verify(nuanxin: CommandLine, folder: Path, *more: str) -> Said:
    """Verify a pack, as an auditor would: without the site."""
    return nuanxin.run("report", "--verify", str(folder), "--json", *more)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
