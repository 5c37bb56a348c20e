"""A night, from the agencies' files to an alert that explains itself. Read it from top to bottom.

agency ─► land ─► check ─► take ─► mention ─► link ─► identify ─► families ─► agree ─► decide ─► publish ─► report
"""

import datetime
from pathlib import Path
from typing import Any

from prefect import flow

from flows import stages, wiring


@flow(name="nightly", persist_result=False, validate_parameters=False)
def nightly(site: str, date: str | None = None) -> dict[str, Any]:
    """Run one business date of one site; returns the counts of the night.

    `date` is the business date (ISO); a scheduled run stands for the date in Asia/Shanghai on which it was due.
    Raises SiteHeld when another run holds the site, SiteFaults and PolicyFaults when the configuration is wrong.
    """
    business_date = datetime.date.fromisoformat(date) if date else stages.scheduled_date()
    with wiring.night(Path(site), business_date) as night:
        if not night.run.already_done:
            landed = stages.land(night)  # bytes as received, SHA-256
            checked = stages.check(night, landed)  # text columns: accepted or quarantined
            taken = stages.take(night, checked)  # one row per record, as of tonight
            mentioned = stages.mention(night, taken)  # the persons that records speak of
            linked = stages.link(night, mentioned)  # scored pairs of mentions
            identified = stages.identify(night, mentioned, linked)  # persons, and pairs for a clerk
            family = stages.families(night, taken, identified)  # life events and households
            agreed = stages.agree(night, taken, identified, family)  # what agencies say of the same person
            decided = stages.decide(night, taken, identified, family)  # verdicts, entitlements, alerts
            stages.publish(night, checked, taken, mentioned, linked, identified, family, agreed, decided)
        return stages.report(night)
