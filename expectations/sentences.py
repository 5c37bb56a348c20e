"""What a check or a refusal means, in one sentence for the agency that can mend it."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from expectations.checks import Check
from transforms.feeds import FEEDS, Column, load_contract, load_contracts
from transforms.feeds.contract import Label
from transforms.pages import read_page
from transforms.registers import load_register


class _Pages(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    checks: dict[str, Label]
    reasons: dict[str, Label]
    types: dict[str, Label]
    audits: dict[str, Label]


@cache
def _pages() -> _Pages:
    page = files("expectations").joinpath("sentences.yaml").read_text("utf-8")
    return _Pages.model_validate(read_page(page))


def sentence(check: Check) -> Label:
    """What the check asks for, and whose move it is; column names and code lists, never a delivered value."""
    contract = load_contract(check.feed) if check.feed in FEEDS else load_register(check.feed)
    column = contract.column(check.column) if check.column else None
    owner = agency(check.agency)
    template = _pages().checks.get(check.rule, _pages().checks["other"])
    kind = _pages().types[column.type] if column else Label(zh="", en="")
    codes = "、".join(column.codes or {}) if column else ""
    said = {
        lang: getattr(template, lang).format(
            header=_header(column, lang),
            kind=getattr(kind, lang).format(codes=codes),
            agency=getattr(owner, lang),
            feed=getattr(contract.title, lang),
        )
        for lang in ("zh", "en")
    }
    return Label(**said)


def refusal_sentence(feed: str, reason_code: str, column: str | None) -> Label:
    """Why a row was refused, in one sentence for the agency that can mend it: what is asked for, whose move it is."""
    contract = load_contract(feed)
    own = column if column in contract.column_names else None
    rule = reason_code
    if reason_code == "required_missing" and own and not contract.column(own).required:
        rule = "one_of_missing"
    return sentence(Check(feed, contract.agency.id, rule, "correctness", "row", own))


def valid_values(feed: str, column: str | None) -> Label:
    """What may stand in a column; empty for none."""
    contract = load_contract(feed)
    if column not in contract.column_names:
        return Label(zh="", en="")
    own = contract.column(column)
    kind, codes = _pages().types[own.type], "、".join(own.codes or {})
    return Label(zh=kind.zh.format(codes=codes), en=kind.en.format(codes=codes))


def agency(agency_id: str) -> Label:
    """What people call an agency; KeyError for one that owns no feed."""
    owners = {each.agency.id: each.agency for each in load_contracts().values()}
    return owners[agency_id]


def _header(column: Column | None, lang: str) -> str:
    if column is None:
        return ""
    return column.header if lang == "zh" else f"{column.name} ({column.header})"


def reason_sentence(feed: str, reason_code: str, detail: Mapping[str, Any] | str | None) -> Label:
    """Why a delivery was not taken: what was received, what is expected, whose move it is.

    detail: `reason_detail` of a FEED_LOADS row, as a mapping or its JSON text.
    """
    facts = _facts(detail)
    template = _reason_template(reason_code, facts)
    contract = load_contract(feed) if feed in FEEDS else None
    said = {}
    for lang in ("zh", "en"):
        values = _Blank({key: _shown(value, lang) for key, value in facts.items() if key != "also"})
        values["agency"] = getattr(contract.agency, lang) if contract else ""
        values["feed"] = getattr(contract.title, lang) if contract else feed
        values["reason_code"] = reason_code
        said[lang] = getattr(template, lang).format_map(values)
    for other in facts.get("also", []):
        more = reason_sentence(feed, other["reason_code"], other)
        said = {"zh": said["zh"] + more.zh, "en": f"{said['en']} {more.en}"}
    return Label(**said)


def _reason_template(reason_code: str, facts: Mapping[str, Any]) -> Label:
    """The sentence that fits what is known: `missing_column` has one each for renamed, foreign and withheld headers."""
    pages = _pages().reasons
    if reason_code == "missing_column" and facts.get("unknown_count"):
        variant = "renamed" if facts.get("renamed") else "unknown" if facts.get("unknown") else "hidden"
        return pages[f"missing_column+{variant}"]
    return pages.get(reason_code, pages["other"])


def audit_sentence(check_id: str, rows: int, lang: str) -> str:
    """What an audit of the night's result found, `published.<table>.<rule>`; `lang` "en" or Chinese."""
    _, table, rule = check_id.split(".", 2)
    column, _, ending = rule.rpartition("_")
    pages = _pages().audits
    name, subject = (rule, "") if rule in pages else (ending, column)
    template = pages.get(name, pages["other"])
    said: str = getattr(template, "en" if lang == "en" else "zh")
    return said.format(table=table, column=subject, rows=rows, check_id=check_id)


class _Blank(dict[str, str]):
    """A fact that nobody gave is shown as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _facts(detail: Mapping[str, Any] | str | None) -> dict[str, Any]:
    if not detail:
        return {}
    facts = json.loads(detail) if isinstance(detail, str) else detail
    return dict(facts) if isinstance(facts, Mapping) else {}


def _shown(value: Any, lang: str) -> str:
    """A fact in words: lists joined, a column by its header."""
    if isinstance(value, list):
        told = [f"「{item}」" if isinstance(item, str) else _shown(item, lang) for item in value]
        return ("、" if lang == "zh" else ", ").join(told) or "—"
    if isinstance(value, Mapping):
        return _item(value, lang)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _item(value: Mapping[str, Any], lang: str) -> str:
    if "received" in value:
        return f"「{value['received']}」→「{value.get('expected_header')}」"
    if "expected_header" in value:
        return (
            f"「{value['expected_header']}」" if lang == "zh" else f"{value.get('column')} ({value['expected_header']})"
        )
    if "unreadable" in value:
        return f"{value.get('column')} ({value['unreadable']:,} / {value.get('filled', 0):,})"
    return str(value.get("column") or "")
