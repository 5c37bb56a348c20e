"""Which door a feed's settings open."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Connector, FeedSource
from connectors.files import FilesConnector
from connectors.pulling import PullConnector


def open_connector(source: FeedSource) -> Connector:
    """The door for delivered files. Raises SourceUnavailable(`door_not_built`) for a url that has none yet."""
    return FilesConnector(source)


def open_pull(source: FeedSource, now: Callable[[], datetime]) -> PullConnector:
    """The door for a view or an interface that is asked. `now` is the clock of the edge, for signatures and limits."""
    if source.connector == "database":
        from connectors.database import DatabaseConnector

        return DatabaseConnector(source)
    from connectors.http import HttpConnector

    return HttpConnector(source, now)
