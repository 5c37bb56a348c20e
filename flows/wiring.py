"""The only place where real parts are chosen: which lake, which warehouse, which policies, who is told."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from flows import edge, observing
from flows.errors import StageFailed
from flows.night import Night
from flows.settings import Site
from flows.settings import load_site as read_site
from flows.snapshot import Snapshot, from_json
from flows.status import WrongUse
from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.policy_set import load_policies
from transforms.eligibility.situations import check_situations
from transforms.eligibility.verdicts import ENGINE
from warehouse.database import Warehouse
from warehouse.lake import Lake
from warehouse.reads import latest_snapshot
from warehouse.runs import Run, close_run, latest_published, open_run

# Renewed at every stage; a dead run of this machine is taken over at once, one of another machine after this.
LEASE = timedelta(minutes=30)


def load_site(path: Path) -> Site:
    """The site's configuration; WrongUse when the file is not there, SiteFaults with every mistake in it."""
    if not path.is_file():
        raise WrongUse(f"--site: there is no file {path}; give the path of a site.toml")
    return read_site(path, edge.environment())


def policies_of(site: Site) -> tuple[Policy, ...]:
    """The site's policies in their order of precedence; PolicyFaults with every mistake in them."""
    return load_policies((_page_of(name).read_text("utf-8"), f"policies/{name}/policy.yaml") for name in site.policies)


def policy_named(name: str) -> Policy | None:
    """The policy of that name whether or not a site lists it; None where there is no such file."""
    page = edge.POLICIES / name / "policy.yaml"
    return load_policy(page.read_text("utf-8"), f"policies/{name}/policy.yaml") if page.is_file() else None


def _page_of(name: str) -> Path:
    page = edge.POLICIES / name / "policy.yaml"
    if not page.is_file():
        known = ", ".join(sorted(each.parent.name for each in edge.POLICIES.glob("*/policy.yaml")))
        raise WrongUse(f"site.toml names the policy {name!r}, which is not there; there are: {known}")
    return page


def _see_that_they_check(site: Site) -> None:
    """Judge the situations of every policy before the night starts; WrongUse where one comes out otherwise.

    Files that have checked once with this code are not judged again: the user's cache keeps a mark of them.
    """
    failed: list[str] = []
    for folder in (_page_of(name).parent for name in site.policies):
        content = b"".join((folder / name).read_bytes() for name in ("policy.yaml", "situations.yaml"))
        mark = edge.cache() / "policies-checked" / hashlib.sha256(ENGINE.encode() + content).hexdigest()[:32]
        if mark.exists():
            continue
        wrong = [each for each in check_situations(folder) if each.differences]
        source = f"policies/{folder.name}/situations.yaml"
        failed += [f"{source}: {each.situation_id}: {each.differences[0]}" for each in wrong]
        if not wrong:
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
    if failed:
        told = "the policies do not check, so no night is run with them; see `nuanxin policies check`"
        raise WrongUse("\n".join([told, *failed]))


def open_lake(site: Site) -> Lake:
    """The lake beside site.toml, and the key that only this user can read; NUANXIN_LAKE_KEY_FILE puts it elsewhere."""
    return Lake.at(site.path.parent / "lake", _lake_key(site))


def signing_key_file(site: Site) -> Path:
    """Where the key lies by which the site signs its packs: beside the lake's key."""
    return _lake_key(site).with_name("pack.key")


def _lake_key(site: Site) -> Path:
    named = edge.environment().get("NUANXIN_LAKE_KEY_FILE")
    return Path(named) if named else site.path.parent / "keys" / "lake.key"


def open_warehouse(site: Site) -> Warehouse:
    """The site's warehouse, brought to this version."""
    warehouse = Warehouse(site.warehouse_url)
    warehouse.migrate()
    return warehouse


@contextmanager
def night(path: Path, business_date: date) -> Iterator[Night]:
    """A night with its parts, holding the site from here to the end.

    Raises SiteHeld when another run holds it. A night older than the last published one cannot be put before
    it any more (that night has read its deliveries already) and is refused with WrongUse.
    """
    site = load_site(path)
    policies = policies_of(site)
    _see_that_they_check(site)
    lake, warehouse = open_lake(site), open_warehouse(site)
    try:
        run = _take_site(warehouse, business_date)
        try:
            previous = _previous(lake, warehouse)
            observer = observing.current()
            observer.night(business_date.isoformat())
            yield Night(site, policies, lake, warehouse, run, previous, observer)
        except BaseException as fault:
            close_run(warehouse, run, now=edge.now(), reason_code=_reason(fault))
            raise
    finally:
        warehouse.dispose()


def _take_site(warehouse: Warehouse, business_date: date) -> Run:
    run = open_run(
        warehouse,
        business_date,
        now=edge.now(),
        lease_seconds=int(LEASE.total_seconds()),
        owner=edge.owner(),
        owner_is_gone=edge.owner_is_gone,
    )
    last = latest_published(warehouse)
    if not run.already_done and last is not None and business_date < last:
        close_run(warehouse, run, now=edge.now(), reason_code="older_than_published")
        raise WrongUse(
            f"{business_date} lies before {last}, which is published and has read every delivery up to its date; "
            f"run a date after {last}"
        )
    return run


def _previous(lake: Lake, warehouse: Warehouse) -> Snapshot:
    location = latest_snapshot(warehouse)
    return Snapshot() if location is None else from_json(location, lake.get(location))


def _reason(fault: BaseException) -> str:
    return str(fault) if isinstance(fault, StageFailed) else type(fault).__name__
