"""Which alerts are due, from which night, and which losses must not alert."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from connectors.simulator.cells import District
from connectors.simulator.days import NEVER
from connectors.simulator.delivered_facts import Row, Shown, shown
from connectors.simulator.deliveries import Schedule
from connectors.simulator.law import AMOUNTS, BEREAVED, DISABLED, Court, Family, Finding
from connectors.simulator.records import Records
from connectors.simulator.stories import DISABILITIES

_EVENTS = {BEREAVED: "death"}


def verdicts(
    district: District, books: dict[str, Records], plans: dict[str, Schedule]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Due alerts and near misses, one dictionary each; days as numbers."""
    families = _families(district, books)
    court = _court(district, shown(books, plans, families), families)
    stories = dict(zip(district.world.losses["child"].tolist(), district.world.losses["story"].tolist(), strict=True))
    alerts: list[dict[str, Any]] = []
    misses: list[dict[str, Any]] = []
    for numbers in families[["certificate", "father", "mother", "child"]].to_numpy().tolist():
        family = Family(*numbers)
        due, missed = _judge(court, family, district, stories.get(family.child, ""))
        alerts += due
        misses += missed
    return alerts, misses


def _families(district: District, books: dict[str, Records]) -> pd.DataFrame:
    """Every certificate whose child is reported dead or disabled anywhere, and the planned losses without one."""
    world = district.world
    told = {
        feed: books[feed].facts["person"] for feed in ("death_certificates", "cremations", "disability_certificates")
    }
    struck = np.unique(np.concatenate([*told.values(), world.losses["child"], world.deaths["person"]]))
    frame = world.certificates.rename_axis("certificate").reset_index()
    certified = frame.loc[frame["child"].isin(struck), ["certificate", "father", "mother", "child"]]
    others = world.losses.loc[world.losses["certificate"] < 0, ["certificate", "father", "mother", "child"]]
    return pd.concat([certified, others], ignore_index=True).astype(np.int64)


def _court(district: District, found: Shown, families: pd.DataFrame) -> Court:
    return Court(found, _Births(district), district.nights.alerts_since)


class _Births(dict[int, int]):
    """Birth days by person, looked up only where a family asks."""

    def __init__(self, district: District) -> None:
        super().__init__()
        self._birth = district.birth

    def __missing__(self, person: int) -> int:
        return int(self._birth[person])


def _judge(
    court: Court, family: Family, district: District, story: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The family's cases over all nights on which something about it was delivered."""
    nights = sorted({max(row.night, district.nights.first) for row in _rows_about(court.shown, family, court)})
    history = {night: court.findings(family, night) for night in nights}
    alerts = [{**alert, "story": story} for alert in _due(family, history)]
    final = history[nights[-1]] if nights else []
    raised = {(alert["benefit_id"], alert["claimant"]) for alert in alerts}
    misses = [_miss(family, f, f.reason, story) for f in final if f.reason and (f.benefit, f.claimant) not in raised]
    if not final and not alerts and story:
        misses = [_unreported(court, family, district, story)]
    return alerts, _distinct(misses)


def _rows_about(found: Shown, family: Family, court: Court) -> Iterable[Row]:
    """Rows whose arrival can change the answer."""
    yield from found.certificates.get(family.certificate, ())
    people = {person for person in family[1:] if person >= 0}
    for person in list(people):
        people |= {int(row.says.child) for row in (*found.births.get(person, ()), *found.adopters.get(person, ()))}
        people |= {
            r.says.person for own in found.register.get(person, ()) for r in found.household.get(own.says.house, ())
        }
    tables = (found.death_certificates, found.cremations, found.register, found.births, found.adopters, found.adoptees,
              found.couples, found.disabilities)  # fmt: skip
    for person in people:
        for table in tables:
            yield from table.get(person, ())


def _due(family: Family, history: dict[int, list[Finding]]) -> list[dict[str, Any]]:
    """One alert for each benefit and claimant: due from, withdrawn on, due again from."""
    cases = {(f.benefit, f.claimant) for found in history.values() for f in found if not f.reason}
    alerts = []
    for benefit, claimant in sorted(cases):
        states = [(night, _case(found, benefit, claimant)) for night, found in history.items()]
        due_on = next(night for night, case in states if case)
        case = next(case for night, case in states if case)
        withdrawn = next((night for night, c in states if night > due_on and not c), NEVER)
        again = next((night for night, c in states if night > withdrawn and c), NEVER)
        alerts.append(
            {**_alert(family, case), "due_night": due_on, "withdrawn_night": withdrawn, "reinstated_night": again}
        )
    return alerts


def _case(found: list[Finding], benefit: str, claimant: str) -> Finding | None:
    return next((f for f in found if (f.benefit, f.claimant) == (benefit, claimant) and not f.reason), None)


def _alert(family: Family, case: Finding) -> dict[str, Any]:
    feed, first = case.rows[0]
    return {
        **_of_family(family),
        "benefit_id": case.benefit,
        "claimant": case.claimant,
        "trigger_event_type": _EVENTS.get(case.benefit, "disability"),
        "trigger_on": case.event_on,
        "trigger_feed": feed,
        "trigger_record_key": first.key,
        "trigger_record_keys": ";".join(f"{name}:{row.key}" for name, row in case.rows),
        "amount_fen": AMOUNTS[case.benefit],
    }


def _of_family(family: Family) -> dict[str, Any]:
    return {"certificate": family.certificate, "child": family.child, "father": family.father, "mother": family.mother}


def _miss(family: Family, finding: Finding, reason: str, story: str) -> dict[str, Any]:
    feed, first = finding.rows[0]
    return {
        **_of_family(family),
        "benefit_id": finding.benefit,
        "claimant": finding.claimant,
        "reason": reason,
        "story": story,
        "event_on": finding.event_on,
        "trigger_feed": feed,
        "trigger_record_key": first.key,
        "known_night": first.night,
    }


def _unreported(court: Court, family: Family, district: District, story: str) -> dict[str, Any]:
    """A planned loss that no delivery makes known, or that somebody else's death only resembles."""
    losses = district.world.losses
    event_on = int(losses.loc[losses["child"] == family.child, "event_on"].iloc[0])
    reason = story if story in ("namesake_died", "death_voided") else "not_reported"
    stays = court.shown.last_stays.get(family.child, [])
    if stays and reason == "not_reported":
        reason = "settlement_only"
    return {
        **_of_family(family),
        "benefit_id": DISABLED if story in DISABILITIES else BEREAVED,
        "claimant": "couple",
        "reason": reason,
        "story": story,
        "event_on": event_on,
        "trigger_feed": "",
        "trigger_record_key": "",
        "known_night": NEVER,
    }


def _distinct(misses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = {(miss["benefit_id"], miss["claimant"], miss["event_on"]): miss for miss in misses}
    return list(seen.values())
