"""A command run to its end as a child process: wall and CPU seconds, and the peak memory of its whole tree."""

import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import ROOT

_EVERY = 0.05  # seconds between looks at the tree
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Run:
    """A finished command. CPU is user and system of the process and of the children it waited for."""

    wall: float
    cpu: float
    peak_mb: float
    out: str


def run(command: list[str], **environment: str) -> Run:
    """Run it from the repository's root. Raises RuntimeError with the end of what it said when it fails.

    The peak is the larger of the kernel's figure, which is the largest single process of the tree, and of what was
    seen, every 50 ms, of the process with all its descendants; pages that a forked child shares count twice there.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=out, stderr=err)
        seen = _Watch(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        for said in (out, err):
            said.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{command[0]} {command[1]} left with {process.returncode}: {err.read()[-2000:]}")
        peak = max(used.ru_maxrss * 1024, seen.stop()) / 1e6
        return Run(wall, used.ru_utime + used.ru_stime, peak, out.read())


class _Watch:
    """Looks at a process with its descendants now and then, as long as it has any."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._done = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The largest sum of resident bytes of a tree with more than one process; 0 if it never was one."""
        self._done.set()
        self._thread.join()
        return self._peak

    def _look(self) -> None:
        while not self._done.wait(_EVERY):
            children = _descendants(self._pid)
            if children:
                self._peak = max(self._peak, sum(map(_resident, [self._pid, *children])))


def _descendants(pid: int) -> list[int]:
    """Children, their children and so on; none of a process that has ended."""
    found: list[int] = []
    for task in _read(Path(f"/proc/{pid}/task")):
        try:
            children = [int(text) for text in (task / "children").read_text().split()]
        except OSError:
            continue
        found += [each for child in children for each in (child, *_descendants(child))]
    return found


def _read(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
