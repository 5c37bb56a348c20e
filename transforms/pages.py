"""Pages of YAML as plain data, and what tells of a mistake in one: its place, and which keys belong there."""

from typing import Any, get_args

import yaml

Place = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """Values that look like a date or a number and are none (2025-02-30) are faults of YAML too, with their mark."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The node as plain data; yaml.YAMLError where it cannot be that."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError):  # what PyYAML's own constructors trip over
            kind = node.tag.rpartition(":")[2]
            raise yaml.constructor.ConstructorError(None, None, f"no valid {kind}", node.start_mark) from None


def read_page(text: str) -> Any:
    """The page by libyaml, which is ten times as quick as the loader in Python. yaml.YAMLError where it is no YAML."""
    return yaml.load(text, _Loader)  # noqa: S506  safe types only


def place_name(place: Place) -> str:
    """A place as people write it, entries of a list counted from 1: clauses[2].benefit.amount_fen."""
    parts = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return parts.lstrip(".")


def keys_at(shape: Any, place: Place) -> tuple[str, ...]:
    """The keys that a pydantic model `shape` knows at a place of its page."""
    for part in place:
        field = shape.model_fields.get(part)
        inner = () if field is None else (field.annotation, *get_args(field.annotation))
        shape = next((each for each in inner if hasattr(each, "model_fields")), shape)
    return tuple(field.alias or name for name, field in shape.model_fields.items())
