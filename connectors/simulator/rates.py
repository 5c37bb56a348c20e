"""The rates of the invented district: each with its unit, and its source or the reason of an assumption."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from transforms.pages import read_page

_INHERITED = ("unit", "source", "assumption", "reason")


class RateFaults(ValueError):
    """Every rate that carries no unit, no number, or neither source nor reason."""


@dataclass(frozen=True)
class Rate:
    """One rate: its value, what it counts, and where it comes from."""

    value: float
    unit: str
    source: str | None = None
    assumption: bool = False
    reason: str | None = None

    @property
    def is_founded(self) -> bool:
        """Whether it has a source, or says that it is assumed and why."""
        return bool(self.unit) and bool(self.source or (self.assumption and self.reason))


@dataclass(frozen=True)
class Rates:
    """All rates by dotted name, e.g. `defects.death_certificates.id_missing`."""

    entries: Mapping[str, Rate]

    def __getitem__(self, name: str) -> float:
        return self.entries[name].value

    def group(self, prefix: str) -> dict[str, float]:
        """The values below a dotted prefix, by the rest of their names."""
        start = f"{prefix}."
        return {name[len(start) :]: rate.value for name, rate in self.entries.items() if name.startswith(start)}

    def changed(self, values: Mapping[str, float]) -> "Rates":
        """The same rates with some values replaced; KeyError for a name that is none."""
        changed = {name: replace(self.entries[name], value=value) for name, value in values.items()}
        return Rates(MappingProxyType({**self.entries, **changed}))


def load_rates(text: str) -> Rates:
    """Rates from YAML; what a group says of unit and source holds for all below it. Raises RateFaults."""
    entries = dict(_flatten(read_page(text), "", {}))
    faults = sorted(name for name, rate in entries.items() if not rate.is_founded)
    if faults:
        raise RateFaults(f"rates without a unit, or without a source or a reason: {', '.join(faults)}")
    return Rates(MappingProxyType(entries))


@cache
def default_rates() -> Rates:
    """The rates shipped beside this module."""
    return load_rates(files("connectors.simulator").joinpath("rates.yaml").read_text("utf-8"))


def _flatten(page: Mapping[str, Any], prefix: str, inherited: Mapping[str, Any]) -> list[tuple[str, Rate]]:
    known = {**inherited, **{key: page[key] for key in _INHERITED if key in page}}
    found: list[tuple[str, Rate]] = []
    for key, below in page.items():
        if key in _INHERITED:
            continue
        name = f"{prefix}.{key}" if prefix else str(key)
        found += _flatten_one(below, name, known)
    return found


def _flatten_one(below: Any, name: str, known: Mapping[str, Any]) -> list[tuple[str, Rate]]:
    if not isinstance(below, Mapping):
        return [(name, Rate(float(below), **_said(known)))]
    if "value" in below:
        rest = {key: value for key, value in below.items() if key != "value"}
        return [(name, Rate(float(below["value"]), **_said({**known, **rest})))]
    return _flatten(below, name, known)


def _said(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"unit": "", **{key: known[key] for key in _INHERITED if key in known}}
