"""Which verdicts `nuanxin explain` is asked for: by an alert's number, a verdict's, or a household's."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flows.known import Known
from flows.status import WrongUse
from flows.words import word
from warehouse import reads

_SHAPES = {"alert": r"A-\d{8}-[0-9A-Z]+", "verdict": r"V[0-9a-f]{16}", "household": r"H[0-9a-f]{16}"}


@dataclass(frozen=True)
class Asked:
    """The arguments of the command: `item_id` is the number of an alert or of a verdict."""

    item_id: str | None = None
    latest: bool = False
    household: str | None = None
    benefit: str | None = None
    clause: str | None = None
    as_of: date | None = None


@dataclass(frozen=True)
class Found:
    """What was found: the verdicts, and whether each is to be told in full. `alert` where one was asked for."""

    determinations: list[dict[str, Any]]
    in_full: bool
    alert: dict[str, Any] | None = None


def check_asked(asked: Asked, lang: str) -> None:
    """WrongUse, with what is valid, where the arguments do not say which verdict, or say it twice."""
    ways = [bool(asked.item_id), asked.latest, bool(asked.household)]
    if not any(ways):
        raise WrongUse(word("explain.which", lang))
    if sum(ways) > 1:
        raise WrongUse(word("explain.several", lang))
    if (asked.benefit or asked.clause) and not asked.household:
        raise WrongUse(word("explain.narrows", lang))
    if asked.item_id and not any(re.fullmatch(_SHAPES[kind], asked.item_id) for kind in ("alert", "verdict")):
        raise WrongUse(word("explain.no_id", lang).format(received=asked.item_id))
    if asked.household and not re.fullmatch(_SHAPES["household"], asked.household):
        raise WrongUse(word("explain.no_household_id", lang).format(received=asked.household))


def find(known: Known, asked: Asked, lang: str) -> Found:
    """The verdicts that were asked for; WrongUse where that night knew none."""
    if asked.household:
        return _of_household(known, asked, asked.household, lang)
    if asked.item_id and re.fullmatch(_SHAPES["verdict"], asked.item_id):
        return Found(_verdict(known, asked.item_id, lang), in_full=True)
    return _of_alert(known, asked.item_id, lang)


def _of_alert(known: Known, alert_id: str | None, lang: str) -> Found:
    """Without a number the one raised last, told ones before those that wait for a clerk."""
    if alert_id:
        found = reads.alert(known.warehouse, alert_id, known_on=known.as_of)
    else:
        found = reads.latest_alert(known.warehouse, known_on=known.as_of)
    if found is None:
        told = {"alert_id": alert_id or "--latest", "night": known.night}
        raise WrongUse(word("explain.none", lang).format(**told))
    return Found(known.determinations("determination_id", [found["determination_id"]]), True, found)


def _verdict(known: Known, determination_id: str, lang: str) -> list[dict[str, Any]]:
    found = known.determinations("determination_id", [determination_id])
    if found:
        return found
    versions = reads.versions_of(known.warehouse, "determinations", [determination_id])
    name, told = "explain.no_verdict", {"determination_id": determination_id, "night": known.night}
    if versions:
        name, told = "explain.verdict_elsewhen", told | {"days": _days(versions, lang)}
    raise WrongUse(word(name, lang).format(**told))


def _days(versions: list[dict[str, Any]], lang: str) -> str:
    """When each version was known."""
    until = {"zh": "今", "en": "now"}[lang]
    return "; ".join(f"{row['known_on']} – {row['superseded_on'] or until}" for row in versions)


def _of_household(known: Known, asked: Asked, household_id: str, lang: str) -> Found:
    found = known.determinations("household_id", [household_id])
    if not found:
        told = {"household_id": household_id, "night": known.night}
        raise WrongUse(word("explain.no_household", lang).format(**told))
    for option, column, wanted in (("--benefit", "benefit_id", asked.benefit), ("--clause", "clause_id", asked.clause)):
        valid = sorted({row[column] for row in found})
        if wanted and wanted not in valid:
            told = {"option": option, "received": wanted, "household_id": household_id, "valid": ", ".join(valid)}
            raise WrongUse(word("explain.not_of_household", lang).format(**told))
    named = [
        (column, wanted) for column, wanted in (("benefit_id", asked.benefit), ("clause_id", asked.clause)) if wanted
    ]
    chosen = [row for row in found if all(row[column] == wanted for column, wanted in named)]
    if not chosen:
        told = {"household_id": household_id, "benefit": asked.benefit, "clause": asked.clause}
        raise WrongUse(word("explain.none_of_both", lang).format(**told))
    return Found(chosen, in_full=len(chosen) == 1 or bool(named))
