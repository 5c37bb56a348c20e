"""`make bench`: every measurement, printed as tables and written to docs/benchmarks.md.

python -m benchmarks [alerts] [nightly] [gate] [reading] [standardise] [district] [policies] [persons-model]
                     [--persons N]
"""

import argparse
import os
import platform
from collections.abc import Callable

import pandas as pd

from benchmarks import (
    bench_alerts,
    bench_district,
    bench_gate,
    bench_nightly,
    bench_policies,
    bench_reading,
    bench_standardise,
    train_persons,
)
from benchmarks.commands import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# What was measured

Written by `make bench`; the machine: {cores} cores, {system}, Python {python}. Whole processes, wall time. Read
ratios rather than seconds where there are any: such machines are shared and noisy.

Alerts: `on_time` was told to a case worker on the night on which it became due; `in_review` stood before a clerk or an
officer that night; `false` was told though not due; `alarms_in_review` was not due, and rightly kept before a clerk.

The model of persons: `links` are pairs of mentions at or above its own threshold; of `false_expected` of them its
probabilities say that they are false. `joined` are pairs in one person after competition, rules and clusters; `missed`
are one person in two. `calibration_error` is how far probabilities lie from what came true, on average of all pairs.

Policies: who is who is taken from the simulator's truth. `least` reads the same files and joins all links with all
records once; `ratio` is CPU seconds to those of `least`; `together` is everything but `least`. On the second night
`judge` finds whom one daily delivery touches and judges those; `anew` is the judging of them alone, once more: every
document over all their households.
"""


def parts(persons: int, million: int) -> dict[str, tuple[str, Callable[[], pd.DataFrame]]]:
    """The measurements by name, with what they show; of districts of so many persons, and of a million or fewer."""
    return {
        "alerts": (
            f"Thirty nights of {persons:,} persons, three held-out seeds, against the simulator's truth",
            lambda: bench_alerts.main(persons),
        ),
        "nightly": ("Nights: time and memory", bench_nightly.main),
        "gate": ("Expectations: 1,000,000 rows × 12 columns", bench_gate.main),
        "reading": ("Read, check, standardise twelve columns, beside bare pandas and bare GX", bench_reading.main),
        "standardise": ("Standardisation: 1,000,000 values of each kind, beside reading them", bench_standardise.main),
        "district": ("First night of 1,000,000 persons: who is who", bench_district.main),
        "policies": (
            f"Every policy over {million:,} persons: a first night, and the night after it",
            lambda: bench_policies.main(million),
        ),
        "persons-model": (
            f"The shipped model of persons beside what training makes of it, two districts of {persons:,} persons",
            lambda: train_persons.main(persons),
        ),
    }


def main() -> None:
    """Run what was asked for, or everything."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("names", nargs="*", help=f"{', '.join(parts(0, 0))}; default: all")
    asked.add_argument("--persons", type=int, help="default: 20,000; of policies 1,000,000")
    given = asked.parse_args()
    known = parts(given.persons or 20_000, given.persons or 1_000_000)
    for name in given.names or known:
        title, measure = known[name]
        table = measure()
        print(f"{title}\n{table.to_string(index=False)}\n", flush=True)
        _write(name, f"## {title}\n\n`python -m benchmarks {name}`\n\n{_markdown(table)}\n")


def _write(name: str, section: str) -> None:
    """Put a section into the page, in the place of what was measured before."""
    head = HEAD.format(cores=os.cpu_count(), system=platform.system(), python=platform.python_version())
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    found = {part.split("benchmarks ", 1)[1].split("`")[0]: f"## {part}" for part in page.split("\n## ")[1:]}
    found[name] = section
    PAGE.write_text("\n".join([head, *(part.strip() + "\n" for part in found.values())]), "utf-8")


def _markdown(table: pd.DataFrame) -> str:
    rows = [[str(name) for name in table.columns], ["---"] * len(table.columns)]
    rows += [["" if pd.isna(value) else str(value) for value in row] for row in table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    main()
