"""The only door to Great Expectations: loaded on first use, offline, silent, without a file of its own.

What is validated is a frame of findings: one column a contract column, null where the cell is fine and otherwise
the code of what is wrong. No delivered value enters it, so no result, log or exception of the library can carry one.
"""

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import pandas as pd

_ONE_AT_A_TIME = Lock()  # a context keeps state between calls, and a flow checks feeds in several threads
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Verdict:
    """What an expectation said: how many rows it saw and how many were unexpected."""

    success: bool
    element_count: int
    unexpected_count: int


@dataclass(frozen=True)
class _Library:
    gx: Any
    expectations: Any
    batches: Any


def warm_up() -> None:
    """Load Great Expectations (some seconds) and open its context; later calls cost nothing."""
    with _ONE_AT_A_TIME:
        _library()


@cache
def _library() -> _Library:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # this release sends nothing; a later one shall not begin to
    had_handlers = list(logging.getLogger("py.warnings").handlers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations import expectations
        from great_expectations.data_context.types.base import ProgressBarsConfig
    logging.captureWarnings(False)  # the library turns it on for the whole program
    logging.getLogger("py.warnings").handlers[:] = had_handlers
    for name in ("great_expectations", ProgressBarsConfig.__module__):  # that module sets a level of its own
        logging.getLogger(name).setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("deliveries").add_dataframe_asset("findings")
    return _Library(gx, expectations, asset.add_batch_definition_whole_dataframe("whole"))


def count_findings(
    frame: pd.DataFrame, *, severities: Mapping[str, str], rows_from: int = 0, rows_to: int | None = None
) -> dict[str, Verdict]:
    """Run one suite on a frame of findings: every column is expected to be null, the row count to lie in bounds.

    `severities` has a house severity per column of the frame. Returns a verdict per column, and one for the
    row count under "". RuntimeError where the library could not evaluate an expectation.
    """
    with _ONE_AT_A_TIME:
        library = _library()
        expectations = [
            library.expectations.ExpectColumnValuesToBeNull(
                column=name, severity="critical" if severity == "row" else "warning", meta={"of": name}
            )
            for name, severity in severities.items()
        ]
        expectations.append(
            library.expectations.ExpectTableRowCountToBeBetween(min_value=rows_from, max_value=rows_to, meta={"of": ""})
        )
        return {of: _verdict(result) for of, result in _run(library, frame, expectations).items()}


def _run(library: _Library, frame: pd.DataFrame, expectations: list[Any]) -> dict[str, Any]:
    suite = library.gx.ExpectationSuite(name="feed", expectations=expectations)
    batch = library.batches.get_batch({"dataframe": frame})
    report = batch.validate(suite, result_format=_COUNTS_ONLY)
    kept = batch.data.execution_engine.batch_manager
    kept.reset_batch_cache()
    kept.batch_data_cache.clear()  # else the library holds the last frame until the next
    for result in report.results:
        if result.exception_info.get("raised_exception", False):
            raise RuntimeError(f"the expectation on {result.expectation_config.meta['of'] or 'rows'} could not be run")
    return {result.expectation_config.meta["of"]: result for result in report.results}


def _verdict(result: Any) -> Verdict:
    counts = result.result
    seen = counts.get("element_count", counts.get("observed_value", 0))
    return Verdict(bool(result.success), int(seen), int(counts.get("unexpected_count", 0)))
