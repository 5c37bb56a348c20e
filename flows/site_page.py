"""Reads the values of a TOML page one by one, and notes every fault instead of stopping at the first."""

import difflib
import math
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flows import site_rules as rules
from flows.site_faults import Fault, SiteFaults
from flows.site_rules import Rule
from flows.toml_lines import KeyPath, key_lines, line_of, line_of_error

_SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass
class _Reading:
    """What all tables of one page share."""

    path: Path
    lines: dict[KeyPath, int]
    environment: Mapping[str, str]
    faults: list[Fault]


class Page:
    """One table of the page. Each question returns a value of its type, also for a fault, which is noted."""

    def __init__(self, values: Mapping[str, Any], at: KeyPath, reading: _Reading) -> None:
        self._values, self._at, self._reading = values, at, reading
        self.meant: dict[str, str] = {}  # a key that is not known → the known one nearest to it

    @classmethod
    def read(cls, content: bytes, path: Path, environment: Mapping[str, str]) -> "Page":
        """The whole page. SiteFaults at once for bytes that are no TOML: nothing else can be asked then."""
        try:
            text = content.decode().replace("\r\n", "\n").removeprefix("\ufeff")
            values = tomllib.loads(text)
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise SiteFaults(str(path), [Fault(line, "", "not_utf8", str(error.start), "")]) from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            fault = Fault(line_of_error(error, text), "", "not_toml", _syntax(error), "")
            raise SiteFaults(str(path), [fault]) from None
        return cls(values, (), _Reading(path, key_lines(text), environment, []))

    def finish(self) -> None:
        """Raises SiteFaults if anything was noted on any table of the page."""
        if self._reading.faults:
            raise SiteFaults(str(self._reading.path), self._reading.faults)

    @property
    def keys(self) -> Collection[str]:
        """The keys that stand here."""
        return self._values.keys()

    def fault(
        self, reason_code: str, found: str, valid: str, key: str | None = None, nearest: str | None = None
    ) -> None:
        """Note a mistake at a key of this table, or at the table itself."""
        path = self._at if key is None else (*self._at, key)
        line = line_of(path, self._reading.lines)
        self._reading.faults.append(Fault(line, _dotted(path), reason_code, found, valid, nearest))

    def only(self, known: Iterable[str]) -> None:
        """Keys that are not known are faults, with the nearest that is."""
        names = list(known)
        for key in self._values:
            if key not in names:
                nearest = _nearest(key, names)
                self.fault("unknown_key", key, ", ".join(names), key, nearest)
                self.meant |= {key: nearest} if nearest else {}

    def table(self, key: str, *, required: bool = False) -> "Page":
        """The table under a key; an empty one where there is none."""
        value = self._values.get(key)
        if value is None and required:
            self._missing(key, "table")
        if value is not None and not isinstance(value, dict):
            self._wrong(key, value, "table")
        return Page(value if isinstance(value, dict) else {}, (*self._at, key), self._reading)

    def entries(self, key: str) -> list["Page | str"]:
        """A list of urls or of tables with a url; what is neither is a fault."""
        values = self._values.get(key, [])
        if not isinstance(values, list):
            self._wrong(key, values, "texts")
            return []
        return [one for at, value in enumerate(values) if (one := self._entry(key, at, value)) is not None]

    def _entry(self, key: str, at: int, value: Any) -> "Page | str | None":
        if isinstance(value, dict):
            return Page(value, (*self._at, key, at), self._reading)
        text = self._checked(key, value, rules.channel_url)
        return text or None

    def text(self, key: str, rule: Rule, default: str = "", *, required: bool = False) -> str:
        """The text under a key, its secrets put in; the default (or empty) where it is absent or a fault."""
        if key in self._values:
            return self._checked(key, self._values[key], rule)
        if required:
            self._missing(key, rule.name)
        return default

    def texts(self, key: str, rule: Rule, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts under a key."""
        if key not in self._values:
            if required:
                self._missing(key, "texts")
            return ()
        values = self._values[key]
        if not isinstance(values, list):
            self._wrong(key, values, "texts")
            return ()
        return tuple(self._checked(key, value, rule) for value in values)

    def choice(self, key: str, choices: tuple[str, ...], *, required: bool = False) -> Any:
        """One of the choices; the first where it is absent or a fault."""
        value = self._values.get(key)
        if value is None and required:
            self._missing(key, " | ".join(choices))
        elif value is not None and value not in choices:
            near = _nearest(str(value), choices)
            self.fault("wrong_value", _shown(value), " | ".join(choices), key, near)
        return value if value in choices else choices[0]

    def secret(self, key: str, *, required: bool = False) -> str:
        """What the environment holds under the one `${NAME}` that may stand here."""
        if key not in self._values:
            if required:
                self._missing(key, "secret")
            return ""
        value = self._values[key]
        if not (isinstance(value, str) and _SECRET.fullmatch(value)):
            self._wrong(key, "…", "secret")
            return ""
        return self._checked(key, value, rules.filled)

    def number(self, key: str, default: int, valid: str = "number") -> int:
        """A whole number, 0 or more; `valid` names the words that say so."""
        value = self._values.get(key, default)
        if type(value) is int and value >= 0:
            return value
        self._wrong(key, value, valid)
        return default

    def bound(self, key: str, kind: str) -> float | None:
        """A threshold: yes_no, count, share or measure; None where it is absent or a fault."""
        value: Any = self._values.get(key)
        is_number = type(value) in (int, float)
        fits = {
            "yes_no": type(value) is bool,
            "count": type(value) is int and value >= 0,
            "share": is_number and 0 <= value <= 1,
            "measure": is_number and 0 < value < math.inf,
        }[kind]
        if value is not None and not fits:
            self._wrong(key, value, kind)
        return value if fits else None

    def day(self, key: str) -> date | None:
        """A date, as TOML's own or as text; None where it is absent or a fault."""
        value = self._values.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self._wrong(key, value, "day")
        return None

    def _checked(self, key: str, value: Any, rule: Rule) -> str:
        if not isinstance(value, str):
            self._wrong(key, value, "text")
            return ""
        text = self._with_secrets(key, value)
        if text is None:
            return ""
        if not rule.accepts(text):
            shown = f"{value.split(':')[0][:20]}…" if rule.name.endswith("_url") else value  # may hold a token
            self._wrong(key, shown, rule.name)
            return ""
        return text

    def _missing(self, key: str, valid: str) -> None:
        """Not told of a key that stands there mistyped: that is one mistake."""
        if key not in self.meant.values():
            self.fault("missing", "", valid, key)

    def _wrong(self, key: str, value: Any, valid: str) -> None:
        self.fault("wrong_value", _shown(value), valid, key)

    def _with_secrets(self, key: str, text: str) -> str | None:
        """The text with each `${NAME}` put in; None where one is missing, which is noted."""
        names = list(dict.fromkeys(_SECRET.findall(text)))
        found = {name: self._secret(key, name) for name in names}
        if None in found.values():
            return None
        return _SECRET.sub(lambda match: str(found[match[1]]), text)

    def _secret(self, key: str, name: str) -> str | None:
        environment = self._reading.environment
        if name in environment:
            return environment[name]
        if f"{name}_FILE" not in environment:
            self.fault("secret_missing", f"${{{name}}}", f"{name} / {name}_FILE", key)
            return None
        try:
            return Path(environment[f"{name}_FILE"]).read_text("utf-8").rstrip("\r\n")
        except (OSError, ValueError):
            self.fault("secret_file", f"{name}_FILE", "", key)
            return None


def _dotted(path: KeyPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _shown(value: Any) -> str:
    """What stands in the page, as TOML writes it, short."""
    if isinstance(value, str):
        return f'"{value[:60]}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    return str(value)[:60]


def _nearest(name: str, names: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, list(names), 1, 0.6)), None)


def _syntax(error: Exception) -> str:
    return str(error).split(" (at ")[0]
