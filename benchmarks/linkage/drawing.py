"""The two tables that every engine links, and the truth: drawn once per seed, sizes and noise, kept in build/.

.venv/bin/python -m benchmarks.linkage.drawing --seed 1 --noise hard --into FOLDER
"""

import argparse
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.commands import ROOT
from benchmarks.linkage.population import LAST, Population, populate
from benchmarks.linkage.standardised import RECORD_RULES, REGISTER_RULES, standardised
from benchmarks.linkage.writing import record_rows, register_rows
from connectors.simulator.days import Array
from connectors.simulator.rates import Rates, load_rates
from connectors.simulator.world import stream

NOISES: Final = ("normal", "hard", "holdout")
_NOBODY: Final = -1
_JUDGES: Final = ("candidates.py", "comparing.py", "engines.py", "judging.py")  # read tables only


@dataclass(frozen=True)
class Drawn:
    """Where the tables of one draw lie."""

    folder: Path

    @property
    def register(self) -> Path:
        """Persons, no one twice."""
        return self.folder / "register.parquet"

    @property
    def records(self) -> Path:
        """Noisy records, several of some persons, about a tenth of persons who are not in the register."""
        return self.folder / "records.parquet"

    @property
    def truth(self) -> Path:
        """left_id (record), right_id (person of the register), only where there is one."""
        return self.folder / "truth.parquet"


@cache
def noise_rates() -> Rates:
    """noise.yaml; raises RateFaults where a rate has neither unit nor reason."""
    return load_rates(files("benchmarks.linkage").joinpath("noise.yaml").read_text("utf-8"))


def drawn(
    seed: int, noise: str, *, persons: int = 1_000_000, records: int = 100_000, folder: Path | None = None
) -> Drawn:
    """The tables of that draw, made if they do not lie in build/ yet. The same arguments give the same tables."""
    if noise not in NOISES:
        raise ValueError(f"no noise setting {noise!r}; there are {', '.join(NOISES)}")
    found = Drawn(folder or ROOT / "build" / "linkage" / f"{seed}-{persons}-{records}-{noise}-{sources()}")
    if not found.truth.exists():
        found.folder.mkdir(parents=True, exist_ok=True)
        register, left, truth = draw(seed, noise, persons, records)
        pq.write_table(register, found.register)
        pq.write_table(left, found.records)
        pq.write_table(truth, found.truth)
    return found


@cache
def sources() -> str:
    """A mark of the code and the rates that draw: tables standardised by other code are other tables."""
    folders = ("benchmarks/linkage", "connectors/simulator", "transforms/standardise", "transforms/mentions")
    found = [path for folder in folders for path in (ROOT / folder).glob("*.*") if path.suffix in (".py", ".yaml")]
    return sha256(b"".join(path.read_bytes() for path in sorted(found) if path.name not in _JUDGES)).hexdigest()[:8]


def draw(seed: int, noise: str, persons: int, records: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Register, records and truth, standardised."""
    rates = noise_rates()
    population = populate(seed, persons, rates)
    register = register_rows(population, rates)
    person = _subjects(population, records, rates, noise)
    left = record_rows(population, person, rates, noise)
    truth = _truth(population, person, left["unique_id"], register["unique_id"])
    return standardised(register, REGISTER_RULES, LAST), standardised(left, RECORD_RULES, LAST), truth


def _subjects(population: Population, records: int, rates: Rates, noise: str) -> Array:
    """The person of each record. Some persons come often; the outsiders by kind."""
    rng = stream(population.district.seed, f"subjects {noise}")
    shares = {kind: rates[f"outsiders.{kind}"] for kind in ("family_inside", "hukou_elsewhere", "double_inside")}
    shares["no_family_inside"] = 1 - sum(shares.values())
    counts = {kind: round(records * rates["outsiders.share"] * share) for kind, share in shares.items()}
    counts = {kind: count for kind, count in counts.items() if len(population.outsiders[kind])}
    pools = [(population.registered, records - sum(counts.values()))]
    pools += [(population.outsiders[kind], count) for kind, count in counts.items()]
    return rng.permutation(np.concatenate([_often(rng, pool, count) for pool, count in pools]))


def _often(rng: np.random.Generator, pool: Array, count: int) -> Array:
    weights = rng.exponential(1.0, len(pool))
    return rng.choice(pool, count, p=weights / weights.sum())


def _truth(population: Population, person: Array, left: pa.Array, right: pa.Array) -> pa.Table:
    row = np.full(len(population.district.birth), _NOBODY)
    row[population.registered] = np.arange(len(population.registered))
    known = np.flatnonzero(row[person] != _NOBODY)
    return pa.table({"left_id": left.take(pa.array(known)), "right_id": right.take(pa.array(row[person[known]]))})


def main() -> None:
    """Draw one setting."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.linkage.drawing", description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--noise", choices=NOISES, default="normal")
    asked.add_argument("--persons", type=int, default=1_000_000)
    asked.add_argument("--records", type=int, default=100_000)
    asked.add_argument("--into", type=Path)
    given = asked.parse_args()
    found = drawn(given.seed, given.noise, persons=given.persons, records=given.records, folder=given.into)
    print(found.folder)


if __name__ == "__main__":
    main()
