"""What is written in an afternoon: every record against the whole register with rapidfuzz, row by row.

python rapidfuzz_loop.py --left A --right B --out P [--limit RECORDS]

One text a person (name, birth date, number), token-free ratio, the best candidate if it reaches a score. The cost is
records × register, so only the first records are taken and the caller multiplies and says so.
"""

import argparse
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz, process

COLUMNS = ["unique_id", "name", "sex", "birth_date", "id_no", "id_no_text"]


def texts(path: Path, limit: int | None) -> pd.Series:
    """Name, sex, birth date and number of each person as one text, by unique_id."""
    table = pd.read_parquet(path, columns=COLUMNS).set_index("unique_id")
    table = table.head(limit) if limit else table
    table["id_no"] = table["id_no"].fillna(table.pop("id_no_text"))
    return table.astype("string").fillna("").agg(" ".join, axis=1)


def main() -> None:
    """Read the command line, link."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("left", "right", "out"):
        asked.add_argument(f"--{name}", type=Path, required=True)
    asked.add_argument("--limit", type=int, default=100)
    given = asked.parse_args()
    left, right = texts(given.left, given.limit), texts(given.right, None)
    persons, choices = right.index.to_list(), right.to_list()
    rows = []
    for record, text in left.items():
        _, score, place = process.extractOne(text, choices, scorer=fuzz.ratio)
        rows.append((record, persons[place], score / 100))
    pd.DataFrame(rows, columns=["left_id", "right_id", "match_probability"]).to_parquet(given.out, index=False)


if __name__ == "__main__":
    main()
