"""A program of its own, `python -I child.py KIND SECONDS BYTES`: limits first, then what stands on standard input.

Standard output is the content. Standard error is one JSON object: `{"name": …}` of the file that was packed, or
`{"reason_code": …, "detail": {…}}` with status REFUSED. A child that needs more than its limits just ends.
"""

import json
import os
import resource
import sys
from collections.abc import Callable

REFUSED, NO_MEMORY = 3, 6


def main(kind: str, seconds: str, memory: str) -> None:
    """Open what is on standard input, inside the limits."""
    _limit(int(seconds), int(memory))
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from connectors.base import DeliveryUnreadable

    try:
        name = _opener(kind)(sys.stdin.buffer.read(), sys.stdout.buffer.write)
        sys.stdout.flush()
        _tell({"name": name})
    except DeliveryUnreadable as fault:
        _tell({"reason_code": fault.reason_code, "detail": fault.detail})
        sys.exit(REFUSED)
    except MemoryError:
        sys.exit(NO_MEMORY)


def _limit(seconds: int, memory: int) -> None:
    """No more memory and time than this, no file, and no core: it would hold persons."""
    limits = ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0),
              (resource.RLIMIT_CORE, 0))  # fmt: skip
    for what, most in limits:
        resource.setrlimit(what, (most, most))


def _opener(kind: str) -> Callable[[bytes, Callable[[bytes], object]], str]:
    if kind == "xlsx":
        from connectors.opening.workbooks import sheet_as_csv

        return sheet_as_csv
    from connectors.opening.archives import gunzip, unzip

    return {"zip": unzip, "gz": gunzip}[kind]


def _tell(page: dict[str, object]) -> None:
    sys.stderr.write(json.dumps(page))


if __name__ == "__main__":
    main(*sys.argv[1:])
