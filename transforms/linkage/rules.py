"""What is decided without a model: when two mentions are one person by rule, and which mentions share a record."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import Codes, shared_codes

REGISTER = "household_register"


def same_identity(mentions: pa.Table) -> npt.NDArray[np.int64]:
    """A code per mention, equal where a valid number and the name are the same; -1 where one is missing.

    A name beside its own valid number twice is one person by rule: no model is asked. (Not where the sexes differ:
    then the number may be the twin's.)
    """
    return identity_codes(*(shared_codes([mentions[name]])[1][0] for name in ("id_no", "name", "sex")))


def identity_codes(numbers: Codes, names: Codes, sexes: Codes) -> npt.NDArray[np.int64]:
    """`same_identity` of columns that are codes already (-1 is null)."""
    code = numbers.astype(np.int64) << 34 | names.astype(np.int64) << 2 | (sexes + 1)
    return np.where((numbers >= 0) & (names >= 0), code, -1)


def record_names(mentions: pa.Table) -> pa.Array | pa.ChunkedArray:
    """feed|record_key of every mention."""
    return pc.binary_join_element_wise(_plain(mentions["feed"]), _plain(mentions["record_key"]), "|")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
