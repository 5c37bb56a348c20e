"""`nuanxin policies simulate`: what another law would change, on tonight's facts or on those of a past night."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from flows import edge
from flows.commands import Told
from flows.law_facts import Known, known_by
from flows.linking_output import staged, write_fault
from flows.status import WrongUse
from flows.text_table import text_table, yuan
from flows.words import word
from transforms.eligibility.changes import added_files, changed_policies
from transforms.eligibility.entries import Policy
from transforms.eligibility.verdicts import determine
from transforms.eligibility.whatif import compare

_KINDS = ("gains", "loses", "amount", "unsettled", "settled")


def simulate_change(site: Path, change: Path, as_of: date | None, out: Path | None, lang: str) -> Told:
    """Judge the same facts by the site's law and by the changed one, and tell the difference; nothing is written.

    `out`: a CSV of every verdict that is another, under opaque ids. WrongUse, PolicyFaults.
    """
    if not change.is_file():
        raise WrongUse(word("policy.whatif.no_file", lang).format(path=change))
    if out and (reason := write_fault(out, lang)):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--out", path=out, reason=reason))
    with known_by(site, as_of, lang) as known:
        law = _changed(known, change, lang)
        before, after = (_judged(known, policies) for policies in (known.policies, law))
        changes, costs = compare(before, after, known.policies, law, known.facts.households.households)
    if out:
        with staged([out], lang) as parts:
            pa_csv.write_csv(changes, parts[out])
    page = {
        "as_of": known.as_of.isoformat(),
        "night": known.night.isoformat(),
        "verdicts": before.num_rows,
        "changes": _counted(changes),
        "costs": costs.to_pylist(),
        "townships": _by_township(changes),
    }
    titles = {
        clause.benefit.id: clause.benefit.title for policy in (*known.policies, *law) for clause in policy.clauses
    }
    payers = {payer.payer: payer.title for policy in (*known.policies, *law) for payer in policy.payers}
    return Told(page, {each: _text(page, titles, payers, each) for each in ("zh", "en")})


def _changed(known: Known, change: Path, lang: str) -> tuple[Policy, ...]:
    text = change.read_text("utf-8")
    added = {}
    for name in added_files(text, change.name):
        path = change.parent / name
        if not path.is_file():
            raise WrongUse(word("policy.whatif.no_file", lang).format(path=path))
        added[name] = path.read_text("utf-8")
    texts = {each.id: (edge.POLICIES / each.id / "policy.yaml").read_text("utf-8") for each in known.policies}
    return changed_policies(text, change.name, texts, added)


def _judged(known: Known, policies: tuple[Policy, ...]) -> pa.Table:
    return determine(list(policies), known.facts, as_of=known.as_of, alerts_since=known.alerts_since)


def _counted(changes: pa.Table) -> list[dict[str, Any]]:
    """Verdicts that are another, by benefit and kind of change, with the households they belong to."""
    rows = changes.select(["benefit_id", "change", "household_id"]).to_pylist()
    verdicts = Counter((row["benefit_id"], row["change"]) for row in rows)
    homes = Counter(
        (benefit, kind) for benefit, kind, _ in {(r["benefit_id"], r["change"], r["household_id"]) for r in rows}
    )
    return [
        {"benefit_id": benefit, "change": kind, "verdicts": count, "households": homes[benefit, kind]}
        for (benefit, kind), count in sorted(verdicts.items(), key=lambda each: (each[0][0], _KINDS.index(each[0][1])))
    ]


def _by_township(changes: pa.Table) -> list[dict[str, Any]]:
    rows = changes.select(["township_code", "change", "household_id"]).to_pylist()
    homes = Counter((row["township_code"] or "", row["change"], row["household_id"]) for row in rows)
    counted = Counter((township, kind) for township, kind, _ in homes)
    townships = sorted({township for township, _ in counted})
    return [{"township_code": each} | {kind: counted[each, kind] for kind in _KINDS} for each in townships]


def _text(page: dict[str, Any], titles: dict[str, Any], payers: dict[str, Any], lang: str) -> str:
    head = word("policy.whatif.title", lang).format(**page)
    if not page["changes"]:
        return f"{head}\n{word('policy.whatif.nothing', lang)}"

    def title(named: dict[str, Any], name: str) -> str:
        return getattr(named[name], lang) if name in named else name

    kinds = {kind: word(f"policy.whatif.{kind}", lang) for kind in _KINDS}
    heads = word("policy.whatif.heads", lang).split("|")
    numbers = ("households", "verdicts")
    changed = [(title(titles, each["benefit_id"]), kinds[each["change"]], *(str(each[name]) for name in numbers))
               for each in page["changes"]]  # fmt: skip
    told = [text_table(head, heads, changed, numbers=(2, 3))]
    townships = [(each["township_code"] or "–", *(str(each[kind]) for kind in _KINDS)) for each in page["townships"]]
    name = word("policy.whatif.township", lang)
    told.append(
        text_table(word("policy.whatif.by_township", lang), [name, *kinds.values()], townships, numbers=range(1, 6))
    )
    if page["costs"]:
        told.append(_costs(page, lambda payer: title(payers, payer), lang))
    return "\n\n".join(told)


def _costs(page: dict[str, Any], payer_title: Any, lang: str) -> str:
    """What it costs each payer, before and after, and by township."""
    sums: dict[tuple[bool, str, str], list[int]] = {}
    for row in page["costs"]:
        for township in ("", row["township_code"] or "–"):
            both = sums.setdefault((row["recurs"], row["payer"], township), [0, 0])
            both[0] += row["fen_before"]
            both[1] += row["fen_after"]
    rows = [
        (
            word("policy.whatif.yearly" if recurs else "policy.whatif.once", lang),
            word("policy.whatif.unstated", lang) if payer == "unstated" else payer_title(payer),
            township or word("policy.whatif.all", lang),
            yuan(before), yuan(after), yuan(after - before),
        )
        for (recurs, payer, township), (before, after) in sorted(sums.items())
    ]  # fmt: skip
    heads = word("policy.whatif.cost_heads", lang).split("|")
    return text_table(word("policy.whatif.costs", lang), heads, rows, numbers=(3, 4, 5))
