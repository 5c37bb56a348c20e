"""The pages themselves: the summary poured into autoescaping templates, with their style inside.

A night's quality report and the auditor's pack are one page: the pack's template adds its parts to the report's.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from expectations.report.behind import files_section, lineage_section
from expectations.report.charts import bar, percent, trend
from expectations.report.intake import intake_details, intake_sections
from expectations.report.night import AuditedNight
from expectations.report.outcome import outcome_sections
from expectations.report.summary import CheckNight, FeedNight, feed_nights, nights_of
from expectations.report.words import Words
from transforms.lineage import graph_style

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
    """A night's quality report as one self-contained HTML page.

    loads: FEED_LOADS of the last nights, quality: QUALITY of the same nights, both with run_id and business_date.
    Later nights than `business_date` are left out. funnel: counts of the night by name; names that the page does
    not know are left out. lang: "zh" or "en".
    """
    words, feeds = Words(lang), feed_nights(loads, quality, business_date)
    told = _told(words, feeds, site_name, business_date, len(nights_of((loads, quality), business_date)), funnel)
    page: str = _template("page.html.j2").render(told | _styled(_text("style.css")), title="title")
    return page


def render_pack(night: AuditedNight, lang: str) -> str:
    """The same page with what an auditor asks: the index of a pack, in "zh" or "en"."""
    words, feeds = Words(lang), feed_nights(night.loads, night.quality, night.business_date)
    count = len(nights_of((night.loads, night.quality), night.business_date))
    told = _told(words, feeds, night.site_name, night.business_date, count, night.funnel)
    behind = [lineage_section(night, feeds, words), files_section(night, words)]
    page: str = _template("pack.html.j2").render(
        told | _styled(_text("style.css") + _text("pack.css") + graph_style()),
        title="pack.title",
        first=intake_sections(night, words),
        last=[*intake_details(night, words), *outcome_sections(night, words), *behind],
    )
    return page


def _told(
    words: Words, feeds: list[FeedNight], site_name: str, night: date, count: int, funnel: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "lang": words.lang,
        "words": words,
        "site_name": site_name,
        "business_date": night.isoformat(),
        "night_count": count,
        "verdict": _verdict(feeds, words),
        "tone": _tone(feeds),
        "funnel": [(name, words[f"funnel.{name}"], funnel[name]) for name in _FUNNEL if name in funnel],
        "feeds": feeds,
        "trouble": [feed for feed in feeds if feed.is_trouble],
        "feed_bar": lambda feed: _feed_bar(feed, words),
        "check_trend": lambda check: _check_trend(check, words),
    }


def _styled(style: str) -> dict[str, Any]:
    """The style, and what the page's policy names it by: no other style applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # our own files, nothing delivered goes into them
    return {"style": Markup(style), "style_hash": Markup(f"sha256-{digest}")}  # noqa: S704


def _verdict(feeds: list[FeedNight], words: Words) -> str:
    """The night in one sentence: the worst that has to be known."""
    trouble = [words.of(feed.contract.title) for feed in feeds if feed.is_trouble]
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


def _feed_bar(feed: FeedNight, words: Words) -> Markup:
    parts = [(name, feed.counts[name]) for name in ("rows_accepted", "rows_unchanged", "rows_quarantined")]
    if feed.status == "blocked":
        parts.append(("rows_blocked", feed.counts["rows_read"] - sum(count for _, count in parts)))
    told = ", ".join(f"{words[name]} {count:,}" for name, count in parts if count)
    return bar(parts, told)


def _check_trend(check: CheckNight, words: Words) -> Markup:
    return trend(check.shares, words.say("trend_label", share=percent(check.share)))


def _count(number: int) -> str:
    return f"{number:,}"


@cache
def _template(name: str) -> Any:
    environment = Environment(
        loader=PackageLoader("expectations.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "count": _count}
    return environment.get_template(name)


def _text(name: str) -> str:
    return files("expectations.report").joinpath(name).read_text("utf-8")
