"""Trying again what may pass: a few times, with growing waits."""

from collections.abc import Callable
from typing import Any

import stamina
from stamina.instrumentation import set_on_retry_hooks

set_on_retry_hooks(())  # its log would quote the exception, and with it addresses and whatever a server said

ATTEMPTS = 4


def attempts(passes: Callable[[Exception], bool | float]) -> Any:
    """Attempts to go through: `for attempt in attempts(…): with attempt: …`.

    `passes` says of an exception whether another attempt may help, or after how many seconds. The last exception
    goes through.
    """
    return stamina.retry_context(on=passes, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=8.0)
