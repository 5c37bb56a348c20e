"""What a clause gives: how much by which row, who pays which share, who gets it, who is asked, what it keeps away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from transforms.eligibility.amounts import rows_on
from transforms.eligibility.entitlements import UNSTATED, shares
from transforms.eligibility.entries import Amount, Clause, Figure, Policy
from transforms.eligibility.explain import load_words, yuan


@dataclass(frozen=True)
class Share:
    """What one payer bears of an amount. `fen` in fen."""

    payer: str
    title: str
    percent: int
    fen: int


@dataclass(frozen=True)
class Terms:
    """What a clause gives in one case, for people. Empty where it gives no money."""

    document: str  # number, title, issuer
    figures: tuple[str, ...]  # that the document states at this place
    amount_rows: tuple[str, ...]  # the rows that an amount can come from on the ruling date, each with its source
    shares: tuple[Share, ...]
    payee: str
    asked: str  # of whom the clause is asked
    keeps_away: tuple[str, ...]  # benefits that the same event does not give beside this one


def terms_of(
    determination: Mapping[str, Any],
    policy: Policy,
    policies: Iterable[Policy] = (),
    *,
    ruling_on: date,
    parents: Mapping[str, str],
    lang: str = "zh",
) -> Terms:
    """The terms of a determination (a row of DETERMINATIONS, as a dict) under its policy.

    `policies` lend the titles of other benefits, `ruling_on` says which row of the amounts holds, `parents` has
    "mother" or "father" by person_id. KeyError if the policy is not the determination's.
    """
    clause, document = policy.clause(determination["clause_id"]), policy.document
    titles = {each.benefit.id: getattr(each.benefit.title, lang) for some in policies for each in some.clauses}
    return Terms(
        document=f"{document.number} {document.title}（{document.issuer}）",
        figures=tuple(_figure(figure, lang) for figure in clause.figures),
        amount_rows=tuple(_row(row, clause, lang) for row in _rows(determination, clause, ruling_on)),
        shares=_shares(determination, policy, lang),
        payee=_word("terms", clause.payee, lang),
        asked=_asked(determination, clause, parents, lang),
        keeps_away=tuple(titles.get(each, each) for each in clause.exclusions),
    )


def kept_away_by(
    determination: Mapping[str, Any], others: Iterable[Mapping[str, Any]], policies: Iterable[Policy]
) -> Sequence[Mapping[str, Any]]:
    """Of a household's determinations: the yeses to the same event whose benefit keeps this one away."""
    excluding = {
        (policy.id, clause.id)
        for policy in policies
        for clause in policy.clauses
        if determination["benefit_id"] in clause.exclusions
    }
    same = ("household_id", "person_id", "trigger_event_type")
    return [
        other
        for other in others
        if other["verdict"] == "yes"
        and (other["policy_id"], other["clause_id"]) in excluding
        and all(other[name] == determination[name] for name in same)
    ]


def _rows(determination: Mapping[str, Any], clause: Clause, day: date) -> list[Amount]:
    """Those of that day; of a yes the ones with its amount. A no gets nothing."""
    if determination["verdict"] == "no":
        return []
    is_known = determination["verdict"] == "yes" and determination["amount_fen"] is not None
    fen = determination["amount_fen"]
    return [row for row in rows_on(clause.benefit, day) if not is_known or row.fen == fen]


def _row(row: Amount, clause: Clause, lang: str) -> str:
    floor = load_words()["verdicts"]["floor"][lang] if clause.benefit.is_floor else ""
    amount = _word("terms", "unsaid" if row.fen is None else "yuan", lang).format(yuan=f"{floor}{yuan(row.fen or 0)}")
    dates = _word("terms", "any_day", lang)
    if row.from_ or row.until:
        dates = _word("terms", "from_until", lang).format(first=row.from_ or "…", last=row.until or "…")
    when = "" if row.when == "true" else _word("terms", "row_of", lang).format(when=row.when)
    source = getattr(row.source, lang)
    return _word("terms", "row", lang).format(amount=amount, dates=dates, source=source, when=when)


def _shares(determination: Mapping[str, Any], policy: Policy, lang: str) -> tuple[Share, ...]:
    if determination["amount_fen"] is None:
        return ()
    names = ("entitlement_id", "policy_id", "amount_fen")
    row = dict(zip(names, (determination["determination_id"], policy.id, determination["amount_fen"]), strict=True))
    found = shares(pa.Table.from_pylist([row]), [policy]).to_pylist()
    fen = {each["payer"]: each["amount_fen"] for each in found}
    told = [Share(each.payer, getattr(each.title, lang), each.percent, fen[each.payer]) for each in policy.payers]
    return tuple(told) or (Share(UNSTATED, _word("terms", "unstated", lang), 100, fen[UNSTATED]),)


def _asked(determination: Mapping[str, Any], clause: Clause, parents: Mapping[str, str], lang: str) -> str:
    if clause.who == "household_of_only_child":
        return _word("terms", "asked_household", lang)
    return _word("terms", f"asked_{parents.get(determination.get('subject_id') or '', 'parent')}", lang)


def _figure(figure: Figure, lang: str) -> str:
    return _word("units", figure.unit, lang).format(value=f"{figure.value:,}")


def _word(kind: str, name: str, lang: str) -> str:
    return str(load_words()[kind][name][lang])
