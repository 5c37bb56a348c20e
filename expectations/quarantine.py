"""The refused rows of a delivery, each with its first reason and as it was delivered. Stays in the lake."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from transforms.schemas import QUARANTINE, RECORD_KEY, ROW_NUMBER


def refused_rows(
    delivered: pa.Table,
    typed: pa.Table,
    first: npt.NDArray[np.int32],
    reasons: list[tuple[str, str]],
) -> pa.Table:
    """Rows of QUARANTINE, one a refused row; `first` points into `reasons` (code, column), -1 is not refused."""
    is_refused = pa.array(first >= 0)
    which = first[first >= 0]
    rows = delivered.filter(is_refused)
    return pa.table(
        [
            rows[ROW_NUMBER].cast(pa.int64()),
            typed[RECORD_KEY].filter(is_refused).fill_null(""),
            pa.array([code for code, _ in reasons], pa.string()).take(pa.array(which)),
            pa.array([column for _, column in reasons], pa.string()).take(pa.array(which)),
            _as_json(rows.drop_columns([ROW_NUMBER])),
        ],
        schema=QUARANTINE,
    )


def unreadable_rows(faults: pa.Table) -> pa.Table:
    """Rows that reading could not bring into columns, as rows of QUARANTINE; they have no key."""
    text = pa.table({"delivered_text": faults["delivered_text"], "detail": faults["detail"]})
    return pa.table(
        [
            faults[ROW_NUMBER].cast(pa.int64()),
            pa.array([""] * faults.num_rows, pa.string()),
            faults["reason_code"],
            faults["column_name"].fill_null(""),
            _as_json(text),
        ],
        schema=QUARANTINE,
    )


def _as_json(rows: pa.Table) -> pa.Array:
    """One JSON object a row, written by pandas at once."""
    if rows.num_rows == 0:
        return pa.array([], pa.string())
    cells: pd.DataFrame = rows.to_pandas()
    lines = cells.to_json(orient="records", lines=True, force_ascii=False)
    return pa.array(str(lines).rstrip("\n").split("\n"), pa.string())
