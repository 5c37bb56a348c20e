"""The command line as a benchmark runs it: a whole process, with its time and its peak memory."""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """A finished command: wall seconds, peak resident megabytes of the largest process, what it printed."""

    seconds: float
    peak_mb: float
    out: str


def nuanxin(*arguments: str, accept: tuple[int, ...] = (0,), **environment: str) -> Measured:
    """Run the command to its end. Raises RuntimeError with what it said when it leaves with another status."""
    command = [str(Path(sys.executable).with_name("nuanxin")), *arguments]
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        out, err = process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode not in accept:
        raise RuntimeError(f"nuanxin {arguments[0]} left with {process.returncode}: {err[-2000:]}")
    return Measured(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, out)
