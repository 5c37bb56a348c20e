"""A night after a night: only the children are judged anew whose verdict can have changed.

A verdict is a function of the facts about the families concerned, the policies, the coverage and the day. So judged
anew are the children near whom any of these facts is another than last night, and those for whom a day has come on
which an answer can turn (a birthday, an entry of a register that begins or ends). Where the law, the coverage or the
year is another, everybody is. What comes out equals judging everybody; the tests hold the two against each other.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.coverage import in_todays_columns
from transforms.eligibility.entries import Policy
from transforms.eligibility.facts import Facts, concerned
from transforms.eligibility.verdicts import ENGINE, determine
from transforms.schemas import COVERAGE, DETERMINATIONS, REVIEW, VISITS, empty
from transforms.sql import ask, ask_in_steps, feed_rows

CHILDREN = pa.schema([("child", pa.string())])


@dataclass(frozen=True)
class Before:
    """What the last night knew of the families concerned, and what it said of them."""

    facts: Facts
    determinations: pa.Table
    as_of: date
    rules: str  # as `rules_of` told them


@dataclass(frozen=True)
class Judged:
    """DETERMINATIONS of a night, and whom it judged anew."""

    determinations: pa.Table
    anew: pa.Table | None  # CHILDREN; None: everybody


def judge_again(
    policies: list[Policy], facts: Facts, before: Before | None, *, as_of: date, alerts_since: date
) -> Judged:
    """The verdicts of a night, after another. `facts` are those of the families concerned."""
    if before is None or before.rules != rules_of(policies, facts, as_of, alerts_since):
        return Judged(determine(policies, facts, as_of=as_of, alerts_since=alerts_since), None)
    anew = whom_it_touches(policies, before, facts, as_of)
    fresh = empty(DETERMINATIONS)
    if anew.num_rows:  # to judge nobody costs as much as to judge a few
        fresh = determine(policies, concerned(facts, anew), as_of=as_of, alerts_since=alerts_since)
    return Judged(pa.concat_tables([_kept(before.determinations, anew, facts), fresh]), anew)


def _kept(said: pa.Table, anew: pa.Table, facts: Facts) -> pa.Table:
    """What stands of last night's verdicts: a district has a million, so what stays is pointed at, not copied."""
    whose, still = said["person_id"], facts.households.children["child_person_id"]
    stands = pc.and_not(_among(whose, still), _among(whose, anew["child"])).to_numpy()
    borders = np.flatnonzero(np.diff(stands.astype(np.int8), prepend=0, append=0)).tolist()
    runs = zip(borders[::2], borders[1::2], strict=True)
    told = said.select(DETERMINATIONS.names).cast(DETERMINATIONS)
    return pa.concat_tables([empty(DETERMINATIONS), *(told.slice(begin, end - begin) for begin, end in runs)])


def _among(values: pa.ChunkedArray, known: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(values, value_set=known.combine_chunks())


def rules_of(policies: list[Policy], facts: Facts, as_of: date, alerts_since: date) -> str:
    """What has to be as it was for a verdict to stand: code, policies, year, coverage; as JSON."""
    coverage = empty(COVERAGE) if facts.coverage is None else in_todays_columns(facts.coverage)
    covered = ask(_COVERED.replace("$today", f"DATE '{as_of}'"), None, coverage=coverage).to_pylist()
    told = [ENGINE, [policy.digest() for policy in policies], as_of.year, str(alerts_since), covered]
    return json.dumps(told, default=str)


# While a feed is fresh, the day of its last delivery is no fact. On the day after a declared end silence says no more.
_COVERED = """
    SELECT * EXCLUDE (last_delivered_on, load_status, is_fresh, first_delivered_on),
           is_fresh AND load_status NOT IN ('blocked', 'failed', 'missing', 'stale') AS is_fresh,
           CASE WHEN NOT (is_fresh AND load_status NOT IN ('blocked', 'failed', 'missing', 'stale'))
                THEN last_delivered_on END AS last_delivered_on,
           coalesce(declared_until < $today, FALSE) AS is_over
    FROM coverage ORDER BY feed
"""


# -- whom a night touches -------------------------------------------------------------------------------------------


def whom_it_touches(policies: list[Policy], before: Before, facts: Facts, as_of: date) -> pa.Table:
    """CHILDREN whose verdict can be another than last night: something near them changed, or a day has come."""
    changed = [_persons_of(name, before.facts, facts) for name in ("links", "events", "households", "children",
               "certificates", "parents", "review", "visits")]  # fmt: skip
    records = _persons_of_records(before.facts, facts)
    turned = _persons_whose_day_has_come(policies, before.as_of, facts, as_of)
    persons = pa.concat_tables([*changed, records, turned])
    then, now = before.facts.households, facts.households
    return ask(
        _NEAR_THEM,
        CHILDREN,
        persons=persons,
        households=_both(then.households, now.households),
        children=_both(then.children, now.children),
        certificates=_both(then.certificates, now.certificates),
        triples=_both(before.facts.parents, facts.parents),
        **_doubted(before.facts, facts),
    )


def _both(then: pa.Table, now: pa.Table) -> pa.Table:
    return pa.concat_tables([then.select(now.column_names), now])


# A child's verdict rests on itself, on its households' parents, and on what ties other children to these.
_NEAR_THEM = """
    WITH doubts AS (SELECT one, other FROM doubted UNION SELECT other, one FROM doubted),
    told AS (SELECT person_id FROM persons UNION SELECT other FROM doubts WHERE one IN (SELECT person_id FROM persons)),
    elders AS (
        SELECT person_id AS parent FROM told
        UNION SELECT father FROM triples WHERE child IN (FROM told) AND father IS NOT NULL
        UNION SELECT mother FROM triples WHERE child IN (FROM told) AND mother IS NOT NULL),
    around AS (FROM elders UNION SELECT other FROM doubts WHERE one IN (FROM elders)),
    homes AS (
        SELECT household_id FROM households
        WHERE father_person_id IN (FROM around) OR mother_person_id IN (FROM around)
        UNION SELECT household_id FROM children WHERE child_person_id IN (FROM told)
        UNION SELECT household_id FROM certificates WHERE child_person_id IN (FROM told))
    SELECT DISTINCT child_person_id AS child FROM children WHERE household_id IN (FROM homes)
"""
# table: how its rows name persons
_NAMED = {
    "links": "SELECT person_id FROM {0}",
    "events": "SELECT person_id FROM {0}",
    "households": "SELECT unnest([father_person_id, mother_person_id]) AS person_id FROM {0}",
    "children": "SELECT child_person_id AS person_id FROM {0}",
    "certificates": "SELECT child_person_id AS person_id FROM {0}",
    "parents": "SELECT unnest([father, mother, child]) AS person_id FROM {0}",
    "review": """SELECT unnest([candidate_person_id, person_id]) AS person_id
                 FROM {0} LEFT JOIN (SELECT mention_id, person_id FROM links) USING (mention_id)""",
    "visits": "SELECT person_id FROM {0}",
}
_DIFFERENT = "((FROM earlier EXCEPT FROM tonight) UNION ALL (FROM tonight EXCEPT FROM earlier))"


def _persons_of(name: str, then: Facts, now: Facts) -> pa.Table:
    """The persons whom the rows name that are in one night's table and not in the other's."""
    one, other = _table(name, then), _table(name, now)
    named = _NAMED[name].format(_DIFFERENT)
    sql = f"SELECT DISTINCT person_id FROM ({named}) WHERE person_id IS NOT NULL"  # noqa: S608  # from the list above
    return ask(sql, None, earlier=one.select(other.column_names), tonight=other, links=_both(then.links, now.links))


def _table(name: str, facts: Facts) -> pa.Table:
    if name in ("households", "children", "certificates"):
        return getattr(facts.households, name)
    shapes = {"review": REVIEW, "visits": VISITS}
    table = getattr(facts, name)
    return empty(shapes[name]) if table is None else table


_VERSION = ["_record_key", "_content_hash", "_status", "_known_on"]


def _persons_of_records(then: Facts, now: Facts) -> pa.Table:
    """The persons of records that are new, gone or another version."""
    found = [_versions(feed, then, now) for feed in sorted({*then.records, *now.records})]
    changed = pa.concat_tables([pa.table({"feed": [], "record_key": []}, _KEYS), *found])
    sql = "SELECT DISTINCT person_id FROM links JOIN changed USING (feed, record_key)"
    return ask(sql, None, links=_both(then.links, now.links), changed=changed)


_KEYS = pa.schema([("feed", pa.string()), ("record_key", pa.string())])


def _versions(feed: str, then: Facts, now: Facts) -> pa.Table:
    one, other = _both_nights(feed, then, now)
    sql = f"SELECT DISTINCT '{feed}' AS feed, _record_key AS record_key FROM {_DIFFERENT}"  # noqa: S608
    return ask(sql, _KEYS, earlier=one, tonight=other)


def _both_nights(feed: str, then: Facts, now: Facts) -> Iterator[pa.Table]:
    """What tells one version of a record from another, then and now; a feed that one of them has not, has no rows."""
    known = [each.records[feed] for each in (then, now) if feed in each.records]
    names = _VERSION if "_content_hash" in known[0].column_names else known[0].column_names  # drawn: the whole row
    nothing = known[0].schema.empty_table()
    return (each.records.get(feed, nothing).select(names) for each in (then, now))


# Days between the two nights on which an answer can turn though nothing was told.
_TURNED = """
    WITH days AS (
        SELECT person_id, born_on AS day, TRUE AS is_yearly FROM born
        UNION ALL SELECT person_id, unnest([born_from, born_to]), TRUE FROM birth_dates
        UNION ALL SELECT person_id, cancelled_on, FALSE
        FROM household_register JOIN links ON record_key = _record_key WHERE feed = 'household_register'
        UNION ALL SELECT person_id, unnest([valid_from, CAST(valid_to + 1 AS DATE)]), FALSE
        FROM low_income JOIN links ON record_key = _record_key WHERE feed = 'low_income'
        UNION ALL SELECT unnest([father, mother, child]), unnest([since_on, since_on, since_on]), FALSE FROM triples
        UNION ALL SELECT unnest([father, mother, child]), unnest([until_on, until_on, until_on]), FALSE FROM triples
        UNION ALL SELECT person_id, occurred_on, FALSE FROM events),
    this_year AS (
        SELECT person_id, CASE WHEN is_yearly AND day <= $now
            THEN CAST(day + to_years(CAST(year($now) - year(day) AS INTEGER)) AS DATE) ELSE day END AS day
        FROM days WHERE day IS NOT NULL AND person_id IS NOT NULL)
    SELECT DISTINCT person_id FROM this_year WHERE day > $then AND day <= $now
    UNION SELECT DISTINCT person_id FROM links WHERE $is_turning
"""


def _persons_whose_day_has_come(policies: list[Policy], then: date, facts: Facts, now: date) -> pa.Table:
    from transforms.eligibility.evidence import STEPS
    from transforms.parentage import children_seen

    records = facts.records
    turning = any(then < day <= now for policy in policies for day in days_of(policy))
    said = {"$now": f"DATE '{now.isoformat()}'", "$then": f"DATE '{then.isoformat()}'", "$is_turning": str(turning)}
    turned = _TURNED
    for name, words in said.items():
        turned = turned.replace(name, words)
    homes = facts.households.households
    steps = {
        "case_parents": "SELECT unnest([father_person_id, mother_person_id]) AS parent FROM households",
        "birth_dates": STEPS["birth_dates"],
        "turned": turned,
    }
    born = children_seen(records, facts.links).rename_columns({"child": "person_id"})
    feeds = ("household_register", "only_child_certificates", "marriages", "low_income")
    (found,) = ask_in_steps(
        steps,
        ("turned",),
        households=homes,
        links=facts.links,
        born=born,
        triples=facts.parents,
        events=facts.events,
        **{feed: feed_rows(records, feed) for feed in feeds},
    )
    return found


def days_of(policy: Policy) -> list[date]:
    """The days on which the law itself turns: a document begins or has ended, an amount begins or has ended."""
    rows = [row for clause in policy.clauses for row in clause.benefit.amounts]
    first = [policy.in_force.from_, *(row.from_ for row in rows)]
    after = [policy.in_force.until, *(row.until for row in rows)]
    return [each for each in first if each] + [date.fromordinal(each.toordinal() + 1) for each in after if each]


def _doubted(then: Facts, now: Facts) -> dict[str, pa.Table]:
    """Pairs of persons whom a clerk had or has not yet told apart."""
    sql = """SELECT DISTINCT links.person_id AS one, candidate_person_id AS other FROM review
        JOIN links USING (mention_id) WHERE review.status = 'open'"""
    found = [ask(sql, None, links=each.links, review=_table("review", each)) for each in (then, now)]
    return {"doubted": pa.concat_tables(found)}
