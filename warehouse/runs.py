"""The run row: who may write tonight, what is done already, and what has been published.

One row, `site_lease`, says who holds the site. Taking it makes its token grow; every later write reads the
token in its own transaction and is refused (`Fenced`) where it has grown meanwhile. So a run that was given
up for dead and wakes again cannot write, however late. The clock is the caller's: `now` is always an
argument.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from warehouse.database import Warehouse
from warehouse.tables import runs, site_lease, stage_outputs

PUBLISHED = ("done", "done_with_gaps")


class SiteHeld(Exception):
    """Another run holds the site, until `until` unless it renews."""

    def __init__(self, run_id: str, owner: str, until: datetime) -> None:
        super().__init__(f"{run_id} holds the site until {until.isoformat(timespec='seconds')}")
        self.run_id = run_id
        self.owner = owner
        self.until = until


class Fenced(Exception):
    """The site was taken over by a later run: this one may write no more, and should end."""

    def __init__(self, run_id: str, token: int, taken_by: str | None) -> None:
        super().__init__(f"{run_id} (token {token}) lost the site to {taken_by or 'a run that has ended'}")
        self.run_id = run_id
        self.token = token
        self.taken_by = taken_by


@dataclass(frozen=True)
class Run:
    """A night that is being run; or (`already_done`) was published before, and holds nothing and may not
    write."""

    run_id: str
    business_date: date
    token: int
    status: str  # running | done | done_with_gaps
    already_done: bool
    attempts: int  # 1 the first time this date is tried
    lease_seconds: int


@dataclass(frozen=True)
class StageOutput:
    """Where the committed output of a stage lies, and the facts it left for the next (counts, paths, ids)."""

    stage: str
    fingerprint: str
    location: str
    facts: dict[str, Any]


def run_id_of(business_date: date) -> str:
    """The id of the run of a date: the same however often it is tried."""
    return f"R{business_date:%Y%m%d}"


def open_run(
    warehouse: Warehouse,
    business_date: date,
    *,
    now: datetime,
    lease_seconds: int,
    owner: str,
    owner_is_gone: Callable[[str], bool] | None = None,
) -> Run:
    """Take the site for a night, or say that the night is done already.

    A lease that has run out is taken over. One that has not is taken over too where `owner_is_gone(owner)`
    says that its holder no longer lives (the caller can tell for owners of its own machine: host, process id,
    start). SiteHeld where another run holds the site.
    """
    done = _published(warehouse, business_date, lease_seconds)
    if done:
        return done
    _refuse_if_held(_lease(warehouse), now, owner_is_gone)  # so that a held site is told at once, without waiting
    with warehouse.writing() as connection:
        lease = _locked_lease(connection)
        _refuse_if_held(lease, now, owner_is_gone)
        done = _published_in(connection, business_date, lease_seconds)
        return done or _take(
            connection, business_date, lease["token"] + 1, now=now, lease_seconds=lease_seconds, owner=owner
        )


def renew(warehouse: Warehouse, run: Run, *, now: datetime) -> bool:
    """Hold the site for `lease_seconds` more. False if the run has ended; Fenced if it was taken over."""
    with warehouse.writing() as connection:
        lease = _locked_lease(connection)
        if lease["token"] == run.token and lease["run_id"] is None:
            return False
        _refuse_if_fenced(lease, run)
        until = now + timedelta(seconds=run.lease_seconds)
        connection.execute(update(site_lease).values(leased_until=until))
        return True


def close_run(warehouse: Warehouse, run: Run, *, now: datetime, reason_code: str | None = None) -> None:
    """Give the site back: a run that has not published is `failed`, for `reason_code`.

    Does nothing for a run that has published or lost the site, so that it can stand in a `finally`.
    """
    with warehouse.writing() as connection:
        lease = _locked_lease(connection)
        if lease["token"] != run.token or lease["run_id"] is None:
            return
        ended = {"status": "failed", "finished_at": now, "reason_code": reason_code}
        connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(**ended))
        _give_back(connection)


def commit_stage(
    warehouse: Warehouse, run: Run, stage: str, fingerprint: str, location: str, facts: Mapping[str, Any]
) -> None:
    """Remember that a stage is done for inputs of that fingerprint. `facts` as JSON; Fenced if taken over."""
    key = {"business_date": run.business_date, "stage": stage, "fingerprint": fingerprint}
    row = {**key, "location": location, "facts": _json(facts), "token": run.token}
    with warehouse.writing() as connection:
        hold(connection, run)
        connection.execute(delete(stage_outputs).filter_by(**key))
        connection.execute(insert(stage_outputs).values(**row))


def find_stage(warehouse: Warehouse, business_date: date, stage: str, fingerprint: str) -> StageOutput | None:
    """The committed output of a stage for these inputs, by whichever attempt; None if it has to be done."""
    wanted = select(stage_outputs).filter_by(business_date=business_date, stage=stage, fingerprint=fingerprint)
    with warehouse.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        return None
    return StageOutput(stage, fingerprint, row["location"], json.loads(row["facts"]))


def forget_stages(warehouse: Warehouse, run: Run, *, before: date) -> list[str]:
    """Forget the stages of earlier dates; their locations, for the lake to clear. Fenced if taken over."""
    old = stage_outputs.c.business_date < before
    with warehouse.writing() as connection:
        hold(connection, run)
        wanted = select(stage_outputs.c.location).where(old).distinct().order_by(stage_outputs.c.location)
        locations = list(connection.scalars(wanted))
        connection.execute(delete(stage_outputs).where(old))
    return locations


def latest_published(warehouse: Warehouse) -> date | None:
    """The newest business date that has been published; None before the first night."""
    with warehouse.reading() as connection:
        return latest_published_in(connection)


def latest_published_in(connection: Connection) -> date | None:
    """The same, within a transaction."""
    published = runs.c.status.in_(PUBLISHED)
    latest: date | None = connection.scalar(select(func.max(runs.c.business_date)).where(published))
    return latest


def hold(connection: Connection, run: Run) -> None:
    """Make sure, until the end of this transaction, that `run` holds the site; Fenced where it does not."""
    _refuse_if_fenced(_locked_lease(connection), run)


def finish(connection: Connection, run: Run, *, status: str, now: datetime) -> None:
    """Mark a held run as published and give the site back, within the publishing transaction."""
    ended = {"status": status, "finished_at": now, "reason_code": None}
    connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(**ended))
    _give_back(connection)


def _published(warehouse: Warehouse, business_date: date, lease_seconds: int) -> Run | None:
    with warehouse.reading() as connection:
        return _published_in(connection, business_date, lease_seconds)


def _published_in(connection: Connection, business_date: date, lease_seconds: int) -> Run | None:
    wanted = select(runs).where(runs.c.business_date == business_date, runs.c.status.in_(PUBLISHED))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        return None
    attempts, status = row["attempts"], row["status"]
    return Run(row["run_id"], business_date, row["token"], status, True, attempts, lease_seconds)


def _lease(warehouse: Warehouse) -> RowMapping:
    with warehouse.reading() as connection:
        return connection.execute(select(site_lease)).mappings().one()


def _locked_lease(connection: Connection) -> RowMapping:
    """The lease row, ours until the transaction ends (SQLite: the whole file already is)."""
    return connection.execute(select(site_lease).with_for_update()).mappings().one()


def _refuse_if_held(lease: RowMapping, now: datetime, is_gone: Callable[[str], bool] | None) -> None:
    if lease["run_id"] is None or lease["leased_until"] <= now:
        return
    if is_gone is None or not is_gone(lease["owner"]):
        raise SiteHeld(lease["run_id"], lease["owner"], lease["leased_until"])


def _refuse_if_fenced(lease: RowMapping, run: Run) -> None:
    if lease["token"] != run.token or lease["run_id"] != run.run_id:
        raise Fenced(run.run_id, run.token, lease["run_id"])


def _take(
    connection: Connection, business_date: date, token: int, *, now: datetime, lease_seconds: int, owner: str
) -> Run:
    run_id = run_id_of(business_date)
    lease = {"run_id": run_id, "owner": owner, "leased_until": now + timedelta(seconds=lease_seconds)}
    connection.execute(update(site_lease).values(token=token, **lease))
    attempts = _attempts(connection, run_id) + 1
    row = {"status": "running", "finished_at": None, "attempts": attempts, "token": token, "owner": owner,
           "reason_code": None, "started_at": now}  # fmt: skip
    if attempts == 1:
        connection.execute(insert(runs).values(run_id=run_id, business_date=business_date, **row))
    else:
        connection.execute(update(runs).where(runs.c.run_id == run_id).values(**row))
    return Run(run_id, business_date, token, "running", False, attempts, lease_seconds)


def _attempts(connection: Connection, run_id: str) -> int:
    return connection.scalar(select(runs.c.attempts).where(runs.c.run_id == run_id)) or 0


def _give_back(connection: Connection) -> None:
    connection.execute(update(site_lease).values(run_id=None, owner=None, leased_until=None))


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)
