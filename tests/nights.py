"""Fixtures for tests that run whole nights: the command line, a Prefect server, a small simulated site."""

import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.commands import CommandLine, prefect_server

FIRST, LAST = date(2025, 6, 2), date(2025, 6, 5)


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server that runs for the session."""
    with prefect_server(tmp_path_factory.mktemp("prefect"), free_port()) as url:
        yield url


@pytest.fixture(scope="session")
def nuanxin(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[CommandLine]:
    """The command line, its flows known to the session's Prefect server."""
    home = tmp_path_factory.mktemp("home")
    line = CommandLine(tmp_path_factory.mktemp("said"), {"PREFECT_API_URL": prefect_api, "PREFECT_HOME": str(home)})
    yield line
    line.close()


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory, nuanxin: CommandLine) -> Path:
    """A district of 1,500 persons with four days of deliveries; nothing has been run on it."""
    folder = tmp_path_factory.mktemp("district") / "site"
    said = nuanxin.run(
        "simulate",
        "--out",
        str(folder),
        "--persons",
        "1500",
        "--from",
        f"{FIRST}",
        "--to",
        f"{LAST}",
        "--seed",
        "5",
    )
    assert said.status == 0, said.err
    return folder / "site.toml"


@pytest.fixture(scope="session")
def first_night(simulated: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same district after its first night."""
    site = copy_site(simulated, tmp_path_factory.mktemp("first"))
    said = nuanxin.run("nightly", "--site", str(site), "--date", f"{FIRST}")
    assert said.status == 0, said.err
    return site


def copy_site(site: Path, where: Path) -> Path:
    """A copy of a whole site, to change or to break."""
    return shutil.copytree(site.parent, where / "site") / site.name


@pytest.fixture
def own_copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a site for one test."""
    return lambda site: copy_site(site, tmp_path)
