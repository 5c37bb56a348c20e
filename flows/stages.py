"""The stages of a night as Prefect tasks. Each takes keys, reads tables by them, calls one room, returns a key."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ParamSpec, TypeVar, cast

import pyarrow as pa
import pyarrow.compute as pc
from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from flows import agreeing, edge, identifying, intake, publishing
from flows.errors import is_passing, sealed
from flows.night import Done, Night, Outcome
from flows.snapshot import DATED, LAW, RENAMED, RULES
from transforms.alerts import officer_list, raise_alerts
from transforms.eligibility.entitlements import Said, dated_verdicts, entitlements, shares
from transforms.eligibility.facts import Facts, as_tables, concerned, from_tables
from transforms.eligibility.following import RENAMES, followed, of_today, renames
from transforms.eligibility.incremental import Before, Judged, judge_again, rules_of
from transforms.eligibility.states import household_states
from transforms.households import Households, households
from transforms.life_events import life_events, persons
from transforms.linkage import default_model, freeze_frequencies, linked_by
from transforms.linkage import pair as pair_mentions
from transforms.mentions import build_mentions, touched_keys
from transforms.sql import columns_read
from warehouse.registers import payments_until, visits_until

P = ParamSpec("P")
R = TypeVar("R")


def stage_task(work: Callable[P, R]) -> Callable[P, R]:
    """A stage as a Prefect task that persists nothing.

    Retries are for what passes by itself: a database that restarts, a folder on a network that was away.
    """
    made = task(
        retries=2,
        retry_delay_seconds=[1, 5],
        retry_condition_fn=_may_pass,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(work)
    return cast("Callable[P, R]", made)


def _may_pass(_task: Any, _run: Any, state: Any) -> bool:
    return is_passing(state.result(raise_on_failure=False))


def _run(stage: str, work: Callable[..., Outcome], night: Night, *inputs: Done, also: str = "") -> Done:
    with sealed(stage):
        return night.once(stage, work, inputs, also)


@stage_task
def land(night: Night) -> intake.Landed:
    """Keep what has arrived. Always looks at the doors: the only stage that is never taken from before."""
    with sealed("land"):
        night.observer.started("land")
        landed = intake.land(night)
        night.observer.finished("land", {"deliveries": len(landed.deliveries)}, taken=False)
        return landed


@stage_task
def check(night: Night, landed: intake.Landed) -> Done:
    """Read the deliveries; accept, quarantine or block."""
    return _run("check", lambda n: intake.check(n, landed), night, also=intake.landed_key(night, landed))


@stage_task
def take(night: Night, checked: Done) -> Done:
    """Merge what was accepted into the record states."""
    return _run("take", intake.take, night, checked)


@stage_task
def mention(night: Night, taken: Done) -> Done:
    """Build the mentions of every record that is new or changed."""
    return _run("mention", _mention, night, taken)


def _mention(night: Night, taken: Done) -> Outcome:
    records, before = record_states(night, taken), night.earlier("mentions")
    records = records if before is None else dict(records)  # everything once, a few records several times
    only = None if before is None else touched_keys(records, _changed_keys(night.table(taken, "changed")))
    fresh = build_mentions(records, only=only)
    mentions, changed = _renew(before, fresh, only)
    frequencies = night.earlier("frequencies")
    tables = {"mentions": mentions, "changed": pa.table({"mention_id": changed})}
    tables["frequencies"] = freeze_frequencies(mentions) if frequencies is None else frequencies
    return Outcome(tables, {"mentions": mentions.num_rows, "changed": len(changed)})


class _States(Mapping[str, pa.Table]):
    """Tables by feed, each read when it is asked for and not kept; of each the columns that `chosen` names."""

    def __init__(self, night: Night, paths: Mapping[str, str], chosen: Callable[[str], Sequence[str] | None]) -> None:
        self._night, self._paths, self._chosen = night, paths, chosen

    def __getitem__(self, feed: str) -> pa.Table:
        # a state older than a column of the contract lacks it
        return self._night.lake.read_table(self._paths[feed], self._chosen(feed), if_there=True)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def record_states(night: Night, taken: Done) -> Mapping[str, pa.Table]:
    """The record state of every feed that has ever delivered, by feed."""
    return _states(night, taken, lambda _: None)


def rule_states(night: Night, taken: Done) -> Mapping[str, pa.Table]:
    """The same states with the columns that rules read, which is a third of them."""
    return _states(night, taken, columns_read)


def _states(night: Night, taken: Done, chosen: Callable[[str], Sequence[str] | None]) -> Mapping[str, pa.Table]:
    prefix = "records/"
    names = (name.removeprefix(prefix) for name in taken.paths if name.startswith(prefix))
    return _States(night, {feed: taken.paths[prefix + feed] for feed in names}, chosen)


def _changed_keys(changed: pa.Table) -> dict[str, set[str]]:
    grouped = changed.group_by("feed").aggregate([("record_key", "list")]).to_pylist()
    return {row["feed"]: set(row["record_key_list"]) for row in grouped}


def _renew(before: pa.Table | None, fresh: pa.Table, only: dict[str, set[str]] | None) -> tuple[pa.Table, pa.Array]:
    """All current mentions, and the ids of those that linkage has not seen in this shape."""
    if before is None or only is None:
        return fresh, fresh["mention_id"].combine_chunks()
    keys = pa.array([f"{feed}|{key}" for feed, some in only.items() for key in some], pa.string())
    owners = pc.binary_join_element_wise(before["feed"], before["record_key"], "|")
    rebuilt = pc.is_in(owners, value_set=keys)
    seen = before.filter(rebuilt)
    same = pc.is_in(_versions(fresh), value_set=_versions(seen).combine_chunks())
    changed = fresh.filter(pc.invert(same))["mention_id"].combine_chunks()
    return pa.concat_tables([before.filter(pc.invert(rebuilt)), fresh]), changed


def _versions(mentions: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(mentions["mention_id"], mentions["content_hash"], "|")


@stage_task
def link(night: Night, mentioned: Done) -> Done:
    """Compare what changed with everybody; keep the scored pairs."""
    return _run("link", _link, night, mentioned, also=default_model().version)


def _link(night: Night, mentioned: Done) -> Outcome:
    changed, before = night.table(mentioned, "changed"), night.earlier("pairs")
    paired = pair_mentions(
        night.table(mentioned, "mentions", linked_by(default_model())),
        changed["mention_id"].combine_chunks(),
        before,
        default_model(),
        night.table(mentioned, "frequencies"),
    )
    tables = {"pairs": paired.pairs}
    if before is not None:  # on the first night it is everybody
        tables["again"] = pa.table({"mention_id": paired.again})
    return Outcome(tables, {"compared": len(changed), "pairs": paired.pairs.num_rows})


@stage_task
def identify(night: Night, mentioned: Done, linked: Done) -> Done:
    """Join mentions into persons; what is uncertain goes to a clerk."""
    return _run("identify", identifying.identify, night, mentioned, linked)


@stage_task
def families(night: Night, taken: Done, identified: Done) -> Done:
    """What befell whom, and who belongs together."""
    return _run("families", _families, night, taken, identified)


def _families(night: Night, taken: Done, identified: Done) -> Outcome:
    records, links = rule_states(night, taken), night.table(identified, "links")
    events = life_events(records, links)
    homes = households(records, links, events, as_of=night.business_date)
    tables = {
        "life_events": events,
        "persons": persons(links, events),
        "households": homes.households,
        "children": homes.children,
        "certificates": homes.certificates,
        "parents": homes.parents,
    }
    return Outcome(tables, {"life_events": events.num_rows, "households": homes.households.num_rows})


@stage_task
def agree(night: Night, taken: Done, identified: Done, family: Done) -> Done:
    """Hold what agencies say of the same person against each other."""
    paid = payments_until(night.warehouse, night.business_date).num_rows  # these only grow
    return _run("agree", _agree, night, taken, identified, family, also=str(paid))


def _agree(night: Night, taken: Done, identified: Done, family: Done) -> Outcome:
    return agreeing.agree(night, rule_states(night, taken), taken, identified, family)


@stage_task
def decide(night: Night, taken: Done, identified: Done, family: Done) -> Done:
    """The law: verdicts, what is owed, who is told."""
    registers = (
        visits_until(night.warehouse, night.business_date),
        payments_until(night.warehouse, night.business_date),
    )
    also = [policy.digest() for policy in night.policies] + [
        str(each.num_rows) for each in registers
    ]  # these only grow
    return _run("decide", _decide, night, taken, identified, family, also=json.dumps(also))


def _decide(night: Night, taken: Done, identified: Done, family: Done) -> Outcome:
    policies, since = list(night.policies), night.alerts_since
    payments = payments_until(night.warehouse, night.business_date)
    facts, before = concerned(_everybody(night, taken, identified, family)), _before(night)
    renamed = renames(before.facts, facts, night.earlier(RENAMED)) if before else RENAMES.empty_table()
    visits = of_today(visits_until(night.warehouse, night.business_date), renamed)
    facts = replace(facts, visits=visits)
    judged = judge_again(policies, facts, before, as_of=night.business_date, alerts_since=since)
    found, dated = judged.determinations, _dated(night, facts, before, judged)
    entries = entitlements(
        found,
        policies,
        _ledger(night, before, found, renamed),
        as_of=night.business_date,
        dated=dated,
        visits=visits,
        payments=payments,
    )
    known = night.earlier("household_states")
    known = known and of_today(known, renamed)
    states = household_states(found, entries, policies, known, visits=visits, as_of=night.business_date)
    alerts = raise_alerts(
        found,
        night.table(family, "households"),
        night.earlier("alerts"),
        policies,
        as_of=night.business_date,
        alerts_since=since,
    )
    tables = {
        "determinations": found,
        DATED: dated,
        "entitlements": entries,
        "entitlement_shares": shares(entries, policies),
        "household_states": states,
        "alerts": alerts,
        "officer_list": officer_list(found, night.business_date),
        **{f"{LAW}{name}": table for name, table in as_tables(facts).items()},
        RENAMED: renamed,
        RULES: pa.table({"rules": [rules_of(policies, facts, night.business_date, since)]}),
    }
    return Outcome(tables, {"determinations": found.num_rows, **alerts_tonight(alerts, night.business_date)})


def _everybody(night: Night, taken: Done, identified: Done, family: Done) -> Facts:
    """What is known of the whole district; the visits come beside it."""
    return Facts(
        records=rule_states(night, taken),
        links=night.table(identified, "links"),
        review=night.table(identified, "review"),
        events=night.table(family, "life_events"),
        households=Households(
            *(night.table(family, name) for name in ("households", "children", "certificates", "parents"))
        ),
        coverage=night.table(taken, "coverage"),
    )


def _before(night: Night) -> Before | None:
    """What the last published night knew and said; None where there was none, or it kept no facts."""
    rules, said, day = night.earlier(RULES), night.earlier("determinations"), night.previous.night
    if rules is None or said is None or day is None:
        return None
    tables = {name.removeprefix(LAW): night.read(path) for name, path in night.previous.paths.items()
              if name.startswith(LAW)}  # fmt: skip
    return Before(from_tables(tables), said, day, rules["rules"][0].as_py())


def _ledger(night: Night, before: Before | None, found: pa.Table, renamed: pa.Table) -> pa.Table | None:
    """The ledger as the last night left it, under tonight's names."""
    entries = night.earlier("entitlements")
    return entries if entries is None or before is None else followed(entries, before.determinations, found, renamed)


def _dated(night: Night, facts: Facts, before: Before | None, judged: Judged) -> pa.Table:
    """What the law of each month says of confirmed families; what the last night said of it stands where it can."""
    earlier = night.earlier(DATED)
    said = None
    if before is not None and judged.anew is not None and earlier is not None:
        said = Said(earlier, before.as_of, judged.anew)
    return dated_verdicts(list(night.policies), facts, night.business_date, said)


def alerts_tonight(alerts: pa.Table, business_date: date) -> dict[str, int]:
    """How many alerts were raised tonight: told to a case worker, waiting for a clerk, withdrawn."""
    tonight = alerts.filter(pc.equal(alerts["raised_on"], pa.scalar(business_date, pa.date32())))
    withdrawn = pc.equal(tonight["alert_kind"], "withdrawn")
    waits = pc.and_(tonight["needs_review"], pc.invert(withdrawn))
    told = pc.invert(pc.or_(tonight["needs_review"], withdrawn))
    counted = {"alerted": told, "awaiting_clerk": waits, "withdrawn": withdrawn}
    return {name: pc.sum(flags).as_py() or 0 for name, flags in counted.items()}


@stage_task
def publish(night: Night, checked: Done, *rest: Done) -> None:
    """Audit the result, then make the night visible in one transaction."""
    with sealed("publish"):
        publishing.publish(night, checked, *rest)


@stage_task
def report(night: Night) -> dict[str, Any]:
    """Write the quality report, tell Prefect the counts, return the summary of the night."""
    with sealed("report"):
        return publishing.report(night)


def scheduled_date() -> date:
    """The date in Asia/Shanghai on which this flow run was due."""
    moment = runtime.flow_run.scheduled_start_time
    return edge.business_date_of(moment or edge.now())
