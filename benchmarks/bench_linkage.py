"""Our engine beside Splink 5, recordlinkage and a naive loop: the same tables, one run, whole processes.

make bench-linkage, or
python -m benchmarks.bench_linkage [--noise normal hard] [--seed N] [--engines nuanxin splink …] [--persons N]
"""

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.commands import ROOT
from benchmarks.linkage.comparing import Measured, beside, compare, sampled
from benchmarks.linkage.drawing import NOISES, drawn
from benchmarks.linkage.engines import OUR_MODEL, PEERS, Engine, ours, peers_python, recordlinkage, splink

PAGE: Final = ROOT / "docs" / "linkage-benchmark.md"
PICTURES: Final = ROOT / "docs" / "pictures"
NAMES: Final = ("nuanxin", "splink", "recordlinkage", "rapidfuzz")
HEAD: Final = (ROOT / "benchmarks" / "linkage" / "head.md").read_text("utf-8")


def engines_of(names: Sequence[str], model: Path) -> list[Engine]:
    """The engines that were asked for, apart from the naive loop."""
    known = {
        "nuanxin": [ours(model)],
        "splink": [splink("default"), splink("tuned")],
        "recordlinkage": [recordlinkage()],
    }
    return [engine for name in names for engine in known.get(name, [])]


def measure(noise: str, given: argparse.Namespace) -> list[Measured]:
    """One setting: draw the tables if they are not there, run every engine."""
    tables = drawn(given.seed, noise, persons=given.persons, records=given.records)
    found = compare(tables, engines_of(given.engines, given.model), given.repeats)
    return [*found, sampled(tables)] if "rapidfuzz" in given.engines else found


def section(noise: str, found: Sequence[Measured], given: argparse.Namespace) -> str:
    """The table of a setting, with the command that made it."""
    notes = [f"\\* {each.engine}: {each.note}." for each in found if each.note]
    command = f"python -m benchmarks.bench_linkage --noise {noise} --seed {given.seed}"
    title = f"## Noise: {noise}, {given.records:,} records against {given.persons:,} persons"
    tables = [_markdown([each.costs() for each in found]), _markdown([each.qualities() for each in found])]
    return "\n\n".join([title, f"`{command}`", *tables, *notes, *_beside(found)]) + "\n"


def _beside(found: Sequence[Measured]) -> list[str]:
    ours = [each for each in found if each.engine == "nuanxin"]
    splinks = [each for each in found if each.engine.startswith("Splink")]
    if not (ours and splinks):
        return []
    told = "Splink beside nuanxin: its cost as a multiple of ours, and our error (1 − F1) as a share of its."
    return [told, _markdown([beside(ours[0], each) for each in splinks])]


def _markdown(rows: Sequence[dict[str, str]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_page(page: Path, sections: dict[str, str], repeats: int) -> None:
    """Put the sections into the page, each in the place of what was measured before of that noise."""
    before = page.read_text("utf-8").split("\n## Noise: ")[1:] if page.exists() else []
    kept = {part.split(",", 1)[0]: f"## Noise: {part.strip()}\n" for part in before}
    head = HEAD.format(
        cores=os.cpu_count(), system=platform.system(), python=platform.python_version(), repeats=repeats
    )
    ordered = {noise: text for noise in NOISES if (text := (kept | sections).get(noise))}
    page.write_text("\n".join([head, *ordered.values()]), "utf-8")


def draw_pictures(figures: dict[str, list[Measured]]) -> None:
    """The two pictures beside the page, from the figures of this run and of earlier ones of other settings."""
    kept = ROOT / "build" / "linkage" / "figures.json"
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    known |= {noise: [each.told() for each in found] for noise, found in figures.items()}
    kept.write_text(json.dumps({noise: known[noise] for noise in NOISES if noise in known}), "utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(peers_python()), str(PEERS / "charts.py"), str(kept), str(PICTURES)], check=True)


def main() -> None:
    """Measure, print, write the page and the pictures."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.bench_linkage", description=__doc__)
    asked.add_argument("--noise", nargs="+", choices=NOISES, default=["normal", "hard"])
    asked.add_argument("--engines", nargs="+", choices=NAMES, default=list(NAMES))
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--persons", type=int, default=1_000_000)
    asked.add_argument("--records", type=int, default=100_000)
    asked.add_argument("--repeats", type=int, default=3)
    asked.add_argument("--model", type=Path, default=OUR_MODEL, help="our model before training")
    asked.add_argument("--no-page", action="store_true", help="print only")
    given = asked.parse_args()
    peers_python()
    figures, sections = {}, {}
    for noise in given.noise:
        figures[noise] = measure(noise, given)
        sections[noise] = section(noise, figures[noise], given)
        print(sections[noise], flush=True)
    if not given.no_page:
        write_page(PAGE, sections, given.repeats)
        draw_pictures(figures)


if __name__ == "__main__":
    main()
