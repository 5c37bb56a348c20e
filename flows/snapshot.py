"""The state that one night leaves to the next: which tables of the lake hold, published with the night."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

DATED = "dated_verdicts"  # what recurring amounts rest on, month by month
RULES = "law/rules"  # by which rules they were judged
RENAMED = "law/renames"  # households under other names than when they were visited
LAW = "law/"  # tables of what a night knew of the families that the law is asked about; never cleared away


@dataclass(frozen=True)
class Snapshot:
    """Names of state tables and their paths in the lake. The first night starts from an empty one."""

    location: str = ""
    first_night: date | None = None
    night: date | None = None  # whose state it is
    paths: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)  # the night in counts
    ran_with: dict[str, Any] = field(default_factory=dict)  # what it worked with: policies, engines, the site's feeds

    def to_json(self) -> bytes:
        """As it is kept in the lake."""
        first = self.first_night.isoformat() if self.first_night else None
        night = self.night.isoformat() if self.night else None
        page = {"first_night": first, "night": night, "paths": self.paths, "summary": self.summary}
        page["ran_with"] = self.ran_with
        return json.dumps(page, sort_keys=True, ensure_ascii=False).encode()


def from_json(location: str, content: bytes) -> Snapshot:
    """As it was kept in the lake."""
    page = json.loads(content)
    first = date.fromisoformat(page["first_night"]) if page["first_night"] else None
    night = date.fromisoformat(page["night"]) if page.get("night") else None
    return Snapshot(location, first, night, page["paths"], page["summary"], page.get("ran_with", {}))
