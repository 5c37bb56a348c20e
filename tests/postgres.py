"""A PostgreSQL 15 of our own, on loopback: for the tests, and for what is measured against a real server."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from warehouse.tables import metadata

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


@contextmanager
def cluster() -> Iterator[Cluster]:
    """PostgreSQL 15 from the system's package, removed at the end. Where it cannot be had the test fails."""
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
