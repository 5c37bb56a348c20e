"""The quality report of a night and the auditor's pack: HTML without script or outside request, for people to read.

`summary` turns the history of loads and checks into what the page shows, `charts` draws its small SVGs, `page.html.j2`
and `style.css` are the page; `pack.html.j2` adds what an auditor asks (`intake`, `outcome`, `behind`). No person and no
delivered value is in what comes in, and everything is escaped.
"""

from expectations.report.night import NIGHTS_IN_REPORT, AuditedNight
from expectations.report.reconciling import RECONCILIATION, adds_up, reconciliation, totals, totals_by_feed
from expectations.report.render import render, render_pack

__all__ = [
    "NIGHTS_IN_REPORT", "RECONCILIATION", "AuditedNight", "adds_up", "reconciliation", "render", "render_pack",
    "totals", "totals_by_feed",
]  # fmt: skip
