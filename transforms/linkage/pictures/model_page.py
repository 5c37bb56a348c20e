"""A model as one HTML page: what is compared, what each agreement says, how it was learnt, and whether it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from transforms.linkage.blocking import GivenUp
from transforms.linkage.explain import percent
from transforms.linkage.model import STRANGER, Comparison, LinkageModel
from transforms.linkage.pictures.drawing import signed
from transforms.linkage.pictures.levels_chart import levels_chart, widest_weight
from transforms.linkage.pictures.lines_chart import convergence_lines, thresholds_line
from transforms.linkage.pictures.painting import page
from transforms.linkage.pictures.reliability import render_reliability_svg
from transforms.linkage.pictures.reports import Calibration, CalibrationBin, TrainingReport
from transforms.linkage.pictures.rule_words import rule_in_words
from transforms.linkage.pictures.words import Words
from transforms.linkage.scoring import level_bits


@dataclass(frozen=True)
class Panel:
    """The chart of one group of a comparison, and the probabilities of its levels in every class."""

    condition: str  # under which outcome of another comparison it holds; empty where it stands alone
    chart: Markup
    levels: list[tuple[str, list[float]]]  # the level in words, and its probability class by class


@dataclass(frozen=True)
class Shown:
    """A comparison as the page shows it."""

    title: str
    kind: str
    columns: str
    given: str
    weighs_values: bool
    panels: list[Panel]


@dataclass(frozen=True)
class Curve:
    """Whether probabilities hold: what the curve is of (empty where there is one only), its picture and its bins."""

    title: str
    picture: Markup
    bins: tuple[CalibrationBin, ...]


def render_model_report(
    model: LinkageModel,
    training: TrainingReport | None,
    calibration: Calibration | None,
    *,
    lang: str,
    before: Calibration | None = None,
    given_up: Sequence[GivenUp] | None = None,
) -> str:
    """The page; `training` and `calibration` where they are known. It holds parameters and counts, no person.

    `before`: of a calibrated model how the same pairs held as the bits alone tell them. `given_up`: what the blocking
    rules left out of two tables, where it is known.
    """
    words = Words(lang)
    widest = widest_weight(model)
    return page(
        "model.html.j2",
        words,
        model=model,
        headline=_headline(model, words),
        thresholds=thresholds_line(model, lang=lang),
        margins=_margins(model, words),
        classes=[_class_row(model, of, words) for of in model.classes],
        class_names=[words.name("class", of) for of in model.classes],
        comparisons=[_shown(comparison, model, widest, words) for comparison in model.comparisons],
        rules=[(rule.name, rule_in_words(rule, lang=lang)) for rule in model.blocking.rules],
        limits=words.say("rules.limits", block=model.blocking.max_block, pairs=f"{model.blocking.max_pairs:,}"),
        given_up=None if given_up is None else [_given_up_row(each, words) for each in given_up],
        provenance=[(words.name("provenance", name), _plain(value)) for name, value in model.provenance.items()],
        training=training,
        convergence=convergence_lines(training, lang=lang) if training and training.iterations else [],
        calibrated=_calibrated(model, words),
        curves=_curves(calibration, before, words),
    )


def _given_up_row(each: GivenUp, words: Words) -> list[str]:
    heaviest = words["comma"].join(f"{rows:,}" for rows, _ in each.heaviest)
    return [each.rule, *(f"{count:,}" for count in (each.keys, each.right_rows, each.left_rows)), heaviest]


def _calibrated(model: LinkageModel, words: Words) -> str:
    found = model.calibration
    if found is None:
        return words["calibration.none"]
    tone = "unsure" if found.slope < 1 else "modest" if found.slope > 1 else "alike"
    facts = {"slope": f"{found.slope:.3g}", "shift": signed(found.shift), "pairs": f"{found.pairs:,}"}
    told = words.say("calibration.sum", **facts) + words[f"calibration.{tone}"]
    return told + (words.say("calibration.from", described=found.described) if found.described else "")


def _curves(after: Calibration | None, before: Calibration | None, words: Words) -> list[Curve]:
    if after is None:
        return []
    if before is None:
        return [_curve("", after, words)]
    told = (("before", before), ("after", after))
    return [_curve(words.say(f"calibration.{name}", error=percent(found.error)), found, words) for name, found in told]


def _curve(title: str, found: Calibration, words: Words) -> Curve:
    picture = Markup(render_reliability_svg(found, lang=words.lang, alone=False))  # noqa: S704  drawn here
    return Curve(title, picture, found.bins)


def _headline(model: LinkageModel, words: Words) -> str:
    return words.say(
        "model.sum",
        comparisons=len(model.comparisons),
        classes=len(model.classes),
        rules=len(model.blocking.rules),
        link=signed(model.thresholds.link_bits),
        review=signed(model.thresholds.review_bits),
    )


def _margins(model: LinkageModel, words: Words) -> str:
    limits = model.thresholds
    bound = limits.false_link_bound
    told = words.say("model.margins", margin=f"{limits.margin_bits:g}", alone=f"{limits.alone_margin_bits:g}")
    return told + (words.say("model.bound", bound=f"{1 / bound:,.0f}") if bound else words["model.unbound"])


def _class_row(model: LinkageModel, of: str, words: Words) -> dict[str, Any]:
    assumed = model.assumed.get(of)
    origin = "strangers" if of == STRANGER else "learnt" if assumed is None else "assumed"
    titles = [words.of(model.comparison(name)) for name in assumed or ()]
    whole = assumed is not None and len(assumed) == len(model.comparisons)
    return {
        "name": words.name("class", of),
        "key": of,
        "expected": None if of == STRANGER else model.expected[of],
        "origin": words[f"origin.{origin}"],
        "stands_for": words["origin.all"] if whole else words["comma"].join(titles),
    }


def _shown(comparison: Comparison, model: LinkageModel, widest: float, words: Words) -> Shown:
    groups = [""] if comparison.given is None else list(comparison.given.groups)
    panels = [_panel(comparison, model, place, widest, words) for place in range(len(groups))]
    return Shown(
        title=words.of(comparison),
        kind=comparison.kind,
        columns=words["comma"].join(column for column in comparison.columns if column),
        given="" if comparison.given is None else words.of(model.comparison(comparison.given.comparison)),
        weighs_values=any(level.by_frequency for level in comparison.levels.values()),
        panels=panels,
    )


def _panel(comparison: Comparison, model: LinkageModel, place: int, widest: float, words: Words) -> Panel:
    tables = np.column_stack([np.exp2(level_bits(comparison, model, of)[place, :-1]) for of in model.classes])
    levels = [(words.of(level), row) for level, row in zip(comparison.levels.values(), tables.tolist(), strict=True)]
    chart = levels_chart(comparison, model, place, lang=words.lang, widest=widest)
    return Panel(_condition(comparison, model, place, words), chart, levels)


def _condition(comparison: Comparison, model: LinkageModel, place: int, words: Words) -> str:
    if comparison.given is None:
        return ""
    other = model.comparison(comparison.given.comparison)
    members = list(comparison.given.groups.values())[place]
    told = [words.of(other.levels[name]) if name in other.levels else words["missing"] for name in members]
    return words.say("model.given", title=words.of(other), levels=words["rule.or"].join(told))


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
