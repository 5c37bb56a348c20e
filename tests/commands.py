"""The command line as tests use it: run it, watch what it says, kill it at a chosen word."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


class CommandLine:
    """`nuanxin` as real processes, forked from a parent that has imported everything (tests/preloaded.py)."""

    def __init__(self, scratch: Path, environment: dict[str, str]) -> None:
        self._scratch = scratch
        self._number = 0
        command = [sys.executable, "-m", "tests.preloaded"]
        self._parent = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}

    def run(self, *arguments: str, kill_at: str | None = None, **environment: str) -> Said:
        """Run one command to its end, or until a line of standard error begins with `kill_at`."""
        self._number += 1
        out, err = (self._scratch / f"{self._number}.{name}" for name in ("out", "err"))
        for path in (out, err):
            path.touch()
        self._order(arguments, out, err, environment)
        pid = self._answer()["pid"]
        if kill_at:
            _kill_when(err, kill_at, int(pid))
        status = int(self._answer()["status"])
        return Said(status, out.read_text("utf-8"), err.read_text("utf-8"))

    def _order(self, arguments: tuple[str, ...], out: Path, err: Path, environment: dict[str, str]) -> None:
        order = {"arguments": arguments, "stdout": str(out), "stderr": str(err), "folder": str(ROOT)}
        assert self._parent.stdin
        self._parent.stdin.write(json.dumps(order | {"environment": environment}) + "\n")
        self._parent.stdin.flush()

    def _answer(self) -> dict[str, object]:
        assert self._parent.stdout
        line = self._parent.stdout.readline()
        assert line, "the process that runs nuanxin for the tests has ended"
        answer: dict[str, object] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the parent."""
        assert self._parent.stdin
        self._parent.stdin.close()
        self._parent.wait(timeout=20)


def _kill_when(err: Path, word: str, pid: int, patience_seconds: float = 60) -> None:
    until = time.monotonic() + patience_seconds
    while time.monotonic() < until:
        if any(line.startswith(word) for line in err.read_text("utf-8").splitlines()):
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError(f"the night never said {word!r}")


@contextmanager
def prefect_server(home: Path, port: int) -> Iterator[str]:
    """A real Prefect server on loopback, with a database of its own; yields the address of its API."""
    url = f"http://127.0.0.1:{port}/api"
    environment = os.environ | {
        "PREFECT_HOME": str(home),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_API_URL": url,
    }
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-ui",
    ]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(url, server)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    import httpx

    for _ in range(600):
        assert server.poll() is None, "the Prefect server ended while it started"
        try:
            if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the Prefect server did not answer within two minutes")
