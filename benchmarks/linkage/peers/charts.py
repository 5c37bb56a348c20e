"""Draws the figures of a run as SVG: what each engine costs, and precision against recall.

python charts.py FIGURES.json FOLDER       writes linkage-cost.svg and linkage-curves.svg
"""

import json
import sys
from pathlib import Path

import altair as alt
import pandas as pd

_COSTS = {"cpu": "train and score: CPU s", "saved_wall": "saved model: wall s", "peak_mb": "peak memory: MB"}
_NAIVE = "rapidfuzz loop"
_LEAST = 0.85  # below this nobody would link


def cost(figures: dict) -> alt.HConcatChart:
    """Bars side by side, one panel a cost; the naive loop is left out of them, it would flatten the rest."""
    rows = [
        {"engine": row["engine"], "noise": noise, "what": what, "value": row[key]}
        for noise, found in figures.items()
        for row in found
        for key, what in _COSTS.items()
        if row[key] is not None and row["engine"] != _NAIVE
    ]
    table = pd.DataFrame(rows)
    return alt.hconcat(*(_bars(table[table["what"] == what], what) for what in _COSTS.values()))


def _bars(table: pd.DataFrame, what: str) -> alt.LayerChart:
    base = alt.Chart(table, title=what).encode(
        y=alt.Y("engine:N", title=None, sort=None),
        yOffset=alt.YOffset("noise:N", sort=None),
        x=alt.X("value:Q", title=None),
        color=alt.Color("noise:N", title=None, sort=None),
    )
    texts = base.mark_text(align="left", dx=3, color="#333").encode(text=alt.Text("value:Q", format=",.3~r"))
    return (base.mark_bar() + texts.encode(color=alt.value("#333"))).properties(width=210, height=190)


def curves(figures: dict) -> alt.HConcatChart:
    """Precision against recall, one panel a noise, in the corner where linking is worth it."""
    return alt.hconcat(*(_curve(found, noise) for noise, found in figures.items()))


def _curve(found: list, noise: str) -> alt.Chart:
    points = [
        {"engine": row["engine"], "recall": recall, "precision": precision, "order": place}
        for row in found
        if row["engine"] != _NAIVE
        for place, (recall, precision) in enumerate(row["curve"])
        if recall >= _LEAST and precision >= _LEAST
    ]
    near = alt.Scale(zero=False, nice=False)
    return (
        alt.Chart(pd.DataFrame(points, columns=["engine", "recall", "precision", "order"]), title=noise)
        .mark_line(clip=True)
        .encode(
            x=alt.X("recall:Q", scale=near),
            y=alt.Y("precision:Q", scale=near),
            color=alt.Color("engine:N", title=None, sort=None),
            order="order:Q",
        )
        .properties(width=330, height=280)
    )


def main(figures: Path, folder: Path) -> None:
    """Read the figures by noise, write the two pictures."""
    found = json.loads(figures.read_text("utf-8"))
    cost(found).save(folder / "linkage-cost.svg")
    curves(found).save(folder / "linkage-curves.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
