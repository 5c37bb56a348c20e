"""The drawn graph: nothing overlaps, lines go left to right, and what is drawn is text."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.feeds import FEEDS
from transforms.lineage import feed_graph, night_graph
from transforms.lineage.drawing import Edge, Node, draw
from transforms.lineage.layout import place

STATUSES = ("loaded", "blocked", "stale", "missing", "failed", "quiet")


@st.composite
def layered(draw_: st.DrawFn) -> tuple[dict[str, int], list[tuple[str, str]]]:
    sizes = draw_(st.lists(st.integers(1, 7), min_size=2, max_size=5))
    layers = {f"{layer}.{at}": layer for layer, size in enumerate(sizes) for at in range(size)}
    pairs = [(a, b) for a in layers for b in layers if layers[a] < layers[b]]
    return layers, draw_(st.lists(st.sampled_from(pairs), max_size=25, unique=True))


@settings(max_examples=60, deadline=None)
@given(layered())
def test_nothing_overlaps_and_everything_is_on_the_sheet(graph: tuple[dict[str, int], list[tuple[str, str]]]) -> None:
    layers, edges = graph
    heights = {name: 24.0 + 4 * (at % 3) for at, name in enumerate(layers)}
    placed = place(layers, heights, edges)
    assert placed == place(layers, heights, edges)
    for name, layer in layers.items():
        top, bottom = placed.middles[name] - heights[name] / 2, placed.middles[name] + heights[name] / 2
        assert top >= -0.1 and bottom <= placed.height + 0.1
        for other in (each for each, at in layers.items() if at == layer and each != name):
            apart = abs(placed.middles[name] - placed.middles[other])
            assert apart >= (heights[name] + heights[other]) / 2


def test_the_first_layer_stays_as_it_is_given() -> None:
    layers = {"a": 0, "b": 0, "c": 0, "x": 1, "y": 1, "z": 1}
    placed = place(layers, dict.fromkeys(layers, 24.0), [("a", "z"), ("b", "y"), ("c", "x")])
    assert placed.middles["a"] < placed.middles["b"] < placed.middles["c"]
    assert placed.middles["z"] < placed.middles["y"] < placed.middles["x"]  # so that no line crosses


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_night_is_drawn_with_every_feed_and_every_view(lang: str) -> None:
    feeds = [(feed, STATUSES[at % len(STATUSES)], 1_000 * at) for at, feed in enumerate(FEEDS)]
    text = night_graph(feeds, {"v_alerts": 7}, lang, "x", alone=True)
    root = ET.fromstring(text)
    tips = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "v_alerts" in tips and "v_entitlements" in tips and len(tips) >= len(FEEDS) + 15
    assert text.count('class="box blocked"') == 2 and text.count('class="line blocked"') == 2
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "style=" not in text and "<script" not in text


def test_a_feed_is_drawn_under_the_headers_of_its_site() -> None:
    text = str(feed_graph("births", {"mother_name": "妈妈<b>"}, "zh", "x"))
    assert "妈妈&lt;b&gt;" in text and "母亲姓名" not in text and "mother_name" in text
    assert "v_life_events.occurred_on" in text and re.search(r'class="box personal"><title>mother_name', text)


def test_lines_go_from_the_right_side_to_the_left_side_of_boxes() -> None:
    text = draw([Node("a", 0, "甲"), Node("b", 2, "乙"), Node("c", 1, "丙")], [Edge("a", "b"), Edge("a", "c")], "x")
    lines = re.findall(r'd="M([\d.]+) [\d.]+C.*? ([\d.]+) [\d.]+"', text)
    assert lines and all(float(start) < float(end) for start, end in lines)
