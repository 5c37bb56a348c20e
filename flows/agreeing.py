"""The checks between feeds as a stage: what agencies say of the same person, held against each other."""

from collections.abc import Mapping

import pyarrow as pa

from expectations.between import hold_together
from expectations.thresholds import Thresholds, thresholds_with
from flows.night import Done, Night, Outcome
from warehouse.registers import payments_until


def agree(night: Night, records: Mapping[str, pa.Table], taken: Done, identified: Done, family: Done) -> Outcome:
    """Outcomes for the quality report; the records behind them stay in the lake, under opaque references."""
    held = hold_together(
        records,
        night.table(identified, "links"),
        night.table(family, "life_events"),
        night.table(taken, "coverage"),
        as_of=night.business_date,
        limits=lambda feed: _limits(night, feed),
        payments=payments_until(night.warehouse, night.business_date),
        entitlements=night.earlier("entitlements"),
    )
    tables = {"quality_between": held.quality, "contradictions": held.failing, "not_run": held.not_run}
    return Outcome(tables, {"contradictions": held.failing.num_rows, "checks_not_run": held.not_run.num_rows})


def _limits(night: Night, feed: str) -> Thresholds:
    source = night.site.feeds.get(feed)
    return thresholds_with(source.bounds if source else {})
