"""The page itself: the summary poured into an autoescaping template, with its style inside."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from expectations.report.charts import bar, trend
from expectations.report.summary import CheckNight, FeedNight, feed_nights, nights_of
from transforms.pages import read_page

_FUNNEL = (
    "read", "accepted", "unchanged", "quarantined", "linked", "sent_to_review", "review", "alerted", "alerts",
    "awaiting_clerk", "withdrawn",
)  # fmt: skip


def render(
    *,
    site_name: str,
    business_date: date,
    loads: pa.Table,
    quality: pa.Table,
    funnel: Mapping[str, int],
    lang: str = "zh",
) -> str:
    """One self-contained HTML page.

    loads: FEED_LOADS of the last nights, quality: QUALITY of the same nights, both with run_id and business_date.
    Later nights than `business_date` are left out. funnel: counts of the night by name; names that the page does
    not know are left out. lang: "zh" or "en".
    """
    lang = "en" if lang == "en" else "zh"
    feeds = feed_nights(loads, quality, business_date)
    words = _Words(lang)
    page: str = _template().render(
        lang=lang,
        words=words,
        style=Markup(_text("style.css")),  # noqa: S704 - our own file, nothing delivered goes into it
        site_name=site_name,
        business_date=business_date.isoformat(),
        night_count=len(nights_of((loads, quality), business_date)),
        verdict=_verdict(feeds, words),
        tone=_tone(feeds),
        funnel=[(name, words[f"funnel.{name}"], funnel[name]) for name in _FUNNEL if name in funnel],
        feeds=feeds,
        trouble=[feed for feed in feeds if feed.is_trouble],
        feed_bar=lambda feed: _feed_bar(feed, words),
        check_trend=lambda check: _check_trend(check, words),
    )
    return page


class _Words:
    """The fixed words of the page in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __getitem__(self, key: str) -> str:
        return _pages()[key][self.lang]

    def say(self, key: str, **facts: Any) -> str:
        return self[key].format(**facts)


def _verdict(feeds: list[FeedNight], words: _Words) -> str:
    """The night in one sentence: the worst that has to be known."""
    trouble = [
        feed.contract.title.en if words.lang == "en" else feed.contract.title.zh for feed in feeds if feed.is_trouble
    ]
    refused = sum(feed.counts["rows_quarantined"] for feed in feeds)
    name = "trouble" if trouble else "rows" if refused else "good" if feeds else "empty"
    return words.say(
        f"verdict.{name}",
        feeds=len(feeds),
        trouble=len(trouble),
        names=words["joined"].join(trouble),
        rows=f"{refused:,}",
    )


def _tone(feeds: list[FeedNight]) -> str:
    if any(feed.is_trouble for feed in feeds) or not feeds:
        return "bad"
    return "odd" if any(feed.counts["rows_quarantined"] for feed in feeds) else "good"


def _feed_bar(feed: FeedNight, words: _Words) -> Markup:
    parts = [(name, feed.counts[name]) for name in ("rows_accepted", "rows_unchanged", "rows_quarantined")]
    if feed.status == "blocked":
        parts.append(("rows_blocked", feed.counts["rows_read"] - sum(count for _, count in parts)))
    told = ", ".join(f"{words[name]} {count:,}" for name, count in parts if count)
    return bar(parts, told)


def _check_trend(check: CheckNight, words: _Words) -> Markup:
    return trend(check.shares, words.say("trend_label", share=_percent(check.share)))


def _percent(share: float) -> str:
    """A share for people: what is there is never shown as nothing."""
    if share <= 0:
        return "0"
    return "<0.1%" if share < 0.001 else f"{share:.1%}"


def _count(number: int) -> str:
    return f"{number:,}"


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("expectations.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": _percent, "count": _count}
    return environment.get_template("page.html.j2")


@cache
def _pages() -> dict[str, dict[str, str]]:
    pages: dict[str, dict[str, str]] = read_page(_text("words.yaml"))
    return pages


def _text(name: str) -> str:
    return files("expectations.report").joinpath(name).read_text("utf-8")
