"""Databases for every room: a private PostgreSQL 15 of the test session, and a fresh warehouse on each
engine.

`warehouse_url` runs a test twice, on SQLite and on PostgreSQL, each time on a migrated database of its own;
`empty_warehouse_url` the same before migration. Where PostgreSQL cannot be had the tests fail and say so.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster, cluster
from warehouse import Warehouse

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """PostgreSQL 15 from the system's package, started once a session and removed at its end."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def _postgres_template(postgres_cluster: Cluster) -> str:
    name = "nuanxin_template"
    _migrate(postgres_cluster.create(name))
    return name


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _idle() -> list[str]:
    """Migrated PostgreSQL databases that a test has given back, emptied."""
    return []


@pytest.fixture
def new_database(
    request: pytest.FixtureRequest, tmp_path: Path, _idle: list[str]
) -> Iterator[Callable[[str, bool], str]]:
    """Makes databases for one test: (engine, migrated) → url. They are gone after the test."""
    made: list[tuple[str, bool]] = []

    def make(engine: str, migrated: bool) -> str:
        if engine == "sqlite":
            path = tmp_path / f"warehouse-{secrets.token_hex(4)}.db"
            if migrated:
                shutil.copy(request.getfixturevalue("_sqlite_template"), path)
            return f"sqlite:///{path}"
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        template = request.getfixturevalue("_postgres_template") if migrated else "template0"
        reused = migrated and bool(_idle)
        name = _idle.pop() if reused else f"nuanxin_{secrets.token_hex(6)}"
        made.append((name, migrated))
        return cluster.url(name) if reused else cluster.create(name, template)

    yield make
    for name, migrated in made:
        cluster = request.getfixturevalue("postgres_cluster")
        if migrated and cluster.emptied(name):
            _idle.append(name)
        else:
            cluster.drop(name)


@pytest.fixture(params=ENGINES)
def warehouse_url(request: pytest.FixtureRequest, new_database: Callable[[str, bool], str]) -> str:
    """The url of a fresh, migrated warehouse; the test runs once on each engine."""
    return new_database(request.param, True)


@pytest.fixture(params=ENGINES)
def empty_warehouse_url(request: pytest.FixtureRequest, new_database: Callable[[str, bool], str]) -> str:
    """The url of a database without any table; the test runs once on each engine."""
    return new_database(request.param, False)


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    """A fresh, migrated warehouse; the test runs once on each engine."""
    opened = Warehouse(warehouse_url)
    yield opened
    opened.dispose()


def _migrate(url: str) -> None:
    opened = Warehouse(url)
    opened.migrate()
    opened.dispose()


pytest_plugins = ["tests.nights"]
