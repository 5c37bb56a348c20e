"""`nuanxin quarantine export`: the file that goes back to an agency, with what it needs to mend its rows.

It says where a row stands, not what is in it: the agency has the file, and a file that leaves the house has no names.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from expectations import refusal_sentence, valid_values
from flows.commands import Told
from flows.list_files import check_out, write_list
from flows.quarantine_desk import Choice, Desk, Row, at_desk, check_choice
from flows.sentences import Lang, spoken_reason
from flows.words import word
from transforms.feeds import load_contract
from transforms.feeds.masking import mask_key

HEADS = ("feed", "delivery", "delivered_on", "row", "key", "header", "reason", "valid", "id")


def export_quarantine(site: Path, choice: Choice, out: Path, lang: Lang) -> Told:
    """Write the open rows and blocked deliveries of one agency into a csv or xlsx; WrongUse where it cannot be."""
    check_out(out, lang)
    check_choice(choice, lang)
    with at_desk(site, lang) as desk:
        rows = [_row(desk, row, lang) for row in desk.chosen(choice)]
        blocked = [_blocked(row, lang) for row in desk.blocked() if choice.means(row)]
    lines = [*blocked, *rows]
    titles = [word(f"quarantine.{name}", lang) for name in HEADS]
    columns = [pa.array([line[name] for line in lines], pa.string()) for name in HEADS]
    write_list(pa.table(columns, names=titles), out, lang)
    page = {"agency": choice.agency, "rows": len(rows), "blocked": len(blocked), "out": str(out)}
    return Told(page, {each: word("quarantine.exported", each).format(**page) for each in ("zh", "en")})


def _row(desk: Desk, row: Row, lang: str) -> dict[str, Any]:
    contract = load_contract(row["feed"])
    column = row["column_name"]
    header = ""
    if column in contract.column_names:
        source = desk.site.feeds.get(row["feed"])
        header = (source.columns if source else {}).get(column, contract.column(column).header)
    return {
        "feed": getattr(contract.title, lang),
        "delivery": row["delivery"],
        "delivered_on": row["delivered_on"].isoformat(),
        "row": str(row["row_number"]),
        "key": mask_key(row["record_key"] or ""),
        "header": header,
        "reason": getattr(refusal_sentence(row["feed"], row["reason_code"], column), lang),
        "valid": getattr(valid_values(row["feed"], column), lang),
        "id": row["quarantine_id"],
    }


def _blocked(row: Row, lang: Lang) -> dict[str, Any]:
    told = spoken_reason(row["feed"], row["reason_code"], json.loads(row["reason_detail"] or "{}"), lang)
    return dict.fromkeys(HEADS, "") | {
        "feed": getattr(load_contract(row["feed"]).title, lang),
        "delivery": row["delivery"],
        "delivered_on": row["delivered_on"].isoformat(),
        "reason": told,
        "id": row["delivery_id"],
    }
