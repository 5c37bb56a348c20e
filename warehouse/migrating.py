"""Bringing a warehouse to this version of the program: whole before, or whole after."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from warehouse.views import drop_views, replace_views

if TYPE_CHECKING:
    from alembic.config import Config

    from warehouse.database import Warehouse

HEAD = "0006"  # stands here so that a warehouse in order is recognised without loading alembic; a test compares
_LOCK = 0x6E75616E  # "nuan": one migration at a time on a PostgreSQL server's database


def upgrade(warehouse: "Warehouse") -> None:
    """To the newest revision, in one transaction; a second caller waits and then finds nothing to do."""
    with warehouse.reading() as connection:
        if revision(connection) == HEAD:
            return
    with warehouse.writing() as connection:
        _one_at_a_time(connection)
        if revision(connection) != HEAD:
            _upgrade(connection)


def downgrade(warehouse: "Warehouse") -> None:
    """Back to an empty database. For tests and for giving a site up: every fact is lost."""
    from alembic import command

    with warehouse.writing() as connection:
        _one_at_a_time(connection)
        drop_views(connection)
        command.downgrade(alembic_config(connection), "base")


def revision(connection: Connection) -> str | None:
    """The revision the warehouse stands at; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    stands_at: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return stands_at


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings for a migration over a connection that is already in its transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    if connection.dialect.name == "sqlite":
        drop_views(connection)  # SQLite rebuilds a table to alter it, and refuses while a view looks at it
    command.upgrade(alembic_config(connection), "head")
    replace_views(connection)


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
