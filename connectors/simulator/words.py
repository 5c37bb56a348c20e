"""The words of words.yaml as tables of characters, and where each has a look-alike or sound-alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from connectors.simulator.days import Array
from transforms.pages import read_page

_TAIL_SHARE = 0.27  # per cent of the first surname of the tail; the next ones fall off by rank


@dataclass(frozen=True)
class Words:
    """Tokens (characters and whole surnames) by position, and lists of positions with their weights."""

    tokens: tuple[str, ...]
    surnames: Array
    surname_weights: Array
    given: dict[str, Array]  # male_old … female_new, rare
    homophone: Array  # for each token the token that sounds like it, or -1
    similar: Array
    traditional: Array
    fallback: Array  # what a GBK system writes instead, or the token itself
    dotted: dict[str, Array]
    places: dict[str, tuple[str, ...]]


@cache
def words() -> Words:
    """The tables; made once."""
    page = read_page(files("connectors.simulator").joinpath("words.yaml").read_text("utf-8"))
    tokens = tuple(dict.fromkeys(_all_tokens(page)))
    place = {token: position for position, token in enumerate(tokens)}
    surnames, weights = _surnames(page)
    return Words(
        tokens=tokens,
        surnames=np.array([place[surname] for surname in surnames]),
        surname_weights=weights / weights.sum(),
        given={name: np.array([place[c] for c in dict.fromkeys(text)]) for name, text in page["given"].items()},
        homophone=_partners(page["homophones"], place, both_ways=True),
        similar=_partners(page["similar"], place, both_ways=True),
        traditional=_partners(page["traditional"], place, both_ways=False),
        fallback=_fallback(page["too_rare_for_gbk"], place),
        dotted={sex: np.array([place[token] for token in found]) for sex, found in page["dotted"].items()},
        places={key: tuple(page[key]) for key in _PLACES},
    )


_PLACES = ("townships", "villages", "streets", "courts", "hospitals", "funeral_homes")


def _surnames(page: dict[str, Any]) -> tuple[list[str], Array]:
    tail = [c for c in [*dict.fromkeys(page["surname_tail"]), *page["surname_double"]] if c not in page["surnames"]]
    falling = _TAIL_SHARE * 6 / (6 + np.arange(len(tail), dtype=np.float64))
    return [*page["surnames"], *tail], np.concatenate([list(page["surnames"].values()), falling * 2])


def _all_tokens(page: dict[str, Any]) -> Iterable[str]:
    yield from _surnames(page)[0]
    for text in page["given"].values():
        yield from text
    for group in (*page["homophones"], *page["similar"], *page["traditional"]):
        yield from group
    yield from page["too_rare_for_gbk"].values()
    for found in page["dotted"].values():
        yield from found


def _partners(groups: list[str], place: dict[str, int], *, both_ways: bool) -> Array:
    found = np.full(len(place), -1)
    for group in groups:
        ring = [place[c] for c in group]
        for left, right in zip(ring, ring[1:] + (ring[:1] if both_ways else []), strict=False):
            found[left] = right if found[left] < 0 and left != right else found[left]
    return found


def _fallback(pairs: dict[str, str], place: dict[str, int]) -> Array:
    found = np.arange(len(place))
    for rare, usual in pairs.items():
        found[place[rare]] = place[usual]
    return found
