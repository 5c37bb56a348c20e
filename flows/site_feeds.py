"""What a site says of a feed besides where it comes from: which places and dates it covers, and its own thresholds."""

from typing import Any

from flows import site_rules as rules
from flows.site_page import Page
from transforms.coverage import SPEAKS_OF, Declared

_DECLARED = ("places", "from", "until")


def declared(feed_table: Page, feed: str) -> Declared | None:
    """The table `coverage` of a feed: `places`, and the first and last day of events, `from` and `until`."""
    if "coverage" not in feed_table.keys:
        return None
    table = feed_table.table("coverage")
    table.only(_DECLARED)
    said = Declared(table.texts("places", rules.place), table.day("from"), table.day("until"))
    if not any(name in table.keys for name in _DECLARED):
        table.fault("covers_nothing", "", ", ".join(_DECLARED))
    if said.first and said.last and said.last < said.first:
        table.fault("ends_before_start", str(said.last), str(said.first), "until")
    for name in ("from", "until"):
        if name in table.keys and SPEAKS_OF[feed][0] is None:
            table.fault("no_dates", name, "places", name)
    return said


def bounds(feed_table: Page) -> dict[str, float]:
    """The table `bounds` of a feed: thresholds by their names in expectations/thresholds.yaml."""
    if "bounds" not in feed_table.keys:
        return {}
    from expectations.thresholds import OF_A_FEED, Thresholds

    table, fields = feed_table.table("bounds"), Thresholds.model_fields
    table.only(OF_A_FEED)
    return {name: value for name in OF_A_FEED if (value := table.bound(name, _kind(fields[name]))) is not None}


def _kind(field: Any) -> str:
    """The rule that a threshold's value has to keep: its words stand in site_faults."""
    if field.annotation in (bool, int):
        return "yes_no" if field.annotation is bool else "count"
    is_share = any(getattr(limit, "le", None) == 1 for limit in field.metadata)
    return "share" if is_share else "measure"
