"""Mentions written down by what matters in a situation; everything else is missing."""

from datetime import date
from functools import cache
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from transforms.linkage import LinkageModel, Resolved, default_model, freeze_frequencies, link, resolve
from transforms.schemas import MENTIONS
from transforms.standardise.identifiers import check_character
from transforms.standardise.pinyin import name_pinyin

NIGHT = date(2025, 6, 2)
Mention = dict[str, Any]


def number(birth: str, serial: int, division: str = "370303") -> str:
    """A valid identity number of somebody born on that day (YYYY-MM-DD)."""
    first = f"{division}{birth.replace('-', '')}{serial:03d}"
    return first + check_character(first)


def mention(feed: str, key: str, role: str = "subject", /, **told: Any) -> Mention:
    """A mention with what is told; id_no implies id_no_text, a birth date its year and that it was stated."""
    row: Mention = dict.fromkeys(MENTIONS.names)
    row |= {"feed": feed, "record_key": key, "role": role, "birth_source": "none", "id_state": "missing", **told}
    row["mention_id"] = blake2b(f"{feed}|{key}|{role}".encode(), digest_size=8).hexdigest()
    for day in ("birth_date", "child_birth_date"):
        row[day] = date.fromisoformat(row[day]) if isinstance(row[day], str) else row[day]
    if row["birth_date"]:
        row |= {"birth_source": told.get("birth_source", "stated"), "birth_year": row["birth_date"].year}
    if row["id_no"]:
        row |= {"id_no_text": row["id_no"], "id_state": "valid"}
    row["name_pinyin"] = name_pinyin(row["name"]) if row["name"] else None
    row["content_hash"] = blake2b(repr(sorted(row.items(), key=str)).encode(), digest_size=8).hexdigest()
    return row


def table(*mentions: Mention) -> pa.Table:
    """The mentions as MENTIONS."""
    return pa.Table.from_pylist(list(mentions), MENTIONS)


def crowd(count: int = 3000) -> list[Mention]:
    """Strangers, so that names have frequencies and a prior makes sense."""
    first, second = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    rows = []
    for place in range(count):
        name = first[place % 10] + second[place // 10 % 20] + second[place // 200 % 20]
        day = date(1930 + place % 80, 1 + place % 12, 1 + place % 28)
        his = number(day.isoformat(), place % 999, "110101")
        told = {"name": name, "birth_date": day, "sex": "12"[place % 2], "id_no": his, "address_key": f"某街{place}号"}
        rows.append(mention("household_register", f"H{place}|", **told, division_code="110101"))
    return rows


@cache
def frequencies_of_a_crowd() -> pa.Table:
    """The frequencies in a town of strangers."""
    return freeze_frequencies(table(*crowd()))


def resolved(*mentions: Mention, decisions: pa.Table | None = None, previous: pa.Table | None = None) -> Resolved:
    """The persons among the mentions, in the middle of a crowd of strangers that is never returned in links."""
    model, frequencies = default_model(), frequencies_of_a_crowd()
    everybody = table(*mentions)
    pairs = link(everybody, everybody["mention_id"].combine_chunks(), None, model, frequencies)
    return resolve(everybody, pairs, previous, model, known_on=NIGHT, decisions=decisions)


def weights(model: LinkageModel, *mentions: Mention) -> dict[tuple[str, str], float]:
    """match_weight of every kept pair, by (feed and role) of its two mentions."""
    everybody = table(*mentions)
    found = link(everybody, everybody["mention_id"].combine_chunks(), None, model, frequencies_of_a_crowd())
    names = {row["mention_id"]: f"{row['feed']}.{row['role']}" for row in mentions}
    return {
        tuple(sorted((names[pair["mention_a"]], names[pair["mention_b"]]))): pair["match_weight"]  # type: ignore[misc]
        for pair in found.to_pylist()
    }


def person_of(outcome: Resolved, row: Mention) -> str:
    """The person that the mention belongs to."""
    persons = {link["mention_id"]: link["person_id"] for link in outcome.links.to_pylist()}
    return str(persons[row["mention_id"]])


def proposals(outcome: Resolved, row: Mention) -> set[str]:
    """The persons that a clerk is asked to hold the mention against."""
    return {
        pair["candidate_person_id"] for pair in outcome.review.to_pylist() if pair["mention_id"] == row["mention_id"]
    }
