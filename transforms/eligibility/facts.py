"""What a night knows, as the law sees it; and the small part of a district whom the law is asked about.

A verdict rests on the child that died or is disabled, its households, their parents, every other child that a record
ties to one of these parents, and whoever of them a clerk has not yet told apart. Nobody else can change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from transforms.eligibility.cases import DOUBTS
from transforms.households import Households
from transforms.parentage import stated_parents
from transforms.schemas import REVIEW, empty
from transforms.sql import ask_in_steps


@dataclass(frozen=True)
class Facts:
    """What is known of everybody, as tables: all that a verdict is a function of, besides the policies."""

    records: Mapping[str, pa.Table]
    links: pa.Table
    review: pa.Table | None
    events: pa.Table
    households: Households
    coverage: pa.Table | None  # without rows every feed counts as not delivered
    visits: pa.Table | None = None

    @property
    def parents(self) -> pa.Table:
        """Who is whose child by which record (TRIPLES)."""
        known = self.households.parents
        return stated_parents(self.records, self.links, self.events) if known is None else known


# Children with an event of their own, or with one of somebody who may be them; a voided event is still one.
# And the children on the certificates of parents who died: some laws ask for that.
_BEFALLEN = """
    WITH awaited AS (SELECT DISTINCT person_id FROM events WHERE event_type IN ('death', 'disability')),
    widowed AS (
        SELECT household_id FROM households
        WHERE father_person_id IN (FROM awaited) OR mother_person_id IN (FROM awaited))
    SELECT person_id AS child FROM awaited WHERE person_id IN (SELECT child_person_id FROM children)
    UNION
    SELECT other FROM doubts JOIN awaited ON one = person_id WHERE other IN (SELECT child_person_id FROM certificates)
    UNION
    SELECT child_person_id FROM certificates WHERE household_id IN (FROM widowed)
"""
# All households of a child: those of a divorced couple stand beside that of the couple.
_HOMES = """
    SELECT * FROM households
    WHERE household_id IN (SELECT household_id FROM children WHERE child_person_id IN (FROM befallen))
"""
_PARENTS = """
    WITH own AS (SELECT father_person_id AS parent FROM homes UNION SELECT mother_person_id FROM homes)
    SELECT parent FROM own WHERE parent IS NOT NULL
    UNION SELECT other FROM doubts WHERE one IN (FROM own)
"""
_STATED = """
    SELECT * FROM triples WHERE child IN (FROM befallen) OR father IN (FROM parents) OR mother IN (FROM parents)
"""
_NEAR = """
    WITH named AS (
        FROM befallen UNION SELECT child FROM stated UNION SELECT child_person_id FROM papers UNION FROM parents)
    SELECT child AS person_id FROM named UNION SELECT other FROM doubts WHERE one IN (FROM named)
"""
_CHOSEN = f"SELECT child FROM chosen WHERE child IN ({_BEFALLEN})"  # noqa: S608  # a query of ours
_STEPS = {
    "homes": _HOMES,
    "papers": "SELECT * FROM certificates WHERE household_id IN (SELECT household_id FROM homes)",
    "parents": _PARENTS,
    "stated": _STATED,
    "near": _NEAR,
    "theirs": "SELECT * FROM children WHERE child_person_id IN (FROM befallen)",
    "happened": "SELECT * FROM events WHERE person_id IN (FROM near)",
    "linked": "SELECT * FROM links WHERE person_id IN (FROM near)",
}


def concerned(facts: Facts, children: pa.Table | None = None) -> Facts:
    """The same facts with the rows on which verdicts rest: every law says of them what it says of all.

    With `children` (a column child) only those on which the verdicts of these children rest.
    """
    homes, review = facts.households, empty(REVIEW) if facts.review is None else facts.review
    standing, papers, stated, theirs, happened, linked = ask_in_steps(
        {"doubts": DOUBTS, "befallen": _BEFALLEN if children is None else _CHOSEN, **_STEPS},
        ("homes", "papers", "stated", "theirs", "happened", "linked"),
        links=facts.links,
        review=review,
        events=facts.events,
        households=homes.households,
        children=homes.children,
        certificates=homes.certificates,
        triples=facts.parents,
        **({} if children is None else {"chosen": children}),
    )
    records = {feed: _spoken_of(facts.records[feed], feed, linked) for feed in facts.records}
    mentioned = review.filter(pc.is_in(review["mention_id"], value_set=linked["mention_id"].combine_chunks()))
    return replace(
        facts,
        records=records,
        links=linked,
        review=mentioned,
        events=happened,
        households=Households(standing, theirs, papers, stated),
    )


def _spoken_of(records: pa.Table, feed: str, links: pa.Table) -> pa.Table:
    keys = links.filter(pc.equal(links["feed"], feed))["record_key"].combine_chunks()
    return records.filter(pc.is_in(records["_record_key"], value_set=keys))


_HOUSEHOLDS = ("households", "children", "certificates", "parents")
_RECORDS = "records/"


def as_tables(facts: Facts) -> dict[str, pa.Table]:
    """The facts as tables by name, to be kept."""
    homes = dict(zip(_HOUSEHOLDS, (*_first_three(facts.households), facts.parents), strict=True))
    known = {name: getattr(facts, name) for name in ("links", "review", "events", "coverage", "visits")}
    records = {f"{_RECORDS}{feed}": table for feed, table in facts.records.items()}
    return homes | {name: table for name, table in known.items() if table is not None} | records


def from_tables(tables: Mapping[str, pa.Table]) -> Facts:
    """The facts that `as_tables` gave."""
    records = {name.removeprefix(_RECORDS): table for name, table in tables.items() if name.startswith(_RECORDS)}
    homes = Households(*(tables[name] for name in _HOUSEHOLDS))
    others = (tables.get(name) for name in ("review", "events", "coverage", "visits"))
    review, events, coverage, visits = others
    return Facts(records, tables["links"], review, events, homes, coverage, visits)


def _first_three(homes: Households) -> tuple[pa.Table, pa.Table, pa.Table]:
    return homes.households, homes.children, homes.certificates
