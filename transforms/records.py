"""The state of a feed: one row a record, its latest version, and whether its agency still delivers it.

The state depends on the deliveries, their dates and their places within a date, not on the order in which they come.
For that it keeps more than RECORD_STATE: `_seen_on` and `_seen_no`, date and place of the last delivery that had this
version, and `_full_on` and `_full_no`, those of the latest full delivery (the same in every row). A record is withdrawn
where no delivery since the latest full one has shown it, and that one did not have it either, not even in a row that
was refused: a row that cannot be read is still there.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.schemas import CONTENT_HASH, RECORD_KEY, RECORD_STATE

SEEN_ON, SEEN_NO = "_seen_on", "_seen_no"
FULL_ON, FULL_NO = "_full_on", "_full_no"
_STATE_FIELDS = (
    *RECORD_STATE,
    pa.field(SEEN_ON, pa.date32()),
    pa.field(FULL_ON, pa.date32()),
    pa.field(SEEN_NO, pa.int64()),
    pa.field(FULL_NO, pa.int64()),
)
_DAY = 1_000_000  # places within a date are smaller
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Merge:
    """The new state and what changed in it. Every row given in is either accepted or unchanged."""

    state: pa.Table
    changed_keys: pa.Array  # records that are new, have a new version, or are delivered again after a withdrawal
    withdrawn_keys: pa.Array  # records that this full delivery no longer has
    rows_accepted: int
    rows_unchanged: int  # rows that say what is known, or less than what is known
    records_new: int  # of `changed_keys`, those that were not known


def merge_records(
    current: pa.Table | None,
    parsed: pa.Table,
    *,
    full: bool,
    delivery_id: str,
    delivered_on: date,
    business_date: date,
    place: int = 0,
    refused_in_full: pa.Array | None = None,
) -> Merge:
    """Bring the accepted rows of one delivery (Parsed.table) into the state of their feed.

    Of rows with one key the last content counts, and the first row that has it is the accepted one. A version
    of an earlier delivery than the state's own does not replace it; `place` orders the deliveries of one date, and of
    two at one place the later arrival counts. Full: what it lacks is withdrawn. `refused_in_full`: keys of the rows
    that the latest full delivery (this one, where it is that) had, and that were refused.
    """
    state = _empty_state(parsed) if current is None else _with_columns(current, parsed)
    rows = parsed.take(_one_row_a_key(parsed))
    at, known_full = moment(delivered_on, place), _full_at(state)
    full_at = max(known_full, at) if full else known_full
    refused = pa.array([], pa.string()) if refused_in_full is None else refused_in_full
    versions = _versions(rows, delivery_id, delivered_on, place, business_date, full_at)
    versions = _with(versions, "_status", _statuses(versions, full_at, refused))
    positions = pc.index_in(rows[RECORD_KEY], state[RECORD_KEY]).combine_chunks()
    replaces = _replaces(state, versions, positions, at)
    seen = _seen(state, positions, delivered_on, place, full_at)
    settled, turned = _settled(seen, full_at, refused, business_date) if full_at == at and full else (seen, _NOBODY)
    changed, places = versions.filter(pa.array(replaces)), positions.filter(pa.array(replaces))
    return Merge(
        state=_put(settled, changed, places),
        changed_keys=pa.concat_arrays([changed[RECORD_KEY].combine_chunks(), turned.back]),
        withdrawn_keys=turned.gone,
        rows_accepted=changed.num_rows,
        rows_unchanged=parsed.num_rows - changed.num_rows,
        records_new=places.null_count,
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


def moment(day: date | None, place: int | None) -> int:
    """Where a delivery stands among all of its feed: date and place in one number, larger for later; 0 for none."""
    return 0 if day is None else (day - _EPOCH).days * _DAY + (place or 0)


def _moments(state: pa.Table) -> pa.ChunkedArray:
    days = pc.multiply(state[SEEN_ON].cast(pa.int32()).cast(pa.int64()), _DAY)
    return pc.add(days, pc.fill_null(state[SEEN_NO], 0))


def _full_at(state: pa.Table) -> int:
    return moment(pc.max(state[FULL_ON]).as_py(), pc.max(state[FULL_NO]).as_py())


def _versions(
    rows: pa.Table, delivery_id: str, delivered_on: date, place: int, business_date: date, full_at: int
) -> pa.Table:
    full = _day_and_place(full_at)
    values = (delivery_id, delivered_on, business_date, business_date, "active", delivered_on, full[0], place, full[1])
    for field, value in zip(_STATE_FIELDS, values, strict=True):
        rows = rows.append_column(field, pa.repeat(pa.scalar(value, field.type), len(rows)))
    return rows


def _day_and_place(moment: int) -> tuple[date | None, int | None]:
    return (_EPOCH + timedelta(days=moment // _DAY), moment % _DAY) if moment else (None, None)


def _statuses(state: pa.Table, full_at: int, refused: pa.Array) -> pa.Array:
    """Who is there, by what the latest full delivery and those after it have shown."""
    is_there = pc.or_(pc.greater_equal(_moments(state), full_at), pc.is_in(state[RECORD_KEY], value_set=refused))
    return pc.if_else(is_there, "active", "withdrawn")


def _replaces(state: pa.Table, versions: pa.Table, positions: pa.Array, at: int) -> Any:
    """Which rows become the state's: new keys, and what differs from a version that is not newer."""
    known = state.select([CONTENT_HASH, "_status", SEEN_ON, SEEN_NO]).take(positions)
    is_current = pc.less_equal(_moments(known), at)
    differs = pc.or_(
        pc.not_equal(known[CONTENT_HASH], versions[CONTENT_HASH]),
        pc.not_equal(known["_status"], versions["_status"]),
    )
    return pc.fill_null(pc.and_(is_current, differs), True).to_numpy()


def _seen(state: pa.Table, positions: pa.Array, delivered_on: date, place: int, full_at: int) -> pa.Table:
    """The state with date and place of the last delivery that had each record, and of the latest full one."""
    is_here = np.zeros(len(state), dtype=bool)
    is_here[positions.drop_null().to_numpy(zero_copy_only=False)] = True
    is_later = pc.and_(pa.array(is_here), pc.less(_moments(state), moment(delivered_on, place)))
    full_on, full_no = _day_and_place(full_at)
    columns = {
        SEEN_ON: pc.if_else(is_later, pa.scalar(delivered_on, pa.date32()), state[SEEN_ON]),
        SEEN_NO: pc.if_else(is_later, place, state[SEEN_NO]),
        FULL_ON: pa.repeat(pa.scalar(full_on, pa.date32()), len(state)),
        FULL_NO: pa.repeat(pa.scalar(full_no, pa.int64()), len(state)),
    }
    for name, values in columns.items():
        state = _with(state, name, values)
    return state


@dataclass(frozen=True)
class _Turned:
    """Records that a full delivery withdraws, and withdrawn ones that it still has, in a row that was refused."""

    gone: pa.Array
    back: pa.Array


_NOBODY = _Turned(pa.array([], pa.string()), pa.array([], pa.string()))


def _settled(state: pa.Table, full_at: int, refused: pa.Array, business_date: date) -> tuple[pa.Table, _Turned]:
    """The state as a new latest full delivery leaves those that it did not bring in a row of its own.

    Called before new versions are put in: a record that this delivery shows is there, whatever its status was.
    """
    statuses = _statuses(state, full_at, refused)
    is_shown = pc.greater_equal(_moments(state), full_at)
    is_turned = pc.and_(pc.not_equal(statuses, state["_status"]), pc.invert(is_shown))
    keys = state[RECORD_KEY].filter(is_turned).combine_chunks()
    is_gone = pc.equal(statuses.filter(is_turned), "withdrawn").combine_chunks()
    night = pa.scalar(business_date, pa.date32())
    state = _with(state, "_known_on", pc.if_else(is_turned, night, state["_known_on"]))
    state = _with(state, "_status", pc.if_else(is_turned, statuses, state["_status"]))
    return state, _Turned(keys.filter(is_gone), keys.filter(pc.invert(is_gone)))


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
