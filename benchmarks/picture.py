"""Draws the picture in README: eight nights of the simulated district, as the terminal shows them.

make picture
"""

import re
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.commands import ROOT, nuanxin
from flows import observing
from flows.commands import dates_between, run_through_prefect
from flows.terminal import NightsTable

OUT = ROOT / "docs" / "pictures" / "nights.svg"
FONTS = "Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def draw(site: Path, days: tuple[str, str]) -> str:
    """Run the nights and return the terminal's last screen as SVG, without a font from another host."""
    first, last = (date.fromisoformat(day) for day in days)
    table = NightsTable("en", (last - first).days + 1)
    with table.shown(), observing.told(table):
        run_through_prefect(site, dates_between(first, last))
    console = Console(record=True, width=132, force_terminal=True, file=StringIO())
    console.print(table.finished_nights)
    return _self_contained(console.export_svg(title="nuanxin backfill"))


def _self_contained(svg: str) -> str:
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return re.sub(r"font-family:\s*[^;]*Fira Code[^;]*;", f"font-family: {FONTS};", svg)


def main() -> None:
    """Simulate, run, draw."""
    days = ("2025-06-02", "2025-06-09")
    with TemporaryDirectory() as folder:
        out = Path(folder) / "district"
        nuanxin("simulate", "--out", str(out), "--persons", "20000", "--from", days[0], "--to", days[1], "--seed", "1")
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(draw(out / "site.toml", days), "utf-8")
    sys.stderr.write(f"{OUT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
