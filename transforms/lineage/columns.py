"""The columns behind each column, as the feed contracts and the queries tell it.

A table is named as in stages.yaml: `delivery/<feed>` as its agency sent it, `records/<feed>`, `mentions`, a view.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from transforms.feeds import FEEDS, FeedContract, load_contract
from transforms.feeds.contract import MentionRule
from transforms.life_events import STATED
from transforms.lineage.queries import Behind, columns_behind
from transforms.schemas import RECORD_KEY
from transforms.sql import feed_shape


class Kind(StrEnum):
    """How a column enters another."""

    same = "same"  # carried over
    made = "made"  # read, standardised or worked out from it
    decides = "decides"  # chosen, filtered or joined by it


@dataclass(frozen=True, order=True)
class Source:
    """A column behind another one."""

    table: str
    column: str
    kind: Kind


Columns = dict[str, tuple[Source, ...]]

# What linkage reads of a mention, and the fields of a mention rule from which it is made.
_MADE_OF: dict[str, tuple[str, ...]] = {
    "name": ("name",), "name_pinyin": ("name",), "former_name": ("former_name",),
    "id_no": ("id_no",), "id_no_text": ("id_no",), "id_state": ("id_no",),
    "birth_date": ("birth_date", "id_no"), "birth_source": ("birth_date", "id_no", "age"),
    "birth_year": ("birth_date", "id_no", "age", "age_on"), "sex": ("sex_column", "id_no"),
    "address_key": ("address",), "division_code": ("division",), "township_code": ("division",),
    "phone": ("phone",), "household_no": ("household",),
}  # fmt: skip
# The other roles of a record, as evidence beside the person: column of the mention → role field, its field.
_TOLD_OF: dict[str, tuple[str, str]] = {
    **{f"{role}_name": (role, "name") for role in ("father", "mother", "spouse", "child", "relative")},
    **{f"{role}_id_no": (role, "id_no") for role in ("father", "mother", "spouse", "child")},
    "child_birth_date": ("child", "birth_date"),
}
_TOLD = tuple(dict.fromkeys([name for names in _MADE_OF.values() for name in names]))
_RELATIONS = ("relative_relation", "relative_relation_inverse", "relation_to_head")


def record_columns(feed: str, headers: Mapping[str, str]) -> Columns:
    """The record state of a feed ← its delivery, under the headers that the site has mapped (column → header)."""
    contract = load_contract(feed)
    delivery = f"delivery/{feed}"
    found = {
        column.name: (Source(delivery, headers.get(column.name, column.header), Kind.made),)
        for column in contract.columns
    }
    return found | {RECORD_KEY: tuple(source for name in contract.key for source in found[name])}


@cache
def mention_columns() -> Columns:
    """MENTIONS ← the record states of all feeds, role by role."""
    found: dict[str, set[Source]] = defaultdict(set)
    for feed in FEEDS:
        contract = load_contract(feed)
        for rule in contract.mentions:
            for column, source in _of_rule(contract, rule):
                found[column].add(source)
    return {column: tuple(sorted(sources)) for column, sources in found.items()}


def _of_rule(contract: FeedContract, rule: MentionRule) -> list[tuple[str, Source]]:
    table = f"records/{contract.feed}"
    found = [("record_key", Source(table, RECORD_KEY, Kind.same)), ("mention_id", Source(table, RECORD_KEY, Kind.made))]
    told = [(column, name) for column, fields in _MADE_OF.items() for name in _named(rule, *fields)]
    roles = {each.role: each for each in contract.mentions}
    for column, (role, field) in _TOLD_OF.items():
        other = roles.get(getattr(rule, role) or "")
        told += [(column, name) for name in (_named(other, field) if other else ())]
        if other:
            decided = [Source(table, name, Kind.decides) for name in _named(rule, *_RELATIONS)]
            found += [(column, source) for source in decided]
    return found + [(column, Source(table, name, Kind.made)) for column, name in told]


def told_by(feed: str) -> list[tuple[str, str, str]]:
    """Of one feed: a role, what is told of that person (a field of its mention rule), and the column that tells it."""
    rules = load_contract(feed).mentions
    return [
        (rule.role, field, name) for rule in rules for field in (*_TOLD, *_RELATIONS) for name in _named(rule, field)
    ]


def _named(rule: MentionRule, *fields: str) -> list[str]:
    """The columns that fields of the rule name."""
    values = [getattr(rule, field) for field in fields]
    return [name for value in values if value for name in ([value] if isinstance(value, str) else value)]


@cache
def life_event_columns() -> Columns:
    """LIFE_EVENTS ← the record states, from the queries that make them."""
    found: dict[str, set[Source]] = defaultdict(set)
    for feed, sql in STATED.items():
        told = columns_behind(sql, {feed: tuple(feed_shape(feed).names)})
        for column, behind in told.items():
            name = {"stands": "status"}.get(column, column)
            found[name] |= set(_sources(f"records/{feed}", behind))
    found["person_id"].add(Source("v_record_links", "person_id", Kind.same))
    for column in ("record_key", "role"):
        found["person_id"].add(Source("v_record_links", column, Kind.decides))
    keys = (each.table for each in found["record_key"] if each.column == RECORD_KEY)
    found["event_id"] = {Source(table, RECORD_KEY, Kind.made) for table in keys}
    return {column: tuple(sorted(sources)) for column, sources in found.items() if column not in ("role", "salt")}


def _sources(table: str, behind: Behind) -> list[Source]:
    """A column that is carried over alone and as it stands is the same; DuckDB's tree does not tell casts apart."""
    values = [Source(table, name, Kind.made) for name in behind.values]
    return values + [Source(table, name, Kind.decides) for name in behind.deciding - behind.values]
