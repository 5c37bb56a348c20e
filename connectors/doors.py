"""Which door a feed's settings open."""

from connectors.base import Connector, FeedSource, SourceUnavailable
from connectors.files import FilesConnector


def open_connector(source: FeedSource) -> Connector:
    """The door that a feed's settings name.

    Raises SourceUnavailable(`door_not_built`) for doors that site.toml may name already and that are not
    there yet: database, http, and file folders on other machines.
    """
    if source.connector != "files":
        raise SourceUnavailable("door_not_built", connector=source.connector)
    return FilesConnector(source)
