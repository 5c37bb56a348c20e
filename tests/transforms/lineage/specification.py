"""OpenLineage as its own library has it: events of ours are built of its classes, which know what may be where."""

import importlib
import inspect
import pkgutil
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attr
from openlineage.client import generated
from openlineage.client.event_v2 import RunEvent


def _facets() -> dict[str, type]:
    found = {}
    for module in pkgutil.iter_modules(generated.__path__):
        loaded = importlib.import_module(f"{generated.__name__}.{module.name}")
        for _, kind in inspect.getmembers(loaded, inspect.isclass):
            if hasattr(kind, "_get_schema") and kind.__module__ == loaded.__name__:
                found[kind._get_schema()] = kind
    return found


FACETS = _facets()


def conforms(event: dict[str, Any]) -> None:
    """Raises TypeError or ValueError where the event has a field that is not known, lacks one, or has one of another
    type; KeyError for a facet, or a version of one, that the specification does not have."""
    told = dict(event)
    assert told.pop("schemaURL") == RunEvent._get_schema()
    _built(RunEvent, told)


def _built(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        choices = [each for each in get_args(kind) if each is not type(None)]
        return _built(choices[0], value)
    if origin is list:
        return [_built(get_args(kind)[0], each) for each in _is(list, value)]
    if origin is dict:
        return {key: _built(get_args(kind)[1], each) for key, each in _is(dict, value).items()}
    if attr.has(kind):
        return _object(kind, _is(dict, value))
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return kind(value)
    return value if kind is Any else _is(kind, value)


def _object(kind: Any, value: dict[str, Any]) -> Any:
    told = dict(value)
    if "_schemaURL" in told:
        assert told.pop("_producer")
        kind = FACETS[told.pop("_schemaURL")]
    attr.resolve_types(kind)
    types = {each.name: each.type for each in attr.fields(kind) if not each.name.startswith("_")}
    unknown = set(told) - set(types)
    if unknown:
        raise TypeError(f"{kind.__name__} has no {unknown}")
    return kind(**{name: _built(types[name], each) for name, each in told.items()})


def _is(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
