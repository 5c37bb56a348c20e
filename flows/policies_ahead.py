"""`nuanxin policies forecast`: who crosses an age or a term in the months ahead."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from flows.commands import Told
from flows.law_facts import known_by
from flows.linking_output import staged, write_fault
from flows.status import WrongUse
from flows.text_table import text_table, yuan
from flows.words import word
from transforms.eligibility.forecast import forecast
from transforms.eligibility.verdicts import determine


def show_forecast(site: Path, as_of: date | None, months: int, out: Path | None, lang: str) -> Told:
    """The verdicts that turn in the months ahead, by month and benefit; each one in the CSV `out`, under opaque ids."""
    if out and (reason := write_fault(out, lang)):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--out", path=out, reason=reason))
    with known_by(site, as_of, lang) as known:
        policies = list(known.policies)
        tonight = determine(policies, known.facts, as_of=known.as_of, alerts_since=known.alerts_since)
        until = _months_after(known.as_of, months)
        found = forecast(policies, known.facts, tonight, as_of=known.as_of, until=until)
    if out:
        with staged([out], lang) as parts:
            pa_csv.write_csv(found, parts[out])
    page = {
        "as_of": known.as_of.isoformat(),
        "until": until.isoformat(),
        "night": known.night.isoformat(),
        "turning": _counted(found),
        "rows": found.num_rows,
    }
    titles = {clause.benefit.id: clause.benefit.title for policy in policies for clause in policy.clauses}
    return Told(page, {each: _text(page, titles, each) for each in ("zh", "en")})


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, min(day.day, 28))


def _counted(found: pa.Table) -> list[dict[str, Any]]:
    keys = ("month", "benefit_id", "before", "after", "reason_code")
    rows = Counter(
        (
            f"{row['turns_on']:%Y-%m}",
            row["benefit_id"],
            row["before"],
            row["after"],
            row["reason_code"],
            row["amount_fen"],
        )
        for row in found.to_pylist()
    )
    return [
        dict(zip((*keys, "amount_fen"), key, strict=True)) | {"count": count}
        for key, count in sorted(rows.items(), key=str)
    ]


def _text(page: dict[str, Any], titles: dict[str, Any], lang: str) -> str:
    from transforms.eligibility.explain import load_words

    head = word("policy.ahead.title", lang).format(**page)
    if not page["turning"]:
        return f"{head}\n{word('policy.ahead.nothing', lang)}"
    reasons = load_words()["reasons"]
    rows = [
        (
            each["month"], getattr(titles[each["benefit_id"]], lang),
            *(word(f"policy.verdict.{each[when]}", lang) for when in ("before", "after")),
            reasons.get(each["reason_code"], {}).get(lang, each["reason_code"]),
            yuan(each["amount_fen"]), str(each["count"]),
        )
        for each in page["turning"]
    ]  # fmt: skip
    return text_table(head, word("policy.ahead.heads", lang).split("|"), rows, numbers=(5, 6))
