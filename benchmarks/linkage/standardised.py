"""Columns as written → the standardised columns that every engine reads, by the pipeline's own functions."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import pyarrow as pa

from transforms.feeds.contract import MentionRule
from transforms.mentions import identity
from transforms.mentions.register import with_households
from transforms.mentions.relations import relations_of, sexes_by_spouse, told_of
from transforms.mentions.roles import stack_roles
from transforms.schemas import MENTIONS, RECORD_KEY
from transforms.standardise.addresses import address_keys
from transforms.standardise.codes import addresses, divisions, phones, sexes
from transforms.standardise.columns import Reader, as_array, map_distinct, read_column
from transforms.standardise.dates import date_reader
from transforms.standardise.divisions import division_today, township_today
from transforms.standardise.feed import damaged_column
from transforms.standardise.identifiers import damaged, id_nos
from transforms.standardise.names import names
from transforms.standardise.quantities import integers

COLUMNS: Final = (
    "name", "former_name", "name_pinyin", "sex", "birth_date", "birth_year", "id_no", "id_no_text", "address_key",
    "township_code", "division_code", "phone", "father_name", "father_id_no", "mother_name", "mother_id_no",
    "spouse_name", "spouse_id_no",
)  # fmt: skip
SCHEMA: Final = pa.schema([("unique_id", pa.string()), *((name, MENTIONS.field(name).type) for name in COLUMNS)])
_OWN: Final = {
    "name": "name", "former_name": "former_name", "id_no": "id_no", "birth_date": "birth_date",
    "sex_column": "sex", "address": "address", "division": "division", "phone": "phone",
}  # fmt: skip
KIN: Final = (("father", "1"), ("mother", "2"), ("spouse", None))
_SUBJECT: Final = {"role": "subject", "age": "age", "age_on": ("seen_on",), **{kin: kin for kin, _ in KIN}, **_OWN}
_HOUSED: Final = {"role": "subject", "household": "household_no", "relation_to_head": "relation_code", **_OWN}
RECORD_RULES: Final = tuple(
    MentionRule.model_validate(rule)
    for rule in (_SUBJECT, *({"role": kin, "name": f"{kin}_name", "id_no": f"{kin}_id_no", "sex": s} for kin, s in KIN))
)
REGISTER_RULES: Final = (MentionRule.model_validate(_HOUSED),)


def standardised(written: Mapping[str, pa.Array], rules: tuple[MentionRule, ...], read_on: date) -> pa.Table:
    """The subjects of the written rows, schema SCHEMA, row for row. `written` has unique_id and the rules' columns."""
    typed = {name: column for text, values in written.items() for name, column in _typed(text, values, read_on).items()}
    table = pa.table({RECORD_KEY: written["unique_id"], **typed})
    roles = stack_roles({"benchmark": table}, {"benchmark": rules})
    called = identity.names_of(roles)
    numbers = identity.numbers_of(roles)
    birth = identity.births_of(roles, numbers.id_no)
    sex = identity.sexes_of(roles, called, numbers.id_no)
    at = with_households(relations_of(roles, sex), roles, sex, birth.day)
    division = as_array(roles.table["division"])
    columns = {
        "unique_id": as_array(roles.table["record_key"]),
        "name": called.name,
        "former_name": called.former_name,
        "name_pinyin": called.pinyin,
        "sex": sexes_by_spouse(roles, at, sex),
        "birth_date": birth.day,
        "birth_year": birth.year,
        "id_no": numbers.id_no,
        "id_no_text": numbers.text,
        "address_key": address_keys(as_array(roles.table["address"])),
        "township_code": township_today(division),
        "division_code": division_today(division),
        "phone": as_array(roles.table["phone"]),
    }
    for kin, _ in KIN:
        columns[f"{kin}_name"] = told_of(called.name, at[kin])
        columns[f"{kin}_id_no"] = told_of(numbers.id_no, at[kin])
    return pa.table([columns[field.name] for field in SCHEMA], schema=SCHEMA).slice(0, table.num_rows)


def _typed(name: str, values: pa.Array, read_on: date) -> dict[str, pa.Array]:
    """A written column as the feeds' contracts would read it; beside a number what is left of a damaged one."""
    if name in ("unique_id", "household_no", "relation_code"):
        return {name: values}
    read = read_column(values, _reader(name, read_on))
    if not name.endswith("id_no"):
        return {name: read.values}
    is_damaged = pa.compute.equal(read.reasons, "bad_shape")
    left = pa.compute.if_else(is_damaged, values, pa.scalar(None, pa.string()))
    return {name: read.values, damaged_column(name): map_distinct(left, damaged, pa.string())}


def _reader(name: str, read_on: date) -> Reader:
    if name.endswith("name"):
        return names
    if name.endswith("id_no"):
        return id_nos
    days = date_reader(read_on, may_be_ahead=False)
    plain = {"sex": sexes, "address": addresses, "division": divisions, "phone": phones, "age": integers}
    return {**plain, "birth_date": days, "seen_on": days}[name]
