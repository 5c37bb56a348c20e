"""The command line as a benchmark runs it: a whole process, with its time and its peak memory."""

import sys
from pathlib import Path

from benchmarks.measuring import ROOT, Run, run

__all__ = ["ROOT", "Run", "nuanxin"]


def nuanxin(*arguments: str, accept: tuple[int, ...] = (0,), **environment: str) -> Run:
    """Run the command to its end. Raises RuntimeError with what it said when it leaves with another status."""
    return run([str(Path(sys.executable).with_name("nuanxin")), *arguments], accept=accept, **environment)
