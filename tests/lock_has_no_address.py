"""A lock names packages and hashes, never where they come from: any address in it is a fault."""

import re
import sys
from pathlib import Path

ADDRESS = re.compile(r"\w+://|^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b|@\s*file:")


def addresses(text: str) -> list[str]:
    """The lines that hold an address, with their numbers."""
    lines = enumerate(text.splitlines(), 1)
    return [f"{number}: {line.strip()}" for number, line in lines if ADDRESS.search(line)]


def main(paths: list[str]) -> int:
    """Print every offending line; 1 if there is any."""
    found = [f"{path}:{line}" for path in paths for line in addresses(Path(path).read_text("utf-8"))]
    for line in found:
        print(f"an address stands in the lock: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
