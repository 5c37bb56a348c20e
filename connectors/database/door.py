"""The door: a view named as the feed, asked once a business date, over sessions that can only read."""

import pyarrow as pa
import sqlalchemy as sa

from connectors.base import FeedSource
from connectors.database.faults import FAULTS, may_pass, told
from connectors.database.query import Seen, look_at, rows_ahead, rows_of
from connectors.database.rows import fetch
from connectors.database.sessions import in_time, open_engine
from connectors.moments import moments
from connectors.pulling import Pulled, Window, packed
from connectors.retrying import attempts
from transforms.feeds import FeedContract, load_contract


class DatabaseConnector:
    """One feed's view. Nothing in the database is ever changed."""

    def __init__(self, source: FeedSource) -> None:
        self._source = source
        self._contract: FeedContract = load_contract(source.feed)

    def pull(self, window: Window) -> Pulled:
        """Every row of the window, or none. What may pass (a server away, a line that broke) is tried a few times.

        Raises SourceUnavailable: `database_url_unusable`, `driver_missing`, `database_missing`, `database_away`,
        `database_refused`, `view_missing`, `view_forbidden`, `view_fails`, `too_slow`,
        `updated_at_missing`, `updated_at_type`, `value_not_text`.
        """
        engine = open_engine(self._source.url, self._source.time_limit_seconds)
        try:
            for attempt in attempts(may_pass):
                with attempt:
                    return self._pull(engine, window)
        except FAULTS as fault:
            raise told(fault, self._source) from None
        finally:
            engine.dispose()
        raise AssertionError  # the last attempt returns or raises

    def _pull(self, engine: sa.Engine, window: Window) -> Pulled:
        seconds = self._source.time_limit_seconds
        with engine.connect() as connection, in_time(connection, seconds):
            seen = look_at(connection, self._source, self._contract)
            later = rows_ahead(seen, window)
            ahead = 0 if later is None else connection.scalar(later) or 0
            found = fetch(connection, seen, rows_of(seen, window), seconds)
        return _packed(seen, found, ahead)


def _packed(seen: Seen, found: dict[str, pa.ChunkedArray], ahead: int) -> Pulled:
    """The contract's columns as text. A column that cannot become text stands there empty, as bytes, and one that
    the contract does not know as a name: reading and expectations tell of both."""
    size = len(next(iter(found.values()))) if found else 0
    changed = found[seen.updated_at] if seen.updated_at else pa.chunked_array([pa.nulls(size, pa.string())])
    rows = {header: found[header] for header in seen.known}
    rows |= {header: pa.chunked_array([pa.nulls(size, pa.binary())]) for header in seen.not_text}
    rows |= {header: pa.chunked_array([pa.nulls(size, pa.string())]) for header in seen.unknown}
    return packed(rows, moments(changed), rows_ahead=ahead)
