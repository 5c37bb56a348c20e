"""What every `nuanxin quarantine` command works at: the site's warehouse and lake, and one refused row or delivery."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows import wiring
from flows.settings import Site
from flows.status import WrongUse
from flows.words import word
from transforms.feeds import FEEDS, load_contract
from transforms.feeds.contract import Column
from transforms.feeds.masking import HIDDEN, mask, mask_key, mask_name
from transforms.standardise.feed import reader_of
from warehouse import Warehouse
from warehouse.decisions import decisions_on
from warehouse.lake import Lake
from warehouse.refusals import blocked_deliveries, place_of, refusals, refusals_named

_LIKE_A_PERSONS_NUMBER = re.compile(r"[0-9Xx]{11,}")
Row = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """A site's warehouse and lake, and the language its people are spoken to in."""

    site: Site
    warehouse: Warehouse
    lake: Lake
    lang: str

    def rows(self, ids: list[str]) -> list[Row]:
        """REFUSALS of these ids, each with `last`, the latest decision on it; WrongUse names those that are none."""
        places = {each: place_of(each) for each in ids}
        found = refusals_named(self.warehouse, [place for place in places.values() if place]).to_pylist()
        by_id = {row["quarantine_id"]: row for row in found}
        unknown = [each for each in ids if each not in by_id]
        if unknown:
            self.refuse("unknown", ids=", ".join(unknown[:20]))
        return self.with_last([by_id[each] for each in dict.fromkeys(ids)])

    def chosen(self, choice: "Choice") -> list[Row]:
        """REFUSALS that a choice means, oldest first, each with `last`."""
        rows = refusals(self.warehouse, status=choice.status).to_pylist()
        return self.with_last([row for row in rows if choice.means(row)])

    def blocked(self) -> list[Row]:
        """Deliveries of which nothing was taken, each with `last`, the latest decision on it."""
        found = [row | {"quarantine_id": row["delivery_id"]} for row in blocked_deliveries(self.warehouse)]
        return self.with_last([row for row in found if row["feed"] in FEEDS])

    def with_last(self, rows: list[Row]) -> list[Row]:
        """The rows with the latest decision on each; None where there is none."""
        told = decisions_on(self.warehouse, [row["quarantine_id"] for row in rows]).to_pylist()
        last = {each["target"]: each for each in told}
        return [row | {"last": last.get(row["quarantine_id"])} for row in rows]

    def refuse(self, fault: str, **facts: object) -> None:
        """WrongUse with the sentence of that name."""
        raise WrongUse(word(f"quarantine.fault.{fault}", self.lang).format(**facts))


@dataclass(frozen=True)
class Choice:
    """Which refused rows are meant; what is not named does not narrow. `delivery` is a file's name or an id."""

    feed: str | None = None
    agency: str | None = None
    status: str | None = None
    reason: str | None = None
    delivery: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether anything but the status narrows it."""
        return any((self.feed, self.agency, self.reason, self.delivery))

    def means(self, row: Row) -> bool:
        """Whether a refused row, or a blocked delivery, is among those meant; the status is asked elsewhere."""
        return (
            self.feed in (None, row["feed"])
            and self.agency in (None, load_contract(row["feed"]).agency.id)
            and self.reason in (None, row["reason_code"])
            and self.delivery in (None, row["delivery"], row["delivery_id"])
        )


@contextmanager
def at_desk(site: Path, lang: str) -> Iterator[Desk]:
    """The site's desk, closed at the end."""
    read = wiring.load_site(site)
    lake, warehouse = wiring.open_lake(read), wiring.open_warehouse(read)
    try:
        yield Desk(read, warehouse, lake, lang)
    finally:
        warehouse.dispose()


def check_choice(choice: Choice, lang: str) -> None:
    """WrongUse for a feed or an agency that there is none of."""
    agencies = {load_contract(feed).agency.id for feed in FEEDS}
    for name, value, known in (("feed", choice.feed, FEEDS), ("agency", choice.agency, sorted(agencies))):
        if value is not None and value not in known:
            told = word("quarantine.fault.no_such", lang).format(name=name, value=value, known=", ".join(known))
            raise WrongUse(told)


def check_words(because: str, by: str, lang: str) -> None:
    """WrongUse for a decision without a reason or a name, or with what may be a person's number in them."""
    if not because.strip() or not by.strip():
        raise WrongUse(word("quarantine.fault.why_and_who", lang))
    if _LIKE_A_PERSONS_NUMBER.search(because) or _LIKE_A_PERSONS_NUMBER.search(by):
        raise WrongUse(word("quarantine.fault.number_in_words", lang))


def is_waiting(row: Row) -> bool:
    """Whether a person has decided on the row, and no night has acted on it yet."""
    return row["last"] is not None and row["last"]["sequence_no"] > row["decisions"]


def is_open(row: Row) -> bool:
    """Whether the row, or delivery, is to be decided on."""
    if is_waiting(row):
        return bool(row["last"]["verb"] == "reopen")
    return bool(row["status"] == "open")


def masked(column: Column, text: str | None, delivered_on: date) -> str | None:
    """A cell of a refused row as it may be shown: in an open column too only what is of its type, names having slipped.

    Personal and sensitive columns as everywhere; a key without the numbers of persons in it.
    """
    if not text or column.sensitivity != "open":
        return mask(column, text)
    if column.type == "key":
        return mask_key(text) if text.isascii() else mask_name(text)
    if column.type in ("text", "address", "name"):
        return HIDDEN
    is_of_its_type = reader_of(column, delivered_on)([text]).reasons.null_count == 1
    return text if is_of_its_type and len(text) <= 32 else mask_name(text)
