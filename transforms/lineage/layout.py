"""Nodes in layers, left to right: who stands above whom, and how high, so that lines cross little and run level.

An edge over several layers gets a place of its own in each that it passes, and so never runs through a node.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 12
_GAP, _PASSING = 8.0, 6.0
Key = str | tuple[str, str, int]  # a node's id, or a place that an edge passes: from, to, layer


@dataclass(frozen=True)
class Placed:
    """The middle of each node, and of each place that an edge passes, in pixels from the top; and the whole height."""

    middles: Mapping[Key, float]
    height: float


def place(
    layers: Mapping[str, int], heights: Mapping[str, float], edges: Sequence[tuple[str, str]], kept: int = 1
) -> Placed:
    """Put every node of `layers` (id → layer) at a height; `edges` go from lower layers to higher ones.

    The first `kept` layers stay in the order in which they are given.
    """
    rows: dict[int, list[Key]] = defaultdict(list)
    for node, layer in layers.items():
        rows[layer].append(node)
    links: list[tuple[Key, Key]] = []
    for source, target in edges:
        path = passed(layers, source, target)
        for key in path[1:-1]:
            rows[key[2]].append(key)  # type: ignore[index]  # between its ends only places
        links += pairwise(path)
    before, after = _neighbours(links)
    for sweep in range(_SWEEPS):
        near, order = (before, sorted(rows)) if sweep % 2 == 0 else (after, sorted(rows, reverse=True))
        for layer in [each for each in order[1:] if each >= kept]:
            rows[layer] = _sorted(rows[layer], near, {key: at for row in rows.values() for at, key in enumerate(row)})
    tall = {key: heights[key] if isinstance(key, str) else _PASSING for row in rows.values() for key in row}
    return _level([rows[layer] for layer in sorted(rows)], tall, before, after, kept)


def passed(layers: Mapping[str, int], source: str, target: str) -> list[Key]:
    """An edge as the row of places it goes through, its two nodes included."""
    between: list[Key] = [(source, target, layer) for layer in range(layers[source] + 1, layers[target])]
    return [source, *between, target]


def _neighbours(links: Sequence[tuple[Key, Key]]) -> tuple[dict[Key, list[Key]], dict[Key, list[Key]]]:
    before, after = defaultdict(list), defaultdict(list)
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    return before, after


def _sorted(row: list[Key], near: Mapping[Key, list[Key]], places: Mapping[Key, int]) -> list[Key]:
    """By the mean place of the neighbours; who has none stays where it is."""
    means = {key: _mean([places[each] for each in near.get(key, [])], places[key]) for key in row}
    return sorted(row, key=lambda key: (means[key], places[key]))


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _level(
    rows: list[list[Key]],
    tall: Mapping[Key, float],
    before: Mapping[Key, list[Key]],
    after: Mapping[Key, list[Key]],
    kept: int,
) -> Placed:
    """Heights: stacked at first, then each near the middle of its neighbours as far as the order leaves room.

    The first `kept` rows stay stacked: they are what the others are seen from.
    """
    middles: dict[Key, float] = {}
    for row in rows:
        middles |= _stacked(row, tall, {key: 0.0 for key in row})
    for sweep in range(_SWEEPS):
        near, order = (before, rows[kept:]) if sweep % 2 == 0 else (after, rows[kept:][::-1])
        for row in order:
            wanted = {key: _mean([middles[each] for each in near.get(key, [])], middles[key]) for key in row}
            middles |= _stacked(row, tall, wanted)
    top = min(middles[key] - tall[key] / 2 for key in middles)
    bottom = max(middles[key] + tall[key] / 2 for key in middles)
    return Placed({key: round(middle - top, 1) for key, middle in middles.items()}, round(bottom - top, 1))


def _stacked(row: list[Key], tall: Mapping[Key, float], wanted: Mapping[Key, float]) -> dict[Key, float]:
    """In order and without touching, each as near as can be to where it wants to be; on the average right."""
    found: dict[Key, float] = {}
    edge = -1e9
    for key in row:
        found[key] = max(wanted[key], edge + _GAP + tall[key] / 2)
        edge = found[key] + tall[key] / 2
    shift = _mean([wanted[key] - found[key] for key in row], 0.0)
    return {key: middle + shift for key, middle in found.items()}
