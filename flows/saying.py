"""Lines for people on standard error, pages for programs on standard output."""

import json
import sys


def say(line: str) -> None:
    """A message for people."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def print_json(page: object) -> None:
    """A summary for programs."""
    print(json.dumps(page, ensure_ascii=False, default=str))  # noqa: T201
