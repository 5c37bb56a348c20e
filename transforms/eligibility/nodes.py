"""YAML with the line of every entry: what lets a mistake be told with its place."""

from dataclasses import dataclass
from typing import Any

import yaml

from transforms.pages import Place, place_name


@dataclass(frozen=True)
class Page:
    """A YAML page as plain data, the line (from 1) of each entry, and entries that are written twice."""

    data: Any
    lines: dict[Place, int]
    repeated: tuple[tuple[str, int], ...]

    def line(self, place: Place) -> int:
        """The line of an entry, or of the nearest entry around it that the page has."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def name(self, place: Place) -> str:
        """An entry's place as people write it: clauses[2].benefit.amount_fen."""
        return place_name(place)


class _Loader(yaml.SafeLoader):
    """Safe types only; a date that does not exist stays text, to be told like any other wrong value."""

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """The date, or what is written where there is no such day."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)


def read_page(text: str) -> Page:
    """Plain data (safe types only) with the line of each entry; raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Page({}, {}, ())
        lines: dict[Place, int] = {}
        repeated: list[tuple[str, int]] = []
        _walk(node, (), lines, repeated)
        return Page(loader.construct_document(node), lines, tuple(repeated))
    finally:
        loader.dispose()


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], repeated: list[tuple[str, int]]) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _walk(item, (*place, number), lines, repeated)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            if inner in lines:
                repeated.append((place_name(inner), key.start_mark.line + 1))
            lines[inner] = key.start_mark.line + 1
            _walk(value, inner, lines, repeated)
