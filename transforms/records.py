"""The state of a feed: one row a record, its latest version, and whether its agency still delivers it.

The state depends on the deliveries and their dates, not on the order in which they come. For that it keeps
two dates more than RECORD_STATE: `_seen_on`, the last delivery date on which this version was delivered, and
`_full_on`, the date of the latest full delivery (the same in every row).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.schemas import CONTENT_HASH, RECORD_KEY, RECORD_STATE

SEEN_ON = "_seen_on"
FULL_ON = "_full_on"
_STATE_FIELDS = (*RECORD_STATE, pa.field(SEEN_ON, pa.date32()), pa.field(FULL_ON, pa.date32()))


@dataclass(frozen=True)
class Merge:
    """The new state and what changed in it. Every row given in is either accepted or unchanged."""

    state: pa.Table
    changed_keys: pa.Array  # records that are new, have a new version, or are delivered again after a withdrawal
    withdrawn_keys: pa.Array  # records that this full delivery no longer has
    rows_accepted: int
    rows_unchanged: int  # rows that say what is known, or less than what is known


def merge_records(
    current: pa.Table | None,
    parsed: pa.Table,
    *,
    full: bool,
    delivery_id: str,
    delivered_on: date,
    business_date: date,
) -> Merge:
    """Bring the accepted rows of one delivery (Parsed.table) into the state of their feed.

    Of rows with one key the last content counts, and the first row that has it is the accepted one. A version
    of an earlier delivery than the state's own does not replace it. Full: what it lacks is withdrawn.
    """
    state = _empty_state(parsed) if current is None else _with_columns(current, parsed)
    rows = parsed.take(_one_row_a_key(parsed))
    full_on = _latest(_full_on(state), delivered_on if full else None)
    versions = _versions(rows, delivery_id, delivered_on, business_date, full_on)
    positions = pc.index_in(rows[RECORD_KEY], state[RECORD_KEY]).combine_chunks()
    replaces = _replaces(state, versions, positions, delivered_on)
    withdrawn = _newly_absent(state, positions, delivered_on) if full else np.zeros(len(state), dtype=bool)
    seen = _withdrawn(_seen(state, positions, delivered_on, full_on), withdrawn, business_date)
    changed = versions.filter(pa.array(replaces))
    return Merge(
        state=_put(seen, changed, positions.filter(pa.array(replaces))),
        changed_keys=changed[RECORD_KEY].combine_chunks(),
        withdrawn_keys=state[RECORD_KEY].filter(pa.array(withdrawn)).combine_chunks(),
        rows_accepted=changed.num_rows,
        rows_unchanged=parsed.num_rows - changed.num_rows,
    )


def _empty_state(parsed: pa.Table) -> pa.Table:
    return pa.schema([*parsed.schema, *_STATE_FIELDS]).empty_table()


def _with_columns(current: pa.Table, parsed: pa.Table) -> pa.Table:
    """The state in today's columns: what the contract has gained since is null, what it dropped goes."""
    wanted = pa.schema([*parsed.schema, *_STATE_FIELDS])
    columns = [
        current[field.name].cast(field.type)
        if field.name in current.column_names
        else pa.nulls(len(current), field.type)
        for field in wanted
    ]
    return pa.table(columns, schema=wanted)


def _one_row_a_key(parsed: pa.Table) -> pa.Array:
    """Row indices: for each key the first row that has the content of its last row."""
    keys = _codes(parsed[RECORD_KEY])
    contents = _codes(parsed[CONTENT_HASH])
    last = np.zeros(keys.max(initial=-1) + 1, dtype=np.int64)
    last[keys] = contents  # of repeated indices the last assignment stands
    candidates = np.flatnonzero(contents == last[keys])
    _, first = np.unique(keys[candidates], return_index=True)
    return pa.array(np.sort(candidates[first]))


def _codes(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)


def _full_on(state: pa.Table) -> date | None:
    latest: date | None = pc.max(state[FULL_ON]).as_py()
    return latest


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _versions(
    rows: pa.Table, delivery_id: str, delivered_on: date, business_date: date, full_on: date | None
) -> pa.Table:
    status = "withdrawn" if full_on is not None and delivered_on < full_on else "active"
    values = (delivery_id, delivered_on, business_date, business_date, status, delivered_on, full_on)
    for field, value in zip(_STATE_FIELDS, values, strict=True):
        rows = rows.append_column(field, pa.repeat(pa.scalar(value, field.type), len(rows)))
    return rows


def _replaces(state: pa.Table, versions: pa.Table, positions: pa.Array, delivered_on: date) -> Any:
    """Which rows become the state's: new keys, and what differs from a version that is not newer."""
    known = state.select([CONTENT_HASH, "_status", SEEN_ON]).take(positions)
    is_current = pc.less_equal(known[SEEN_ON], pa.scalar(delivered_on, pa.date32()))
    differs = pc.or_(
        pc.not_equal(known[CONTENT_HASH], versions[CONTENT_HASH]),
        pc.not_equal(known["_status"], versions["_status"]),
    )
    return pc.fill_null(pc.and_(is_current, differs), True).to_numpy()


def _newly_absent(state: pa.Table, positions: pa.Array, delivered_on: date) -> Any:
    """Active records that this full delivery lacks, unless a later delivery has shown them."""
    is_absent = np.ones(len(state), dtype=bool)
    is_absent[positions.drop_null().to_numpy(zero_copy_only=False)] = False
    not_later = pc.less_equal(state[SEEN_ON], pa.scalar(delivered_on, pa.date32())).to_numpy()
    return is_absent & not_later & pc.equal(state["_status"], "active").to_numpy()


def _seen(state: pa.Table, positions: pa.Array, delivered_on: date, full_on: date | None) -> pa.Table:
    """The state with `_seen_on` of what was delivered, and `_full_on`."""
    is_here = np.zeros(len(state), dtype=bool)
    is_here[positions.drop_null().to_numpy(zero_copy_only=False)] = True
    latest = pc.max_element_wise(state[SEEN_ON], pa.scalar(delivered_on, pa.date32()))
    state = _with(state, SEEN_ON, pc.if_else(pa.array(is_here), latest, state[SEEN_ON]))
    return _with(state, FULL_ON, pa.repeat(pa.scalar(full_on, pa.date32()), len(state)))


def _withdrawn(state: pa.Table, withdrawn: Any, business_date: date) -> pa.Table:
    """The state in which those records are gone, which is known since that business date."""
    night = pa.scalar(business_date, pa.date32())
    state = _with(state, "_known_on", pc.if_else(pa.array(withdrawn), night, state["_known_on"]))
    return _with(state, "_status", pc.if_else(pa.array(withdrawn), "withdrawn", state["_status"]))


def _with(state: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return state.set_column(state.schema.get_field_index(name), state.schema.field(name), values)


def _put(state: pa.Table, changed: pa.Table, positions: pa.Array) -> pa.Table:
    """The changed versions at the place of their older ones, and the new records behind."""
    first_known = state["_first_known_on"].take(positions)
    kept = pc.min_element_wise(first_known, changed["_first_known_on"])  # null (new) is skipped
    changed = _with(changed, "_first_known_on", kept)
    order = np.arange(len(state))
    places = positions.to_numpy(zero_copy_only=False)
    rows = np.arange(len(changed)) + len(state)
    is_new = positions.is_null().to_numpy(zero_copy_only=False)
    order[places[~is_new].astype(np.int64)] = rows[~is_new]
    both = pa.concat_tables([state, changed.cast(state.schema)])
    return both.take(pa.array(np.concatenate([order, rows[is_new]])))
