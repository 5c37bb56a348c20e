"""What is wrong with a model's page, as data. The sentences are made where they are said, in the reader's language."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ValidationError

from transforms.pages import Place, keys_at, place_name

FaultKind = Literal["not_yaml", "not_a_model", "missing", "unknown_key", "key_not_text", "not_text", "not_whole",
                    "not_number", "not_bool", "not_list", "not_mapping", "not_simple", "not_listed", "out_of_range",
                    "empty", "not_valid", "no_class", "names", "levels", "columns", "not_earlier", "groups",
                    "expression", "with_length"]  # fmt: skip

# What pydantic calls it → what we call it. Whatever is not here is `not_valid`.
_KINDS: dict[str, FaultKind] = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "invalid_key": "unknown_key",
    "string_type": "not_text",
    "int_type": "not_whole",
    "int_parsing": "not_whole",
    "int_parsing_size": "not_whole",
    "int_from_float": "not_whole",
    "finite_number": "not_whole",
    "float_type": "not_number",
    "float_parsing": "not_number",
    "bool_type": "not_bool",
    "bool_parsing": "not_bool",
    "tuple_type": "not_list",
    "dict_type": "not_mapping",
    "model_type": "not_mapping",
    "literal_error": "not_listed",
    "greater_than_equal": "out_of_range",
    "too_short": "empty",
}
_LONGEST = 40  # characters of a key or a value that are quoted


@dataclass(frozen=True)
class ModelFault:
    """One mistake: its kind, its place (`comparisons[3].levels`, counted from 1), what stands there, what may stand.

    A text that is no YAML has a line and a column, from 1, for a place; `received` is then what the parser says of it,
    in English. What is wrong with the page as a whole has no place.
    """

    kind: FaultKind
    place: str = ""
    received: str = ""
    valid: tuple[str, ...] = ()
    line: int = 0
    column: int = 0

    @property
    def facts(self) -> dict[str, str | int]:
        """What a sentence may say of it, by name; a dash where there is nothing."""
        found = {"received": self.received or "–", "valid": ", ".join(self.valid) or "–"}
        return {"place": self.place, "line": self.line, "column": self.column, **found}

    def __str__(self) -> str:
        where = self.place or (f"{self.line}:{self.column}" if self.line else "page")
        return f"{where} {self.kind}: received {self.facts['received']}, valid {self.facts['valid']}"


class ModelFaults(ValueError):
    """The page `source` is not a model; `faults` lists everything that is wrong with it."""

    def __init__(self, source: str, faults: Iterable[ModelFault]) -> None:
        self.source, self.faults = source, tuple(dict.fromkeys(faults))
        super().__init__(source, self.faults)

    def __str__(self) -> str:
        return f"{self.source}: " + "; ".join(map(str, self.faults))


def fault_at(place: Place, kind: FaultKind, received: str = "", valid: Iterable[str] = ()) -> ModelFault:
    """A fault at a place of the page."""
    parts = tuple(_short(part) if isinstance(part, str) else part for part in place)
    return ModelFault(kind, place_name(parts), received, tuple(valid))


def fault_of_yaml(error: yaml.YAMLError, text: str) -> ModelFault:
    """Where the text stops being YAML, and why."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        line, column, reason = mark.line, mark.column, getattr(error, "problem", "")
    else:  # a character that no YAML may hold is told by its byte
        before = text.encode()[: getattr(error, "position", 0)].decode(errors="ignore")
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        reason = getattr(error, "reason", "")
    return ModelFault("not_yaml", received=str(reason), line=line + 1, column=column + 1)


def faults_of_types(error: ValidationError, shape: type[BaseModel]) -> Iterator[ModelFault]:
    """What pydantic says of a page that should have that shape."""
    for told in error.errors():
        place, found, kind = told["loc"], told["input"], _KINDS.get(told["type"], "not_valid")
        if place[-1:] == ("[key]",):
            yield fault_at(place[:-2], "key_not_text", shown(found))
        elif kind in ("missing", "unknown_key"):
            yield fault_at((*place[:-1], str(place[-1])), kind, valid=keys_at(shape, place[:-1]))
        elif place[:1] == ("provenance",) and len(place) == 3:  # one error for each type that it might have been
            yield fault_at(place[:2], "not_simple", shown(found))
        elif kind != "empty" or not found:  # a list of which no entry is valid is told entry by entry
            yield fault_at(place, kind, shown(found), _valid(told.get("ctx", {})))


def shown(found: object) -> str:
    """A value of the page as a fault quotes it: short, and of a list or a mapping only that it is one."""
    if isinstance(found, list | dict) and found:
        return "[…]" if isinstance(found, list) else "{…}"
    if isinstance(found, str | bool) or found is None:
        return json.dumps(_short(found) if isinstance(found, str) else found, ensure_ascii=False)
    return _short(str(found))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"


def _valid(context: dict[str, Any]) -> list[str]:
    if "expected" in context:  # a Literal: 'name', 'date' or 'year'
        return re.findall(r"'(\w+)'", context["expected"])
    return [f"≥ {context['ge']:g}"] if "ge" in context else []
