"""One pair as a waterfall: from the prior, comparison by comparison, to the total."""

from dataclasses import dataclass

from transforms.linkage.explain import PairExplanation, Step, percent, shown, steps
from transforms.linkage.model import MISSING, Thresholds
from transforms.linkage.pictures.drawing import Scale, scale_around, signed, tick_label, ticks, wrapped
from transforms.linkage.pictures.painting import paint
from transforms.linkage.pictures.words import Words

# Pixels: the columns of the sheet from left to right.
WIDTH = 1040
_TITLE, _LEFT, _RIGHT, _PLOT, _PLOT_END = 16, 262, 412, 574, 894
_TOP = 122  # where the rows begin
_NAME_WIDTH, _VALUE_WIDTH = _LEFT - _TITLE - 14, _RIGHT - _LEFT - 10
_LINE, _BAR = 15, 16


@dataclass(frozen=True)
class Row:
    """One step as drawn: texts in lines, and the bar from the sum before to the sum after."""

    top: float
    height: float
    name: str
    level: list[str]
    left: list[str]
    right: list[str]
    tone: str  # for | against | idle
    bits: float
    after: float
    start: float
    end: float
    at: float  # the sum after, from where the next bar starts

    @property
    def middle(self) -> float:
        """Where the bar's middle is."""
        return self.top + self.height / 2


def render_waterfall_svg(
    explanation: PairExplanation,
    *,
    lang: str,
    reveal: bool = False,
    sides: tuple[str, str] | None = None,
    thresholds: Thresholds | None = None,
    alone: bool = True,
) -> str:
    """The explanation as an SVG; the bars add up to the total.

    Names, numbers, phones and addresses are masked unless `reveal`. `sides` heads the columns of values (which feed
    and role each mention has), `thresholds` draws where decisions fall. `alone=False` leaves out the style and the
    name space, for a page that has picture.css.
    """
    words = Words(lang)
    told = steps(explanation)
    told = tuple(step for step in told if step.cause != "rule" or step.bits)
    limits = [thresholds.review_bits, thresholds.link_bits] if thresholds else []
    scale = scale_around([*(step.after for step in told), *limits], _PLOT, _PLOT_END)
    rows = _rows(told, scale, words, reveal)
    foot = rows[-1].top + rows[-1].height
    total = signed(explanation.total_bits)
    probability = percent(explanation.probability)
    return paint(
        "waterfall.svg.j2",
        words,
        alone=alone,
        width=WIDTH,
        columns={"title": _TITLE, "left": _LEFT, "right": _RIGHT, "plot": _PLOT, "plot_end": _PLOT_END},
        top=_TOP,
        foot=foot,
        rows=rows,
        sides=[wrapped(side, _VALUE_WIDTH, 12) for side in sides or (words["left"], words["right"])],
        zero=scale.at(0.0),
        ticks=[(scale.at(value), tick_label(value)) for value in ticks(scale.low, scale.high)],
        marks=_marks(thresholds, scale, words),
        total=_total(explanation.total_bits, scale),
        total_bits=explanation.total_bits,
        headline=words.say("waterfall.sum", bits=total, probability=probability),
        probability=words.say("waterfall.total.why", probability=probability),
        absent=_absent(explanation, words),
        version=words.say("model", version=explanation.model_version),
        description=_in_words(rows, words),
    )


def _rows(told: tuple[Step, ...], scale: Scale, words: Words, reveal: bool) -> list[Row]:
    rows: list[Row] = []
    top: float = _TOP
    for step in told:
        rows.append(_row(step, top, scale, words, reveal))
        top += rows[-1].height
    return rows


def _row(step: Step, top: float, scale: Scale, words: Words, reveal: bool) -> Row:
    if step.part is None:
        name, level = words[f"waterfall.{step.cause}"], words[f"waterfall.{step.cause}.why"]
        values = ("", "")
    else:
        name, level = step.part.title[words.lang], step.part.description[words.lang]
        values = shown(step.part, reveal, "—")
    lines = wrapped(level, _NAME_WIDTH, 12)
    left, right = (wrapped(value, _VALUE_WIDTH, 12) for value in values)
    tone = "idle" if step.cause == "prior" else tone_of(step.bits)
    start, end = sorted((scale.at(step.after - step.bits), scale.at(step.after)))
    height = 26 + _LINE * len(lines)
    title = wrapped(name, _NAME_WIDTH, 13, lines=1)[0]
    return Row(top, height, title, lines, left, right, tone, step.bits, step.after, start, end, scale.at(step.after))


def tone_of(bits: float) -> str:
    """How bits are painted: `for` solid, `against` hollow, `idle` where they round to nothing."""
    return "idle" if round(bits, 1) == 0 else "for" if bits > 0 else "against"


def _marks(thresholds: Thresholds | None, scale: Scale, words: Words) -> list[tuple[float, str, str]]:
    if thresholds is None:
        return []
    limits = (("review", thresholds.review_bits), ("link", thresholds.link_bits))
    return [(scale.at(bits), kind, f"{words[kind]} ≥ {signed(bits)}") for kind, bits in limits]


def _total(bits: float, scale: Scale) -> tuple[float, float, str]:
    start, end = sorted((scale.at(0.0), scale.at(bits)))
    return start, max(end - start, 1.0), tone_of(bits)


def _absent(explanation: PairExplanation, words: Words) -> list[str]:
    names = [part.title[words.lang] for part in explanation.comparisons if part.level == MISSING]
    text = words.say("waterfall.absent", names=words["semicolon"].join(names)) if names else ""
    return wrapped(text, WIDTH - 2 * _TITLE, 12, lines=3) if text else []


def _in_words(rows: list[Row], words: Words) -> str:
    # For who listens instead of looking.
    told = [
        words.say(
            "waterfall.step",
            title=row.name,
            level="".join(row.level) if words.lang == "zh" else " ".join(row.level),
            bits=signed(row.bits),
            after=signed(row.after),
        )
        for row in rows
    ]
    return words["semicolon"].join(told)
