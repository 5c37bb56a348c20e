"""The quality report of a night: one HTML page without script or outside request, for people and for the agencies.

`summary` turns the history of loads and checks into what the page shows, `charts` draws its small SVGs, `page.html.j2`
and `style.css` are the page. No person and no delivered value is in what comes in, and everything is escaped.
"""

from expectations.report.render import render

__all__ = ["render"]
