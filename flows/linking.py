"""`nuanxin link`: the linkage engine alone, on any two tables."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.commands import Told
from flows.linking_blocks import given_up_note, given_up_page, too_many
from flows.linking_input import Asked, Given, read_given
from flows.linking_output import Steps, staged, write_pairs
from flows.saying import say
from flows.status import WrongUse
from flows.words import word
from transforms.linkage.blocking import GivenUp, TooManyPairs
from transforms.linkage.calibrating import LEAST_FALSE, LEAST_TRUE, Fitted, fitted
from transforms.linkage.evaluation import Quality, evaluate, is_true
from transforms.linkage.indexing import Index, write_index
from transforms.linkage.matching import Sides, candidates, match, matches_table, told_by, train_on
from transforms.linkage.model import LinkageModel, dump_model
from transforms.linkage.packing import Packed
from transforms.linkage.training import TooLittleToLearn, Trained, with_link_threshold, within_truth


@dataclass(frozen=True)
class Linked:
    """What an engine has found: the pairs as they are written, the model that weighed them, and how it was trained."""

    pairs: pa.Table
    compared: int | None  # not known on a cluster
    model: LinkageModel
    trained: Trained | None
    index: Index | None  # of the right table, where one was made
    given_up: tuple[GivenUp, ...]
    fitted: Fitted | None = None  # to the truth, where one was given to train with
    expected_bits: float | None = None  # where links would begin if the truth did not forbid it


def link_files(asked: Asked) -> Told:
    """Link two files and write the pairs. WrongUse tells everything that is wrong with what was given, at once."""
    steps = Steps(asked.lang)
    with steps.step("read"):
        given = read_given(asked)
    for note in given.notes:
        say(note)
    with staged(asked.outputs.values(), asked.lang) as parts:
        linked = _settled(given, _linked(given, steps))
        with steps.step("write"):
            truth = given.truth
            judged = {} if truth is None else evaluate(linked.pairs, truth, _thresholds(linked.model))
            _write(given, linked, parts)
    for note in _notes(given, linked):
        say(note)
    return _told(given, linked, judged, steps.seconds)


def _linked(given: Given, steps: Steps) -> Linked:
    """The one place where the engine is chosen."""
    asked = given.asked
    try:
        return _on_spark(given, steps) if asked.engine == "spark" else _on_this_machine(given, steps)
    except TooManyPairs as fault:
        raise WrongUse(too_many(fault, asked.lang)) from None
    except TooLittleToLearn as fault:
        told = word(f"link.too_little.{fault.what}", asked.lang).format(found=fault.found, needed=fault.needed)
        raise WrongUse(word("link.fault.too_little", asked.lang).format(told=told)) from None


def _on_spark(given: Given, steps: Steps) -> Linked:
    from flows.linking_on_spark import linked_on_spark

    with steps.step("compare"):
        found, model, trained = linked_on_spark(given, *_version(given))
    index = _index(given, steps) if given.asked.save_index else None
    return Linked(found.pairs, None, model, trained, index, found.given_up)


def _on_this_machine(given: Given, steps: Steps) -> Linked:
    asked, model, trained = given.asked, given.model, None
    index = _index(given, steps)
    with steps.step("pairs"):
        left, right, frequencies = Packed(given.left), index.packed, index.frequencies
        met = candidates(left, index, model)
        kept = index if asked.save_index else None
        del index  # its blocks are as large as what follows
        sides = Sides(left, right, met.rows, frequencies)
    if asked.is_trained:
        with steps.step("train"):
            trained = _trained(given, sides)
            model = trained.model
    with steps.step("compare"):
        found = match(sides, model, threads=asked.threads)
        pairs = matches_table(found, sides, (asked.left_id, asked.right_id), model)
    return Linked(pairs, found.compared, model, trained, kept, met.given_up)


def _settled(given: Given, linked: Linked) -> Linked:
    """What training leaves open: how the bits are told as probabilities where truth is known, and where links begin."""
    if not linked.trained:
        return linked
    weight = linked.pairs["match_weight"].to_numpy()
    if given.truth is None:
        model = with_link_threshold(linked.model, weight)
        return replace(linked, pairs=told_by(linked.pairs, model), model=model)
    good = is_true(linked.pairs, given.truth)
    fit = fitted(linked.model, linked.pairs["left_id"], weight, good, described=_described(given))
    expected = with_link_threshold(fit.model, weight)
    model = within_truth(expected, weight, good)
    told, bits = told_by(linked.pairs, model), expected.thresholds.link_bits
    return replace(linked, pairs=told, model=model, fitted=fit, expected_bits=bits)


def _index(given: Given, steps: Steps) -> Index:
    if given.index is not None:
        return given.index
    with steps.step("index"):
        return Index.of(given.right, given.model)


def _trained(given: Given, sides: Sides) -> Trained:
    if not len(sides.at):
        raise TooLittleToLearn("candidates", 0, 1)
    version, described = _version(given)
    return train_on(sides, given.model, version=version, seed=given.asked.seed, described=described)


def _version(given: Given) -> tuple[str, str]:
    """What a trained model is called, and on what it was trained."""
    asked = given.asked
    version = asked.save.stem if asked.save else f"{given.model.version}-trained"
    return version, f"{asked.left.name} × {asked.right.name}"


def _described(given: Given) -> str:
    """To which truth a calibration was fitted."""
    asked = given.asked
    return f"{asked.left.name} × {asked.right.name}, {asked.truth.name if asked.truth else ''}: half of the left rows"


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
            report = report_page(given, pairs, linked.model, linked.trained, linked.fitted, linked.given_up)
            parts[asked.report].write_text(report, "utf-8")
        if asked.viewer:
            parts[asked.viewer].write_text(viewer_page(given, pairs, linked.model), "utf-8")


# -- what is said -------------------------------------------------------------------------------------------------


def _notes(given: Given, linked: Linked) -> list[str]:
    fit, lang, limits = linked.fitted, given.asked.lang, linked.model.thresholds
    notes = [given_up_note(each, linked.model, lang) for each in linked.given_up]
    if fit is not None and fit.checked is None:
        least = {"least_false": LEAST_FALSE, "least_true": LEAST_TRUE}
        notes.append(word("link.note.uncalibrated", lang).format(false=fit.false, true=fit.true, **least))
    if linked.expected_bits is not None and linked.expected_bits < limits.link_bits:
        facts = {"expected": linked.expected_bits, "bits": limits.link_bits, "bound": limits.false_link_bound}
        notes.append(word("link.note.raised", lang).format(**facts))
    return notes


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
        "given_up": [given_up_page(each) for each in linked.given_up],
        "seconds": seconds,
        **{option.removeprefix("--").replace("-", "_"): str(path) for option, path in given.asked.outputs.items()},
    }
    if linked.trained:
        page["training"] = {"pairs": linked.trained.pairs, "random_pairs": linked.trained.random_pairs,
                            "iterations": linked.trained.convergence.iterations}  # fmt: skip
    calibrated = _calibration(linked)
    page |= {"calibration": calibrated} if calibrated else {}
    page |= {"quality": {name: each.to_json() for name, each in judged.items()}} if judged else {}
    return Told(page, {lang: _text(page, judged, lang) for lang in ("zh", "en")})


def _calibration(linked: Linked) -> dict[str, Any]:
    found, check = linked.model.calibration, linked.fitted.checked if linked.fitted else None
    if found is None or check is None:
        return {}
    return {
        "slope": found.slope,
        "shift": found.shift,
        "pairs": found.pairs,
        "held_pairs": check.after.count,
        "error_before": round(check.before.error, 6),
        "error_after": round(check.after.error, 6),
    }


def _text(page: dict[str, Any], judged: dict[str, Quality], lang: str) -> str:
    known = "link.done" if page["pairs_compared"] is not None else "link.done.uncounted"
    lines = [word(known, lang).format(**page)]
    if "training" in page:
        lines.append(word("link.trained", lang).format(**page["training"], model=page["model"]))
    if "calibration" in page:
        lines.append(word("link.calibrated", lang).format(**page["calibration"]))
    lines += [_quality_line(name, each, lang) for name, each in judged.items()]
    return "\n".join(lines)


def _quality_line(name: str, each: Quality, lang: str) -> str:
    shares = {"precision": each.precision_interval, "recall": each.recall_interval, "f1": each.f1_interval}
    told = {share: f"{getattr(each, share):.4f} ({low:.4f}–{high:.4f})" for share, (low, high) in shares.items()}
    at = word(f"link.at.{name}", lang)
    return word("link.quality", lang).format(at=at, bits=each.threshold, told=each.told, false=each.false, **told)
