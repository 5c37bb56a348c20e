"""A layered graph as SVG: boxes in columns, lines between them. Text is escaped; it works light, dark and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from transforms.lineage.layout import Placed, passed, place
from transforms.linkage.pictures.drawing import clipped, text_width

_SIZE, _SMALL = 13.0, 11.0
_ROOM = 11.0  # beside a text in its box
_BETWEEN = 46.0
_WIDEST = 236.0
_HEAD = 30.0


@dataclass(frozen=True)
class Node:
    """A box: `tone` is its class in the style; one without a title is a point where lines meet."""

    id: str
    layer: int
    title: str
    note: str = ""
    tone: str = ""
    tip: str = ""

    @property
    def height(self) -> float:
        """In pixels."""
        return 12.0 if not self.title else 40.0 if self.note else 24.0


@dataclass(frozen=True)
class Edge:
    """A line from one box to another in a layer further right."""

    source: str
    target: str
    tone: str = ""


def draw(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    label: str,
    *,
    heads: Sequence[str] = (),
    kept: int = 1,
    alone: bool = False,
) -> Markup:
    """The graph. `heads` stand above the layers, one each; the first `kept` layers stay in the order given.

    `alone`: a file of its own, with its style inside.
    """
    layers = {node.id: node.layer for node in nodes}
    heights = {node.id: node.height for node in nodes}
    placed = place(layers, heights, [(edge.source, edge.target) for edge in edges], kept)
    widths = _widths(nodes, heads)
    lefts = [sum(widths[:at]) + _BETWEEN * at for at in range(len(widths))]
    top = _HEAD if any(heads) else 0.0
    template = _environment().get_template("graph.svg.j2")
    # The template escapes everything; only so may its outcome stand unescaped in a page.
    return Markup(  # noqa: S704
        template.render(
            boxes=[_box(node, placed, lefts[node.layer], widths[node.layer], top) for node in nodes],
            lines=[_line(edge, placed, layers, lefts, widths, top) for edge in edges],
            heads=[(round(left, 1), head) for left, head in zip(lefts, heads, strict=False) if head],
            width=round(lefts[-1] + widths[-1] + 2, 1),
            height=round(placed.height + top + 2, 1),
            label=label,
            style=Markup(style()),  # noqa: S704  our own file
            alone=alone,
        )
    )


@cache
def style() -> str:
    """The style of the drawing, for a page that holds one."""
    return files("transforms.lineage").joinpath("graph.css").read_text("utf-8")


def _widths(nodes: Sequence[Node], heads: Sequence[str]) -> list[float]:
    found = [0.0] * (max(node.layer for node in nodes) + 1)
    for node in nodes:
        told = max(text_width(node.title, _SIZE), text_width(node.note, _SMALL)) + 2 * _ROOM
        found[node.layer] = max(found[node.layer], min(told, _WIDEST) if node.title else 10.0)
    for at, head in enumerate(heads[: len(found)]):
        found[at] = max(found[at], text_width(head, _SMALL)) if head else found[at]
    return found


def _box(node: Node, placed: Placed, left: float, width: float, top: float) -> dict[str, Any]:
    room = max(width - 2 * _ROOM, 0.0)
    return {
        "x": round(left + 1, 1), "y": round(placed.middles[node.id] - node.height / 2 + top + 1, 1),
        "width": round(width, 1), "height": node.height, "middle": round(placed.middles[node.id] + top + 1, 1),
        "title": clipped(node.title, room, _SIZE), "note": clipped(node.note, room, _SMALL), "tone": node.tone,
        "tip": node.tip or node.title, "at": round(left + 1 + _ROOM, 1),
    }  # fmt: skip


def _line(
    edge: Edge, placed: Placed, layers: dict[str, int], lefts: list[float], widths: list[float], top: float
) -> dict[str, str]:
    path = passed(layers, edge.source, edge.target)
    drawn, at = "", layers[edge.source]
    x, y = lefts[at] + widths[at] + 1, placed.middles[path[0]] + top + 1
    drawn = f"M{x:.1f} {y:.1f}"
    for key in path[1:]:
        at += 1
        to_x, to_y = lefts[at] + 1, placed.middles[key] + top + 1
        middle = (x + to_x) / 2
        drawn += f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
        if key != path[-1]:  # past the boxes of the layer, level
            x += widths[at]
            drawn += f"H{x:.1f}"
    return {"path": drawn, "tone": edge.tone}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("transforms.lineage", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
