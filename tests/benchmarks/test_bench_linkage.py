"""The page: a setting measured again takes its own place and leaves the others alone."""

from argparse import Namespace

import pytest

from benchmarks.bench_linkage import section, write_page
from benchmarks.linkage.comparing import Measured
from benchmarks.linkage.judging import Judged

GIVEN = Namespace(seed=1, records=100, persons=1000)


def measured(engine, **changed):
    told = Judged(0.95, 90, 89, 100)
    values = {
        "engine": engine, "cpu": 4.25, "wall": 3.0, "peak_mb": 900.0, "saved_cpu": 1.0, "saved_wall": 0.5,
        "delta_wall": 0.25, "indexed_wall": 0.4, "delta_after": 0.1, "pairs_compared": 1234,
        "true_compared": 99, "true": 100, "fixed": told, "best": told, "best_each": told,
        "decided": told, "passed": told, "curve": [],
    }  # fmt: skip
    return Measured(**(values | changed))


def test_the_section_names_the_command_and_every_engine():
    text = section("hard", [measured("nuanxin"), measured("other")], GIVEN)
    assert "`python -m benchmarks.bench_linkage --noise hard --seed 1`" in text
    assert text.count("| nuanxin |") == text.count("| other |") == 2


@pytest.mark.parametrize(
    "missing", ["saved_cpu", "delta_wall", "pairs_compared", "true_compared", "decided", "passed", "delta_after"]
)
def test_what_an_engine_does_not_have_stays_empty(missing):
    row = measured("other", **{missing: None})
    assert "" in [*row.costs().values(), *row.qualities().values()]


def test_an_extended_measurement_says_so():
    text = section("hard", [measured("loop", note="the first 5 records")], GIVEN)
    assert "| loop \\* |" in text and "\\* loop: the first 5 records." in text


def test_a_setting_measured_again_replaces_its_own_section(tmp_path):
    page = tmp_path / "page.md"
    write_page(page, {"normal": section("normal", [measured("engine one")], GIVEN)}, 3)
    write_page(page, {"hard": section("hard", [measured("engine two")], GIVEN)}, 3)
    write_page(page, {"normal": section("normal", [measured("engine three")], GIVEN)}, 3)
    text = page.read_text("utf-8")
    assert text.count("## Noise: normal") == text.count("## Noise: hard") == 1
    assert "engine three" in text and "engine two" in text and "engine one" not in text


def test_splink_stands_beside_us_in_multiples():
    text = section("hard", [measured("nuanxin"), measured("Splink 5, tuned", cpu=17.0, peak_mb=2250.0)], GIVEN)
    assert "| Splink 5, tuned | 4.0 × | 1.0 × | 1.2 × | 2.5 × | 1.00 | 1.00 | 1.00 |" in text
