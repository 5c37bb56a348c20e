"""`nuanxin link`: the linkage engine alone, on any two tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.commands import Told
from flows.linking_input import Asked, Given, read_given
from flows.linking_output import Steps, staged, write_pairs
from flows.saying import say
from flows.status import WrongUse
from flows.words import word
from transforms.linkage.blocking import TooManyPairs
from transforms.linkage.evaluation import Quality, evaluate
from transforms.linkage.indexing import Index, write_index
from transforms.linkage.matching import Sides, candidates, match, matches_table, train_on
from transforms.linkage.model import LinkageModel, dump_model
from transforms.linkage.packing import Packed
from transforms.linkage.training import TooLittleToLearn, Trained, with_link_threshold


@dataclass(frozen=True)
class Linked:
    """What an engine has found: the pairs as they are written, the model that weighed them, and how it was trained."""

    pairs: pa.Table
    compared: int | None  # not known on a cluster
    model: LinkageModel
    trained: Trained | None
    index: Index | None  # of the right table, where one was made


def link_files(asked: Asked) -> Told:
    """Link two files and write the pairs. WrongUse tells everything that is wrong with what was given, at once."""
    steps = Steps(asked.lang)
    with steps.step("read"):
        given = read_given(asked)
    for note in given.notes:
        say(note)
    with staged(asked.outputs.values(), asked.lang) as parts:
        linked = _linked(given, steps)
        with steps.step("write"):
            truth = given.truth
            judged = {} if truth is None else evaluate(linked.pairs, truth, _thresholds(linked.model))
            _write(given, linked, parts)
    return _told(given, linked, judged, steps.seconds)


def _linked(given: Given, steps: Steps) -> Linked:
    """The one place where the engine is chosen."""
    asked = given.asked
    try:
        return _on_spark(given, steps) if asked.engine == "spark" else _on_this_machine(given, steps)
    except TooManyPairs as fault:
        raise WrongUse(_too_many(fault, asked.lang)) from None
    except TooLittleToLearn as fault:
        raise WrongUse(word("link.fault.too_little", asked.lang).format(told=fault)) from None


def _on_spark(given: Given, steps: Steps) -> Linked:
    from flows.linking_on_spark import linked_on_spark

    with steps.step("compare"):
        pairs, model, trained = linked_on_spark(given, *_version(given))
        if trained:
            model = with_link_threshold(model, pairs["match_weight"].to_numpy())
            decision = pc.if_else(pc.greater_equal(pairs["match_weight"], model.thresholds.link_bits), "link", "review")
            pairs = pairs.set_column(pairs.column_names.index("decision"), "decision", decision)
    return Linked(pairs, None, model, trained, _index(given, steps) if given.asked.save_index else None)


def _on_this_machine(given: Given, steps: Steps) -> Linked:
    asked, model, trained = given.asked, given.model, None
    index = _index(given, steps)
    with steps.step("pairs"):
        left, right, frequencies = Packed(given.left), index.packed, index.frequencies
        met = candidates(left, index, model)
        kept = index if asked.save_index else None
        del index  # its blocks are as large as what follows
        sides = Sides(left, right, met, frequencies)
    if asked.is_trained:
        with steps.step("train"):
            trained = _trained(given, sides)
            model = trained.model
    with steps.step("compare"):
        found = match(sides, model, threads=asked.threads)
        model = with_link_threshold(model, found.weight) if trained else model
        pairs = matches_table(found, sides, (asked.left_id, asked.right_id), model)
    return Linked(pairs, found.compared, model, trained, kept)


def _index(given: Given, steps: Steps) -> Index:
    if given.index is not None:
        return given.index
    with steps.step("index"):
        return Index.of(given.right, given.model)


def _trained(given: Given, sides: Sides) -> Trained:
    if not len(sides.at):
        raise TooLittleToLearn("the blocking rules made no pairs")
    version, described = _version(given)
    return train_on(sides, given.model, version=version, seed=given.asked.seed, described=described)


def _version(given: Given) -> tuple[str, str]:
    """What a trained model is called, and on what it was trained."""
    asked = given.asked
    version = asked.save.stem if asked.save else f"{given.model.version}-trained"
    return version, f"{asked.left.name} × {asked.right.name}"


def _too_many(fault: TooManyPairs, lang: str) -> str:
    # The heaviest keys by where they are found; what they are stays in the file.
    heavy = [
        word("link.heavy" if load.example_row >= 0 else "link.heavy.unplaced", lang).format(
            rule=load.rule, pairs=load.pairs, largest=load.largest, row=load.example_row + 1
        )
        for load in fault.loads[:3]
        if load.pairs
    ]
    total = sum(load.pairs for load in fault.loads)
    return "\n".join([word("link.fault.too_many", lang).format(total=total, allowed=fault.allowed), *heavy])


# -- what is written ----------------------------------------------------------------------------------------------


def _write(given: Given, linked: Linked, parts: dict[Path, Path]) -> None:
    asked, pairs = given.asked, linked.pairs
    write_pairs(pairs, asked.out, parts[asked.out])
    if asked.save_index and linked.index:
        write_index(linked.index, linked.model, asked.right_id, parts[asked.save_index])
    if asked.save:
        parts[asked.save].write_text(dump_model(linked.model), "utf-8")
    if asked.report or asked.viewer:
        from flows.linking_pictures import report_page, viewer_page  # half the program, for those who look

        if asked.report:
            parts[asked.report].write_text(report_page(given, pairs, linked.model, linked.trained), "utf-8")
        if asked.viewer:
            parts[asked.viewer].write_text(viewer_page(given, pairs, linked.model), "utf-8")


# -- what is said -------------------------------------------------------------------------------------------------


def _thresholds(model: LinkageModel) -> dict[str, float]:
    return {"link": model.thresholds.link_bits, "review": model.thresholds.review_bits}


def _told(given: Given, linked: Linked, judged: dict[str, Quality], seconds: dict[str, float]) -> Told:
    links = int(pc.sum(pc.equal(linked.pairs["decision"], "link")).as_py() or 0)
    page: dict[str, Any] = {
        "left_rows": given.left.num_rows,
        "right_rows": given.right.num_rows,
        "pairs_compared": linked.compared,
        "links": links,
        "review": linked.pairs.num_rows - links,
        "model": linked.model.version,
        "seconds": seconds,
        **{option.removeprefix("--").replace("-", "_"): str(path) for option, path in given.asked.outputs.items()},
    }
    if linked.trained:
        page["training"] = {"pairs": linked.trained.pairs, "random_pairs": linked.trained.random_pairs,
                            "iterations": linked.trained.convergence.iterations}  # fmt: skip
    page |= {"quality": {name: each.to_json() for name, each in judged.items()}} if judged else {}
    return Told(page, {lang: _text(page, judged, lang) for lang in ("zh", "en")})


def _text(page: dict[str, Any], judged: dict[str, Quality], lang: str) -> str:
    known = "link.done" if page["pairs_compared"] is not None else "link.done.uncounted"
    lines = [word(known, lang).format(**page)]
    if "training" in page:
        lines.append(word("link.trained", lang).format(**page["training"], model=page["model"]))
    lines += [_quality_line(name, each, lang) for name, each in judged.items()]
    return "\n".join(lines)


def _quality_line(name: str, each: Quality, lang: str) -> str:
    shares = {"precision": each.precision_interval, "recall": each.recall_interval, "f1": each.f1_interval}
    told = {share: f"{getattr(each, share):.4f} ({low:.4f}–{high:.4f})" for share, (low, high) in shares.items()}
    at = word(f"link.at.{name}", lang)
    return word("link.quality", lang).format(at=at, bits=each.threshold, told=each.told, false=each.false, **told)
