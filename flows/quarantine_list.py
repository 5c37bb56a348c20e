"""`nuanxin quarantine list` and `show`: what is kept out of the house, since when, and whose move it is."""

import json
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow.compute as pc

from expectations import refusal_sentence, valid_values
from flows.commands import Told
from flows.drift import site_lines
from flows.quarantine_desk import Choice, Desk, Row, at_desk, check_choice, check_words, is_waiting, masked
from flows.refused_cells import as_text, refused_of
from flows.sentences import Lang, spoken_reason
from flows.text_table import text_table
from flows.words import word
from transforms.feeds import load_contract
from transforms.feeds.masking import mask_key
from transforms.schemas import ROW_NUMBER
from warehouse import reads
from warehouse.decisions import decisions_on, record_look

MOST_LISTED = 50  # rows that are written out for people; --json has all
_LANGS: tuple[Lang, ...] = ("zh", "en")


def list_quarantine(site: Path, choice: Choice, lang: str) -> Told:
    """Counts by agency, feed, reason and column, the rows behind them, and blocked deliveries with what to do."""
    check_choice(choice, lang)
    with at_desk(site, lang) as desk:
        rows = [_listed(row) for row in desk.chosen(choice)]
        blocked = [_blocked(row) for row in desk.blocked() if choice.means(row) and _stands(row, choice.status)]
    page = {"counts": _counts(rows), "rows": rows, "blocked": blocked}
    return Told(page, {each: _list_text(page, each) for each in _LANGS})


def show_refused(site: Path, quarantine_id: str, reveal: tuple[str, str, date] | None, lang: str) -> Told:
    """One refused row: where it stands, why, what is valid, what was decided; masked, but for whom it is revealed to.

    reveal: because, by, business date; recorded before anything is shown.
    """
    with at_desk(site, lang) as desk:
        (row,) = desk.rows([quarantine_id])
        if reveal is not None:
            _record_look(desk, quarantine_id, *reveal)
        page = _listed(row) | _about(desk, row) | {"cells": _cells(desk, row, is_masked=reveal is None)}
        page |= {"is_masked": reveal is None, "history": _history(desk, quarantine_id)}
    return Told(page, {each: _show_text(page, each) for each in _LANGS})


def _listed(row: Row) -> Row:
    contract = load_contract(row["feed"])
    told = refusal_sentence(row["feed"], row["reason_code"], row["column_name"])
    last = row["last"] if is_waiting(row) else None
    names = ("quarantine_id", "feed", "delivery", "delivery_id", "row_number", "reason_code", "column_name", "status",
             "why", "by_delivery_id")  # fmt: skip
    return {name: row[name] for name in names} | {
        "agency": contract.agency.id,
        "agency_title": contract.agency.model_dump(include={"zh", "en"}),
        "record_key": mask_key(row["record_key"] or ""),
        "reason": told.model_dump(),
        "refused_on": row["refused_on"].isoformat(),
        "since": row["since"].isoformat(),
        "waiting": {name: str(last[name]) for name in ("verb", "recorded_by", "recorded_on")} if last else None,
    }


def _counts(rows: list[Row]) -> list[Row]:
    """One line a status, agency, feed, reason and column, the most first."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] or "" for name in ("status", "agency", "feed", "reason_code", "column_name"))
        names = ("status", "agency", "agency_title", "feed", "reason_code", "column_name", "reason")
        line = found.setdefault(key, {name: row[name] for name in names} | {"rows": 0, "since": row["refused_on"]})
        line["rows"] += 1
        line["since"] = min(line["since"], row["refused_on"])
    return sorted(found.values(), key=lambda line: (line["status"] != "open", -line["rows"]))


def _stands(row: Row, status: str | None) -> bool:
    """Whether a blocked delivery is of that status: dismissed where a person has said so, else open."""
    is_dismissed = row["last"] is not None and row["last"]["verb"] == "dismiss"
    return status in (None, "dismissed" if is_dismissed else "open")


def _blocked(row: Row) -> Row:
    contract = load_contract(row["feed"])
    detail = json.loads(row["reason_detail"] or "{}")
    lines = site_lines(row["feed"], row["reason_code"], detail)
    return {
        "delivery_id": row["delivery_id"],
        "feed": row["feed"],
        "delivery": row["delivery"],
        "reason_code": row["reason_code"],
        "reason": {each: spoken_reason(row["feed"], row["reason_code"], detail, each) for each in _LANGS},
        "agency": contract.agency.id,
        "agency_title": contract.agency.model_dump(include={"zh", "en"}),
        "rows_read": row["rows_read"],
        "since": row["since"].isoformat(),
        "site_toml": lines,
        "waiting": row["last"]["verb"] if row["last"] and row["last"]["recorded_on"] >= row["business_date"] else None,
    }


def _about(desk: Desk, row: Row) -> Row:
    column = row["column_name"]
    contract = load_contract(row["feed"])
    load = reads.delivery(desk.warehouse, row["delivery_id"]) or {}
    header = ""
    if column in contract.column_names:
        header = desk.site.feeds[row["feed"]].columns.get(column, "") if row["feed"] in desk.site.feeds else ""
        header = header or contract.column(column).header
    return {
        "title": contract.title.model_dump(),
        "header": header,
        "valid": valid_values(row["feed"], column).model_dump(),
        "delivered_on": row["delivered_on"].isoformat(),
        "sha256": load.get("sha256", ""),
    }


def _cells(desk: Desk, row: Row, *, is_masked: bool) -> dict[str, str | None] | None:
    """The row's cells by column; what could not be brought into columns as `delivered_text`; None where it is gone."""
    contract = load_contract(row["feed"])
    refused = refused_of(desk.site, desk.lake, row["feed"], row["delivery_id"])
    own = refused.filter(pc.equal(refused[ROW_NUMBER], row["row_number"]))
    if not own.num_rows:
        return None
    told = json.loads(own["delivered_json"][0].as_py())
    if "delivered_text" in told and "delivered_text" not in contract.column_names:
        return {"delivered_text": "***" if is_masked else told["delivered_text"]}
    cells: Mapping[str, str | None] = as_text(contract, own).drop_columns([ROW_NUMBER]).to_pylist()[0]
    if not is_masked:
        return dict(cells)
    return {name: masked(contract.column(name), text, row["delivered_on"]) for name, text in cells.items()}


def _record_look(desk: Desk, quarantine_id: str, because: str, by: str, day: date) -> None:
    check_words(because, by, desk.lang)
    told = {"quarantine_id": quarantine_id, "because": because.strip(), "recorded_on": day, "recorded_by": by.strip()}
    record_look(desk.warehouse, told | {"look_id": "L" + secrets.token_hex(8)})


def _history(desk: Desk, quarantine_id: str) -> list[Row]:
    """What people decided and what nights made of it, by date."""
    decided = decisions_on(desk.warehouse, [quarantine_id]).to_pylist()
    names = ("decision_id", "verb", "column_names", "because", "recorded_by")
    history = [{name: row[name] for name in names} | {"on": row["recorded_on"].isoformat()} for row in decided]
    for state in reads.versions_of(desk.warehouse, "quarantine_states", [quarantine_id]):
        kept = {name: state[name] for name in ("status", "why", "decision_id", "by_delivery_id")}
        history.append(kept | {"on": state["known_on"].isoformat()})
    return sorted(history, key=lambda each: (each["on"], "status" in each))


# -- in words -----------------------------------------------------------------------------------------------------


def _list_text(page: Row, lang: str) -> str:
    parts = []
    if page["counts"]:
        names = ("agency", "feed", "column", "status", "rows", "since", "todo")
        heads = [word(f"quarantine.{name}", lang) for name in names]
        lines = [
            (line["agency_title"][lang], line["feed"], line["column_name"] or "–",
             word(f"quarantine.{line['status']}", lang), f"{line['rows']:,}", line["since"],
             f"{line['reason_code']}: {line['reason'][lang]}")
            for line in page["counts"]
        ]  # fmt: skip
        parts.append(text_table(word("quarantine.counts", lang), heads, lines, numbers=[4]))
        parts.append(_rows_text(page["rows"], lang))
    parts += [_blocked_text(each, lang) for each in page["blocked"]]
    return "\n\n".join(parts) or word("quarantine.none", lang)


def _rows_text(rows: list[Row], lang: str) -> str:
    heads = [
        word(f"quarantine.{name}", lang) for name in ("id", "delivery", "row", "key", "reason", "column", "status")
    ]
    lines = [
        (row["quarantine_id"], row["delivery"], str(row["row_number"]), row["record_key"], row["reason_code"],
         row["column_name"] or "–", _status(row, lang))
        for row in rows[:MOST_LISTED]
    ]  # fmt: skip
    title = word("quarantine.listed", lang).format(count=len(rows), shown=len(lines))
    return text_table(title, heads, lines, numbers=[2])


def _status(row: Row, lang: str) -> str:
    if row["waiting"]:
        told = row["waiting"] | {"verb": word(f"quarantine.verb.{row['waiting']['verb']}", lang)}
        return word("quarantine.waiting", lang).format(**told)
    why = word(f"quarantine.why.{row['why']}", lang).format(by=row["by_delivery_id"]) if row["why"] else ""
    return f"{word('quarantine.' + row['status'], lang)} {why}".strip()


def _blocked_text(each: Row, lang: str) -> str:
    told = word("quarantine.blocked", lang).format(**each, owner=each["agency_title"][lang], why=each["reason"][lang])
    lines = [told]
    if each["site_toml"]:
        lines += [word("quarantine.site_toml", lang), *(f"    {line}" for line in each["site_toml"])]
    if each["waiting"]:
        lines.append(word("quarantine.next_night", lang))
    return "\n".join(lines)


def _show_text(page: Row, lang: str) -> str:
    facts = page | {
        "title": page["title"][lang], "owner": page["agency_title"][lang], "why": page["reason"][lang],
        "valid": page["valid"][lang] or "–", "shown_status": _status(page, lang),
        "column_name": page["column_name"] or "–", "header": page["header"] or "–",
    }  # fmt: skip
    lines = [word("quarantine.show", lang).format(**facts)]
    if page["cells"] is None:
        lines.append(word("quarantine.cells_gone", lang))
    else:
        lines += [f"    {name}: {'' if text is None else text}" for name, text in page["cells"].items()]
    lines += [_event(each, lang) for each in page["history"]]
    return "\n".join(lines)


def _event(each: Row, lang: str) -> str:
    if "verb" in each:
        told = each | {"verb": word(f"quarantine.verb.{each['verb']}", lang), "columns": each["column_names"] or ""}
        return word("quarantine.decided", lang).format(**told)
    why = word(f"quarantine.why.{each['why']}", lang).format(by=each["by_delivery_id"])
    return word("quarantine.acted", lang).format(
        on=each["on"], status=word("quarantine." + each["status"], lang), why=why
    )
