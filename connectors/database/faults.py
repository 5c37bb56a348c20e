"""From a database's fault to a reason code. Its own words are never passed on: they quote rows and addresses."""

from typing import Any

from adbc_driver_manager import Error
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.base import FeedSource, SourceUnavailable

_TOO_SLOW = ("57014",)  # cancelled by a time limit
_FORBIDDEN = ("42501",)
_REFUSED = ("28000", "28P01", "3D000")  # account, password, database
_PASSING = ("", "08", "40", "53", "55", "57", "58")  # classes of SQLSTATE: the line, the server's state
_VIEW_FAILS = "42000"
_MYSQL = {1044: "28000", 1045: "28P01", 1049: "3D000", 1142: "42501", 1143: "42501", 1969: "57014", 3024: "57014"}
_WORDS = {
    "interrupted": "57014",
    "statement timeout": "57014",
    "password authentication failed": "28P01",
    "does not exist": "3D000",
    "no such": _VIEW_FAILS,  # SQLite, of a view whose tables are gone
    "ERROR:": _VIEW_FAILS,  # PostgreSQL, in the middle of its rows
}


class BrokeOff(Exception):
    """A stream that ended before its last row, in the words of its driver."""


FAULTS: tuple[type[Exception], ...] = (SQLAlchemyError, Error, BrokeOff)


def may_pass(fault: Exception) -> bool:
    """Whether another attempt may help: not against a refusal, nor where the time has run out already."""
    return isinstance(fault, FAULTS) and _state(fault)[:2] in _PASSING and _state(fault) not in _TOO_SLOW


def told(fault: Exception, source: FeedSource) -> SourceUnavailable:
    """The reason in this room's words."""
    state, view = _state(fault), source.view or source.feed
    if state in _TOO_SLOW:
        return SourceUnavailable("too_slow", seconds=source.time_limit_seconds, place=source.place)
    if state in _FORBIDDEN:
        return SourceUnavailable("view_forbidden", view=view, place=source.place)
    if state in _REFUSED:
        return SourceUnavailable("database_refused", place=source.place)
    if state[:2] not in _PASSING:
        return SourceUnavailable("view_fails", view=view, place=source.place)
    return SourceUnavailable("database_away", place=source.place)


def _state(fault: BaseException) -> str:
    """The SQLSTATE, or what of a driver's own numbers and words comes to the same; empty where neither is known."""
    original: Any = fault.orig if isinstance(fault, DBAPIError) else fault
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    number = next(iter(getattr(original, "args", ())), None)
    if state:
        return str(state)
    if isinstance(number, int):
        return _MYSQL.get(number, "")
    return next((code for words, code in _WORDS.items() if words in str(original)), "")
