"""A delivery brought into columns: what reading hands to the gate. Everything in it is still text."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Delivered:
    """One delivery as text columns, before anything is believed.

    `table` has one string column per contract column that the delivery carries (nuanxin's own names, null for
    an empty cell, otherwise the bytes' text unchanged) and the int64 column `_row_number` (the header is row 1).
    `faults` (schema ROW_FAULTS) has the rows that could not be brought into columns; they are not in `table`.
    """

    table: pa.Table
    faults: pa.Table
    missing_columns: tuple[str, ...]  # contract columns whose header is not in the delivery
    unknown_headers: tuple[str, ...]  # headers that no column of the contract claims
    expected_headers: dict[str, str]  # column → the header that was looked for

    @property
    def rows_read(self) -> int:
        """Every record of the delivery, usable or not."""
        return int(self.table.num_rows + self.faults.num_rows)
