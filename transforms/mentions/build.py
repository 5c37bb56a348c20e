"""Record states → MENTIONS."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.feeds import FeedContract, load_contract
from transforms.mentions import identity
from transforms.mentions.register import with_households
from transforms.mentions.relations import Positions, relations_of, sexes_by_spouse, told_of
from transforms.mentions.roles import NOWHERE, Roles, stack_roles
from transforms.schemas import MENTIONS, RECORD_KEY
from transforms.standardise.addresses import address_keys
from transforms.standardise.columns import as_array
from transforms.standardise.digests import digests, joined
from transforms.standardise.divisions import division_today, township_today


def build_mentions(records: Mapping[str, pa.Table], *, only: Mapping[str, set[str]] | None = None) -> pa.Table:
    """The persons that the record states speak of, schema MENTIONS.

    A role is a mention where somebody is told of: a name, a number, a birth date, or, for the subject of a
    record, a relative. Records that were withdrawn or cancelled still speak of a person. `only`: those
    record keys of each feed, completed by `touched_keys`; a feed that it does not name gives no mention.
    """
    # One feed at a time: what a feed needs in between is several times what comes out of it.
    chosen = records if only is None else _chosen(records, touched_keys(records, only))
    return pa.concat_tables([MENTIONS.empty_table(), *(_of_feed(feed, chosen[feed]) for feed in chosen)])


def _of_feed(feed: str, records: pa.Table) -> pa.Table:
    return _hashed(_described(stack_roles({feed: records}, {feed: load_contract(feed).mentions})))


def touched_keys(records: Mapping[str, pa.Table], changed: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The record keys whose mentions a change of those keys can touch: in the register whole households."""
    return {
        feed: keys | _housemates(load_contract(feed), records[feed], keys) if feed in records else set(keys)
        for feed, keys in changed.items()
    }


def _housemates(contract: FeedContract, table: pa.Table, keys: set[str]) -> set[str]:
    household = next((rule.household for rule in contract.mentions if rule.household), None)
    if household is None or household not in table.column_names:
        return set()
    is_changed = pc.is_in(table[RECORD_KEY], pa.array(list(keys), pa.string()))
    homes = as_array(table[household].filter(is_changed)).drop_null()
    return set(table[RECORD_KEY].filter(pc.is_in(table[household], homes)).to_pylist())


def _chosen(records: Mapping[str, pa.Table], only: Mapping[str, set[str]]) -> dict[str, pa.Table]:
    return {
        feed: table.filter(pc.is_in(table[RECORD_KEY], pa.array(list(only[feed]), pa.string())))
        for feed, table in records.items()
        if only.get(feed)
    }


def _described(roles: Roles) -> pa.Table:
    """MENTIONS without its hash, of those roles in which somebody is told of."""
    table = roles.table
    names = identity.names_of(roles)
    numbers = identity.numbers_of(roles)
    birth = identity.births_of(roles, numbers.id_no)
    sex = identity.sexes_of(roles, names, numbers.id_no)
    at = with_households(relations_of(roles, sex), roles, sex, birth.day)
    columns = {
        "mention_id": digests(joined([as_array(table[name]) for name in ("feed", "record_key", "role")], "|")),
        **{name: as_array(table[name]) for name in ("feed", "record_key", "role", "phone", "household_no")},
        "name": names.name,
        "former_name": names.former_name,
        "name_pinyin": names.pinyin,
        "id_no": numbers.id_no,
        "id_no_text": numbers.text,
        "id_state": numbers.state,
        "birth_date": birth.day,
        "birth_source": birth.source,
        "birth_year": birth.year,
        "sex": sexes_by_spouse(roles, at, sex),
        "address_key": address_keys(as_array(table["address"])),
        "division_code": division_today(as_array(table["division"])),
        "township_code": township_today(as_array(table["division"])),
        **_family(at, names, numbers.id_no, birth.day),
        "content_hash": pa.nulls(len(table), pa.string()),
    }
    described = pa.table([columns[field.name] for field in MENTIONS], schema=MENTIONS)
    return described.filter(_is_told_of(roles, at, names, numbers))


def _family(at: Positions, names: identity.Names, id_no: pa.Array, birth: pa.Array) -> dict[str, pa.Array]:
    family = {"child_birth_date": told_of(birth, at["child"])}
    for relation in ("father", "mother", "spouse", "child"):
        family[f"{relation}_name"] = told_of(names.name, at[relation])
        family[f"{relation}_id_no"] = told_of(id_no, at[relation])
    family["relative_name"] = pc.coalesce(names.of, told_of(names.name, at["relative"]))
    return family


def _is_told_of(roles: Roles, at: Positions, names: identity.Names, numbers: identity.Numbers) -> pa.Array:
    own = [names.name, names.former_name, names.of, numbers.text, as_array(roles.table["birth_stated"])]
    is_told = np.logical_or.reduce([column.is_valid().to_numpy(zero_copy_only=False) for column in own])
    is_subject = pc.equal(roles.table["role"], "subject").to_numpy()
    has_kin = roles.at["relative"] != NOWHERE
    kin_names = told_of(names.name, roles.at["relative"]).is_valid().to_numpy(zero_copy_only=False)
    return pa.array(is_told | (is_subject & has_kin & kin_names))


def _hashed(mentions: pa.Table) -> pa.Table:
    """With `content_hash` over all that follows it."""
    told = [as_array(mentions[field.name]).cast(pa.string()) for field in list(MENTIONS)[5:]]
    return mentions.set_column(4, MENTIONS.field("content_hash"), digests(joined(told)))
