"""Several business dates in one go, oldest first: nights that were missed, or a site that begins."""

from typing import Any

from prefect import flow

from flows.nightly import nightly


@flow(name="backfill", persist_result=False, validate_parameters=False)
def backfill(site: str, dates: list[str]) -> list[dict[str, Any]]:
    """Run each date once; a fault ends the row of nights, because the next would build on it."""
    return [nightly(site, day) for day in sorted(dates)]
