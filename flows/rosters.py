"""`nuanxin policies roster` and `prompts`: who is owed a service or unknown, who may qualify and what is missing."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from flows import wiring
from flows.commands import Told
from flows.linking_output import staged, write_fault
from flows.status import WrongUse
from flows.text_table import text_table, yuan
from flows.words import word
from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.explain import condition_titles, load_words
from transforms.sql import ask
from warehouse import reads

_COLUMNS = (
    "benefit_id", "township_code", "household_id", "person_id", "event_type", "subject_id", "verdict", "amount_fen",
    "determination_id",
)  # fmt: skip
# A roster lists a yes only. Who is unknown stands on no other list; who is listed because of another event is known.
_UNKNOWN = """
    SELECT d.* FROM determinations AS d SEMI JOIN rosters USING (policy_id, clause_id)
    ANTI JOIN (FROM determinations WHERE listed_for = 'roster') AS listed
      ON listed.household_id = d.household_id AND listed.benefit_id = d.benefit_id
     AND listed.subject_id IS NOT DISTINCT FROM d.subject_id
    WHERE verdict = 'unknown'
"""
_FAMILIES = """
    SELECT benefit_id, coalesce(township_code, '') AS township_code, reason_code,
           count(DISTINCT household_id) AS families
    FROM unsettled LEFT JOIN homes USING (household_id)
    GROUP BY GROUPING SETS ((benefit_id, township_code), (benefit_id, township_code, reason_code)) ORDER BY ALL
"""


def show_list(
    site: Path,
    listed_for: str,
    *,
    benefit: str | None,
    township: str | None,
    as_of: date | None,
    out: Path | None,
    lang: str,
    unknown: bool = False,
) -> Told:
    """The roster (`listed_for` roster) or the prompts (prompt) by benefit and township, as known on a date or now.

    A roster also tells how many families are unknown, by reason; with `unknown` these are listed and not the yeses.
    `out`: a CSV of each row under opaque ids. WrongUse for a benefit that no clause of that kind gives.
    """
    if out and (reason := write_fault(out, lang)):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--out", path=out, reason=reason))
    configured = wiring.load_site(site)
    policies = wiring.policies_of(configured)
    clauses = _clauses(policies, listed_for)
    if benefit is not None and benefit not in clauses:
        raise WrongUse(word("policy.list.no_benefit", lang).format(benefit=benefit, known=", ".join(clauses)))
    warehouse = wiring.open_warehouse(configured)
    try:
        determinations = reads.current(warehouse, "determinations", known_on=as_of)
        homes = reads.current(warehouse, "households", known_on=as_of)
    finally:
        warehouse.dispose()
    places = dict(zip(homes["household_id"].to_pylist(), homes["township_code"].to_pylist(), strict=True))

    def is_wanted(row: dict[str, Any]) -> bool:
        return benefit in (None, row["benefit_id"]) and township in (None, row["township_code"])

    unsettled = _unknown(determinations, policies)
    found = unsettled.to_pylist() if unknown else _listed(determinations, listed_for)
    rows = [
        row | {"event_type": row["trigger_event_type"], "township_code": places.get(row["household_id"])}
        for row in found
    ]
    rows = [row for row in rows if is_wanted(row)]
    if out:
        names = (*_COLUMNS, "reason_code") if unknown else _COLUMNS
        with staged([out], lang) as parts:
            pa_csv.write_csv(pa.Table.from_pylist([{name: row[name] for name in names} for row in rows]), parts[out])
    page = {
        "list": "unknown" if unknown else listed_for,
        "counts": _counted(rows),
        "rows": len(rows),
        "missing": _missing(rows, clauses),
    }
    if listed_for == "roster":
        page["unknown"] = [each for each in _families(unsettled, homes) if is_wanted(each)]
    return Told(page, {each: _text(page, clauses, each) for each in ("zh", "en")})


def _clauses(policies: tuple[Policy, ...], machine: str) -> dict[str, tuple[Policy, Clause]]:
    return {
        clause.benefit.id: (policy, clause)
        for policy in policies
        for clause in policy.clauses
        if clause.machine == machine
    }


def _listed(determinations: pa.Table, listed_for: str) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    rows: list[dict[str, Any]] = determinations.filter(pc.equal(determinations["listed_for"], listed_for)).to_pylist()
    return rows


def _unknown(determinations: pa.Table, policies: tuple[Policy, ...]) -> pa.Table:
    """The determinations of rosters that are unknown, of whom nothing is listed."""
    rosters = [(policy.id, clause.id) for policy in policies for clause in policy.clauses if clause.machine == "roster"]
    named = [dict(zip(("policy_id", "clause_id"), each, strict=True)) for each in rosters]
    shape = pa.schema([("policy_id", pa.string()), ("clause_id", pa.string())])
    return ask(_UNKNOWN, determinations=determinations, rosters=pa.Table.from_pylist(named, shape))


def _families(unsettled: pa.Table, homes: pa.Table) -> list[dict[str, Any]]:
    """How many families are unknown, by benefit and township, and for which reasons; one may have several."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    told = ask(_FAMILIES, unsettled=unsettled, homes=homes.select(["household_id", "township_code"])).to_pylist()
    for row in told:
        place = {"benefit_id": row["benefit_id"], "township_code": row["township_code"]}
        of_place = found.setdefault((row["benefit_id"], row["township_code"]), place | {"families": 0, "reasons": {}})
        if row["reason_code"] is None:
            of_place["families"] = row["families"]
        else:
            of_place["reasons"][row["reason_code"]] = row["families"]
    return list(found.values())


def _counted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counted = Counter((row["benefit_id"], row["township_code"] or "") for row in rows)
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row["benefit_id"], row["township_code"] or ""] += row["amount_fen"] or 0
    return [
        {"benefit_id": benefit, "township_code": place, "count": count, "amount_fen": sums[benefit, place] or None}
        for (benefit, place), count in sorted(counted.items())
    ]


def _missing(rows: list[dict[str, Any]], clauses: dict[str, tuple[Policy, Clause]]) -> list[dict[str, Any]]:
    """What has to be asked or delivered before somebody can decide, and for how many."""
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for part in json.loads(row["conditions"] or "[]"):
            if part["outcome"] == "unknown" and row["benefit_id"] in clauses:
                counted[row["benefit_id"], part["condition_id"]] += 1
    return [
        {"benefit_id": benefit, "condition_id": condition, "count": count, "says": _says(*clauses[benefit], condition)}
        for (benefit, condition), count in sorted(counted.items())
    ]


def _says(policy: Policy, clause: Clause, condition_id: str) -> dict[str, str]:
    for each in policy.conditions(clause):
        if each.id == condition_id:
            return (each.ask or each.says).model_dump()
    return {lang: condition_titles(clause, policy, lang).get(condition_id, condition_id) for lang in ("zh", "en")}


def _text(page: dict[str, Any], clauses: dict[str, tuple[Policy, Clause]], lang: str) -> str:
    head = word(f"policy.list.{page['list']}", lang)

    def title(benefit: str) -> str:
        return getattr(clauses[benefit][1].benefit.title, lang) if benefit in clauses else benefit

    rows = [
        (title(each["benefit_id"]), each["township_code"] or "–", str(each["count"]), yuan(each["amount_fen"]))
        for each in page["counts"]
    ]
    listed = text_table(head, word("policy.list.heads", lang).split("|"), rows, numbers=(2, 3))
    told = [listed if rows else f"{head}\n{word('policy.list.nothing', lang)}"]
    if page["missing"]:
        asked = [(title(each["benefit_id"]), each["says"][lang], str(each["count"])) for each in page["missing"]]
        heads = word("policy.list.missing_heads", lang).split("|")
        told.append(text_table(word("policy.list.missing", lang), heads, asked, numbers=(2,)))
    if page.get("unknown"):
        unknown = [
            (title(row["benefit_id"]), row["township_code"] or "–", str(row["families"]), _why(row["reasons"], lang))
            for row in page["unknown"]
        ]
        heads = word("policy.list.unknown_heads", lang).split("|")
        told.append(text_table(word("policy.list.unknown_families", lang), heads, unknown, numbers=(2,)))
    return "\n\n".join(told)


def _why(reasons: dict[str, int], lang: str) -> str:
    """Reasons with their numbers of families, the commonest first."""
    words, between = load_words()["reasons"], "；" if lang == "zh" else "; "
    commonest = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return between.join(f"{words.get(code, {}).get(lang, code)} {families}" for code, families in commonest)
