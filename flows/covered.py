"""What each feed covers tonight: counted where a delivery came, taken from the last night where none did."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from expectations.thresholds import thresholds_with
from flows.night import Night
from transforms.coverage import EVENT_DATE, columns_counted, coverage, records_seen
from transforms.schemas import SEEN


def seen_by(night: Night, states: Mapping[str, pa.Table]) -> pa.Table:
    """SEEN of every feed: counted anew where a delivery came, else as the last night left it."""
    before = night.earlier("seen")
    known = set(before["feed"].unique().to_pylist()) if before is not None else set()
    found = {feed: records_seen(feed, state) for feed, state in states.items()}
    for feed in night.site.feeds:
        path = night.previous.paths.get(f"records/{feed}")
        if feed not in found and feed not in known and path is not None:
            found[feed] = records_seen(feed, night.read(path, columns_counted(feed)))
    kept = before.filter(pc.invert(pc.is_in(before["feed"], pa.array(list(found), pa.string())))) if before else None
    return pa.concat_tables([SEEN.empty_table(), *([kept] if kept else []), *found.values()])


def covered_by(night: Night, loads: pa.Table, states: Mapping[str, pa.Table], seen: pa.Table) -> pa.Table:
    """COVERAGE of tonight, with what agencies declare held against what their feeds have shown."""
    sources = night.site.feeds
    known = {feed: states[feed] if feed in states else _event_dates(night, feed) for feed in EVENT_DATE}
    return coverage(
        night.earlier("coverage"),
        loads,
        {feed: state for feed, state in known.items() if state is not None and feed in sources},
        max_age_days={feed: source.max_age_days for feed, source in sources.items()},
        business_date=night.business_date,
        declared={feed: source.covers for feed, source in sources.items() if source.covers},
        seen=seen,
        usual_records={feed: thresholds_with(each.bounds).hole_usual_records for feed, each in sources.items()},
    )


def _event_dates(night: Night, feed: str) -> pa.Table | None:
    path = night.previous.paths.get(f"records/{feed}")
    return None if path is None else night.read(path, [EVENT_DATE[feed]])
