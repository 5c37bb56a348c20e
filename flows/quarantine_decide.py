"""What people decide about refused rows and blocked deliveries: tried at once, recorded, acted on by the next night.

A decision that would not hold is told before anything is recorded. Values of persons go to the encrypted lake; the
warehouse keeps the decision and the names of columns.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from expectations import ACCEPTABLE, refusal_sentence
from flows.commands import Told
from flows.decided import Decided, decided_until
from flows.gating import gate_delivery
from flows.quarantine_desk import Choice, Desk, Row, at_desk, check_choice, check_words, is_open, is_waiting
from flows.refused_cells import landed_again
from flows.replaying import gate_rows, values_path
from flows.sentences import spoken_reason
from flows.snapshot import from_json
from flows.status import WrongUse
from flows.words import word
from transforms.feeds import load_contract
from transforms.schemas import DECISIONS, ROW_NUMBER
from transforms.standardise.feed import reader_of
from warehouse import reads
from warehouse.decisions import DecidedMeanwhile, record_decisions

_LANGS = ("zh", "en")
_MOST_TOLD = 20
_REASON = ("reason_code", "column_name")
TORN = ("undecodable", "broken_structure", "digits_lost")  # reading could not bring the row into columns


@dataclass(frozen=True)
class Said:
    """Who decides, why, and on which business date."""

    because: str
    by: str
    day: date


def fix(site: Path, quarantine_id: str, cells: Mapping[str, str], said: Said, lang: str) -> Told:
    """Put cells of a refused row right. WrongUse where the row would be refused again, and nothing is recorded."""
    with _opened(site, said, lang) as desk:
        (row,) = desk.rows([quarantine_id])
        _see_open(desk, [row])
        _see_columns(desk, row, cells)
        _see_taken(desk, [row], {row["row_number"]: dict(cells)}, said.day)
        decision = _decision(row, "fix", said) | {"column_names": ",".join(sorted(cells))}
        return record(desk, [decision], "fix", values=dict(cells))


def release(site: Path, ids: Sequence[str], choice: Choice | None, said: Said, lang: str, is_sure: bool) -> Told:
    """Take refused rows as they are; only what people may overrule can be (a key with several contents, say).

    choice: the rows by a filter instead; without `is_sure` only how many they are is told.
    """
    with _opened(site, said, lang) as desk:
        rows = _meant(desk, ids, choice)
        if choice is not None and not is_sure:
            return _preview(rows, "release")
        _see_open(desk, rows)
        for some in _by_delivery(rows):
            _see_taken(desk, some, {}, said.day)
        return record(desk, [_decision(row, "release", said) for row in rows], "release")


def dismiss(site: Path, ids: Sequence[str], choice: Choice | None, said: Said, lang: str, is_sure: bool) -> Told:
    """Leave refused rows, or blocked deliveries, out for good; nothing is deleted, and `reopen` takes it back."""
    with _opened(site, said, lang) as desk:
        rows = [*_meant(desk, [each for each in ids if each.startswith("Q")], choice), *_deliveries(desk, ids)]
        if choice is not None and not is_sure:
            return _preview(rows, "dismiss")
        _see_open(desk, rows)
        return record(desk, [_decision(row, "dismiss", said) for row in rows], "dismiss")


def reopen(site: Path, ids: Sequence[str], said: Said, lang: str) -> Told:
    """Open again what was decided: rows and deliveries. What was taken stays until another version replaces it."""
    with _opened(site, said, lang) as desk:
        rows = [*desk.rows([each for each in ids if each.startswith("Q")]), *_deliveries(desk, ids)]
        idle = [row["quarantine_id"] for row in rows if is_open(row)]
        if idle:
            desk.refuse("is_open", ids=", ".join(idle[:_MOST_TOLD]))
        return record(desk, [_decision(row, "reopen", said) for row in rows], "reopen")


def replay(site: Path, delivery_id: str, accepting: Sequence[str], said: Said, lang: str) -> Told:
    """Have the next night read a blocked delivery again, some reasons accepted; WrongUse where it would be blocked."""
    with _opened(site, said, lang) as desk:
        unknown = sorted(set(accepting) - set(ACCEPTABLE))
        if unknown:
            desk.refuse("not_acceptable", received=", ".join(unknown), known=", ".join(ACCEPTABLE))
        (row,) = _deliveries(desk, [delivery_id])
        if is_waiting(row) and not _is_spent(row):
            _see_open(desk, [row])
        decision = _decision(row, "replay", said) | {"accepted": ",".join(dict.fromkeys(accepting))}
        _see_loaded(desk, row, decision)
        return record(desk, [decision], "replay")


def _is_spent(row: Row) -> bool:
    """Whether the last word on a blocked delivery was to read it again, and a night has, in vain."""
    return bool(row["last"]["verb"] == "replay" and row["last"]["recorded_on"] < row["business_date"])


def _opened(site: Path, said: Said, lang: str) -> Any:
    check_words(said.because, said.by, lang)
    return at_desk(site, lang)


def _meant(desk: Desk, ids: Sequence[str], choice: Choice | None) -> list[Row]:
    """The rows named, or those open ones that a filter means and nobody has decided on."""
    if choice is None:
        return desk.rows(list(ids))
    check_choice(choice, desk.lang)
    if ids or not choice.is_named:
        desk.refuse("ids_or_filter")
    return [row for row in desk.chosen(replace(choice, status="open")) if is_open(row)]


def _deliveries(desk: Desk, ids: Sequence[str]) -> list[Row]:
    """The blocked deliveries among the ids; WrongUse for one that is none."""
    wanted = [each for each in ids if not each.startswith("Q")]
    known = {row["delivery_id"]: row | {"status": "open", "decisions": 0} for row in desk.blocked()} if wanted else {}
    unknown = [each for each in wanted if each not in known]
    if unknown:
        desk.refuse("unknown", ids=", ".join(unknown[:_MOST_TOLD]))
    return [known[each] for each in dict.fromkeys(wanted)]


def _by_delivery(rows: list[Row]) -> list[list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["delivery_id"]].append(row)
    return list(found.values())


# -- is it still to be decided, and would it hold? --------------------------------------------------------------------


def _see_open(desk: Desk, rows: list[Row]) -> None:
    """WrongUse where somebody, or a later delivery, has decided already: who, when and what."""
    told = [_decided_line(row, desk.lang) for row in rows if not is_open(row)]
    if told:
        raise WrongUse("\n".join(told[:_MOST_TOLD]))


def _decided_line(row: Row, lang: str) -> str:
    last = row["last"]
    if row.get("why") == "superseded" and not is_waiting(row):
        return word("quarantine.fault.superseded", lang).format(id=row["quarantine_id"], by=row["by_delivery_id"])
    told = {"id": row["quarantine_id"], "by": "–", "on": row.get("since"), "verb": row.get("why") or row["status"]}
    if last is not None:
        told |= {
            "by": last["recorded_by"],
            "on": last["recorded_on"],
            "verb": word(f"quarantine.verb.{last['verb']}", lang),
        }
    return word("quarantine.fault.decided", lang).format(**told)


def _see_columns(desk: Desk, row: Row, cells: Mapping[str, str]) -> None:
    """WrongUse with every column that the feed does not have, and every value that cannot be read; none is quoted."""
    contract = load_contract(row["feed"])
    unknown = [name for name in cells if name not in contract.column_names]
    known = ", ".join(contract.column_names)
    told = word("quarantine.fault.no_column", desk.lang)
    faults = [told.format(column=name, feed=row["feed"], known=known) for name in unknown]
    for name in (each for each in cells if each not in unknown):
        column = contract.column(name)
        reason = reader_of(column, row["delivered_on"])([cells[name]]).reasons[0].as_py()
        if cells[name].strip() and reason is not None:
            faults.append(_still_refused(row | {"column_name": name, "reason_code": reason}, desk.lang))
    if faults:
        raise WrongUse("\n".join(faults))


def _see_taken(desk: Desk, rows: list[Row], cells: Mapping[int, Mapping[str, str]], day: date) -> None:
    """WrongUse where rows of one delivery would be refused again, each with the sentence why."""
    if rows[0]["feed"] not in desk.site.feeds:
        desk.refuse("no_feed", feed=rows[0]["feed"])
    maps = decided_until(desk.warehouse, day).maps.get(rows[0]["feed"], ())
    gated = gate_rows(desk.site, desk.lake, rows, maps, cells)
    taken = set(gated.accepted[ROW_NUMBER].to_pylist())
    again = {each[ROW_NUMBER]: each for each in gated.quarantined.to_pylist()}
    told = []
    for row in (each for each in rows if each["row_number"] not in taken):
        if row["row_number"] not in again:
            desk.refuse("cells_gone", id=row["quarantine_id"])
        is_torn = row["reason_code"] in TORN and row["row_number"] not in cells
        why = (
            row if is_torn else row | {name: again[row["row_number"]][name] for name in ("reason_code", "column_name")}
        )
        told.append(_still_refused(why, desk.lang))
    if told:
        raise WrongUse("\n".join(told[:_MOST_TOLD]))


def _still_refused(row: Row, lang: str) -> str:
    why = refusal_sentence(row["feed"], row["reason_code"], row["column_name"])
    return word("quarantine.fault.still_refused", lang).format(
        id=row["quarantine_id"], column=row["column_name"] or "–", why=getattr(why, lang)
    )


def _see_loaded(desk: Desk, row: Row, decision: Mapping[str, Any]) -> None:
    """WrongUse where the delivery would be blocked again, with the sentence why."""
    told = {"name": row["delivery"], "delivered_on": row["delivered_on"], "mode": row["mode"]}
    is_there = row["feed"] in desk.site.feeds
    delivery = landed_again(desk.site, desk.lake, row["feed"], row["delivery_id"], **told) if is_there else None
    if delivery is None:
        desk.refuse("cells_gone", id=row["delivery_id"])
        return
    earlier = decided_until(desk.warehouse, decision["recorded_on"])
    decided = replace(earlier, deliveries={**earlier.deliveries, row["delivery_id"]: {**decision, "sequence_no": 0}})
    gated = _gated(desk, delivery, decided)
    if gated.status != "loaded":
        why = spoken_reason(row["feed"], gated.reason_code, gated.reason_detail, "zh" if desk.lang == "zh" else "en")
        desk.refuse("still_blocked", id=row["delivery_id"], why=why)


def _gated(desk: Desk, delivery: Any, decided: Decided) -> Any:
    location = reads.latest_snapshot(desk.warehouse)
    paths = from_json(location, desk.lake.get(location)).paths if location else {}

    def earlier(name: str, columns: Sequence[str] | None = None) -> pa.Table | None:
        return desk.lake.read_table(paths[name], columns) if name in paths else None

    return gate_delivery(desk.site, desk.lake, desk.warehouse, delivery, decided, earlier)


# -- recorded ---------------------------------------------------------------------------------------------------------


def _decision(row: Row, verb: str, said: Said) -> dict[str, Any]:
    return {
        "target": row["quarantine_id"],
        "sequence_no": (row["last"]["sequence_no"] if row["last"] else 0) + 1,
        "verb": verb,
        "feed": row["feed"],
        "because": said.because.strip(),
        "recorded_on": said.day,
        "recorded_by": said.by.strip(),
    }


def record(desk: Desk, decisions: list[dict[str, Any]], verb: str, values: dict[str, str] | None = None) -> Told:
    """Record the decisions in one transaction; a fix's values are in the lake before the decision is."""
    for each in decisions:  # the lake's keyed token: the number tells nothing of a value
        told = json.dumps([each | {"recorded_on": each["recorded_on"].isoformat()}, values], sort_keys=True)
        each["decision_id"] = "K" + desk.lake.token(told)[:15]
        if values is not None:
            desk.lake.put(values_path(each["decision_id"]), json.dumps(values, ensure_ascii=False).encode())
    try:
        record_decisions(desk.warehouse, pa.Table.from_pylist(decisions, schema=DECISIONS))
    except DecidedMeanwhile:
        desk.refuse("meanwhile")
    page = {"verb": verb, "recorded": len(decisions), "targets": [each["target"] for each in decisions],
            "decisions": [each["decision_id"] for each in decisions]}  # fmt: skip
    return Told(page, {lang: word(f"quarantine.recorded.{verb}", lang).format(**page) for lang in _LANGS})


def _preview(rows: list[Row], verb: str) -> Told:
    """How many rows a filter means, by feed, reason and column; nothing is recorded."""
    counted = Counter((row["feed"], row["reason_code"], row["column_name"] or "–") for row in rows)
    lines = [{"feed": feed, "reason_code": reason, "column_name": column, "rows": count}
             for (feed, reason, column), count in counted.most_common()]  # fmt: skip
    page = {"verb": verb, "recorded": 0, "would": len(rows), "counts": lines}
    texts = {}
    for lang in _LANGS:
        heading = word("quarantine.preview", lang).format(count=len(rows), verb=word(f"quarantine.verb.{verb}", lang))
        told = [
            f"    {each['rows']:>8,}  {each['feed']}  {each['reason_code']}  {each['column_name']}" for each in lines
        ]
        texts[lang] = "\n".join([heading, *told])
    return Told(page, texts)
