"""The edge: the only module that reads the clock, the environment and the name of this process."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
PROJECT = Path(__file__).resolve().parent.parent
POLICIES = PROJECT / "policies"


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def business_date_of(moment: datetime) -> date:
    """The date in Asia/Shanghai on which a moment falls: what a nightly run stands for."""
    return moment.astimezone(SHANGHAI).date()


def cache() -> Path:
    """The user's folder for what can be made again; XDG_CACHE_HOME puts it elsewhere."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nuanxin"


def environment() -> Mapping[str, str]:
    """The environment, for the secrets that site.toml names."""
    return os.environ


def owner() -> str:
    """Who holds a lease: host, process, and when that process began, so that a reused number is not mistaken."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def owner_is_gone(held_by: str) -> bool:
    """Whether the holder of a lease was a process of this machine and is no longer there."""
    host, pid, started = held_by.rsplit(":", 2)
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """The kernel's start time of a process, in clock ticks; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def prepare_libraries() -> None:
    """Set what the large libraries read when they are imported.

    Prefect: telemetry off for good (both the setting and DO_NOT_TRACK; either alone is not enough), no chatter, no
    records kept. Arrow: the system's allocator, which gives memory back; its own kept a sixth more of a night's peak.
    pypinyin: without its dictionary of phrases (50 MB, half a second), as names are read character by character.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    os.environ["PYPINYIN_NO_PHRASES"] = "1"
    os.environ["PYPINYIN_NO_DICT_COPY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] = "false"
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def without_pandas() -> None:
    """Let pyarrow find no pandas in this process; whoever imports pandas afterwards gets it as ever.

    pyarrow imports it by itself the first time it meets NumPy, and remembers whether it could: half a second and
    60 MB, which a command that never makes a data frame need not pay.
    """
    import numpy as np
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array(np.zeros(0)).to_numpy()  # each way looks for itself
    finally:
        sys.meta_path.remove(_NoPandas)


class _NoPandas:
    """An importer that knows of one package, and that it is not there."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def seconds() -> float:
    """Seconds since some moment, for how long something took."""
    return time.perf_counter()


def is_terminal() -> bool:
    """Whether a person looks at standard error."""
    return sys.stderr.isatty()
