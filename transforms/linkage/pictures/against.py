"""Two candidates for one mention: why the runner-up lost, in a sentence, as text and as a picture."""

from dataclasses import dataclass

from transforms.linkage.explain import ComparisonEvidence, PairExplanation, percent
from transforms.linkage.model import MISSING
from transforms.linkage.pictures.drawing import Scale, scale_around, signed, tick_label, ticks, wrapped
from transforms.linkage.pictures.painting import paint
from transforms.linkage.pictures.waterfall import tone_of
from transforms.linkage.pictures.words import Words

_TOLD = 3  # reasons that the sentence names; the rest is summed up
_LEAST = 0.05  # bits: what rounds to nothing is no difference

WIDTH = 1040
_TITLE, _PLOT, _PLOT_END, _TOP = 16, 430, 900, 142


@dataclass(frozen=True)
class Difference:
    """Where the candidates differ. `bits`: what the runner-up gains (above 0) or loses (below) against the best.

    The bits are net: against strangers, relatives and namesakes together (ComparisonEvidence.net_bits).
    """

    name: str
    title: str
    reason: str  # what is other about the runner-up, in words with its bits
    best_level: str  # in words
    runner_up_level: str
    best_bits: float
    runner_up_bits: float

    @property
    def bits(self) -> float:
        """The runner-up's bits less the best's."""
        return self.runner_up_bits - self.best_bits


@dataclass(frozen=True)
class Against:
    """Why one candidate lost to another.

    `behind_bits`: how far the runner-up is behind (below 0: ahead). `differences`: what it loses most by first,
    what speaks for it last; they add up to −behind_bits but for what rounds to nothing. `sentence`: the same in
    one plain sentence without any value of a person.
    """

    behind_bits: float
    differences: tuple[Difference, ...]
    sentence: str


def explain_against(best: PairExplanation, runner_up: PairExplanation, *, lang: str) -> Against:
    """Why `runner_up` lost to `best`: two explanations of the same mention under the same model.

    ValueError where they were scored by different models.
    """
    if best.model_version != runner_up.model_version:
        raise ValueError(
            f"two candidates can only be held against each other under one model, "
            f"got {best.model_version} and {runner_up.model_version}; explain both pairs with the same model"
        )
    words = Words(lang)
    found = [*_of_comparisons(best, runner_up, words), *_of_the_rest(best, runner_up, words)]
    differences = tuple(sorted((d for d in found if abs(d.bits) >= _LEAST), key=lambda difference: difference.bits))
    behind = best.total_bits - runner_up.total_bits
    return Against(behind, differences, _sentence(behind, differences, words))


def _of_comparisons(best: PairExplanation, runner_up: PairExplanation, words: Words) -> list[Difference]:
    others = {part.name: part for part in runner_up.comparisons}
    return [_difference(part, others[part.name], words) for part in best.comparisons if part.name in others]


def _difference(best: ComparisonEvidence, other: ComparisonEvidence, words: Words) -> Difference:
    levels = [words["missing"] if part.level == MISSING else part.description[words.lang] for part in (best, other)]
    title, bits = best.title[words.lang], signed(other.net_bits - best.net_bits)
    reason = words.say(f"against.{_how(best, other)}", title=title, level=levels[1], bits=bits)
    return Difference(best.name, title, reason, levels[0], levels[1], best.net_bits, other.net_bits)


def _how(best: ComparisonEvidence, other: ComparisonEvidence) -> str:
    if other.level == MISSING:
        return "missing"
    if other.level == best.level:
        return "less" if other.net_bits < best.net_bits else "more"
    return "different" if other.level == "different" else "level"


def _of_the_rest(best: PairExplanation, runner_up: PairExplanation, words: Words) -> list[Difference]:
    pairs = {"rule": (best.rule_bits, runner_up.rule_bits), "prior": (best.prior_bits, runner_up.prior_bits)}
    return [
        Difference(name, words[f"waterfall.{name}"], words.say(f"against.{name}", bits=signed(b - a)), "", "", a, b)
        for name, (a, b) in pairs.items()
    ]


def _sentence(behind: float, differences: tuple[Difference, ...], words: Words) -> str:
    losing = [difference for difference in differences if difference.bits < 0]
    gaining = [difference for difference in reversed(differences) if difference.bits > 0]
    if not differences:
        return words["against.even"]
    start = words.say("against.behind" if behind >= 0 else "against.ahead", bits=f"{abs(behind):,.1f}")
    parts = [_reasons(losing, words)] if losing else []
    parts += [words.say("against.though", reasons=_reasons(gaining, words))] if gaining else []
    return start + words["semicolon"].join(parts) + words["full_stop"]


def _reasons(differences: list[Difference], words: Words) -> str:
    told = [difference.reason for difference in differences[:_TOLD]]
    rest = sum(difference.bits for difference in differences[_TOLD:])
    if abs(rest) >= _LEAST:
        told.append(words.say("against.rest", bits=signed(rest)))
    return words.joined(told)


def render_against(best: PairExplanation, runner_up: PairExplanation, *, lang: str) -> str:
    """The sentence, then one line a difference: bits, what it was with the best, what with the runner-up."""
    found, words = explain_against(best, runner_up, lang=lang), Words(lang)
    return "\n".join([found.sentence, *(_line(difference, words) for difference in found.differences)])


def _line(difference: Difference, words: Words) -> str:
    return f"{signed(difference.bits):>7}  {difference.title}{words['colon']}{_told(difference, words)}"


def render_against_svg(best: PairExplanation, runner_up: PairExplanation, *, lang: str, alone: bool = True) -> str:
    """The differences as a picture: for each comparison the bits of both candidates on one axis, worst first.

    It shows levels and bits and no value of a person.
    """
    words, found = Words(lang), explain_against(best, runner_up, lang=lang)
    bits = [value for d in found.differences for value in (d.best_bits, d.runner_up_bits)]
    scale = scale_around([*bits, best.total_bits, runner_up.total_bits], _PLOT, _PLOT_END)
    rows = _rows(found.differences, scale, words)
    return paint(
        "against.svg.j2",
        words,
        alone=alone,
        width=WIDTH,
        columns={"title": _TITLE, "plot": _PLOT, "plot_end": _PLOT_END},
        top=_TOP,
        rows=rows,
        foot=rows[-1].top + rows[-1].height if rows else _TOP,
        headline=wrapped(found.sentence, WIDTH - 2 * _TITLE, 13, lines=3),
        zero=scale.at(0.0),
        ticks=[(scale.at(value), tick_label(value)) for value in ticks(scale.low, scale.high)],
        total={
            "best": scale.at(best.total_bits),
            "other": scale.at(runner_up.total_bits),
            "bits": -found.behind_bits,
            "tone": tone_of(-found.behind_bits),
            "said": words.say(
                "against.total", best=percent(best.probability), runner_up=percent(runner_up.probability)
            ),
        },
        description=render_against(best, runner_up, lang=lang),
    )


@dataclass(frozen=True)
class Row:
    """A difference as drawn: where each candidate's bits lie."""

    top: float
    height: float
    name: str
    level: list[str]
    best: float
    other: float
    bits: float
    tone: str

    @property
    def middle(self) -> float:
        """Where its marks lie."""
        return self.top + self.height / 2


def _rows(differences: tuple[Difference, ...], scale: Scale, words: Words) -> list[Row]:
    rows: list[Row] = []
    top: float = _TOP
    for d in differences:
        level = wrapped(_told(d, words), _PLOT - _TITLE - 20, 12)
        marks = scale.at(d.best_bits), scale.at(d.runner_up_bits)
        rows.append(Row(top, 26 + 15 * len(level), d.title, level, *marks, d.bits, tone_of(d.bits)))
        top += rows[-1].height
    return rows


def _told(difference: Difference, words: Words) -> str:
    if not difference.best_level:
        return ""
    return words.say("against.levels", best=difference.best_level, runner_up=difference.runner_up_level)
