"""The data dictionary of the feeds and registers, written from the contracts so that it cannot say anything else.

python -m transforms.feeds.dictionary > docs/data-dictionary.md
"""

import sys
from collections.abc import Mapping

from transforms.feeds.contract import Column, FeedContract, load_contracts
from transforms.registers import REGISTERS, load_register

TYPES = {
    "key": "text, part of the agency's own key",
    "text": "text",
    "name": "a person's name, up to 50 characters",
    "id_no": "公民身份号码, 18 characters (GB 11643), 15 of the first generation",
    "date": "date",
    "datetime": "date and time, local",
    "sex": "GB/T 2261.1, or 男 女 未知",
    "division": "GB/T 2260, six, nine or twelve digits",
    "code": "a code of the list",
    "integer": "whole number",
    "money": "yuan as delivered, kept in fen",
    "phone": "telephone number",
    "address": "address",
    "icd10": "ICD-10",
    "disability_no": "残疾人证号: ID number, category, grade, reissue",
}
HEAD = """# Data dictionary of the feeds

Written by `python -m transforms.feeds.dictionary` from the contracts in `transforms/feeds/`; a test compares. **R**
marks a column without which a row is quarantined. *personal* and *sensitive* values stay in the lake and are masked
wherever people look.
"""
REGISTERS_HEAD = """# Files that people bring

By command, from `transforms/registers/`: `nuanxin visits record`, `nuanxin payments record`. csv (UTF-8) or xlsx,
under these headers or the columns' names; other columns may stand beside them. Every column is needed in every row.
"""


def dictionary(contracts: Mapping[str, FeedContract]) -> str:
    """All feeds, and the registers after them, as one Markdown page."""
    registers = [_feed(load_register(name)) for name in REGISTERS]
    return "\n".join([HEAD, *(_feed(contract) for contract in contracts.values()), REGISTERS_HEAD, *registers])


def _feed(contract: FeedContract) -> str:
    agency, title = contract.agency, contract.title
    mentioned = ", ".join(f"`{mention.role}`" for mention in contract.mentions)
    lines = [
        f"## `{contract.feed}` {title.zh}",
        "",
        f"{title.en}. Owner: {agency.zh} ({agency.en}). Key: {' + '.join(f'`{name}`' for name in contract.key)}.",
        *([f"Persons mentioned: {mentioned}."] if mentioned else []),
        "",
        "| column | header | R | type | sensitivity | codes and notes |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_column(column) for column in contract.columns), ""])


def _column(column: Column) -> str:
    codes = ", ".join(f"{sent} → {code}" for sent, code in (column.codes or {}).items())
    told = "; ".join(part for part in (codes, column.note) if part)
    required = "R" if column.required else ""
    return f"| `{column.name}` | {column.header} | {required} | {TYPES[column.type]} | {column.sensitivity} | {told} |"


if __name__ == "__main__":
    sys.stdout.write(dictionary(load_contracts()))
