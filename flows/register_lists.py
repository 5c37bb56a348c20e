"""`nuanxin visits list` and `nuanxin payments list`: which families wait for a visit, and what is to be paid."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows import wiring
from flows.commands import Told
from flows.list_files import check_out, write_list
from flows.registers import opened
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.entitlements import UNSTATED
from transforms.eligibility.entries import Policy
from transforms.sql import ask
from warehouse import Warehouse, latest_published, reads, registers

# A visit recorded on or after the last night has not been weighed yet; nobody is sent there again meanwhile.
_WAITING = """
    SELECT household_id, person_id, event_type, township_code, since_on
    FROM (FROM states WHERE state = 'suspected')
    ANTI JOIN (FROM visits WHERE recorded_on >= (SELECT last_night FROM night))
      USING (household_id, person_id, event_type)
    LEFT JOIN homes USING (household_id)
    ORDER BY township_code NULLS LAST, since_on, household_id, person_id, event_type
"""
# What is recorded as paid waits for the next night to be marked so; it is not listed again meanwhile.
_DUE = """
    SELECT entitlement_id, household_id, person_id, township_code, policy_id, benefit_id, payee, period_from, period_to,
           status, amount_fen
    FROM (FROM entitlements WHERE status IN ('payable', 'to_recover')) ANTI JOIN payments USING (entitlement_id)
    LEFT JOIN homes USING (household_id)
"""
_PAYERS = """
    SELECT payer, count(*) AS entries, CAST(sum(amount_fen) AS BIGINT) AS amount_fen
    FROM shares SEMI JOIN due USING (entitlement_id) GROUP BY payer ORDER BY payer
"""
_YUAN = "CAST({fen} / 100.0 AS DECIMAL(18, 2))"


def list_visits(site: Path, out: Path | None, lang: str) -> Told:
    """The families that wait for a visit, by township, longest first; into the file `out` if one is named.

    WrongUse before the first night, and where the file cannot be written.
    """
    if out:
        check_out(out, lang)
    with opened(site) as warehouse:
        waiting = ask(
            _WAITING,
            night=pa.table({"last_night": pa.array([_last_night(warehouse, site, lang)], pa.date32())}),
            states=reads.current(warehouse, "household_states"),
            visits=registers.visits_until(warehouse, date.max),
            homes=_homes(warehouse, None),
        )
    if out:
        write_list(waiting, out, lang)
    page = {"waiting": waiting.num_rows, "out": str(out) if out else None, "families": waiting.to_pylist()}
    return Told(page, {each: _visits_text(page, each) for each in ("zh", "en")})


def list_payments(site: Path, day: date, out: Path, lang: str) -> Told:
    """What is to be paid or recovered as known on a business date, into the file `out`; in words, what each payer owes.

    WrongUse before the first night, and where the file cannot be written.
    """
    check_out(out, lang)
    with opened(site) as warehouse:
        _last_night(warehouse, site, lang)
        due = ask(
            _DUE,
            entitlements=reads.current(warehouse, "entitlements", known_on=day),
            payments=registers.payments_until(warehouse, day),
            homes=_homes(warehouse, day),
        )
        shares = reads.current(warehouse, "entitlement_shares", known_on=day)
    payers = ask(_PAYERS, shares=shares, due=due)
    codes = payers["payer"].to_pylist()
    policies = wiring.policies_of(wiring.load_site(site))
    titles = {each: payer_titles(policies, codes, each) for each in ("zh", "en")}
    heads = [titles["zh"][code] for code in codes] if lang == "zh" else codes  # as `write_list` words other columns
    write_list(_with_shares(due, shares, heads), out, lang)
    page = {
        "date": day.isoformat(),
        "out": str(out),
        "entries": due.num_rows,
        "amount_fen": pc.sum(due["amount_fen"]).as_py() or 0,
        "payers": payers.to_pylist(),
    }
    return Told(page, {each: _payments_text(page, titles[each], each) for each in ("zh", "en")})


def _last_night(warehouse: Warehouse, site: Path, lang: str) -> date:
    latest = latest_published(warehouse)
    if latest is None:
        raise WrongUse(word("explain.no_night", lang).format(site=site))
    return latest


def _homes(warehouse: Warehouse, day: date | None) -> pa.Table:
    return reads.current(warehouse, "households", known_on=day).select(["household_id", "township_code"])


def payer_titles(policies: Sequence[Policy], codes: list[str], lang: str) -> dict[str, str]:
    """What the documents call each payer; of two with one title, the code too. A code that none of them has stays."""
    stated = {payer.payer: getattr(payer.title, lang) for policy in reversed(policies) for payer in policy.payers}
    stated[UNSTATED] = word("payments.unstated", lang)
    titles = {code: stated.get(code, code) for code in codes}
    used = Counter(titles.values())
    return {code: title if used[title] == 1 else f"{title} ({code})" for code, title in titles.items()}


def _with_shares(due: pa.Table, shares: pa.Table, heads: list[str]) -> pa.Table:
    """The list with amounts in yuan: one column a payer, in the order of their codes, empty where it has no share."""
    numbers = range(1, len(heads) + 1)
    columns = "".join(f", {_share(number)} AS payer_{number}" for number in numbers)
    listed = ask(
        f"""
        WITH numbered AS (
            SELECT entitlement_id, amount_fen AS share_fen, dense_rank() OVER (ORDER BY payer) AS payer_no
            FROM shares SEMI JOIN due USING (entitlement_id))
        SELECT due.* EXCLUDE (amount_fen), {_YUAN.format(fen="amount_fen")} AS amount_yuan{columns}
        FROM due LEFT JOIN numbered USING (entitlement_id) GROUP BY ALL
        ORDER BY payee, township_code NULLS LAST, entitlement_id
        """,  # noqa: S608  # numbers of ours only
        due=due,
        shares=shares,
    )
    return listed.rename_columns(listed.column_names[: len(listed.column_names) - len(heads)] + heads)


def _share(number: int) -> str:
    return _YUAN.format(fen=f"sum(share_fen) FILTER (payer_no = {number})")


# -- in words -----------------------------------------------------------------------------------------------------


def _visits_text(page: dict[str, Any], lang: str) -> str:
    names = ("household_id", "person_id", "event_type", "township_code", "since_on")
    rows = [tuple(_said(name, row[name], lang) for name in names) for row in page["families"]]
    heads = tuple(word(f"list.{name}", lang) for name in names)
    lines = [word("visits.waiting", lang).format(count=page["waiting"])]
    if page["out"]:
        return "\n".join([*lines, word("list.written", lang).format(out=page["out"])])
    return "\n".join(lines + (_columns([heads, *rows]) if rows else []))


def _said(name: str, value: object, lang: str) -> str:
    if value is None:
        return "–"
    return word(f"list.{name}.{value}", lang) if name == "event_type" else str(value)


def _payments_text(page: dict[str, Any], titles: dict[str, str], lang: str) -> str:
    heads = tuple(word(f"payments.{name}", lang) for name in ("payer", "entries", "amount"))
    totals = [each | {"payer": titles[each["payer"]]} for each in page["payers"]]
    unshared = page["amount_fen"] - sum(each["amount_fen"] for each in totals)
    if unshared:
        totals.append({"payer": word("payments.unshared", lang), "entries": "", "amount_fen": unshared})
    totals.append({"payer": word("payments.all", lang), "entries": page["entries"], "amount_fen": page["amount_fen"]})
    rows = [(each["payer"], str(each["entries"]), f"{each['amount_fen'] / 100:,.2f}") for each in totals]
    title = word("payments.listed", lang).format(**page)
    return "\n".join([title, *_columns([heads, *rows]), word("list.written", lang).format(out=page["out"])])


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines, each column as wide as its widest cell."""
    from rich.cells import cell_len, set_cell_size  # Chinese is twice as wide

    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  " + "  ".join(map(set_cell_size, row, widths)).rstrip() for row in rows]
