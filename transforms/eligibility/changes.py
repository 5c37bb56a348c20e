"""A file of changes to the law, for a what-if: other amounts, ages, dates, answers, whole documents.

```yaml
changes:
  - {policy: zhangdian-2020-134, set: clauses.special-aid-bereaved.benefit.amount_fen, to: 2_000_000}
  - {policy: zhangdian-2020-134, set: in_force.until, to: 2027-12-31}
  - {policy: zhangdian-2020-134, set: parameters.child_bearing_age.value, to: 45}
add: [next-year.yaml]          # policy files, beside this one
remove: [gansu-measures]
```

A place names entries of a list by their id. The changed policies are read and checked as any policy is.
"""

import copy
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import yaml

from transforms.eligibility.entries import Policy
from transforms.eligibility.faults import PolicyFault, PolicyFaults
from transforms.eligibility.nodes import Page, read_page
from transforms.eligibility.policy import load_policy
from transforms.pages import Place

_KEYS = ("changes", "add", "remove")
_CHANGE = ("policy", "set", "to")


def changed_policies(
    text: str, source: str, policies: Mapping[str, str], added: Mapping[str, str]
) -> tuple[Policy, ...]:
    """The policies after the changes: `policies` are the texts of those in force by id, in their order of precedence.

    `added` holds the texts of the files that `add` names. Raises PolicyFaults with every mistake of the file, and with
    those that the changes make in a policy, told by the line of the change.
    """
    page = _read(text, source)
    told = _Told(page, source)
    removed = list(page.data.get("remove") or [])
    for at, name in enumerate(removed):
        if name not in policies:
            told.fault(("remove", at), "wrong_value", name, ", ".join(policies))
    data = {name: copy.deepcopy(read_page(each).data) for name, each in policies.items() if name not in removed}
    for at, change in enumerate(page.data.get("changes") or []):
        _apply(change, ("changes", at), data, told)
    if told.faults:
        raise PolicyFaults(told.faults)
    found = [_loaded(name, each, page, source) for name, each in data.items()]
    return (*found, *(load_policy(each, name) for name, each in added.items()))


def added_files(text: str, source: str) -> list[str]:
    """The names of the policy files that a file of changes adds."""
    return [str(name) for name in _read(text, source).data.get("add") or []]


class _Told:
    """The mistakes found so far, each with its line."""

    def __init__(self, page: Page, source: str) -> None:
        self._page, self._source = page, source
        self.faults: list[PolicyFault] = []

    def fault(self, place: Place, code: str, found: object, valid: str) -> None:
        line, name = self._page.line(place), self._page.name(place)
        self.faults.append(PolicyFault(self._source, line, name, code, str(found), valid))


def _read(text: str, source: str) -> Page:
    try:
        page = read_page(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        fault = PolicyFault(source, mark.line + 1 if mark else 1, "YAML", "not_yaml", str(error)[:60], "")
        raise PolicyFaults([fault]) from None
    told = _Told(page, source)
    if not isinstance(page.data, dict) or not any(page.data.get(key) for key in _KEYS):
        told.fault((), "missing", "", ", ".join(_KEYS))
    else:
        for key, value in page.data.items():
            if key not in _KEYS:
                told.fault((key,), "unknown_entry", key, ", ".join(_KEYS))
            elif not isinstance(value, list):
                told.fault((key,), "wrong_value", value, "[…]")
    if told.faults:
        raise PolicyFaults(told.faults)
    return page


def _apply(change: Any, place: Place, data: dict[str, Any], told: _Told) -> None:
    missing = [key for key in _CHANGE if not isinstance(change, dict) or key not in change]
    if missing:
        told.fault(place, "missing", "", ", ".join(missing))
    elif change["policy"] not in data:
        told.fault((*place, "policy"), "wrong_value", change["policy"], ", ".join(data))
    else:
        *way, last = str(change["set"]).split(".")
        entry: Any = data[change["policy"]]
        for step in way:
            entry, known = _step(entry, step), _steps(entry)
            if entry is None:
                told.fault((*place, "set"), "wrong_value", change["set"], ", ".join(known))
                return
        if not isinstance(entry, dict):
            told.fault((*place, "set"), "wrong_value", change["set"], ", ".join(_steps(entry)))
            return
        entry[last] = change["to"]
        _state(data[change["policy"]], way, last, change["to"])


def _step(entry: Any, step: str) -> Any:
    if isinstance(entry, dict):
        return entry.get(step)
    if isinstance(entry, list):
        by_number = entry[int(step) - 1] if step.isdigit() and 0 < int(step) <= len(entry) else None
        return next((each for each in entry if isinstance(each, dict) and each.get("id") == step), by_number)
    return None


def _steps(entry: Any) -> Sequence[str]:
    if isinstance(entry, dict):
        return [str(key) for key in entry]
    return [str(each.get("id", number + 1)) for number, each in enumerate(entry)] if isinstance(entry, list) else []


def _state(policy: dict[str, Any], way: list[str], last: str, value: Any) -> None:
    """An amount that is tried out stands in no document: the clause is let to state it."""
    if last == "amount_fen" and way[:1] == ["clauses"] and isinstance(value, int):
        clause = _step(policy["clauses"], way[1])
        clause["figures"] = [*clause.get("figures", []), {"value": value // 100, "unit": "yuan"}]


def _loaded(name: str, data: Any, page: Page, source: str) -> Policy:
    """The changed policy; its mistakes are told at the change of it that lies nearest to them."""
    try:
        return load_policy(yaml.safe_dump(_plain(data), allow_unicode=True, sort_keys=False), name)
    except PolicyFaults as wrong:
        changes = page.data.get("changes") or []
        own = [at for at, change in enumerate(changes) if change.get("policy") == name] or [0]
        faults = []
        for fault in wrong.faults:
            at = max(own, key=lambda number: _shared(str(changes[number].get("set", "")), fault.place))
            faults.append(PolicyFault(source, page.line(("changes", at)), f"{name}: {fault.place}", *_rest(fault)))
        raise PolicyFaults(faults) from None


def _rest(fault: PolicyFault) -> tuple[str, str, str]:
    return fault.code, fault.found, fault.valid


def _shared(one: str, other: str) -> int:
    """How many steps of a change's place stand in the place of a mistake."""
    return sum(step in other for step in one.split("."))


def _plain(value: Any) -> Any:
    """Dates stay dates, everything else as YAML knows it."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, date | int | float | bool | str | type(None)) else str(value)
