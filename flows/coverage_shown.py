"""`nuanxin coverage`: of each feed what it has shown, what its agency says that it covers, and where the two differ."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.commands import Told
from flows.kept_tables import kept_by
from flows.text_table import text_table
from flows.words import word
from transforms.coverage import in_todays_columns
from transforms.feeds import FEEDS, load_contract
from transforms.schemas import COVERAGE, SEEN
from transforms.sql import ask

_PLACES_TOLD = 3
_SHOWN = """
    SELECT feed, CAST(sum(records) AS BIGINT) AS records, strftime(min(month), '%Y-%m') AS seen_from,
           strftime(max(month), '%Y-%m') AS seen_until, count(DISTINCT month) AS months
    FROM seen GROUP BY feed
"""
_PLACES = """
    SELECT feed, place, CAST(sum(records) AS BIGINT) AS records FROM seen WHERE place <> ''
    GROUP BY ALL ORDER BY feed, records DESC, place
"""


def show_coverage(site: Path, as_of: date | None, lang: str) -> Told:
    """Every feed, also those that the site does not read; as the night of that date or the last one knew it."""
    with kept_by(site, as_of, lang) as kept:
        covered = in_todays_columns(kept.table("coverage", COVERAGE)).to_pylist()
        seen = kept.table("seen", SEEN)
        night = kept.night
    rows = {row["feed"]: row for row in covered}
    shown = {row["feed"]: row for row in ask(_SHOWN, None, seen=seen).to_pylist()}
    places = _places(seen)
    feeds = [_feed(feed, rows.get(feed), shown.get(feed), places.get(feed, {})) for feed in FEEDS]
    page = {"night": night.isoformat(), "feeds": feeds}
    return Told(page, {each: _text(page, each) for each in ("zh", "en")})


def _places(seen: pa.Table) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in ask(_PLACES, None, seen=seen).to_pylist():
        found.setdefault(row["feed"], {})[row["place"]] = row["records"]
    return found


def _feed(
    feed: str, row: dict[str, Any] | None, shown: dict[str, Any] | None, places: dict[str, int]
) -> dict[str, Any]:
    told = dict(shown or {"records": 0, "seen_from": None, "seen_until": None, "months": 0})
    return {
        **told,
        "feed": feed,
        "agency": load_contract(feed).agency.id,
        "state": _state(row),
        "first_delivered_on": row and _iso(row["first_delivered_on"]),
        "last_delivered_on": row and _iso(row["last_delivered_on"]),
        "places": places,
        "declared": _declared(row) if row else None,
        "holes": ((row and row["holes"]) or "").split(),
        "unseen_places": ((row and row["unseen_places"]) or "").split(),
    }


def _state(row: dict[str, Any] | None) -> str:
    """not_configured, never_delivered, blocked, fresh or stale."""
    if row is None or not row["is_configured"]:
        return "not_configured"
    if not row["is_delivered"]:
        return "never_delivered"
    return "blocked" if row["load_status"] in ("blocked", "failed") else "fresh" if row["is_fresh"] else "stale"


def _declared(row: dict[str, Any]) -> dict[str, Any] | None:
    said = {
        "places": (row["places"] or "").split(),
        "from": _iso(row["declared_from"]),
        "until": _iso(row["declared_until"]),
    }
    return said if any(said.values()) else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _text(page: dict[str, Any], lang: str) -> str:
    heads = word("coverage.heads", lang).split("|")
    rows = [_line(feed, lang) for feed in page["feeds"]]
    table = text_table(word("coverage.title", lang).format(night=page["night"]), heads, rows, numbers=(3,))
    return "\n".join([table, *(line for feed in page["feeds"] for line in _against(feed, lang))])


def _line(feed: dict[str, Any], lang: str) -> tuple[str, ...]:
    title = getattr(load_contract(feed["feed"]).title, lang)
    first, last = feed["seen_from"], feed["seen_until"]
    return (
        title,
        word(f"coverage.{feed['state']}", lang),
        feed["last_delivered_on"] or "–",
        f"{feed['records']:,}",
        f"{first} … {last}" if first else "–",
        _few(feed["places"], lang),
        _said(feed["declared"]),
    )


def _few(names: Iterable[str], lang: str) -> str:
    listed = list(names)
    more = word("coverage.more", lang).format(count=len(listed) - _PLACES_TOLD) if len(listed) > _PLACES_TOLD else ""
    return " ".join(listed[:_PLACES_TOLD]) + more or "–"


def _said(declared: dict[str, Any] | None) -> str:
    if declared is None:
        return "–"
    dates = f"{declared['from'] or ''} … {declared['until'] or ''}" if declared["from"] or declared["until"] else ""
    return "; ".join(part for part in (" ".join(declared["places"]), dates) if part)


def _against(feed: dict[str, Any], lang: str) -> list[str]:
    """Where the deliveries contradict what is declared: there it is not believed."""
    title, told = getattr(load_contract(feed["feed"]).title, lang), []
    if feed["holes"]:
        told.append(word("coverage.holes", lang).format(feed=title, months=_few(feed["holes"], lang)))
    if feed["unseen_places"]:
        told.append(word("coverage.unseen", lang).format(feed=title, places=_few(feed["unseen_places"], lang)))
    return told
