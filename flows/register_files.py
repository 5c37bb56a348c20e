"""A file of visits or payments: read by its declared columns, and every fault in it told together.

Nothing of a cell is quoted that could be a person's name or number: such things slip into wrong columns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Delivery, FeedSource, SourceFault
from connectors.reading import read_content
from connectors.sentences import sentence as source_sentence
from flows.status import WrongUse
from flows.words import word
from transforms.feeds import FeedContract
from transforms.feeds.delivered import Delivered
from transforms.registers import load_register
from transforms.schemas import ROW_NUMBER
from transforms.standardise.digests import BETWEEN, digests
from transforms.standardise.feed import Parsed, parse_feed

SUFFIXES = (".csv", ".xlsx")
MOST_TOLD = 200  # faults that are written out
_OWN_WORDS = ("wrong_encoding", "wrong_header")  # what the doors say of these is about site.toml
_TELLING = re.compile(r"(?=.*[0-9])[A-Za-z0-9.,:/+-]{1,24}", re.ASCII)
_LIKE_A_PERSONS_NUMBER = re.compile(r"[0-9Xx]{9,}")


@dataclass(frozen=True)
class Fault:
    """One thing to be mended: the row (the header is row 1) and column it stands in, and why it cannot be taken."""

    row: int | None
    column: str | None
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisterFile:
    """A file as read. `rows` has the declared columns, typed (money in fen), `_row_number` and the digest `id`."""

    path: Path
    contract: FeedContract
    rows: pa.Table
    delivered: pa.Table
    faults: tuple[Fault, ...]

    def refuse(self, more: list[Fault], lang: str) -> None:
        """WrongUse with every fault of the file and `more`, in the order of rows; nothing where there is none."""
        faults = sorted((*self.faults, *more), key=lambda each: (each.row or 0, each.column or ""))
        if not faults:
            return
        told = [self._sentence(fault, lang) for fault in faults[:MOST_TOLD]]
        if len(faults) > MOST_TOLD:
            told.append(word("register.more", lang).format(count=len(faults) - MOST_TOLD))
        heading = word("register.refused", lang).format(file=self.path.name, count=len(faults))
        raise WrongUse("\n  ".join([heading, *told]))

    def _sentence(self, fault: Fault, lang: str) -> str:
        if fault.reason == "broken_row":
            told = source_sentence(
                fault.facts["code"], {"detail": fault.facts["detail"]}, "zh" if lang == "zh" else "en"
            )
        else:
            told = word(f"register.fault.{fault.reason}", lang).format(**self._facts(fault, lang))
        place = [] if fault.row is None else [word("register.row", lang).format(row=fault.row)]
        if fault.column:
            header = self.contract.column(fault.column).header
            place.append(word("register.column", lang).format(column=fault.column, header=header))
        return word("register.line", lang).format(place=" ".join(place), told=told) if place else told

    def _facts(self, fault: Fault, lang: str) -> dict[str, Any]:
        codes = (self.contract.column(fault.column).codes if fault.column else None) or {}
        valid = ("、" if lang == "zh" else ", ").join(f"{said} ({code})" for said, code in codes.items())
        told = {"received": self._received(fault, lang), "valid": valid, **fault.facts}
        if told.get("owed_fen") is not None:
            told["owed"] = f"{told['owed_fen'] / 100:,.2f}"
        if told.get("status"):
            told["status"] = word(f"entitlement.{told['status']}", lang)
        return told

    def _received(self, fault: Fault, lang: str) -> str:
        if fault.row is None or fault.column not in self.delivered.column_names:
            return ""
        at = pc.index(self.delivered[ROW_NUMBER], fault.row).as_py()
        text = self.delivered[fault.column][at].as_py() or ""
        is_telling = _TELLING.fullmatch(text) and not _LIKE_A_PERSONS_NUMBER.fullmatch(text)
        return text if is_telling else word("register.hidden", lang).format(length=len(text))


def read_register(name: str, path: Path, day: date, lang: str) -> RegisterFile:
    """The file of a register (visits, payments) as recorded on a business date, with the faults found in it.

    WrongUse at once where it cannot be read at all: not there, no csv or xlsx, not UTF-8, not whole, without rows.
    """
    contract = load_register(name)
    delivered = _delivered(contract, path, day, lang)
    if not delivered.rows_read:
        raise WrongUse(word("register.no_rows", lang).format(file=path.name))
    parsed = parse_feed(contract, delivered.table, delivered_on=day)
    rows = parsed.table.select([*contract.column_names, ROW_NUMBER]).append_column("id", _ids(parsed, contract))
    return RegisterFile(
        path, contract, rows, delivered.table, (*_torn(delivered), *_unfit(contract, delivered, parsed))
    )


def _delivered(contract: FeedContract, path: Path, day: date, lang: str) -> Delivered:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise WrongUse(word("register.suffix", lang).format(file=path.name))
    name = f"{contract.feed}_{day:%Y%m%d}{suffix}"
    try:
        content = path.read_bytes()
        delivery = Delivery("", contract.feed, name, day, "delta", 0, "", len(content), "", "utf-8")
        return read_content(content, delivery, contract, FeedSource(contract.feed, "files", ""))
    except OSError as fault:
        raise WrongUse(word("register.unreadable", lang).format(path=path, reason=fault.strerror)) from None
    except SourceFault as fault:
        headers = ", ".join(f"{column.name} ({column.header})" for column in contract.columns)
        told = (
            word(f"register.{fault.reason_code}", lang).format(headers=headers)
            if fault.reason_code in _OWN_WORDS
            else source_sentence(fault.reason_code, fault.detail, "zh" if lang == "zh" else "en")
        )
        raise WrongUse(f"{path.name}: {told}") from None


def _ids(parsed: Parsed, contract: FeedContract) -> pa.Array:
    """The digest of what each row says; null where a required cell is missing."""
    told = {name: parsed.table[name].combine_chunks().cast(pa.string()) for name in contract.column_names}
    whole = [pc.is_valid(told[name]) for name in contract.required]
    is_whole = whole[0]
    for each in whole[1:]:
        is_whole = pc.and_(is_whole, each)
    prefix = contract.feed[0].upper()
    said = pc.binary_join_element_wise(*told.values(), BETWEEN, null_handling="skip")
    return pc.if_else(is_whole, pc.binary_join_element_wise(prefix, digests(said), ""), None)


def _torn(delivered: Delivered) -> list[Fault]:
    """Rows that could not be brought into columns."""
    return [
        Fault(row[ROW_NUMBER], None, "broken_row", {"code": row["reason_code"], "detail": row["detail"]})
        for row in delivered.faults.to_pylist()
    ]


def _unfit(contract: FeedContract, delivered: Delivered, parsed: Parsed) -> list[Fault]:
    """Columns that are not there, cells that are empty, cells that cannot be read."""
    absent = [Fault(None, name, "no_column", {"header": delivered.expected_headers[name], "column": name})
              for name in delivered.missing_columns if name in contract.required]  # fmt: skip
    defects = parsed.defects.to_pylist()
    unread = {(each[ROW_NUMBER], each["column_name"]) for each in defects}
    found = [Fault(each[ROW_NUMBER], each["column_name"], each["reason_code"]) for each in defects]
    for name in contract.required:
        if name not in delivered.missing_columns:
            blank = parsed.table.filter(pc.is_null(parsed.table[name]))[ROW_NUMBER].to_pylist()
            found += [Fault(row, name, "empty") for row in blank if (row, name) not in unread]
    return absent + found
