"""Two tables: which rows of the right one the rows of the left one are about. The engine alone, for any columns."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from transforms.linkage.blocking import Candidates, cross_pairs
from transforms.linkage.encoding import Rows
from transforms.linkage.engines.local import THREADS, Scored, scored_pairs
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.indexing import Index
from transforms.linkage.keying import block_keys
from transforms.linkage.model import LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.scoring import Bits, probability_of
from transforms.linkage.training import Sample, Strangers, Trained, compared_patterns, learn, strangers_across

MOST_TRAINED = 80_000  # blocked pairs that the model is learnt from; more tell nothing new
RANDOM_ROWS, RANDOM_PAIRS = 10_000, 50_000
_NEVER = 60.0  # bits: no probability is told to be nearer to 0 or 1 than this


class Sides:
    """Two tables ready to be linked: how common values are, the rows that are in a candidate pair, and the pairs.

    `at`, `bt`: the pairs, as rows of `left` and `right`, which stand in the order of the tables.
    """

    def __init__(self, left: Packed, right: Packed, met: tuple[Rows, Rows], frequencies: Frequencies) -> None:
        self.tables, self.frequencies = (left.table, right.table), frequencies
        self.left, self.at = _used(left, met[0])
        self.right, self.bt = _used(right, met[1])

    @classmethod
    def of(cls, left: pa.Table, right: pa.Table | Index, model: LinkageModel) -> "Sides":
        """The sides of two tables, or of a table and the index of another."""
        index, packed = right if isinstance(right, Index) else Index.of(right, model), Packed(left)
        met, right_packed, frequencies = candidates(packed, index, model).rows, index.packed, index.frequencies
        del index  # its blocks are as large as what follows
        return cls(packed, right_packed, met, frequencies)


def candidates(left: Packed, index: Index, model: LinkageModel) -> Candidates:
    """Every pair worth comparing. TooManyPairs before any is compared."""
    return cross_pairs(block_keys(left, model, index.frequencies), index.keys, model)


def _used(packed: Packed, rows: Rows) -> tuple[Packed, Rows]:
    # Only rows that are in a pair are worth packing; of a register that is often a tenth.
    is_used = np.zeros(packed.rows, bool)
    is_used[rows] = True
    return packed.at(np.flatnonzero(is_used)), (np.cumsum(is_used) - 1)[rows]


@dataclass(frozen=True)
class Matches:
    """Pairs worth telling, as rows of the sides. `weight`: log2 odds after a row's candidates have competed."""

    scored: Scored
    weight: Bits
    compared: int


def train_on(sides: Sides, start: LinkageModel, *, version: str, seed: int = 1, described: str = "") -> Trained:
    """The model learnt from the two tables, without labels. The same tables, start and seed give the same model.

    Raises TooLittleToLearn where the tables hold too few pairs of one person.
    """
    rng = np.random.default_rng(seed)
    chosen = _some(len(sides.at), MOST_TRAINED, rng)
    sample = Sample(
        compared_patterns(sides.left, sides.right, sides.at[chosen], sides.bt[chosen], start),
        _strangers(sides, start, seed, rng),
        sides.tables[1].num_rows,
        sides.tables[0].num_rows * len(chosen) / max(len(sides.at), 1),
        most=1.0,
    )
    return learn(sample, start, version=version, seed=seed, described=described)


def _strangers(sides: Sides, start: LinkageModel, seed: int, rng: np.random.Generator) -> Strangers:
    left, right = (Packed(table.take(pa.array(_some(table.num_rows, RANDOM_ROWS, rng)))) for table in sides.tables)
    return strangers_across(left, right, start, RANDOM_PAIRS, seed)


def _some(count: int, most: int, rng: np.random.Generator) -> Rows:
    return np.arange(count) if count <= most else np.sort(rng.choice(count, most, replace=False))


def match(sides: Sides, model: LinkageModel, *, threads: int = THREADS) -> Matches:
    """The pairs at or above the review threshold, weighed against each other, best first.

    A row of the left is about one row of the right at the most (the right has no duplicates), so its candidates
    share one certainty: the odds of one are its own against nobody and everybody else.
    """
    scored = scored_pairs(sides.left, sides.right, sides.at, sides.bt, model, sides.frequencies, threads=threads)
    weight = competed(scored.a, scored.weight, sides.left.rows)
    kept = np.flatnonzero(weight >= model.thresholds.review_bits)
    order = kept[np.lexsort((scored.b[kept], scored.a[kept], -weight[kept]))]
    weight, scored = weight[order], scored.rows(order)
    return Matches(scored, weight, len(sides.at))


def competed(a: Rows, weight: Bits, rows: int) -> Bits:
    """log2 odds of each pair against its row having no partner or any other: w_j / (1 + Σ w_k, k ≠ j)."""
    odds = np.exp2(np.minimum(weight, _NEVER))
    others = np.maximum(np.bincount(a, odds, rows)[a] - odds, 0.0)
    found: Bits = np.minimum(weight, _NEVER) - np.log2(1.0 + others)
    return found


def told_by(pairs: pa.Table, model: LinkageModel) -> pa.Table:
    """The pairs of matches_table with the probabilities and decisions of another model that weighs alike."""
    weight = pairs["match_weight"].to_numpy()
    places = {name: pairs.column_names.index(name) for name in ("match_probability", "decision")}
    pairs = pairs.set_column(places["match_probability"], "match_probability", pa.array(probability_of(weight, model)))
    return pairs.set_column(places["decision"], "decision", _decision(weight, model))


def _decision(weight: Bits, model: LinkageModel) -> pa.Array:
    return pa.array(np.where(weight >= model.thresholds.link_bits, "link", "review"), pa.string())


def matches_table(matches: Matches, sides: Sides, ids: tuple[str, str], model: LinkageModel) -> pa.Table:
    """left_id, right_id, match_weight (bits), match_probability, decision (link, review), one level a comparison."""
    scored = matches.scored
    columns = {
        "left_id": sides.left.table[ids[0]].take(pa.array(scored.a)),
        "right_id": sides.right.table[ids[1]].take(pa.array(scored.b)),
        "match_weight": pa.array(matches.weight),
        "match_probability": pa.array(probability_of(matches.weight, model)),
        "decision": _decision(matches.weight, model),
    }
    for comparison in model.comparisons:
        names = pa.array([*comparison.level_names])
        levels = scored.levels[comparison.name]
        columns[comparison.name] = names.take(pa.array(levels, mask=levels < 0))
    return pa.table(columns)
