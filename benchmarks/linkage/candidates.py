"""Blocking recall of our own engine: how many of the true pairs its blocks make."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.linkage.matching import Sides
from transforms.linkage.model import load_model

ID = "unique_id"


def our_candidates(left: Path, right: Path, model: Path, truth: Path) -> int:
    """True pairs among the pairs that the trained model's blocks make."""
    tables = [pq.read_table(path) for path in (left, right)]
    sides = Sides.of(*tables, load_model(model))
    known = pq.read_table(truth)
    used = ((sides.left.table, "left_id"), (sides.right.table, "right_id"))
    rows = [_rows(table[ID], known[column]) for table, column in used]
    return int(np.isin(rows[0] << 32 | rows[1], sides.at << 32 | sides.bt).sum())


def _rows(ids: pa.ChunkedArray, wanted: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = pc.index_in(wanted, ids.combine_chunks()).fill_null(-1)  # a row in no pair
    return np.asarray(found).astype(np.int64)
