"""The truth beside the deliveries: who is who in every record, what is due, what must not be alerted."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.simulator.cells import District, blank, name_text
from connectors.simulator.days import NEVER, Array
from connectors.simulator.deliveries import Schedule
from connectors.simulator.identities import fixed_text
from connectors.simulator.records import Records, serial

_ALERTS = pa.schema(
    [
        (name, pa.string())
        for name in ("benefit_id", "child_true_id", "father_true_id", "mother_true_id", "certificate_no")
    ]
    + [("claimant", pa.string()), ("trigger_event_type", pa.string()), ("trigger_on", pa.date32())]
    + [(name, pa.string()) for name in ("trigger_feed", "trigger_record_key", "trigger_record_keys")]
    + [(name, pa.date32()) for name in ("due_night", "withdrawn_night", "reinstated_night")]
    + [("amount_fen", pa.int64()), ("story", pa.string())]
)
_MISSES = pa.schema(
    [
        (name, pa.string())
        for name in ("benefit_id", "child_true_id", "father_true_id", "mother_true_id", "certificate_no")
    ]
    + [("claimant", pa.string()), ("reason", pa.string()), ("story", pa.string()), ("event_on", pa.date32())]
    + [("trigger_feed", pa.string()), ("trigger_record_key", pa.string()), ("known_night", pa.date32())]
)


def write_truth(
    folder: Path, district: District, books: dict[str, Records], plans: dict[str, Schedule],
    alerts: list[dict[str, Any]], misses: list[dict[str, Any]],
) -> None:  # fmt: skip
    """Four parquet files; the product never reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = _certificate_numbers(books["only_child_certificates"])
    tables = {
        "persons": persons(district),
        "mentions": mentions(books, plans),
        "alerts": _told(alerts, numbers, _ALERTS),
        "near_misses": _told(misses, numbers, _MISSES),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def true_ids(person: Array) -> pa.Array:
    """P and eight digits; -1 is nobody."""
    return blank(serial("P", np.maximum(person, 0), 8), person < 0)


def persons(district: District) -> pa.Table:
    """Everyone who was invented."""
    people, identities = district.world.people, district.identities
    everyone = np.arange(len(people))
    nobody, gap = np.zeros(len(people), dtype=bool), np.zeros(len(people), dtype=np.int64)
    dots = identities.dotted.astype(np.int64)
    return pa.table(
        {
            "true_person_id": true_ids(everyone),
            "name": name_text(identities.parts, dots, gap, gbk=False, nobody=nobody),
            "name_at_birth": name_text(identities.birth_parts, dots, gap, gbk=False, nobody=nobody),
            "sex": pa.array(people["sex"].to_numpy().astype(np.int64)).cast(pa.string()),
            "birth_date": dates(people["birth"].to_numpy()),
            "id_no": fixed_text(identities.numbers),
            "died_on": dates(people["death"].to_numpy()),
            "father_true_id": true_ids(people["father"].to_numpy()),
            "mother_true_id": true_ids(people["mother"].to_numpy()),
        }
    )


def mentions(books: dict[str, Records], plans: dict[str, Schedule]) -> pa.Table:
    """feed, record_key, role, true_person_id: every role of every delivered record."""
    return pa.concat_tables([_mentions(books[feed], plans[feed]) for feed in books])


def _mentions(records: Records, plan: Schedule) -> pa.Table:
    rows = np.flatnonzero(plan.night < NEVER)
    rows = rows[~pd.Series(records.key.take(pa.array(rows)).to_pandas()).duplicated(keep="last").to_numpy()]
    tables = [_role(records, rows[person[rows] >= 0], role, person) for role, person in records.roles.items()]
    return pa.concat_tables(tables)


def _role(records: Records, rows: Array, role: str, person: Array) -> pa.Table:
    count = len(rows)
    return pa.table(
        {
            "feed": pa.repeat(pa.scalar(records.feed), count),
            "record_key": records.key.take(pa.array(rows)),
            "role": pa.repeat(pa.scalar(role), count),
            "true_person_id": true_ids(person[rows]),
        }
    )


def dates(days: Array) -> pa.Array:
    """Days as dates; NEVER becomes null."""
    return pa.array(np.where(days >= NEVER, 0, days).astype(np.int32), mask=days >= NEVER).cast(pa.date32())


def _certificate_numbers(records: Records) -> dict[int, str]:
    return dict(zip(records.facts["certificate"].tolist(), records.key.to_pylist(), strict=True))


def _told(found: list[dict[str, Any]], numbers: dict[int, str], schema: pa.Schema) -> pa.Table:
    """Dictionaries as a table: persons and certificates by their ids, days as dates."""
    columns = {}
    for field in schema:
        if field.name.endswith("_true_id"):
            who = field.name.removesuffix("_true_id")
            columns[field.name] = true_ids(np.array([row[who] for row in found], dtype=np.int64))
        elif field.name == "certificate_no":
            columns[field.name] = pa.array([numbers.get(row["certificate"]) for row in found], pa.string())
        elif field.type == pa.date32():
            columns[field.name] = dates(np.array([row[field.name] for row in found], dtype=np.int64))
        else:
            columns[field.name] = pa.array([row[field.name] for row in found], field.type)
    return pa.table(columns, schema=schema)
