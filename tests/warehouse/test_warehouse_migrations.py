"""The migrations make what tables.py and views.py describe, whole or not at all."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from warehouse import Warehouse
from warehouse.migrating import HEAD, alembic_config, downgrade
from warehouse.tables import metadata
from warehouse.views import VIEW_NAMES

REPOSITORY = Path(__file__).parents[2]


def test_the_migrated_tables_are_those_of_tables_py(warehouse: Warehouse) -> None:
    with warehouse.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_every_check_of_tables_py_is_migrated(warehouse: Warehouse) -> None:
    seen = inspect(warehouse.engine)
    for table in metadata.tables.values():
        wanted = {str(each.name) for each in table.constraints if type(each).__name__ == "CheckConstraint"}
        assert {each["name"] for each in seen.get_check_constraints(table.name)} == wanted


def test_every_view_is_there(warehouse: Warehouse) -> None:
    assert set(inspect(warehouse.engine).get_view_names()) == set(VIEW_NAMES)


def test_migrating_again_runs_no_migration(warehouse: Warehouse) -> None:
    statements: list[str] = []
    event.listen(warehouse.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    warehouse.migrate()
    assert [each for each in statements if "CREATE" in each.upper() or "DROP" in each.upper()] == []


def test_head_is_the_newest_revision(warehouse: Warehouse) -> None:
    with warehouse.reading() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == HEAD


def test_downgrading_leaves_no_table_and_no_view(warehouse: Warehouse) -> None:
    downgrade(warehouse)
    seen = inspect(warehouse.engine)
    assert (seen.get_table_names(), seen.get_view_names()) == (["alembic_version"], [])


def test_a_downgraded_warehouse_can_be_migrated_again(warehouse: Warehouse) -> None:
    downgrade(warehouse)
    warehouse.migrate()
    assert set(inspect(warehouse.engine).get_view_names()) == set(VIEW_NAMES)


def test_a_migration_killed_before_its_commit_leaves_an_empty_database(empty_warehouse_url: str) -> None:
    script = """
import os, signal, sys
from sqlalchemy import event
from warehouse import Warehouse
warehouse = Warehouse(sys.argv[1])
event.listen(warehouse.engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
warehouse.migrate()
"""
    ended = subprocess.run([sys.executable, "-c", script, empty_warehouse_url], cwd=REPOSITORY, timeout=60, check=False)
    assert ended.returncode == -9
    opened = Warehouse(empty_warehouse_url)
    assert inspect(opened.engine).get_table_names() == []
    opened.dispose()


def test_sqlite_is_opened_in_wal_with_foreign_keys(tmp_path: Path) -> None:
    opened = Warehouse(f"sqlite:///{tmp_path}/fresh.db")
    with opened.reading() as connection:
        modes = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "busy_timeout")]
    opened.dispose()
    assert modes == ["wal", 1, 30_000]
