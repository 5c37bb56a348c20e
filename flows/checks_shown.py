"""`nuanxin checks`: what every check found on a night, what could not run and why, and the records behind a check."""

import difflib
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from expectations.between import QUESTIONS
from expectations.catalogue import checks_of, owner_of
from expectations.checks import Check
from expectations.sentences import agency, sentence
from flows.commands import Told
from flows.kept_tables import Kept, kept_by
from flows.linking_output import staged, write_fault
from flows.status import WrongUse
from flows.text_table import text_table
from flows.words import word
from transforms.feeds import load_contract
from transforms.feeds.masking import mask_key
from transforms.schemas import CONTRADICTIONS, NOT_RUN
from warehouse.reads import feed_history

Row = dict[str, Any]
_LISTED = 50  # records behind a check that a terminal shows; --out has all


def show_checks(
    site: Path, check_id: str | None, *, every: bool, as_of: date | None, out: Path | None, reveal: bool, lang: str
) -> Told:
    """All checks of a night, or one with the records behind it. `every`: also those that passed.

    WrongUse for a check that nobody knows, and for `out` without a check or where it cannot be written.
    """
    if out and (check_id is None or (reason := write_fault(out, lang))):
        fault = word("checks.out_of_which", lang) if check_id is None else reason
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--out", path=out, reason=fault))
    with kept_by(site, as_of, lang) as kept:
        found = _outcomes(kept)
        behind = kept.table("contradictions", CONTRADICTIONS)
        night = kept.night.isoformat()
    if check_id is None:
        page: Row = {"night": night, "checks": [row for row in found.values() if every or _is_told(row)]}
        page |= {"counts": {state: sum(row["state"] == state for row in found.values()) for state in _STATES}}
        return Told(page, {each: _list(page, each) for each in ("zh", "en")})
    if check_id not in found:
        near = difflib.get_close_matches(check_id, list(found), 1, 0.3)
        raise WrongUse(word("checks.no_such", lang).format(check=check_id, near=", ".join(near) or "–"))
    records = [_shown(row, reveal) for row in behind.filter(pc.equal(behind["check_id"], check_id)).to_pylist()]
    if out:
        with staged([out], lang) as parts:
            pa_csv.write_csv(pa.Table.from_pylist(records, CONTRADICTIONS), parts[out])
    page = {"night": night, **found[check_id], "records": records}
    return Told(page, {each: _one(page, each) for each in ("zh", "en")})


_STATES = ("failed", "not_run", "passed")


def _is_told(row: Row) -> bool:
    """What failed, and what no delivery of tonight could have changed: a check between feeds that did not run."""
    return row["state"] == "failed" or (row["state"] == "not_run" and ".between." in row["check_id"])


def _outcomes(kept: Kept) -> dict[str, Row]:
    """Every check of the feeds that the site reads, in the order of the contracts: its outcome, or why it has none."""
    history = feed_history(kept.warehouse, 1, until=kept.night)
    statuses: dict[str, str] = {row["feed"]: row["status"] for row in history.loads.to_pylist()}
    counted: dict[str, list[int]] = {}
    for row in history.quality.to_pylist():
        seen = counted.setdefault(row["check_id"], [0, 0])
        seen[0] += row["rows_checked"]
        seen[1] += row["rows_failed"]
    reasons = {row["check_id"]: row for row in kept.table("not_run", NOT_RUN).to_pylist()}
    checks = [check for feed in kept.site.feeds for check in checks_of(load_contract(feed))]
    checks += [each.check(owner_of(each.feed)) for each in QUESTIONS if each.feed not in kept.site.feeds]
    return {
        check.check_id: _outcome(
            check, counted.get(check.check_id), reasons.get(check.check_id, _why_not(statuses.get(check.feed)))
        )
        for check in checks
    }


def _why_not(status: str | None) -> Row:
    """Why a check on a delivery has no outcome, by what became of the feed's delivery tonight."""
    code = {None: "no_delivery", "loaded": "nothing_to_check"}.get(status, "not_reached")
    return {"reason_code": code, "missing": ""}


def _outcome(check: Check, counted: list[int] | None, why: Row) -> Row:
    said, owner = sentence(check), agency(check.agency)
    return {
        "check_id": check.check_id,
        "feed": check.feed,
        "dimension": check.dimension,
        "severity": check.severity,
        "owner": {"id": check.agency, "zh": owner.zh, "en": owner.en},
        "sentence": {"zh": said.zh, "en": said.en},
        "state": "not_run" if counted is None else "failed" if counted[1] else "passed",
        "rows_checked": counted[0] if counted else None,
        "rows_failed": counted[1] if counted else None,
        "reason_code": why["reason_code"] if counted is None else None,
        "missing": why["missing"] if counted is None else None,
    }


def _shown(row: Row, reveal: bool) -> Row:
    keys = () if reveal else ("record_key", "other_record_key")
    return {name: mask_key(value) if name in keys and value else value for name, value in row.items()}


def _list(page: Row, lang: str) -> str:
    heads = word("checks.heads", lang).split("|")
    rows = [
        (
            row["check_id"],
            _state(row, lang),
            _count(row["rows_checked"]),
            _count(row["rows_failed"]),
            row["owner"][lang],
        )
        for row in page["checks"]
    ]
    title = word("checks.title", lang).format(night=page["night"], **page["counts"])
    return text_table(title, heads, rows, numbers=(2, 3))


def _state(row: Row, lang: str) -> str:
    told = word(f"checks.{row['state']}", lang)
    reason = word(f"checks.why.{row['reason_code']}", lang).format(missing=row["missing"]) if row["reason_code"] else ""
    return f"{told}: {reason}" if reason else told


def _count(rows: int | None) -> str:
    return "–" if rows is None else f"{rows:,}"


def _one(page: Row, lang: str) -> str:
    told = [f"{page['check_id']}  {_state(page, lang)}  {_count(page['rows_failed'])} / {_count(page['rows_checked'])}",
            page["sentence"][lang]]  # fmt: skip
    if not page["records"]:
        return "\n".join(told)
    rows = [
        (row["reference"], f"{row['feed']} {row['record_key']}",
         f"{row['other_feed'] or '–'} {row['other_record_key'] or ''}".strip(), _count(row["days"]))
        for row in page["records"][:_LISTED]
    ]  # fmt: skip
    heads = word("checks.record_heads", lang).split("|")
    listed = text_table("\n".join(told), heads, rows, numbers=(3,))
    more = len(page["records"]) - _LISTED
    return f"{listed}\n{word('checks.more', lang).format(count=more)}" if more > 0 else listed
