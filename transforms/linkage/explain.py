"""Why two mentions are taken for one person or not: each comparison's level and weight in bits, and the sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.comparisons import ABSENT, compare
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import MATCH, MISSING, STRANGER, Comparison, LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.pictures.masking import side_by_side
from transforms.linkage.scoring import frequency_bits, group_of, level_bits, prior_bits, ruled, score
from transforms.schemas import MENTIONS

Text = dict[str, str]  # language (zh, en) → words


@dataclass(frozen=True)
class ComparisonEvidence:
    """One comparison of the pair. `left` and `right` are personal data until rendered masked (`shown`).

    `weight_bits` is the weight against strangers. `net_bits` is the weight against everybody else it could be, given
    the comparisons before it: log2 P(level | match) / P(level | not a match, levels before). A brother shares the
    father, so once two mentions may be brothers the same father says little.
    """

    name: str
    kind: str
    title: Text
    level: str  # MISSING where a value is missing
    description: Text
    weight_bits: float
    net_bits: float
    columns: tuple[str, ...]
    left: tuple[str | None, ...]  # the values of the columns
    right: tuple[str | None, ...]


@dataclass(frozen=True)
class PairExplanation:
    """The evidence of a pair in the model's order.

    prior_bits + the weights + `relatives_bits` + `rule_bits` = `total_bits`, the log2 odds that stand for
    `probability`. `relatives_bits` (≤ 0) is what the pair loses because relatives or a namesake would agree as
    well, `rule_bits` what a rule of identity adds (a number under a former name) or takes (a number alone).
    """

    comparisons: tuple[ComparisonEvidence, ...]
    prior_bits: float
    relatives_bits: float
    rule_bits: float
    total_bits: float
    probability: float
    model_version: str


def explain_pair(
    mention_a: Mapping[str, Any], mention_b: Mapping[str, Any], model: LinkageModel, frequencies: pa.Table
) -> PairExplanation:
    """How the two mentions score under the model, comparison by comparison.

    Each is a row as a dict, of MENTIONS or of whatever columns the model names; a column that a row lacks is null.
    """
    left, right = (_table(mention, model) for mention in (mention_a, mention_b))
    found = compare(left, right, model)
    levels = {name: np.asarray(found[name]) for name in found.schema.names}
    known, packed, row = Frequencies.of(frequencies), Packed(left), np.arange(1)
    scores = score(levels, packed, row, model, known)
    final, _ = ruled(scores, levels, model)
    prior, scored, total = prior_bits(model, known), float(scores.weight[0]), float(final.weight[0])
    by_value = [float(frequency_bits(c, levels[c.name], packed, row, known)[0]) for c in model.comparisons]
    weights = _weights(levels, by_value, prior, model)
    evidence = tuple(_evidence(c, levels, *weights[c.name], left, right) for c in model.comparisons)
    lost = scored - prior - sum(part.weight_bits for part in evidence)
    return PairExplanation(evidence, prior, lost, total - scored, total, float(final.probability[0]), model.version)


def _weights(
    levels: dict[str, Any], by_value: list[float], prior: float, model: LinkageModel
) -> dict[str, tuple[float, float]]:
    """Of each comparison the weight against strangers, and the net one against all alternatives, by the chain rule."""
    shares = {of: model.expected[of] / model.expected[MATCH] for of in model.alternatives if of != STRANGER}
    held = {STRANGER: 0.0, **{of: prior + float(np.log2(share)) for of, share in shares.items()}}
    weights = {}
    for comparison, value in zip(model.comparisons, by_value, strict=True):
        cell = group_of(comparison, levels, model)[0], levels[comparison.name][0]
        bits = {of: float(level_bits(comparison, model, of)[cell]) for of in model.classes}
        bits[STRANGER] += value
        before, held = held, {of: so_far + bits[of] for of, so_far in held.items()}
        weights[comparison.name] = (bits[MATCH] - bits[STRANGER], bits[MATCH] - _sum(held) + _sum(before))
    return weights


def _sum(bits: dict[str, float]) -> float:
    # log2 of the sum of what the bits stand for.
    return float(np.logaddexp2.reduce(list(bits.values())))


def _table(mention: Mapping[str, Any], model: LinkageModel) -> pa.Table:
    # The columns of MENTIONS with their types, and beside them those that only this model knows.
    table = pa.Table.from_pylist([dict(mention)], MENTIONS)
    own = dict.fromkeys(column for comparison in model.comparisons for column in comparison.columns if column)
    for column in [column for column in own if column not in MENTIONS.names]:
        value = mention.get(column)
        table = table.append_column(column, pa.array([value], pa.string() if value is None else None))
    return table


def _evidence(
    comparison: Comparison, levels: dict[str, Any], weight: float, net: float, left: pa.Table, right: pa.Table
) -> ComparisonEvidence:
    place = int(levels[comparison.name][0])
    name = MISSING if place == ABSENT else comparison.level_names[place]
    level = comparison.levels.get(name)
    return ComparisonEvidence(
        name=comparison.name,
        kind=comparison.kind,
        title={"zh": comparison.zh, "en": comparison.en},
        level=name,
        description={"zh": "缺失", "en": "missing"} if level is None else {"zh": level.zh, "en": level.en},
        weight_bits=weight,
        net_bits=net,
        columns=comparison.columns,
        left=tuple(_text(left, column) for column in comparison.columns),
        right=tuple(_text(right, column) for column in comparison.columns),
    )


def _text(side: pa.Table, column: str) -> str | None:
    value = side[column][0].as_py() if column in side.column_names else None
    return None if value is None else str(value)


@dataclass(frozen=True)
class Step:
    """One step from the prior to the total: `cause` is prior, comparison, relatives or rule; `after` the sum so far."""

    cause: str
    part: ComparisonEvidence | None
    bits: float
    after: float


def steps(explanation: PairExplanation) -> tuple[Step, ...]:
    """The prior, every comparison that could be made, and what relatives and rules add; the bits sum to the total."""
    compared = [("comparison", part, part.weight_bits) for part in explanation.comparisons if part.level != MISSING]
    causes = [
        ("prior", None, explanation.prior_bits),
        *compared,
        ("relatives", None, explanation.relatives_bits),
        ("rule", None, explanation.rule_bits),
    ]
    after = accumulate(bits for _, _, bits in causes)
    return tuple(Step(*told, so_far) for told, so_far in zip(causes, after, strict=True))


_WORDS = {
    "zh": {
        "prior": "先验",
        "relatives": "亲属或同名者的可能性",
        "rule": "规则",
        "total": "合计",
        "probability": "同一人概率",
        "bits": "比特",
        "missing": "（空）",
        "not_compared": "缺一方，未比较：",
    },
    "en": {
        "prior": "prior",
        "relatives": "relatives or a namesake agree too",
        "rule": "rule",
        "total": "total",
        "probability": "probability of one person",
        "bits": "bits",
        "missing": "(empty)",
        "not_compared": "not compared, one side lacks it: ",
    },
}
_BAR = 2.0  # bits a block


def render_waterfall(explanation: PairExplanation, lang: str = "zh", reveal: bool = False) -> str:
    """The explanation as text, one line a comparison with its weight, a bar and the running total.

    What could not be compared, because a side lacks it, is named in one line below. `lang` is zh or en. Names,
    numbers, phones and addresses are masked unless `reveal`.
    """
    words = _WORDS[lang]
    lines = [_step_line(step, words, lang, reveal) for step in steps(explanation) if _is_told(step)]
    if absent := [part.title[lang] for part in explanation.comparisons if part.level == MISSING]:
        lines.append(f"{words['not_compared']}{', '.join(absent)}")
    total = f"{words['total']} {explanation.total_bits:+.1f} {words['bits']}"
    return "\n".join(
        [*lines, f"{total}  {words['probability']} {percent(explanation.probability)}  {explanation.model_version}"]
    )


def _is_told(step: Step) -> bool:
    return step.cause in ("prior", "comparison") or abs(step.bits) > 0.05


def _step_line(step: Step, words: Text, lang: str, reveal: bool) -> str:
    if step.part is None:
        return _line(words[step.cause], "", step.bits, step.after)
    values = " ↔ ".join(shown(step.part, reveal, words["missing"]))
    return _line(step.part.title[lang], f"{step.part.description[lang]}  {values}", step.bits, step.after)


def _line(title: str, detail: str, bits: float, running: float) -> str:
    blocks = min(round(abs(bits) / _BAR), 12)
    bar = ("▇" if bits >= 0 else "░") * blocks
    return f"{bits:+7.1f} {running:+7.1f}  {bar:<12}  {title}  {detail}".rstrip()


def shown(part: ComparisonEvidence, reveal: bool, empty: str) -> tuple[str, str]:
    """The left and the right value as they may be shown: masked unless `reveal`, `empty` where there is none."""
    return side_by_side(part.kind, part.left, part.right, reveal=reveal, empty=empty)


def percent(probability: float) -> str:
    """A probability for people, never rounded up to certainty."""
    return f"{min(probability, 0.999999) * 100:.4f}%" if probability > 0.99 else f"{probability * 100:.1f}%"


def tie_of(mention_id: str, mentions: pa.Table, links: pa.Table, pairs: pa.Table) -> str | None:
    """The mention that holds this one in its person: its best pair there, else one of the same number and name.

    None where the mention is alone.
    """
    mine = links.filter(pc.equal(links["mention_id"], mention_id))["person_id"]
    if not len(mine):
        return None
    fellows = links.filter(pc.equal(links["person_id"], mine[0]))["mention_id"].to_pylist()
    others = {fellow for fellow in fellows if fellow != mention_id}
    either = pc.or_(pc.equal(pairs["mention_a"], mention_id), pc.equal(pairs["mention_b"], mention_id))
    near = pairs.filter(either).sort_by(
        [("match_weight", "descending"), ("mention_a", "ascending"), ("mention_b", "ascending")]
    )
    partners = [
        ({a, b} - {mention_id}).pop()
        for a, b in zip(near["mention_a"].to_pylist(), near["mention_b"].to_pylist(), strict=True)
    ]
    return next((partner for partner in partners if partner in others), None) or _by_rule(mention_id, others, mentions)


def _by_rule(mention_id: str, others: set[str], mentions: pa.Table) -> str | None:
    part = mentions.filter(pc.is_in(mentions["mention_id"], pa.array([mention_id, *sorted(others)], pa.string())))
    rows = {row["mention_id"]: row for row in part.select(["mention_id", "id_no", "name"]).to_pylist()}
    own = rows[mention_id]
    twins = sorted(i for i in others if (rows[i]["id_no"], rows[i]["name"]) == (own["id_no"], own["name"]))
    return next(iter(twins), min(others, default=None))
