"""The shipped model of persons made anew: trained and calibrated on one simulated district, judged on two others.

python -m benchmarks persons-model

What it makes lies in build/persons: the retrained model, the shipped one with nothing but a calibration, their reports.
Which of them is shipped is decided by a person, from the table.
"""

from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.bench_district import Records, keep_records
from benchmarks.commands import ROOT

if TYPE_CHECKING:
    from transforms.linkage import LinkageModel
    from transforms.linkage.calibrating import Fitted

FOLDER = ROOT / "build" / "persons"
TRAINED_ON, JUDGED_ON = 7, (31, 32)  # seeds of the simulator
FIRST, LAST = date(2025, 6, 2), date(2025, 7, 1)

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """The mentions of a district, and whom each is about: one code a person."""

    mentions: pa.Table
    person: Codes


@dataclass(frozen=True)
class Weighed:
    """The pairs that a model tells of a district, and which of them are true."""

    pairs: pa.Table
    is_true: Flags

    @property
    def weight(self) -> npt.NDArray[np.float64]:
        """In bits."""
        found: npt.NDArray[np.float64] = self.pairs["match_weight"].to_numpy()
        return found


def known(seed: int, persons: int) -> Known:
    """The district of that seed after thirty nights, made if it is not in build/ yet."""
    from transforms.mentions import build_mentions

    folder = FOLDER / f"{persons}-{seed}"
    if not (folder / "mentions.parquet").exists():
        from connectors.simulator import simulate

        made = simulate(folder / "site", persons=persons, first=FIRST, last=LAST, seed=seed)
        keep_records(made.site, LAST, folder / "records")  # all deliveries in one night: the states of thirty
        pq.write_table(build_mentions(Records(folder / "records")), folder / "mentions.parquet")
    mentions = pq.read_table(folder / "mentions.parquet")
    return Known(mentions, _persons(mentions, pq.read_table(folder / "site" / "truth" / "mentions.parquet")))


def _persons(mentions: pa.Table, truth: pa.Table) -> Codes:
    # By the role in a record: that is what the simulator knows a mention by.
    told, sought = (
        pc.binary_join_element_wise(*(table[name].cast(pa.string()) for name in ("feed", "record_key", "role")), "\x1f")
        for table in (truth, mentions)
    )
    person = truth["true_person_id"].take(pc.index_in(sought, told.combine_chunks()))
    if person.null_count:
        raise ValueError(f"{person.null_count} mentions are not in the simulator's truth")
    codes: Codes = person.combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes


def weighed(known: Known, model: "LinkageModel") -> Weighed:
    """The pairs of the district under a model, held against the truth."""
    from transforms.linkage import freeze_frequencies, link

    ids = known.mentions["mention_id"].combine_chunks()
    pairs = link(known.mentions, ids, None, model, freeze_frequencies(known.mentions))
    a, b = (known.person[pc.index_in(pairs[side], ids).to_numpy()] for side in ("mention_a", "mention_b"))
    return Weighed(pairs, a == b)


def only_calibrated(known: Known, shipped: "LinkageModel", version: str, described: str) -> "Fitted":
    """The shipped model, thresholds and all, with a calibration fitted to one half of the district's pairs."""
    note = {"calibrated_on": f"{described}; all else is that of {shipped.version}"}
    model = shipped.model_copy(update={"version": version, "provenance": {**shipped.provenance, **note}})
    return _fitted(weighed(known, model), model, described)


def retrained(known: Known, start: "LinkageModel", version: str, described: str) -> "Fitted":
    """The model learnt from the district's mentions, calibrated, and linking from where the truth allows it.

    It learns without labels; what is assumed stays as in `start`. The truth serves as it does in `nuanxin link`.
    """
    from transforms.linkage.training import train, with_link_threshold, within_truth

    model = train(known.mentions, start, version=version, described=described).model
    found = weighed(known, model)
    fit = _fitted(found, model, described)
    bounded = within_truth(with_link_threshold(fit.model, found.weight), found.weight, found.is_true)
    return replace(fit, model=bounded)


def _fitted(found: Weighed, model: "LinkageModel", described: str) -> "Fitted":
    from transforms.linkage.calibrating import fitted

    told = f"{described}: half of the mentions"
    return fitted(model, found.pairs["mention_a"], found.weight, found.is_true, described=told)


def judged(known: Known, model: "LinkageModel") -> dict[str, Any]:
    """What a model makes of a district: counts of pairs of mentions, and how far its probabilities are off.

    `links`: pairs at or above the model's own threshold; `false_expected`: of how many of them its probabilities say
    that they are false. `false_joined` and `missed`: pairs of mentions in one person that are two, and pairs of one
    person that are in two, after competition, rules and clusters. `review`: for clerks.
    """
    from transforms.linkage import resolve
    from transforms.linkage.calibrating import checked
    from transforms.linkage.scoring import probability_of

    found = weighed(known, model)
    is_link = found.weight >= model.thresholds.link_bits
    resolved = resolve(known.mentions, found.pairs, None, model, known_on=LAST)
    ids = known.mentions["mention_id"].combine_chunks()
    persons = resolved.links["person_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    true = known.person[pc.index_in(resolved.links["mention_id"], ids).to_numpy()]
    both = _couples(persons << 32 | true)
    return {
        "link_bits": model.thresholds.link_bits,
        "pairs": found.pairs.num_rows,
        "links": int(is_link.sum()),
        "false_links": int((is_link & ~found.is_true).sum()),
        "false_expected": round(float((1.0 - probability_of(found.weight[is_link], model)).sum()), 2),
        "missed_links": int((~is_link & found.is_true).sum()),
        "joined": _couples(persons),
        "false_joined": _couples(persons) - both,
        "missed": _couples(true) - both,
        "review": resolved.review.num_rows,
        "calibration_error": round(checked(model, found.weight, found.is_true).after.error, 5),
    }


def _couples(codes: Codes) -> int:
    # How many pairs have one code.
    count = np.unique(codes, return_counts=True)[1]
    return int((count * (count - 1) // 2).sum())


def _next(version: str) -> str:
    name, _, number = version.rpartition("-")
    return f"{name}-{int(number) + 1}"


def _kept(name: str, fit: "Fitted") -> None:
    """The model as a page with the head of the shipped one, and its report in both languages."""
    from transforms.linkage.model import dump_model
    from transforms.linkage.pictures.model_page import render_model_report

    shipped = files("transforms.linkage.models").joinpath("persons.yaml").read_text("utf-8").splitlines(keepends=True)
    head = "".join(line for line in shipped if line.startswith("#"))
    (FOLDER / f"{name}.yaml").write_text(head + dump_model(fit.model), "utf-8")
    after, before = (fit.checked.after, fit.checked.before) if fit.checked else (None, None)
    for lang in ("zh", "en"):
        page = render_model_report(fit.model, None, after, lang=lang, before=before)
        (FOLDER / f"{name}.{lang}.html").write_text(page, "utf-8")


def candidates(persons: int) -> dict[str, "LinkageModel"]:
    """The shipped model, the same with nothing but a calibration, and the one learnt anew; the last two are kept."""
    from transforms.linkage import default_model

    shipped, taught = default_model(), known(TRAINED_ON, persons)
    version = _next(shipped.version)
    described = f"simulated district of {persons:,} persons, seed {TRAINED_ON}, thirty nights"
    made = {
        "only calibrated": only_calibrated(taught, shipped, version, described),
        "trained anew": retrained(taught, shipped, version, described),
    }
    for name, fit in made.items():
        _kept(f"{version} {name}".replace(" ", "-"), fit)
    return {"shipped": shipped} | {name: fit.model for name, fit in made.items()}


def main(persons: int = 20_000) -> pd.DataFrame:
    """One row a model and a seed that nothing was trained on."""
    models = candidates(persons)
    rows = []
    for seed in JUDGED_ON:
        district = known(seed, persons)
        rows += [{"model": f"{model.version}, {name}", "seed": seed, **judged(district, model), **_scale(model)}
                 for name, model in models.items()]  # fmt: skip
    return pd.DataFrame(rows)


def _scale(model: "LinkageModel") -> dict[str, float]:
    found = model.calibration
    return {} if found is None else {"slope": round(found.slope, 3), "shift": round(found.shift, 3)}


if __name__ == "__main__":
    print(main().to_string(index=False))
