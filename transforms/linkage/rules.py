"""What is decided without a model: when two mentions are one person by rule, and which mentions share a record."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.codes import Codes
from transforms.linkage.encoding import Keys, keys_of, mix

REGISTER = "household_register"


def same_identity(mentions: pa.Table) -> npt.NDArray[np.int64]:
    """A code per mention, equal where a valid number and the name are the same; -1 where one is missing.

    A name beside its own valid number twice is one person by rule: no model is asked. (Not where the sexes differ:
    then the number may be the twin's.)
    """
    number, name, sex = (keys_of(mentions[column]) for column in ("id_no", "name", "sex"))
    code = (mix(mix(number) + name) + sex) >> np.uint64(1)
    return np.where((number != 0) & (name != 0), code.astype(np.int64), -1)


def same_record(mentions: pa.Table) -> Keys:
    """A code per mention, equal where feed and record key are the same."""
    found: Keys = mix(keys_of(mentions["feed"])) + keys_of(mentions["record_key"])
    return found


def identity_codes(numbers: Codes, names: Codes, sexes: Codes) -> npt.NDArray[np.int64]:
    """`same_identity` of columns that are dictionary codes already (-1 is null)."""
    code = numbers.astype(np.int64) << 34 | names.astype(np.int64) << 2 | (sexes + 1)
    return np.where((numbers >= 0) & (names >= 0), code, -1)
