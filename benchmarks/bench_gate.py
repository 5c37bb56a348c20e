"""The gate on a million rows of twelve columns, beside Great Expectations alone on the same number of columns.

python -m benchmarks gate
"""

import resource
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from expectations import DeliveryFacts, gate, warm_up
from expectations.context import count_findings
from transforms.feeds import load_contract
from transforms.feeds.delivered import Delivered
from transforms.schemas import ROW_FAULTS, ROW_NUMBER
from transforms.standardise.feed import parse_feed

FEED = "births"  # twelve columns
DELIVERED_ON = date(2025, 6, 2)


def drawn(rows: int) -> Delivered:
    """Invented births: every fiftieth number has a wrong check character, every hundredth date cannot be read."""
    contract = load_contract(FEED)
    numbers = np.arange(rows)
    days = pd.date_range("1990-01-01", periods=12_000).strftime("%Y-%m-%d").to_numpy()
    born = np.where(numbers % 100 == 7, "不明日期", days[numbers % len(days)])
    ids = np.char.add("370303198602", np.char.zfill((numbers % 999_983).astype(str), 6))
    cells = {
        "birth_certificate_no": np.char.add("B", numbers.astype(str)),
        "child_name": np.char.add("林", (numbers % 5_000).astype(str)),
        "child_sex": np.where(numbers % 2, "男", "女"),
        "birth_date": born,
        "birth_order": (1 + numbers % 3).astype(str),
        "mother_name": np.char.add("何", (numbers % 7_000).astype(str)),
        "mother_id_no": ids,
        "father_name": np.char.add("林", (numbers % 6_000).astype(str)),
        "father_id_no": ids[::-1],
        "hospital": np.where(numbers % 3, "一院", "二院"),
        "issued_on": days[(numbers + 3) % len(days)],
        "status": np.where(numbers % 40, "有效", "换发"),
    }
    columns = {name: pa.array(cells[name].astype(object), pa.string()) for name in contract.column_names}
    columns[ROW_NUMBER] = pa.array(numbers + 2, pa.int64())
    headers = {column.name: column.header for column in contract.columns}
    return Delivered(pa.table(columns), ROW_FAULTS.empty_table(), (), (), headers)


def timed(what: str, work: Callable[[], object]) -> dict[str, object]:
    """One row: seconds, and by how much the peak grew."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    return {"what": what, "seconds": round(seconds, 2), "peak_grew_mb": grown}


def main(rows: int = 1_000_000) -> pd.DataFrame:
    """Great Expectations alone is the lower bound; the ratio of every row to it stands in the last column."""
    warm_up()
    delivery = drawn(rows)
    contract = load_contract(FEED)
    facts = DeliveryFacts("births_20250602_full.csv", "D0", DELIVERED_ON, "full")
    reasons = pd.Categorical.from_codes(np.where(np.arange(rows) % 50 == 0, 0, -1), pd.Index(["bad_check"]))
    frame = pd.DataFrame({f"c{at}": reasons for at in range(12)})
    cells = delivery.table.drop_columns([ROW_NUMBER]).to_pandas()
    found = pd.DataFrame(
        [
            timed("the library alone on the cells as delivered", lambda: _bare(cells)),
            timed("the library alone on reason codes", lambda: _bare(frame)),
            timed("parse_feed alone", lambda: parse_feed(contract, delivery.table, delivered_on=DELIVERED_ON)),
            timed(
                "gate, parse_feed included", lambda: gate(contract, delivery, delivery=facts, volumes=[], known_rows=0)
            ),
        ]
    )
    return found.assign(ratio=(found.seconds / found.seconds[0]).round(2))


def _bare(frame: pd.DataFrame) -> None:
    count_findings(frame, severities=dict.fromkeys(map(str, frame), "row"))
