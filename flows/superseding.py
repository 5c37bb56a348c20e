"""Open rows whose record came again: a later delivery has it, taken or refused anew, or is a full one of its feed."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from flows.night import Night
from flows.placing import place_among
from flows.replaying import REPLAY
from transforms.schemas import QUARANTINE_STATES, RECORD_KEY, ROW_NUMBER
from transforms.sql import ask
from warehouse.refusals import quarantine_id_of, refusals

# What tonight's loaded deliveries had: the record keys of their rows; a full one also stands for all there is.
CAME = pa.schema(
    [
        ("feed", pa.string()),
        ("delivery_id", pa.string()),
        ("at", pa.int64()),  # the delivery's place among those of its feed, larger for later
        ("record_key", pa.string()),  # null in the row that stands for a full delivery as a whole
        ("is_replay", pa.bool_()),  # let in by people: of two rows with one key in one delivery, the one that holds
    ]
)
OPEN = pa.schema(
    [
        ("quarantine_id", pa.string()),
        ("feed", pa.string()),
        ("delivery_id", pa.string()),
        ("row_number", pa.int64()),
        ("record_key", pa.string()),
        ("at", pa.int64()),
        ("decisions", pa.int64()),
    ]
)
_SUPERSEDED = """
    SELECT quarantine_id, open.delivery_id, row_number, 'dismissed' AS status, 'superseded' AS why,
           NULL::VARCHAR AS decision_id, decisions, arg_max(came.delivery_id, came.at) AS by_delivery_id,
           NULL::VARCHAR AS reason_code, NULL::VARCHAR AS column_name
    FROM open JOIN came ON open.feed = came.feed AND came.at >= open.at
        AND (open.delivery_id <> came.delivery_id OR came.is_replay)
        AND (came.record_key IS NULL OR (open.record_key = came.record_key AND open.record_key <> ''))
    GROUP BY quarantine_id, open.delivery_id, row_number, decisions
    ORDER BY quarantine_id
"""


def _superseded(open_rows: pa.Table, came: pa.Table) -> pa.Table:
    """QUARANTINE_STATES of the open rows (OPEN) that tonight's deliveries (CAME) have made idle."""
    if not open_rows.num_rows or not came.num_rows:
        return QUARANTINE_STATES.empty_table()
    return ask(_SUPERSEDED, QUARANTINE_STATES, open=open_rows, came=came)


def _came_in(load: Mapping[str, Any], at: int, keys: list[pa.Array | pa.ChunkedArray]) -> pa.Table:
    """CAME of one load: its record keys, and the row for a full one."""
    columns = [each.combine_chunks() if isinstance(each, pa.ChunkedArray) else each for each in keys]
    own = pa.concat_arrays([each.cast(pa.string()) for each in columns])
    whole = pa.nulls(1 if load["mode"] == "full" else 0, pa.string())
    key = pa.concat_arrays([own, whole])
    told = [pa.repeat(pa.scalar(load[name]), len(key)) for name in ("feed", "delivery_id")]
    is_replay = pa.repeat(pa.scalar(load["mode"] == REPLAY), len(key))
    return pa.table([*told, pa.repeat(pa.scalar(at, pa.int64()), len(key)), key, is_replay], schema=CAME)


def superseded_tonight(
    night: Night, loads: list[dict[str, Any]], tables: Mapping[str, pa.Table], decided: pa.Table
) -> pa.Table:
    """QUARANTINE_STATES of the rows, of tonight or before, that a delivery of tonight has made idle."""
    loaded = [load for load in loads if load["status"] == "loaded"]
    if not loaded:
        return QUARANTINE_STATES.empty_table()
    came, still = [CAME.empty_table()], [OPEN.empty_table()]
    for load in loaded:
        parts = [tables[name] for kind in ("accepted", "quarantine", "replayed")
                 if (name := f"{kind}/{load['delivery_id']}") in tables]  # fmt: skip
        came.append(_came_in(load, place_among(load), [part[RECORD_KEY] for part in parts]))
        if load["mode"] != REPLAY:
            still.append(_refused_tonight(load, tables[f"quarantine/{load['delivery_id']}"]))
    done, feeds = set(decided["quarantine_id"].to_pylist()), {load["feed"] for load in loaded}
    before = [row for row in refusals(night.warehouse, status="open").to_pylist() if row["feed"] in feeds]
    kept = [row | {"at": place_among(row)} for row in before if row["quarantine_id"] not in done]
    still.append(pa.Table.from_pylist(kept, schema=OPEN))
    return _superseded(pa.concat_tables(still), pa.concat_tables(came))


def _refused_tonight(load: dict[str, Any], refused: pa.Table) -> pa.Table:
    numbers = refused[ROW_NUMBER].to_pylist()
    told = {
        "quarantine_id": [quarantine_id_of(load["delivery_id"], number) for number in numbers],
        "feed": [load["feed"]] * len(numbers),
        "delivery_id": [load["delivery_id"]] * len(numbers),
        "row_number": numbers,
        "record_key": refused[RECORD_KEY].to_pylist(),
        "at": [place_among(load)] * len(numbers),
        "decisions": [0] * len(numbers),
    }
    return pa.table(told, schema=OPEN)
