"""A child process is measured with all that it starts, and its failure is told in its own words."""

import sys

import pytest

from benchmarks.measuring import run

TAKE = "held = bytearray({} * 10**6); import time; time.sleep(0.5)"


def test_what_a_command_prints_comes_back():
    assert run([sys.executable, "-c", "print('found 3')"]).out == "found 3\n"


def test_memory_of_the_process_counts():
    assert run([sys.executable, "-c", TAKE.format(300)]).peak_mb > 300


def test_memory_of_what_it_starts_counts_on_top_of_its_own():
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TAKE.format(200)!r}])"
    assert run([sys.executable, "-c", f"held = bytearray(200 * 10**6); {child}"]).peak_mb > 400


def test_memory_of_the_process_that_starts_it_does_not_count():
    held = bytearray(300 * 10**6)
    assert run([sys.executable, "-c", "import time; time.sleep(0.3)"]).peak_mb < len(held) / 1e6


def test_work_of_what_it_starts_counts_as_its_work():
    alone = run([sys.executable, "-c", "pass"]).cpu
    started = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(3 * 10**7))'])"
    assert run([sys.executable, "-c", started]).cpu > alone


def test_a_failure_is_told_with_what_the_command_said():
    with pytest.raises(RuntimeError, match="left with 2: no such model"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('no such model'); sys.exit(2)"])
