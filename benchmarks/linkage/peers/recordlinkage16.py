"""recordlinkage on the same tables: its index blocks, its string comparisons, its Fellegi–Sunter classifier by EM.

python recordlinkage16.py --left A --right B --out P [--limit RECORDS]

Compares with Python and pandas throughout, so `--limit` takes only the first records; the caller says how many.
"""

import argparse
from pathlib import Path

import pandas as pd
import recordlinkage as rl

COLUMNS = ["unique_id", "name", "name_pinyin", "sex", "birth_date", "birth_year", "id_no", "id_no_text", "address_key",
           "phone", "father_name", "mother_name", "spouse_name"]  # fmt: skip
BLOCKS = [["id_no"], ["name_pinyin", "birth_date"], ["name", "birth_year"], ["given_name", "birth_date"],
          ["phone", "sex"], ["address_key", "sex"], ["name", "spouse_name"], ["name", "mother_name"]]  # fmt: skip


def prepared(path: Path, limit: int | None) -> pd.DataFrame:
    """The table by unique_id; dates as text, a number that is not valid as it was typed."""
    table = pd.read_parquet(path, columns=COLUMNS).set_index("unique_id").head(limit) if limit else (
        pd.read_parquet(path, columns=COLUMNS).set_index("unique_id"))  # fmt: skip
    table["id_no"] = table["id_no"].fillna(table.pop("id_no_text"))
    table["birth_date"] = table["birth_date"].astype("string")
    table["given_name"] = table["name"].str[1:]
    return table.astype(object).where(table.notna(), None)


def candidates(left: pd.DataFrame, right: pd.DataFrame) -> pd.MultiIndex:
    """Pairs of all blocks. A block leaves out rows without the key: the library would pair the empty ones."""
    found = [rl.index.Block(on, on).index(left.dropna(subset=on), right.dropna(subset=on)) for on in BLOCKS]
    pairs = found[0]
    for more in found[1:]:
        pairs = pairs.union(more)
    return pairs


def compared(pairs: pd.MultiIndex, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Agreement of each pair, 0 or 1, one column a field."""
    compare = rl.Compare()
    for name in ("name", "sex", "birth_date", "id_no", "phone", "father_name", "mother_name", "spouse_name"):
        compare.exact(name, name, label=name)
    for name, threshold in (("name_pinyin", 0.85), ("birth_date", 0.89), ("id_no", 0.93), ("address_key", 0.85)):
        compare.string(name, name, method="levenshtein", threshold=threshold, label=f"{name}_near")
    return compare.compute(pairs, left, right)


def main() -> None:
    """Read the command line, link."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("left", "right", "out"):
        asked.add_argument(f"--{name}", type=Path, required=True)
    asked.add_argument("--limit", type=int)
    given = asked.parse_args()
    left, right = prepared(given.left, given.limit), prepared(given.right, None)
    vectors = compared(candidates(left, right), left, right).astype(int)
    model = rl.ECMClassifier(binarize=None)
    model.fit(vectors)
    probability = model.prob(vectors)
    found = probability[probability >= 0.01].rename("match_probability").reset_index()
    found.columns = ["left_id", "right_id", "match_probability"]
    found.to_parquet(given.out, index=False)


if __name__ == "__main__":
    main()
