"""From an exception to a sentence and an exit status. No traceback, and no value of a record, reaches a reader.

An exception of a library may quote what it stumbled over, so its message is never passed on: only its type and
the lines of code it came through.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.base import SourceFault
from expectations.published import PublishRefused
from flows.settings import SiteFaults
from flows.status import HELD, OUR_FAULT, WRONG_USE, WrongUse
from transforms.eligibility.faults import PolicyFaults
from warehouse import Fenced, SiteHeld, WarehouseUrlUnusable
from warehouse.lake import LakeKeyMissing, LakeKeyUnreadable, LakeKeyWrong, LakeTampered
from warehouse.signing import SigningKeyUnreadable

# What a caller can act on keeps its own words; everything else is sealed.
SPOKEN = (SourceFault, PublishRefused, SiteFaults, PolicyFaults, Fenced, SiteHeld, WarehouseUrlUnusable,
          LakeKeyMissing, LakeKeyWrong, LakeKeyUnreadable, LakeTampered)  # fmt: skip
TO_MEND = (SiteFaults, PolicyFaults, WrongUse, WarehouseUrlUnusable, LakeKeyMissing, LakeKeyWrong, LakeKeyUnreadable,
           SigningKeyUnreadable)  # fmt: skip
PASSING = {"OperationalError", "InterfaceError", "SourceUnavailable", "OSError", "TimeoutError", "ConnectionError"}


class StageFailed(Exception):
    """A stage broke for a reason nobody foresaw: the stage, the type of the fault, and where in the code."""

    def __init__(self, stage: str, kind: str, frames: tuple[str, ...]) -> None:
        super().__init__(f"{stage}: {kind}")
        self.stage, self.kind, self.frames = stage, kind, frames

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.stage, self.kind, self.frames))


@contextmanager
def sealed(stage: str) -> Iterator[None]:
    """Let the faults we know pass; of any other keep type and place, and drop what it quotes."""
    try:
        yield
    except (*SPOKEN, WrongUse, StageFailed):
        raise
    except Exception as fault:
        raise StageFailed(stage, type(fault).__name__, _frames(fault)) from None


def _frames(fault: BaseException) -> tuple[str, ...]:
    steps = traceback.extract_tb(fault.__traceback__)
    return tuple(
        f"{step.filename.rsplit('/', 2)[-2]}/{step.filename.rsplit('/', 1)[-1]}:{step.lineno}" for step in steps
    )


def is_passing(fault: BaseException) -> bool:
    """Whether trying again may help: a database or a door that was away."""
    return isinstance(fault, StageFailed) and fault.kind in PASSING


def exit_status(fault: BaseException) -> int:
    """2 for what its reader can mend in the command or the configuration, 4 for a held site, else 1."""
    if isinstance(fault, SiteHeld | Fenced):
        return HELD
    return WRONG_USE if isinstance(fault, TO_MEND) else OUR_FAULT
