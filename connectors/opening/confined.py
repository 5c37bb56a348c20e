"""Starts the child process that opens an archive or a workbook, and judges how it ended."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from connectors.base import DeliveryUnreadable

_CHILD = str(Path(__file__).with_name("child.py"))
_REFUSED = 3  # child.REFUSED; the child is a program and not imported


@dataclass(frozen=True)
class Limits:
    """What a child may use: seconds (of the clock, and of the processor) and bytes of memory."""

    seconds: int
    memory: int


LIMITS = {"zip": Limits(300, 2 << 30), "gz": Limits(300, 2 << 30), "xlsx": Limits(300, 4 << 30)}


@dataclass(frozen=True)
class Opened:
    """What was packed, and the name it had inside (empty where the packing keeps none)."""

    content: bytes
    name: str


def opened(kind: Literal["zip", "gz", "xlsx"], content: bytes, limits: Limits | None = None) -> Opened:
    """The content of an archive, or of a workbook as csv, opened by a child process without environment.

    Raises DeliveryUnreadable with what the child found, or `too_large` where it needed more than its limits.
    """
    allowed = limits or LIMITS[kind]
    program = [sys.executable, "-I", _CHILD, kind, str(allowed.seconds), str(allowed.memory)]
    try:
        child = subprocess.run(  # noqa: S603  (our own program; the delivery is only its input)
            program, input=content, capture_output=True, timeout=allowed.seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise DeliveryUnreadable("too_large", how="memory", packed=len(content)) from None
    if child.returncode in (0, _REFUSED):
        return _told(json.loads(child.stderr), child.stdout)
    if child.returncode > 0 and kind == "xlsx" and b"MemoryError" not in child.stderr:
        raise DeliveryUnreadable("half_file", how="workbook_damaged")  # the parser itself broke
    raise DeliveryUnreadable("too_large", how="memory", packed=len(content))


def _told(page: dict[str, Any], content: bytes) -> Opened:
    if "reason_code" in page:
        raise DeliveryUnreadable(page["reason_code"], **page["detail"])
    return Opened(content, page["name"])
