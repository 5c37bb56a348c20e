"""The command line as a benchmark runs it: a whole process, with its time and its peak memory."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """A finished command: wall seconds, peak resident megabytes of its largest process, what it printed."""

    seconds: float
    peak_mb: float
    out: str


def nuanxin(*arguments: str, accept: tuple[int, ...] = (0,), **environment: str) -> Measured:
    """Run the command to its end. Raises RuntimeError with what it said when it leaves with another status."""
    command = [str(Path(sys.executable).with_name("nuanxin")), *arguments]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)  # of this process alone, not the largest that ever ran
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        for said in (out, err):
            said.seek(0)
        if process.returncode not in accept:
            raise RuntimeError(f"nuanxin {arguments[0]} left with {process.returncode}: {err.read()[-2000:]}")
        return Measured(seconds, used.ru_maxrss / 1024, out.read())
