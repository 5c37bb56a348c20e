"""The comparison viewer: which patterns of levels a run has found, how often, and what they were decided to be."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.explain import percent
from transforms.linkage.model import LEVEL_CODES, MATCH, MISSING, STRANGER, Comparison, LinkageModel
from transforms.linkage.pictures.histogram import weights_histogram
from transforms.linkage.pictures.masking import side_by_side
from transforms.linkage.pictures.painting import page
from transforms.linkage.pictures.words import Words
from transforms.linkage.scoring import group_of, level_bits

Decision = Literal["link", "review", "not_linked"]
DECISIONS: tuple[Decision, ...] = ("link", "review", "not_linked")
MOST = 100  # patterns shown of each decision
_STRONG, _CLEAR = 6.0, 1.0  # bits from which a cell is painted strongly, or at all

PATTERNS = pa.schema(  # `levels` as in PAIRS; the weight is the mean over the pairs of the pattern
    [
        ("levels", pa.string()),
        ("count", pa.int64()),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Cell:
    """One comparison of a pattern: its level in words, its weight, and how it is painted."""

    words: str
    bits: float | None
    tone: str


@dataclass(frozen=True)
class Row:
    """One pattern as shown; `examples` hold masked values, one list of (left, right) a pair."""

    pattern: str
    count: int
    weight: float
    probability: str
    cells: list[Cell]
    rest: float  # what the weight has besides the cells: prior, relatives, how common the values are
    examples: list[list[tuple[str, str]]]


@dataclass(frozen=True)
class Part:
    """All patterns of a decision: the most frequent ones as rows, and what is left out."""

    decision: str
    patterns: int
    pairs: int
    rows: list[Row]
    left_out: str


def render_comparison_viewer(
    patterns: pa.Table,
    examples: pa.Table | None,
    model: LinkageModel,
    *,
    lang: str,
    reveal: bool = False,
    most: int = MOST,
) -> str:
    """One HTML page of the patterns (schema PATTERNS, from `pattern_counts`), the most frequent of each decision.

    `examples` (from `example_pairs`): `levels`, and left_<column>, right_<column> of the columns that the model
    names; values are masked unless `reveal`. The decision is that of the pattern's mean weight under the model's
    thresholds. ValueError where a pattern is not one of this model.
    """
    words = Words(lang)
    ordered = patterns.sort_by([("count", "descending"), ("levels", "ascending")])
    _check(ordered, model)
    decided = decisions(ordered["match_weight"].to_numpy(), model)
    shown = [_part(ordered.filter(pa.array(decided == name)), name, examples, model, words, reveal, most)
             for name in DECISIONS]  # fmt: skip
    pairs = int(pc.sum(ordered["count"]).as_py() or 0)
    return page(
        "viewer.html.j2",
        words,
        model=model,
        titles=[words.of(comparison) for comparison in model.comparisons],
        headline=words.say("viewer.sum", pairs=f"{pairs:,}", patterns=f"{ordered.num_rows:,}"),
        parts=[(part, f"{part.pairs / (pairs or 1):.1%}") for part in shown],
        histogram=weights_histogram(
            ordered["match_weight"].to_numpy(), ordered["count"].to_numpy(), model.thresholds, lang=lang
        ),
        has_examples=examples is not None,
        reveal=reveal,
    )


def decisions(weight: npt.NDArray[np.float64], model: LinkageModel) -> npt.NDArray[np.str_]:
    """link, review or not_linked for each weight, by the model's thresholds alone."""
    limits = model.thresholds
    return np.where(weight >= limits.link_bits, "link", np.where(weight >= limits.review_bits, "review", "not_linked"))


def pattern_counts(pairs: pa.Table) -> pa.Table:
    """The patterns (schema PATTERNS) among scored pairs that have `levels`, match_weight and match_probability."""
    grouped = pairs.group_by("levels").aggregate(
        [([], "count_all"), ("match_weight", "mean"), ("match_probability", "mean")]
    )
    columns = ("levels", "count_all", "match_weight_mean", "match_probability_mean")
    return grouped.select(columns).rename_columns(PATTERNS.names).cast(PATTERNS).sort_by("levels")


def example_pairs(
    pairs: pa.Table,
    left: pa.Table,
    right: pa.Table,
    model: LinkageModel,
    *,
    ids: tuple[str, str] = ("mention_id", "mention_id"),
    sides: tuple[str, str] = ("mention_a", "mention_b"),
    each: int = 1,
) -> pa.Table:
    """The first `each` pairs of every pattern, by their ids, with the values of both sides.

    `pairs` has `levels` and the two columns of `sides`, which hold the ids of rows in `left` and `right` (their
    columns named by `ids`). Out: `levels`, left_<column> and right_<column>, all as text. Personal data.
    """
    ordered = pairs.select(["levels", *sides]).sort_by([("levels", "ascending"), *((s, "ascending") for s in sides)])
    levels = ordered["levels"].combine_chunks().dictionary_encode().indices.to_numpy()
    begins = np.flatnonzero(np.diff(levels, prepend=-1))
    rank = np.arange(len(levels)) - begins[np.cumsum(np.diff(levels, prepend=-1) != 0) - 1]
    chosen = ordered.filter(pa.array(rank < each))
    found = {"levels": chosen["levels"]}
    wanted = dict.fromkeys(column for comparison in model.comparisons for column in comparison.columns if column)
    for name, table, key, side in zip(("left", "right"), (left, right), ids, sides, strict=True):
        rows = pc.index_in(chosen[side], table[key].combine_chunks())
        for column in [column for column in wanted if column in table.column_names]:
            found[f"{name}_{column}"] = pc.cast(table[column].take(rows), pa.string())
    return pa.table(found)


def _check(patterns: pa.Table, model: LinkageModel) -> None:
    wanted = len(model.comparisons)
    wrong = [levels for levels in patterns["levels"].to_pylist() if not _is_pattern(levels, model)]
    if wrong:
        raise ValueError(
            f"{len(wrong)} of {patterns.num_rows} patterns are not of model {model.version}, which has {wanted} "
            f"comparisons, e.g. {wrong[0]!r}; give the model that scored these pairs"
        )


def _is_pattern(levels: str, model: LinkageModel) -> bool:
    return len(levels) == len(model.comparisons) and all(
        letter == MISSING or letter in LEVEL_CODES[: len(comparison.levels)]
        for letter, comparison in zip(levels, model.comparisons, strict=True)
    )


def _part(patterns: pa.Table, decision: str, examples: pa.Table | None, model: LinkageModel, words: Words,
          reveal: bool, most: int) -> Part:  # fmt: skip
    kept, rest = patterns.slice(0, most), patterns.slice(most)
    texts = kept["levels"].to_pylist()
    cells = _cells(texts, model, words)
    drawn = _examples(examples, texts, model, reveal)
    rows = [_row(row, own, drawn[row["levels"]]) for row, own in zip(kept.to_pylist(), cells, strict=True)]
    left_out = words.say("viewer.rest", n=f"{rest.num_rows:,}", pairs=f"{pc.sum(rest['count']).as_py() or 0:,}")
    pairs = int(pc.sum(patterns["count"]).as_py() or 0)
    return Part(decision, patterns.num_rows, pairs, rows, left_out if rest.num_rows else "")


def _row(pattern: dict[str, Any], cells: list[Cell], examples: list[list[tuple[str, str]]]) -> Row:
    rest = pattern["match_weight"] - sum(cell.bits for cell in cells if cell.bits is not None)
    probability = percent(pattern["match_probability"])
    return Row(pattern["levels"], pattern["count"], pattern["match_weight"], probability, cells, rest, examples)


def _cells(patterns: list[str], model: LinkageModel, words: Words) -> list[list[Cell]]:
    places = [[LEVEL_CODES.find(letter) for letter in pattern] for pattern in patterns]
    matrix = np.array(places, np.int8).reshape(len(patterns), len(model.comparisons))
    levels = {comparison.name: matrix[:, at] for at, comparison in enumerate(model.comparisons)}
    columns = [_column(comparison, levels, model, words) for comparison in model.comparisons]
    return [list(row) for row in zip(*columns, strict=True)]


def _column(comparison: Comparison, levels: dict[str, Any], model: LinkageModel, words: Words) -> list[Cell]:
    group, place = group_of(comparison, levels, model), levels[comparison.name]
    bits = (level_bits(comparison, model, MATCH) - level_bits(comparison, model, STRANGER))[group, place]
    names = [words.of(level) for level in comparison.levels.values()]
    return [
        Cell("—", None, "none") if at < 0 else Cell(names[at], value, _tone(value))
        for at, value in zip(place.tolist(), bits.tolist(), strict=True)
    ]


def _tone(bits: float) -> str:
    if abs(bits) < _CLEAR:
        return "idle"
    return ("for" if bits > 0 else "against") + (" strong" if abs(bits) >= _STRONG else "")


def _examples(
    examples: pa.Table | None, patterns: list[str], model: LinkageModel, reveal: bool
) -> dict[str, list[list[tuple[str, str]]]]:
    found: dict[str, list[list[tuple[str, str]]]] = {pattern: [] for pattern in patterns}
    if examples is None:
        return found
    for row in examples.filter(pc.is_in(examples["levels"], pa.array(patterns, pa.string()))).to_pylist():
        found[row["levels"]].append([_values(row, comparison, reveal) for comparison in model.comparisons])
    return found


def _values(row: dict[str, str | None], comparison: Comparison, reveal: bool) -> tuple[str, str]:
    left, right = (tuple(row.get(f"{side}_{name}") for name in comparison.columns) for side in ("left", "right"))
    return side_by_side(comparison.kind, left, right, reveal=reveal, empty="—")


__all__ = ["PATTERNS", "decisions", "example_pairs", "pattern_counts", "render_comparison_viewer"]
