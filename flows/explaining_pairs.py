"""Why the mentions behind a verdict are one person: each pair in bits, and why the runner-up lost."""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from flows.evidence import State, path_of_pairs
from flows.words import word
from transforms.feeds import load_contract
from transforms.linkage import PairExplanation, default_model, explain_pair, render_waterfall
from transforms.linkage.pictures.against import render_against, render_against_svg
from transforms.linkage.pictures.waterfall import render_waterfall_svg

Pair = dict[str, Any]  # left, right: the two mentions; explained, and the runner_up: PairExplanation


def explained_pairs(
    state: State, trigger: tuple[str, str], certificate: tuple[str, str], person_id: str, role: str = "child"
) -> list[Pair]:
    """The pairs of mentions that make the trigger's subject the certificate's child, or parent, each explained.

    `person_id` is that child or parent, `role` the certificate's for them. The first pair tells the `runner_up` too:
    the best pair of the subject with anybody else, None where nobody else came near. Empty where either record names
    nobody in its role.
    """
    start, goal = state.mention(*trigger, "subject"), state.mention(*certificate, role)
    if start is None or goal is None:
        return []
    own = state.person_of(start["mention_id"])
    pairs = (
        path_of_pairs(state, start["mention_id"], goal["mention_id"])
        if own == person_id
        else [(start["mention_id"], state.candidate(start["mention_id"], person_id) or goal["mention_id"])]
    )
    explained = [_pair(state, *pair) for pair in pairs]
    other = _runner_up(state, start["mention_id"], {own, person_id})
    if explained and other:
        explained[0]["runner_up"] = _pair(state, start["mention_id"], other)["explained"]
    return explained


def _pair(state: State, one: str, other: str) -> Pair:
    mentions = {row["mention_id"]: row for row in state.where("mentions", "mention_id", [one, other]).to_pylist()}
    left, right = mentions[one], mentions[other]
    explained = explain_pair(left, right, default_model(), state.frequencies())
    return {"left": left, "right": right, "explained": explained, "runner_up": None}


def _runner_up(state: State, mention_id: str, persons: set[str]) -> str | None:
    """The mention of another person that came nearest, among the pairs that were kept (review threshold or above)."""
    sides = (("mention_a", "mention_b"), ("mention_b", "mention_a"))
    found = [
        (pair["match_weight"], pair[other])
        for own, other in sides
        for pair in state.where("pairs", own, [mention_id]).to_pylist()
    ]
    whose = _persons(state, [mention for _, mention in found])
    rivals = [(weight, mention) for weight, mention in found if whose.get(mention) not in persons]
    return max(rivals)[1] if rivals else None


def _persons(state: State, mentions: list[str]) -> dict[str, str]:
    links: pa.Table = state.where("links", "mention_id", mentions)
    return dict(zip(links["mention_id"].to_pylist(), links["person_id"].to_pylist(), strict=True))


# -- in words -----------------------------------------------------------------------------------------------------


def side(mention: dict[str, Any], lang: str) -> str:
    """The feed and the role of a mention, for people."""
    title = load_contract(mention["feed"]).title
    return f"{title.zh if lang == 'zh' else title.en} · {word('role.' + mention['role'], lang)}"


def pair_lines(pair: Pair, lang: str, reveal: bool) -> Iterator[str]:
    """The pair, its bits, and in what the runner-up was behind."""
    yield f"  {side(pair['left'], lang)}  ↔  {side(pair['right'], lang)}"
    for line in render_waterfall(pair["explained"], lang, reveal).splitlines():
        yield f"    {line}"
    if pair["runner_up"]:
        yield f"    {word('explain.runner_up', lang)}"
        for line in render_against(pair["explained"], pair["runner_up"], lang=lang).splitlines():
            yield f"      {line}"


def pair_page(pair: Pair) -> dict[str, Any]:
    """The same without names: opaque ids, levels and bits."""
    explained, runner_up = pair["explained"], pair["runner_up"]
    return {
        "left": {name: pair["left"][name] for name in ("feed", "role", "mention_id")},
        "right": {name: pair["right"][name] for name in ("feed", "role", "mention_id")},
        **_bits(explained),
        "runner_up": _bits(runner_up) if runner_up else None,
    }


def _bits(explained: PairExplanation) -> dict[str, Any]:
    parts = [
        {
            "name": part.name,
            "level": part.level,
            "weight_bits": round(part.weight_bits, 3),
            "net_bits": round(part.net_bits, 3),
        }
        for part in explained.comparisons
    ]
    return {
        "comparisons": parts,
        "prior_bits": explained.prior_bits,
        "relatives_bits": explained.relatives_bits,
        "rule_bits": explained.rule_bits,
        "total_bits": explained.total_bits,
        "probability": explained.probability,
        "model": explained.model_version,
    }


# -- as a picture -------------------------------------------------------------------------------------------------


def pairs_svg(pairs: list[Pair], *, lang: str, reveal: bool) -> str:
    """One SVG with the waterfall of every pair, one under another, and below the first why its runner-up lost."""
    return stacked([picture for pair in pairs for picture in _pictures(pair, lang, reveal)])


def _pictures(pair: Pair, lang: str, reveal: bool) -> Iterator[str]:
    sides = (side(pair["left"], lang), side(pair["right"], lang))
    thresholds = default_model().thresholds
    yield render_waterfall_svg(pair["explained"], lang=lang, reveal=reveal, sides=sides, thresholds=thresholds)
    if pair["runner_up"]:
        yield render_against_svg(pair["explained"], pair["runner_up"], lang=lang)


def stacked(pictures: list[str]) -> str:
    """Several SVGs (with a viewBox that begins at 0 0) as one, each below the one before."""
    sizes = [re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture) for picture in pictures]
    widths, heights = ([float(size[place]) for size in sizes if size] for place in (1, 2))
    tops = [sum(heights[:place]) for place in range(len(heights))]
    placed = [str(picture).replace("<svg", f'<svg y="{top:g}"', 1) for picture, top in zip(pictures, tops, strict=True)]
    width, height = max(widths, default=0), sum(heights)
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'  # noqa: E501
    return "\n".join([frame, *placed, "</svg>\n"])
