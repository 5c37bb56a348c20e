"""Lines for site.toml that let a blocked delivery be read: a renamed header, one to be left aside, an encoding.

A line is only written where the header is told as it stands in the delivery, whole and without a number in it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_CUT = 40  # characters after which a header is told short
_HIDDEN = "…"  # stands for digits that may be a person's


def site_lines(feed: str, reason_code: str, detail: Mapping[str, Any] | str | None) -> list[str]:
    """What to write into site.toml, in order; empty where a mapping cannot help.

    detail: `reason_detail` of a FEED_LOADS row, as a mapping or its JSON text.
    """
    facts: Mapping[str, Any] = json.loads(detail) if isinstance(detail, str) else detail or {}
    if reason_code == "wrong_encoding" and facts.get("looks_like"):
        return [f"[feeds.{feed}]", f"encoding = {_quoted(facts['looks_like'])}"]
    if reason_code not in ("missing_column", "unknown_column"):
        return []
    renamed = [each for each in facts.get("renamed", []) if _is_whole(each["received"])]
    mapped = {each["received"] for each in renamed}
    beyond = [header for header in facts.get("unknown", []) if header not in mapped and _is_whole(header)]
    return [*_ignored(feed, beyond), *_mapped(feed, renamed)]


def _ignored(feed: str, headers: list[str]) -> Iterator[str]:
    if headers:
        yield f"[feeds.{feed}]"
        yield f"ignored_columns = [{', '.join(map(_quoted, headers))}]"


def _mapped(feed: str, renamed: list[Mapping[str, str]]) -> Iterator[str]:
    if renamed:
        yield f"[feeds.{feed}.columns]"
        yield from (f"{each['column']} = {_quoted(each['received'])}" for each in renamed)


def _is_whole(header: str) -> bool:
    return _HIDDEN not in header and len(header) < _CUT and not header.startswith("#")


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(text, ensure_ascii=False)
