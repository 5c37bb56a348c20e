"""Wall and CPU seconds and peak memory: of a command with all that it starts, and of a part of this process."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_EVERY = 0.02  # seconds between looks at the tree
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Run:
    """A finished command. CPU is user and system of the process and of the children it waited for."""

    wall: float
    cpu: float
    peak_mb: float
    own_mb: float  # the peak of the process alone, without what it starts
    out: str


def run(command: list[str], *, accept: tuple[int, ...] = (0,), **environment: str) -> Run:
    """Run it from the repository's root. RuntimeError with the end of what it said when its status is another.

    The peak is the larger of the process's own high-water mark and of what was seen of it with all its descendants,
    looked at every 20 ms; pages that a forked child shares count twice there. (The kernel's `ru_maxrss` will not do:
    it begins with the memory of the process that started the command.)
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
        if process.returncode not in accept:
            raise RuntimeError(f"{command[0]} {command[1]} left with {process.returncode}: {err.read()[-2000:]}")
        peak, own = seen.stop()
        return Run(wall, used.ru_utime + used.ru_stime, peak / 1e6, own / 1e6, out.read())


@contextmanager
def part(told: dict[str, float], name: str) -> Iterator[None]:
    """A part of this process's work: puts its seconds, `<name> cpu` and `<name> peak` (MB in all) into `told`."""
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    began, cpu = time.perf_counter(), time.process_time()
    yield
    told[name], told[f"{name} cpu"] = time.perf_counter() - began, time.process_time() - cpu
    told[f"{name} peak"] = _high_water(os.getpid()) / 1e6
    _give_back()


def _give_back() -> None:
    # What a part freed is not counted to the next one.
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


class _Watch:
    """Looks at a process with its descendants now and then, as long as it has any."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._own, self._done = pid, 0, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[int, int]:
        """The most bytes that were resident at once, as far as it was seen: of the tree, of the process alone."""
        self._done.set()
        self._thread.join()
        return self._peak, self._own

    def _look(self) -> None:
        while not self._done.wait(_EVERY):
            children = _descendants(self._pid)
            together = sum(map(_resident, [self._pid, *children])) if children else 0
            self._own = max(self._own, _high_water(self._pid))
            self._peak = max(self._peak, self._own, together)


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


def _high_water(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    marks = [int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")]
    return marks[0] if marks else 0  # none of a process that has ended


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
