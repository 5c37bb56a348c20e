"""The migrations make what tables.py and views.py describe, whole or not at all."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from warehouse import Warehouse
from warehouse.migrating import HEAD, alembic_config, downgrade
from warehouse.tables import metadata
from warehouse.views import VIEW_NAMES, drop_views

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


OLD_ROWS = """
INSERT INTO runs (run_id, business_date, status, started_at, attempts, token, owner)
    VALUES ('R1', '2026-03-01', 'done', '2026-03-01T18:00:00+00:00', 1, 1, 'here');
INSERT INTO determinations (determination_id, household_id, policy_id, clause_id, benefit_id, verdict, needs_review,
    known_on, run_id) VALUES ('V1', 'H1', 'p', 'c', 'b', 'yes', 0, '2026-03-01', 'R1');
INSERT INTO entitlements (entitlement_id, household_id, policy_id, clause_id, benefit_id, amount_fen, kind, status,
    known_on, run_id) VALUES ('N1', 'H1', 'p', 'c', 'b', 1000000, 'one_off', 'suspected', '2026-03-01', 'R1');
CREATE VIEW v_determinations AS SELECT household_id, policy_id, clause_id, benefit_id, verdict, known_on,
    superseded_on FROM determinations;
CREATE VIEW v_entitlements AS SELECT entitlement_id, household_id, person_id, policy_id, clause_id, benefit_id,
    period_from, period_to, amount_fen, kind, status FROM entitlements WHERE superseded_on IS NULL
"""


@pytest.fixture
def old_warehouse(empty_warehouse_url: str) -> Iterator[Warehouse]:
    """A warehouse of the first revision, with a verdict, an amount and the views of then."""
    opened = Warehouse(empty_warehouse_url)
    with opened.writing() as connection:
        command.upgrade(alembic_config(connection), "0001")
        for statement in OLD_ROWS.split(";\n"):
            connection.exec_driver_sql(statement)
    yield opened
    opened.dispose()


def _rows(opened: Warehouse, query: str) -> list[tuple[object, ...]]:
    with opened.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_an_old_warehouse_keeps_its_rows(old_warehouse: Warehouse) -> None:
    old_warehouse.migrate()
    amounts = "SELECT entitlement_id, amount_fen, status, determination_id, payee, is_floor, entered_on"
    assert _rows(old_warehouse, f"{amounts} FROM v_entitlements") == [
        ("N1", 1_000_000, "suspected", None, None, 0, None)
    ]
    verdicts = "SELECT determination_id, verdict, subject_id, policy_hash, facts_hash, engine FROM v_determinations"
    assert _rows(old_warehouse, verdicts) == [("V1", "yes", None, None, None, None)]


def test_an_old_warehouse_becomes_like_a_new_one(old_warehouse: Warehouse) -> None:
    old_warehouse.migrate()
    with old_warehouse.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    assert set(inspect(old_warehouse.engine).get_view_names()) == set(VIEW_NAMES)


def test_the_second_revision_goes_back_to_the_first_with_its_rows(old_warehouse: Warehouse) -> None:
    columns = {name: _columns(old_warehouse, name) for name in ("determinations", "entitlements")}
    old_warehouse.migrate()
    with old_warehouse.writing() as connection:
        drop_views(connection)
        command.downgrade(alembic_config(connection), "0001")
    assert {name: _columns(old_warehouse, name) for name in columns} == columns
    assert _rows(old_warehouse, "SELECT entitlement_id, amount_fen FROM entitlements") == [("N1", 1_000_000)]
    assert "visits" not in inspect(old_warehouse.engine).get_table_names()


def _columns(opened: Warehouse, table: str) -> list[str]:
    return [column["name"] for column in inspect(opened.engine).get_columns(table)]


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
