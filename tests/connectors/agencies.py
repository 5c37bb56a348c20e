"""The agency's interface, started for a test and ended after it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.base import FeedSource
from tests.commands import ROOT
from tests.connectors.asked import FEED, Asked

SECRET = "an-invented-secret"


@dataclass
class Interface:
    """A running interface; `plan` says what it answers from now on."""

    folder: Path
    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/nuanxin/{FEED}"

    def plan(self, rows: Any = (), **more: Any) -> None:
        (self.folder / "asked.jsonl").unlink(missing_ok=True)
        content = json.dumps({"rows": list(rows), **more})
        (self.folder / "plan.part").write_text(content)
        (self.folder / "plan.part").rename(self.folder / "plan.json")

    @property
    def asked(self) -> list[dict[str, Any]]:
        path = self.folder / "asked.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def door(self, url: str = "", **settings: Any) -> Asked:
        usual = {"key_id": "zhangdian-01", "secret": SECRET, "allow": ("127.0.0.0/8",), "time_limit_seconds": 60}
        return Asked(FeedSource(FEED, "http", url or self.url, **usual | settings))


@contextmanager
def interface(folder: Path, *options: str) -> Iterator[Interface]:
    """An interface on a free port of loopback."""
    command = [sys.executable, "-m", "tests.connectors.http_agency", str(folder), *options]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        for _ in range(400):
            assert server.poll() is None, "the interface ended while it started"
            if (folder / "port").exists():
                break
            time.sleep(0.025)
        running = Interface(folder, int((folder / "port").read_text()), "https" if "--tls" in options else "http")
        running.plan()
        yield running
    finally:
        server.kill()
        server.wait(timeout=10)
