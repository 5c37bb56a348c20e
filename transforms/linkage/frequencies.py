"""How common a name is where this site is, frozen on its first night so that scores never drift."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FREQUENCIES = pa.schema([("kind", pa.string()), ("value", pa.string()), ("frequency", pa.float64())])
# name: share of persons with this name; mentions: the number of mentions of that night, as the table's size
NAME, MENTION_COUNT = "name", "mentions"


def freeze_frequencies(mentions: pa.Table) -> pa.Table:
    """Shares of names among the persons mentioned, and how many mentions there are (schema FREQUENCIES).

    A person who is mentioned often counts once: by number, else by date of birth. Lake only, as it holds names.
    """
    whose = pc.coalesce(mentions["id_no"], mentions["id_no_text"], pc.cast(mentions["birth_date"], pa.string()), "")
    persons = pa.table({"value": mentions["name"], "whose": whose}).filter(pc.is_valid(mentions["name"]))
    distinct = persons.group_by(["value", "whose"]).aggregate([])
    counts = distinct.group_by("value").aggregate([([], "count_all")]).sort_by("value")
    shares = pc.divide(pc.cast(counts["count_all"], pa.float64()), float(max(distinct.num_rows, 1)))
    names = pa.table(
        {"kind": pa.array([NAME] * counts.num_rows, pa.string()), "value": counts["value"], "frequency": shares}
    )
    total = pa.table({"kind": [MENTION_COUNT], "value": [""], "frequency": [float(mentions.num_rows)]})
    return pa.concat_tables([names.cast(FREQUENCIES), total.cast(FREQUENCIES)]).combine_chunks()


def mention_count(frequencies: pa.Table) -> float:
    """The number of mentions on the night the table was frozen, at least 2."""
    rows = frequencies.filter(pc.equal(frequencies["kind"], MENTION_COUNT))
    return max(float(rows["frequency"][0].as_py()) if rows.num_rows else 2.0, 2.0)


def share_of_values(frequencies: pa.Table, values: pa.Array) -> npt.NDArray[np.float64]:
    """The share of each value; a value never seen counts as half a person."""
    rows = frequencies.filter(pc.equal(frequencies["kind"], NAME))
    place = pc.index_in(values, rows["value"].combine_chunks())
    shares = rows["frequency"].combine_chunks().take(place)
    rarest = float(pc.min(rows["frequency"]).as_py()) / 2 if rows.num_rows else 1e-5
    return np.asarray(pc.fill_null(shares, rarest)).astype(np.float64)
