"""Why two mentions are taken for one person or not: each comparison's level and weight in bits, and the sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.feeds.masking import HIDDEN, mask_day, mask_name, mask_number
from transforms.linkage.codes import NAMES, NUMBERS, encode_domains
from transforms.linkage.comparisons import ABSENT, compare
from transforms.linkage.model import MATCH, STRANGER, Comparison, LinkageModel
from transforms.linkage.scoring import frequency_bits, group_of, level_bits, prior_bits, ruled, score
from transforms.schemas import MENTIONS

Text = dict[str, str]  # language (zh, en) → words


@dataclass(frozen=True)
class ComparisonEvidence:
    """One comparison of the pair. `left` and `right` are personal data until rendered masked."""

    name: str
    title: Text
    level: str  # `-` where a value is missing
    description: Text
    weight_bits: float
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
    """How the two mentions (rows of MENTIONS as dicts) score under the model, comparison by comparison."""
    both = encode_domains(pa.Table.from_pylist([dict(mention_a), dict(mention_b)], MENTIONS))
    left, right = both.slice(0, 1), both.slice(1, 1)
    found = compare(left, right, model)
    levels = {name: np.asarray(found[name]) for name in found.schema.names}
    scores = score(left, levels, model, frequencies)
    final, _ = ruled(scores, levels, model)
    evidence = tuple(_evidence(c, levels, left, right, model, frequencies) for c in model.comparisons)
    prior, scored, total = prior_bits(model, frequencies), float(scores.weight[0]), float(final.weight[0])
    lost = scored - prior - sum(part.weight_bits for part in evidence)
    return PairExplanation(evidence, prior, lost, total - scored, total, float(final.probability[0]), model.version)


def _evidence(
    comparison: Comparison,
    levels: dict[str, Any],
    left: pa.Table,
    right: pa.Table,
    model: LinkageModel,
    frequencies: pa.Table,
) -> ComparisonEvidence:
    place = int(levels[comparison.name][0])
    group = group_of(comparison, levels, model)[0]
    match, stranger = (level_bits(comparison, model, of)[group, place] for of in (MATCH, STRANGER))
    by_value = frequency_bits(comparison, levels[comparison.name], left, frequencies)[0]
    name = "-" if place == ABSENT else comparison.level_names[place]
    level = comparison.levels.get(name)
    words = {"zh": "缺失", "en": "missing"} if level is None else {"zh": level.zh, "en": level.en}
    values = (tuple(_text(side, column) for column in comparison.columns) for side in (left, right))
    title = {"zh": comparison.zh, "en": comparison.en}
    return ComparisonEvidence(
        comparison.name, title, name, words, float(match - stranger - by_value), comparison.columns, *values
    )


def _text(side: pa.Table, column: str) -> str | None:
    value = side[column][0].as_py() if column in side.column_names else None
    return None if value is None else str(value)


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
    lines = [_line(words["prior"], "", explanation.prior_bits, explanation.prior_bits)]
    running = explanation.prior_bits
    for part in explanation.comparisons:
        running += part.weight_bits
        if part.level == "-":
            continue
        values = " ↔ ".join(_shown(part, reveal, words["missing"]))
        lines.append(_line(part.title[lang], f"{part.description[lang]}  {values}", part.weight_bits, running))
    for cause, bits in (("relatives", explanation.relatives_bits), ("rule", explanation.rule_bits)):
        running += bits
        if abs(bits) > 0.05:
            lines.append(_line(words[cause], "", bits, running))
    if absent := [part.title[lang] for part in explanation.comparisons if part.level == "-"]:
        lines.append(f"{words['not_compared']}{', '.join(absent)}")
    total = f"{words['total']} {explanation.total_bits:+.1f} {words['bits']}"
    return "\n".join(
        [*lines, f"{total}  {words['probability']} {_percent(explanation.probability)}  {explanation.model_version}"]
    )


def _line(title: str, detail: str, bits: float, running: float) -> str:
    blocks = min(round(abs(bits) / _BAR), 12)
    bar = ("▇" if bits >= 0 else "░") * blocks
    return f"{bits:+7.1f} {running:+7.1f}  {bar:<12}  {title}  {detail}".rstrip()


def _shown(part: ComparisonEvidence, reveal: bool, empty: str) -> list[str]:
    return [empty if value is None else value if reveal else _masked(column, value) for column, value in _alike(part)]


def _alike(part: ComparisonEvidence) -> list[tuple[str, str | None]]:
    # The first column that both sides fill, so that like stands beside like; else what each has.
    sides = [list(zip(part.columns, side, strict=True)) for side in (part.left, part.right)]
    both = [pair for pair in zip(*sides, strict=True) if None not in (pair[0][1], pair[1][1])]
    first = [next((cell for cell in side if cell[1] is not None), (part.columns[0], None)) for side in sides]
    return list(both[0]) if both else first


_OPEN = ("sex", "birth_year", "division_code", "township_code")


def _masked(column: str, value: str) -> str:
    if column in _OPEN:
        return value
    if column in NAMES:
        return mask_name(value)
    if column in NUMBERS or column == "phone":
        return mask_number(value)
    return mask_day(value) if column.endswith("birth_date") else HIDDEN


def _percent(probability: float) -> str:
    # Never rounded up to certainty.
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
