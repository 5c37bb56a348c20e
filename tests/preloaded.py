"""Runs `nuanxin` in real processes, without paying for the imports each time.

A parent imports everything once and forks a child for each command; the child is a process of its own that can be
killed at any moment. Reads one JSON command a line from standard input, answers one JSON object a line.
"""

import json
import os
import sys


def _import_what_is_slow() -> None:
    from expectations import warm_up
    from flows import edge

    edge.prepare_libraries()
    warm_up()
    import flows.backfill
    import flows.cli
    import flows.explaining
    import flows.pack.command  # noqa: F401


def _child(order: dict[str, str]) -> None:
    for descriptor, path in ((0, os.devnull), (1, order["stdout"]), (2, order["stderr"])):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(path, flags, 0o600), descriptor)
    os.environ.update(order.get("environment", {}))
    os.chdir(order["folder"])
    sys.argv = ["nuanxin", *order["arguments"]]
    from flows.cli import main

    status = 0
    try:
        main()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def serve() -> None:
    """Answer orders until standard input ends."""
    _import_what_is_slow()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _child(order)
        print(json.dumps({"pid": child}), flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    serve()
