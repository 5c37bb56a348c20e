"""The nightly deployment gets scheduled runs: with the wrong versions beside Prefect it silently does not."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.commands import ROOT

pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture
def served(simulated: Path, prefect_api: str, tmp_path: Path):  # type: ignore[no-untyped-def]
    """`nuanxin serve` as a process of its own, against the session's Prefect server."""
    environment = os.environ | {
        "PREFECT_API_URL": prefect_api,
        "PREFECT_HOME": str(tmp_path),
        "PYTHONFAULTHANDLER": "1",
    }
    command = [sys.executable, "-c", "from flows.cli import main; main()", "serve", "--site", str(simulated)]
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    yield process
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # tells where it stands
        process.wait(timeout=10)
        pytest.fail("nuanxin serve goes on after an interrupt:\n" + (tmp_path / "serve.log").read_text()[-4000:])


def scheduled_runs(api: str) -> list[dict[str, str]]:
    wanted = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "sort": "EXPECTED_START_TIME_ASC"}
    found: list[dict[str, str]] = httpx.post(f"{api}/flow_runs/filter", json=wanted, timeout=10).json()
    return found


def test_the_deployment_gets_scheduled_runs(served: "subprocess.Popen[bytes]", prefect_api: str) -> None:
    until = time.monotonic() + 90
    while not (runs := scheduled_runs(prefect_api)) and time.monotonic() < until:
        assert served.poll() is None, "nuanxin serve ended"
        time.sleep(0.5)
    assert runs, "the deployment never got a scheduled run"
    due = [datetime.fromisoformat(run["expected_start_time"]) for run in runs]
    local = {moment.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M") for moment in due}
    assert local == {"02:00"}
    days = {moment.astimezone(ZoneInfo("Asia/Shanghai")).date() for moment in due}
    assert len(days) == len(due), "one run a day"


def test_telemetry_is_off() -> None:
    from flows import edge

    edge.prepare_libraries()
    command = [
        sys.executable,
        "-c",
        "from prefect.settings import get_current_settings as s; print(s().server.analytics_enabled)",
    ]
    said = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
    assert os.environ["DO_NOT_TRACK"] == "1"
