"""Databases for every room: a private PostgreSQL 15 of the test session, and a fresh warehouse on each
engine.

`warehouse_url` runs a test twice, on SQLite and on PostgreSQL, each time on a migrated database of its own;
`empty_warehouse_url` the same before migration. Where PostgreSQL cannot be had the tests fail and say so.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from warehouse import Warehouse
from warehouse.tables import metadata

ENGINES = ("sqlite", "postgresql")
_NO_ROOT = ("postgres", "nobody")  # PostgreSQL refuses to run as root: the account that runs it then
_QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
    "shared_buffers=64MB",
)


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL of our own, on loopback, behind a password."""

    port: int
    password: str
    opened: dict[str, psycopg.Connection] = field(default_factory=dict)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://nuanxin:{self.password}@127.0.0.1:{self.port}/{database}"

    def admin(self, statement: sql.Composed) -> None:
        if "postgres" not in self.opened:
            plain = self.url("postgres").replace("+psycopg", "")
            self.opened["postgres"] = psycopg.connect(plain, autocommit=True)
        self.opened["postgres"].execute(statement)

    def create(self, database: str, template: str = "template0") -> str:
        names = (sql.Identifier(database), sql.Identifier(template))
        self.admin(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self.url(database)

    def emptied(self, database: str) -> bool:
        """Take every row out, which is quicker than making a database; False where tables are gone or held."""
        plain = self.url(database).replace("+psycopg", "")
        rows = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
        try:
            with psycopg.connect(plain, options="-c lock_timeout=3s") as connection:
                connection.execute(f"{rows}; INSERT INTO site_lease (lease_no, token) VALUES (1, 0)".encode())
        except psycopg.Error:
            return False
        return True

    def drop(self, database: str) -> None:
        self.admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """PostgreSQL 15 from the system's package, started once a session and removed at its end."""
    programs = _postgres_programs()
    home = Path(tempfile.mkdtemp(prefix="nuanxin-postgres-"))
    password = secrets.token_hex(16)
    try:
        account = _account(home)
        _init(programs, home, password, account)
        server, port = _start(programs, home, account)
        try:
            yield Cluster(port, password)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once; does nothing where it has ended
            server.wait(timeout=20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


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


def _postgres_programs() -> Path:
    """The folder of initdb and postgres 15; the test fails where there is none."""
    asked = shutil.which("pg_config")
    found = [Path("/usr/lib/postgresql/15/bin")]
    if asked:
        found.append(Path(subprocess.check_output([asked, "--bindir"], text=True).strip()))
    for folder in found:
        if (folder / "initdb").exists() and " 15." in subprocess.check_output([folder / "postgres", "-V"], text=True):
            return folder
    pytest.fail("no PostgreSQL 15 on this machine: install Debian's package postgresql; these tests need it")


def _account(home: Path) -> str | None:
    """Who runs the cluster: ourselves, or, where we are root, an account that is not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    account = next((name for name in _NO_ROOT if name in known), None)
    if account is None:
        pytest.fail("PostgreSQL does not run as root, and there is no account postgres or nobody to run it")
    entry = pwd.getpwnam(account)
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return account


def _as(account: str | None) -> dict[str, Any]:
    return {} if account is None else {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}


def _init(programs: Path, home: Path, password: str, account: str | None) -> None:
    secret = home / "password"
    secret.write_text(password)
    secret.chmod(0o644)  # `home` is closed to everyone else
    command: list[Any] = [programs / "initdb", "-D", home / "data", "-U", "nuanxin", "--pwfile", secret,
               "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
               "--no-instructions"]  # fmt: skip
    made = subprocess.run(command, check=False, cwd=home, capture_output=True, text=True, **_as(account))
    if made.returncode != 0:
        pytest.fail(f"PostgreSQL 15 cannot make a cluster: {made.stderr.strip()[-500:]}")


def _start(programs: Path, home: Path, account: str | None) -> tuple[subprocess.Popen[Any], int]:
    """A server on a free port; another one where somebody took the port in between."""
    log = home / "log"
    for _ in range(3):
        port = _free_port()
        settings = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *_QUICK)
        command: list[Any] = [
            programs / "postgres",
            "-D",
            home / "data",
            *(word for s in settings for word in ("-c", s)),
        ]
        with log.open("wb") as written:
            server = subprocess.Popen(command, cwd=home, stdout=written, stderr=written, **_as(account))
        if _answers(server, port):
            return server, port
    pytest.fail(f"PostgreSQL 15 does not start: {log.read_text(errors='replace').strip()[-500:]}")


def _answers(server: subprocess.Popen[Any], port: int) -> bool:
    deadline = time.monotonic() + 20
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="nobody_yet", password="-", connect_timeout=2)
        except psycopg.OperationalError as refused:
            if "authentication failed" in str(refused):  # it is up, and knows no such user
                return True
        time.sleep(0.03)
    server.kill()
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


pytest_plugins = ["tests.nights"]
